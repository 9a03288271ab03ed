"""The PyMC model against its NumPy twin, its gradient, its data, and what ArviZ makes of it."""

import arviz_stats
import numpy as np
import pymc as pm
import pytest
import xarray as xr
from pytensor.compile.mode import Mode

import reconcile as rc
from model_sets import GROUPED, SETS, rich_claims
from reconcile.inference.density import CompiledDensity
from reconcile.inference.pytensor_density import compile_density
from reconcile.models.log_scale.design.arrays import model_data
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.pymc.model import model_of
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import log_likelihood
from reconcile.models.log_scale.reference.prior import draw_parameters
from reconcile.priors.constants import STATED


@pytest.fixture(scope="module", params=SETS)
def plan(request: pytest.FixtureRequest) -> Design:
    return design(SETS[request.param]())


def test_the_sets_have_every_term_of_the_model() -> None:
    plans = {name: design(make()) for name, make in SETS.items()}
    rich, frequent, measured, spoken, settling = plans.values()
    assert len(spoken.registers.labels) == 2 and len(settling.registers.labels) == 6
    assert set(settling.registers.is_true.tolist()) == {True, False}
    assert set(np.sign(settling.registers.register_of).tolist()) == {-1, 0, 1}
    readings = spoken.readings
    assert readings.is_linear.any() and readings.tilt_log.any() and readings.is_certain.any()
    # Two ratios that are known, and the plausible range of a series.
    assert spoken.structure.below.nnz
    assert sorted(bool(below) for _, below, *_ in spoken.ranges) == [False, True, True]
    assert {"role_z", "camp_z", "category_z"} <= rich.biases.sizes.keys()
    assert "drift_z" not in rich.biases.sizes and frequent.biases.sizes["drift_z"] == 4
    # A chain in time, a revision, and two of one origin on one day.
    assert rich.serial.is_revised.sum() == 1 and (rich.serial.share > 0).sum() == 2
    assert (rich.serial.weight == 0.5).sum() == 2
    assert rich.readings.is_truth.any() and measured.readings.is_truth.any()
    assert {v.source for v in rich.speakers.voices} >= {"a report"}
    assert (measured.noise.factor == 0).sum() == 4
    assert measured.common.sd_log[0] < 0.001
    assert set(measured.noise.stated_of[:3].tolist()) == {STATED.index("measured")}


@pytest.fixture(scope="module")
def model(plan: Design) -> pm.Model:
    return model_of(plan)


@pytest.fixture(scope="module")
def density(model: pm.Model) -> CompiledDensity:
    return compile_density(model)


def free_point(model: pm.Model, rng: np.random.Generator) -> dict[str, np.ndarray]:
    start = model.initial_point(0)
    return {name: value + rng.normal(0, 0.7, np.shape(value)) for name, value in start.items()}


