"""What is counted: one figure, its parts, and sums written ``killed + wounded``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from reconcile._text import plain
from reconcile.errors import ClaimError, Problem

__all__ = ["Figure", "parse_sum"]


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
        last date), natural scale.
    unit_size : float, default 1
        How many single things the numbers are counted in: 1000 where tables give thousands.

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
        add("unit", figure.unit, "not a text", "what one of it is, such as soldiers")
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
    return found


def _plausible_problems(figure: Figure, field: str) -> list[Problem]:
    """A prior range must be two positive numbers, rising, and start below the ceiling."""
    value: object = figure.plausible
    legal = "two numbers [low, high] with 0 < low < high"
    if not isinstance(value, tuple) or len(value) != 2 or not all(map(_positive, value)):
        return [Problem(field=field, value=value, wrong="not a positive range", legal=legal)]
    if not value[0] < value[1]:
        return [Problem(field=field, value=value, wrong="low is not below high", legal=legal)]
    if _positive(figure.ceiling) and value[0] >= float(figure.ceiling or 0):
        wrong = f"starts at or above the ceiling {plain(figure.ceiling or 0)}"
        return [Problem(field=field, value=value, wrong=wrong, legal="a low below the ceiling")]
    return []


def _positive(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(value)) and float(value) > 0  # type: ignore[arg-type]


def parse_sum(text: str) -> tuple[str, ...]:
    """Split a sum into the names it adds up.

    Parameters
    ----------
    text : str
        ``"killed"`` or ``"killed + wounded"``.

    Returns
    -------
    tuple of str
        The names in the order given, white space stripped. A name may be empty or repeated:
        that is for the caller to report.

    Examples
    --------
    >>> from reconcile.figures import parse_sum
    >>> parse_sum("killed + wounded")
    ('killed', 'wounded')
    """
    return tuple(part.strip() for part in text.split("+"))
