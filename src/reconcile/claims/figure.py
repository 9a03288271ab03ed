"""What is counted: figures, and ratios of figures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconcile._text import one_of, plain, tidy
from reconcile.claims.percent import whole_of
from reconcile.errors import ClaimError, Problem
from reconcile.kinds.kind import WITH_ZERO

__all__ = [
    "FIGURE_SCALES",
    "NOISES",
    "RATIO",
    "Figure",
    "Ratio",
    "parse_ratio",
    "parse_sum",
    "ratio_problem",
]

FIGURE_SCALES: Final = ("log", "linear", "share")
NOISES: Final = ("normal", "logistic")
# What a ratio looks like.
RATIO: Final = "one figure or sum over another, such as wounded / killed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: what is counted, and what is known of it beforehand.

    Parameters
    ----------
    name : str
        Name as in the claims, without ``+`` and ``/``.
    unit : str, optional
        What is counted, for labels: ``"soldiers"``, ``"barrels"``.
    accrues : bool, optional
        True: a running total since the start of the case, which never falls. False: one fixed
        number. None: judged from the claims (:class:`ClaimSet` says how).
    parts : tuple of str, optional
        Figures that it is the sum of.
    ceiling : float, optional
        A hard physical maximum on the natural scale: no draw exceeds it, in any population.
    floor : float, optional
        A hard minimum on the natural scale, such as the bodies that were counted: no draw is below
        it, in any population. For a running total: at its last date.
    plausible : tuple of float, optional
        ``(low, high)``, a central 95 % prior range for the figure (for a running total: at its
        last date; for a level: its mean), natural scale.
    unit_size : float, default 1
        Number of single things in one unit: 1000 if the numbers are thousands.
    level : bool, default False
        Whether it is a level that rises and falls with time, such as barrels per day: claims
        speak of it on a day, or of its mean over a period.
    counts : bool, optional
        Whether it counts single things, of which some are miscounted. None: judged
        from the claims (:class:`ClaimSet` says how).
    civilians : bool, optional
        In a war, whether those counted are civilians, or civilians and combatants together: their
        own side would like the number to be high and its enemy low, and of combatants the other
        way round. None: as of its whole, else taken for combatants, with a warning.
    scale : {"log", "linear", "share"}, optional
        ``linear`` for what may be negative, such as a temperature or a net migration; then errors
        are sums and not factors, and nothing that was learnt of roles applies. ``share`` for a part
        of a whole: a number from 0 to 100 if the unit is percent (``"%"``, ``"percent of adults"``)
        and else from 0 to 1. Errors are sums in its log odds, and no draw is outside. All figures
        of a set of claims are linear or shares, or none. Negative numbers need ``scale="linear"``
        at the claim. Empty: ``log``, or ``share`` where :class:`ClaimSet` says so.
    noise : {"normal", "logistic"}
        Distribution of the errors of a ``linear`` figure or a ``share``.
    spread : float, optional
        For a ``linear`` figure or a ``share``: scale of the half-normal prior of the standard
        deviation between sources, unit of the figure (of a share: where its numbers are). None: a
        prior over orders of magnitude, above the errors that sources state, or above the rounding
        of their numbers.

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
    floor: float | None = None
    plausible: tuple[float, float] | None = None
    unit_size: float = 1.0
    level: bool = False
    counts: bool | None = None
    civilians: bool | None = None
    scale: str = ""
    noise: str = "normal"
    spread: float | None = None

    def __post_init__(self) -> None:
        for key in ("parts", "plausible"):
            value = getattr(self, key)
            if isinstance(value, list):
                object.__setattr__(self, key, tuple(value))
        if isinstance(self.name, str):
            object.__setattr__(self, "name", tidy(self.name))
        if isinstance(self.parts, tuple):
            parts = tuple(tidy(part) if isinstance(part, str) else part for part in self.parts)
            object.__setattr__(self, "parts", parts)
        found = [*_field_problems(self)] or [*_contradictions(self)]
        problems = [
            Problem(
                field=f"figures.{self.name}.{key}",
                value=getattr(self, key),
                wrong=wrong,
                legal=legal,
            )
            for key, wrong, legal in found
        ]
        if problems:
            raise ClaimError(problems)


type _Wrong = Iterator[tuple[str, str, str]]


def _field_problems(figure: Figure) -> _Wrong:
    """Key, what is wrong and what is legal, for every illegal field."""
    yield from _text_problems(figure)
    for key in ("accrues", "civilians", "counts", "level"):
        value = getattr(figure, key)
        if not isinstance(value, bool) and (value is not None or key == "level"):
            yield key, "not true or false", "true or false"
    for key in ("ceiling", "floor", "spread", "unit_size"):
        value = getattr(figure, key)
        if not _positive(value) and (value is not None or key == "unit_size"):
            yield key, "not a positive number", "a number above 0"
    for key, legal in (("scale", FIGURE_SCALES), ("noise", NOISES)):
        if getattr(figure, key) not in legal and (key != "scale" or figure.scale != ""):
            yield key, f"unknown {key}", one_of(legal, getattr(figure, key))
    if figure.plausible is not None:
        yield from _plausible_problems(figure)


def _text_problems(figure: Figure) -> _Wrong:
    if not isinstance(figure.name, str) or not figure.name.strip():
        yield "name", "a figure needs a name", "non-empty text"
    elif re.search(r"[+/]", figure.name):
        yield "name", "contains + or /", "a name without + and /"
    if not isinstance(figure.unit, str):
        yield "unit", "not text", "what is counted, such as soldiers"
    if not isinstance(figure.parts, tuple) or not all(isinstance(p, str) for p in figure.parts):
        yield "parts", "not a list of figure names", "a list of figure names"
    elif len(figure.parts) == 1:
        yield "parts", "a whole with one part", "two or more parts, or none"


def _contradictions(figure: Figure) -> _Wrong:
    """The same for legal fields that exclude each other."""
    linear, scale = figure.scale in WITH_ZERO, f"with scale {figure.scale}"
    if figure.level and figure.accrues:
        yield "accrues", "a level is not a running total", "false or not set, with level = true"
    if linear and (figure.accrues or figure.level):
        key = "accrues" if figure.accrues else "level"
        yield key, f"a figure {scale} is one fixed number", "false or not set"
    if linear and figure.parts:
        yield "parts", f"not available {scale}", "not set"
    for key in ("ceiling", "floor"):
        if (linear or figure.level) and getattr(figure, key) is not None:
            what = scale if linear else "for a level"
            yield key, f"not available {what}", "not set; give a plausible range instead"
    if figure.floor and figure.ceiling and figure.floor >= figure.ceiling:
        wrong = f"at or above the ceiling {plain(figure.ceiling)}"
        yield "floor", wrong, "a number below the ceiling"
    if not linear and figure.spread is not None:
        yield "spread", "only available with scale linear or share", "not set"
    if figure.scale == "share" and figure.unit_size != 1:
        yield "unit_size", f"not available {scale}", "1, or not set"


def _plausible_problems(figure: Figure) -> _Wrong:
    """A prior range needs two positive, increasing numbers that ceiling and floor leave open."""
    value: object = figure.plausible
    linear, whole = figure.scale == "linear", math.inf
    legal = f"two numbers [low, high] with {'' if linear else '0 < '}low < high"
    if figure.scale == "share" and isinstance(figure.unit, str):
        whole = whole_of(figure.unit)
        legal += f" < {plain(whole)}"
    check = _finite if linear else _positive
    if not isinstance(value, tuple) or len(value) != 2 or not all(map(check, value)):
        yield "plausible", "not a range" if linear else "not a positive range", legal
    elif not value[0] < value[1]:
        yield "plausible", "low is not below high", legal
    elif value[1] >= whole:
        yield "plausible", f"not a range of shares of {plain(whole)}", legal
    elif _positive(figure.ceiling) and value[0] >= float(figure.ceiling or 0):
        ceiling = plain(figure.ceiling or 0)
        yield "plausible", f"starts at or above the ceiling {ceiling}", "a low below the ceiling"
    elif _positive(figure.floor) and value[1] <= float(figure.floor or 0):
        floor = plain(figure.floor or 0)
        yield "plausible", f"ends at or below the floor {floor}", "a high above the floor"


def _finite(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(value))  # type: ignore[arg-type]


def _positive(value: object) -> bool:
    return _finite(value) and float(value) > 0  # type: ignore[arg-type]


def parse_ratio(text: str) -> tuple[str, ...]:
    """Split a ratio into its sides, white space stripped."""
    return tuple(side.strip() for side in text.split("/"))


def parse_sum(text: str) -> tuple[str, ...]:
    """Split a sum into its names, white space stripped; some may be empty or repeated."""
    return tuple(part.strip() for part in text.split("+"))


def ratio_problem(text: str) -> str:
    """What is wrong with the text of a ratio; empty if nothing is."""
    sides = [parse_sum(side) for side in parse_ratio(text)]
    if len(sides) != 2 or not all(map(all, sides)):
        return "not a ratio"
    return "a ratio of a figure to itself" if set(sides[0]) == set(sides[1]) else ""


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
        if isinstance(self.of, str):
            object.__setattr__(self, "of", tidy(self.of))
        field = f"ratios.{self.of}"
        wrong = ratio_problem(self.of) if isinstance(self.of, str) else "not a ratio"
        problems = [Problem(field=field, value=self.of, wrong=wrong, legal=RATIO)] if wrong else []
        problems += [
            Problem(
                field=f"{field}.{name}",
                value=getattr(self, name),
                wrong="not a positive number",
                legal="a number above 0",
            )
            for name in ("about", "sd_log")
            if not _positive(getattr(self, name))
        ]
        if problems:
            raise ClaimError(problems)

    @property
    def sides(self) -> tuple[str, ...]:
        """Numerator and denominator."""
        return parse_ratio(self.of)
