"""The hand-written density against the PyMC model, term by term, and how it finds its data."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pymc as pm
import pytest
from nutpie.compile_pymc import address_as_void_pointer
from pytensor.compile.mode import Mode
from scipy.optimize import minimize_scalar

import reconcile as rc
from model_sets import ALL_SETS, few_claims, many_series
from reconcile.inference.density import CompiledDensity
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.design.paths import PATH_SPREAD
from reconcile.models.log_scale.kernel import arrays as table
from reconcile.models.log_scale.kernel import jit as jit_module
from reconcile.models.log_scale.kernel.arrays import VARIABLES, array, variable, variables
from reconcile.models.log_scale.kernel.coordinates import (
    aitken_limit,
    most_likely_spread,
    whitened_paths,
)
from reconcile.models.log_scale.kernel.layout import kernel_data, kernel_density
from reconcile.models.log_scale.pymc.model import model_of


@pytest.fixture(scope="module", params=ALL_SETS)
def plan(request: pytest.FixtureRequest) -> Design:
    return design(ALL_SETS[request.param]())


def by_variable(names: list[str], sizes: list[int], values: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(names, np.split(values, np.cumsum(sizes)[:-1]), strict=True))


# Coordinates of the kernel, and the variables that they stand for.
OF_MODEL = {"level_z": "total_z", "path_shared": "path_shared_z", "path_own": "path_own_z"}


def at_the_last_day(plan: Design) -> CompiledDensity:
    """The density with apparent totals at the last day: its variables are the model's."""
    density = kernel_density(plan)
    last = np.full(plan.structure.n_accruing, len(plan.structure.dates) - 1)
    apparent = np.zeros(plan.wholes.root.size)
    return density.with_data({"level_date": last, "level_true": apparent})


def names_and_sizes(plan: Design, density: CompiledDensity) -> tuple[list[str], list[int]]:
    """Variables of the model in the order of the kernel's point; biases are one block of it."""
    found: dict[str, int] = {}
    for name, shape in zip(density.names, density.shapes, strict=True):
        block = {OF_MODEL.get(name, name): int(np.prod(shape))}
        if name == "level_z":
            block = {"total_z": plan.wholes.n_series, "whole_z": len(plan.wholes.parts)}
        found |= plan.biases.sizes if name == "error_z" else block
    return list(found), list(found.values())


def test_the_kernel_and_the_pymc_model_agree(plan: Design) -> None:
    """Value and every slope to ten digits, at points far from the mode too."""
    density, model = at_the_last_day(plan), model_of(plan)
    function = model.logp_dlogp_function(ravel_inputs=True, mode=Mode("py", "fast_compile"))
    theirs = [model.values_to_rvs[value].name for value in model.continuous_value_vars]
    ours, sizes = names_and_sizes(plan, density)
    rng = np.random.default_rng(1)
    assert {n for n, size in zip(ours, sizes, strict=True) if size} == set(theirs)
    for reach, common in ((0.1, 1), (0.7, 1), (0.7, 1), (0.7, 5), (0.7, -5), (2.0, 1)):
        point = density.shift + rng.normal(0, reach, density.shift.size)
        parts = by_variable(ours, sizes, point)
        # Views of the point: common errors as far off as they go, too.
        parts["common_z"] *= common
        value, slope = density.slope(point)
        logp, gradient = function(np.concatenate([parts[n] for n in theirs]), extra_vars={})
        assert -value == pytest.approx(float(logp), rel=1e-10)
        found = by_variable(ours, sizes, -slope)
        expected = by_variable(theirs, [parts[n].size for n in theirs], np.asarray(gradient))
        for name in theirs:
            np.testing.assert_allclose(
                found[name], expected[name], rtol=1e-9, atol=1e-9, err_msg=name
            )


