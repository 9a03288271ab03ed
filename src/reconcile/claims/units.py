"""Units in which the numbers of claims are counted."""

from __future__ import annotations

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.columns import Coded
from reconcile.claims.fields import PERS
from reconcile.kinds.reading import Measure

__all__ = ["measure_of", "measures_of"]


def measure_of(claims: ClaimSet, claim: Claim) -> Measure:
    """Unit in which a claim's numbers are counted, shared by all parts of a sum."""
    if claim.kind == "ratio":
        # A ratio is one of single things, whatever the unit sizes.
        above, below = (claims.figures[claims.base_parts(s)[0]].unit_size for s in claim.sides)
        return Measure(times=below / above)
    bases = claims.base_parts(claim.figure)
    return Measure(
        unit_size=claims.figures[bases[0]].unit_size,
        times=_periods(claims, claim),
        counted=claims.counted.issuperset(bases),
    )


def measures_of(claims: ClaimSet) -> Coded[Measure]:
    """Unit of every claim."""
    columns = claims.columns
    # A rate is multiplied by its own period.
    names = ("figure", "per", "date", "since") if any(columns["per"].cells) else ("figure",)
    measures = [measure_of(claims, claim) for claim in columns.examples(*names)]
    return columns.group_by(*names).column(measures)


def _periods(claims: ClaimSet, claim: Claim) -> float:
    """Length of the period of a rate, in its unit of time; 1 for other claims."""
    if not claim.per:
        return 1.0
    begin = claim.since or claims.start
    assert begin is not None and claim.date is not None  # the claim set has checked it
    return ((claim.date - begin).days + 1) / PERS[claim.per]
