"""Sampling in rounds: the first as asked, further ones if a fit has not converged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.inference.density import CompiledDensity
from reconcile.inference.jumping import JumpingChains
from reconcile.inference.modes import Mode

__all__ = ["MAX_JUMPING", "ROUNDS", "Round", "rounds"]

type Array = NDArray[np.float64]
# Number of rounds at most. Each draws twice as many as the one before and thins them.
ROUNDS: Final = 4
# Number of variables up to which modes are looked for, and chains jump between them: independent
# proposals and dense scales are of no use in many dimensions.
MAX_JUMPING: Final = 150
# Distance from the mode at which chains start at most, in standard deviations.
_FARTHEST: Final = 4.0
# Transitions of jumping chains for a draw, in the first round.
_EVERY: Final = 3
# Rounds of NUTS at most, where chains do not jump.
_NUTS_ROUNDS: Final = 3
# Numbers that the draws of one round may take before they are thinned: 1 GB.
_MOST_NUMBERS: Final = 1.3e8


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Draws of one round by variable of the model, statistics, and how they came about."""

    parameters: dict[str, Array]
    statistics: xr.Dataset
    number: int
    n_modes: int
    sampler: str

    @property
    def attributes(self) -> dict[str, Any]:
        """What a fit records of it."""
        return {"rounds": self.number, "modes": self.n_modes, "sampler": self.sampler}


def rounds(
    density: CompiledDensity,
    modes: Sequence[Mode] = (),
    *,
    starts: Sequence[Array] = (),
    draws: int,
    tune: int,
    chains: int,
    cores: int | None,
    seed: int,
    progress_bar: bool,
    target_accept: float,
) -> Iterator[Round]:
    """Rounds of ``draws`` draws a chain, until the caller stops asking or the budget is spent.

    Chains jump between ``modes`` if there are several, else some start towards each of ``starts``.
    Draws of earlier rounds are dropped: they are what the later ones warmed up on.
    """
    small = density.shift.size <= MAX_JUMPING
    if not small:
        density = density.rewhitened(seed)
    if modes and modes[0].point is not density.shift:
        density = density.with_coordinates(modes[0].point, modes[0].root)
    settings: dict[str, Any] = {"chains": chains, "cores": cores}
    seeds = [seed, *np.random.SeedSequence(seed).generate_state(ROUNDS).tolist()]
    jumping = None
    if len(modes) > 1:
        jumping = JumpingChains.from_modes(
            density, modes, chains=chains, tune=tune, cores=cores, seed=seed
        )
    plain = density.plain
    near = _towards(density, starts) if len(starts) else None
    for number in range(1, ROUNDS + 1):
        more, how = 2 ** (number - 1), {"number": number, "n_modes": len(modes) or 1}
        if jumping:
            if number > 1:
                jumping.tune(tune)
            points, statistics = jumping.draw(draws, _EVERY * more)
            yield Round(
                parameters=plain.unpacked(points), statistics=statistics, sampler="jumps", **how
            )
            continue
        numbers = chains * draws * more * density.shift.size
        if number > 1 and (number > _NUTS_ROUNDS or numbers > _MOST_NUMBERS):
            return
        steps, statistics = density.sampled_steps(
            near,
            **settings,
            draws=draws * more,
            tune=tune * more,
            seed=seeds[number - 1],
            target_accept=1 - (1 - target_accept) / more,
            progress_bar=progress_bar,
        )
        steps, statistics = _thinned(steps, statistics, more)
        yield Round(
            parameters=density.unpacked(steps), statistics=statistics, sampler="nuts", **how
        )
        if small and number < ROUNDS:
            points = density.shift + density.root.apply(steps)
            if (
                np.linalg.matrix_rank(np.cov(points.reshape(-1, points.shape[2]).T))
                < points.shape[2]
            ):
                return
            jumping = JumpingChains.from_draws(
                density, points, tune=tune, cores=cores, seed=seeds[number]
            )


def _towards(density: CompiledDensity, starts: Sequence[Array]) -> Array:
    """Steps of the sampler to its origin and to ``starts``, no farther than ``_FARTHEST``."""
    root = density.root.apply(np.eye(density.shift.size))
    steps = np.linalg.solve(root.T, (np.array(starts) - density.shift).T).T
    length = np.linalg.norm(steps, axis=1, keepdims=True)
    steps *= np.minimum(1.0, _FARTHEST / np.maximum(length, 1e-9))
    return np.concatenate([np.zeros((1, density.shift.size)), steps])


def _thinned(steps: Array, statistics: xr.Dataset, every: int) -> tuple[Array, xr.Dataset]:
    """One of ``every`` draws; it counts as divergent if any of them was."""
    kept = statistics.isel(draw=slice(every - 1, None, every))
    diverging = statistics["diverging"].to_numpy()
    kept["diverging"] = (
        ("chain", "draw"),
        diverging.reshape(len(diverging), -1, every).any(axis=2),
    )
    return steps[:, every - 1 :: every], kept
