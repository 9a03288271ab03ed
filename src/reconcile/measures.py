"""What the numbers of each claim are counted in."""

from __future__ import annotations

from reconcile.claims import PERS, Claim
from reconcile.claimset import ClaimSet
from reconcile.kinds.reading import Measure

__all__ = ["measure_of"]


def measure_of(claims: ClaimSet, claim: Claim) -> Measure:
    """What a claim's numbers are counted in; all parts of a sum share it.

    Parameters
    ----------
    claims : ClaimSet
        What the claim belongs to.
    claim : Claim
        One of them.

    Returns
    -------
    Measure
    """
    sizes = [claims.figures[claims.base_parts(side)[0]].unit_size for side in claim.sides]
    if len(sizes) > 1:
        # A ratio is one of single things, whatever each figure is counted in.
        return Measure(times=sizes[1] / sizes[0])
    bases = claims.base_parts(claim.figure)
    return Measure(
        unit_size=sizes[0],
        times=_periods(claims, claim),
        counted=claims.counted.issuperset(bases),
    )


def _periods(claims: ClaimSet, claim: Claim) -> float:
    """How many days, weeks, ... a rate covers; 1 for what is no rate."""
    if not claim.per:
        return 1.0
    begin = claim.since or claims.start
    assert begin is not None and claim.date is not None  # the claim set has checked it
    return ((claim.date - begin).days + 1) / PERS[claim.per]
