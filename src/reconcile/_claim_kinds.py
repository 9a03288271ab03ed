"""What each kind of claim must say: its numbers, their order, its words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from reconcile._text import plain
from reconcile.errors import Problem
from reconcile.kinds.kind import ProblemMaker, Stated
from reconcile.kinds.registry import KINDS

__all__ = ["kind_problems"]

_NUMBERS = ("value", "low", "high", "coverage")


def kind_problems(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    """Everything in which a claim is not what its kind says; the kind is a legal one."""
    kind = KINDS[claim.kind]
    numbers = list(_number_problems(claim, problem))
    yield from numbers or kind.check(claim, problem)
    if claim.words and "words" not in kind.needs:
        yield problem("words", f"a claim of kind {claim.kind} has no words", "empty, or kind vague")


def _number_problems(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    kind = KINDS[claim.kind]
    legal = kind.needs + kind.may
    for name in _NUMBERS:
        value = getattr(claim, name)
        if value is None:
            if name in kind.needs:
                yield problem(name, f"a claim of kind {claim.kind} needs it", _legal_number(name))
        elif name not in legal:
            has = f"empty; it has {' and '.join(legal)}"
            yield problem(name, f"a claim of kind {claim.kind} has no {name}", has)
        elif not isinstance(value, float):
            yield problem(name, "not a number", _legal_number(name))
        elif not math.isfinite(value):
            yield problem(name, "not a finite number", _legal_number(name))
        elif name == "coverage":
            if not 0 < value < 1 and not (value == 1 and "coverage" in kind.may):
                hint = f"; {plain(value)} % is {value / 100:g}" if 1 <= value < 100 else ""
                yield problem(name, "outside (0, 1)", f"a share between 0 and 1{hint}")
        elif value < 0 and claim.scale != "linear" and name not in kind.may_be_negative:
            yield problem(name, "negative", "a number of at least 0")


def _legal_number(name: str) -> str:
    return (
        "a share between 0 and 1, such as 0.95" if name == "coverage" else "a number of at least 0"
    )
