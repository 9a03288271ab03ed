"""Gibbs sampler for figures on record and the reliability of their witnesses.

Given all other figures, the density of each is summed over nodes on a line, so that it is drawn
exactly however many modes it has, with source reliabilities integrated out. Given the figures, it
is known which numbers are right, and the other conditionals are beta, Dirichlet or one-dimensional.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from reconcile.models.truth_discovery.design import DiscoveryDesign
from reconcile.models.truth_discovery.grid import SCALES_LOG, Nodes
from reconcile.models.truth_discovery.sweep import draw_figures

__all__ = ["PRIOR", "DiscoveryDraws", "run_chain"]

type Array = NDArray[np.float64]
# Median and log standard deviation of each concentration.
PRIOR: Final = {"likeness": (4.0, 1.0), "freshness": (5.0, 0.7)}
# Distance of reliabilities from 0 and 1 that keeps logarithms finite.
_EDGE: Final = 1e-9
_STEP: Final = 0.6
_NEAR: Final = 3
# Cheap conditionals are drawn several times per draw of the figures.
_ROUNDS: Final = 1
_ERROR_ROUNDS: Final = 3
# With few claims, figures and reliabilities are strongly correlated and a round is cheap: a draw
# consists of enough rounds to visit at least this many pairs of a number and a node.
_MIN_PAIRS: Final = 100_000
_MOST_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryDraws:
    """Draws of one chain, leading axis draw.

    Parameters
    ----------
    estimate : ndarray of shape (n, quantity)
        Natural scale.
    reliability : ndarray of shape (n, voice)
        Probability that a number of the source is right.
    role_reliability : ndarray of shape (n, role)
        Mean of that probability over the sources of a role.
    likeness : ndarray of shape (n,)
        Similarity of the sources of a role: total concentration of a beta distribution.
    freshness : ndarray of shape (n,)
        Rarity of repeated wrong numbers: concentration of a Chinese restaurant process.
    scale_share : ndarray of shape (n, role, scale)
        Share of each scale among wrong numbers.
    right : ndarray of shape (n, witness)
        Whether the number is right.
    witness_logp : ndarray of shape (n, witness)
        Log probability of the number, given the figure and the other witnesses.
    """

    estimate: Array
    reliability: Array
    role_reliability: Array
    likeness: Array
    freshness: Array
    scale_share: Array
    right: NDArray[np.bool_]
    witness_logp: NDArray[np.float32]


class _State:
    """State of a chain."""

    def __init__(self, plan: DiscoveryDesign, nodes: Nodes, rng: np.random.Generator) -> None:
        n_roles = max(len(plan.roles), 1)
        self.plan, self.nodes, self.rng = plan, nodes, rng
        self.count = np.diff(plan.witness_start)
        self.role = plan.role_of_witness
        self.variant = plan.variant_of_witness
        pairs = np.zeros((len(self.count), n_roles))
        np.add.at(pairs, (self.variant, self.role), 1.0)
        self.role_share = pairs / np.maximum(self.count, 1)[:, None]
        # Overdispersed starts, as the convergence diagnostics assume.
        self.role_reliability = rng.uniform(0.2, 0.8, n_roles)
        self.likeness, self.freshness = rng.lognormal(1.0, 0.5), rng.lognormal(0.0, 1.0)
        self.scale_share = rng.dirichlet(np.ones(len(SCALES_LOG)), n_roles)
        self.node = np.zeros(len(plan.quantities), dtype=np.intp)
        n_variants = len(self.count)
        self.pair_of = np.full(n_variants, -1, dtype=np.intp)
        self.n_right = np.zeros(len(plan.voices), dtype=np.intp)
        # Numbers of each voice already classified: none before the first draw.
        self.n_known = np.zeros(len(plan.voices), dtype=np.intp)
        self.most = int(np.bincount(plan.quantity_of_variant, self.count).max(initial=0))
        self.n_said = np.bincount(plan.voice_of, minlength=len(plan.voices))

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Whether each variant is currently right."""
        return np.asarray(self.nodes.inside[self.pair_of])

    def figures(self) -> None:
        """Draw every figure, which determines the right numbers; reliabilities integrated out."""
        plan, nodes = self.plan, self.nodes
        rising = gammaln(self.freshness + np.arange(self.most + 1)) - gammaln(self.freshness)
        expected = self.likeness * self.role_reliability[plan.role_of_voice]
        draw_figures(
            (nodes.start, nodes.prior_log, nodes.pair_start, nodes.inside, nodes.wrong),
            (plan.variant_start, plan.witness_start, plan.voice_of, self.count),
            self.role_share @ self.scale_share,
            (expected, self.likeness, self.freshness),
            rising,
            self.rng.random(len(self.node)),
            (self.n_right, self.n_known, self.node, self.pair_of),
        )

    def sources(self) -> None:
        """Draw the hyperparameters of sources, reliabilities integrated out."""
        n_right, n_wrong = self.n_right, self.n_said - self.n_right
        of_voice = self.plan.role_of_voice
        mean = self.role_reliability[of_voice]
        # Sources with one number carry no information on likeness.
        several = self.n_said > 1
        for _ in range(_ROUNDS):
            tables = [
                self._tables(n, self.likeness * share)
                for n, share in ((n_right, mean), (n_wrong, 1 - mean))
            ]
            for r in range(len(self.role_reliability)):
                up, down = (float(each[of_voice == r].sum()) for each in tables)
                drawn = self.rng.beta(1 + up, 1 + down)
                self.role_reliability[r] = np.clip(drawn, _EDGE, 1 - _EDGE)
            mean = self.role_reliability[of_voice]
            counts = n_right[several], n_wrong[several], mean[several]
            self.likeness = self._metropolis(
                "likeness", self.likeness, partial(_likeness_logp, *counts)
            )

    def reliability(self) -> Array:
        """Draw the reliability of each source."""
        mean = self.role_reliability[self.plan.role_of_voice]
        up = self.likeness * mean + self.n_right
        down = self.likeness * (1 - mean) + self.n_said - self.n_right
        return np.asarray(self.rng.beta(up, down))

    def _tables(self, n: NDArray[Any], concentration: Array) -> Array:
        """Number of draws from the base measure behind counts of a Polya urn."""
        times = n.astype(np.intp)
        owner = np.repeat(np.arange(len(n)), times)
        before = np.arange(len(owner)) - np.repeat(np.cumsum(times) - times, times)
        share = concentration[owner] / (concentration[owner] + before)
        return np.bincount(owner, self.rng.random(len(owner)) < share, len(n))

    def errors(self) -> None:
        """Draw the scale shares and the freshness of wrong numbers."""
        wrong = np.flatnonzero(~self.is_right)
        # Allocate each wrong number to a role, of those who state it, and a scale.
        odds = self.role_share[wrong][:, :, None] * self.nodes.wrong[self.pair_of[wrong]][:, None]
        shape = self.scale_share.shape
        for _ in range(_ERROR_ROUNDS):
            total = np.cumsum(
                (odds * self.scale_share).reshape(len(wrong), self.scale_share.size), axis=1
            )
            at = self.rng.random((len(wrong), 1)) * total[:, -1:]
            n = np.bincount((total <= at).sum(axis=1), minlength=self.scale_share.size)
            for r, row in enumerate(n[: self.scale_share.size].reshape(shape)):
                self.scale_share[r] = self.rng.dirichlet(1 + row)
        of_figure = np.bincount(
            self.plan.quantity_of_variant[wrong], self.count[wrong], len(self.node)
        )
        several, different = of_figure[of_figure > 0], len(wrong)
        self.freshness = self._metropolis(
            "freshness",
            self.freshness,
            lambda x: different * np.log(x) - (gammaln(x + several) - gammaln(x)).sum(),
        )

    def _metropolis(self, name: str, value: float, density: Callable[[float], float]) -> float:
        """Metropolis steps of a concentration: one proposed from its prior, some locally."""
        # The former mixes well where the claims are uninformative, the latter where they are not.
        median, sd = PRIOR[name]
        here = density(value)
        there = median * math.exp(sd * self.rng.standard_normal())
        new = density(there)
        if math.log(self.rng.random()) < new - here:
            value, here = there, new
        for _ in range(_NEAR):
            # Random step sizes, since the posterior width is unknown.
            there = value * math.exp(_STEP * self.rng.random() * self.rng.standard_normal())
            new = density(there)
            odds = (math.log(value / median) / sd) ** 2 - (math.log(there / median) / sd) ** 2
            if math.log(self.rng.random()) < new - here + 0.5 * odds:
                value, here = there, new
        return value

    def witness_logp(self, reliability: Array) -> Array:
        """Log probability of each witness's number, given the figure and the others."""
        plan = self.plan
        share = np.clip(reliability, _EDGE, 1 - _EDGE)[plan.voice_of]
        n_wrong = np.bincount(plan.quantity_of_variant, self.count * ~self.is_right, len(self.node))
        others = n_wrong[plan.quantity_of_variant] - 1 + self.freshness
        density = (self.role_share @ self.scale_share * self.nodes.wrong[self.pair_of]).sum(axis=1)
        fresh = self.freshness * np.maximum(density, 1e-300)
        said = np.where(self.count > 1, self.count - 1.0, fresh) / np.maximum(others, _EDGE)
        right = self.is_right[self.variant]
        found = np.where(right, np.log(share), np.log1p(-share) + np.log(said)[self.variant])
        return np.asarray(found)


