"""Whatever coordinates the sampler moves in, its draws are those of the variables."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytest

from reconcile.inference.density import CompiledDensity
from reconcile.inference.pytensor_density import compile_density

MEAN = np.array([30.0, -4.0, 2.0])


@pytest.fixture(scope="module")
def density() -> CompiledDensity:
    """Three normal variables of unlike widths far from zero, the first two nearly the same."""
    with pm.Model() as model:
        shared = pm.Normal("shared", MEAN[0], 1.0)
        shift = pm.Data("shift", np.zeros(1))
        apart = pm.Normal("apart", MEAN[1:], 0.01, shape=2)
        pm.Potential("near", pm.logp(pm.Normal.dist(shared + shift[0], 0.01), apart[0] + 34))
    return compile_density(model)


def drawn(density: CompiledDensity) -> tuple[dict[str, np.ndarray], float]:
    draws, statistics = density.sample(
        draws=1000, tune=1000, chains=2, cores=2, seed=1, progress_bar=False, target_accept=0.8
    )
    return draws, float(statistics["n_steps"].mean())


def test_whitened_or_not_the_draws_are_the_same(density: CompiledDensity) -> None:
    plain, _ = drawn(density)
    white, steps = drawn(density.whitened())
    # shared is pinned to apart, which is N(-4, 0.01), with 0.01 more: worked out by hand.
    for draws in (plain, white):
        assert draws["shared"].mean() == pytest.approx(30.0, abs=0.002)
        assert draws["shared"].std() == pytest.approx(0.01 * np.sqrt(2), rel=0.1)
        assert draws["apart"].mean(axis=(0, 1)) == pytest.approx(MEAN[1:], abs=0.002)
        assert draws["apart"].std(axis=(0, 1)) == pytest.approx([0.01, 0.01], rel=0.1)
    assert steps < 8


def test_whitening_follows_new_data(density: CompiledDensity) -> None:
    moved, _ = drawn(density.with_data({"shift": np.array([2.0])}).whitened())
    assert moved["shared"].mean() == pytest.approx(28.0, abs=0.01)
    kept, _ = drawn(density.whitened().with_data({"shift": np.array([0.1])}))
    assert kept["shared"].mean() == pytest.approx(29.9, abs=0.01)
