"""From parameters to what claims and estimates would be: the model forwards, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit

from reconcile.models.log_scale.design.completeness import completeness_log
from reconcile.models.log_scale.design.design import Design
from reconcile.models.log_scale.design.paths import PATH_SPREAD, node_values, squash

__all__ = [
    "Amounts",
    "Latent",
    "amounts",
    "fade",
    "forward",
    "path_changes",
    "predecessor_trust",
    "reading_scales",
]

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What is estimated, and how far sources are off, for each of ``n`` draws.

    Parameters
    ----------
    total_log : ndarray of shape (n, series)
        Log totals, every ceiling kept.
    estimate : ndarray of shape (n, quantity)
        Natural scale.
    bias_log : ndarray of shape (n, voice)
        Log ratio of what a voice says to the truth, the common error left out.
    """

    total_log: Array
    estimate: Array
    bias_log: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """All that the parameters imply, for each of ``n`` draws.

    Parameters
    ----------
    total_log, estimate, bias_log : ndarray
        As of :class:`Amounts`.
    sum_log : ndarray of shape (n, claim)
        Log of the true sum, or ratio, that each claim speaks of.
    base_log : ndarray of shape (n, claim)
        Where the reading behind each claim is expected, nothing known of its noise.
    location_log : ndarray of shape (n, claim)
        Where the reading is expected, given the claim that it hangs on.
    noise_log : ndarray of shape (n, claim)
        Logistic scale of the noise of the reading, its stated width left out.
    width_log : ndarray of shape (n, claim)
        Its stated width, made wider by overconfidence, on the scale of its own error.
    fade : ndarray of shape (n, claim)
        What these are multiplied by, given the claim that it hangs on.
    """

    total_log: Array
    estimate: Array
    bias_log: Array
    sum_log: Array
    base_log: Array
    location_log: Array
    noise_log: Array
    width_log: Array
    fade: Array

    @property
    def scale_log(self) -> Array:
        """Logistic scale of each reading, given the claim that it hangs on."""
        return np.asarray(self.fade * np.hypot(self.noise_log, self.width_log))


def forward(plan: Design, parameters: Mapping[str, Array]) -> Latent:
    """Compute what draws of the parameters imply.

    Parameters
    ----------
    plan : Design
        Of the model.
    parameters : mapping of str to ndarray
        As :func:`draw_parameters` gives them, or as they are sampled, with ``total_z``
        (standardised log totals before any ceiling) in place of ``total_log``.

    Returns
    -------
    Latent
    """
    found, nodes = _amounts(plan, parameters)
    with np.errstate(divide="ignore"):
        sum_log = np.log(_summed(plan.structure.claims, nodes))
        if plan.structure.below.nnz:
            below = _summed(plan.structure.below, nodes)
            sum_log = sum_log - np.log(np.where(below > 0, below, 1.0))
    biases = plan.biases
    base = sum_log + biases.mean_log + _summed(biases.matrix, biases.z(parameters))
    if "register_z" in parameters:
        held = completeness_log(plan.registers, nodes, parameters["register_z"])
        base[:, plan.registers.claim] += held
    noise, width = _noises(plan, parameters), _widths(plan, parameters)
    known, trust = _known_error(plan, base, np.hypot(noise, width))
    shift = plan.serial.share * trust * known
    return Latent(
        total_log=found.total_log,
        estimate=found.estimate,
        sum_log=sum_log,
        bias_log=found.bias_log,
        base_log=base,
        location_log=base + shift,
        noise_log=noise,
        width_log=width,
        fade=fade(plan, trust),
    )


def amounts(plan: Design, parameters: Mapping[str, Array]) -> Amounts:
    """Compute what is estimated, and no more.

    Parameters
    ----------
    plan : Design
        Of the model.
    parameters : mapping of str to ndarray
        As for :func:`forward`.

    Returns
    -------
    Amounts
    """
    return _amounts(plan, parameters)[0]


def _amounts(plan: Design, parameters: Mapping[str, Array]) -> tuple[Amounts, Array]:
    """What is estimated, and the nodes that it and the claims are sums of."""
    if "total_log" in parameters:
        total_log = parameters["total_log"]
    else:
        free = plan.total_mean_log + plan.total_sd_log * parameters["total_z"]
        total_log = squash(free, plan.ceilings)
    accruing, n_dates = plan.structure.n_accruing, len(plan.structure.dates)
    log_rate = np.zeros((len(total_log), accruing, n_dates))
    if "path_spread_z" in parameters:
        log_rate = path_changes(plan, parameters) @ plan.innovations.T
    nodes = node_values(total_log, log_rate, plan.structure.days)
    biases = plan.biases
    found = Amounts(
        total_log=total_log,
        estimate=_summed(plan.structure.estimates, nodes),
        bias_log=biases.voice_mean_log + _summed(biases.voices, biases.z(parameters)),
    )
    return found, nodes


