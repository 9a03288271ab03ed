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
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from reconcile.learning.figures import Figure, Terms

__all__ = ["Grid", "Posterior", "log_score", "posterior_of"]

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
# Level, slope and end of a count, and the weight: rows of (4, node), in threes that differ by end.
_NODES: Final = np.array(
    [
        (level, slope, never, level_weight * slope_weight * never_weight)
        for level, level_weight in zip(_LEVEL, _LEVEL_WEIGHT, strict=True)
        for slope, slope_weight in zip(*_nodes(3), strict=True)
        for never, never_weight in zip(*_nodes(3), strict=True)
    ]
).T.copy()
# No truth is held to be known better than this: log scale, in stated widths of measurements, and
# in units of a count.
_LEAST_LOG, _LEAST_WIDTH, _LEAST_UNIT, _MOST_UNIT_LOG = 0.02, 0.1, 0.5, 0.3
# Less of a posterior than this, or of its density at the truth, is nothing.
_NEGLIGIBLE: Final = 1e-6
# Density at least assumed: no single figure decides.
_LEAST_DENSITY: Final = 1e-12
# Common error where all claims are registered counts: they are about the truth itself.
_REGISTERED_LOG: Final = 0.01


_jit: Final = njit(cache=True, nogil=True, error_model="numpy")


@_jit  # type: ignore[untyped-decorator]  # numba has no types
def _inside(centre: float, down: float, up: float, middle: float, scale: float) -> float:
    """Probability of an interval, ends of which may be open, under a logistic distribution."""
    low, high = (centre - down - middle) / scale, (centre + up - middle) / scale
    return -math.expm1(low - high) / ((1 + math.exp(low)) * (1 + math.exp(-high)))


@_jit  # type: ignore[untyped-decorator]  # numba has no types
def _stays(hard: float, floor: float, power: float) -> float:
    """By how much more than ``floor`` of its errors a figure of that difficulty keeps for good."""
    odds = floor / (1 - floor) * hard**power
    return float(odds / (1 + odds) - floor)


@_jit  # type: ignore[untyped-decorator]  # numba has no types
def _scales(t: Terms, hard: float) -> tuple[Array, Array, Array]:
    """At one difficulty: factor of a claim's errors, their scale, and that of a revision alone."""
    factor, scale, own = np.empty(t.centre.size), np.empty(t.centre.size), np.empty(t.centre.size)
    stays = _stays(hard, t.constants[7], t.constants[8])
    for i in range(t.centre.size):
        lifted = 1 + t.lifted[i] * stays
        factor[i] = hard * lifted
        fixed = t.fixed[i] ** 2 + (t.width[i] + t.excess[i] * hard) ** 2
        scale[i] = math.sqrt(fixed + (factor[i] * t.scale[i]) ** 2)
        own[i] = math.sqrt(2 * (fixed + (factor[i] * t.noise[i]) ** 2))
    return factor, scale, own


@_jit  # type: ignore[untyped-decorator]  # numba has no types
def _complete_logs(t: Terms) -> Array:
    """Log completeness of the count behind each claim, shape (claim, node)."""
    found = np.zeros((t.centre.size, _NODES.shape[1]))
    for i in range(t.centre.size):
        for k in range(_NODES.shape[1] if t.counted[i] else 0):
            level, slope, never, _ = _NODES[:, k]
            level *= math.exp(0.5 * t.level_tail[i] * level**2)
            rate = t.slope[i] * math.exp(t.slope_sd[i] * slope)
            logit = t.level[i] + t.level_sd[i] * level + rate * t.age_log[i]
            found[i, k] = -math.log1p(math.exp(-logit))
            found[i, k] -= t.never[i] * math.exp(t.never_sd[i] * never)
    return found


@_jit  # type: ignore[untyped-decorator]  # numba has no types
def _reading(t: Terms, i: int, base: Array, scale: float, own: float) -> float:
    """Probability of a claim, given its voice's other claims."""
    centre, down, up, j = t.centre[i], t.down[i], t.up[i], t.predecessor[i]
    if t.revised[i] and j >= 0:
        found = _inside(centre, down, up, base[i] + t.centre[j] - base[j], own)
    else:
        found = _inside(centre, down, up, base[i], scale)
        if j >= 0:
            shared, follow = t.shared[i], t.constants[0]
            middle = base[i] + shared * (t.centre[j] - base[j])
            rest = scale * math.sqrt(1 - shared**2)
            found = follow * _inside(centre, down, up, middle, rest) + (1 - follow) * found
    wide = _inside(centre, down, up, base[i], t.unsound[i])
    found = t.sound[i] * found + (1 - t.sound[i]) * wide
    found = t.apart[i] * found + t.copied[i]
    return float(found if t.weight[i] == 1 else found ** t.weight[i])


@_jit  # type: ignore[untyped-decorator]  # numba has no types
def _voice(
    t: Terms, first: int, last: int, at: Array, scales: tuple[Array, Array], complete: Array
) -> float:
    """Probability of a voice's claims about what they would be of a complete count."""
    scale, own = scales
    base = at.copy()
    total, counts = 0.0, t.counted[first:last].any()
    # Where a count is never short for good, nodes that differ by its end are one.
    step = 1 if t.never[first:last].any() else 3
    for k in range(0, _NODES.shape[1] if counts else 1, step):
        found = _NODES[3, k : k + step].sum() if counts else 1.0
        for i in range(first, last):
            base[i] = at[i] + complete[i, k]
        for i in range(first, last):
            if t.weight[i] > 0:
                found *= _reading(t, i, base, scale[i], own[i])
        total += found
    return total


