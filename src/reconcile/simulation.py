"""Claims simulated from the model, with the underlying truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from reconcile.claims.claim import Claim
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.units import measure_of
from reconcile.errors import ClaimError, Problem
from reconcile.kinds.kind import SimulatedReading
from reconcile.kinds.reading import Measure
from reconcile.kinds.registry import KINDS
from reconcile.models.log_scale.design.arrays import coordinates
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.reference.forward import Latent, forward
from reconcile.models.log_scale.reference.likelihood import log_likelihood
from reconcile.models.log_scale.reference.predictive import draw_readings_in_sequence
from reconcile.models.log_scale.reference.prior import draw_parameters
from reconcile.priors.priors import Priors, priors_or_default

__all__ = ["Simulation", "simulate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Simulated claims and the underlying truth.

    Parameters
    ----------
    claims : ClaimSet
        The same figures, sources and dates as in the design, with simulated numbers.
    truth : xarray.Dataset
        ``estimate`` (natural scale, dimension ``quantity``), ``bias_log`` (log scale, dimension
        ``voice``), ``common_bias_log`` (``series``), ``difficulty_log`` (``group``) and
        ``noise_log`` (``role``): one draw from the prior.
    """

    claims: ClaimSet
    truth: xr.Dataset


def simulate(
    claims_or_design: ClaimSet | Design,
    *,
    rng: np.random.Generator | int | None = None,
    priors: Priors | None = None,
) -> Simulation:
    """Draw a truth from the prior and claims about it from the model.

    Parameters
    ----------
    claims_or_design : ClaimSet or Design
        Which source makes what kind of claim about which figure and when. Its numbers are used
        only to centre the prior, as bounds and as widths of ranges.
    rng : numpy.random.Generator or int, optional
        Random generator, or a seed.
    priors : Priors, optional
        Prior constants. Defaults to those of the design, or else to the defaults.

    Returns
    -------
    Simulation

    Raises
    ------
    ClaimError
        If no draw from the prior satisfies the guaranteed ranges.
    ValueError
        If figures have scale linear or share.

    Notes
    -----
    Guaranteed ranges hold in every draw. A bound keeps its number, and the reading decides whether
    it becomes "at least" or "at most". A simulated vague claim is the word nearest to the reading,
    since the intervals of words leave gaps.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> simulated = rc.simulate(claims, rng=1)
    >>> len(simulated.claims), simulated.truth.sizes["quantity"]
    (1, 1)
    """
    rng = np.random.default_rng(rng)
    if isinstance(claims_or_design, ClaimSet) and claims_or_design.family != "log_scale":
        linear = claims_or_design.family == "linear_scale"
        which = "figures with scale linear or share" if linear else "figures on record"
        raise ValueError(f"{which} cannot be simulated")
    if isinstance(claims_or_design, Design):
        priors = priors or claims_or_design.priors
        claims_or_design = claims_or_design.claims
    plan = design(claims_or_design, priors_or_default(priors))
    # Counting noise of counts is drawn separately: they are whole numbers.
    counted = plan.readings.counting_log > 0
    dispersion = plan.priors.count_dispersion
    fixed = plan.noise.fixed - dispersion * plan.readings.counting_log**2
    spread = replace(plan.readings, counting_log=np.zeros(len(plan.claims)))
    plan = replace(plan, readings=spread, noise=replace(plan.noise, fixed=fixed))
    parameters, latent = _draw_prior(plan, rng)
    reading, sound = draw_readings_in_sequence(plan, latent, rng)
    simulated = [
        _simulated_claim(plan, k, float(value), bool(keep), bool(counted[k]), rng)
        for k, (value, keep) in enumerate(zip(reading[0], sound[0], strict=True))
    ]
    labels = coordinates(plan)
    truth = xr.Dataset(
        {
            "estimate": ("quantity", latent.estimate[0]),
            "bias_log": ("voice", latent.bias_log[0]),
            "common_bias_log": ("series", latent.common_bias_log[0]),
            "difficulty_log": ("group", latent.difficulty_log[0]),
            "noise_log": ("role", parameters["noise_log"][0]),
        },
        coords={
            "quantity": [q.label for q in plan.structure.quantities],
            "voice": [v.label for v in plan.speakers.voices],
            "series": labels["series"],
            "group": labels["group"],
            "role": list(plan.noise.roles),
        },
    )
    return Simulation(claims=plan.claims.replace(simulated), truth=truth)


def _draw_prior(plan: Design, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], Latent]:
    """One draw from the prior, by rejection if ranges are guaranteed."""
    certain = np.flatnonzero(plan.readings.is_certain)
    if not len(certain):
        parameters = draw_parameters(plan, rng, 1)
        return parameters, forward(plan, parameters)
    for _ in range(_MAX_BATCHES):
        many = draw_parameters(plan, rng, _BATCH)
        latent = forward(plan, many)
        log = log_likelihood(plan, latent)[:, certain].sum(axis=1)
        kept = np.flatnonzero(np.log(rng.random(_BATCH)) < log)
        if len(kept):
            parameters = {name: values[kept[:1]] for name, values in many.items()}
            return parameters, forward(plan, parameters)
    legal = "ranges that the prior can satisfy"
    wrong = "a guaranteed range far from the claimed or plausible values"
    value = plan.claims.claims[int(certain[0])].figure
    raise ClaimError([Problem(field="coverage", value=value, wrong=wrong, legal=legal)])


# Rejection sampling: draws per batch, and number of batches.
_BATCH, _MAX_BATCHES = 500, 200


def _simulated_claim(
    plan: Design, k: int, reading: float, sound: bool, counted: bool, rng: np.random.Generator
) -> Claim:
    """The claim with the numbers that follow from a reading."""
    claim, readings = plan.claims.claims[k], plan.readings
    measure = measure_of(plan.claims, claim)
    if readings.is_linear[k]:
        number = reading * float(np.exp(readings.unit_log[k])) / measure.times
    else:
        number = float(np.exp(reading)) / measure.times
    if counted:
        number = _count(number, measure, plan.priors.count_dispersion, rng)
    simulated = SimulatedReading(number=number, sound=sound, measure=measure, rng=rng)
    return replace(claim, **KINDS[claim.kind].simulate(claim, simulated))


def _count(number: float, measure: Measure, dispersion: float, rng: np.random.Generator) -> float:
    """A count with this mean and so many times the variance of Poisson's, in the claim's unit."""
    items = measure.unit_size * measure.times
    mean = number * items
    if mean >= _MAX_COUNTED:
        return number
    drawn = mean + math.sqrt(dispersion) * float(rng.poisson(mean) - mean)
    return max(round(drawn), 0) / items


# Above this the noise of a count is negligible.
_MAX_COUNTED = 1e6
