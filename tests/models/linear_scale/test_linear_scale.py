"""Figures that may be negative: what is read, what must not matter, and exact draws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import reconcile as rc
from model_sets import COLD, FIGURE, NUMBERS, OTHERS, TRUTH, C, cold, moved, said_of
from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign, linear_design
from reconcile.models.linear_scale.exact import draw_exactly
from reconcile.models.linear_scale.readings import number_of, stated_error
from reconcile.models.linear_scale.reference import linear_forward, linear_logp

ALL = cold(*NUMBERS, *OTHERS, TRUTH)

NOTHING_IN_COMMON = rc.Priors().replace(linear={"common_measured": 1e-6})


def points(plan: LinearDesign, n: int = 5) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    quantities, voices = len(plan.quantities), len(plan.voices)
    return {
        "apparent_z": rng.normal(size=(n, quantities)),
        "truth_z": rng.normal(size=(n, quantities)),
        "tau_z": rng.normal(size=(n, quantities)),
        "theta_z": rng.normal(size=(n, voices)),
    }


@settings(max_examples=200)
@given(st.floats(-1e9, 1e9), st.floats(1e-7, 1e9))
def test_a_standard_error_keeps_its_digits(value: float, ratio: float) -> None:
    error = ratio * max(abs(value), 1.0)
    claim = C.standard_error(value, error, **said_of("a study"))
    assert number_of(claim) == value
    assert stated_error(claim, FIGURE) == pytest.approx(error, rel=1e-12)


def test_what_claims_state() -> None:
    errors = [stated_error(claim, FIGURE) for claim in (*NUMBERS, TRUTH)]
    expected = [
        0.8,
        0.05 / np.sqrt(3),
        10 / np.sqrt(3),
        3.5,
        4 / stats.norm.ppf(0.95),
        1.5 / stats.norm.ppf(0.75),
        0.75 / stats.norm.ppf(0.95),
    ]
    np.testing.assert_allclose(errors, expected, rtol=1e-9)
    heavy = replace(FIGURE, noise="logistic")
    error = stated_error(NUMBERS[4], heavy)
    noise = stats.logistic(scale=error * np.sqrt(3) / np.pi)
    assert noise.cdf(4) - noise.cdf(-4) == pytest.approx(0.9)


def test_what_is_judged_from_the_claims() -> None:
    plan = linear_design(cold(*NUMBERS))
    # Means of the five sources; two numbers of one of them are one.
    means = [np.mean([-14.2, -13.5]), -16.5, -10, -14.5, -12]
    (quantity,) = plan.quantities
    assert quantity.spread == pytest.approx(np.std(means, ddof=1))
    assert quantity.sd == pytest.approx(100 * quantity.spread)
    assert quantity.mean == np.median([-14.2, -16.5, -10, -14.5, -12, -13.5])
    stated = [0.8, 3.5, 4 / stats.norm.ppf(0.95), 1.5 / stats.norm.ppf(0.75)]
    constants = rc.Priors().linear
    # Two bare numbers, a standard error, and three wider ranges.
    kinds = ["bare"] * 2 + ["measured"] + ["interval"] * 3
    assert quantity.tau.flat == pytest.approx(constants["stated_flat"] * np.median(stated))
    powers = [np.log(constants[f"power_{kind}"]) for kind in kinds if kind != "bare"]
    assert quantity.tau.power == pytest.approx(np.exp(np.mean(powers)))
    assert quantity.tau.scale == np.inf
    each = [np.log(constants[f"common_{kind}"]) for kind in kinds]
    assert quantity.common == pytest.approx(np.exp(np.mean(each)))
    assert quantity.common_error == pytest.approx(np.median(stated))
    given = replace(FIGURE, plausible=(-30.0, 10.0), spread=2.0)
    (quantity,) = linear_design(cold(*NUMBERS, figure=given)).quantities
    assert (quantity.mean, quantity.spread) == (-10.0, 2.0)
    assert (quantity.tau.scale, quantity.tau.power) == (2.0, 0.0)
    assert stats.norm.cdf(10, quantity.mean, quantity.sd) == pytest.approx(0.975)


def test_bounds_and_withdrawn_numbers_have_no_say_in_the_scale() -> None:
    (plain,) = linear_design(cold(*NUMBERS)).quantities
    far = [
        C.at_most(1e6, **said_of("logbook", role="own")),
        C.point(9e5, **said_of("telegram", role="leak"), status="withdrawn"),
        C.point(-9e5, **said_of("station", role="leak"), status="revised"),
    ]
    (other,) = linear_design(cold(*NUMBERS, *far)).quantities
    assert other == plain


def interval(*claims: rc.Claim, figure: rc.Figure = FIGURE) -> np.ndarray:
    tree = rc.fit(cold(*claims, figure=figure), random_seed=1, progressbar=False)
    return np.quantile(rc.draws(tree, "temperature"), [0.05, 0.5, 0.95])


def test_a_few_numbers() -> None:
    """What a t interval, the rounding, or the size of the only number says."""
    two = interval(C.point(-12_010, **said_of("a")), C.point(-12_110, **said_of("b")))
    # The t interval is 50 * 6.31 wide on either side.
    np.testing.assert_allclose(two - two[1], [-316, 0, 316], rtol=0.25)
    same = interval(*(C.point(-14.2, **said_of(name)) for name in "abc"))
    assert 0.02 < same[2] + 14.2 < 0.06
    with pytest.warns(rc.AssumptionWarning, match=r"one source .* of temperature \(1\.4\)"):
        alone = interval(C.point(-14.2, **said_of("a")))
    assert 4 < alone[2] + 14.2 < 8
    # A stated error may be the whole error, or not: 1.64 of them would do if it were.
    stated = interval(C.standard_error(-14.2, 0.8, **said_of("a")))
    assert 1.7 * 0.8 < stated[2] + 14.2 < 3.5 * 0.8
    # A slip that was corrected says nothing; many revisions do.
    with pytest.warns(rc.AssumptionWarning, match="one source alone"):
        slip = interval(
            C.point(412, **said_of("a", role="own"), status="revised"),
            C.point(-14.2, **said_of("a", role="own")),
        )
    np.testing.assert_allclose(slip, alone)
    early = [C.point(x, **said_of("a", role="own"), status="revised") for x in (-1.1, -13.9, -24.6)]
    vintages = interval(*early, C.point(-14.2, **said_of("a", role="own")))
    assert 30 < vintages[2] + 14.2 < 60
    # A growth rate is known to a few points, whatever its size.
    growth = replace(FIGURE, unit="percent a year")
    ends = []
    for x in (0.3, 2.2):
        with pytest.warns(rc.AssumptionWarning, match="one source alone"):
            ends.append(interval(C.point(x, **said_of("a")), figure=growth)[2] - x)
    assert 2 < ends[0] < 6
    assert ends[0] == pytest.approx(ends[1], rel=0.05)


@pytest.mark.parametrize(
    ("sources", "errors"),
    [(2, "normal"), (2, "t4"), (2, "unequal"), (3, "normal"), (5, "normal")],
)
def test_intervals_cover_from_two_sources_on(sources: int, errors: str) -> None:
    """Of 500 90 % intervals from bare numbers, .85 to .95: .89 to .91 and three standard errors.

    With the sample's own standard deviation for the scale of the spread, .73 at two sources.
    """
    rng, n = np.random.default_rng(sources), 500
    each = {
        "normal": lambda: rng.normal(size=sources),
        "t4": lambda: rng.standard_t(4, sources),
        "unequal": lambda: rng.normal(size=sources) * np.exp(0.5 * rng.normal(size=sources)),
    }[errors]
    held = []
    for _ in range(n):
        claims = [C.point(40 + 3 * x, **said_of(f"s{k}")) for k, x in enumerate(each())]
        latent = draw_exactly(linear_design(cold(*claims)), 128, rng)
        low, high = np.quantile(latent.estimate[:, 0], [0.05, 0.95])
        held.append(low < 40 < high)
    assert 0.85 < np.mean(held) < 0.95


@pytest.mark.parametrize("others", [(150.0, 155.0, 160.0), (101.0, 99.0, 104.0), ()])
def test_a_needle_is_as_by_quadrature(others: tuple[float, ...]) -> None:
    """One measurement a thousand times as sharp as the others, which agree with it or do not."""
    said = [C.standard_error(100, 0.01, **said_of("sharp"))]
    said += [C.standard_error(x, 10, **said_of(f"at {x}")) for x in others]
    plan = linear_design(cold(*said), NOTHING_IN_COMMON)
    draws = draw_exactly(plan, 40_000, np.random.default_rng(1)).estimate[:, 0]
    tau = np.exp(np.linspace(np.log(1e-6), np.log(1e7), 4001))
    precision = 1 / (tau[:, None] ** 2 + np.array([0.01] + [10.0] * len(others)) ** 2)
    y, total = np.array([100, *others]), precision.sum(axis=1) + plan.sd[0] ** -2
    middle = (precision @ y + plan.mean[0] / plan.sd[0] ** 2) / total
    misfit = (precision * (y - middle[:, None]) ** 2).sum(axis=1)
    misfit += ((middle - plan.mean[0]) / plan.sd[0]) ** 2
    logp = 0.5 * (np.log(precision).sum(axis=1) - np.log(total) - misfit) + np.log(tau)
    logp += plan.tau_prior(0).logp(tau)
    mass = np.exp(logp - logp.max())
    at = np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95])
    below = stats.norm.cdf((at[:, None] - middle) * np.sqrt(total)) @ mass / mass.sum()
    np.testing.assert_allclose(below, [0.05, 0.25, 0.5, 0.75, 0.95], atol=0.005)


def test_where_nothing_tells_the_scale_it_is_asked_for() -> None:
    alone = cold(C.at_least(-3.2, **said_of("one", role="own")))
    with pytest.raises(rc.ClaimError, match=r"figures\.temperature\.spread.*a plausible range"):
        linear_design(alone)
    plan = linear_design(cold(*alone, figure=replace(FIGURE, spread=1.0)))
    assert plan.quantities[0].sd == 3.0
    with pytest.raises(rc.ClaimError, match="no claims but truths"):
        linear_design(cold(TRUTH))


def test_other_figures_stay_apart() -> None:
    killed = C.point(3, figure="killed", source="a hospital")
    with pytest.raises(
        rc.ClaimError, match=r"scale linear or share \(temperature\) beside others.*separately"
    ):
        cold(NUMBERS[0], killed)
    with pytest.warns(rc.AssumptionWarning, match="harbour"):
        linear_design(cold(NUMBERS[0], C.at_least(-3, **said_of("harbour"))))


@pytest.mark.parametrize(("by", "times"), [(100.0, 1.0), (0.0, 10.0), (-300.0, 0.1)])
def test_zero_and_unit_do_not_matter(by: float, times: float) -> None:
    """Differences of the log density between points stay what they are."""
    # Of bare numbers, those whose digits move with the unit.
    claims = cold(
        *(c for c in (*NUMBERS, *OTHERS, TRUTH) if c.kind in ("interval", "between", "truth")),
        C.at_least(-13.1, **said_of("harbour", role="own")),
        C.point(3.1, **said_of("telegram", role="leak"), status="withdrawn"),
    )
    plan, other = linear_design(claims), linear_design(moved(claims, by=by, times=times))
    at = points(plan)
    mine, theirs = linear_forward(plan, at), linear_forward(other, at)
    np.testing.assert_allclose(theirs.estimate, by + times * mine.estimate, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(theirs.theta, by + times * mine.theta, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        np.diff(linear_logp(other, at)), np.diff(linear_logp(plan, at)), rtol=1e-6, atol=1e-9
    )


def test_order_names_and_repeats_do_not_matter() -> None:
    plan = linear_design(ALL)
    at = points(plan)
    before = linear_logp(plan, at)
    backwards = linear_design(ALL.replace(reversed(ALL.claims)))
    place = [plan.voices.index(voice) for voice in backwards.voices]
    turned = {**at, "theta_z": at["theta_z"][:, place]}
    named = ALL.replace([replace(c, source=f"the {c.source}") for c in ALL])
    repeated = ALL.replace([*ALL.claims, *ALL.claims, *ALL.claims])
    np.testing.assert_allclose(linear_logp(backwards, turned), before, rtol=1e-9)
    np.testing.assert_allclose(linear_logp(linear_design(named), at), before, rtol=1e-12)
    np.testing.assert_allclose(linear_logp(linear_design(repeated), at), before, rtol=1e-9)
    # Retold by others, what comes from one origin is one voice.
    retold = cold(*NUMBERS, *(replace(c, source="a paper", origin=c.source) for c in NUMBERS))
    assert linear_design(retold).voices == linear_design(cold(*NUMBERS)).voices
    np.testing.assert_allclose(
        linear_design(retold).precision, linear_design(cold(*NUMBERS)).precision
    )


def test_a_claim_that_says_nothing_changes_nothing() -> None:
    plan = linear_design(ALL)
    vacuous = C.at_least(-1e6, **said_of("logbook", role="own"))
    other = linear_design(cold(*ALL, vacuous))
    at = points(plan)
    np.testing.assert_allclose(
        np.diff(linear_logp(other, at)), np.diff(linear_logp(plan, at)), atol=1e-6
    )


def test_exact_draws_are_those_of_the_density() -> None:
    """Of a few draws, weighted by the density over that of an independent calculation."""
    plan = linear_design(cold(*NUMBERS, TRUTH))
    assert plan.is_conjugate
    assert not linear_design(ALL).is_conjugate
    latent = draw_exactly(plan, 40_000, np.random.default_rng(1))
    # On a grid: numbers are normal about the truth, with sources as far apart as tau.
    tau = np.linspace(1e-3, 12 * plan.spread[0], 1200)[:, None, None]
    reach = min(6 * plan.sd[0], 12 * plan.spread[0])
    truth = np.linspace(plan.mean[0] - reach, plan.mean[0] + reach, 1201)
    # What they have in common is normal, too, and now and then wide.
    weight = 1 / (plan.precision**-1 + tau**2)
    total = weight.sum(axis=-1)
    middle = (weight * plan.centre).sum(axis=-1) / total
    misfit = (weight * (plan.centre - middle[..., None]) ** 2).sum(axis=-1)
    common = plan.common[0] * np.hypot(tau[..., 0], plan.common_error[0])
    parts = [
        np.log(share) + stats.norm.logpdf(truth, middle, np.sqrt(1 / total + (by * common) ** 2))
        for share, by in ((0.9, 1.0), (0.1, plan.wide))
    ]
    logp = np.logaddexp(*parts) + 0.5 * (np.log(weight).sum(axis=-1) - np.log(total) - misfit)
    logp += stats.norm.logpdf(truth, plan.mean[0], plan.sd[0])
    # Flat, then falling, and steeper far out.
    tau_at = tau[..., 0]
    logp -= 0.5 * plan.tau_power[0] * np.log1p((tau_at / plan.tau_flat[0]) ** 2)
    logp -= np.log1p((tau_at / (100 * plan.spread[0])) ** 2)
    mass = np.exp(logp - logp.max())
    for draws, grid, axis in ((latent.estimate, truth, 0), (latent.tau, tau.ravel(), 1)):
        cumulative = np.cumsum(mass.sum(axis=axis))
        expected = np.interp([0.05, 0.5, 0.95], cumulative / cumulative[-1], grid)
        found = np.quantile(draws, [0.05, 0.5, 0.95])
        np.testing.assert_allclose(found, expected, atol=0.02 * np.std(draws))
    np.testing.assert_allclose(latent.theta - latent.estimate, latent.deviation, atol=1e-12)


def simulated(
    rng: np.random.Generator, *, assumed: float = 1.0
) -> tuple[LinearDesign, list[float]]:
    """A design with claims drawn from the model, and the truth and tau behind them."""
    truth, tau = rng.normal(-5.0, 4.0), abs(rng.normal(0, 2.0))
    errors = rng.uniform(0.3, 3.0, (5, 2))
    half = stats.norm.ppf(0.975) * 4.0
    figure = replace(FIGURE, plausible=(-5 - half, -5 + half), spread=2.0 * assumed)

    def plan_of(numbers: np.ndarray) -> LinearDesign:
        claims = []
        for k, ((one, two), (first, second)) in enumerate(zip(errors, numbers, strict=True)):
            study = said_of(f"study {k}")
            claims.append(C.standard_error(first, one, **study))
            claims.append(C.between(second - two, second + two, **study))
        return linear_design(cold(*claims, figure=figure))

    # What they have in common depends on what they state, not on the numbers.
    plan = plan_of(np.zeros((5, 2)))
    wide = plan.wide if rng.random() < WIDE_SHARE else 1.0
    apparent = rng.normal(truth, wide * plan.common_sd(np.array([tau]))[0])
    theta = rng.normal(apparent, tau, (5, 1))
    return plan_of(rng.normal(theta, errors)), [truth, tau]


def test_truths_fall_anywhere_among_the_draws() -> None:
    """Ranks of truth and tau in 200 simulated sets, in ten bins.

    A chi-square statistic of 9 degrees of freedom is above 29.7 once in 2,000 times. With sources
    taken for ten times as close as they are, it is above 100. Of 200 intervals of 90 %, 165 to 193
    hold the truth in 999 of 1,000 cases.
    """

    def ranks(assumed: float, n: int) -> np.ndarray:
        rng, found = np.random.default_rng(8), []
        for _ in range(n):
            plan, truth = simulated(rng, assumed=assumed)
            latent = draw_exactly(plan, 250, rng)
            draws = np.column_stack([latent.estimate[:, 0], latent.tau[:, 0]])
            found.append((draws < truth).mean(axis=0))
        return np.array(found)

    def statistic(found: np.ndarray) -> np.ndarray:
        counts = [np.histogram(column, np.linspace(0, 1, 11))[0] for column in found.T]
        return ((np.array(counts) - len(found) / 10) ** 2 / (len(found) / 10)).sum(axis=1)

    right, wrong = ranks(1.0, 200), ranks(0.1, 100)
    assert statistic(right).max() < 29.7
    assert statistic(wrong).max() > 100
    held = ((right > 0.05) & (right < 0.95)).sum(axis=0)
    assert held.min() >= 165
    assert held.max() <= 193


def test_two_figures_and_populations_are_fitted_side_by_side() -> None:
    about = {"figure": "migration", "scale": "linear"}
    claims = rc.ClaimSet(
        [
            C.standard_error(-120_000, 20_000, **about, population="North", source="a register"),
            C.standard_error(-60_000, 30_000, **about, population="North", source="a survey"),
            C.standard_error(40_000, 20_000, **about, population="South", source="a register"),
            C.standard_error(2.0, 0.5, **COLD, population="South", source="a station"),
        ],
        figures=[rc.Figure(name="migration", unit="people", scale="linear"), FIGURE],
    )
    tree = rc.fit(claims, random_seed=1, draws=500)
    table = rc.summary(tree)
    pairs = list(zip(table["population"], table["figure"], strict=True))
    assert pairs == [("North", "migration"), ("South", "migration"), ("South", "temperature")]
    assert table["median"][0] < -60_000 < 0 < table["median"][2] < 4
    assert rc.probability(tree, "migration", population="North", below=0) > 0.9
    assert rc.draws(tree, "temperature").sizes == {"chain": 4, "draw": 500}
    with pytest.raises(ValueError, match=r"migration \(people\), temperature \(degrees\)"):
        rc.plot_sources(tree, population="South", backend="none")
    assert rc.plot_sources(tree, population="North", backend="none").backend == "none"


def test_nothing_is_simulated_from_them() -> None:
    claims = cold(*NUMBERS)
    with pytest.raises(ValueError, match="scale linear"):
        rc.simulate(claims, rng=1)


def test_the_same_seed_gives_the_same_numbers() -> None:
    claims = cold(*NUMBERS)
    one, two, other = (rc.fit(claims, random_seed=k, draws=100) for k in (3, 3, 4))
    assert one["posterior"].to_dataset().equals(two["posterior"].to_dataset())
    assert not one["posterior"].to_dataset().equals(other["posterior"].to_dataset())
    assert one.attrs["random_seed"] == 3
    assert one.attrs["converged"] == 1
