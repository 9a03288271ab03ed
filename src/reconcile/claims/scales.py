"""The scale of figures in percent, where their case leaves it open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Final

from reconcile.claims.claim import Claim
from reconcile.claims.columns import Columns
from reconcile.claims.composition import base_parts, named_parts
from reconcile.claims.figure import Figure, Ratio
from reconcile.claims.percent import is_percent, outside_share
from reconcile.claims.set_checks import LINEAR_KINDS, RECORD
from reconcile.kinds.kind import WITH_ZERO

__all__ = ["with_scales"]

_ALL: Final = 100.0


def with_scales(
    figures: Mapping[str, Figure],
    columns: Columns,
    *,
    totals: Set[str],
    ratios: Sequence[Ratio],
    setting: str,
) -> dict[str, Figure]:
    """Figures in percent as shares; where other figures forbid it, with a ceiling of 100."""
    found = dict(figures)
    said: dict[str, list[Claim]] = {
        name: [] for name, figure in figures.items() if not figure.scale and is_percent(figure.unit)
    }
    if not said or setting == RECORD:
        return found
    for claim in columns.claims:
        if claim.figure in said:
            said[claim.figure].append(claim)
    names = columns["figure"].cells
    summed = {part for f in figures.values() if f.parts for part in (f.name, *f.parts)}
    of = [*(ratio.of for ratio in ratios), *(name for name in names if "+" in name or "/" in name)]
    summed |= {part for name in of for part in named_parts(name)}
    within = {
        name
        for name, claims in said.items()
        if name not in summed and claims and not any(outside_share(c, _ALL) for c in claims)
    }
    shares = {name for name in within - totals if _may_be_share(figures[name], said[name])}
    others = {base for name in names for base in base_parts(figures, name)} - shares
    if all(base in figures and figures[base].scale in WITH_ZERO for base in others):
        return found | {name: replace(figures[name], scale="share") for name in shares}
    return found | {
        name: replace(figures[name], ceiling=_ALL)
        for name in within
        if _may_have_ceiling(figures[name])
    }


def _may_be_share(figure: Figure, claims: Sequence[Claim]) -> bool:
    """Whether nothing that is declared or claimed speaks against it."""
    declared = figure.level or figure.counts or figure.ceiling or figure.floor
    plausible = not figure.plausible or figure.plausible[1] < _ALL
    return (
        plausible
        and not declared
        and figure.unit_size == 1
        and all(
            c.kind in LINEAR_KINDS and not c.since and not c.per and c.scale in ("", *WITH_ZERO)
            for c in claims
        )
    )


def _may_have_ceiling(figure: Figure) -> bool:
    """Whether a figure takes a ceiling and has none."""
    low, _ = figure.plausible or (0.0, 0.0)
    return not figure.level and not figure.ceiling and max(low, figure.floor or 0.0) < _ALL