def _likeness_logp(right: NDArray[Any], wrong: NDArray[Any], mean: Array, likeness: float) -> float:
    """Log probability of the counts of right numbers, reliabilities integrated out."""
    up, down = likeness * mean, likeness * (1 - mean)
    found = gammaln(up + right) - gammaln(up) + gammaln(down + wrong) - gammaln(down)
    return float((found - gammaln(likeness + right + wrong) + gammaln(likeness)).sum())


def run_chain(
    plan: DiscoveryDesign, nodes: Nodes, *, draws: int, tune: int, rng: np.random.Generator
) -> DiscoveryDraws:
    """Run one chain; ``tune`` draws are discarded."""
    state = _State(plan, nodes, rng)
    n_roles, n_scales = state.scale_share.shape
    found = DiscoveryDraws(
        estimate=np.empty((draws, len(plan.quantities))),
        reliability=np.empty((draws, len(plan.voices))),
        role_reliability=np.empty((draws, n_roles)),
        likeness=np.empty(draws),
        freshness=np.empty(draws),
        scale_share=np.empty((draws, n_roles, n_scales)),
        right=np.empty((draws, len(plan.voice_of)), dtype=np.bool_),
        witness_logp=np.empty((draws, len(plan.voice_of)), dtype=np.float32),
    )
    rounds = int(np.clip(_MIN_PAIRS // max(len(nodes.inside), 1), 1, _MOST_ROUNDS))
    for k in range(-tune, draws):
        for _ in range(rounds - 1):
            state.figures()
            state.sources()
            state.errors()
        state.figures()
        if k >= 0:
            low, high = nodes.low[state.node], nodes.high[state.node]
            found.estimate[k] = np.exp(low + rng.random(len(low)) * (high - low))
            found.right[k] = state.is_right[state.variant]
            found.reliability[k] = state.reliability()
            found.witness_logp[k] = state.witness_logp(found.reliability[k])
        state.sources()
        state.errors()
        if k >= 0:
            found.role_reliability[k] = state.role_reliability
            found.likeness[k], found.freshness[k] = state.likeness, state.freshness
            found.scale_share[k] = state.scale_share
    return found