def test_in_the_coordinates_of_the_sampler_the_model_is_the_same(plan: Design) -> None:
    """The PyMC model at the variables, plus the determinant of the way to them, and slopes."""
    model = model_of(plan)
    theirs = model.compile_logp(mode=Mode("py", "fast_compile"))
    rng = np.random.default_rng(2)
    for density in (kernel_density(plan), whitened_paths(kernel_density(plan))):
        data = density.compiled.shared_data
        for reach in (0.1, 0.7, 2.0):
            step = rng.normal(0, reach, density.shift.size)
            variables = density.unpacked(step)
            by_value = {model.rvs_to_values[rv]: variables[rv.name] for rv in model.free_RVs}
            expected = float(theirs({value.name: x for value, x in by_value.items()}))
            if data["path_information"].size:
                moved = variables["path_spread_z"] - data["path_centre"]
                rows = [variables[name].shape[0] for name in ("path_shared_z", "path_own_z")]
                pull = data["path_information"].reshape(sum(rows), -1).sum(axis=1)
                parts = np.split(pull, [rows[0]])
                expected -= PATH_SPREAD * sum(
                    m * p.sum() for m, p in zip(moved, parts, strict=True)
                )
            point = density.shift + density.root.apply(step)
            value, slope = density.slope(point)
            assert -value == pytest.approx(expected, rel=1e-10)
            # Along the line to a point nearby: the middle of the slopes is that of the line.
            way = rng.normal(0, 1e-6, point.size)
            there, back = density.slope(point + way), density.slope(point - way)
            assert (there[0] - back[0]) / 2 == pytest.approx(
                float(slope @ way), rel=1e-4, abs=1e-10
            )


def days_taken(claims: rc.ClaimSet) -> list[str]:
    plan = design(claims)
    return [str(plan.structure.dates[k]) for k in kernel_data(plan)["level_date"]]


def test_a_running_total_is_taken_amid_its_claims() -> None:
    """In the midst of those that are sharp: where it is known, if it is."""
    assert all("2022-03-08" < day < "2022-03-15" for day in days_taken(many_series()))
    figures = [rc.Figure(name=name, accrues=True) for name in ("killed", "wounded")]
    about: dict[str, Any] = {"figure": "killed", "source": "A", "role": "own"}
    claims = [rc.Claim.point(10 * day, date=f"2022-03-{day:02}", **about) for day in (3, 4, 5)]
    claims.append(rc.Claim.point(9, **about | {"figure": "wounded"}, date="2022-04-30"))
    early = rc.ClaimSet(claims, figures=figures, start="2022-02-20")
    assert days_taken(early) == ["2022-03-04", "2022-04-30"]
    truth = rc.Claim.truth(55, 60, figure="killed", source="B", date="2022-04-30")
    assert days_taken(early.replace([*claims, truth])) == ["2022-04-30"] * 2


def test_the_sets_have_every_kind_of_data() -> None:
    """What no set has would be agreed upon by default."""
    empty, never = set(), set(table.DATA) - set(table.LAYOUT)
    for make in ALL_SETS.values():
        data = kernel_data(design(make()))
        assert [*data, *table.LAYOUT] == list(table.DATA)
        never -= {name for name, array in data.items() if np.any(array)}
        empty |= {name for name, array in data.items() if not array.size}
    # Filled when coordinates are chosen.
    assert never == {"path_centre", "path_rotation", "path_information"}
    assert {"limit_log", "part_node", "below_column", "register_sd", "knot_step"} <= empty


def test_every_array_is_found_at_its_place() -> None:
    """By its name: one of each kind, the last of all, and what the sampler adds."""
    names = (*table.DATA, "shift", "root_order", "root_begin", "root_row", "root_value")
    arrays = [
        np.array([k]) if name in table.INTEGER else np.array([k + 0.5])
        for k, name in enumerate(names)
    ]
    pointers = np.array([[a.ctypes.data, a.size] for a in arrays], dtype=np.int64).ravel()

    @numba.njit
    def read(address: int) -> tuple[float, ...]:
        data = address_as_void_pointer(address)
        return (
            array(data, "total_mean_log")[0],
            array(data, "role_of")[0],
            array(data, "begins")[0],
            array(data, "shift")[0],
            array(data, "root_row")[0],
            array(data, "root_value")[0],
        )

    asked = ("total_mean_log", "role_of", "begins", "shift", "root_row", "root_value")
    expected = [names.index(name) + (name not in table.INTEGER) * 0.5 for name in asked]
    assert list(read(pointers.ctypes.data)) == expected


def test_a_free_variable_is_a_part_of_the_point() -> None:
    begins = np.array([3 * k for k in range(len(VARIABLES) + 1)])
    place = table.DATA.index("begins")
    pointers = np.zeros(2 * (place + 1), dtype=np.int64)
    pointers[2 * place : 2 * place + 2] = begins.ctypes.data, begins.size

    @numba.njit
    def marked(address: int, point: np.ndarray) -> tuple[int, int, int]:
        data = address_as_void_pointer(address)
        first, last = variable(data, point, "level_z"), variable(data, point, "path_own")
        some = variables(data, point, "noise_log", "overconfidence_log")
        first[0], last[2], some[0], some[5] = 1.0, 2.0, 3.0, 4.0
        return first.size, last.size, some.size

    point = np.zeros(3 * len(VARIABLES))
    assert marked(pointers.ctypes.data, point) == (3, 3, 6)
    marks = {k: value for k, value in enumerate(point) if value}
    third = 3 * VARIABLES.index("noise_log")
    assert marks == {0: 1.0, point.size - 1: 2.0, third: 3.0, third + 5: 4.0}


