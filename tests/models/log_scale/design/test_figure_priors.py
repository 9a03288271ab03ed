"""Priors of figures: what claims have a say in them, and what wholes and their parts are."""

import math
from dataclasses import replace

import numpy as np
import pytest

import reconcile as rc
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.reference.prior import draw_parameters

BY = {"source": "ministry", "role": "media"}
FOE = {"source": "rebels", "role": "enemy"}
C = rc.Claim
NO_BIAS = rc.Priors().without_bias()
LOSSES = ("killed", "wounded", "captured", "missing")


def plan_of(*claims: rc.Claim, parts: tuple[str, ...] = LOSSES, **more) -> Design:
    """A design in which casualties are a declared whole."""
    figures = {name: rc.Figure(name=name) for name in parts}
    figures["casualties"] = rc.Figure(name="casualties", parts=parts)
    for name, fields in more.items():
        figures[name] = replace(figures[name], **fields)
    return design(rc.ClaimSet(claims, figures=figures.values()), NO_BIAS)


def wholes_of(plan: Design) -> dict[str, tuple[tuple[str, ...], float, float]]:
    """Labels of the parts of each whole, and its prior median and standard deviation."""
    wholes = plan.wholes
    names = [figure for _, figure in plan.structure.series] + list(wholes.labels)
    return {
        label: (tuple(names[k] for k in parts), math.exp(mean), sd)
        for label, parts, mean, sd in zip(
            wholes.labels, wholes.parts, wholes.mean_log, wholes.sd_log, strict=True
        )
    }


def prior_of(plan: Design, figure: str) -> tuple[float, float]:
    """Prior median and standard deviation of a series, or of its weight."""
    k = [name for _, name in plan.structure.series].index(figure)
    return math.exp(plan.total_mean_log[k]), float(plan.total_sd_log[k])


@pytest.mark.parametrize("unit_size", [1.0, 1000.0])
def test_bounds_have_no_say(unit_size: float) -> None:
    figure = rc.Figure(name="killed", unit_size=unit_size)
    kinds = (C.at_least, C.at_most)
    told = [kind(v, figure="killed", **BY) for kind in kinds for v in (2, 1351, 1e6)]
    for claims in (told[:1], told[3:4], told):
        plan = design(rc.ClaimSet(claims, figures=[figure]))
        assert prior_of(plan, "killed") == pytest.approx((100 / unit_size, 3.5))
    beside = [C.point(70, figure="killed", **BY), *told]
    plans = [design(rc.ClaimSet(c, figures=[figure]), NO_BIAS) for c in (beside[:1], beside)]
    assert prior_of(plans[0], "killed") == prior_of(plans[1], "killed") == pytest.approx((70, 3.0))


@pytest.mark.parametrize("status", ["withdrawn: a slip", "revised: counted twice"])
def test_superseded_numbers_count_only_where_nothing_stands(status: str) -> None:
    slip = C.point(222_000, figure="killed", status=status, **BY)
    standing = [C.point(v, figure="killed", **FOE) for v in (1800, 2000, 2300)]
    plans = [design(rc.ClaimSet(c), NO_BIAS) for c in (standing, [*standing, slip], [slip])]
    assert [prior_of(plan, "killed")[0] for plan in plans] == pytest.approx([2000, 2000, 222_000])
    # Nor does a number of the whole that was taken back outweigh one that stands for a part.
    plan = plan_of(replace(slip, figure="casualties"), standing[0])
    assert list(wholes_of(plan)) == ["wounded + captured + missing"]
    assert wholes_of(plan)["wounded + captured + missing"][1:] == pytest.approx((100, 3.5))


@pytest.mark.parametrize("n_parts", [2, 10])
def test_series_that_nobody_tells_apart_are_one(n_parts: int) -> None:
    parts = tuple(f"part {k}" for k in range(n_parts))
    for kind, median, sd in ((C.point, 10_210, 3.0), (C.at_least, 100, 3.5)):
        plan = plan_of(kind(10_210, figure="casualties", **BY), parts=parts)
        (found,) = wholes_of(plan).values()
        assert found[0] == parts
        assert found[1:] == pytest.approx((median, sd))
        assert prior_of(plan, "part 0") == pytest.approx((median / n_parts, 1.5))


def test_parts_with_numbers_are_parts_by_themselves() -> None:
    told = [C.point(9000, figure="casualties", **BY), C.point(300, figure="killed", **FOE)]
    for bound in ([], [C.at_least(5, figure="missing", **FOE)]):
        plan = plan_of(*told, *bound)
        found = wholes_of(plan)
        rest = " + ".join(LOSSES[1:])
        assert found[rest][0] == LOSSES[1:]
        assert found[rest][1:] == pytest.approx((4500, 1.5))
        assert found[" + ".join(LOSSES)] == (("killed", rest), pytest.approx(9000), 3.0)
        assert prior_of(plan, "killed") == pytest.approx((300, 3.0))


