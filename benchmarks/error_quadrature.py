"""The truth of one figure given its claims, by quadrature over everything else.

Twin of the library's model for a figure by itself, over a grid of *apparent* figures: nodes for
the difficulty, for what a camp of several voices has in common, and for level, slope and end of a
count that still grows. Given these, the bias of a voice and its noise are one logistic error, of
which successive readings share a part; roles have their median noise, and counts that are
registered and stand alone have no common error. So a score costs milliseconds, not a fit.

.. [1] Tukey, J. W. (1977). Modern techniques in data analysis. NSF-sponsored regional research
   conference, Southern Massachusetts University. The h distribution: ``z exp(h z^2 / 2)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

import reconcile as rc
from error_figures import Figure, Pool, Terms

__all__ = ["Posterior", "log_score", "posterior", "posterior_of", "truth_draws"]

type Array = NDArray[np.float64]


def _nodes(n: int) -> tuple[Array, Array]:
    """Nodes and weights of the standard normal distribution."""
    nodes, weights = hermegauss(n)
    return nodes, weights / weights.sum()


# Even steps: with the nodes of Hermite twice as many would be needed, as the claims tell the
# difficulty well.
_HARD: Final = np.linspace(-3.2, 4.0, 17)
_HARD_WEIGHT: Final = np.exp(-0.5 * _HARD**2) / np.exp(-0.5 * _HARD**2).sum()
# So is the level of a count, which the claims may tell to the last thing counted.
_LEVEL: Final = np.linspace(-3.3, 3.3, 15)
_LEVEL_WEIGHT: Final = np.exp(-0.5 * _LEVEL**2) / np.exp(-0.5 * _LEVEL**2).sum()
_Z, _Z_WEIGHT = _nodes(5)
_SLOPE_Z, _SLOPE_WEIGHT = _nodes(3)
_NEVER_Z, _NEVER_WEIGHT = _nodes(3)
# No truth is held to be known better than this: log scale, in stated widths of measurements, and
# in units of a count.
_LEAST_LOG, _LEAST_WIDTH, _LEAST_UNIT, _MOST_UNIT_LOG = 0.02, 0.1, 0.5, 0.3
# Density at least assumed: no single figure decides.
_LEAST_DENSITY: Final = 1e-12
# Common error where all claims are registered counts: they are about the truth itself.
_REGISTERED_LOG: Final = 0.01


@njit(cache=True)
def _log_expit(x: float) -> float:
    return -math.log1p(math.exp(-x)) if x > 0 else x - math.log1p(math.exp(x))


@njit(cache=True)
def _inside(centre: float, down: float, up: float, middle: float, scale: float) -> float:
    """Probability of an interval, one end of which may be open, under a logistic distribution."""
    low, high = (centre - down - middle) / scale, (centre + up - middle) / scale
    if math.isinf(down) and math.isinf(up):
        return 1.0
    if math.isinf(up):
        return math.exp(_log_expit(-low))
    if math.isinf(down):
        return math.exp(_log_expit(high))
    if high <= low:
        return 0.0
    return math.exp(_log_expit(high) + _log_expit(-low)) * -math.expm1(low - high)


@njit(cache=True)
def _stays(hard: float, floor: float, power: float) -> float:
    """By how much more than ``floor`` of its errors a figure of that difficulty keeps for good."""
    odds = floor / (1 - floor) * hard**power
    return float(odds / (1 + odds) - floor)


@njit(cache=True)
def _reading(t: Terms, i: int, hard: float, base: Array, scale: Array) -> float:
    """Probability of a claim, given its voice's other claims."""
    centre, down, up, j = t.centre[i], t.down[i], t.up[i], t.predecessor[i]
    if t.revised[i] and j >= 0:
        width = t.width[i] + t.excess[i] * hard
        stays = 1 + t.lifted[i] * _stays(hard, t.constants[7], t.constants[8])
        own = math.sqrt(t.fixed[i] ** 2 + (hard * stays * t.noise[i]) ** 2 + width**2)
        found = _inside(centre, down, up, base[i] + t.centre[j] - base[j], math.sqrt(2.0) * own)
    else:
        found = _inside(centre, down, up, base[i], scale[i])
        if j >= 0:
            shared, follow = t.shared[i], t.constants[0]
            middle = base[i] + shared * (t.centre[j] - base[j])
            rest = scale[i] * math.sqrt(1 - shared**2)
            found = follow * _inside(centre, down, up, middle, rest) + (1 - follow) * found
    wide = _inside(centre, down, up, base[i], t.unsound[i])
    found = t.sound[i] * found + (1 - t.sound[i]) * wide
    return float((t.apart[i] * found + t.copied[i]) ** t.weight[i])


