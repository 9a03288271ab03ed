"""Grid of a figure's possible values on the log scale, dense near claims, and their likelihoods."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from reconcile.models.intervals import interval_logp
from reconcile.models.truth_discovery.design import DiscoveryDesign

__all__ = ["SCALES_LOG", "Nodes", "nodes_of"]

type Array = NDArray[np.float64]
type Indices = NDArray[np.intp]
# Logistic scales of wrong numbers (log): another year's figure, another definition of what is
# counted, nonsense. They are far enough apart to be identifiable.
SCALES_LOG: Final = (0.02, 0.2, 4.0)
# Nodes within a rounding cell and just outside, in units of its half-width.
_INSIDE: Final = (0.0, 0.5, 0.998)
_OUTSIDE: Final = 1.002
# Growth factor of the distance from a number to successive nodes: fast where densities are flat,
# slow where those of wrong numbers fall off.
_FAST: Final = 2.5
_SLOW: Final = 1.5
_FLAT_LOG: Final = 0.25 * SCALES_LOG[0]
_FURTHEST_LOG: Final = 8.0
_LEAST_LOG: Final = 1e-7
_BACKGROUND: Final = 33
_WIDEST_SD: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Nodes of every quantity, and the likelihood of its variants at each.

    Parameters
    ----------
    start : ndarray of shape (quantity + 1,)
        Offset of each quantity's nodes.
    place, low, high : ndarray of shape (node,)
        Log of the figure, and the ends of the cell that the node represents.
    prior_log : ndarray of shape (node,)
        Log prior mass of that cell, bounds included.
    pair_start : ndarray of shape (variant + 1,)
        Offset of each variant's pairs with the nodes of its quantity.
    inside : ndarray of shape (pair,)
        Whether the node lies in the rounding cell of the variant.
    wrong : ndarray of shape (pair, scale)
        Probability of the variant as a wrong number of each scale.
    """

    start: Indices
    place: Array
    low: Array
    high: Array
    prior_log: Array
    pair_start: Indices
    inside: NDArray[np.bool_]
    wrong: Array


def nodes_of(plan: DiscoveryDesign) -> Nodes:
    """Nodes of a design."""
    places, ends, masses, inside, wrong = [], [], [], [], []
    for k in range(len(plan.quantities)):
        mine = range(plan.variant_start[k], plan.variant_start[k + 1])
        place = _places(plan, k)
        middle = 0.5 * (place[1:] + place[:-1])
        low, high = np.r_[place[0], middle], np.r_[middle, place[-1]]
        mass = np.log(high - low) + norm.logpdf(place, plan.mean_log[k], plan.sd_log[k])
        for quantity, bound, upper, empty in plan.bounds:
            if quantity == k:
                holds = place <= bound if upper else place >= bound
                mass = mass + np.log((1 - empty) * holds + 0.5 * empty)
        places.append(place)
        ends.append((low, high))
        masses.append(mass)
        for v in mine:
            off = plan.said_log[v] - place
            inside.append((off <= plan.down_log[v]) & (off >= -plan.up_log[v]))
            wrong.append(
                np.exp(
                    interval_logp(
                        plan.said_log[v],
                        location=place[:, None],
                        scale=np.array(SCALES_LOG),
                        down=plan.down_log[v],
                        up=plan.up_log[v],
                    )
                )
            )
    lengths = [len(place) for place in places]
    pairs = [len(each) for each in inside]
    return Nodes(
        start=np.r_[0, np.cumsum(lengths)].astype(np.intp),
        place=np.concatenate(places),
        low=np.concatenate([low for low, _ in ends]),
        high=np.concatenate([high for _, high in ends]),
        prior_log=np.concatenate(masses),
        pair_start=np.r_[0, np.cumsum(pairs)].astype(np.intp),
        inside=np.concatenate(inside) if inside else np.zeros(0, dtype=bool),
        wrong=np.concatenate(wrong) if wrong else np.zeros((0, len(SCALES_LOG))),
    )


def _steps(first: float, last: float, growth: float) -> Array:
    """Geometric sequence of distances from ``first`` to at least ``last``."""
    n = max(0, math.ceil(math.log(last / first) / math.log(growth)))
    return np.asarray(first * growth ** np.arange(1, n + 1))


def _places(plan: DiscoveryDesign, quantity: int) -> Array:
    """Sorted nodes of one quantity."""
    mean, sd = plan.mean_log[quantity], plan.sd_log[quantity]
    found = [mean + sd * np.linspace(-_WIDEST_SD, _WIDEST_SD, _BACKGROUND)]
    for v in range(plan.variant_start[quantity], plan.variant_start[quantity + 1]):
        said, down, up = plan.said_log[v], plan.down_log[v], plan.up_log[v]
        reach = max(min(down, up) if np.isfinite(down) else up, _LEAST_LOG)
        far = np.concatenate(
            [_steps(reach, _FLAT_LOG, _FAST), _steps(_FLAT_LOG, _FURTHEST_LOG, _SLOW)]
        )
        for sign, side in ((-1.0, down), (1.0, up)):
            if np.isfinite(side):
                found.append(said + sign * side * np.array([*_INSIDE, _OUTSIDE]))
            else:
                # Zero on the log scale: nodes along the whole lower tail.
                found.append(said - np.linspace(0.0, _FURTHEST_LOG, 9))
            found.append(said + sign * (reach + far))
    for k, bound, _, _ in plan.bounds:
        if k == quantity:
            found.append(bound + np.array([-_LEAST_LOG, 0.0, _LEAST_LOG]))
    place = np.unique(np.concatenate(found))
    return np.asarray(place[np.abs(place - mean) <= _WIDEST_SD * sd])
