"""Forward computation in NumPy: from parameters to expected readings and estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from reconcile.models.log_scale.design.completeness import completeness_log
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.difficulty import (
    common_log,
    difficulty_log,
    error_factors_log,
)
from reconcile.models.log_scale.design.limits import within
from reconcile.models.log_scale.design.paths import PATH_SPREAD, node_values
from reconcile.models.log_scale.design.wholes import totals_of_weights

__all__ = [
    "Amounts",
    "Latent",
    "amounts",
    "forward",
    "free_totals",
    "path_changes",
    "reading_scales",
]

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Estimates and biases, for each of ``n`` draws.

    Parameters
    ----------
    total_log : ndarray of shape (n, series)
        Log true totals, within all limits.
    estimate : ndarray of shape (n, quantity)
        Natural scale.
    bias_log : ndarray of shape (n, voice)
        Log ratio of a voice's reading to the apparent figure, at difficulty 1.
    common_bias_log : ndarray of shape (n, series)
        Log ratio of the apparent to the true total.
    difficulty_log : ndarray of shape (n, group)
        Log factor on all errors about a figure.
    """

    total_log: Array
    estimate: Array
    bias_log: Array
    common_bias_log: Array
    difficulty_log: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent(Amounts):
    """Everything that the parameters determine, for each of ``n`` draws: more than the amounts.

    Parameters
    ----------
    sum_log : ndarray of shape (n, claim)
        Log of the true sum or ratio that each claim refers to.
    base_log : ndarray of shape (n, claim)
        Expected reading, unconditionally.
    location_log, shift_log : ndarray of shape (n, claim)
        Expected reading given its revision, if any; what is added to it if the claim follows its
        predecessor.
    noise_log : ndarray of shape (n, claim)
        Logistic scale of the noise, without the stated width.
    width_log : ndarray of shape (n, claim)
        Stated width, inflated by overconfidence, on the scale of the claim's own error.
    """

    sum_log: Array
    base_log: Array
    location_log: Array
    shift_log: Array
    noise_log: Array
    width_log: Array


def forward(plan: Design, parameters: Mapping[str, Array]) -> Latent:
    """Latent quantities from parameters (named as in the model; ``total_log`` or ``total_z``)."""
    z = plan.biases.z(parameters)
    found, nodes = _amounts(plan, parameters, z)
    base = _sums_log(plan, nodes)
    base += np.exp(_factors_log(plan, parameters)) * (
        plan.biases.mean_log + _summed(plan.biases.matrix, z)
    )
    if len(plan.registers.claim):
        none = np.zeros((len(nodes), 0))
        names = ("z", "slope_z", "never_z")
        level, slope, never = (parameters.get(f"register_{name}", none) for name in names)
        held = completeness_log(plan.registers, nodes, level, slope, never, found.common_bias_log)
        base[:, plan.registers.claim] += held
    serial = plan.serial
    off = (plan.readings.centre_log - base)[:, serial.predecessor]
    return Latent(
        total_log=found.total_log,
        estimate=found.estimate,
        sum_log=_sums_log(plan, _true_nodes(plan, nodes, found.common_bias_log)),
        bias_log=found.bias_log,
        common_bias_log=found.common_bias_log,
        difficulty_log=found.difficulty_log,
        base_log=base,
        location_log=base + np.where(serial.is_revised, off, 0.0),
        shift_log=serial.share * np.where(serial.follows, off, 0.0),
        noise_log=_noises(plan, parameters),
        width_log=_widths(plan, parameters),
    )


def _sums_log(plan: Design, nodes: Array) -> Array:
    """Log of each claim's sum or ratio."""
    with np.errstate(divide="ignore"):
        sum_log = np.log(_summed(plan.structure.claims, nodes))
        if plan.structure.below.nnz:
            below = _summed(plan.structure.below, nodes)
            sum_log = sum_log - np.log(np.where(below > 0, below, 1.0))
    return np.asarray(sum_log)


