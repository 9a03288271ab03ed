"""Figures on record: a handful worked out by hand, what must always hold, and calibration."""

import itertools
import math

import numpy as np
import pytest
import xarray as xr
from scipy.special import gammaln

import reconcile as rc
from reconcile.models.truth_discovery.design import DiscoveryDesign, discovery_design
from reconcile.models.truth_discovery.gibbs import PRIOR, run_chain
from reconcile.models.truth_discovery.grid import SCALES_LOG, nodes_of
from reconcile.models.truth_discovery.sweep import figure_weights


def claim(value: float, source: str, *, figure: str = "people", role: str = "third") -> rc.Claim:
    return rc.Claim.point(value, figure=figure, source=source, role=role)


def record(*claims: rc.Claim, plausible: tuple[float, float] | None = (100, 1e7)) -> rc.ClaimSet:
    names = dict.fromkeys(c.figure for c in claims)
    figures = [rc.Figure(name=name, plausible=plausible, accrues=False) for name in names]
    return rc.ClaimSet(claims, figures=figures, setting="record")


def fit(claims: rc.ClaimSet, *, seed: int = 1, draws: int = 800) -> xr.DataTree:
    return rc.fit(claims, draws=draws, tune=100, random_seed=seed, progressbar=False)


def share_right(tree: xr.DataTree) -> np.ndarray:
    return tree["claims"].to_dataset()["sound_probability"].to_numpy()


def weights_by_hand(plan: DiscoveryDesign, reliability: np.ndarray, freshness: float) -> np.ndarray:
    """Log weight of every node, witness by witness in a restaurant, one role, even scales."""
    nodes, out = nodes_of(plan), []
    share = np.full(len(SCALES_LOG), 1 / len(SCALES_LOG))
    for j in range(nodes.start[1]):
        total, seated = nodes.prior_log[j], 0
        for v in range(len(plan.said_log)):
            pair = nodes.pair_start[v] + j
            for k, witness in enumerate(range(plan.witness_start[v], plan.witness_start[v + 1])):
                e = reliability[plan.voice_of[witness]]
                if nodes.inside[pair]:
                    total += math.log(e)
                    continue
                table = k if k else freshness * float(nodes.wrong[pair] @ share)
                total += math.log1p(-e) + math.log(table / (freshness + seated))
                seated += 1
        out.append(total)
    return np.array(out)


def test_the_weight_of_a_figure_is_that_of_its_witnesses_one_by_one() -> None:
    said = {"A": 4626, "B": 4626, "C": 4500, "D": 46_000, "E": 4626, "F": 46_000}
    plan = discovery_design(record(*(claim(value, source) for source, value in said.items())))
    nodes, rng = nodes_of(plan), np.random.default_rng(1)
    reliability, freshness = rng.uniform(0.1, 0.9, len(plan.voices)), 2.5
    e, variant = reliability[plan.voice_of], plan.variant_of_witness
    count = np.diff(plan.witness_start)
    wrong_log = np.bincount(variant, np.log1p(-e)) + gammaln(count) + np.log(freshness)
    mix = np.full((len(count), len(SCALES_LOG)), 1 / len(SCALES_LOG))
    rising = gammaln(freshness + np.arange(7)) - gammaln(freshness)
    out = np.empty(nodes.start[1])
    grid = nodes.start, nodes.prior_log, nodes.pair_start, nodes.inside, nodes.wrong
    logs = np.bincount(variant, np.log(e)), wrong_log
    figure_weights(0, grid, (plan.variant_start, count), mix, logs, rising, out)
    np.testing.assert_allclose(out, weights_by_hand(plan, reliability, freshness), rtol=1e-9)


