"""Claims drawn from the generative model, with the truth they were drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from reconcile.claims import Claim
from reconcile.claimset import ClaimSet
from reconcile.design import Design, design, is_coarse, unit_size_of
from reconcile.latent import draw_parameters, forward, read_in_turn
from reconcile.lexicon import LEXICON
from reconcile.priors import Priors
from reconcile.wording import rounded

__all__ = ["Simulation", "simulate"]

# Words of number, for a simulated vague claim.
_LADDER = (
    "a handful",
    "dozens",
    "hundreds",
    "thousands",
    "tens of thousands",
    "hundreds of thousands",
    "millions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Simulated claims and the truth behind them.

    Parameters
    ----------
    claims : ClaimSet
        The same figures, sources and dates as the design, with other numbers.
    truth : xarray.Dataset
        ``estimate`` (natural scale, dimension ``quantity``), ``bias_log`` (log scale, dimension
        ``voice``), ``common_bias_log`` and ``noise_log``: one draw from the prior.
    """

    claims: ClaimSet
    truth: xr.Dataset


def simulate(
    claims_or_design: ClaimSet | Design,
    *,
    rng: np.random.Generator | int | None = None,
    priors: Priors | None = None,
) -> Simulation:
    """Draw a truth from the prior, and claims about it.

    Parameters
    ----------
    claims_or_design : ClaimSet or Design
        Who says what kind of thing about which figure and when; its numbers serve only to centre
        the prior, to place bounds, and as widths of ranges.
    rng : numpy.random.Generator or int, optional
        Source of randomness, or a seed for one.
    priors : Priors, optional
        Prior constants; those of the design, or the defaults.

    Returns
    -------
    Simulation

    Notes
    -----
    A bound keeps its number; whether it is said as "at least" or as "at most" follows from the
    reading, except that an empty bound is said either way with equal chances. A simulated
    vague claim is the word nearest to the reading: words leave gaps between them.

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
    if isinstance(claims_or_design, Design):
        priors = priors or claims_or_design.priors
        claims_or_design = claims_or_design.claims
    # What the claims say now is not what they will say: their scatter tells nothing.
    plan = design(claims_or_design, (priors or Priors()).replace(common_per_scatter=0.0))
    parameters = draw_parameters(plan, rng, 1)
    latent = forward(plan, parameters)
    reading_log, sound = read_in_turn(plan, latent, rng)
    said = [
        _said(claim, float(np.exp(reading)), bool(keep), unit_size_of(plan.claims, claim), rng)
        for claim, reading, keep in zip(plan.claims, reading_log[0], sound[0], strict=True)
    ]
    truth = xr.Dataset(
        {
            "estimate": ("quantity", latent.estimate[0]),
            "bias_log": ("voice", latent.bias_log[0]),
            "common_bias_log": ("population", plan.common_sd_log * parameters["common_bias_z"][0]),
            "noise_log": ("role", parameters["noise_log"][0]),
        },
        coords={
            "quantity": [q.label for q in plan.structure.quantities],
            "voice": [v.label for v in plan.speakers.voices],
            "population": list(plan.claims.populations),
            "role": list(plan.roles),
        },
    )
    return Simulation(claims=plan.claims.replace(said), truth=truth)


def _said(
    claim: Claim, reading: float, sound: bool, unit_size: float, rng: np.random.Generator
) -> Claim:
    """The claim with the numbers that a reading makes its source say."""
    single = reading * unit_size
    if claim.kind in ("point", "about") and is_coarse(claim, unit_size):
        # What was said as a round number is said as one again: the model expects more of others.
        claim = replace(claim, value=float(f"{reading:.0e}"))
    elif claim.kind == "point":
        claim = _uneven(replace(claim, value=_counted(reading)), unit_size)
    elif claim.kind == "about":
        claim = replace(claim, value=rounded(_counted(reading)))
    elif claim.kind in ("at_least", "at_most") and claim.value:
        above = reading >= claim.value if sound else rng.random() < 0.5
        claim = replace(claim, kind="at_least" if above else "at_most")
    elif claim.kind in ("between", "interval") and claim.low and claim.low > 0 and claim.high:
        half = float(np.sqrt(claim.high / claim.low))
        claim = replace(claim, low=reading / half, high=reading * half, value=None)
    elif claim.kind == "vague":
        claim = replace(claim, words=min(_LADDER, key=lambda word: _distance(word, single)))
    return claim


def _distance(word: str, number: float) -> float:
    """How far a number lies outside what a word stands for, on the log scale."""
    low, high = LEXICON[word]
    return float(max(np.log(low / number), np.log(number / high), 0.0))


def _uneven(claim: Claim, unit_size: float) -> Claim:
    """A claim whose number is not round: a count of 700 would be taken for a guess."""
    if claim.value is None or not is_coarse(claim, unit_size):
        return claim
    return replace(claim, value=claim.value * 1.0001)


def _counted(reading: float) -> float:
    """A whole number where that loses nothing to speak of."""
    return float(round(reading)) if reading >= 1000 else float(f"{reading:.4g}")
