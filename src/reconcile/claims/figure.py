"""Figures and ratios of figures: what is counted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconcile._text import one_of, plain
from reconcile.errors import ClaimError, Problem

__all__ = ["FIGURE_SCALES", "NOISES", "Figure", "Ratio", "parse_ratio", "parse_sum"]

FIGURE_SCALES: Final = ("log", "linear")
NOISES: Final = ("normal", "logistic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: what is counted, and what is known of it beforehand.

    Parameters
    ----------
    name : str
        Its name, as claims write it. May not contain ``+`` or ``/``.
    unit : str, optional
        What one of it is, for labels: ``"soldiers"``, ``"barrels"``.
    accrues : bool, optional
        True: a running total since the start of the case, which never falls. False: one fixed
        number. None: judged from the claims (:class:`ClaimSet` says how).
    parts : tuple of str, optional
        The figures this one is the sum of.
    ceiling : float, optional
        A hard physical maximum on the natural scale: no draw exceeds it, in any population.
    plausible : tuple of float, optional
        ``(low, high)``, a central 95 % prior range for the figure (for a running total: at its
        last date; for a level: its mean), natural scale.
    unit_size : float, default 1
        How many single things the numbers are counted in: 1000 where tables give thousands.
    level : bool, default False
        Whether it is a level that rises and falls with time, such as barrels per day: claims
        speak of it on a day, or of its mean over a period.
    counts : bool, optional
        Whether it counts single things, so that small numbers have sampling noise. None: judged
        from the claims (:class:`ClaimSet` says how).
    scale : {"log", "linear"}
        ``linear`` for what may be negative, such as a temperature or a net migration; then errors
        are sums and not factors, and nothing that was learnt of roles applies. All figures of a
        set of claims are linear, or none. Negative numbers need ``scale="linear"`` at the claim.
    noise : {"normal", "logistic"}
        Shape of the errors of a ``linear`` figure.
    spread : float, optional
        For a ``linear`` figure: scale of the half-normal prior of the standard deviation between
        sources, unit of the figure. None: judged from the claims, as the larger of the standard
        deviation of the sources' numbers and the median of their stated errors.

    Raises
    ------
    ClaimError
        If a field is illegal.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.Figure(name="casualties", parts=("killed", "wounded"), accrues=True).parts
    ('killed', 'wounded')
    """

    name: str
    unit: str = ""
    accrues: bool | None = None
    parts: tuple[str, ...] = ()
    ceiling: float | None = None
    plausible: tuple[float, float] | None = None
    unit_size: float = 1.0
    level: bool = False
    counts: bool | None = None
    scale: str = "log"
    noise: str = "normal"
    spread: float | None = None

    def __post_init__(self) -> None:
        for key in ("parts", "plausible"):
            value = getattr(self, key)
            if isinstance(value, list):
                object.__setattr__(self, key, tuple(value))
        problems = list(_figure_problems(self))
        if problems:
            raise ClaimError(problems)


def _figure_problems(figure: Figure) -> list[Problem]:
    """Everything wrong with one figure, each under the key it has in ``case.toml``."""
    prefix = f"figures.{figure.name}"
    found: list[Problem] = []

    def add(key: str, value: object, wrong: str, legal: str) -> None:
        found.append(Problem(field=f"{prefix}.{key}", value=value, wrong=wrong, legal=legal))

    if not isinstance(figure.name, str) or not figure.name.strip():
        add("name", figure.name, "a figure needs a name", "a non-empty text")
    elif re.search(r"[+/]", figure.name):
        add("name", figure.name, "contains + or /", "a name without + and /")
    if not isinstance(figure.unit, str):
        add("unit", figure.unit, "not text", "what one of it is, such as soldiers")
    if figure.accrues is not None and not isinstance(figure.accrues, bool):
        add("accrues", figure.accrues, "not true or false", "true or false")
    if not isinstance(figure.parts, tuple) or not all(isinstance(p, str) for p in figure.parts):
        add("parts", figure.parts, "not a list of figure names", "a list of figure names")
    elif len(figure.parts) == 1:
        add("parts", figure.parts, "a whole with one part", "two or more parts, or none")
    if figure.ceiling is not None and not _positive(figure.ceiling):
        add("ceiling", figure.ceiling, "not a positive number", "a number above 0")
    if not _positive(figure.unit_size):
        add("unit_size", figure.unit_size, "not a positive number", "a number above 0")
    if figure.plausible is not None:
        found.extend(_plausible_problems(figure, f"{prefix}.plausible"))
    for key, wrong, legal_value in [*_option_problems(figure)] or _contradictions(figure):
        add(key, getattr(figure, key), wrong, legal_value)
    return found


