"""From what was said to an interval: the entry of every kind of claim in one place."""

from __future__ import annotations

from typing import Final

from reconcile.claims import Claim
from reconcile.kinds.reading import Measure, Reading, Readings
from reconcile.kinds.registry import KINDS

__all__ = ["STATED", "Measure", "Reading", "Readings", "reading_of"]

# Kinds whose stated width widens the scale, each with its own learnt overconfidence.
STATED: Final = ("between", "interval", "measured")


def reading_of(claim: Claim, measure: Measure | None = None) -> Reading:
    """Reading that a claim stands for.

    Parameters
    ----------
    claim : Claim
        Of any kind.
    measure : Measure, optional
        What its numbers are counted in; single things that are no counts if not given.

    Returns
    -------
    Reading

    Examples
    --------
    >>> import reconcile as rc
    >>> from reconcile.readings import reading_of
    >>> reading_of(rc.Claim.at_least(1, figure="killed", source="A")).up_log
    inf
    """
    return KINDS[claim.kind].reading(claim, measure or Measure())