@njit(cache=True)
def _complete_log(t: Terms, i: int, level_z: float, slope_z: float, never_z: float) -> float:
    """Log completeness of a count."""
    slope = t.slope[i] * math.exp(t.slope_sd[i] * slope_z)
    level = level_z * math.exp(0.5 * t.level_tail[i] * level_z**2)
    logit = t.level[i] + t.level_sd[i] * level + slope * t.age_log[i]
    return float(_log_expit(logit) - t.never[i] * math.exp(t.never_sd[i] * never_z))


@njit(cache=True)
def _voice(
    t: Terms, voice: int, apparent: float, hard: float, z: float, base: Array, scale: Array
) -> float:
    """Probability of a voice's claims given what its camp has in common."""
    first, last = t.voices[voice], t.voices[voice + 1]
    counts = t.counted[first:last].any()
    total, stays = 0.0, _stays(hard, t.constants[7], t.constants[8])
    for a in range(_LEVEL.size if counts else 1):
        for b in range(_SLOPE_Z.size if counts else 1):
            for c in range(_NEVER_Z.size if counts else 1):
                found = _LEVEL_WEIGHT[a] * _SLOPE_WEIGHT[b] * _NEVER_WEIGHT[c] if counts else 1.0
                for i in range(first, last):
                    factor = hard * (1 + t.lifted[i] * stays)
                    base[i] = apparent + factor * (t.mean[i] + t.camp[i] * z)
                    if t.counted[i]:
                        base[i] += _complete_log(t, i, _LEVEL[a], _SLOPE_Z[b], _NEVER_Z[c])
                    width = t.width[i] + t.excess[i] * hard
                    scale[i] = math.sqrt(t.fixed[i] ** 2 + (factor * t.scale[i]) ** 2 + width**2)
                for i in range(first, last):
                    if t.weight[i] > 0:
                        found *= _reading(t, i, hard, base, scale)
                total += found
    return total


