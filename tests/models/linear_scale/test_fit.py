"""Fits on the natural scale: the sampler against calculations without one, and what is shown."""

from collections.abc import Iterator
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from scipy import stats

import reconcile as rc
from model_sets import FIGURE, NUMBERS, OTHERS, TRUTH, C, cold, said_of
from reconcile.models.linear_scale.design import linear_design
from reconcile.models.linear_scale.exact import draw_exactly
from reconcile.models.linear_scale.fit import fit_linear
from reconcile.models.linear_scale.reference import linear_logp

ALL = cold(*NUMBERS, *OTHERS, TRUTH)
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]


@pytest.fixture(scope="module")
def everything() -> xr.DataTree:
    """A fit of claims of every kind. Not to be changed."""
    return rc.fit(ALL, random_seed=5, progressbar=False)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize("noise", ["normal", "logistic"])
def test_the_model_has_the_density(noise: str) -> None:
    """PyTensor and NumPy at random points, with claims of every kind."""
    claims = cold(*ALL, figure=replace(FIGURE, noise=noise))
    plan = linear_design(claims)
    model = rc.build_model(claims)
    assert [variable.name for variable in model.observed_RVs] == ["reading"]
    density = model.compile_logp(jacobian=False)
    rng = np.random.default_rng(1)
    for size in (0.1, 1.0, 1.0, 1.0, 5.0):
        at = {
            "apparent_z": size * rng.normal(size=1),
            "truth_z": size * rng.normal(size=1),
            "tau_z": size * rng.normal(size=1),
            "theta_z": size * rng.normal(size=len(plan.voices)),
        }
        ours = linear_logp(plan, {name: x[None] for name, x in at.items()})[0]
        assert density(at) == pytest.approx(ours, rel=1e-9)


def test_the_sampler_agrees_with_exact_draws() -> None:
    """Quantiles within 0.08 posterior standard deviations: three Monte Carlo errors and more."""
    plan = linear_design(cold(*NUMBERS, TRUTH))
    settings = {"draws": 4000, "tune": 500, "chains": 4, "cores": 2, "random_seed": 2}
    settings |= {"progressbar": False, "target_accept": 0.9}
    chain, exact = (fit_linear(plan, **settings, exact=e) for e in (False, True))
    assert chain.attrs["converged"]
    for name in ("estimate", "apparent", "tau", "theta", "deviation"):
        one, two = (t["posterior"][name].to_numpy().reshape(16_000, -1) for t in (chain, exact))
        apart = np.quantile(one, QUANTILES, axis=0) - np.quantile(two, QUANTILES, axis=0)
        assert np.abs(apart / two.std(axis=0)).max() < 0.08, name


def test_logistic_noise_against_integrals() -> None:
    """The truth on a grid, its sources integrated out each by itself; an outlier pulls less."""
    heavy = replace(FIGURE, noise="logistic", plausible=(-20.0, 10.0), spread=2.0)
    numbers, errors = np.array([-4.0, -5.0, -4.5, -5.5, 9.0]), np.array([0.5, 1.0, 0.4, 0.3, 0.5])
    claims = [
        C.standard_error(x, e, **said_of(f"study {k}"))
        for k, (x, e) in enumerate(zip(numbers, errors, strict=True))
    ]
    tree = rc.fit(cold(*claims, figure=heavy), draws=4000, random_seed=1, progressbar=False)
    assert tree.attrs["converged"]
    half = errors / (2 * np.arctanh(stats.norm.cdf(1) - stats.norm.cdf(-1)))
    truth, tau = np.linspace(-12, 8, 101)[:, None, None], np.linspace(0.02, 9, 60)[:, None]
    theta = np.linspace(-15, 15, 751)
    logp = stats.norm.logpdf(truth, -5, 15 / stats.norm.ppf(0.975))
    logp = logp + stats.halfnorm.logpdf(tau, scale=2.0)
    among = stats.logistic.pdf(theta, truth, tau * np.sqrt(3) / np.pi)
    for number, scale in zip(numbers, half, strict=True):
        read = stats.logistic.pdf(number, theta, scale)
        with np.errstate(divide="ignore"):
            logp = logp + np.log((among * read).sum(axis=-1))[..., None]
    mass = np.exp(logp - logp.max()).sum(axis=(1, 2))
    middles = mass.cumsum() - 0.5 * mass
    expected = np.interp(QUANTILES, middles / mass.sum(), truth.ravel())
    draws = rc.draws(tree, "temperature").to_numpy()
    np.testing.assert_allclose(np.quantile(draws, QUANTILES), expected, atol=0.08 * draws.std())
    normal = rc.fit(cold(*claims, figure=replace(heavy, noise="normal")), random_seed=1)
    assert np.median(draws) < np.median(rc.draws(normal, "temperature")) - 0.2


