"""Log probability of each claim and its gradient: twin of the NumPy reference.

Derivatives of the log density are called *slopes*.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from reconcile.models.log_scale.kernel.arrays import given, room
from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["claims_logp"]

# Above the largest power of e that is a number.
_HIGHEST_LOG: Final = 700.0
# Intervals narrower than this, in scales, are about as likely at one end as at the other.
_NARROW: Final = 1.0
_ROOT_OF_TWO: Final = math.sqrt(2.0)


@jit
def claims_logp(data: Any, work: Any) -> float:
    """Log probability of all claims; adds to the slopes of where they are expected."""
    base, by_base = room(data, work, "base"), room(data, work, "by_base")
    square, by_square = room(data, work, "square"), room(data, work, "by_square")
    width, by_width = room(data, work, "width"), room(data, work, "by_width")
    said, down, up = given(data, "said"), given(data, "down_log"), given(data, "up_log")
    one_sided, weight = given(data, "one_sided"), given(data, "weight")
    sound, unsound = given(data, "sound"), given(data, "unsound")
    is_linear, unit_log = given(data, "is_linear"), given(data, "unit_log")
    tilt_log, stated_log = given(data, "tilt_log"), given(data, "stated_log")
    anchor, share = given(data, "anchor"), given(data, "anchor_share")
    is_revised, unsound_scale = given(data, "is_revised"), given(data, "unsound_scale_log")[0]
    total = 0.0
    for i in range(said.size):
        if weight[i] == 0.0:
            continue
        what = said[i], down[i], up[i], one_sided[i], sound[i], unsound[i]
        how = is_linear[i], unit_log[i], tilt_log[i], unsound_scale
        a, off, known, faded, scale, by_off, by_scale = i, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0
        if share[i] > 0.0:
            a = anchor[i]
            off = stated_log[a] - base[a]
            scale = math.sqrt(square[a] + width[a] * width[a])
            known, faded = share[i], _ROOT_OF_TWO
            if is_revised[i] == 0.0:
                odds = unsound[a] / sound[a]
                trust, by_off, by_scale = _trust(off, scale, odds, unsound_scale)
                known = share[i] * trust
                faded = math.sqrt(1.0 - known * known)
        logp, by_middle, by_faded, by_noise, by_wide = _claim_logp(
            what, how, base[i] + known * off, faded, square[i], width[i]
        )
        total += weight[i] * logp
        by_base[i] += weight[i] * by_middle
        by_square[i] += weight[i] * by_noise
        by_width[i] += weight[i] * by_wide
        if a != i:
            by_base[a] -= weight[i] * by_middle * known
            if is_revised[i] == 0.0:
                by_trust = weight[i] * share[i] * (by_middle * off - by_faded * known / faded)
                by_base[a] -= by_trust * by_off
                by_square[a] += by_trust * by_scale / (2.0 * scale)
                by_width[a] += by_trust * by_scale * width[a] / scale
    return total


@jit
def _trust(
    off: float, scale: float, odds: float, unsound_scale: float
) -> tuple[float, float, float]:
    """Probability that a claim that is off by so much is a reading; its slopes by off and scale.

    Odds are those against it beforehand. Two logistic densities are compared without a logarithm.
    """
    wide, near = abs(off) / unsound_scale, abs(off) / scale
    by_wide, by_near = math.exp(-wide), math.exp(-near)
    ratio = (1.0 + by_near) / (1.0 + by_wide)
    left = min(near - wide, _HIGHEST_LOG)
    farther = by_wide / by_near if near < _HIGHEST_LOG else math.exp(left)
    trust = 1.0 / (1.0 + odds * ratio * ratio * scale / unsound_scale * farther)
    step = trust * (1.0 - trust)
    steep_wide, steep_near = (1.0 - by_wide) / (1.0 + by_wide), (1.0 - by_near) / (1.0 + by_near)
    by_off = step * (steep_wide / unsound_scale - steep_near / scale)
    return trust, by_off if off > 0.0 else -by_off, step * (near * steep_near - 1.0) / scale


@jit
def _claim_logp(
    what: Any, how: Any, location: float, faded: float, square: float, width: float
) -> tuple[float, float, float, float, float]:
    """Log probability of one claim, and its slopes by location, fading, square and width."""
    said, down, up, one_sided, sound_weight, unsound_weight = what
    is_linear, unit_log, tilt_log, unsound_scale = how
    natural, middle, noise, unsound = 1.0, location, square, unsound_scale
    if is_linear > 0.0:
        natural = math.exp(min(location - unit_log, _HIGHEST_LOG))
        middle, noise = natural, square * natural * natural
        unsound *= math.sqrt(natural * natural + 1.0)
    tilt = math.exp(tilt_log) if tilt_log != 0.0 else 1.0
    wide_above, wide_below = width * tilt, width / tilt
    above = math.sqrt(noise + wide_above * wide_above)
    below = above if tilt == 1.0 else math.sqrt(noise + wide_below * wide_below)
    is_over = middle > said
    scale = faded * (above if is_over else below)
    inside_log, within, by_middle, by_scale = _interval(said, down, up, middle, scale)
    sound_weight *= within
    by_above = by_scale if is_over else 0.0
    by_below = 0.0 if is_over else by_scale
    if tilt != 1.0:
        both = faded * (above + below)
        sound_weight *= 2.0 * scale / both
        by_above += (1.0 / scale if is_over else 0.0) - 1.0 / both
        by_below += (0.0 if is_over else 1.0 / scale) - 1.0 / both
    outside_log, without, by_middle_wide, by_unsound = 0.0, 0.5, 0.0, 0.0
    if one_sided == 0.0:
        outside_log, without, by_middle_wide, by_unsound = _interval(
            said, down, up, middle, unsound
        )
    unsound_weight *= without
    # One logarithm of the sum, the larger power of e taken out of it.
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
    by_middle = sound * by_middle + (1.0 - sound) * by_middle_wide
    by_above, by_below = sound * by_above, sound * by_below
    by_faded = by_above * above + by_below * below
    by_noise = 0.5 * faded * (by_above / above + by_below / below)
    by_width = faded * width * (by_above * tilt * tilt / above + by_below / (tilt * tilt * below))
    if is_linear > 0.0:
        root = math.sqrt(natural * natural + 1.0)
        by_middle += 2.0 * by_noise * square * natural
        by_middle += (1.0 - sound) * by_unsound * unsound_scale * natural / root
        by_noise *= natural * natural
        by_middle *= natural if location - unit_log < _HIGHEST_LOG else 0.0
    return logp, by_middle, by_faded, by_noise, by_width


@jit
def _interval(
    said: float, down: float, up: float, middle: float, scale: float
) -> tuple[float, float, float, float]:
    """Probability of an interval, as a power of e times a number that is not tiny.

    Then the slopes of its logarithm by middle and scale.
    """
    has_low, has_high, steep = down < np.inf, up < np.inf, 1.0 / scale
    power, within, by_middle, by_scale, e_high = 0.0, 1.0, 0.0, 0.0, 0.0
    b = (said + up - middle) * steep
    if has_high:
        e_high = math.exp(-abs(b))
        within = 1.0 / (1.0 + e_high)
        tail = within * (e_high if b > 0.0 else 1.0)
        power = min(b, 0.0)
        by_middle = -tail
        by_scale = -tail * b
    if has_low:
        a = (said - down - middle) * steep
        length = (down + up) * steep
        if has_high:
            inside = -math.expm1(-length)
            by_scale -= length * (1.0 - inside) / inside
            if length < _NARROW:
                # One power of e from the other.
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
        by_middle += tail
        by_scale += tail * a
    return power, within, by_middle * steep, by_scale * steep