def test_stretches_of_nodes_cover_the_line_once() -> None:
    plan = discovery_design(record(claim(4626, "A"), claim(4500, "B"), claim(46_000, "C")))
    nodes = nodes_of(plan)
    np.testing.assert_allclose(nodes.high[:-1], nodes.low[1:])
    assert np.exp(nodes.prior_log).sum() == pytest.approx(1, abs=0.01)
    in_cell = [nodes.inside[s:e] for s, e in itertools.pairwise(nodes.pair_start)]
    widths = [(nodes.high - nodes.low)[inside].sum() for inside in in_cell]
    np.testing.assert_allclose(widths, plan.down_log + plan.up_log, rtol=0.01)


def test_agreement_to_the_last_digit_is_believed_more_the_more_agree() -> None:
    found = []
    for n in (1, 2, 3, 5):
        claims = [claim(4626, f"S{k}") for k in range(n)] + [claim(5210, "other")]
        found.append(share_right(fit(record(*claims)))[0])
    assert found == sorted(found)
    assert 0.2 < found[0] < 0.5
    # One figure alone leaves it somewhat open whether sources copy a record or each other.
    assert 0.8 < found[3] < 0.97


def test_two_numbers_against_each_other_leave_both_open() -> None:
    # As far below the middle of the plausible range as above it.
    tree = fit(record(claim(100_003, "A"), claim(9997, "B")))
    low, high = rc.summary(tree).loc[0, ["eti90_lb", "eti90_ub"]]
    assert low <= 9997.5 and high >= 100_002.5
    a, b = share_right(tree)
    assert a == pytest.approx(b, abs=0.08)


def test_a_source_found_right_elsewhere_is_believed() -> None:
    elsewhere = []
    for k in range(12):
        number = 10_007 + 1000 * k
        elsewhere += [claim(number, s, figure=f"f{k}") for s in ("good", f"x{k}", f"y{k}")]
        elsewhere.append(claim(3 * number, "bad", figure=f"f{k}"))
    tree = fit(record(*elsewhere, claim(4626, "good"), claim(5210, "bad")))
    good, bad = share_right(tree)[-2:]
    assert good > 0.6
    assert bad < 0.2


def test_repeats_and_vacuous_bounds_change_nothing() -> None:
    claims = [claim(4626, "A"), claim(4626, "B"), claim(5210, "C")]
    bound = rc.Claim.at_least(0, figure="people", source="D", role="third")
    far = rc.Claim.at_most(1e12, figure="people", source="D", role="third")
    plain = discovery_design(record(*claims))
    repeated = discovery_design(record(*claims, *claims[:2], claims[0]))
    for name in ("voice_of", "variant_start", "witness_start", "said_log", "mean_log", "sd_log"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(repeated, name))
    bounded = discovery_design(record(*claims, bound, far))
    one, other = (run_chain(p, nodes_of(p), draws=1500, tune=100, rng=np.random.default_rng(3))
                  for p in (plain, bounded))  # fmt: skip
    np.testing.assert_allclose(one.right.mean(axis=0), other.right.mean(axis=0), atol=0.04)


def test_a_bound_rules_numbers_out() -> None:
    claims = [claim(4626, "A"), claim(462, "B")]
    bound = rc.Claim.at_least(1000, figure="people", source="C", role="expert")
    right = share_right(fit(record(*claims, bound)))
    assert right[0] > 3 * right[1]
    assert np.isnan(right[2])


def test_bounds_alone_put_most_between_them() -> None:
    bounds = [
        rc.Claim.at_least(1000, figure="people", source="A", role="expert"),
        rc.Claim.at_most(2000, figure="people", source="B", role="expert"),
    ]
    values = rc.draws(fit(record(*bounds, plausible=None)), "people").values
    between = np.mean((values >= 1000) & (values <= 2000))
    # Each bound may be empty, with a probability of about a fifth; the prior alone has 5 % there.
    assert 0.3 < between < 0.6
    assert between > np.mean(values > 2000) + 0.1


def test_what_cannot_be_on_record_is_listed_together() -> None:
    claims = [
        claim(4626, "A"),
        rc.Claim.between(4000, 5000, figure="people", source="B", role="third"),
        rc.Claim.point(1, figure="people", source="C", role="third", status="withdrawn"),
    ]
    with pytest.raises(rc.ClaimError, match="not available for figures on record") as caught:
        rc.fit(record(*claims), progressbar=False)
    assert [problem.row for problem in caught.value.problems] == [2, 3]


