"""Claims as rows of cells."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.claims.claim import COLUMNS, Claim

__all__ = ["claim_rows"]


def claim_rows(claims: Iterable[Claim]) -> list[dict[str, object]]:
    """Claims as rows of cells: every column of the claim table, then the unknown ones.

    Parameters
    ----------
    claims : iterable of Claim
        What to write.

    Returns
    -------
    list of dict
        One per claim, all with the same keys; None where a cell is empty.
    """
    claims = tuple(claims)
    extra = dict.fromkeys(name for claim in claims for name, _ in claim.extra)
    rows = []
    for claim in claims:
        row = {name: _blank(getattr(claim, name)) for name in COLUMNS}
        rows.append(row | dict.fromkeys(extra) | dict(claim.extra))
    return rows


def _blank(value: object) -> object:
    return None if value == "" else value
