"""The PyMC model of a set of claims, for use with PyMC directly."""

from __future__ import annotations

import pymc as pm

from reconcile.claims.claim_set import ClaimSet, family_of
from reconcile.models.linear_scale.design import linear_design
from reconcile.models.linear_scale.pymc import linear_model
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.pymc.model import model_of
from reconcile.priors.priors import Priors

__all__ = ["build_model"]


def build_model(claims: ClaimSet, *, priors: Priors | None = None) -> pm.Model:
    """Build the PyMC model of a set of claims.

    Parameters
    ----------
    claims : ClaimSet
        Claims of any kind, but not on figures on record.
    priors : Priors, optional
        Prior constants; the defaults if not given.

    Returns
    -------
    pymc.Model
        With ``reading_log`` observed (dimension ``claim``; log scale, except that intervals
        symmetric on the natural scale are in units of half their length), ``estimate`` (natural
        scale, dimension ``quantity``) and ``bias_log`` (log scale, dimension ``voice``). Figures
        with scale linear have ``reading`` observed, and ``tau`` (``quantity``), ``theta`` and
        ``deviation`` (``voice``) in place of biases, natural scale; of a share, all is in log odds.

    Warns
    -----
    AssumptionWarning
        If a claim's source has no role.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> sorted(variable.name for variable in rc.build_model(claims).observed_RVs)
    ['reading_log']
    """
    if family_of(claims) == "linear_scale":
        return linear_model(linear_design(claims, priors))
    return model_of(design(claims, priors))
