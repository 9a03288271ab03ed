"""Shares: percentages and fractions of a whole, in log odds inside."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.special import expit, logit

import reconcile as rc
from reconcile.models.linear_scale.design import WIDE_SHARE, LinearDesign, linear_design
from reconcile.models.linear_scale.exact import draw_exactly

C = rc.Claim
SHARE = rc.Figure(name="turnout", unit="percent", scale="share")
POINTS = replace(SHARE, scale="linear")
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]


def of(source: str, **more: str) -> dict[str, str]:
    return {"figure": "turnout", "source": source, "role": "expert", **more}


def claims(*said: rc.Claim, figure: rc.Figure = SHARE) -> rc.ClaimSet:
    return rc.ClaimSet(said, figures=[figure])


def fitted(*said: rc.Claim, figure: rc.Figure = SHARE, seed: int = 1) -> xr.DataTree:
    return rc.fit(claims(*said, figure=figure), random_seed=seed, progressbar=False)


def drawn(plan: LinearDesign, n: int = 20_000) -> np.ndarray:
    """Exact draws of the first figure, in its unit."""
    return plan.natural(draw_exactly(plan, n, np.random.default_rng(1)).estimate)[:, 0]


def quantiles(*said: rc.Claim, figure: rc.Figure = SHARE) -> np.ndarray:
    return np.quantile(drawn(linear_design(claims(*said, figure=figure))), QUANTILES)


@pytest.fixture(scope="module")
def everything() -> xr.DataTree:
    """A fit with numbers at both ends and of every kind. Not to be changed."""
    return fitted(
        C.point(1, **of("a")),
        C.point(0, **of("b")),
        C.about(2, **of("c")),
        C.interval(-1, 5, 0.95, value=2, **of("d")),
        C.between(0, 3, **of("e")),
        C.at_most(4, **of("f")),
        C.at_least(0, **of("g")),
        C.between(0, 20, guaranteed=True, **of("h")),
        C.point(99, **of("i"), status="withdrawn: the wrong column"),
    )


def in_whole(tree: xr.DataTree) -> bool:
    names = ("estimate", "apparent", "theta")
    groups = (tree[group].to_dataset() for group in ("posterior", "prior"))
    return all(((g[name] >= 0) & (g[name] <= 100)).all() for g in groups for name in names)


def test_no_draw_is_outside(everything: xr.DataTree) -> None:
    assert everything.attrs["converged"]
    assert in_whole(everything)
    posterior = everything["posterior"].to_dataset()
    gap = posterior["theta"] - posterior["estimate"].isel(quantity=0)
    np.testing.assert_allclose(posterior["deviation"], gap, atol=1e-12)
    assert everything["posterior_predictive"]["reading"].max() <= 100
    stated = everything["claims"]["stated"].values
    np.testing.assert_allclose(stated[[0, 1, 3, 6, 8]], [1, 0.25, 2, 0, 99], atol=1e-9)
    table = rc.summary(everything).iloc[0]
    assert 0 < table["eti90_lb"] < table["median"] < table["eti90_ub"] < 20
    worst = rc.equivalence(everything)
    assert worst["sound"][worst["source"] == "i"].iloc[0] < 0.2


@pytest.mark.parametrize("number", [0.0, 1.0, 99.0, 100.0])
def test_a_lone_number_at_an_end(number: float) -> None:
    """By the linear scale, half of the answer is outside, or nearly so."""
    with pytest.warns(rc.AssumptionWarning, match="one source alone"):
        tree = fitted(C.point(number, **of("a")))
    assert in_whole(tree)
    near = np.abs(rc.draws(tree, "turnout") - round(number, -2))
    assert near.median() == pytest.approx(0.25 if number in (0, 100) else 1, rel=0.05)
    assert 0.5 < near.quantile(0.95) < 5
    with pytest.warns(rc.AssumptionWarning, match="one source alone"):
        other = fitted(C.point(number, **of("a")), figure=POINTS)
    outside = rc.draws(other, "turnout")
    assert ((outside < 0) | (outside > 100)).mean() > 0.1


@pytest.mark.parametrize(
    ("bound", "below", "above"),
    [
        (C.at_most(1, **of("a")), 0.0, 5.0),
        (C.at_most(0, **of("a")), 0.0, 2.0),
        (C.at_least(99, **of("a")), 95.0, 100.0),
        (C.at_least(30, **of("a")), 10.0, 98.0),
        # What says nothing leaves nearly everything open.
        (C.at_least(0, **of("a")), 3.0, 97.0),
        (C.at_most(100, **of("a")), 3.0, 97.0),
    ],
)
def test_one_bound_is_enough(bound: rc.Claim, below: float, above: float) -> None:
    """The scale has a width of its own, and nobody is asked for a plausible range."""
    tree = fitted(bound)
    assert tree.attrs["converged"] and in_whole(tree)
    low, high = np.quantile(rc.draws(tree, "turnout"), [0.05, 0.95])
    assert below <= low < high <= above
    if above - below > 90:
        assert high - low > 80


NEAR_A_HALF = (
    C.interval(45, 51, 0.95, **of("a")),
    C.interval(47.5, 53.5, 0.95, value=50, **of("b")),
    C.standard_error(51.2, 1.4, **of("c")),
    C.point(49, **of("d")),
    C.about(50, **of("e")),
    C.between(46, 52, **of("f")),
)


def test_near_a_half_both_scales_agree() -> None:
    """Quantiles within 3 % of the width: log odds bend by a tenth of a point per three points."""
    share, linear = (quantiles(*NEAR_A_HALF, figure=f) for f in (SHARE, POINTS))
    assert np.abs(share - linear).max() < 0.03 * (linear[-1] - linear[0])
    one, other = (linear_design(claims(*NEAR_A_HALF, figure=f)) for f in (SHARE, POINTS))
    np.testing.assert_allclose(25 * one.error, other.error, rtol=0.02)
    np.testing.assert_allclose(25 * one.tau_flat, other.tau_flat, rtol=0.02)
    np.testing.assert_allclose(one.common, other.common)


@pytest.mark.filterwarnings("ignore:one source alone")
@pytest.mark.parametrize("said", [{"spread": 3.0}, {"plausible": (44.0, 54.0)}, {}])
def test_what_is_declared_is_in_points(said: dict[str, object]) -> None:
    """A lone number near a half: its error, ``spread`` and ``plausible`` as on the linear scale."""
    one = C.point(49.4, **of("a"))
    plans = [linear_design(claims(one, figure=replace(f, **said))) for f in (SHARE, POINTS)]  # type: ignore[arg-type]
    share, linear = (np.quantile(drawn(plan), QUANTILES[1:-1]) for plan in plans)
    assert np.abs(share - linear).max() < 0.03 * (linear[-1] - linear[0])
    np.testing.assert_allclose(25 * plans[0].spread, plans[1].spread, rtol=0.02)


def mirrored(claim: rc.Claim) -> rc.Claim:
    """The same said of the rest of the whole."""
    turned = {"low": claim.high, "high": claim.low, "value": claim.value}
    kinds = {"at_least": "at_most", "at_most": "at_least"}
    numbers = {name: None if x is None else round(100 - x, 9) for name, x in turned.items()}
    return replace(claim, kind=kinds.get(claim.kind, claim.kind), **numbers)


SKEW = (
    C.point(3, **of("a")),
    C.point(0, **of("b")),
    C.about(10, **of("c")),
    C.interval(-0.5, 4.5, 0.9, value=2, **of("d")),
    C.interval(-0.5, 4.5, 0.9, **of("e")),
    C.between(0.5, 9, **of("f")),
    C.between(0, 9, **of("g")),
    C.point(0.4, **of("h")),
)


def test_a_share_and_the_rest_of_its_whole() -> None:
    """Exactly, and with bounds the arrays that the model is made of."""
    np.testing.assert_allclose(
        quantiles(*SKEW), 100 - quantiles(*map(mirrored, SKEW))[::-1], rtol=0.01
    )
    bounds = (
        C.at_most(6, **of("i")),
        C.at_least(0, **of("j")),
        C.between(0, 30, guaranteed=True, **of("k")),
    )
    one = linear_design(claims(*SKEW, *bounds))
    other = linear_design(claims(*map(mirrored, (*SKEW, *bounds))))
    for name in ("number", "centre", "mean"):
        np.testing.assert_allclose(getattr(one, name), -getattr(other, name), atol=1e-9)
    for name in ("error", "precision", "sd", "spread", "tau_flat", "tau_power", "is_bound"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9)
    np.testing.assert_allclose(one.low, -other.high)


def test_percent_and_fractions_agree() -> None:
    def hundredth(claim: rc.Claim) -> rc.Claim:
        numbers = {name: getattr(claim, name) for name in ("value", "low", "high")}
        return replace(
            claim, **{n: None if x is None else round(x / 100, 9) for n, x in numbers.items()}
        )

    part = replace(SHARE, unit="of all voters")
    for said in (SKEW, NEAR_A_HALF, (*SKEW, C.at_most(6, **of("i")))):
        one = linear_design(claims(*said))
        other = linear_design(claims(*map(hundredth, said), figure=part))
        for name in ("number", "error", "mean", "sd", "spread", "tau_flat", "low", "high"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9)
        np.testing.assert_allclose(one.natural(one.mean), 100 * other.natural(other.mean))
    tree = fitted(C.point(0.57, **of("a")), C.point(0.61, **of("b")), figure=part)
    assert rc.draws(tree, "turnout").min() >= 0 and rc.draws(tree, "turnout").max() <= 1
    assert 0.56 < rc.summary(tree)["median"][0] < 0.62


def test_what_claims_state_in_log_odds() -> None:
    plan = linear_design(claims(*SKEW))
    z = stats.norm.ppf(0.95)

    def step(at: float, points: float) -> float:
        return float(logit((at + points) / 100) - logit(at / 100))

    expected = [
        (logit(0.03), step(3, 0.5 / np.sqrt(3))),
        # Zero is what rounds to it: 0 to half a percent.
        (logit(0.0025), step(0.25, 0.25 / np.sqrt(3))),
        (logit(0.10), step(10, 10 / np.sqrt(3))),
        # Margins beyond zero: half the length, away from it.
        (logit(0.02), step(2, 2.5 / z)),
        (logit(0.02), step(2, 2.5 / z)),
        ((logit(0.005) + logit(0.09)) / 2, (logit(0.09) - logit(0.005)) / 2),
        (logit(0.045), step(4.5, 4.5)),
        (logit(0.004), step(0.4, 0.05 / np.sqrt(3))),
    ]
    np.testing.assert_allclose(np.column_stack([plan.number, plan.error]), expected, rtol=1e-9)
    # The middle of the numbers, no wider than a figure that may be anything.
    assert plan.mean[0] == pytest.approx(np.median(plan.number))
    assert plan.sd[0] == pytest.approx(logit(0.975) / stats.norm.ppf(0.975))


@pytest.mark.parametrize(("truth", "sources"), [(50.0, 3), (8.0, 3), (2.0, 4), (97.0, 3)])
def test_intervals_cover(truth: float, sources: int) -> None:
    """Of 400 90 % intervals, .82 to .94: .87 to .89 (2,000 sets) and three standard errors of .016.

    From bare numbers with errors in log odds, own ones and one that all have, as in polls; rounded
    to a tenth.
    """
    rng, held = np.random.default_rng(int(truth) + sources), []
    constants, tau = rc.Priors().linear, 0.2
    for _ in range(400):
        wide = constants["common_wide"] if rng.random() < WIDE_SHARE else 1.0
        common = wide * constants["common_interval"] * tau * rng.normal()
        off = logit(truth / 100) + common + tau * rng.normal(size=sources)
        said = [
            C.point(float(np.round(100 * expit(x), 1)), **of(f"s{k}")) for k, x in enumerate(off)
        ]
        plan = linear_design(claims(*said))
        low, high = np.quantile(plan.natural(draw_exactly(plan, 256, rng).estimate), [0.05, 0.95])
        held.append(low < truth < high)
    assert 0.82 < np.mean(held) < 0.94


@pytest.mark.parametrize(("truth", "n"), [(50.0, 400), (3.0, 100), (96.0, 150)])
def test_surveys_with_margins_cover(truth: float, n: int) -> None:
    """Of 400 90 % intervals, at least .86: Wald margins of four surveys, some beyond the whole."""
    rng, held, beyond = np.random.default_rng(n), [], 0
    for _ in range(400):
        said = []
        for k, x in enumerate(100 * rng.binomial(n, truth / 100, 4) / n):
            half = 1.96 * np.sqrt(max(x * (100 - x), 100.0 / n) / n)
            value = round(float(x), 1)
            low, high = round(value - half, 1), round(value + half, 1)
            beyond += low < 0 or high > 100
            said.append(C.interval(low, high, 0.95, value=value, **of(f"s{k}", scale="share")))
        plan = linear_design(claims(*said))
        low, high = np.quantile(plan.natural(draw_exactly(plan, 128, rng).estimate), [0.05, 0.95])
        held.append(low < truth < high)
    assert np.mean(held) > 0.86
    assert (beyond > 100) == (truth != 50.0)


def test_draws_of_nuts_are_the_exact_ones() -> None:
    """With a bound that excludes nothing: quantiles within 0.08 standard deviations."""
    nothing = C.at_least(0, **of("z"))
    tree = fitted(*SKEW, nothing)
    assert tree.attrs["converged"]
    assert not linear_design(claims(*SKEW, nothing)).is_conjugate
    mine, exact = (
        logit(rc.draws(tree, "turnout").to_numpy().ravel() / 100),
        drawn(linear_design(claims(*SKEW))),
    )
    apart = np.quantile(mine, QUANTILES) - np.quantile(logit(exact / 100), QUANTILES)
    assert np.abs(apart).max() < 0.08 * mine.std()


def test_what_is_said_of_a_share(everything: xr.DataTree, tmp_path: object) -> None:
    text = rc.sentence(everything, "turnout")
    assert text.startswith("Turnout: about ") and " percent (posterior median; 90 % " in text
    assert "whose numbers differ by " in text and " percentage points" in text
    plain = rc.sentence(everything, "turnout", style="plain")
    assert plain.startswith("Turnout probably lay between ")
    least, most = (
        float(x) for x in plain.split(" percent;")[0].split("between ")[1].split(" and ")
    )
    assert 0 <= least < most < 20
    assert rc.probability(everything, "turnout", above=100) == 0
    assert rc.probability(everything, "turnout", above=-5) == 1
    assert rc.probability(everything, "turnout", above=0, below=100) == 1
    assert 0 < rc.probability(everything, "turnout", above=99) < 0.01
    path = tmp_path / "share.nc"  # type: ignore[operator]
    everything.to_netcdf(path)
    with xr.open_datatree(path) as back:
        assert rc.sentence(back, "turnout") == text
        assert rc.summary(back).equals(rc.summary(everything))
        assert rc.probability(back, "turnout", above=100) == 0
        assert in_whole(back)


def test_pictures_of_a_share_stay_inside(everything: xr.DataTree) -> None:
    for function in (rc.plot_claims, rc.plot_figure):
        drawing = function(everything, "turnout", backend="matplotlib")
        panel = drawing.viz["plot"]["panel"].item()
        low, high = panel.get_xlim()
        assert low == 0 and high > 2
        assert "percent" in panel.get_xlabel() and "log" not in panel.get_xlabel()
        assert all(0 <= x <= 100 for x in panel.get_xticks())
    panel = rc.plot_sources(everything, backend="matplotlib").viz["plot"]["panel"].item()
    assert "claimed minus true (percentage points)" in panel.get_xlabel()


def test_a_share_beside_a_figure_that_may_be_negative() -> None:
    swing = rc.Figure(name="swing", unit="percent", scale="linear")
    both = rc.ClaimSet(
        [
            C.point(1, **of("a")),
            C.point(2, **of("b")),
            C.point(-3, figure="swing", scale="linear", source="a", role="expert"),
            C.point(1, figure="swing", scale="linear", source="b", role="expert"),
        ],
        figures=[SHARE, swing],
    )
    tree = rc.fit(both, random_seed=1, progressbar=False)
    assert rc.draws(tree, "turnout").min() >= 0
    assert rc.draws(tree, "swing").min() < -3
    assert rc.probability(tree, "turnout", above=0) == 1
    assert rc.probability(tree, "swing", above=0) < 1