def test_bounds_against_weighted_draws(everything: xr.DataTree) -> None:
    """Exact draws without bounds and withdrawn claims, weighted by what these say of the truth."""
    plan = linear_design(ALL)
    assert everything.attrs["converged"]
    base = linear_design(cold(*NUMBERS, TRUTH))
    (prior,) = plan.quantities
    base = replace(base, spread=plan.spread, mean=plan.mean, sd=plan.sd)
    latent = draw_exactly(base, 40_000, np.random.default_rng(1))
    truth, apparent, tau = (x[:, 0] for x in (latent.estimate, latent.apparent, latent.tau))
    roles = plan.priors.roles
    weight = np.ones_like(truth)

    def logistic(sd: np.ndarray) -> object:
        return stats.logistic(scale=sd * np.sqrt(3) / np.pi)

    def below(number: float, at: np.ndarray, sd: np.ndarray, empty: float) -> np.ndarray:
        soft = np.hypot(sd, np.hypot(0.5 / np.sqrt(3), 0.1 * prior.spread))
        return (1 - empty) * logistic(soft).cdf(number - at) + empty / 2

    weight *= 1 - below(-13, apparent, tau, roles["own"].at_least_failure)
    # The station's own numbers tell what it takes for the truth.
    precision = 0.8**-2 + (1.5 / stats.norm.ppf(0.75)) ** -2
    said = (-14.2 * 0.8**-2 - 13.5 * (1.5 / stats.norm.ppf(0.75)) ** -2) / precision
    kept = precision * tau**2 / (1 + precision * tau**2)
    at, sd = apparent + kept * (said - apparent), tau * np.sqrt(1 - kept)
    weight *= below(-2, at, sd, roles["third"].at_most_failure)
    for number, role in ((3.5, "leak"), (-1.5, "media")):
        rounding, sound = 0.05 / np.sqrt(3), roles[role].withdrawn_sound
        reading = stats.norm.pdf(number, apparent, np.hypot(tau, rounding))
        wide = stats.cauchy.pdf(number, truth, np.hypot(5 * prior.spread, rounding))
        weight *= sound * reading + (1 - sound) * wide
    leak = roles["leak"]
    bound = below(-20, apparent, tau, leak.at_most_failure)
    weight *= leak.withdrawn_sound * bound + (1 - leak.withdrawn_sound) / 2
    order = np.argsort(truth)
    mass = weight[order].cumsum()
    expected = np.interp(QUANTILES, mass / mass[-1], truth[order])
    draws = rc.draws(everything, "temperature").to_numpy()
    np.testing.assert_allclose(np.quantile(draws, QUANTILES), expected, atol=0.08 * draws.std())
    # The lower bound says more than the upper one, which all believe: up.
    assert np.average(truth, weights=weight) > truth.mean()


def test_a_voice_obeys_its_bound(everything: xr.DataTree) -> None:
    theta = everything["posterior"].to_dataset()["theta"]
    harbour = theta.sel(voice="harbour | temperature")
    silent = theta.sel(voice="telegram | temperature")
    above = [float((voice > -13).mean()) for voice in (harbour, silent)]
    assert above[1] + 0.3 < above[0] < 1
    claims = everything["claims"].to_dataset()
    sound = dict(zip(claims["source"].values, claims["sound_probability"].values, strict=False))
    assert sound["pilot"] < 0.5 and sound["station"] > 0.8
    # The trapper's first number gave way to the one that stands.
    assert everything["constant_data"]["weight"].values[10] == 0


def test_the_sentence_speaks_of_differences(everything: xr.DataTree) -> None:
    text = rc.sentence(everything, "temperature")
    table = rc.summary(everything).iloc[0]
    assert text.startswith(f"Temperature: about {table['median']:.1f} degrees (posterior median; ")
    low = np.floor(10 * table["eti90_lb"]) / 10
    high = np.ceil(10 * table["eti90_ub"]) / 10
    assert f"interval {low:.1f} to {high:.1f})" in text
    # The logbook's -16.5 and the trapper's -10; what was withdrawn or revised differs from nobody.
    assert "(2 withdrawn, 2 revised) by 9 sources whose numbers differ by 6.5 degrees, " in text
    assert "log scale" not in text
    assert "factor" not in text


def test_degrees_of_equivalence_are_differences(everything: xr.DataTree) -> None:
    table = rc.equivalence(everything)
    logbook = table[table["source"] == "logbook"].iloc[0]
    middle = rc.summary(everything)["median"][0]
    assert logbook["difference"] == pytest.approx(-16.5 - middle, abs=0.5)
    # Without the coldest number the others lie further from it.
    assert logbook["difference"] < -16.5 - middle
    assert logbook["eti90_lb"] < logbook["difference"] < logbook["eti90_ub"]
    assert table["reliable"][table["source"] == "reanalysis"].iloc[0]
    worth = rc.independence(everything)
    assert worth["n_claims"][0] == 13
    assert 3 < worth["n_effective"][0] < 6


def test_a_saved_fit_says_the_same(everything: xr.DataTree, tmp_path: object) -> None:
    path = tmp_path / "cold.nc"  # type: ignore[operator]
    everything.to_netcdf(path)
    with xr.open_datatree(path) as back:
        assert rc.sentence(back, "temperature") == rc.sentence(everything, "temperature")
        assert rc.summary(back).equals(rc.summary(everything))
        rc.plot_claims(back, "temperature", backend="none")


@pytest.mark.parametrize("name", ["claims", "figure", "sources"])
def test_pictures_have_a_plain_axis(everything: xr.DataTree, name: str) -> None:
    function = getattr(rc, f"plot_{name}")
    figure = [] if name == "sources" else ["temperature"]
    drawn = function(everything, *figure, backend="matplotlib")
    panel = drawn.viz["plot"]["panel"].item()
    assert panel.get_xscale() == "linear"
    low, high = panel.get_xlim()
    assert low < (0 if name == "sources" else -13) < high
    labels = [label.get_text() for label in panel.get_xticklabels()]
    assert len(labels) >= 3
    assert "degrees" in panel.get_xlabel()
    assert "log" not in panel.get_xlabel()
    if name == "claims":
        assert any(text.get_text() == "≥ -13 " for text in panel.texts)
    with pytest.raises(ValueError, match="single fixed number"):
        rc.plot_timeline(everything, "temperature")
