"""The curvature of very many variables is that of few, worked out in another way."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import csc_array, csr_array

import reconcile as rc
from model_sets import ALL_SETS
from reconcile.inference import density as sampler
from reconcile.inference import sparse_hessian as sparse_curvature
from reconcile.inference.cholesky import sparse_factor
from reconcile.inference.density import CompiledDensity
from reconcile.inference.mode import numerical_hessian
from reconcile.inference.sparse_hessian import SparseHessian
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.kernel.layout import kernel_density


def ratio_and_ceiling() -> rc.ClaimSet:
    """A ratio with a prior, of a figure that is under a ceiling with another."""
    about: dict[str, Any] = {"source": "A", "role": "own"}
    claims = [rc.Claim.point(90, figure=name, **about) for name in ("killed", "wounded", "missing")]
    figures = [
        rc.Figure(name="gone", parts=("killed", "missing"), ceiling=150),
        *(rc.Figure(name=name, accrues=False) for name in ("killed", "wounded", "missing")),
    ]
    ratio = rc.Ratio(of="killed / wounded", about=1, sd_log=0.1)
    return rc.ClaimSet(claims, figures=figures, ratios=[ratio])


SETS = ALL_SETS | {"ratio and ceiling": ratio_and_ceiling}


def with_pattern(claims: rc.ClaimSet) -> tuple[CompiledDensity, csr_array]:
    density = kernel_density(design(claims))
    assert density.sparsity_pattern is not None
    sparsity_pattern = density.sparsity_pattern()
    assert sparsity_pattern is not None
    return density, sparsity_pattern


def descended(density: CompiledDensity) -> np.ndarray:
    """The mode."""
    return np.asarray(minimize(density.slope, density.shift, jac=True, method="BFGS").x)


def cities(n: int, *, apart: float = 1.0) -> rc.ClaimSet:
    """Many populations, each with a dozen claims; some sources speak of several."""
    rng = np.random.default_rng(n)
    claims = [
        rc.Claim.point(
            int(np.exp(rng.normal(6, apart))),
            figure="killed",
            population=f"city {city}",
            source=f"source {(city * k) % (3 * n)}",
            role=("own", "enemy", "third", "media")[k % 4],
        )
        for city in range(n)
        for k in range(12)
    ]
    return rc.ClaimSet(claims, figures=[rc.Figure(name="killed", accrues=False)])


def test_there_is_no_curvature_where_nothing_is_touched() -> None:
    """Of models with every term: the full matrix is zero off the pattern."""
    seen: set[str] = set()
    for name, make in SETS.items():
        density, sparsity_pattern = with_pattern(make())
        rng = np.random.default_rng(3)
        point = density.shift + rng.normal(0, 0.5, density.shift.size)
        full = numerical_hessian(density.slope, point)
        pattern = (sparsity_pattern.T @ sparsity_pattern).toarray() > 0
        outside = np.abs(full[~pattern])
        assert outside.max(initial=0.0) < 1e-6 * np.abs(full).max(), name
        seen |= {key for key, array in density.compiled.shared_data.items() if np.any(array)}
    needed = {
        "limit_log",
        "floor",
        "part_node",
        "register_sd",
        "below_value",
        "serial_share",
        "knot_step",
    }
    assert needed <= seen


@pytest.mark.parametrize("name", ["cities", *SETS])
def test_it_is_the_full_curvature(name: str) -> None:
    density, sparsity_pattern = with_pattern(SETS[name]() if name in SETS else cities(12))
    point = descended(density)
    if name == "limits":
        # The mode lies where one limit takes over from another: there is no curvature on the edge.
        point = point + np.random.default_rng(0).normal(0, 0.01, point.size)
    curvature = SparseHessian.of(sparsity_pattern)
    assert curvature is not None
    np.testing.assert_array_equal(np.sort(curvature.order), np.arange(point.size))
    root = curvature.factor(density.slope, point)
    full = numerical_hessian(density.slope, point)
    assert np.linalg.eigvalsh(full).min() > 0
    steps = root.apply(np.eye(point.size))
    # Some numbers are so sharp that differences one way and the other are not the same.
    rough = {"measured": 0.1, "cities": 0.03, "many": 0.03}.get(name, 5e-3)
    np.testing.assert_allclose(steps @ full @ steps.T, np.eye(point.size), atol=rough)


def test_far_fewer_gradients_than_variables() -> None:
    """Of a hundred populations the curvature takes as many gradients as that of ten."""
    counts = []
    for n in (20, 200):
        density, sparsity_pattern = with_pattern(cities(n))
        curvature = SparseHessian.of(sparsity_pattern)
        assert curvature is not None
        slope = MagicMock(side_effect=density.slope)
        curvature.factor(slope, density.shift)
        counts.append((slope.call_count, density.shift.size))
    (few, _), (many, variables) = counts
    assert many < 2 * few
    assert many < variables / 10


@pytest.mark.filterwarnings("ignore::reconcile.errors.ConvergenceWarning")
def test_laplace_of_many_variables_is_that_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of contradictions, copies, hard figures, careless sources and noise that is far smaller than
    # contradictions there would be several modes.
    claims = cities(40, apart=0.1)
    priors = rc.Priors().replace(
        difficulty_sd_log=0.05, common_tail=0.0, copied_share=0, noise_floor=0.3
    )
    settings = {"draws": 2000, "chains": 2, "random_seed": 2, "progressbar": False}
    settings["priors"] = priors
    full = rc.fit(claims, method="laplace", **settings)
    monkeypatch.setattr(sampler, "MAX_HESSIAN", 100)
    sparse = rc.fit(claims, method="laplace", **settings)
    logs = [np.log(tree["posterior"]["estimate"]) for tree in (full, sparse)]
    # The common error has tails too heavy for moments.
    low, middle, high = zip(
        *(log.quantile((0.1, 0.5, 0.9), ("chain", "draw")).to_numpy() for log in logs), strict=True
    )
    sd = [(b - a) / 2.563 for a, b in zip(low, high, strict=True)]
    assert len(sd[0]) == 40
    np.testing.assert_allclose(sd[1] / sd[0], 1.0, atol=0.1)
    np.testing.assert_allclose((middle[1] - middle[0]) / sd[0], 0.0, atol=0.12)


def test_what_hangs_together_has_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    n = 300
    pairs = rng.integers(0, n, (5 * n, 2))
    rows = np.repeat(np.arange(5 * n), 2)
    sparsity_pattern = csr_array((np.ones(10 * n), (rows, pairs.ravel())), shape=(5 * n, n))
    assert SparseHessian.of(sparsity_pattern) is not None
    monkeypatch.setattr(sparse_curvature, "MAX_ENTRIES", 5 * n)
    assert SparseHessian.of(sparsity_pattern) is None
    # One term of all variables is refused before their pairs are written down.
    assert SparseHessian.of(csr_array(np.ones((1, 20_000)))) is None


def test_a_curvature_that_bends_the_wrong_way_is_made_positive() -> None:
    """With the least share of its diagonal, of 0.001, 0.01 and so on, that makes it so."""
    order = np.array([1, 0])
    for off, share in ((0.5, 0.0), (1.001, 0.01), (2.0, 10.0)):
        curvature = csc_array(np.array([[1.0, off], [off, 1.0]]))
        steps = sparse_factor(curvature, order).apply(np.eye(2))
        made = np.linalg.inv(steps.T @ steps)
        np.testing.assert_allclose(made, curvature.toarray() + share * np.eye(2), rtol=1e-9)


def test_a_curvature_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="not finite"):
        sparse_factor(csc_array(np.array([[1.0, np.nan], [np.nan, 1.0]])), np.array([0, 1]))