def as_draw(point: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A point of the model as one draw of its free variables."""
    values = {}
    for name, value in point.items():
        logged = name.endswith("_log__")
        values[name.removesuffix("_log__")] = np.asarray(np.exp(value) if logged else value)[None]
    return values


def test_the_model_and_its_numpy_twin_agree(plan: Design, model: pm.Model) -> None:
    rng = np.random.default_rng(1)
    claims_logp = model.compile_logp(vars=model.observed_RVs, sum=False)
    derived = model.compile_fn(
        model.replace_rvs_by_values([model["estimate"], model["bias_log"]]),
        inputs=model.value_vars,
        on_unused_input="ignore",
    )
    for _ in range(20):
        point = free_point(model, rng)
        latent = forward(plan, as_draw(point))
        (graph,) = claims_logp(point)
        np.testing.assert_allclose(graph, log_likelihood(plan, latent)[0], rtol=1e-9, atol=1e-9)
        estimate, bias = derived(point)
        np.testing.assert_allclose(estimate, latent.estimate[0], rtol=1e-9)
        np.testing.assert_allclose(bias, latent.bias_log[0], rtol=1e-9, atol=1e-12)


def evaluate(density: CompiledDensity, point: np.ndarray) -> tuple[float, np.ndarray]:
    """Log density and gradient by the compiled callback, as the sampler calls it."""
    value, gradient = density.slope(density.shift + point)
    return -value, -gradient


def test_gradient_of_the_model_against_finite_differences(density: CompiledDensity) -> None:
    rng = np.random.default_rng(2)
    x = density.compiled.initial_point_func(3)
    for _ in range(3):
        x = x + rng.normal(0, 0.3, x.size)
        _, gradient = evaluate(density, x)
        for k in range(x.size):
            step = np.zeros_like(x)
            step[k] = 1e-5
            numeric = (evaluate(density, x + step)[0] - evaluate(density, x - step)[0]) / 2e-5
            assert gradient[k] == pytest.approx(numeric, rel=1e-5, abs=1e-6)


def test_the_compiled_callback_is_the_density_of_the_model(
    model: pm.Model, density: CompiledDensity
) -> None:
    function = model.logp_dlogp_function(ravel_inputs=True, mode=Mode("py", "fast_compile"))
    point = density.compiled.initial_point_func(5)
    value, gradient = evaluate(density, point)
    expected, slope = function(density.shift + point, extra_vars={})
    assert value == pytest.approx(float(expected), rel=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-10, atol=1e-12)


def test_new_data_need_no_compilation() -> None:
    """A density given the data of another set of the same shape is that set's density."""
    claims = rich_claims()
    other = claims.replace(
        [
            rc.Claim.point(
                800,
                figure="killed",
                date="2022-03-20",
                source=c.source,
                role=c.role,
                population="A",
            )
            if k == 1
            else c
            for k, c in enumerate(claims)
        ]
    )
    first, second = design(claims), design(other, rc.Priors(common_bias_sd_log=0.5))
    moved = compile_density(model_of(first)).with_data(model_data(second))
    fresh = compile_density(model_of(second))
    settings = {"draws": 50, "tune": 50, "chains": 2, "seed": 1, "progress_bar": False}
    for one, two in zip(
        moved.sample(**settings)[0].values(), fresh.sample(**settings)[0].values(), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_every_constant_of_the_model_is_data(plan: Design, model: pm.Model) -> None:
    assert {variable.name for variable in model.data_vars} == set(model_data(plan))


def test_prior_draws_of_the_model_and_of_numpy_are_alike() -> None:
    """Without ceilings and ranges, which PyMC's forward sampling cannot know of."""
    claims = rich_claims(ceilings=False)
    figures = [f for f in claims.figures.values() if f.name in ("killed", "wounded")]
    claims = rc.ClaimSet(
        [c for c in claims if c.figure != "losses"],
        figures=figures,
        sources=GROUPED,
        start=claims.start,
    )
    plan = design(claims)
    with model_of(plan):
        theirs = pm.sample_prior_predictive(
            4000, random_seed=1, var_names=["estimate"], compile_kwargs={"mode": "FAST_COMPILE"}
        )
    theirs_log = np.log(theirs["prior"]["estimate"].to_numpy()[0])
    parameters = draw_parameters(plan, np.random.default_rng(1), 4000)
    ours_log = np.log(forward(plan, parameters).estimate)
    for ours, other in zip(ours_log.T, theirs_log.T, strict=True):
        # The common error has heavy tails: quantiles tell more than moments. The median of a
        # normal variable has an error of 1.25 / sqrt(n), the width between these one of 2 %.
        one, two = (np.quantile(x, (0.05, 0.5, 0.95)) for x in (ours, other))
        widths = one[2] - one[0], two[2] - two[0]
        assert widths[0] == pytest.approx(widths[1], rel=0.08)
        spread = 1.25 * np.hypot(*widths) / 3.29 / np.sqrt(4000)
        assert abs(one[1] - two[1]) < 4 * spread


@pytest.mark.filterwarnings("ignore:Numba will use object mode to run CustomDist")
# Seven claims: leaving one out moves the posterior far, which is what the warning says.
@pytest.mark.filterwarnings("ignore:Estimated shape parameter of Pareto distribution")
def test_pymc_and_arviz_work_on_the_result(seven_claims: rc.ClaimSet, fitted: xr.DataTree) -> None:
    with rc.build_model(seven_claims):
        theirs = pm.sample_posterior_predictive(fitted, random_seed=1, progressbar=False)
        likelihood = pm.compute_log_likelihood(
            fitted, progressbar=False, extend_inferencedata=False
        )
    draws = theirs["posterior_predictive"]["reading_log"]
    ours = fitted["posterior_predictive"]["reading_log"]
    # Medians: the unsound draws have wide tails. 4,000 draws of a scale of about 1.
    np.testing.assert_allclose(
        draws.median(("chain", "draw")), ours.median(("chain", "draw")), atol=0.15
    )
    np.testing.assert_allclose(
        likelihood["reading_log"], fitted["log_likelihood"]["reading_log"], rtol=1e-9, atol=1e-9
    )
    loo = arviz_stats.loo(fitted, pointwise=True)
    assert loo.n_data_points == 7
    assert np.isfinite(loo.elpd)
