"""What each kind of claim must say: its numbers, their order, its words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from reconcile._text import one_of, plain
from reconcile.errors import Problem
from reconcile.lexicon import LEXICON, interval_of_words

__all__ = ["ProblemMaker", "kind_problems"]

# Which number columns a kind must and may have; all others must be empty.
_NUMBERS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "point": (("value",), ()),
    "about": (("value",), ()),
    "at_least": (("value",), ()),
    "at_most": (("value",), ()),
    "between": (("low", "high"), ("value",)),
    "interval": (("low", "high", "coverage"), ("value",)),
    "vague": ((), ()),
    "truth": (("low", "high"), ("value",)),
}

type ProblemMaker = Callable[[str, str, str], Problem]


class _Stated(Protocol):
    """The fields of a claim that its kind bears on."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def words(self) -> str: ...


def kind_problems(claim: _Stated, problem: ProblemMaker) -> Iterator[Problem]:
    """Everything in which a claim is not what its kind says; the kind is a legal one."""
    numbers = list(_number_problems(claim, problem))
    yield from numbers or _order_problems(claim, problem)
    if claim.kind == "vague":
        yield from _words_problems(claim, problem)
    elif claim.words:
        yield problem("words", f"a claim of kind {claim.kind} has no words", "empty, or kind vague")
    if claim.kind == "truth":
        yield from _truth_problems(claim, problem)


def _number_problems(claim: _Stated, problem: ProblemMaker) -> Iterator[Problem]:
    needed, allowed = _NUMBERS[claim.kind]
    for name in ("value", "low", "high", "coverage"):
        value = getattr(claim, name)
        if value is None:
            if name in needed:
                yield problem(name, f"a claim of kind {claim.kind} needs it", _legal_number(name))
        elif name not in needed + allowed:
            has = " and ".join(needed + allowed) or "words"
            yield problem(
                name, f"a claim of kind {claim.kind} has no {name}", f"empty; it has {has}"
            )
        elif not isinstance(value, float):
            yield problem(name, "not a number", _legal_number(name))
        elif not math.isfinite(value):
            yield problem(name, "not a finite number", _legal_number(name))
        elif name == "coverage":
            if not 0 < value < 1:
                hint = f"; {plain(value)} % is {value / 100:g}" if 1 <= value < 100 else ""
                yield problem(name, "outside (0, 1)", f"a share between 0 and 1{hint}")
        elif value < 0 and not (claim.kind == "interval" and name == "low"):
            yield problem(name, "negative", "a number of at least 0")


def _legal_number(name: str) -> str:
    return (
        "a share between 0 and 1, such as 0.95" if name == "coverage" else "a number of at least 0"
    )


def _order_problems(claim: _Stated, problem: ProblemMaker) -> Iterator[Problem]:
    low, high, value = claim.low, claim.high, claim.value
    if low is None or high is None:
        return
    if low > high:
        yield problem("low", f"above high = {plain(high)}", "a low below the high")
    elif low == high and claim.kind != "truth":
        yield problem(
            "low", "equal to high, which is a point", "a low below the high, or kind point"
        )
    elif high <= 0:
        yield problem("high", "an interval without a positive number", "a number above 0")
    elif value is not None and not low <= value <= high:
        wrong = f"outside its own range {plain(low)} to {plain(high)}"
        yield problem("value", wrong, "a value inside the range")
    elif value == 0:
        yield problem(
            "value", "a best value of zero has no logarithm", "a number above 0, or empty"
        )


def _words_problems(claim: _Stated, problem: ProblemMaker) -> Iterator[Problem]:
    try:
        interval_of_words(claim.words)
    except KeyError:
        wrong = "not in the lexicon" if claim.words else "a claim of kind vague needs words"
        yield problem("words", wrong, one_of(LEXICON, claim.words))


def _truth_problems(claim: _Stated, problem: ProblemMaker) -> Iterator[Problem]:
    """What was found out is nobody's side of the story: it has no role and no standing."""
    for name, legal in (("role", "empty"), ("interest", "empty"), ("status", "empty, or standing")):
        told = getattr(claim, name)
        if isinstance(told, str) and told not in ("", "standing"):
            yield problem(name, f"a claim of kind truth has no {name}", legal)
