"""One sweep over the figures given their witnesses' reliability: the sampler's inner loop.

Arrays come in tuples, which numba unpacks at no cost: ``grid`` holds the nodes (``start``,
``prior_log``, ``pair_start``, ``inside``, ``wrong``), ``numbers`` the variants and their witnesses
(``variant_start``, ``witness_start``, ``voice_of``, ``count``).
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

__all__ = ["draw_figures", "figure_weights"]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]  # numba has no types
def figure_weights(
    quantity: int, grid: Any, variants: Any, mix: Any, logs: Any, rising_log: Any, out: Any
) -> float:
    """Write the log weight of every node of a quantity to ``out``; returns the largest."""
    start, prior_log, pair_start, inside, wrong = grid
    (variant_start, count), (right_log, wrong_log) = variants, logs
    first, n = start[quantity], start[quantity + 1] - start[quantity]
    highest = -np.inf
    for j in range(n):
        total, n_wrong = prior_log[first + j], 0
        for v in range(variant_start[quantity], variant_start[quantity + 1]):
            pair = pair_start[v] + j
            # A variant is right if its rounding cell contains the node.
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
def draw_figures(
    grid: Any, numbers: Any, mix: Any, prior: Any, rising_log: Any, uniform: Any, state: Any
) -> None:
    """Draw a node per figure and a pair per variant, in place; reliabilities integrated out."""
    start, _, pair_start, inside, _ = grid
    variant_start, witness_start, voice_of, count = numbers
    # A voice was right n_right of n_known times on the other figures; expected is its prior mean
    # times likeness; uniform holds a random number per figure.
    (expected, likeness, freshness), (n_right, n_known, node, pair_of) = prior, state
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
                right_log[v] += math.log((expected[voice] + n_right[voice]) / (likeness + others))
                up = likeness - expected[voice] + others - n_right[voice]
                wrong_log[v] += math.log(up / (likeness + others))
        n = start[k + 1] - start[k]
        variants, logs = (variant_start, count), (right_log, wrong_log)
        highest = figure_weights(k, grid, variants, mix, logs, rising_log, weight)
        total = 0.0
        for j in range(n):
            weight[j] = math.exp(weight[j] - highest)
            total += weight[j]
        left, chosen = uniform[k] * total, n - 1
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
