"""What is assumed of sources without a role."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile._text import few_of
from reconcile.claims.claim_set import ClaimSet
from reconcile.errors import AssumptionWarning, ClaimError, Problem, warn

__all__ = ["DEFAULT_ROLE", "check_spoken", "warn_of_missing_roles"]

DEFAULT_ROLE: Final = "third"


def warn_of_missing_roles(
    claims: ClaimSet, assumed: str, *, among: NDArray[np.bool_] | None = None
) -> None:
    """Warn of the sources without a role, and of what is assumed; ``among`` selects claims."""
    silent = claims.columns.spoken & ~np.array(claims.claim_roles, dtype=bool)
    without = sorted(claims.columns["source"].among(silent if among is None else silent & among))
    if without:
        warn(
            f"no role is given for {few_of(without)}: {assumed}; give roles in the column 'role' "
            "or in case.toml",
            AssumptionWarning,
        )


def check_spoken(claims: ClaimSet) -> None:
    """Raise ClaimError if all claims are truths."""
    if not claims.columns.spoken.any():
        wrong = "no claims but truths"
        legal = "at least one claim by a source"
        raise ClaimError([Problem(field="kind", value="truth", wrong=wrong, legal=legal)])