def _summed(matrix: csr_array, nodes: Array) -> Array:
    return np.ascontiguousarray((matrix @ nodes.T).T)


def path_changes(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Changes of the log rate of each running total.

    Parameters
    ----------
    plan : Design
        Of the model.
    parameters : mapping of str to ndarray
        ``path_spread_z``, ``path_shared_z`` and ``path_own_z``, with any leading axes.

    Returns
    -------
    ndarray of shape (..., running, innovation)
        Between knots, per root of the time between them.
    """
    medians = np.array([plan.priors.path_shared_sd, plan.priors.path_own_sd])
    sd = (medians * np.exp(PATH_SPREAD * parameters["path_spread_z"]))[..., None, None]
    shared = sd[..., 0, :, :] * parameters["path_shared_z"]
    own = sd[..., 1, :, :] * parameters["path_own_z"]
    return np.asarray(shared[..., plan.path_population, :] + own)


def reading_scales(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Logistic scale of each reading, nothing known of its error.

    Parameters
    ----------
    plan : Design
        Of the model.
    parameters : mapping of str to ndarray
        ``noise_log``, and ``overconfidence_log`` where widths are stated, with a leading axis.

    Returns
    -------
    ndarray of shape (n, claim)
        Log scale of the figure.
    """
    return np.asarray(np.hypot(_noises(plan, parameters), _widths(plan, parameters)))


def _widths(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Stated width of each claim, made wider by overconfidence; 0 where none was stated."""
    noise = plan.noise
    if "overconfidence_log" not in parameters:
        return np.zeros((len(parameters["noise_log"]), len(plan.claims)))
    return noise.width + noise.excess * np.exp(parameters["overconfidence_log"])[:, noise.stated_of]


def _noises(plan: Design, parameters: Mapping[str, Array]) -> Array:
    """Logistic scale of the noise of each claim, nothing known of its error."""
    noise = plan.noise
    square = noise.factor * np.exp(2 * parameters["noise_log"])[:, noise.role_of]
    return np.asarray(np.sqrt(noise.fixed + square))


def _known_error(plan: Design, base: Array, scale: Array) -> tuple[Array, Array]:
    """What the claim that each claim hangs on was off, and how far that is to be trusted."""
    predecessor = plan.serial.predecessor
    off = (plan.readings.centre_log - base)[:, predecessor]
    trust = predecessor_trust(
        off, scale[:, predecessor], plan.sound[predecessor], plan.priors.unsound_scale_log
    )
    return off, np.where(plan.serial.is_revised, 1.0, trust)


def fade(plan: Design, trust: Array) -> Array:
    """What the scale of each claim is multiplied by, since part of its error is known.

    Parameters
    ----------
    plan : Design
        Of the model.
    trust : ndarray of shape (n, claim)
        Probability that the claim that each hangs on is a reading.

    Returns
    -------
    ndarray of shape (n, claim)
        In (0, 1]; for a claim that was revised the square root of 2, since two readings differ by
        the noise of both.
    """
    known = np.sqrt(1 - (plan.serial.share * trust) ** 2 * ~plan.serial.is_revised)
    return np.asarray(np.where(plan.serial.is_revised, np.sqrt(2.0), known))


def predecessor_trust(off: Array, scale: Array, sound: Array, unsound_scale: float) -> Array:
    """Probability that a claim that is off by so much is a reading and not a gross error.

    Parameters
    ----------
    off : ndarray
        Distance from where it was expected, log scale.
    scale : ndarray
        Logistic scale of a reading.
    sound : ndarray
        Prior probability, in (0, 1).
    unsound_scale : float
        Logistic scale of a gross error.

    Returns
    -------
    ndarray
        In (0, 1).
    """
    odds = np.log1p(-sound) - np.log(sound)
    odds = odds + _logistic_logpdf(off, unsound_scale) - _logistic_logpdf(off, scale)
    trust: Array = expit(-odds)
    return trust


def _logistic_logpdf(x: Array, scale: Array | float) -> Array:
    y = np.abs(x) / scale
    density: Array = -y - 2 * np.log1p(np.exp(-y)) - np.log(scale)
    return density
