"""What there is to a kind of claim, and what kinds share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from reconcile._text import plain
from reconcile.errors import Problem
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.wording import stated

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Kind",
    "Outcome",
    "ProblemMaker",
    "Shown",
    "Stated",
    "given",
    "no_problems",
    "range_problems",
    "shown_range",
    "shown_value",
    "value_problems",
]

type ProblemMaker = Callable[[str, str, str], Problem]


class Stated(Protocol):
    """The fields of a claim that its kind bears on."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def figure(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> float | None: ...  # noqa: D102
    @property
    def low(self) -> float | None: ...  # noqa: D102
    @property
    def high(self) -> float | None: ...  # noqa: D102
    @property
    def coverage(self) -> float | None: ...  # noqa: D102
    @property
    def words(self) -> str: ...  # noqa: D102
    @property
    def scale(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A claim as it is drawn.

    Parameters
    ----------
    low, high : float
        Ends of what is claimed, natural scale; equal for a point, 0 or infinite at an open end.
    best : float
        The number stated, NaN where there is none.
    text : str
        The claim in a few signs, such as ``"≥ 1,351"``.
    """

    low: float
    high: float
    best: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a source reads, in a simulation.

    Parameters
    ----------
    number : float
        The reading, in the unit of the claim's numbers; whole for a small count.
    sound : bool
        Whether it is a reading, or a gross error or an empty bound.
    measure : Measure
        What the claim's numbers are counted in.
    rng : numpy.random.Generator
        For what is said at random.
    """

    number: float
    sound: bool
    measure: Measure
    rng: np.random.Generator


def no_problems(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    """Nothing wrong beyond missing and superfluous numbers."""
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way of stating a number.

    Parameters
    ----------
    name : str
        As the column ``kind`` holds it.
    says : str
        What such a claim says, in a few words, for people.
    reading : callable
        ``(claim, measure) -> Reading``: the likelihood. The claim has been checked.
    said : callable
        ``(claim, outcome) -> mapping``: fields of the claim that a simulated reading changes.
    shown : callable
        ``(claim) -> Shown``: how it is drawn and abbreviated.
    glyph : str
        ``points``, ``ranges``, ``bounds``, ``words`` or ``truths``: with what it is drawn.
    needs, may : tuple of str
        Of ``value``, ``low``, ``high``, ``coverage`` and ``words``, those that must and those
        that may be there.
    check : callable, optional
        ``(claim, problem) -> iterator of Problem``: what else may be wrong; asked only where the
        numbers are numbers.
    may_be_negative : tuple of str
        Numbers that may be below zero even for a figure on the log scale.
    stated : str
        Whose overconfidence widens a stated width, ``between`` or ``interval``; empty where no
        width is stated.
    """

    name: str
    says: str
    reading: Callable[[Stated, Measure], Reading]
    said: Callable[[Stated, Outcome], Mapping[str, Any]]
    shown: Callable[[Stated], Shown]
    glyph: str
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    check: Callable[[Stated, ProblemMaker], Iterator[Problem]] = field(default=no_problems)
    may_be_negative: tuple[str, ...] = ()
    stated: str = ""


def given(number: float | None) -> float:
    """A number that the check of the claim has found to be there."""
    assert number is not None
    return number


def range_problems(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    """What is wrong with two ends and a best value between them."""
    low, high = claim.low, claim.high
    if low is None or high is None:
        return
    linear = claim.scale == "linear"
    if low > high:
        yield problem("low", f"above high = {plain(high)}", "a low below the high")
    elif low == high:
        legal = "a low below the high, or kind point"
        yield problem("low", "equal to high, which is a point", legal)
    elif high <= 0 and not linear:
        yield problem("high", "an interval without a positive number", "a number above 0")
    else:
        yield from value_problems(claim, problem)


def value_problems(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    """What is wrong with the best value inside a range."""
    low, high, value = given(claim.low), given(claim.high), claim.value
    if value is not None and not low <= value <= high:
        wrong = f"outside its own range {plain(low)} to {plain(high)}"
        yield problem("value", wrong, "a value inside the range")
    elif value == 0 and claim.scale != "linear":
        yield problem(
            "value", "a best value of zero has no logarithm", "a number above 0, or empty"
        )


def shown_value(before: str = "") -> Callable[[Stated], Shown]:
    """How a single number is drawn, with a sign before it."""

    def shown(claim: Stated) -> Shown:
        value = given(claim.value)
        return Shown(low=value, high=value, best=value, text=before + stated(value))

    return shown


def shown_range(claim: Stated) -> Shown:
    """How a range is drawn."""
    low, high = given(claim.low), given(claim.high)
    best = math.nan if claim.value is None else claim.value
    return Shown(low=low, high=high, best=best, text=f"{stated(low)} to {stated(high)}")
