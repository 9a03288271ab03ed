"""What can be wrong with a case, and with its claims taken together."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from reconcile._text import one_of, plain
from reconcile.claims.claim import Claim
from reconcile.claims.columns import Columns
from reconcile.claims.composition import (
    base_parts,
    memoised_parts,
    named_parts,
    sort_of,
    unit_sizes,
)
from reconcile.claims.fields import LAST_REPORT
from reconcile.claims.figure import Figure, Ratio, parse_ratio, parse_sum
from reconcile.claims.percent import outside_share, whole_of
from reconcile.errors import Problem
from reconcile.kinds.kind import ProblemMaker

__all__ = [
    "LINEAR_KINDS",
    "RECORD",
    "SETTINGS",
    "case_problems",
    "claim_set_problems",
    "unknown_in_sum",
]

SETTINGS: Final = ("war", "disaster", "disease", "crowd", "economy", "measurement", "other")
# Figures on record have a model of their own, which learns nothing from past cases.
RECORD: Final = "record"
# Kinds of claim that figures with scale linear or share take.
LINEAR_KINDS: Final = ("point", "about", "at_least", "at_most", "between", "interval", "truth")


class _Case(Protocol):
    """The part of a claim set that is checked."""

    @property
    def claims(self) -> tuple[Claim, ...]: ...
    @property
    def columns(self) -> Columns: ...
    @property
    def figures(self) -> Mapping[str, Figure]: ...
    @property
    def ratios(self) -> tuple[Ratio, ...]: ...
    @property
    def setting(self) -> str: ...
    @property
    def start(self) -> dt.date | None: ...
    @property
    def end(self) -> dt.date | None: ...


def case_problems(case: _Case) -> Iterator[Problem]:
    """Problems of the case itself."""
    if case.setting not in (*SETTINGS, RECORD):
        legal = one_of((*SETTINGS, RECORD), case.setting)
        yield Problem(field="setting", value=case.setting, wrong="unknown setting", legal=legal)
    if case.start and case.end and case.start > case.end:
        wrong = f"after the end {case.end}"
        yield Problem(field="start", value=case.start, wrong=wrong, legal="a date on or before it")
    if not case.claims:
        yield Problem(field="claims", value=None, wrong="no claims", legal="at least one claim")
    for figure in case.figures.values():
        yield from _whole_problems(case.figures, figure)
    if case.ratios:
        known = set(case.figures) | {part for f in case.figures.values() for part in f.parts}
        known |= {part for name in case.columns["figure"].cells for part in named_parts(name)}
        for ratio in case.ratios:
            yield from _ratio_problems(case, ratio, known)


def _ratio_problems(case: _Case, ratio: Ratio, known: set[str]) -> Iterator[Problem]:
    """Problems of the prior of a ratio."""
    field = f"ratios.{ratio.of}"
    for name in (part for side in ratio.sides for part in parse_sum(side)):
        if name not in known:
            legal = one_of(sorted(known), name)
            yield Problem(
                field=field, value=ratio.of, wrong=f"unknown figure {name!r}", legal=legal
            )
            return
    if len({sort_of(case.figures, base) for base in base_parts(case.figures, ratio.of)}) > 1:
        wrong = "mixes a level with a total, or a figure with scale linear or share with others"
        legal = "two totals or two levels"
        yield Problem(field=field, value=ratio.of, wrong=wrong, legal=legal)
    elif any(sort_of(case.figures, b) == "linear" for b in base_parts(case.figures, ratio.of)):
        wrong = "of figures with scale linear or share"
        legal = "a ratio of figures on the log scale"
        yield Problem(field=field, value=ratio.of, wrong=wrong, legal=legal)


def _whole_problems(figures: Mapping[str, Figure], figure: Figure) -> Iterator[Problem]:
    """Problems of a whole: cycles, parts counted twice, parts of different sorts."""

    def problem(wrong: str, legal: str) -> Problem:
        field, parts = f"figures.{figure.name}.parts", list(figure.parts)
        return Problem(field=field, value=parts, wrong=wrong, legal=legal)

    try:
        bases = base_parts(figures, figure.name)
    except RecursionError:
        yield problem("contains the figure itself", "parts that do not contain their whole")
        return
    if len(set(bases)) < len(bases):
        yield problem("counts a part twice", "parts that do not overlap")
    said = {figures[name].accrues for name in {*bases, figure.name} if name in figures}
    if {True, False} <= said:
        yield _mixed(figure)
    yield from _limit_problems(figures, figure)
    if len({sort_of(figures, name) for name in bases}) > 1 or (figure.parts and figure.level):
        yield problem(
            "mixes levels, or figures with scale linear or share, with others",
            "parts that are all totals or fixed numbers, or all levels; set level at each",
        )
    sizes = unit_sizes(figures, bases)
    if figure.parts and (len(sizes) > 1 or figure.unit_size not in {1, *sizes}):
        yield Problem(
            field=f"figures.{figure.name}.unit_size",
            value=figure.unit_size,
            wrong="differs from the unit_size of its parts",
            legal="the same unit_size for all parts, and for the whole or not set there",
        )


def _limit_problems(figures: Mapping[str, Figure], whole: Figure) -> Iterator[Problem]:
    """Floors of parts that exceed the ceiling of their whole, and ceilings below its floor."""
    for key, other, relation in (("floor", "ceiling", "at least"), ("ceiling", "floor", "at most")):
        limit, implied = getattr(whole, other), _limit_of_parts(figures, whole, key)
        if limit is None or implied is None:
            continue
        if implied >= limit if key == "floor" else implied <= limit:
            yield Problem(
                field=f"figures.{whole.name}.{other}",
                value=limit,
                wrong=f"the {key}s of its parts make it {relation} {plain(implied)}",
                legal=f"a {other} {'above' if key == 'floor' else 'below'} that",
            )


def _limit_of_parts(figures: Mapping[str, Figure], whole: Figure, key: str) -> float | None:
    """Sum of the floors of the parts, or of their ceilings if all have one."""
    limits = []
    for part in (figures.get(name, Figure(name=name)) for name in whole.parts):
        own, below = getattr(part, key), _limit_of_parts(figures, part, key)
        known = [limit for limit in (own, below) if limit is not None]
        limits.append((max if key == "floor" else min)(known, default=None))
    known = [limit for limit in limits if limit is not None]
    if not known or (key == "ceiling" and len(known) < len(limits)):
        return None
    return math.fsum(known)


def _mixed(figure: Figure) -> Problem:
    return Problem(
        field=f"figures.{figure.name}.accrues",
        value=figure.accrues,
        wrong="mixes running totals and fixed numbers",
        legal="a whole and parts that all accrue, or none",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """Properties of one figure, sum or ratio that claims are about.

    Parameters
    ----------
    parts : tuple of str
        As it names them.
    sides : tuple of tuple of str
        Figures without parts of each side of a ratio; one side for anything else.
    bases : tuple of str
        Figures without parts.
    sorts : set of str
        Which figures those are.
    accrue : set of bool
        Whether they are running totals.
    """

    parts: tuple[str, ...]
    sides: tuple[tuple[str, ...], ...]
    bases: tuple[str, ...]
    sorts: frozenset[str]
    accrue: frozenset[bool]

    @property
    def is_level(self) -> bool:
        return self.sorts == {"level"}

    @property
    def is_plain(self) -> bool:
        """Whether it is one figure on the log scale, with parts of one sort if any."""
        alike = len(self.sorts) == 1 and len(self.accrue) == 1
        return alike and len(self.parts) == 1 and "linear" not in self.sorts


def _names(case: _Case, totals: frozenset[str]) -> dict[str, _Name]:
    """Properties of every figure, sum and ratio claimed, in order of appearance."""
    bases_of = memoised_parts(case.figures)
    found = {}
    for name in case.columns["figure"].cells:
        bases = bases_of(name)
        found[name] = _Name(
            parts=named_parts(name),
            sides=tuple(bases_of(side) for side in parse_ratio(name)),
            bases=bases,
            sorts=frozenset(sort_of(case.figures, base) for base in bases),
            accrue=frozenset(base in totals for base in bases),
        )
    return found


def claim_set_problems(case: _Case, totals: frozenset[str]) -> Iterator[Problem]:
    """Problems of the claims taken together, given which figures are running totals."""
    columns = case.columns
    populations = {name for name in columns["population"].cells if name}
    names = _names(case, totals)
    known = set(case.figures) | {part for f in case.figures.values() for part in f.parts}
    known |= {name for name, about in names.items() if len(about.parts) == 1}
    sides = (side for name in names for side in parse_ratio(name) if "/" in name)
    known |= {side for side in sides if "+" not in side}
    for figure in case.figures.values():
        if len({base in totals for base in base_parts(case.figures, figure.name)}) > 1:
            yield _mixed(figure)
    yield from _mixed_scale_problems(case, names)
    plain = {name for name, about in names.items() if about.is_plain}
    undated = {name for name in plain if not names[name].is_level and names[name].accrue == {False}}
    dated = columns["date"].map(bool)
    early = columns["date"].map(lambda day: bool(case.start and day and day < case.start))
    placed = columns["population"].map(bool) | (len(populations) <= 1)
    rare = columns["since"].map(bool) | columns["per"].map(bool) | columns["scale"].map(bool)
    ahead = columns.days("said") < columns.days("date")
    # Nearly all claims: none of the checks below can fail for them.
    fine = columns["figure"].map(plain.__contains__) & placed & ~rare & ~early & ~ahead
    fine &= dated | columns["figure"].map(undated.__contains__)
    for k in np.flatnonzero(~fine).tolist():
        claim = case.claims[k]
        about = names[claim.figure]
        yield from _claim_in_case_problems(case, claim, k + 1, populations, known, about)


def _mixed_scale_problems(case: _Case, names: Mapping[str, _Name]) -> Iterator[Problem]:
    """Linear figures have a model of their own."""
    about = {
        base: sort_of(case.figures, base) == "linear"
        for name in names.values()
        for base in name.bases
    }
    linear = [base for base, is_linear in about.items() if is_linear]
    others = [base for base, is_linear in about.items() if not is_linear]
    if linear and others:
        wrong = f"claims on figures with scale linear or share ({', '.join(linear)}) beside others"
        legal = "figures of one scale; fit the others separately"
        yield Problem(field="figure", value=", ".join(others), wrong=wrong, legal=legal)


def _claim_in_case_problems(
    case: _Case,
    claim: Claim,
    row: int,
    named: set[str],
    known: set[str],
    about: _Name,
) -> Iterator[Problem]:
    """Problems of one claim given its case."""

    def problem(field: str, wrong: str, legal: str) -> Problem:
        value = getattr(claim, field)
        return Problem(
            row=row, source=claim.source, field=field, value=value, wrong=wrong, legal=legal
        )

    if not claim.population and len(named) > 1:
        legal = "one of " + ", ".join(sorted(named))
        yield problem("population", f"the claims are about {len(named)} populations", legal)
    if len(about.parts) > 1:
        for part in about.parts:
            if part not in known:
                wrong = unknown_in_sum(part)
                legal = one_of(sorted(known), part) + "; declare others in the case"
                yield problem("figure", wrong, legal)
        for bases in about.sides:
            if len(set(bases)) < len(bases):
                twice = sorted({base for base in bases if bases.count(base) > 1})
                wrong = f"{', '.join(twice)} is already counted in another part"
                yield problem("figure", wrong, "a sum in which nothing is counted twice")
            if len(unit_sizes(case.figures, bases)) > 1:
                wrong = "a sum of figures with different unit_size"
                yield problem("figure", wrong, "figures with the same unit_size")
    yield from _share_problems(claim, about, problem)
    yield from _scale_problems(case, claim, about, problem)
    yield from _period_problems(case, claim, about, problem)


def unknown_in_sum(name: str) -> str:
    """What is wrong with a sum one of whose parts is no known figure."""
    return f"unknown figure {name!r} in a sum"


def _share_problems(claim: Claim, about: _Name, problem: ProblemMaker) -> Iterator[Problem]:
    """A share, a part over its whole, must be below 1."""
    if claim.kind != "ratio":
        return
    above, below = map(set, about.sides)
    if above == below:
        yield problem("figure", "a ratio of a figure to itself", "two different figures")
    elif above < below or above > below:
        share = above < below
        for name in ("value", "high" if above < below else "low"):
            number = getattr(claim, name)
            if number is not None and (number >= 1 if share else number <= 1):
                what = "a part over its whole" if share else "a whole over its part"
                legal = "a number below 1" if share else "a number above 1"
                yield problem(name, f"{what} that is not {'below' if share else 'above'} 1", legal)


def _scale_problems(
    case: _Case, claim: Claim, about: _Name, problem: ProblemMaker
) -> Iterator[Problem]:
    """Problems of mixed scales, and of shares beyond their whole."""
    if len(about.sorts) > 1:
        wrong = "mixes levels, or figures with scale linear or share, with others"
        yield problem(
            "figure", wrong, "figures that are all totals or fixed numbers, or all levels"
        )
    elif about.sorts == {"linear"}:
        if len(about.parts) > 1:
            what = "a sum or ratio of figures with scale linear or share"
            yield problem("figure", what, "one figure")
            return
        figure = case.figures[claim.figure]
        has = f"{claim.figure} has scale {figure.scale}"
        if claim.kind not in LINEAR_KINDS:
            yield problem("kind", has, ", ".join(LINEAR_KINDS))
        # A standard error is one of the number itself, which a share takes.
        if claim.scale != figure.scale and (claim.kind, claim.scale) != ("interval", "linear"):
            yield problem("scale", has, f"{figure.scale}, or empty")
        if figure.scale == "share":
            whole = whole_of(figure.unit)
            legal = f"a number from 0 to {plain(whole)}{', or unit percent' * (whole == 1)}"
            for name in outside_share(claim, whole):
                yield problem(name, f"{claim.figure} is a share", legal)
    elif claim.scale == "share" or (claim.scale == "linear" and claim.kind != "interval"):
        wrong = f"{claim.figure} is on the log scale"
        why = "for a part of a whole" if claim.scale == "share" else "where numbers may be negative"
        legal = f"empty; or set figures.NAME.scale = {claim.scale} {why}"
        yield problem("scale", wrong, legal)


def _period_problems(
    case: _Case,
    claim: Claim,
    about: _Name,
    problem: ProblemMaker,
) -> Iterator[Problem]:
    for name in ("date", "since"):
        day = getattr(claim, name)
        if isinstance(day, dt.date) and case.start and day < case.start:
            yield problem(name, f"before the start {case.start}", "a date on or after it")
    if claim.date and claim.said and claim.said < claim.date and about.sorts != {"linear"}:
        # What is polled or forecast has scale linear: nothing there counts what has happened.
        legal = "the day the claim was made, on or after it; or empty"
        yield problem("said", f"before the day {claim.date} that the figure is for", legal)
    kinds, levels = about.accrue, about.is_level
    if kinds == {True, False}:
        wrong = "adds a running total to a fixed number"
        yield problem("figure", wrong, "a sum of figures that all accrue, or none")
    elif (kinds == {True} or levels) and claim.date is None:
        wrong = f"{claim.figure} is {'a level' if levels else 'a running total'}"
        yield problem("date", wrong, "the last day that the number covers, such as 2022-03-25")
    elif kinds == {False} and not levels and claim.since is not None:
        wrong = f"{claim.figure} is one fixed number (accrues = false)"
        yield problem("since", wrong, "empty")
    elif claim.since == LAST_REPORT:
        wrong = "no earlier claim of this source on this figure has a date"
        yield problem("since", wrong, "the first day that the number covers, or empty")
    if not claim.per:
        return
    if kinds != {True}:
        wrong = f"{claim.figure} is not a running total"
        yield problem("per", wrong, "empty; a level is a rate already")
    elif claim.since is None and case.start is None:
        wrong = "a rate over a period without a start"
        yield problem("per", wrong, "a rate with since, or a case with a start")