@_jit  # type: ignore[untyped-decorator]  # numba has no types
def _claims_logp(t: Terms, grid: Array, hard: Array, kept: NDArray[np.bool_]) -> Array:
    """Log probability of the claims, shape (difficulty, apparent figure); where it is asked for."""
    found = np.full((hard.size, grid.size), -np.inf)
    complete, at = _complete_logs(t), np.zeros(t.centre.size)
    for h in range(hard.size):
        factor, scale, own = _scales(t, hard[h])
        for g in range(grid.size):
            if kept[h, g]:
                found[h, g] = 0.0
            for camp in range(t.camps.size - 1 if kept[h, g] else 0):
                first, last = t.camps[camp], t.camps[camp + 1]
                begin, end = t.voices[first], t.voices[last]
                shares, total = t.camp[t.voices[first] : t.voices[last]].any(), 0.0
                for a in range(_Z.size if shares else 1):
                    each, z = (_Z_WEIGHT[a], _Z[a]) if shares else (1.0, 0.0)
                    for i in range(begin, end):
                        at[i] = grid[g] + factor[i] * (t.mean[i] + t.camp[i] * z)
                    for voice in range(first, last):
                        mine = t.voices[voice], t.voices[voice + 1]
                        each *= _voice(t, mine[0], mine[1], at, (scale, own), complete)
                    total += each
                found[h, g] += math.log(total + 1e-300)
    return found


class Grid(NamedTuple):
    """Apparent log figures, the width that each stands for, and which are worth a look.

    The last has shape (difficulty, apparent).
    """

    points: Array
    cell: Array
    kept: NDArray[np.bool_]

    @classmethod
    def of(cls, points: Array) -> Grid:
        """A grid all of which is looked at."""
        cell = np.gradient(points) if points.size > 1 else np.ones(1)
        return cls(points, cell, np.ones((_HARD.size, points.size), dtype=bool))


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Apparent figure and difficulty given the claims, and the common error given the difficulty.

    Parameters
    ----------
    grid : Grid
        Apparent log figures.
    weight : ndarray of shape (difficulty, apparent)
        Probabilities, with sum 1.
    common_sd : ndarray of shape (difficulty,)
        Standard deviation of the common error without its tails.
    tail : float
        Their weight.
    """

    grid: Grid
    weight: Array
    common_sd: Array
    tail: float

    def density(self, truth_log: Array, *, sd: float = 0.0) -> Array:
        """Density of the log truth at some values, of which each is known to ``sd``.

        Not knowing it widens the common error: exactly so without tails. So no posterior gains by
        being narrower than the truth is known.
        """
        return self._parts(truth_log, sd).sum(axis=(1, 2))

    def _parts(self, truth_log: Array, sd: float) -> Array:
        """That density, from every difficulty and apparent figure."""
        scale = np.hypot(self.common_sd, sd)[:, None]
        off = (self.grid.points - truth_log[:, None])[:, None, :] / scale
        return np.asarray(np.exp(_tukey_logpdf(off, self.tail)) / scale * self.weight)

    def nearby(self, truth_log: float, *, sd: float) -> Grid:
        """The part of the grid that bears on the posterior, or on its density at the truth."""
        parts = self._parts(np.array([truth_log]), sd)[0]
        kept = (self.weight > _NEGLIGIBLE) | (parts > _NEGLIGIBLE * parts.sum())
        return self.grid._replace(kept=kept)

    def draws(self, n: int, rng: np.random.Generator) -> Array:
        """Draws of the log truth."""
        at = rng.choice(self.weight.size, size=n, p=self.weight.ravel())
        hard, apparent = np.divmod(at, self.grid.points.size)
        z = rng.standard_normal(n)
        common = self.common_sd[hard] * z * np.exp(self.tail * z**2 / 2)
        within = (rng.random(n) - 0.5) * self.grid.cell[apparent]
        return np.asarray(self.grid.points[apparent] + within - common)


def posterior_of(figure: Figure, terms: Terms, grid: Grid) -> Posterior:
    """Posterior of a figure, whose claims may all be registered counts."""
    _, difficulty_sd, power, common_sd, tail, mean, sd, *fog = terms.constants.tolist()
    floor, fog_power, lifted, best_power = fog
    difficulty = np.exp(difficulty_sd * _HARD)
    joint = _claims_logp(terms, grid.points, difficulty, grid.kept) + np.log(_HARD_WEIGHT)[:, None]
    joint += np.log(grid.cell) - 0.5 * ((grid.points - mean) / sd) ** 2
    weight = np.exp(joint - joint.max())
    common = np.full_like(difficulty, _REGISTERED_LOG)
    if not all(claim.kind == "confirmed" for claim in figure.claims):
        stays = np.array([_stays(hard, floor, fog_power) for hard in difficulty.tolist()])
        common = common_sd * difficulty**power * (1 + lifted * stays) ** best_power
    return Posterior(grid=grid, weight=weight / weight.sum(), common_sd=common, tail=tail)


def log_score(figure: Figure, terms: Terms, grid: Grid) -> tuple[float, Grid]:
    """Log predictive density of the truth given the claims, and the part of the grid it is from."""
    sd = max(figure.sd_log, _least_sd(figure, terms))
    found = posterior_of(figure, terms, grid)
    density = float(found.density(np.array([figure.truth_log]), sd=sd).item())
    return math.log(density + _LEAST_DENSITY), found.nearby(figure.truth_log, sd=sd)


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
