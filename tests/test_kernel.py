"""The hand-written density against the PyMC model, term by term, and how it finds its data."""

from __future__ import annotations

import shutil
from pathlib import Path

import numba
import numpy as np
import pymc as pm
import pytest
from pytensor.compile.mode import Mode
from test_model import SETS

import reconcile as rc
from reconcile.design import Design, design
from reconcile.kernel import jit as jit_module
from reconcile.kernel import table
from reconcile.kernel.density import FREE, Free
from reconcile.kernel.metric import _limit, whitened_paths
from reconcile.kernel.packing import kernel_data, kernel_density
from reconcile.model import model_of


def few_claims() -> rc.ClaimSet:
    """One claim: hardly any term of the model is there."""
    return rc.ClaimSet([rc.Claim.point(7, figure="killed", source="A", role="own")])


def one_day() -> rc.ClaimSet:
    """A running total with a single stretch of time, whose path cannot bend."""
    return rc.ClaimSet(
        [rc.Claim.point(70, figure="killed", source="A", role="own", date="2022-03-01")],
        figures=[rc.Figure(name="killed", accrues=True)],
        start="2022-02-24",
    )


def many_series() -> rc.ClaimSet:
    """Running totals of four populations over twenty days, and sums of them."""
    claims = [
        rc.Claim.point(
            10 * day * (place + 1),
            figure=figure,
            population=population,
            source=f"source {day % 3}",
            role=("own", "enemy", "third")[day % 3],
            date=f"2022-03-{day:02}",
        )
        for day in range(1, 21)
        for place, population in enumerate("ABCD")
        for figure in ("killed", "killed + wounded")
    ]
    figures = [rc.Figure(name=name, accrues=True) for name in ("killed", "wounded")]
    return rc.ClaimSet(claims, figures=figures, start="2022-02-20", setting="war")


ALL = SETS | {"few": few_claims, "one day": one_day, "many": many_series}


@pytest.fixture(scope="module", params=ALL)
def plan(request: pytest.FixtureRequest) -> Design:
    return design(ALL[request.param]())


def by_variable(names: list[str], sizes: list[int], values: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(names, np.split(values, np.cumsum(sizes)[:-1]), strict=True))


def test_the_kernel_and_the_pymc_model_agree(plan: Design) -> None:
    """Value and every slope to ten digits, at points far from the mode too."""
    density, model = kernel_density(plan), model_of(plan)
    function = model.logp_dlogp_function(ravel_inputs=True, mode=Mode("py", "fast_compile"))
    theirs = [model.values_to_rvs[value].name for value in model.continuous_value_vars]
    sizes = [int(np.prod(shape)) for shape in density.shapes]
    rng = np.random.default_rng(1)
    assert {n for n, size in zip(density.names, sizes, strict=True) if size} == set(theirs)
    for reach in (0.1, 0.7, 0.7, 0.7, 2.0):
        point = density.shift + rng.normal(0, reach, density.shift.size)
        parts = by_variable(list(density.names), sizes, point)
        value, slope = density.slope(point)
        logp, gradient = function._pytensor_function(np.concatenate([parts[n] for n in theirs]))
        assert -value == pytest.approx(float(logp), rel=1e-10)
        found = by_variable(list(density.names), sizes, -slope)
        expected = by_variable(theirs, [parts[n].size for n in theirs], np.asarray(gradient))
        for name in theirs:
            np.testing.assert_allclose(
                found[name], expected[name], rtol=1e-9, atol=1e-9, err_msg=name
            )


def test_the_sets_have_every_kind_of_data() -> None:
    """What no set has would be agreed upon by default."""
    empty, never = set(), set(table.DATA) - {"lengths"}
    for make in ALL.values():
        data = kernel_data(design(make()))
        assert list(data) == [name for name in table.DATA if name != "lengths"]
        never -= {name for name, array in data.items() if np.any(array)}
        empty |= {name for name, array in data.items() if not array.size}
    assert not never
    assert {"ceiling_log", "drift_sd", "below_node", "register_sd", "knot_step"} <= empty