def test_what_has_no_model_on_record_says_so() -> None:
    claims = record(claim(4626, "A"), claim(5210, "B"))
    for use in (rc.build_model, rc.simulate):
        with pytest.raises(ValueError, match="on record"):
            use(claims)


def test_results_are_read_like_any_others(tmp_path) -> None:
    tree = fit(record(claim(4626, "A"), claim(4626, "B"), claim(5210, "C")))
    assert tree.attrs["converged"] == 1
    tree.to_netcdf(tmp_path / "fit.nc")
    with xr.open_datatree(tmp_path / "fit.nc") as back:
        assert rc.summary(back).equals(rc.summary(tree))
    assert "4,600" in rc.sentence(tree, "people")
    assert rc.draws(tree, "people").sizes == {"chain": 4, "draw": 800}
    assert rc.probability(tree, "people", above=1) == 1
    assert rc.plot_claims(tree, "people", backend="none")
    assert fit(tree_claims := record(claim(4626, "A"), claim(5210, "C"))).equals(fit(tree_claims))


def simulated(rng: np.random.Generator, n_figures: int, n_sources: int) -> tuple[list, np.ndarray]:
    """Claims and truths from the model itself, one role; whole numbers of people."""
    role = rng.uniform()
    likeness, freshness = (
        median * np.exp(sd * rng.standard_normal())
        for median, sd in (PRIOR["likeness"], PRIOR["freshness"])
    )
    share = rng.dirichlet(np.ones(len(SCALES_LOG)))
    reliability = rng.beta(likeness * role, likeness * (1 - role), n_sources)
    middle, sd = math.log(math.sqrt(100 * 1e7)), math.log(1e5) / 3.92
    truths = np.maximum(np.round(np.exp(middle + sd * rng.standard_normal(n_figures))), 1)
    claims = []
    for k, truth in enumerate(truths):
        tables: list[list[float]] = []
        for s in rng.choice(n_sources, 3, replace=False):
            if rng.random() < reliability[s]:
                value = truth
            else:
                weights = np.array([n for _, n in tables] + [freshness])
                at = rng.choice(len(weights), p=weights / weights.sum())
                if at == len(tables):
                    off = rng.logistic(0, rng.choice(SCALES_LOG, p=share))
                    tables.append([round(truth * math.exp(np.clip(off, -30, 30))), 0])
                tables[at][1] += 1
                value = tables[at][0]
            claims.append((f"f{k}", f"s{s}", float(value)))
    return claims, truths


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say() -> None:
    rng, covered, right, promised = np.random.default_rng(8), [], [], []
    for _ in range(60):
        said, truths = simulated(rng, n_figures=6, n_sources=6)
        # Not rounded numbers: 47,000 stands for a wide cell, which this simulation leaves out.
        claims = record(*(claim(v, s, figure=f) for f, s, v in said), plausible=(100, 1e7))
        plan = discovery_design(claims)
        chain = run_chain(plan, nodes_of(plan), draws=300, tune=50, rng=rng)
        low, high = np.round(np.quantile(chain.estimate, [0.05, 0.95], axis=0))
        covered += ((low <= truths) & (truths <= high)).tolist()
        of = plan.quantity_of_claim
        values = np.array([v for *_, v in said])
        right += (values == truths[of]).tolist()
        promised += chain.right.mean(axis=0)[plan.witness_of_claim].tolist()
    # Closed intervals of a number that may lie at its end cover somewhat more often.
    assert 0.87 <= np.mean(covered) <= 0.97
    assert np.mean(right) == pytest.approx(np.mean(promised), abs=0.05)
    sure = np.array(promised) > 0.8
    assert np.mean(np.array(right)[sure]) == pytest.approx(
        np.mean(np.array(promised)[sure]), abs=0.05
    )
