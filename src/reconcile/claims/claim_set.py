"""The claims of one case, with what is known of its figures and sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from reconcile.claims.claim import Claim
from reconcile.claims.columns import Columns, group_by
from reconcile.claims.composition import (
    Composition,
    accrual,
    completed,
    compositions,
    counted_figures,
)
from reconcile.claims.doubts import warn_of_doubts, without_doubts
from reconcile.claims.figure import Figure, Ratio
from reconcile.claims.resolve import resolved
from reconcile.claims.scales import with_scales
from reconcile.claims.set_checks import RECORD, case_problems, claim_set_problems
from reconcile.claims.source import Source
from reconcile.errors import ClaimError, Problem
from reconcile.kinds.kind import WITH_ZERO

__all__ = ["ClaimSet", "Family", "family_of"]

type Family = Literal["log_scale", "linear_scale", "truth_discovery"]


@dataclass(frozen=True, slots=True, init=False, eq=False)
class ClaimSet:
    """The claims of one case: what was said, and not how it is modelled.

    Parameters
    ----------
    claims : iterable of Claim
        At least one.
    figures : iterable of Figure, optional
        What is known of the figures; one that only claims name has the defaults.
    sources : iterable of Source, optional
        What is known of the sources; one that only claims name has the defaults.
    setting : str, default "other"
        ``war``, ``disaster``, ``disease``, ``crowd``, ``economy``, ``measurement`` or ``other``;
        ``record`` for figures that were published once and are copied since.
    title : str, optional
        Name of the case.
    start, end : datetime.date or str, optional
        First and last day of the event.
    ratios : iterable of Ratio, optional
        Priors of ratios of figures.

    Attributes
    ----------
    claims : tuple of Claim
        In the order given.
    figures : mapping of str to Figure
        By name, declared ones first; ``accrues`` is decided.
    counted : frozenset of str
        Figures without parts that count single things.
    sources : mapping of str to Source
        By name, declared ones first.
    populations : tuple of str
        Whose figures the claims are about, in order of appearance.
    claim_roles : tuple of str
        Role of each claim's source to its population, as :meth:`role_of` says.
    compositions : mapping of str to Composition
        What every figure, and every sum and ratio that is claimed, consists of.
    columns : Columns
        The claims by column.
    guessed : frozenset of str
        Figures without parts of which it was guessed whether they accrue.
    family : {"log_scale", "linear_scale", "truth_discovery"}
        The model they are for: of figures that cannot be negative, of figures that may be
        negative and shares, or of figures on record (setting ``record``).

    Raises
    ------
    ClaimError
        If the claims contradict the case; every bad row is listed.

    Notes
    -----
    A figure without ``accrues`` is a running total if a claim on it has a ``since`` or a ``per``,
    if it is summed with a running total, or if its claims have two or more dates in a ``war`` or a
    ``disease`` that was not over before them (no ``end``, or one after the first date). Otherwise
    it is one fixed number, and the ``date`` of a claim is the day it was said, where ``said`` is
    empty. A fit warns where dates differ and it had to guess.

    A figure without ``counts`` counts single things if all numbers claimed are whole numbers of
    them, unless it is a level or the setting is ``measurement`` or ``economy``.

    A figure without ``scale`` is on the log scale. If its unit is percent and no more, and no
    number claimed is above 100, it is a ``share``, unless it is a running total or a level, has a
    ceiling, a floor or a claim of a kind or scale that shares do not take, or the set has figures
    on the log scale beside it: then it has a ceiling of 100.

    Claims that look like slips (names that differ in their capitals alone, a day far from all
    others, a number beyond a ceiling or a floor) are taken as they are, with an
    :class:`AssumptionWarning` that names them.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet([rc.Claim.at_least(1351, figure="killed", source="Kremlin")])
    >>> len(claims), claims.populations
    (1, ('',))
    """

    claims: tuple[Claim, ...]
    figures: Mapping[str, Figure]
    sources: Mapping[str, Source]
    setting: str
    title: str
    start: dt.date | None
    end: dt.date | None
    ratios: tuple[Ratio, ...]
    counted: frozenset[str]
    populations: tuple[str, ...]
    claim_roles: tuple[str, ...]
    compositions: Mapping[str, Composition]
    columns: Columns
    guessed: frozenset[str]
    family: Family

    def __init__(
        self,
        claims: Iterable[Claim],
        *,
        figures: Iterable[Figure] = (),
        sources: Iterable[Source] = (),
        setting: str = "other",
        title: str = "",
        start: dt.date | str | None = None,
        end: dt.date | str | None = None,
        ratios: Iterable[Ratio] = (),
    ) -> None:
        columns = Columns(_only_claims(claims))
        put = object.__setattr__
        put(self, "claims", columns.claims)
        put(self, "columns", columns)
        put(self, "setting", setting)
        put(self, "title", title)
        put(self, "start", _day(start, "start"))
        put(self, "end", _day(end, "end"))
        put(self, "ratios", tuple(ratios))
        declared = _by_name(figures, "figures")
        known = _by_name(sources, "sources")
        named = tuple(known)
        for name in columns["source"].cells:
            if name not in known:
                known[name] = Source(name=name)
        put(self, "sources", MappingProxyType(known))
        put(self, "figures", MappingProxyType(declared))
        problems = list(case_problems(self))
        if not problems:
            found = accrual(declared, columns, setting=setting, start=self.start, end=self.end)
            declared = with_scales(
                declared, columns, totals=found.totals, ratios=self.ratios, setting=setting
            )
            put(self, "figures", MappingProxyType(declared))
            columns = resolved(columns, declared)
            put(self, "claims", columns.claims)
            put(self, "columns", columns)
            problems = list(claim_set_problems(self, found.totals))
        if problems:
            raise ClaimError(problems)
        said = columns["figure"].cells
        complete = completed(declared, said, found.totals)
        made_of = compositions(complete, dict.fromkeys([*complete, *said]))
        put(self, "figures", MappingProxyType(complete))
        put(self, "compositions", MappingProxyType(made_of))
        put(self, "guessed", found.guessed)
        put(self, "family", _family(self))
        put(self, "counted", counted_figures(complete, columns, setting))
        put(self, "populations", columns["population"].cells)
        put(self, "claim_roles", _claim_roles(self))
        warn_of_doubts(self, [*declared, *named])

    def __len__(self) -> int:
        return len(self.claims)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClaimSet):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.claims, self.setting, self.title, self.start, self.end))

    def __repr__(self) -> str:
        title = f"{self.title!r}, " if self.title else ""
        return (
            f"<ClaimSet: {title}{len(self)} claims by {len({c.source for c in self})} sources "
            f"on {', '.join(self.figures)}>"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return partial(_copied, self.guessed, self._case()), (self.claims,)

    def _content(self) -> tuple[object, ...]:
        return self.claims, self._case()

    def _case(self) -> dict[str, Any]:
        """Everything but the claims, by the names of the parameters."""
        return {
            "figures": tuple(self.figures.values()),
            "sources": tuple(self.sources.values()),
            **{
                name: getattr(self, name) for name in ("setting", "title", "start", "end", "ratios")
            },
        }

    def role_of(self, claim: Claim) -> str:
        """Role of a claim's source to its population; empty if unknown, and for truths.

        Parameters
        ----------
        claim : Claim
            A claim of this set.

        Returns
        -------
        str
            A role, or ``""``.
        """
        if claim.is_truth:
            return ""
        return claim.role or self.sources[claim.source].role_to(claim.population)

    def base_parts(self, name: str) -> tuple[str, ...]:
        """Figures without parts that make up a figure, a sum or both sides of a ratio.

        Parameters
        ----------
        name : str
            A figure of this set, a sum ``"killed + wounded"`` or a ratio of such.

        Returns
        -------
        tuple of str
            The figure itself where it has no parts.
        """
        return self.composition_of(name).bases

    def estimand_of(self, name: str) -> str:
        """A figure, sum or ratio in terms of figures without parts, in one order.

        Parameters
        ----------
        name : str
            A figure of this set, a sum ``"killed + wounded"`` or a ratio of such.

        Returns
        -------
        str
            The same for every way of writing the sum.
        """
        return self.composition_of(name).estimand

    def composition_of(self, name: str) -> Composition:
        """Composition of a figure, a sum or a ratio.

        Parameters
        ----------
        name : str
            A figure of this set, a sum ``"killed + wounded"`` or a ratio of such.

        Returns
        -------
        Composition
        """
        return self.compositions.get(name) or compositions(self.figures, [name])[name]

    def replace(self, claims: Iterable[Claim]) -> ClaimSet:
        """The same case with other claims.

        Parameters
        ----------
        claims : iterable of Claim
            The new claims.

        Returns
        -------
        ClaimSet
        """
        return _copied(self.guessed, self._case(), claims)


def _copied(guessed: frozenset[str], case: Mapping[str, Any], claims: Iterable[Claim]) -> ClaimSet:
    """A set of the same case, which says no second time what may be a slip."""
    with without_doubts():
        made = ClaimSet(claims, **case)
    object.__setattr__(made, "guessed", guessed)
    return made


def _only_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    claims = tuple(claims)
    legal = "reconcile.Claim; reconcile.read_claims reads tables"
    problems = [
        Problem(row=row, field="claims", value=claim, wrong="not a Claim", legal=legal)
        for row, claim in enumerate(claims, start=1)
        if not isinstance(claim, Claim)
    ]
    if problems:
        raise ClaimError(problems)
    return claims


def _by_name[Named: (Figure, Source)](items: Iterable[Named], key: str) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for item in items:
        if item.name in found:
            field = f"{key}.{item.name}"
            raise ClaimError(
                [Problem(field=field, value=item.name, wrong="declared twice", legal="once")]
            )
        found[item.name] = item
    return found


def _day(value: dt.date | str | None, key: str) -> dt.date | None:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    elif value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    legal = "a date such as 2022-02-24"
    raise ClaimError([Problem(field=key, value=value, wrong="not a date", legal=legal)])


def _family(claims: ClaimSet) -> Family:
    """Model of a set, whose figures are all linear or shares, or none."""
    first, *_ = claims.base_parts(claims.claims[0].figure)
    if claims.figures[first].scale in WITH_ZERO:
        return "linear_scale"
    return "truth_discovery" if claims.setting == RECORD else "log_scale"


def family_of(claims: ClaimSet) -> Family:
    """Family of what a caller takes for a set of claims; raises TypeError if it is none."""
    if isinstance(claims, ClaimSet):
        return claims.family
    kind = type(claims).__name__
    raise TypeError(f"not a ClaimSet but {kind}: make one with read_claims or ClaimSet")


def _claim_roles(claims: ClaimSet) -> tuple[str, ...]:
    """Role of every claim's source to its population."""
    columns = claims.columns
    is_truth = (~columns.spoken).astype(np.intp)
    groups = group_by([columns["source"], columns["population"], columns["role"], is_truth])
    roles = [claims.role_of(claims.claims[k]) for k in groups.first.tolist()]
    return tuple(map(roles.__getitem__, groups.codes.tolist()))