def test_old_machine_code_is_not_used_for_new_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of any file of the kernel changes the key under which numba keeps the function."""
    package = Path(jit_module.__file__).parent
    kernel = tmp_path / "models" / "log_scale" / "kernel"
    factor = tmp_path / "inference" / "cholesky.py"
    shutil.copytree(package, kernel)
    factor.parent.mkdir()
    shutil.copy(package.parents[2] / "inference" / "cholesky.py", factor)
    monkeypatch.setattr(jit_module, "__file__", str(kernel / "jit.py"))
    before = jit_module.source_stamp()
    for file in [factor, *kernel.glob("*.py")]:
        old = file.read_bytes()
        file.write_bytes(old + b"\n# changed\n")
        assert jit_module.source_stamp() != before, file.name
        file.write_bytes(old)
    assert jit_module.source_stamp() == before


def test_steps_are_turned_as_the_root_says(plan: Design) -> None:
    """Its coordinates turn steps as they should."""
    plain = kernel_density(plan)
    white = whitened_paths(plain)
    steps = np.random.default_rng(4).normal(size=(5, plain.shift.size))
    turned = white.root.apply(steps)
    # The turned steps of a standard normal vector have the covariance of the variables.
    covariance = white.root.apply(np.eye(plain.shift.size))
    np.testing.assert_allclose(turned, steps @ covariance, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(white.root.variance, (covariance**2).sum(axis=0))


def test_where_a_sequence_leads_that_covers_the_same_share_of_the_way() -> None:
    steps = np.arange(4)[:, None]
    ends, shares = np.array([0.4, -0.9, 0.0]), np.array([0.855, 0.3, 0.5])
    np.testing.assert_allclose(aitken_limit(ends * (1 - shares**steps)), ends, atol=1e-12)
    # One that moves away, or goes back and forth, stays where it is; none goes beyond the farthest.
    assert aitken_limit(np.array([[0.0], [0.1], [0.05], [0.09]]))[0] == pytest.approx(0.09)
    assert aitken_limit(np.array([[0.0], [1.0], [2.0], [3.0]]))[0] == pytest.approx(3.5)


@pytest.mark.parametrize(("z", "n", "square"), [(0.0, 4, 4.0), (0.7, 60, 90.0), (-1, 9000, 3000.0)])
def test_the_most_likely_spread(z: float, n: int, square: float) -> None:
    """Against the numerical maximum of what it maximises."""

    def minus(x: float) -> float:
        return n * 0.4 * x + square * np.exp(-0.8 * (x - z)) / 2 + x * x / 2

    best = minimize_scalar(minus, bounds=(-3.5, 3.5), method="bounded", options={"xatol": 1e-9}).x
    assert most_likely_spread(z, n, square, 0.4) == pytest.approx(best, abs=1e-4)


def test_the_model_has_no_variable_that_the_kernel_lacks() -> None:
    names: set[str] = set()
    for make in ALL_SETS.values():
        with model_of(design(make())) as model:
            assert isinstance(model, pm.Model)
            names |= {variable.name for variable in model.free_RVs}
    biases = {term.name for make in ALL_SETS.values() for term in design(make()).biases.terms}
    rest = {OF_MODEL.get(name, name) for name in VARIABLES if name != "error_z"}
    assert names == biases | rest | {"whole_z"}


def test_the_callback_is_compiled_once_for_all(plan: Design) -> None:
    assert isinstance(kernel_density(plan).compiled.compiled_logp_func, numba.core.ccallback.CFunc)
    first = kernel_density(design(few_claims())).compiled.compiled_logp_func
    assert kernel_density(plan).compiled.compiled_logp_func is first


def test_several_threads_find_what_one_finds(plan: Design) -> None:
    """Chains, and differences of the gradient, call the density at the same time."""
    density = kernel_density(plan)
    points = density.shift + np.random.default_rng(6).normal(0, 0.3, (60, density.shift.size))
    alone = [density.slope(point) for point in points]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            found = list(pool.map(density.slope, points))
            for (value, gradient), (ours, our_gradient) in zip(alone, found, strict=True):
                assert ours == value
                np.testing.assert_array_equal(our_gradient, gradient)