def test_every_array_is_found_at_its_place() -> None:
    arrays = [
        np.array([k + 0.5]) if name not in table.WHOLE else np.array([k])
        for k, name in enumerate(table.DATA)
    ]
    root = [np.array([-1.5]), np.array([-2]), np.array([-3]), np.array([-4]), np.array([-5.5])]
    pointers = np.array([[a.ctypes.data, a.size] for a in [*arrays, *root]], dtype=np.int64).ravel()
    readers = (
        table.read_figures,
        table.read_sums,
        table.read_errors,
        table.read_claims,
        table.read_priors,
    )
    for read in readers:
        record = read(pointers)
        for name, array in zip(record._fields, record, strict=True):
            assert int(array[0]) == table.DATA.index(name)
            assert array.dtype == (np.int64 if name in table.WHOLE else np.float64)
    assert table.read_lengths(pointers)[0] == table.DATA.index("lengths")
    assert [float(array[0]) for array in table.read_root(pointers)] == [-1.5, -2, -3, -4, -5.5]


def test_free_variables_are_named_once() -> None:
    assert Free._fields == FREE


def test_old_machine_code_is_not_used_for_new_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of any file of the kernel changes the key under which numba keeps the function."""
    package = Path(jit_module.__file__).parent
    shutil.copytree(package, tmp_path / "kernel")
    shutil.copy(package.parent / "whitening.py", tmp_path)
    monkeypatch.setattr(jit_module, "__file__", str(tmp_path / "kernel" / "jit.py"))
    before = jit_module.source_stamp()
    for file in [tmp_path / "whitening.py", *(tmp_path / "kernel").glob("*.py")]:
        old = file.read_bytes()
        file.write_bytes(old + b"\n# changed\n")
        assert jit_module.source_stamp() != before, file.name
        file.write_bytes(old)
    assert jit_module.source_stamp() == before


def test_whitened_the_density_is_the_same(plan: Design) -> None:
    """As a function of the variables; and its curvature at the origin is about the identity."""
    plain = kernel_density(plan)
    white = whitened_paths(plain)
    point = plain.shift + np.random.default_rng(3).normal(0, 0.5, plain.shift.size)
    assert white.slope(point)[0] == pytest.approx(plain.slope(point)[0], rel=1e-12)
    steps = np.random.default_rng(4).normal(size=(5, plain.shift.size))
    turned = white.root.apply(steps)
    # The turned steps of a standard normal vector have the covariance of the variables.
    covariance = white.root.apply(np.eye(plain.shift.size))
    np.testing.assert_allclose(turned, steps @ covariance, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(white.root.variance, (covariance**2).sum(axis=0))


def test_where_a_sequence_leads_that_covers_the_same_share_of_the_way() -> None:
    steps = np.arange(4)[:, None]
    ends, shares = np.array([0.4, -0.9, 0.0]), np.array([0.855, 0.3, 0.5])
    np.testing.assert_allclose(_limit(ends * (1 - shares**steps)), ends, atol=1e-12)
    # One that moves away, or goes back and forth, stays where it is; none goes beyond the farthest.
    assert _limit(np.array([[0.0], [0.1], [0.05], [0.09]]))[0] == pytest.approx(0.09)
    assert _limit(np.array([[0.0], [1.0], [2.0], [3.0]]))[0] == pytest.approx(np.log(4))


def test_the_model_has_no_variable_that_the_kernel_lacks() -> None:
    names: set[str] = set()
    for make in ALL.values():
        with model_of(design(make())) as model:
            assert isinstance(model, pm.Model)
            names |= {variable.name for variable in model.free_RVs}
    assert names == set(FREE)


def test_the_callback_is_compiled_once_for_all(plan: Design) -> None:
    assert isinstance(kernel_density(plan).compiled.compiled_logp_func, numba.core.ccallback.CFunc)
    first = kernel_density(design(few_claims())).compiled.compiled_logp_func
    assert kernel_density(plan).compiled.compiled_logp_func is first
