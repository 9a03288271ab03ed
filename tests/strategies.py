"""Hypothesis strategies for claims and for sets of claims: every kind, every column."""

import dataclasses
import datetime as dt
from typing import Any

from hypothesis import strategies as st

import reconcile as rc
from reconcile._text import tidy
from reconcile.claims.claim import COLUMNS
from reconcile.claims.fields import INTERESTS, KINDS, PERS, STATUSES
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.kinds.lexicon import LEXICON

FIRST_DAY = dt.date(2022, 2, 24)
LAST_DAY = dt.date(2022, 4, 5)

# Cells that have broken CSV files: commas, quotes, line ends, other scripts, formulas, empty-likes.
_AWKWARD = (
    "a, b",
    'he said "so"',
    "two\nlines",
    "two\r\nlines",
    "two\rlines",
    "Київ",
    "=1+1",
    "NA",
    "nan",
    "0",
)


def texts() -> st.SearchStrategy[str]:
    """Texts with something in them and no white space around it."""
    anything = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
    return st.sampled_from(_AWKWARD) | anything.map(str.strip).filter(bool)


def labels() -> st.SearchStrategy[str]:
    """Texts that name something: tidy, and alike only if they are the same."""
    return texts().map(tidy).filter(bool)


def names() -> st.SearchStrategy[str]:
    """Names of figures."""
    return st.sampled_from(["killed", "wounded", "missing", "a, b"]) | labels().filter(
        lambda text: not set("+/") & set(text)
    )


def numbers(*, least: float = 0.0) -> st.SearchStrategy[float]:
    """Numbers as people state them: counts, round numbers, decimals."""
    counts = st.integers(0, 10**6).map(float)
    rounded = st.builds(lambda m, k: float(m * 10**k), st.integers(1, 99), st.integers(0, 6))
    decimals = st.floats(0, 1e6, allow_subnormal=False)
    return (counts | rounded | decimals).filter(lambda number: number >= least)


def days(first: dt.date = FIRST_DAY, last: dt.date = LAST_DAY) -> st.SearchStrategy[dt.date]:
    """Days of the case."""
    return st.dates(first, last)


@st.composite
def ranges(draw: st.DrawFn, *, may_start_below_zero: bool = False) -> dict[str, Any]:
    """Ends of a range, and sometimes a best value inside it."""
    low, high = sorted(draw(st.lists(numbers(), min_size=2, max_size=2, unique=True)))
    if may_start_below_zero and draw(st.booleans()):
        low = -low
    best = draw(st.none() | st.floats(max(low, 0), high))
    return {"low": low, "high": high, "value": best or None}


def said(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """The number columns, or the words, of one kind of claim."""
    if kind == "vague":
        return st.fixed_dictionaries({"words": st.sampled_from(sorted(LEXICON))})
    if kind == "between":
        sure = st.sampled_from([{}, {"coverage": 1.0, "value": None}])
        return st.builds(dict.__or__, ranges(), sure)
    if kind == "ratio":
        above = st.floats(1e-3, 1e3)
        ends = st.lists(above, min_size=2, max_size=2, unique=True).map(sorted)
        both = ends.map(lambda pair: {"low": pair[0], "high": pair[1]})
        return st.fixed_dictionaries({"value": above}) | both
    if kind == "truth":
        exact = numbers(least=1e-6).map(lambda number: {"low": number, "high": number})
        return ranges() | exact
    if kind == "interval":
        coverage = st.sampled_from([0.5, 0.9, 0.95]) | st.floats(0.01, 0.999)
        stated = st.fixed_dictionaries({"coverage": coverage})
        return st.builds(dict.__or__, ranges(may_start_below_zero=True), stated)
    return st.fixed_dictionaries({"value": numbers()})


def _optional(options: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *options])


@st.composite
def claims(draw: st.DrawFn, *, kinds: tuple[str, ...] = KINDS, **given: Any) -> rc.Claim:
    """A legal claim of any kind; ``given`` fields are as given."""
    kind = draw(st.sampled_from(kinds))
    numbers_ = draw(said(kind))
    reason = draw(st.sampled_from(["", ": taken off the website", ": a, b: c"]))
    fields: dict[str, Any] = {
        "figure": draw(names()),
        "population": draw(_optional(("Russia", "Ukraine"))),
        "source": draw(labels()),
        "role": draw(_optional(ROLES)),
        "interest": draw(_optional(INTERESTS)),
        "origin": draw(_optional(("NATO",))),
        "status": draw(st.sampled_from(STATUSES)) + reason,
        "quote": draw(st.just("") | texts()),
        "url": draw(_optional(("https://example.org/?a=1,2",))),
        "note": draw(st.just("") | texts()),
        "date": (date := draw(st.none() | days())),
        "since": draw(st.none() | days(last=date or LAST_DAY)),
        "said": draw(st.none() | days(first=given.get("date") or date or FIRST_DAY)),
    }
    if kind == "truth":
        # What was found out is nobody's side of the story.
        fields |= {"role": "", "interest": "", "status": "standing"}
    if kind == "ratio":
        above, below = draw(st.lists(names(), min_size=2, max_size=2, unique=True))
        fields["figure"] = f"{above} / {below}"
    if kind == "interval":
        fields["scale"] = draw(_optional(("log", "linear")))
        if numbers_["low"] <= 0 and fields["scale"] == "log":
            fields["scale"] = "linear"
    if kind not in ("ratio", "vague", "truth"):
        fields["per"] = draw(_optional(tuple(PERS)))
    return rc.Claim(kind=kind, **numbers_, **(fields | given))