@njit(cache=True)
def _claims_logp(t: Terms, grid: Array, hard: Array) -> Array:
    """Log probability of the claims, shape (difficulty, apparent figure)."""
    found = np.zeros((hard.size, grid.size))
    base, scale = np.zeros(t.centre.size), np.zeros(t.centre.size)
    for camp in range(t.camps.size - 1):
        first, last = t.camps[camp], t.camps[camp + 1]
        shares = t.camp[t.voices[first] : t.voices[last]].any()
        for h in range(hard.size):
            for g in range(grid.size):
                total = 0.0
                for a in range(_Z.size if shares else 1):
                    each = _Z_WEIGHT[a] if shares else 1.0
                    for voice in range(first, last):
                        z = _Z[a] if shares else 0.0
                        each *= _voice(t, voice, grid[g], hard[h], z, base, scale)
                    total += each
                found[h, g] += math.log(total + 1e-300)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Apparent figure and difficulty given the claims, and the common error given the difficulty.

    Parameters
    ----------
    grid, cell : ndarray of shape (apparent,)
        Apparent log figures, and the width that each stands for.
    difficulty : ndarray of shape (difficulty,)
        Nodes.
    weight : ndarray of shape (difficulty, apparent)
        Probabilities, with sum 1.
    common_sd : ndarray of shape (difficulty,)
        Standard deviation of the common error without its tails.
    tail : float
        Their weight.
    """

    grid: Array
    cell: Array
    difficulty: Array
    weight: Array
    common_sd: Array
    tail: float

    def density(self, truth_log: Array, *, sd: float = 0.0) -> Array:
        """Density of the log truth at some values, of which each is known to ``sd``.

        Not knowing it widens the common error: exactly so without tails. So no posterior gains by
        being narrower than the truth is known.
        """
        scale = np.hypot(self.common_sd, sd)[:, None]
        off = (self.grid - truth_log[:, None])[:, None, :] / scale
        each = np.exp(_tukey_logpdf(off, self.tail)) / scale
        return np.asarray((each * self.weight).sum(axis=(1, 2)))

    def draws(self, n: int, rng: np.random.Generator) -> Array:
        """Draws of the log truth."""
        at = rng.choice(self.weight.size, size=n, p=self.weight.ravel())
        hard, apparent = np.divmod(at, self.grid.size)
        z = rng.standard_normal(n)
        common = self.common_sd[hard] * z * np.exp(self.tail * z**2 / 2)
        return np.asarray(
            self.grid[apparent] + (rng.random(n) - 0.5) * self.cell[apparent] - common
        )


def posterior(terms: Terms, grid: Array, *, all_registered: bool = False) -> Posterior:
    """Posterior of one figure."""
    _, difficulty_sd, power, common_sd, tail, mean, sd, *fog = terms.constants.tolist()
    floor, fog_power, lifted, best_power = fog
    difficulty = np.exp(difficulty_sd * _HARD)
    cell = np.gradient(grid) if grid.size > 1 else np.ones(1)
    joint = _claims_logp(terms, grid, difficulty) + np.log(_HARD_WEIGHT)[:, None]
    joint += np.log(cell) - 0.5 * ((grid - mean) / sd) ** 2
    weight = np.exp(joint - joint.max())
    common = np.full_like(difficulty, _REGISTERED_LOG)
    if not all_registered:
        stays = np.array([_stays(hard, floor, fog_power) for hard in difficulty.tolist()])
        common = common_sd * difficulty**power * (1 + lifted * stays) ** best_power
    return Posterior(
        grid=grid,
        cell=cell,
        difficulty=difficulty,
        weight=weight / weight.sum(),
        common_sd=common,
        tail=tail,
    )


def posterior_of(figure: Figure, terms: Terms, grid: Array) -> Posterior:
    """Posterior of a figure, whose claims may all be registered counts."""
    registered = all(claim.kind == "confirmed" for claim in figure.claims)
    return posterior(terms, grid, all_registered=registered)


def truth_draws(claims: rc.ClaimSet, priors: rc.Priors, *, n: int, seed: int) -> Array:
    """Draws of the log of the one figure that claims are about."""
    figure = Figure(family="", case="", name="", claims=claims, truth_log=0.0, sd_log=0.0)
    pool = Pool([figure])
    found = posterior_of(figure, pool.terms(priors)[0], pool.grids()[0])
    return found.draws(n, np.random.default_rng(seed))


def log_score(figure: Figure, terms: Terms, grid: Array) -> float:
    """Log predictive density of the truth given the claims."""
    sd = max(figure.sd_log, _least_sd(figure, terms))
    density = posterior_of(figure, terms, grid).density(np.array([figure.truth_log]), sd=sd)
    return math.log(float(density.item()) + _LEAST_DENSITY)


def _least_sd(figure: Figure, terms: Terms) -> float:
    """How well a truth can be known at best; log scale."""
    if figure.setting == "measurement":
        stated = terms.width[terms.width > 0]
        return _LEAST_WIDTH * float(stated.min()) if stated.size else _LEAST_LOG
    unit = _LEAST_UNIT * math.exp(-min(figure.truth_log, 50.0))
    return max(_LEAST_LOG, min(unit, _MOST_UNIT_LOG))


def _tukey_logpdf(x: Array, tail: float) -> Array:
    """Log density of Tukey's h distribution [1]_ at ``x = z exp(tail z^2 / 2)``."""
    square = _lambert(tail * x**2) / tail if tail > 1e-9 else x**2
    normal = -0.5 * square - 0.5 * math.log(2 * math.pi)
    return np.asarray(normal - np.log1p(tail * square) - 0.5 * tail * square)


def _lambert(x: Array) -> Array:
    """Lambert's W of numbers of zero or more, by Halley's method: five times as fast as SciPy's."""
    w = np.where(x < 1, x / (1 + x), np.log1p(x))
    for _ in range(6):
        grown = np.exp(w)
        off = w * grown - x
        w = w - off / (grown * (w + 1) - (w + 2) * off / (2 * w + 2))
    return np.asarray(w)
