"""What can be wrong with one claim by itself."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from operator import attrgetter, is_not
from typing import Any, Final

from reconcile._text import one_of, plain, tidy
from reconcile.claims.fields import (
    INTERESTS,
    KINDS,
    LAST_REPORT,
    NUMBERS,
    PERS,
    SCALES,
    STATUSES,
    TEXTS,
)
from reconcile.claims.figure import RATIO, parse_sum, ratio_problem
from reconcile.claims.source import ROLES
from reconcile.errors import Problem
from reconcile.kinds.kind import ClaimLike, ProblemMaker, no_problems
from reconcile.kinds.registry import KINDS as REGISTRY

__all__ = ["claim_problems", "is_plain"]

# Kinds that need one number and no further check.
_OF_ONE_NUMBER: Final = frozenset(
    name
    for name, kind in REGISTRY.items()
    if kind.needs == ("value",) and not kind.may and kind.check is no_problems
)
_PLAIN_ROLES: Final = frozenset(("", *ROLES))
_texts: Final = attrgetter(*TEXTS)
_numbers: Final = attrgetter(*NUMBERS)
# Fields that few claims have, and their defaults.
_RARE: Final = {
    "words": "",
    "scale": "",
    "per": "",
    "interest": "",
    "origin": "",
    "url": "",
    "note": "",
    "since": None,
    "coverage": None,
    "extra": (),
}
_rare: Final = attrgetter(*_RARE)
_NONE_OF_IT: Final = tuple(_RARE.values())
# Those that may hold any text, and the rest.
_CARRIED: Final = ("origin", "url", "note")
_carried: Final = attrgetter(*_CARRIED)
_rest: Final = attrgetter(*(name for name in _RARE if name not in _CARRIED))
_NO_REST: Final = tuple(value for name, value in _RARE.items() if name not in _CARRIED)
_usual: Final = attrgetter(
    *("figure", "population", "source", "quote", "role", "status", "kind"),
    *("date", "said", "value", "low", "high"),
)


def is_plain(claim: Any) -> bool:
    """Quickly tell claims that are legal and in normal form; False for any that needs a look."""
    # There is one empty text and one empty tuple, and what only equals them is looked at.
    if any(map(is_not, _rare(claim), _NONE_OF_IT)) and not _is_rare_and_plain(claim):
        return False
    figure, population, source, quote, role, status, kind, date, said, value, low, high = _usual(
        claim
    )
    for text in (figure, population, source):
        # Text that is tidy already is returned as it is.
        if type(text) is not str or tidy(text) is not text:
            return False
    if type(quote) is not str or quote.strip() is not quote:
        return False
    return (
        figure != ""
        and "+" not in figure
        and "/" not in figure
        and source != ""
        and type(role) is str
        and role in _PLAIN_ROLES
        and type(status) is str
        and status in STATUSES
        and (date is None or type(date) is dt.date)
        and (said is None or type(said) is dt.date)
        and (date is None or said is None or date <= said)
        and type(kind) is str
        and _are_plain_numbers(kind, value, low, high)
    )


def _is_rare_and_plain(claim: Any) -> bool:
    """Whether the rare fields hold nothing but stripped text where any text is legal."""
    texts = _carried(claim)
    if set(map(type, texts)) != _ONLY_TEXT or any(map(is_not, map(str.strip, texts), texts)):
        return False
    if tidy(claim.origin) is not claim.origin:
        return False
    return not any(map(is_not, _rest(claim), _NO_REST))


_ONLY_TEXT: Final = {str}


def _are_plain_numbers(kind: str, value: Any, low: Any, high: Any) -> bool:
    if kind in _OF_ONE_NUMBER:
        return type(value) is float and 0 <= value < math.inf and low is None and high is None
    ends = kind == "between" and value is None and type(low) is float and type(high) is float
    return ends and 0 <= low < high < math.inf


def claim_problems(claim: Any, columns: Sequence[str]) -> Iterator[Problem]:
    """Problems of one claim, whose table has these columns."""

    def problem(field: str, wrong: str, legal: str) -> Problem:
        value = getattr(claim, field)
        source = claim.source if isinstance(claim.source, str) else ""
        return Problem(field=field, value=value, wrong=wrong, legal=legal, source=source)

    yield from _text_problems(claim, problem)
    yield from _date_problems(claim, problem)
    yield from _extra_problems(claim, columns, problem)
    if claim.kind not in KINDS:
        yield problem("kind", "unknown kind of claim", one_of(KINDS, claim.kind))
        return
    yield from _kind_problems(claim, problem)


def _text_problems(claim: Any, problem: ProblemMaker) -> Iterator[Problem]:
    texts = _texts(claim)
    if set(map(type, texts)) != {str}:
        for name, text in zip(TEXTS, texts, strict=True):
            if not isinstance(text, str):
                yield problem(name, "not text", "text")
                return
    figure = claim.figure
    if not figure.strip():
        yield problem("figure", "a claim needs a figure", "what is counted, such as killed")
    elif "+" in figure or "/" in figure or claim.kind == "ratio":
        yield from _sum_problems(claim, problem)
    if not claim.source.strip():
        yield problem("source", "a claim needs a source", "who makes the claim")
    if claim.status not in STATUSES and claim.state not in STATUSES:
        yield problem(
            "status",
            "unknown status",
            one_of(STATUSES, claim.state) + ", then a colon and a reason",
        )
    if claim.role or claim.interest or claim.scale or claim.per:
        yield from _option_problems(claim, problem)


def _sum_problems(claim: Any, problem: ProblemMaker) -> Iterator[Problem]:
    """Problems of a figure that is a sum or a ratio."""
    if not all(claim.parts):
        yield problem("figure", "a sum with an empty part", "names joined by +")
    elif any(len(set(parse_sum(side))) < len(parse_sum(side)) for side in claim.sides):
        yield problem("figure", "a sum that counts a part twice", "each part once")
    elif claim.kind == "ratio":
        if wrong := ratio_problem(claim.figure):
            yield problem("figure", wrong, RATIO)
    elif "/" in claim.figure:
        yield problem("figure", "contains /", "a name, or names joined by +; kind ratio for a / b")


def _option_problems(claim: Any, problem: ProblemMaker) -> Iterator[Problem]:
    if claim.role and claim.role not in ROLES:
        yield problem("role", "unknown role", one_of(ROLES, claim.role))
    if claim.interest and claim.interest not in INTERESTS:
        yield problem("interest", "unknown interest", one_of(INTERESTS, claim.interest))
    if claim.scale and claim.scale not in SCALES:
        yield problem("scale", "unknown scale", one_of(SCALES, claim.scale))
    if claim.per and claim.per not in PERS:
        yield problem("per", "unknown unit of time", one_of(PERS, claim.per))
    elif claim.per and claim.kind in ("ratio", "vague", "truth"):
        yield problem("per", f"a claim of kind {claim.kind} takes no per", "empty")


def _date_problems(claim: Any, problem: ProblemMaker) -> Iterator[Problem]:
    for name in ("date", "since", "said"):
        value = getattr(claim, name)
        if value is None or (name == "since" and value == LAST_REPORT):
            continue  # resolved by the claim set
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            yield problem(name, "not a date", "a datetime.date, or text such as 2022-03-25")
            return
    if claim.date and isinstance(claim.since, dt.date) and claim.since > claim.date:
        yield problem("since", f"after the claim's date {claim.date}", "a date on or before it")


def _extra_problems(claim: Any, columns: Sequence[str], problem: ProblemMaker) -> Iterator[Problem]:
    if claim.extra == ():
        return
    # Under the name of a known column it would overwrite that one when the claim is written.
    legal = "pairs (name, value), the names not among " + ", ".join(columns)
    try:
        names = [name for name, _ in claim.extra]
    except (TypeError, ValueError):
        yield problem("extra", "not pairs of name and value", legal)
        return
    if not all(isinstance(name, str) for name in names):
        yield problem("extra", "a name that is not text", legal)
    elif taken := [name for name in names if name.strip().lower() in columns]:
        yield problem("extra", f"{taken[0]!r} is a column of the claim table", legal)
    elif len(set(names)) < len(names):
        yield problem("extra", "a repeated name", "each name once")


def _kind_problems(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    """Problems of a claim with the rules of its kind, which is a legal one."""
    kind = REGISTRY[claim.kind]
    numbers = list(_number_problems(claim, problem))
    if numbers or kind.check is not no_problems:
        yield from numbers or kind.check(claim, problem)
    if claim.words and "words" not in kind.needs:
        yield problem(
            "words", f"a claim of kind {claim.kind} takes no words", "empty, or kind vague"
        )


def _number_problems(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    kind = REGISTRY[claim.kind]
    legal = kind.needs + kind.may
    for name, value in zip(NUMBERS, _numbers(claim), strict=True):
        if value is None:
            if name in kind.needs:
                yield problem(name, f"a claim of kind {claim.kind} needs it", _legal_number(name))
        elif name not in legal:
            takes = f"empty; it takes {' and '.join(legal)}"
            yield problem(name, f"a claim of kind {claim.kind} takes no {name}", takes)
        elif not isinstance(value, float):
            yield problem(name, "not a number", _legal_number(name))
        elif not math.isfinite(value):
            yield problem(name, "not a finite number", _legal_number(name))
        elif name == "coverage":
            if not 0 < value < 1 and not (value == 1 and "coverage" in kind.may):
                hint = f"; {plain(value)} % is {value / 100:g}" if 1 <= value < 100 else ""
                yield problem(name, "outside (0, 1)", f"a probability between 0 and 1{hint}")
        elif value < 0 and claim.scale != "linear" and name not in kind.may_be_negative:
            yield problem(name, "negative", "a number of at least 0")


def _legal_number(name: str) -> str:
    return (
        "a probability between 0 and 1, such as 0.95"
        if name == "coverage"
        else "a number of at least 0"
    )
