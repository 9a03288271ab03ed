"""Log probability of each claim and its gradient: twin of the NumPy reference."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from reconcile.models.log_scale.kernel.arrays import array, scratch
from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["claims_logp"]

# Just below the largest exponent that does not overflow.
_HIGHEST_LOG: Final = 700.0
# Intervals narrower than this, in scales, have similar density at both ends.
_NARROW: Final = 1.0
_ROOT_OF_TWO: Final = math.sqrt(2.0)


@jit
def claims_logp(data: Any, work: Any) -> float:
    """Log probability of all claims; adds its gradient in expectation, noise and width."""
    base, grad_base = scratch(data, work, "base"), scratch(data, work, "grad_base")
    square, grad_square = scratch(data, work, "square"), scratch(data, work, "grad_square")
    width, grad_width = scratch(data, work, "width"), scratch(data, work, "grad_width")
    said, down, up = array(data, "said"), array(data, "down_log"), array(data, "up_log")
    one_sided, weight = array(data, "one_sided"), array(data, "weight")
    sound, unsound = array(data, "sound"), array(data, "unsound")
    apart_log, copied_log = array(data, "apart_log"), array(data, "copied_log")
    is_linear, unit_log = array(data, "is_linear"), array(data, "unit_log")
    tilt_log, stated_log = array(data, "tilt_log"), array(data, "stated_log")
    predecessor, share = array(data, "predecessor"), array(data, "serial_share")
    is_revised, unsound_scale = array(data, "is_revised"), array(data, "unsound_scale_log")
    follow = array(data, "serial_follow")[0]
    total = 0.0
    for i in range(said.size):
        if weight[i] == 0.0:
            continue
        stated = said[i], down[i], up[i], sound[i], unsound[i]
        wide = unsound_scale[1] if one_sided[i] > 0.0 else unsound_scale[0]
        form = is_linear[i], unit_log[i], tilt_log[i], wide
        a, location, factor, known, chance = i, base[i], 1.0, 0.0, 0.0
        if share[i] > 0.0:
            a = predecessor[i]
            off = stated_log[a] - base[a]
            if is_revised[i] > 0.0:
                location += off
                factor = _ROOT_OF_TWO
            else:
                known, chance = share[i], follow
        serial = chance, known * (stated_log[a] - base[a]), math.sqrt(1.0 - known * known)
        logp, grad_middle, grad_shift, grad_noise, grad_wide = _claim_logp(
            stated, form, serial, location, factor, square[i], width[i]
        )
        logp, alone = _or_copied(apart_log[i] + logp, copied_log[i])
        total += weight[i] * logp
        alone *= weight[i]
        grad_base[i] += alone * grad_middle
        grad_square[i] += alone * grad_noise
        grad_width[i] += alone * grad_wide
        if a != i:
            shifted = grad_middle if is_revised[i] > 0.0 else known * grad_shift
            grad_base[a] -= alone * shifted
    return total


@jit
def _or_copied(apart_log: float, copied_log: float) -> tuple[float, float]:
    """Log probability of a claim, and probability that it is no copy."""
    if copied_log > apart_log:
        apart = math.exp(apart_log - copied_log)
        return copied_log + math.log1p(apart), apart / (1.0 + apart)
    copied = math.exp(copied_log - apart_log)
    return apart_log + math.log1p(copied), 1.0 / (1.0 + copied)


@jit
def _claim_logp(
    stated: Any, form: Any, serial: Any, location: float, factor: float, square: float, width: float
) -> tuple[float, float, float, float, float]:
    """Log probability of one claim; its gradient in location, shift, square and width.

    ``serial`` is the probability that the claim follows its predecessor, and the shift and the
    narrowing if it does.
    """
    said, down, up, sound_weight, unsound_weight = stated
    is_linear, unit_log, tilt_log, unsound_scale = form
    natural, middle, noise, unsound = 1.0, location, square, unsound_scale
    if is_linear > 0.0:
        natural = math.exp(min(location - unit_log, _HIGHEST_LOG))
        middle, noise = natural, square * natural * natural
        unsound *= math.sqrt(natural * natural + 1.0)
    tilt = math.exp(tilt_log) if tilt_log != 0.0 else 1.0
    wide_above, wide_below = width * tilt, width / tilt
    above = math.sqrt(noise + wide_above * wide_above)
    below = above if tilt == 1.0 else math.sqrt(noise + wide_below * wide_below)
    inside_log, within, grad_middle, grad_shift, grad_above, grad_below = _sound(
        (said, down, up), serial, middle, factor * above, factor * below
    )
    sound_weight *= within
    outside_log, without, grad_middle_wide, grad_unsound = _interval(
        said, down, up, middle, unsound
    )
    unsound_weight *= without
    # Log of the mixture, with the larger exponential factored out.
    if unsound_weight == 0.0 or (inside_log >= outside_log and sound_weight > 0.0):
        whole = sound_weight
        if unsound_weight > 0.0:
            whole += unsound_weight * math.exp(outside_log - inside_log)
        logp, sound = inside_log + math.log(whole), sound_weight / whole
    else:
        if sound_weight > 0.0:
            sound_weight *= math.exp(inside_log - outside_log)
        whole = unsound_weight + sound_weight
        logp, sound = outside_log + math.log(whole), sound_weight / whole
    grad_middle = sound * grad_middle + (1.0 - sound) * grad_middle_wide
    grad_above, grad_below = sound * grad_above, sound * grad_below
    grad_noise = 0.5 * factor * (grad_above / above + grad_below / below)
    grad_width = (
        factor * width * (grad_above * tilt * tilt / above + grad_below / (tilt * tilt * below))
    )
    if is_linear > 0.0:
        root = math.sqrt(natural * natural + 1.0)
        grad_middle += 2.0 * grad_noise * square * natural
        grad_middle += (1.0 - sound) * grad_unsound * unsound_scale * natural / root
        grad_noise *= natural * natural
        grad_middle *= natural if location - unit_log < _HIGHEST_LOG else 0.0
    return logp, grad_middle, sound * grad_shift, grad_noise, grad_width


@jit
def _sound(
    ends: Any, serial: Any, middle: float, above: float, below: float
) -> tuple[float, float, float, float, float, float]:
    """Probability if sound as (exponent, factor); gradient of its log.

    In location, shift and the scales without the narrowing.
    """
    chance, shift, narrowing = serial
    power, within, grad_middle, grad_above, grad_below = _reading(ends, middle, above, below)
    if chance == 0.0:
        return power, within, grad_middle, 0.0, grad_above, grad_below
    after_power, after, grad_shift, above_after, below_after = _reading(
        ends, middle + shift, narrowing * above, narrowing * below
    )
    most = max(power, after_power)
    within *= (1.0 - chance) * math.exp(power - most)
    after *= chance * math.exp(after_power - most)
    both = within + after
    alone, grad_shift = within / both, grad_shift * after / both
    narrowed = narrowing * after / both
    return (
        most,
        both,
        alone * grad_middle + grad_shift,
        grad_shift,
        alone * grad_above + narrowed * above_after,
        alone * grad_below + narrowed * below_after,
    )


@jit
def _reading(
    ends: Any, middle: float, above: float, below: float
) -> tuple[float, float, float, float, float]:
    """Probability if sound as (exponent, factor); gradient of its log in location and scales."""
    said, down, up = ends
    is_over = middle > said
    scale = above if is_over else below
    power, within, grad_middle, grad_scale = _interval(said, down, up, middle, scale)
    grad_above = grad_scale if is_over else 0.0
    grad_below = 0.0 if is_over else grad_scale
    if above != below:
        both = above + below
        within *= 2.0 * scale / both
        grad_above += (1.0 / scale if is_over else 0.0) - 1.0 / both
        grad_below += (0.0 if is_over else 1.0 / scale) - 1.0 / both
    return power, within, grad_middle, grad_above, grad_below


@jit
def _interval(
    said: float, down: float, up: float, middle: float, scale: float
) -> tuple[float, float, float, float]:
    """Probability as (exponent, factor); gradient of its log in location and scale."""
    has_low, has_high, steep = down < np.inf, up < np.inf, 1.0 / scale
    power, within, grad_middle, grad_scale, e_high = 0.0, 1.0, 0.0, 0.0, 0.0
    b = (said + up - middle) * steep
    if has_high:
        e_high = math.exp(-abs(b))
        within = 1.0 / (1.0 + e_high)
        tail = within * (e_high if b > 0.0 else 1.0)
        power = min(b, 0.0)
        grad_middle = -tail
        grad_scale = -tail * b
    if has_low:
        a = (said - down - middle) * steep
        length = (down + up) * steep
        if has_high:
            inside = -math.expm1(-length)
            grad_scale -= length * (1.0 - inside) / inside
            if length < _NARROW:
                # One exponential from the other.
                shrunk = 1.0 - inside
                e_low = e_high / shrunk if a > 0.0 else e_high * shrunk
                if a <= 0.0 < b:
                    e_low = shrunk / e_high
            else:
                e_low = math.exp(-abs(a))
        else:
            inside, e_low = 1.0, math.exp(-abs(a))
        share = 1.0 / (1.0 + e_low)
        within *= share * inside
        tail = share * (1.0 if a > 0.0 else e_low)
        power -= max(a, 0.0)
        grad_middle += tail
        grad_scale += tail * a
    return power, within, grad_middle * steep, grad_scale * steep
