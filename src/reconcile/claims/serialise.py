"""A case and its claims as plain values, for files and for the record in a fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from reconcile.claims.claim import COLUMNS, Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.figure import Figure

__all__ = ["case_table", "claim_rows"]


def case_table(claims: ClaimSet) -> dict[str, Any]:
    """Everything about a case but its claims, by the keys of ``case.toml``; days stay days."""
    return {
        "title": claims.title,
        "setting": claims.setting,
        "start": claims.start,
        "end": claims.end,
        "figures": {
            figure.name: {field.name: getattr(figure, field.name) for field in fields(Figure)}
            for figure in claims.figures.values()
        },
        "sources": {
            source.name: {"roles": dict(source.roles), "group": source.group}
            for source in claims.sources.values()
        },
        "ratios": {
            ratio.of: {"about": ratio.about, "sd_log": ratio.sd_log} for ratio in claims.ratios
        },
    }


def claim_rows(claims: Iterable[Claim]) -> list[dict[str, object]]:
    """A row per claim: the columns of the claim table, then unknown ones; None if empty."""
    claims = tuple(claims)
    extra = dict.fromkeys(name for claim in claims for name, _ in claim.extra)
    rows = []
    for claim in claims:
        row = {name: _blank(getattr(claim, name)) for name in COLUMNS}
        rows.append(row | dict.fromkeys(extra) | dict(claim.extra))
    return rows


def _blank(value: object) -> object:
    return None if value == "" else value
