"""Which model a set of claims is for."""

from __future__ import annotations

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.set_checks import RECORD

__all__ = ["is_linear", "is_record"]


def is_linear(claims: ClaimSet) -> bool:
    """Whether claims are about figures that may be negative.

    Parameters
    ----------
    claims : ClaimSet
        A set either has such figures only, or none.

    Returns
    -------
    bool
    """
    if not isinstance(claims, ClaimSet):
        return False  # whoever takes it for a set will say so
    bases = claims.base_parts(claims.claims[0].figure)
    return claims.figures[bases[0]].scale == "linear"


def is_record(claims: ClaimSet) -> bool:
    """Whether the figures of a set of claims are on record.

    Parameters
    ----------
    claims : ClaimSet
        What was said.

    Returns
    -------
    bool
    """
    return isinstance(claims, ClaimSet) and claims.setting == RECORD
