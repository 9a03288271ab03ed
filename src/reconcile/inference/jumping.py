"""Chains that jump between the parts of a density, tuned on their own draws."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from reconcile.inference.cholesky import identity_factor
from reconcile.inference.density import CompiledDensity
from reconcile.inference.jumps import n_uniform, walk
from reconcile.inference.mixture import DEGREES, Mixture, fitted, halves
from reconcile.inference.modes import Mode

__all__ = ["JumpingChains"]

type Array = NDArray[np.float64]
# Step size before tuning.
_STEP: Final = 0.4
# Transitions for each variable by which a mode is explored at least.
_LEAST_EXPLORED: Final = 10
# Points to which the mixture is fitted at most.
_MOST_FITTED: Final = 4000


class JumpingChains:
    """Chains with a mixture for their jumps; which draws they make depends on the seed alone."""

    def __init__(
        self,
        density: CompiledDensity,
        mixture: Mixture,
        *,
        places: Sequence[Array] = (),
        cores: int | None,
        seed: int,
    ) -> None:
        self._plain = density.with_coordinates(np.zeros_like(density.shift), identity_factor())
        self._mixture = mixture
        self._step = np.full(mixture.n_parts, _STEP)
        self._places = list(places)
        self._workers = cores or os.cpu_count() or 1
        self._seeds = np.random.SeedSequence(seed)

    @classmethod
    def from_modes(
        cls,
        density: CompiledDensity,
        modes: Sequence[Mode],
        *,
        tune: int,
        chains: int,
        cores: int | None,
        seed: int,
    ) -> JumpingChains:
        """Chains that start at all modes, each of which was explored by itself."""
        mass = np.array([mode.log_mass for mode in modes])
        around = Mixture(
            centre=np.array([mode.point for mode in modes]),
            root=np.array([np.linalg.cholesky(mode.spread.T @ mode.spread) for mode in modes]),
            share=np.exp(mass - np.logaddexp.reduce(mass)),
        )
        made = cls(density, around, cores=cores, seed=seed)
        # A part that is not left is explored whole; one that is shares its draws with the others.
        explored = made._each(
            [(around.part(k), around.centre[k], np.full(1, _STEP)) for k in range(len(modes))],
            max(tune, _LEAST_EXPLORED * density.shift.size),
            tuning=True,
        )
        pools = [points[len(points) // 2 :] for points, _, _ in explored]
        parts = [
            halves(points, mode.spread.T @ mode.spread)
            for points, mode in zip(pools, modes, strict=True)
        ]
        joined = Mixture(
            centre=np.concatenate([part.centre for part in parts]),
            root=np.concatenate([part.root for part in parts]),
            share=np.full(2 * len(parts), 0.5 / len(parts)),
        )
        made._fit(joined, np.concatenate(pools))
        made._places = [pools[k % len(modes)][-1 - k // len(modes)] for k in range(chains)]
        made.tune(tune)
        return made

    @classmethod
    def from_draws(
        cls, density: CompiledDensity, points: Array, *, tune: int, cores: int | None, seed: int
    ) -> JumpingChains:
        """Chains that go on from draws (chain, draw, n) of another sampler."""
        flat = points.reshape(-1, points.shape[-1])
        start = halves(flat, np.cov(flat.T))
        made = cls(density, start, places=list(points[:, -1]), cores=cores, seed=seed)
        made._fit(made._mixture, flat)
        made.tune(tune)
        return made

    def tune(self, n: int) -> None:
        """Tune step sizes and mixture on two runs of half of ``n`` transitions."""
        for _ in range(2):
            found = self._run(max(n // 2, 10), tuning=True)
            self._step = np.exp(np.mean([np.log(step) for _, _, step in found], axis=0))
            points = np.concatenate([points[len(points) // 4 :] for points, _, _ in found])
            self._fit(self._mixture, points)

    def draw(self, draws: int, every: int) -> tuple[Array, xr.Dataset]:
        """Points (chain, draw, n), one of ``every`` transitions, and statistics; no tuning."""
        found = self._run(draws * every, tuning=False)
        points = np.array([points[every - 1 :: every] for points, _, _ in found])
        logp, chance, evaluations = np.moveaxis(np.array([each for _, each, _ in found]), 2, 0)
        dims, shape = ("chain", "draw"), (len(found), draws, every)
        statistics = {
            "logp": logp[:, every - 1 :: every],
            "mean_tree_accept": chance.reshape(shape).mean(axis=2),
            "n_steps": evaluations.reshape(shape).sum(axis=2).astype(np.int64),
            # A step that is lost is rejected by its part, and another part reaches the place.
            "diverging": np.zeros(shape[:2], dtype=bool),
        }
        return points, xr.Dataset({name: (dims, values) for name, values in statistics.items()})

    def _fit(self, start: Mixture, points: Array) -> None:
        with threadpool_limits(limits=1, user_api="blas"):
            self._mixture = fitted(start, points[:: len(points) // _MOST_FITTED + 1])
        if self._step.size != start.n_parts:
            self._step = np.full(start.n_parts, _STEP)

    def _run(self, n: int, *, tuning: bool) -> list[tuple[Array, Array, Array]]:
        """Points, statistics and step sizes of each chain from where it is."""
        tasks = [(self._mixture, place, self._step.copy()) for place in self._places]
        found = self._each(tasks, n, tuning=tuning)
        self._places = [points[-1] for points, _, _ in found]
        return found

    def _each(
        self, tasks: Sequence[tuple[Mixture, Array, Array]], n: int, *, tuning: bool
    ) -> list[tuple[Array, Array, Array]]:
        compiled = self._plain.compiled
        address = np.uint64(compiled.compiled_logp_func.address)

        def run(
            task: tuple[Mixture, Array, Array], seed: np.random.SeedSequence
        ) -> tuple[Array, Array, Array]:
            mixture, place, step = task
            dim, rng = place.size, np.random.default_rng(seed)
            random = (
                rng.standard_normal((n, dim)),
                rng.standard_normal((n, dim)),
                rng.chisquare(DEGREES, n),
                rng.random((n, n_uniform(dim))),
            )
            density, points = (address, compiled.user_data, np.empty(dim)), np.empty((n, dim))
            return points, walk(density, mixture.arrays, place, step, random, tuning, points), step

        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(run, tasks, self._seeds.spawn(len(tasks))))
