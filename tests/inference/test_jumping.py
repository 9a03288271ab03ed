"""Chains that jump between parts give each the weight that quadrature gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from reconcile.inference.density import CompiledDensity
from reconcile.inference.jumping import JumpingChains
from reconcile.inference.mixture import Mixture, fitted, halves
from reconcile.inference.modes import modes_of
from reconcile.inference.pytensor_density import compile_density
from reconcile.inference.rounds import Round, rounds
from reconcile.results.diagnostics import convergence_statistics, ess_bulk

SETTINGS = {"draws": 1000, "tune": 1000, "chains": 4, "cores": 2, "progress_bar": False}
SEEDS = range(6)
# A measurement of 100 +- 0.01 beside 150, 155, 160 +- 10: each is right, or off by far more.
NEEDLE = ((100.0, 0.01), (150.0, 10.0), (155.0, 10.0), (160.0, 10.0))
# Two groups of two that contradict each other.
GROUPS = ((100.0, 0.1), (100.1, 0.1), (140.0, 0.1), (140.1, 0.1))
RIGHT, FAR = 0.15, 60.0


def claims_logp(level: Any, shared: Any, said: tuple[tuple[float, float], ...]) -> Any:
    """Log density of two variables: the figure in tens, and an error that claims share in part."""
    module = np if isinstance(level, np.ndarray) else pt
    total = -0.5 * (level - 12.0) ** 2 / 5.0**2 - 0.5 * shared**2
    for value, error in said:
        off = 10 * level + 0.3 * error * shared - value
        narrow = -0.5 * (off / error) ** 2 - np.log(error) + np.log(RIGHT)
        wide = -0.5 * (off / FAR) ** 2 - np.log(FAR) + np.log(1 - RIGHT)
        total = total + module.logaddexp(narrow, wide)
    return total


def density_of(said: tuple[tuple[float, float], ...]) -> CompiledDensity:
    with pm.Model() as model:
        variables = [pm.Flat(name) for name in ("level", "shared")]
        pm.Potential("claims", claims_logp(*variables, said))
    return compile_density(model)


def by_quadrature(said: tuple[tuple[float, float], ...], limit: float) -> float:
    """Probability that the figure lies below a limit."""
    fine = np.concatenate([value + error * np.linspace(-8, 8, 1601) for value, error in said])
    level = np.unique(np.concatenate([fine, np.linspace(-100, 350, 9001)])) / 10
    shared = np.linspace(-5, 5, 201)
    logp = claims_logp(level[:, None], shared[None, :], said)
    mass = np.exp(logp - logp.max()).sum(axis=1)
    below = level < limit / 10
    return float(np.trapezoid(mass * below, level) / np.trapezoid(mass, level))


def starts_of(said: tuple[tuple[float, float], ...]) -> list[NDArray]:
    return [np.array([value / 10, 0.0]) for value, _ in said]


def drawn(density: CompiledDensity, starts: list[NDArray], **settings: Any) -> Iterator[Round]:
    modes = modes_of(density, starts)
    settings = SETTINGS | {"target_accept": 0.85} | settings
    return rounds(density, modes, starts=starts, **settings)


@pytest.mark.parametrize("said", [NEEDLE, GROUPS], ids=["needle", "groups"])
def test_every_part_has_its_weight(said: tuple[tuple[float, float], ...]) -> None:
    density, expected = density_of(said).whitened(), by_quadrature(said, 120.0)
    assert 0.1 < expected < 0.9
    for seed in SEEDS:
        found = next(drawn(density, starts_of(said), seed=seed))
        level = found.parameters["level"]
        assert found.n_modes > 1 and found.sampler == "jumps"
        statistics = convergence_statistics(level[..., None])
        assert statistics["r_hat"] <= 1.01
        assert min(statistics["ess_bulk"], statistics["ess_tail"]) >= 400
        # With 400 independent draws the standard error is 0.025 at most; there are thousands.
        assert (level < 12.0).mean() == pytest.approx(expected, abs=0.025)


def test_a_poor_mixture_still_gives_the_density() -> None:
    """The acceptance is exact: a bad fit costs draws, it does not move them."""
    said = ((100.0, 10.0), (104.0, 10.0), (160.0, 10.0))
    poor = Mixture(
        centre=np.array([[10.0, 1.0], [15.0, -1.0]]),
        root=np.array([np.diag([2.0, 0.4]), [[0.5, 0.0], [0.3, 2.0]]]),
        share=np.array([0.2, 0.8]),
    )
    places = [np.array([10.0, 0.0]), np.array([16.0, 0.0])]
    chains = JumpingChains(density_of(said), poor, places=places, cores=2, seed=1)
    points, _ = chains.draw(4000, 4)
    for limit in (90.0, 105.0, 130.0, 165.0):
        expected = by_quadrature(said, limit)
        assert (points[..., 0] < limit / 10).mean() == pytest.approx(expected, abs=0.02)


def test_the_number_of_processors_does_not_matter() -> None:
    density = density_of(GROUPS).whitened()
    starts = starts_of(GROUPS)
    one, two = (next(drawn(density, starts, seed=3, cores=cores)) for cores in (1, 2))
    np.testing.assert_array_equal(one.parameters["level"], two.parameters["level"])


def test_one_mode_is_found_once_and_sampled_by_nuts() -> None:
    said = ((100.0, 10.0), (104.0, 10.0), (98.0, 10.0))
    density = density_of(said).whitened()
    starts = starts_of(said)
    assert len(modes_of(density, starts)) == 1
    assert next(drawn(density, starts, seed=1)).sampler == "nuts"


def test_later_rounds_go_on_by_jumps_and_then_end() -> None:
    said = ((100.0, 10.0), (104.0, 10.0), (98.0, 10.0))
    density = density_of(said).whitened()
    found = list(drawn(density, starts_of(said), seed=1, draws=500, tune=100))
    assert [each.number for each in found] == [1, 2, 3, 4]
    assert [each.sampler for each in found] == ["nuts", "jumps", "jumps", "jumps"]
    for each in found:
        assert each.parameters["level"].shape == (4, 500)
        below = (each.parameters["level"] < 10.5).mean()
        assert below == pytest.approx(by_quadrature(said, 105.0), abs=0.04)


def test_the_mixture_finds_two_parts() -> None:
    rng = np.random.default_rng(1)
    points = np.concatenate(
        [rng.normal(size=(3000, 2)), [8.0, 0.0] + [0.1, 1.0] * rng.normal(size=(1000, 2))]
    )
    found = fitted(halves(points, np.cov(points.T)), points)
    order = np.argsort(found.centre[:, 0])
    assert found.share[order] == pytest.approx([0.75, 0.25], abs=0.01)
    assert found.centre[order, 0] == pytest.approx([0.0, 8.0], abs=0.1)


def test_many_narrow_parts_within_wide_ones_are_left_and_found_again() -> None:
    """Each of ten variables is right, or off by far more: a thousand parts, and a few fitted."""
    narrow, n = 0.005, 10
    with pm.Model() as model:
        x = pm.Flat("x", shape=n)
        spike = -0.5 * (x / narrow) ** 2 - np.log(narrow)
        pm.Potential("claims", pt.sum(pt.logaddexp(spike, -0.5 * x**2)))
    density = compile_density(model).whitened()
    points = np.random.default_rng(1).standard_normal((4, 500, n))
    chains = JumpingChains.from_draws(density, points, tune=1000, cores=2, seed=1)
    drawn, _ = chains.draw(1000, 3)
    within = (np.abs(drawn) < 3 * narrow).astype(float)
    # Half of the narrow parts, and what of the wide ones lies there.
    expected = 0.5 * (0.9973 + 2 * (norm.cdf(3 * narrow) - 0.5))
    np.testing.assert_allclose(within.mean(axis=(0, 1)), expected, atol=0.2)
    # Without steps of single variables some 20; standard errors of the shares above are 0.05.
    assert np.median(ess_bulk(within)) > 60
