"""What the numbers of each claim are counted in."""

from __future__ import annotations

from reconcile.claims import PERS, Claim
from reconcile.claimset import ClaimSet
from reconcile.kinds.reading import Measure

__all__ = ["measure_of", "measures_of"]


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
    if claim.kind == "ratio":
        # A ratio is one of single things, whatever each figure is counted in.
        above, below = (claims.figures[claims.base_parts(s)[0]].unit_size for s in claim.sides)
        return Measure(times=below / above)
    bases = claims.base_parts(claim.figure)
    return Measure(
        unit_size=claims.figures[bases[0]].unit_size,
        times=_periods(claims, claim),
        counted=claims.counted.issuperset(bases),
    )


def measures_of(claims: ClaimSet) -> list[Measure]:
    """What the numbers of every claim are counted in; equal measures are one object.

    Parameters
    ----------
    claims : ClaimSet
        What was said.

    Returns
    -------
    list of Measure
        One for each claim.
    """
    known: dict[str, Measure] = {}
    same: dict[Measure, Measure] = {}
    found = []
    for claim in claims:
        measure = None if claim.per else known.get(claim.figure)
        if measure is None:
            measure = measure_of(claims, claim)
            measure = same.setdefault(measure, measure)
            if not claim.per:
                known[claim.figure] = measure
        found.append(measure)
    return found


def _periods(claims: ClaimSet, claim: Claim) -> float:
    """How many days, weeks, ... a rate covers; 1 for what is no rate."""
    if not claim.per:
        return 1.0
    begin = claim.since or claims.start
    assert begin is not None and claim.date is not None  # the claim set has checked it
    return ((claim.date - begin).days + 1) / PERS[claim.per]