@st.composite
def figures(draw: st.DrawFn, name: str, *, accrues: bool, unit_size: float = 1.0) -> rc.Figure:
    """A declared figure without parts, of which more or less is known."""
    ceiling = draw(st.none() | st.integers(10**7, 10**9))
    low, high = sorted(draw(st.lists(st.integers(1, 10**6), min_size=2, max_size=2, unique=True)))
    return rc.Figure(
        name=name,
        unit=draw(_optional(("soldiers",))),
        accrues=draw(st.sampled_from([None, accrues])),
        ceiling=ceiling,
        plausible=draw(st.sampled_from([None, (low, high)])),
        unit_size=unit_size,
    )


@st.composite
def _family(draw: st.DrawFn, bases: list[str], whole: str, *, accrues: bool) -> Any:
    """Declared figures that all accrue, or none, and what claims may call their sums."""
    told = draw(st.sampled_from([(), bases, bases[::2]]))
    # Sums need one unit; a figure that is not declared counts single things.
    unit_size = draw(st.sampled_from([1.0, 1000.0])) if list(told) == bases else 1.0
    declared = [draw(figures(base, accrues=accrues, unit_size=unit_size)) for base in told]
    known = list(told)
    if len(bases) > 1 and draw(st.booleans()):
        parts = tuple(draw(st.permutations(bases)))[: draw(st.integers(2, 3))]
        declared.append(rc.Figure(name=whole, parts=parts, unit_size=unit_size))
        known = list(dict.fromkeys([*known, *parts]))
        rest = [base for base in known if base not in parts]
        named = [*bases, whole, *(f"{whole} + {base}" for base in rest)]
    else:
        named = list(bases)
    if len(known) > 1:
        named.append(draw(st.sampled_from(["+", " + "])).join(draw(st.permutations(known))))
    return draw(st.permutations(declared)), named


@st.composite
def claim_sets(draw: st.DrawFn, *, max_size: int = 6) -> rc.ClaimSet:
    """A legal set: running totals and fixed figures, wholes and sums, one or more populations."""
    pool = draw(st.lists(names(), min_size=3, max_size=8, unique=True))
    # Two names are kept for wholes; the rest are running totals, then fixed figures.
    *bases, total, fixed_total = pool
    cut = len(bases) - draw(st.integers(0, len(bases)))
    running, of_running = draw(_family(bases[:cut], total, accrues=True))
    fixed, of_fixed = draw(_family(bases[cut:], fixed_total, accrues=False))
    populations = draw(st.lists(labels(), max_size=3, unique=True))
    whose = populations if len(populations) > 1 else ["", *populations]
    sources = draw(st.lists(labels(), min_size=1, max_size=3, unique=True))
    start = draw(st.none() | days(FIRST_DAY - dt.timedelta(days=9), FIRST_DAY))
    only_day = draw(st.none() | days())
    columns = draw(st.lists(texts(), max_size=2, unique=True).filter(_are_unknown))
    made = []
    for _ in range(draw(st.integers(1, max_size))):
        figure = draw(st.sampled_from([*of_running, *of_fixed]))
        of_kind = of_running if figure in of_running else of_fixed
        # Bases that are no whole and no sum: one of them may stand over another.
        plain = [name for name in of_kind if name in bases]
        over = draw(st.booleans()) and len(plain) > 1
        date, since = only_day, None
        if figure in of_running:
            date = draw(days())
            since = draw(st.none() | days(start or FIRST_DAY - dt.timedelta(days=3), date))
        rate = figure in of_running and (start or since) and not over
        given = {
            "figure": " / ".join(draw(st.permutations(plain))[:2]) if over else figure,
            "population": draw(st.sampled_from(whose)),
            "source": draw(st.sampled_from(sources)),
            "date": date,
            "since": since,
            "extra": tuple((column, draw(st.none() | texts())) for column in columns),
        }
        kinds = tuple(kind for kind in KINDS if (kind == "ratio") == over)
        claim = draw(claims(kinds=kinds, **given))
        made.append(claim if rate else dataclasses.replace(claim, per=""))
    return rc.ClaimSet(
        made,
        figures=[*running, *fixed],
        sources=[draw(_sources(name)) for name in sources if draw(st.booleans())],
        setting=draw(st.sampled_from(SETTINGS)),
        title=draw(st.just("") | texts()),
        start=start,
        end=draw(st.none() | days(LAST_DAY, LAST_DAY)),
    )


def spoken_sets(*, max_size: int = 6) -> st.SearchStrategy[rc.ClaimSet]:
    """Legal sets in which somebody makes a claim: nothing can be modelled of truths alone."""
    sets = claim_sets(max_size=max_size)
    return sets.filter(lambda made: any(claim.kind != "truth" for claim in made))


def _are_unknown(columns: list[str]) -> bool:
    return not {column.lower() for column in columns} & set(COLUMNS)


def _sources(name: str) -> st.SearchStrategy[rc.Source]:
    roles = st.dictionaries(st.just("*") | labels(), st.sampled_from(ROLES), max_size=2)
    return st.builds(rc.Source, name=st.just(name), roles=roles, group=_optional(("NATO",)))
