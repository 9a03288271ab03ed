"""Claims as observed intervals, in PyTensor: twin of the NumPy reference."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from reconcile.models.log_scale.design.arrays import DATA_DIMS
from reconcile.models.log_scale.design.design import Design

__all__ = ["ModelData", "claim_logp", "interval_logp", "observe"]


def interval_logp(value: Any, location: Any, scale: Any, down: Any, up: Any) -> Any:
    """Twin of the NumPy ``interval_logp``, with finite gradients at open ends.

    Infinite distances are replaced before they enter the graph: 0 times infinity in the chain rule
    is NaN even in the branch that is not taken.
    """
    has_low, has_high = pt.isfinite(down), pt.isfinite(up)
    down, up = pt.where(has_low, down, 0.0), pt.where(has_high, up, 0.0)
    below, above = (value - down - location) / scale, (value + up - location) / scale
    closed = has_low & has_high
    width = pt.where(closed, down + up, 1.0) / scale
    return (
        -pt.where(has_high, pt.softplus(-above), 0.0)
        - pt.where(has_low, pt.softplus(below), 0.0)
        + pt.where(closed, _log1mexp(width), 0.0)
    )


def _log1mexp(x: Any) -> Any:
    """Accurate log(1 - exp(-x)) for x > 0."""
    small = x < math.log(2)
    return pt.where(
        small,
        pt.log(-pt.expm1(-pt.where(small, x, 1.0))),
        pt.log1p(-pt.exp(-pt.where(small, 1.0, x))),
    )


def claim_logp(value: Any, location: Any, above: Any, below: Any, *rest: Any) -> Any:
    """Twin of the NumPy ``claim_logp``, times the weight of the claim.

    The last three arguments are the shift and the narrowing of a claim that follows its
    predecessor, and the probability that it does, if any claim may.
    """
    down, up, sound, unsound_scale, apart_log, copied_log, weight, *serial = rest
    inside = _sound_logp(value, location, above, below, down, up)
    if serial:
        shift, narrowing, follow = serial
        scales = above * narrowing, above * narrowing
        if above is not below:
            scales = above * narrowing, below * narrowing
        after = _sound_logp(value, location + shift, *scales, down, up)
        inside = pt.logaddexp(pt.log(follow) + after, pt.log1p(-follow) + inside)
    wide = interval_logp(value, location, unsound_scale, down, up)
    alone = pt.logaddexp(pt.log(sound) + inside, pt.log1p(-sound) + wide)
    return weight * pt.logaddexp(apart_log + alone, copied_log)


def _sound_logp(value: Any, location: Any, above: Any, below: Any, down: Any, up: Any) -> Any:
    """Twin of the NumPy ``sound_logp``."""
    if above is below:
        return interval_logp(value, location, above, down, up)
    scale = pt.where(pt.gt(location, value), above, below)
    inside = interval_logp(value, location, scale, down, up)
    return inside + pt.log(2 * scale / (above + below))


# Just below the largest exponent that does not overflow.
_HIGHEST_LOG: Final = 700.0


class ModelData:
    """Arrays that become data of the model where they are first used."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self._arrays = arrays

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def __call__(self, name: str) -> Any:
        """Array as data of the model under construction."""
        model = pm.modelcontext(None)
        if name in model.named_vars:
            return model[name]
        return pm.Data(name, self._arrays[name], dims=DATA_DIMS.get(name))


def observe(
    plan: Design, data: ModelData, *, base: Any, square: Any, width: Any, sound: Any
) -> None:
    """Observe the claims: expected readings (log), squared noise, inflated widths, soundness."""
    location, factor = base, 1.0
    serial: tuple[Any, ...] = ()
    if plan.serial.share.any():
        location, factor, serial = _serial(base, data)
    scales = data("unsound_scale_log")
    unsound_scale = pt.where(pt.gt(data("one_sided"), 0), scales[1], scales[0])
    if plan.readings.is_linear.any():
        linear = pt.gt(data("is_linear"), 0)
        natural = pt.exp(pt.minimum(location - data("unit_log"), _HIGHEST_LOG))
        square = pt.where(linear, square * natural**2, square)
        unsound_scale = unsound_scale * pt.where(linear, pt.sqrt(natural**2 + 1), 1.0)
        location = pt.where(linear, natural, location)
    above, below = _two_scales(plan, square, width, factor, data)
    pm.CustomDist(
        "reading_log",
        location,
        above,
        below,
        data("down_log"),
        data("up_log"),
        sound,
        unsound_scale,
        data("apart_log"),
        data("copied_log"),
        data("weight"),
        *serial,
        logp=claim_logp if plan.readings.tilt_log.any() else _plain_logp,
        random=_random,
        signature=f"{','.join(['()'] * (10 + len(serial)))}->()",
        observed=data("said"),
        dims="claim",
    )


def _plain_logp(value: Any, location: Any, above: Any, below: Any, *rest: Any) -> Any:
    """With equal scales on both sides, where no claim is asymmetric."""
    return claim_logp(value, location, above, above, *rest)


def _two_scales(
    plan: Design, square: Any, width: Any, factor: Any, data: ModelData
) -> tuple[Any, Any]:
    """Scales of each reading where the truth lies above and below the stated number."""
    if not plan.readings.tilt_log.any():
        scale = factor * pt.sqrt(square + width**2)
        return scale, scale
    tilt = pt.exp(data("tilt_log"))
    above, below = (pt.sqrt(square + w**2) for w in (width * tilt, width / tilt))
    return factor * above, factor * below


def _serial(base: Any, data: ModelData) -> tuple[Any, Any, tuple[Any, Any, Any]]:
    """Location and scale factor given revisions; shift, narrowing and chance of those that follow.

    For claims without a predecessor the shift is 0 and the narrowing 1.
    """
    off = (data("stated_log") - base)[data("predecessor")]
    revised = pt.gt(data("is_revised"), 0)
    location = base + pt.where(revised, off, 0.0)
    share = pt.where(revised, 0.0, data("serial_share"))
    follow = data("serial_follow")[0]
    return (
        location,
        pt.where(revised, np.sqrt(2.0), 1.0),
        (
            share * off,
            pt.sqrt(1 - share**2),
            follow,
        ),
    )


def _random(
    *parameters: np.ndarray,
    rng: np.random.Generator | None = None,
    size: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Draw readings of sources that copy nothing; interval ends only describe how they report."""
    location, above, below, _, _, sound, unsound_scale, _, _, _, *serial = parameters
    rng = np.random.default_rng(rng)
    shape = np.shape(location) if size is None else size
    usual = rng.random(size=shape) < sound
    noise = rng.logistic(size=shape)
    if serial:
        shift, narrowing, follow = serial
        follows = (rng.random(size=shape) < follow) & usual
        location = location + np.where(follows, shift, 0.0)
        narrowed = np.where(follows, narrowing, 1.0)
        above, below = above * narrowed, below * narrowed
    over = rng.random(size=shape) < below / (below + above)
    lopsided = np.where(over, below * np.abs(noise), -above * np.abs(noise))
    plain = np.where(above == below, above * noise, lopsided)
    return location + np.where(usual, plain, unsound_scale * noise)