def _option_problems(figure: Figure) -> Iterator[tuple[str, str, str]]:
    """Illegal ones of the fields that say what sort of figure it is."""
    for key, legal in (("scale", FIGURE_SCALES), ("noise", NOISES)):
        if getattr(figure, key) not in legal:
            yield key, f"not a {key}", one_of(legal, getattr(figure, key))
    if not isinstance(figure.level, bool):
        yield "level", "not true or false", "true or false"
    if figure.counts is not None and not isinstance(figure.counts, bool):
        yield "counts", "not true or false", "true or false"
    if figure.spread is not None and not _positive(figure.spread):
        yield "spread", "not a positive number", "a number above 0"


def _contradictions(figure: Figure) -> Iterator[tuple[str, str, str]]:
    """Fields that are legal, but not beside each other: key, what is wrong, what is legal."""
    linear = figure.scale == "linear"
    if figure.level and figure.accrues:
        yield "accrues", "a level is no running total", "false, or no key, beside level = true"
    if figure.level and figure.ceiling is not None:
        yield "ceiling", "a level has none", "no key beside level = true; plausible is for it"
    if linear and (figure.accrues or figure.level):
        key = "accrues" if figure.accrues else "level"
        yield key, "a figure with scale linear is one fixed number", "false, or no key"
    if linear and figure.parts:
        yield "parts", "a figure with scale linear has none", "no key"
    if linear and figure.ceiling is not None:
        yield "ceiling", "a figure with scale linear has none", "no key; plausible is for it"
    if not linear and figure.spread is not None:
        yield "spread", "only for a figure with scale linear", "no key"


def _plausible_problems(figure: Figure, field: str) -> list[Problem]:
    """A prior range must be two positive numbers, rising, and start below the ceiling."""
    value: object = figure.plausible
    linear = figure.scale == "linear"
    legal = f"two numbers [low, high] with {'' if linear else '0 < '}low < high"
    check = _finite if linear else _positive
    if not isinstance(value, tuple) or len(value) != 2 or not all(map(check, value)):
        wrong = "not a range" if linear else "not a positive range"
        return [Problem(field=field, value=value, wrong=wrong, legal=legal)]
    if not value[0] < value[1]:
        return [Problem(field=field, value=value, wrong="low is not below high", legal=legal)]
    if _positive(figure.ceiling) and value[0] >= float(figure.ceiling or 0):
        wrong = f"starts at or above the ceiling {plain(figure.ceiling or 0)}"
        return [Problem(field=field, value=value, wrong=wrong, legal="a low below the ceiling")]
    return []


def _finite(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(value))  # type: ignore[arg-type]


def _positive(value: object) -> bool:
    return _finite(value) and float(value) > 0  # type: ignore[arg-type]


def parse_ratio(text: str) -> tuple[str, ...]:
    """Split a ratio into its sides, white space stripped.

    Examples
    --------
    >>> from reconcile.claims.figure import parse_ratio
    >>> parse_ratio("killed + wounded / missing")
    ('killed + wounded', 'missing')
    """
    return tuple(side.strip() for side in text.split("/"))


def parse_sum(text: str) -> tuple[str, ...]:
    """Split a sum into its names, white space stripped; some may be empty or repeated.

    Examples
    --------
    >>> from reconcile.claims.figure import parse_sum
    >>> parse_sum("killed + wounded")
    ('killed', 'wounded')
    """
    return tuple(part.strip() for part in text.split("+"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Prior of the ratio of two figures, or sums of figures, in every population.

    Parameters
    ----------
    of : str
        ``"wounded / killed"``.
    about : float
        Prior median of the ratio, above 0; for running totals of that at their last date, for
        levels of that of their means.
    sd_log : float
        Standard deviation of its logarithm, above 0; 0.4 puts 95 % within a factor of 2.2.

    Raises
    ------
    ClaimError
        If a field is illegal.

    Examples
    --------
    >>> import reconcile as rc
    >>> rc.Ratio(of="wounded / killed", about=3, sd_log=0.4).sides
    ('wounded', 'killed')
    """

    of: str
    about: float
    sd_log: float

    def __post_init__(self) -> None:
        problems = []
        field = f"ratios.{self.of}"
        legal = "one figure or sum over another, such as wounded / killed"
        text = isinstance(self.of, str)
        if not text or len(self.sides) != 2 or not all(map(all, map(parse_sum, self.sides))):
            problems.append(Problem(field=field, value=self.of, wrong="not a ratio", legal=legal))
        elif set(parse_sum(self.sides[0])) == set(parse_sum(self.sides[1])):
            wrong = "a ratio of a figure to itself"
            problems.append(Problem(field=field, value=self.of, wrong=wrong, legal=legal))
        for name in ("about", "sd_log"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or value <= 0:
                wrong, legal = "not a positive number", "a number above 0"
                key = f"{field}.{name}"
                problems.append(Problem(field=key, value=value, wrong=wrong, legal=legal))
        if problems:
            raise ClaimError(problems)

    @property
    def sides(self) -> tuple[str, ...]:
        """What stands above and below the line."""
        return parse_ratio(self.of)
