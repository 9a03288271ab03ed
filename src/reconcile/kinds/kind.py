"""Definition of a kind of claim, and checks and displays that kinds share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from reconcile._text import plain
from reconcile.errors import Problem
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.wording import stated

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "WITH_ZERO",
    "ClaimLike",
    "Display",
    "Kind",
    "ProblemMaker",
    "SimulatedReading",
    "display_range",
    "display_value",
    "no_problems",
    "range_problems",
    "required",
    "value_problems",
]

# Scales on which zero is a number like any other.
WITH_ZERO: Final = ("linear", "share")

type ProblemMaker = Callable[[str, str, str], Problem]


class ClaimLike(Protocol):
    """The fields of a claim that kinds use."""

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
class Display:
    """How a claim is drawn and abbreviated.

    Parameters
    ----------
    low, high : float
        Claimed range, natural scale; equal for a point, 0 or infinite where it is open.
    best : float
        The stated number, NaN if there is none.
    text : str
        Short label, such as ``"≥ 1,351"``.
    """

    low: float
    high: float
    best: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedReading:
    """A source's reading drawn from the model.

    Parameters
    ----------
    number : float
        The reading, in the claim's unit; an integer for a small count.
    sound : bool
        False for a gross error or an uninformative bound.
    measure : Measure
        Unit of the claim's numbers.
    rng : numpy.random.Generator
        For random choices of wording.
    """

    number: float
    sound: bool
    measure: Measure
    rng: np.random.Generator


def no_problems(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    """No checks beyond which fields are required and allowed."""
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way of stating a number.

    Parameters
    ----------
    name : str
        Value of the column ``kind``.
    meaning : str
        One-line description for users.
    reading : callable
        ``(claim, measure) -> Reading``: the likelihood of a valid claim.
    simulate : callable
        ``(claim, simulated) -> mapping``: the claim's fields given a simulated reading.
    display : callable
        ``(claim) -> Display``: how it is drawn and abbreviated.
    glyph : str
        Plot mark: ``points``, ``ranges``, ``bounds``, ``words`` or ``truths``.
    needs, may : tuple of str
        Required and optional fields among ``value``, ``low``, ``high``, ``coverage``, ``words``.
    check : callable, optional
        ``(claim, problem) -> iterator of Problem``: further checks, run only on numeric fields
        that are valid numbers.
    may_be_negative : tuple of str
        Fields that may be negative even for a figure on the log scale.
    overconfidence : str
        Which overconfidence parameter widens a stated width, ``between`` or ``interval``; empty
        if no width is stated.
    """

    name: str
    meaning: str
    reading: Callable[[ClaimLike, Measure], Reading]
    simulate: Callable[[ClaimLike, SimulatedReading], Mapping[str, Any]]
    display: Callable[[ClaimLike], Display]
    glyph: str
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    check: Callable[[ClaimLike, ProblemMaker], Iterator[Problem]] = field(default=no_problems)
    may_be_negative: tuple[str, ...] = ()
    overconfidence: str = ""


def required(number: float | None) -> float:
    """Narrow the type of a field that validation guarantees."""
    assert number is not None
    return number


def range_problems(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    """Check the ends of a range and a best value between them."""
    low, high = claim.low, claim.high
    if low is None or high is None:
        return
    linear = claim.scale == "linear"
    if low > high:
        yield problem("low", f"greater than high = {plain(high)}", "a low below the high")
    elif low == high:
        legal = "a low below the high; or kind point for a single number"
        yield problem("low", "equal to high, so this is not a range", legal)
    elif high <= 0 and not linear:
        yield problem("high", "the interval contains no positive number", "a number above 0")
    else:
        yield from value_problems(claim, problem)


def value_problems(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    """Check the best value of a range."""
    low, high, value = required(claim.low), required(claim.high), claim.value
    if value is not None and not low <= value <= high:
        wrong = f"outside its own range {plain(low)} to {plain(high)}"
        yield problem("value", wrong, "a value inside the range")
    elif value == 0 and claim.scale not in WITH_ZERO:
        wrong = "a best value on the log scale cannot be zero"
        legal = "a number above 0, or empty; or scale share, for a percentage"
        yield problem("value", wrong, legal)


def display_value(before: str = "") -> Callable[[ClaimLike], Display]:
    """Display of a single number, with a prefix."""

    def display(claim: ClaimLike) -> Display:
        value = required(claim.value)
        return Display(low=value, high=value, best=value, text=before + stated(value))

    return display


def display_range(claim: ClaimLike) -> Display:
    """Display of a range."""
    low, high = required(claim.low), required(claim.high)
    best = math.nan if claim.value is None else claim.value
    return Display(low=low, high=high, best=best, text=f"{stated(low)} to {stated(high)}")
