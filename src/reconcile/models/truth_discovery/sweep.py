"""Inner loop of the Gibbs sampler: one draw of every figure."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

__all__ = ["draw_figures", "figure_weights"]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]  # numba has no types
def figure_weights(  # noqa: PLR0913, PLR0917  # arrays, which numba takes one by one
    quantity: int,
    start: Any,
    prior_log: Any,
    variant_start: Any,
    pair_start: Any,
    inside: Any,
    wrong: Any,
    mix: Any,
    right_log: Any,
    wrong_log: Any,
    count: Any,
    rising_log: Any,
    out: Any,
) -> float:
    """Log weight of every node of a quantity, into ``out``; returns the largest."""
    first, n = start[quantity], start[quantity + 1] - start[quantity]
    highest = -np.inf
    for j in range(n):
        total, n_wrong = prior_log[first + j], 0
        for v in range(variant_start[quantity], variant_start[quantity + 1]):
            pair = pair_start[v] + j
            # Right where the cell of the variant holds the node; all other variants are wrong.
            if inside[pair]:
                total += right_log[v]
                continue
            density = 0.0
            for s in range(mix.shape[1]):
                density += mix[v, s] * wrong[pair, s]
            total += wrong_log[v] + math.log(density + 1e-300)
            n_wrong += count[v]
        total -= rising_log[n_wrong]
        out[j] = total
        highest = max(highest, total)
    return highest


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def draw_figures(  # noqa: PLR0913, PLR0917  # arrays, which numba takes one by one
    start: Any,
    prior_log: Any,
    variant_start: Any,
    pair_start: Any,
    inside: Any,
    wrong: Any,
    mix: Any,
    witness_start: Any,
    voice_of: Any,
    likely: Any,
    likeness: float,
    freshness: float,
    count: Any,
    rising_log: Any,
    at_figure: Any,
    n_right: Any,
    n_known: Any,
    node: Any,
    pair_of: Any,
) -> None:
    """Draw every figure in place, reliabilities integrated out: a node each, a pair per variant."""
    # What a voice was found to be on all other figures decides: n_right of n_known; likely is its
    # mean times likeness, at_figure are uniform numbers.
    longest = 0
    for k in range(start.size - 1):
        longest = max(longest, start[k + 1] - start[k])
    weight = np.empty(longest)
    right_log, wrong_log = np.empty(count.size), np.empty(count.size)
    for k in range(start.size - 1):
        for v in range(variant_start[k], variant_start[k + 1]):
            right_log[v] = 0.0
            wrong_log[v] = math.lgamma(count[v]) + math.log(freshness)
            for w in range(witness_start[v], witness_start[v + 1]):
                voice = voice_of[w]
                if pair_of[v] >= 0:
                    n_known[voice] -= 1
                    n_right[voice] -= inside[pair_of[v]]
                others = n_known[voice]
                right_log[v] += math.log((likely[voice] + n_right[voice]) / (likeness + others))
                up = likeness - likely[voice] + others - n_right[voice]
                wrong_log[v] += math.log(up / (likeness + others))
        n = start[k + 1] - start[k]
        highest = figure_weights(
            k, start, prior_log, variant_start, pair_start, inside, wrong, mix, right_log,
            wrong_log, count, rising_log, weight,
        )  # fmt: skip
        total = 0.0
        for j in range(n):
            weight[j] = math.exp(weight[j] - highest)
            total += weight[j]
        left, chosen = at_figure[k] * total, n - 1
        for j in range(n):
            left -= weight[j]
            if left < 0:
                chosen = j
                break
        node[k] = start[k] + chosen
        for v in range(variant_start[k], variant_start[k + 1]):
            pair_of[v] = pair_start[v] + chosen
            for w in range(witness_start[v], witness_start[v + 1]):
                n_known[voice_of[w]] += 1
                n_right[voice_of[w]] += inside[pair_of[v]]
