"""Named sources on the natural scale: their bias, how well it is known, and their noise."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import reconcile as rc
from model_sets import FIGURE, NUMBERS, OTHERS, TRUTH, C, cold, said_of
from reconcile.models.linear_scale.design import linear_design
from reconcile.models.linear_scale.exact import draw_exactly
from reconcile.models.linear_scale.fit import fit_linear
from reconcile.models.linear_scale.reference import linear_logp


def known(**numbers: float) -> rc.SourcePrior:
    return rc.SourcePrior(scale="linear", unit="degrees", **numbers)


SOURCES = {
    "station": known(bias=0.8, bias_sd=0.3, noise=0.7),
    "trapper": known(bias=-3.0, bias_sd=2.0, noise=2.0),
    "harbour": known(bias=1.0, bias_sd=0.5),
    "telegram": known(noise=1.5),
}
PRIORS = rc.Priors(sources=SOURCES)
JUDGED = replace(FIGURE, plausible=(-30.0, 0.0), spread=2.0)


@pytest.mark.parametrize("noise", ["normal", "logistic"])
def test_the_model_has_the_density(noise: str) -> None:
    """PyTensor and NumPy at random points, with named sources behind claims of every kind."""
    claims = cold(*NUMBERS, *OTHERS, TRUTH, figure=replace(FIGURE, noise=noise))
    plan = linear_design(claims, PRIORS)
    assert plan.named.sum() == 4
    density = rc.build_model(claims, priors=PRIORS).compile_logp(jacobian=False)
    rng = np.random.default_rng(1)
    for size in (0.1, 1.0, 1.0, 5.0):
        shapes = {"apparent_z": 1, "truth_z": 1, "tau_z": 1, "theta_z": len(plan.voices)}
        at = {name: size * rng.normal(size=n) for name, n in shapes.items()}
        ours = linear_logp(plan, {name: x[None] for name, x in at.items()})[0]
        assert density(at) == pytest.approx(ours, rel=1e-9)


def test_the_sampler_agrees_with_exact_draws() -> None:
    """Quantiles within 0.08 posterior standard deviations, as without names."""
    plan = linear_design(cold(*NUMBERS, TRUTH), PRIORS)
    settings = {"draws": 4000, "tune": 500, "chains": 4, "cores": 2, "random_seed": 2}
    settings |= {"progressbar": False, "target_accept": 0.9}
    chain, exact = (fit_linear(plan, **settings, exact=e) for e in (False, True))
    assert chain.attrs["converged"]
    for name in ("estimate", "apparent", "tau", "theta", "deviation"):
        one, two = (t["posterior"][name].to_numpy().reshape(16_000, -1) for t in (chain, exact))
        apart = np.quantile(one, [0.05, 0.5, 0.95], axis=0)
        apart -= np.quantile(two, [0.05, 0.5, 0.95], axis=0)
        assert np.abs(apart / two.std(axis=0)).max() < 0.08, name


def test_exact_draws_against_an_integral() -> None:
    """The truth and tau on a grid, every source with an error of its own."""
    said = {"station": (-14.0, 0.5), "trapper": (-10.0, 1.0), "ship": (-12.0, 0.6)}
    claims = [C.standard_error(x, e, **said_of(name)) for name, (x, e) in said.items()]
    plan = linear_design(cold(*claims, figure=JUDGED), PRIORS)
    latent = draw_exactly(plan, 40_000, np.random.default_rng(1))
    tau = np.linspace(1e-3, 10, 800)[:, None]
    truth = np.linspace(-24, -2, 1101)
    names = [SOURCES.get(name, known()) for name in said]
    # In the order of the claims: what is known of each is said here once more.
    own = [
        (error * p.noise) ** 2 + p.bias_sd**2
        for (_, error), p in zip(said.values(), names, strict=True)
    ]
    variance = np.array(own) + (np.array([p.noise for p in names]) * tau) ** 2
    corrected = np.array([x - p.bias for (x, _), p in zip(said.values(), names, strict=True)])
    weight = 1 / variance
    middle = (weight * corrected).sum(axis=-1, keepdims=True) / weight.sum(axis=-1, keepdims=True)
    misfit = (weight * (corrected - middle) ** 2).sum(axis=-1, keepdims=True)
    total = weight.sum(axis=-1, keepdims=True)
    common = plan.common[0] * np.hypot(tau, plan.common_error[0])
    parts = [
        np.log(share) + stats.norm.logpdf(truth, middle, np.sqrt(1 / total + (by * common) ** 2))
        for share, by in ((0.9, 1.0), (0.1, plan.wide))
    ]
    logp = np.logaddexp(*parts) - 0.5 * (misfit + np.log(total) + (tau / 2.0) ** 2)
    logp += 0.5 * np.log(weight).sum(axis=-1, keepdims=True)
    logp += stats.norm.logpdf(truth, -15.0, 15.0 / stats.norm.ppf(0.975))
    mass = np.exp(logp - logp.max())
    for draws, grid, axis in ((latent.estimate, truth, 0), (latent.tau, tau.ravel(), 1)):
        cumulative = np.cumsum(mass.sum(axis=axis))
        expected = np.interp([0.05, 0.5, 0.95], cumulative / cumulative[-1], grid)
        found = np.quantile(draws, [0.05, 0.5, 0.95])
        np.testing.assert_allclose(found, expected, atol=0.02 * np.std(draws))


def estimates(claims: rc.ClaimSet, priors: rc.Priors | None = None) -> np.ndarray:
    fit = rc.fit(claims, priors=priors, draws=250, random_seed=3, progressbar=False)
    return fit["posterior"]["estimate"].to_numpy()


def test_a_bias_that_is_known_for_certain_is_taken_off_the_number() -> None:
    named = rc.Priors(sources={"station": known(bias=1.5)})
    other = C.standard_error(-10, 1.0, **said_of("ship"))
    first, second = (
        cold(C.standard_error(x, 0.5, **said_of("station")), other, figure=JUDGED)
        for x in (-12.5, -14.0)
    )
    np.testing.assert_allclose(estimates(first, named), estimates(second), rtol=1e-9)


def test_deviations_and_beliefs_are_what_sources_say() -> None:
    """A source whose bias is known is still off by it."""
    claims = cold(
        *(C.standard_error(-12, 0.1, **said_of(name)) for name in ("a", "b", "c", "d")),
        C.standard_error(-9, 0.1, **said_of("e")),
        figure=replace(JUDGED, spread=0.1),
    )
    priors = rc.Priors(sources={"e": known(bias=3.0)})
    fit = rc.fit(claims, priors=priors, random_seed=3, progressbar=False)
    off = fit["posterior"]["deviation"].mean(("chain", "draw")).to_numpy()
    np.testing.assert_allclose(off, [0, 0, 0, 0, 3], atol=0.05)
    theta = fit["posterior"]["theta"].mean(("chain", "draw")).to_numpy()
    np.testing.assert_allclose(theta, [-12] * 4 + [-9], atol=0.05)


@pytest.mark.parametrize(
    "sources",
    [
        {"stations": known(bias=5.0)},
        {"station": replace(known(bias=5.0), unit="points")},
        {"station": rc.SourcePrior(scale="log", bias=5.0, noise=3.0)},
    ],
    ids=["another name", "another unit", "another scale"],
)
def test_what_is_known_of_others_changes_nothing(sources: dict[str, rc.SourcePrior]) -> None:
    claims = cold(*NUMBERS)
    np.testing.assert_array_equal(estimates(claims), estimates(claims, rc.Priors(sources=sources)))


def test_all_percentages_are_in_points() -> None:
    share = rc.Figure(name="temperature", unit="percent of the vote", scale="linear")
    claims = cold(*(C.point(50.5, **said_of(name)) for name in "ab"), figure=share)
    prior = rc.SourcePrior(scale="linear", unit="percent", bias=2.0)
    assert linear_design(claims, rc.Priors(sources={"a": prior})).bias.tolist() == [2.0, 0.0]


def test_who_repeats_a_source_errs_like_it() -> None:
    claims = cold(C.point(-12, **said_of("paper", origin="station")), C.point(-11, **said_of("b")))
    plan = linear_design(claims, PRIORS)
    assert plan.bias.tolist() == [0.8, 0.0]


def test_fits_say_who_is_known_by_name() -> None:
    claims = cold(*NUMBERS)
    fit = rc.fit(claims, priors=PRIORS, draws=250, random_seed=3, progressbar=False)
    told = rc.sentence(fit, "temperature")
    assert "by 5 sources (2 known by name from past cases)" in told
    without = rc.fit(claims, draws=250, random_seed=3, progressbar=False)
    assert "known by name" not in rc.sentence(without, "temperature")
    assert "named" not in without["constant_data"]
