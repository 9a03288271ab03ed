"""The model on the natural scale in PyMC; twin of :mod:`.reference`."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray

from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign
from reconcile.models.linear_scale.readings import LOGISTIC_SD

__all__ = ["linear_data", "linear_model"]

_QUANTITY: Final = (
    *("mean", "sd", "tau_scale", "tau_flat", "tau_power", "tau_far"),
    *("common", "common_error", "logistic", "unsound_scale"),
)
_COORDINATES: Final = ("tau_middle", "tau_width", "tau_skew")
_VOICE: Final = ("voice_quantity", "centre", "precision")
# Not in the graph of a design without named sources.
_NAMED: Final = ("bias", "bias_sd", "noise")
_CLAIM: Final = (
    *("voice_of", "quantity_of", "number", "error", "low", "high", "is_bound", "of_truth"),
    *("sound", "failure", "weight"),
)
DATA_DIMS: Final = MappingProxyType(
    dict.fromkeys(_QUANTITY + _COORDINATES, "quantity")
    | dict.fromkeys(_VOICE + _NAMED, "voice")
    | dict.fromkeys(_CLAIM, "claim")
    | {"wide": ()}
)
_EVERY: Final = slice(None)
_HALF_LOG_2PI: Final = 0.5 * math.log(2 * math.pi)
_LOG_HALF: Final = math.log(0.5)


def linear_data(plan: LinearDesign) -> dict[str, NDArray[np.generic]]:
    """Data of the model by their names in it, natural scale."""
    coordinates = dict(zip(_COORDINATES, plan.tau_coordinates, strict=True))
    unused = () if plan.named.any() else _NAMED
    return {
        n: coordinates[n] if n in coordinates else np.asarray(getattr(plan, n))
        for n in DATA_DIMS
        if n not in unused
    }


def linear_model(plan: LinearDesign) -> pm.Model:
    """The PyMC model of a design; one graph for all designs without named sources."""
    with pm.Model(coords=_coordinates(plan)) as model:
        data = {n: pm.Data(n, x, dims=DATA_DIMS[n]) for n, x in linear_data(plan).items()}
        tau_z = pm.Normal("tau_z", 0, 1, dims="quantity")
        tau, tau_step = _tau(tau_z, data)
        apparent_z = pm.Normal("apparent_z", 0, 1, dims="quantity")
        truth_z = pm.Normal("truth_z", 0, 1, dims="quantity")
        theta_z = pm.Normal("theta_z", 0, 1, dims="voice")
        of = data["voice_quantity"]
        own = _own(tau[of], data)
        square = data["precision"] * own**2
        common = data["common"] * pt.sqrt(tau**2 + data["common_error"] ** 2)
        middle, reach = _middle(data, square, common, len(plan.quantities))
        apparent = middle + reach * apparent_z
        kept = 1 / (1 + (common / data["sd"]) ** 2)
        truth = data["mean"] + kept * (apparent - data["mean"]) + pt.sqrt(kept) * common * truth_z
        expected = _expected(apparent[of], data)
        away = square / (1 + square) * (data["centre"] - expected)
        away = away + own / pt.sqrt(1 + square) * theta_z
        # Priors of tau, truths and deviations, less those of the standard normals they are made of.
        pm.Potential("prior_of_tau", pt.sum(_tau_logp(tau, data) + tau_step - _normal(tau_z, 1.0)))
        prior = _normal(truth - data["mean"], data["sd"]) + pt.log(reach)
        pm.Potential("prior_of_truth", pt.sum(prior - _normal(apparent_z, 1.0)))
        shared = _common_logp(apparent - truth, common, data["wide"])
        shared = shared + pt.log(common) + 0.5 * pt.log(kept)
        pm.Potential("in_common", pt.sum(shared - _normal(truth_z, 1.0)))
        among = _density(away, own, data["logistic"][of])
        step = pt.log(own) - 0.5 * pt.log1p(square)
        pm.Potential("between_sources", pt.sum(among + step - _normal(theta_z, 1.0)))
        pm.Deterministic("estimate", truth, dims="quantity")
        pm.Deterministic("tau", tau, dims="quantity")
        theta = pm.Deterministic("theta", expected + away, dims="voice")
        pm.Deterministic("deviation", theta - truth[of], dims="voice")
        _observe(truth, apparent, tau, theta, square, data)
    return model


def _coordinates(plan: LinearDesign) -> dict[str, list[Any]]:
    return {
        "quantity": [quantity.label for quantity in plan.quantities],
        "voice": list(plan.voice_labels),
        "claim": list(range(1, len(plan.claims) + 1)),
    }


def _tau(tau_z: Any, data: dict[str, Any]) -> tuple[Any, Any]:
    """Tau at its coordinate, and the log of its slope there."""
    width, skew, bend = data["tau_width"], data["tau_skew"], pt.sqrt(1 + tau_z**2)
    log_tau = data["tau_middle"] + width * tau_z + skew * (bend - 1)
    return pt.exp(log_tau), log_tau + pt.log(width + skew * tau_z / bend)


def _own(tau: Any, data: dict[str, Any], voices: Any = _EVERY) -> Any:
    """Twin of ``LinearDesign.between``."""
    if "noise" not in data:
        return tau
    return tau * pt.sqrt(data["noise"][voices] ** 2 + (data["bias_sd"][voices] / tau) ** 2)


def _expected(apparent: Any, data: dict[str, Any], voices: Any = _EVERY) -> Any:
    """What voices believe on average, given what all take for the figure."""
    return apparent + data["bias"][voices] if "bias" in data else apparent


def _tau_logp(tau: Any, data: dict[str, Any]) -> Any:
    """Twin of ``TauPrior.logp``."""
    falling = 0.5 * data["tau_power"] * pt.log1p((tau / data["tau_flat"]) ** 2)
    falling = falling + pt.log1p((tau / data["tau_far"]) ** 2)
    return -0.5 * (tau / data["tau_scale"]) ** 2 - falling


def _common_logp(off: Any, common: Any, wide: Any) -> Any:
    """Twin of the one in NumPy."""
    return pt.logaddexp(
        math.log1p(-WIDE_SHARE) + _normal(off, common),
        math.log(WIDE_SHARE) + _normal(off, wide * common),
    )


def _middle(data: dict[str, Any], square: Any, common: Any, n: int) -> tuple[Any, Any]:
    """Mean and standard deviation of each apparent figure given the numbers, if all were normal."""
    of = data["voice_quantity"]
    weight = data["precision"] / (1 + square)
    moved = pt.zeros(n)[of].inc(weight * (data["centre"] - _expected(data["mean"][of], data)))
    precision = 1 / (data["sd"] ** 2 + common**2) + pt.zeros(n)[of].inc(weight)
    return data["mean"] + moved / precision, precision**-0.5


def _observe(
    truth: Any, apparent: Any, tau: Any, theta: Any, square: Any, data: dict[str, Any]
) -> None:
    """The likelihood; truths are in the prior of the figure already."""
    of, voice = data["quantity_of"], data["voice_of"]
    of_truth, bound = pt.gt(data["of_truth"], 0), pt.gt(data["is_bound"], 0)
    # Standing numbers are readings of theta; for the rest it is integrated out given these.
    plain = pt.and_(pt.eq(data["sound"], 1), pt.eq(data["is_bound"], 0))
    kept = square[voice] / (1 + square[voice])
    expected = _expected(apparent[of], data, voice)
    about = expected + kept * (data["centre"][voice] - expected)
    own = _own(tau[of], data, voice)
    loose = pt.sqrt(own**2 / (1 + square[voice]) + data["error"] ** 2)
    about = pt.where(of_truth, truth[of], pt.where(plain, theta[voice], about))
    error = pt.where(pt.or_(of_truth, plain), data["error"], loose)
    known = pt.and_(of_truth, pt.eq(data["is_bound"], 0))
    weight = pt.where(known, 0.0, data["weight"])
    pm.CustomDist(
        "reading",
        about,
        truth[of],
        error,
        pt.sqrt(data["error"] ** 2 + data["unsound_scale"][of] ** 2),
        data["logistic"][of],
        pt.where(bound, data["low"], -np.inf),
        pt.where(bound, data["high"], np.inf),
        data["failure"],
        data["sound"],
        weight,
        logp=_claim_logp,
        random=_random,
        signature="(),(),(),(),(),(),(),(),(),()->()",
        observed=data["number"],
        dims="claim",
    )


def _claim_logp(  # noqa: PLR0913, PLR0917  # one argument for each of the distribution
    value: Any,
    about: Any,
    truth: Any,
    error: Any,
    wide: Any,
    logistic: Any,
    low: Any,
    high: Any,
    failure: Any,
    sound: Any,
    weight: Any,
) -> Any:
    """Twin of ``claims_logp``."""
    has_low, has_high = pt.isfinite(low), pt.isfinite(high)
    bound = has_low | has_high
    number = _density(value - about, error, logistic)
    # Infinite ends are replaced before they enter the graph: 0 times infinity is no gradient.
    above = (about - pt.where(has_low, low, 0.0)) / error * LOGISTIC_SD
    below = (pt.where(has_high, high, 0.0) - about) / error * LOGISTIC_SD
    within = pt.where(has_low, -pt.softplus(-above), 0.0)
    within = within - pt.where(has_high, pt.softplus(-below), 0.0)
    may_fail = pt.gt(failure, 0)
    fails = pt.where(may_fail, failure, 0.5)
    soft = pt.logaddexp(pt.log1p(-fails) + within, pt.log(fails) + _LOG_HALF)
    inside = pt.where(bound, pt.where(may_fail, soft, within), number)
    far = -pt.log(math.pi * wide) - pt.log1p(((value - truth) / wide) ** 2)
    otherwise = pt.where(bound, _LOG_HALF, far)
    certain = pt.eq(sound, 1)
    doubtful = pt.where(certain, 0.5, sound)
    mixed = pt.logaddexp(pt.log(doubtful) + inside, pt.log1p(-doubtful) + otherwise)
    return weight * pt.where(certain, inside, mixed)


def _random(  # noqa: PLR0913, PLR0917  # one argument for each of the distribution
    about: np.ndarray,
    truth: np.ndarray,
    error: np.ndarray,
    wide: np.ndarray,
    logistic: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    failure: np.ndarray,
    sound: np.ndarray,
    weight: np.ndarray,
    rng: np.random.Generator | None = None,
    size: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Draw readings."""
    rng = np.random.default_rng(rng)
    shape = np.shape(about) if size is None else size
    heavy = rng.logistic(size=shape) / LOGISTIC_SD
    noise = np.where(logistic > 0, heavy, rng.normal(size=shape))
    is_reading = rng.random(size=shape) < sound
    far = truth + wide * rng.standard_cauchy(size=shape)
    return np.asarray(np.where(is_reading, about + error * noise, far))


def _density(x: Any, sd: Any, logistic: Any) -> Any:
    y = pt.abs(x) * LOGISTIC_SD / sd
    heavy = math.log(LOGISTIC_SD) - y - 2 * pt.log1p(pt.exp(-y)) - pt.log(sd)
    return pt.where(pt.gt(logistic, 0), heavy, _normal(x, sd))


def _normal(x: Any, sd: Any) -> Any:
    return -0.5 * (x / sd) ** 2 - pt.log(sd) - _HALF_LOG_2PI