def test_sums_within_sums_and_sums_that_overlap() -> None:
    within = C.about(40, figure="captured + missing", **BY)
    across = C.about(30, figure="killed + captured", **BY)
    whole = C.about(9000, figure="casualties", **BY)
    found = wholes_of(plan_of(whole, within, across))
    assert found["captured + missing"] == (("captured", "missing"), pytest.approx(40), 3.0)
    assert found["killed + wounded"][0] == ("killed", "wounded")
    assert set(found[" + ".join(LOSSES)][0]) == {"captured + missing", "killed + wounded"}
    assert "killed + captured" not in found
    # Of two that are equally large the larger number is kept, in any order of the claims.
    for claims in ((within, across), (across, within)):
        plan = plan_of(*claims)
        assert list(wholes_of(plan)) == ["captured + missing"]
        assert prior_of(plan, "killed") == pytest.approx((15, 3.0))


def test_parts_alone_stay_apart() -> None:
    plan = plan_of(C.point(300, figure="killed", **BY), C.point(900, figure="wounded", **BY))
    assert not plan.wholes.parts
    assert [prior_of(plan, name)[0] for name in ("killed", "wounded")] == pytest.approx([300, 900])


@pytest.mark.parametrize(
    "said",
    [
        [C.at_least(2, figure="casualties", **BY)],
        [C.point(300, figure="killed", **BY), C.at_least(2, figure="casualties", **BY)],
        [C.point(9, figure=name, **BY) for name in LOSSES],
    ],
)
def test_a_plausible_range_of_a_whole_holds_whatever_is_said_of_parts(said: list) -> None:
    plan = plan_of(*said, casualties={"plausible": (1000, 9000)})
    # Without the common error, which a range of the true figure and a wide prior share out.
    plan = design(plan.claims, NO_BIAS.replace(common_bias_sd_log=1e-6))
    totals = draw_parameters(plan, np.random.default_rng(1), 8000)["total_log"]
    whole = np.logaddexp.reduce(totals, axis=1)
    middle, sd = 0.5 * math.log(9e6), math.log(9) / 3.92
    assert whole.mean() == pytest.approx(middle, abs=0.04)
    assert whole.std() == pytest.approx(sd, rel=0.06)


def test_shares_are_logistic_normal() -> None:
    plan = plan_of(C.point(10_210, figure="casualties", **BY))
    plan = design(plan.claims, NO_BIAS.replace(common_bias_sd_log=1e-6))
    totals = draw_parameters(plan, np.random.default_rng(2), 20_000)["total_log"]
    whole = np.logaddexp.reduce(totals, axis=1)
    assert (whole.mean(), whole.std()) == pytest.approx((math.log(10_210), 3.0), rel=0.03)
    between = totals[:, 0] - totals[:, 3]
    assert between.mean() == pytest.approx(0, abs=0.06)
    assert between.std() == pytest.approx(1.5 * math.sqrt(2), rel=0.03)
    assert np.corrcoef(whole, between)[0, 1] == pytest.approx(0, abs=0.03)


def test_the_number_of_parts_does_not_matter() -> None:
    """Median and width of a whole of which a source tells nothing but its number.

    Widths of the middle half: the common error has heavy tails.
    """
    found = []
    for n_parts in (2, 10):
        parts = tuple(f"part {k}" for k in range(n_parts))
        claims = plan_of(C.point(10_210, figure="casualties", **BY), parts=parts).claims
        tree = rc.fit(claims, draws=4000, random_seed=n_parts, progressbar=False)
        low, middle, high = np.log(np.quantile(rc.draws(tree, "casualties"), (0.25, 0.5, 0.75)))
        found.append((middle, high - low))
    assert found[0][0] == pytest.approx(found[1][0], abs=0.05)
    # Of seeds of one fit some are 8 % apart.
    assert found[0][1] == pytest.approx(found[1][1], rel=0.15)


def test_a_stated_error_that_was_taken_back_is_no_scale() -> None:
    """The common error of measurements goes by the smallest scale that stands."""

    def measured(error: float, source: str, status: str = "standing") -> rc.Claim:
        said = {"figure": "parallax", "source": source, "role": "expert", "status": status}
        return C.standard_error(8.8, error, **said)

    slip, standing = measured(0.001, "A", "withdrawn: a misprint"), measured(0.05, "B")
    widths = [
        float(design(rc.ClaimSet(c, setting="measurement")).common_width[0])
        for c in ([standing], [standing, slip], [slip])
    ]
    assert widths[0] == widths[1] == pytest.approx(50 * widths[2], rel=1e-3)