def _true_nodes(plan: Design, nodes: Array, common: Array) -> Array:
    """True nodes from apparent ones."""
    return np.asarray(nodes * np.exp(-common)[:, plan.structure.series_of_node])


def amounts(plan: Design, parameters: Mapping[str, Array]) -> tuple[Amounts, Array]:
    """Estimates and errors, and the apparent nodes that claims are sums of."""
    return _amounts(plan, parameters, plan.biases.z(parameters))


def _amounts(plan: Design, parameters: Mapping[str, Array], z: Array) -> tuple[Amounts, Array]:
    common = common_log(plan.difficulties, plan.common, parameters, plan.priors)
    if "total_log" in parameters:
        total_log = parameters["total_log"]
    else:
        total_log, _ = within(free_totals(plan, parameters) - common, plan.limits)
    accruing, n_dates = plan.structure.n_accruing, len(plan.structure.dates)
    log_rate = np.zeros((len(total_log), accruing, n_dates))
    if "path_spread_z" in parameters:
        log_rate = path_changes(plan, parameters) @ plan.innovations.T
    nodes = node_values(total_log + common, log_rate, plan.structure.days)
    found = Amounts(
        total_log=total_log,
        estimate=_summed(plan.structure.estimates, _true_nodes(plan, nodes, common)),
        bias_log=plan.biases.voice_mean_log + _summed(plan.biases.voices, z),
        common_bias_log=common,
        difficulty_log=difficulty_log(plan.difficulties, parameters),
    )
    return found, nodes


def free_totals(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Log apparent totals of the series before limits."""
    wholes = plan.wholes
    weights = plan.total_mean_log + plan.total_sd_log * parameters["total_z"]
    if wholes.parts:
        of_wholes = wholes.mean_log + wholes.sd_log * parameters["whole_z"]
        weights = totals_of_weights(np.concatenate([weights, of_wholes], axis=-1), wholes.parts)
    return np.asarray(weights[..., : wholes.n_series])


def _summed(matrix: csr_array, nodes: Array) -> Array:
    """Rows of a sparse matrix times each draw, shape (n, row)."""
    return np.ascontiguousarray((matrix @ nodes.T).T)


def path_changes(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Innovations of each running total's log rate, shape (..., running, innovation)."""
    medians = np.array([plan.priors.path_shared_sd, plan.priors.path_own_sd])
    sd = (medians * np.exp(PATH_SPREAD * parameters["path_spread_z"]))[..., None, None]
    shared = sd[..., 0, :, :] * parameters["path_shared_z"]
    own = sd[..., 1, :, :] * parameters["path_own_z"]
    apart = plan.path_apart[:, None]
    return np.asarray(shared[..., plan.path_population, :] + apart * own)


def reading_scales(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Marginal logistic scale of each reading, shape (n, claim)."""
    return np.asarray(np.hypot(_noises(plan, parameters), _widths(plan, parameters)))


def _widths(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Stated width of each claim, inflated by overconfidence; 0 if none."""
    noise = plan.noise
    if "overconfidence_log" not in parameters:
        return np.zeros((len(parameters["noise_log"]), len(plan.claims)))
    difficulty = difficulty_log(plan.difficulties, parameters)[:, plan.difficulties.group_of]
    excess = np.exp(parameters["overconfidence_log"][:, noise.stated_of] + difficulty)
    return np.asarray(noise.width + noise.excess * excess)


def _noises(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Marginal logistic scale of the noise of each claim."""
    noise = plan.noise
    usual_log = parameters["noise_log"][:, noise.role_of] + _factors_log(plan, parameters)
    square = noise.factor * (noise.floor[noise.role_of] + np.exp(2 * usual_log))
    return np.asarray(np.sqrt(noise.fixed + square))


def _factors_log(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Log factor on the errors of each claim's source, shape (n, claim)."""
    hard = difficulty_log(plan.difficulties, parameters)[:, plan.difficulties.group_of]
    return error_factors_log(hard, plan.shares.lifted, plan.priors)
