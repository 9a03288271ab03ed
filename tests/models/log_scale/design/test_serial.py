"""Serial dependence: repeats, serial error, revisions, repeated bounds."""

import datetime as dt
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import logistic

import reconcile as rc
from reconcile.claims.fields import KINDS
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.kernel.layout import kernel_density
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import log_likelihood
from reconcile.models.log_scale.reference.prior import draw_parameters
from strategies import claims as any_claim
from strategies import spoken_sets

pytestmark = pytest.mark.filterwarnings("ignore::reconcile.AssumptionWarning")

BY = {"figure": "killed", "source": "A", "role": "own"}
RUNNING = [rc.Figure(name="killed", accrues=True)]
FIXED = [rc.Figure(name="killed", accrues=False)]
START = "2022-03-01"


def plan_of(*claims: rc.Claim, figures: list[rc.Figure] = RUNNING, **case: object) -> Design:
    return design(rc.ClaimSet(claims, figures=figures, setting="war", start=START, **case))


def day(k: int) -> str:
    return (dt.date(2022, 3, 1) + dt.timedelta(days=k)).isoformat()


def total_logp(plan: Design, parameters: dict[str, np.ndarray]) -> np.ndarray:
    return log_likelihood(plan, forward(plan, parameters)).sum(axis=1)


def assert_same_density(one: Design, other: Design) -> None:
    """At random parameters of the first, which must be those of the second as well."""
    parameters = draw_parameters(one, np.random.default_rng(1), 20)
    theirs = draw_parameters(other, np.random.default_rng(1), 20)
    assert {n: x.shape for n, x in parameters.items()} == {n: x.shape for n, x in theirs.items()}
    np.testing.assert_allclose(
        total_logp(other, parameters), total_logp(one, parameters), rtol=1e-9, atol=1e-9
    )


def kept(days: float, priors: rc.Priors | None = None) -> float:
    priors = priors or rc.Priors()
    return priors.serial_share * float(np.exp(-days / priors.serial_days))


# Repeats


@given(spoken_sets(), st.data())
def test_a_claim_said_five_times_is_said_once(claims: rc.ClaimSet, data: st.DataObject) -> None:
    made = list(claims)
    k = data.draw(st.integers(0, len(made) - 1))
    if made[k].kind == "truth":
        return  # what was found out is nobody's claim
    more = [*made, *[replace(made[k], quote=f"again {j}", url="", note="") for j in range(4)]]
    assert_same_density(design(claims), design(claims.replace(more)))


@given(st.data(), st.lists(st.integers(0, 400), min_size=1, max_size=5, unique=True))
def test_a_fixed_figure_said_again_on_other_days_is_said_once(
    data: st.DataObject, again: list[int]
) -> None:
    """Whenever it is said again, whatever else its source says in between."""
    given_ = {"figure": "killed", "population": "", "since": None, "origin": "", "source": "A"}
    given_ |= {"role": "own", "said": None, "date": None, "extra": (), "interest": ""}
    given_ |= {"per": ""}
    # A registered count that is said again has not grown.
    kinds = tuple(kind for kind in KINDS if kind not in ("ratio", "truth", "confirmed"))
    said = data.draw(st.lists(any_claim(kinds=kinds, **given_), min_size=1, max_size=3))
    said = [replace(c, said=day(20 * k)) for k, c in enumerate(said)]
    which = data.draw(st.integers(0, len(said) - 1))
    days = [20 * which + 1 + k for k in again]
    more = [*said, *[replace(said[which], said=day(k)) for k in days]]
    one, other = (plan_of(*made, figures=FIXED) for made in (said, more))
    assert_same_density(one, other)


def test_repeats_do_not_make_a_voice_drift() -> None:
    """Twenty claims are needed for that, and these are five."""
    made = [rc.Claim.point(100 + k, date=day(30 * k), **BY) for k in range(5)]
    one, other = plan_of(*made), plan_of(*(made * 5))
    assert "drift_z" not in one.biases.sizes | other.biases.sizes
    assert_same_density(one, other)


def test_two_sources_that_say_the_same_are_no_repeat() -> None:
    claim = rc.Claim.point(120, figure="killed", source="A", role="own")
    claims = [claim, replace(claim, source="B"), replace(claim, source="C", value=121)]
    plan = plan_of(*claims, figures=FIXED)
    assert len(set(plan.serial.contents.tolist())) == 3


def test_what_several_tell_of_one_origin_on_a_day_is_one_claim() -> None:
    """The agency itself, two papers that retell it, one of them again later, and a stranger."""
    about = {"figure": "killed", "role": "media", "said": day(1)}
    told = [
        rc.Claim.point(120, source="agency", **about),
        rc.Claim.point(121, source="B", origin="agency", **about),
        rc.Claim.about(120, source="C", origin="agency", **about),
        rc.Claim.point(150, source="B", origin="agency", **(about | {"said": day(5)})),
        rc.Claim.at_least(100, source="C", origin="agency", **about),
        rc.Claim.point(119, source="D", **about),
    ]
    serial = plan_of(*told, figures=FIXED).serial
    np.testing.assert_allclose(serial.weight, [1 / 3, 1 / 3, 1 / 3, 1, 1, 1])
    assert serial.share[:3].tolist() == [0, 0, 0]
    assert serial.share[3] == pytest.approx(kept(4))
    assert serial.predecessor[3] in (0, 1, 2)
    # One source that says two things on a day has not copied.
    own = plan_of(told[1], replace(told[1], value=130.0), figures=FIXED).serial
    assert own.weight.tolist() == [1, 1]


# Serial error


def test_each_number_hangs_on_the_one_before_it_whatever_the_order_of_the_table() -> None:
    made = [rc.Claim.point(100 + k, date=day(k), **BY) for k in (0, 3, 10, 40)]
    expected = {101 + 2: 100, 110: 103, 140: 110}
    for shuffled in permutations(made):
        serial = plan_of(*shuffled).serial
        for k, claim in enumerate(shuffled):
            predecessor = shuffled[serial.predecessor[k]]
            if claim.value == 100:
                assert predecessor is claim and serial.share[k] == 0
                continue
            assert predecessor.value == expected[int(claim.value)]
            days = claim.value - predecessor.value
            share = max(kept(days), np.sqrt((claim.value - days - 99) / (claim.value - 99)))
            assert serial.share[k] == pytest.approx(share)
            # Independent of what is known, with the same variance over all.
            assert 0 < share < 1
        assert serial.weight.tolist() == [1] * 4


def test_a_tally_adds_to_what_it_had() -> None:
    """Errors of what is added each day, of one size and independent, from wherever it began."""
    about = {"source": "A", "role": "own"}
    figures = [*RUNNING, rc.Figure(name="held", accrues=False), rc.Figure(name="rate", level=True)]

    def share(figure: str, *days: int, **period: str) -> float:
        made = [rc.Claim.point(70 + k, figure=figure, date=day(k), **about, **period) for k in days]
        return float(plan_of(*made, figures=figures).serial.share[1])

    assert share("killed", 49, 99) == pytest.approx(np.sqrt(50 / 100))
    assert share("killed", 49, 99, since=day(40)) == pytest.approx(np.sqrt(10 / 60))
    # Soon after its beginning, and of what does not add up, as of any other figure.
    assert share("killed", 0, 10) == pytest.approx(kept(10))
    assert share("rate", 49, 99) == pytest.approx(kept(50))
    assert share("held", 49, 99) == pytest.approx(kept(50))
    rng = np.random.default_rng(1)
    tally = np.cumsum(1 + 0.1 * rng.standard_normal((20_000, 100)), axis=1) / np.arange(1, 101)
    assert np.corrcoef(tally[:, 49], tally[:, 99])[0, 1] == pytest.approx(np.sqrt(0.5), abs=0.02)


def test_only_one_voice_on_one_figure_makes_a_chain() -> None:
    one = rc.Claim.point(100, date=day(0), **BY)
    for change in (
        {"source": "B"},
        {"role": "enemy"},
        {"figure": "wounded"},
        {"interest": "high"},
        {"since": day(2)},
    ):
        figures = [*RUNNING, rc.Figure(name="wounded", accrues=True)]
        two = replace(one, value=130.0, date=day(5), **change)
        assert not plan_of(one, two, figures=figures).serial.share.any(), change
    assert plan_of(one, replace(one, value=130.0, date=day(5))).serial.share.any()


def test_a_bound_hangs_on_a_number_and_no_number_on_a_bound() -> None:
    made = [
        rc.Claim.at_least(90, date=day(0), **BY),
        rc.Claim.point(100, date=day(5), **BY),
        rc.Claim.at_least(110, date=day(9), **BY),
        rc.Claim.point(130, date=day(10), **BY),
    ]
    serial = plan_of(*made).serial
    assert serial.predecessor.tolist() == [0, 1, 1, 1]
    assert (serial.share > 0).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    "same_day",
    [
        [
            rc.Claim.point(100, said=day(0), status="withdrawn", **BY),
            rc.Claim.point(100, said=day(0), **BY),
        ],
        [
            rc.Claim.interval(50, 150, 0.5, said=day(0), **BY),
            rc.Claim.interval(50, 150, 0.9, said=day(0), **BY),
        ],
        [
            rc.Claim.vague("dozens", said=day(0), **BY),
            rc.Claim.vague("hundreds", said=day(0), **BY),
            rc.Claim.at_most(500, said=day(0), **BY),
        ],
        # Said again later: the day of the first time counts.
        [
            rc.Claim.point(100, said=day(0), **BY),
            rc.Claim.point(120, said=day(10), **BY),
            rc.Claim.point(100, said=day(20), **BY),
        ],
    ],
)
def test_what_hangs_on_what_does_not_depend_on_the_order(same_day: list[rc.Claim]) -> None:
    def told(shuffled: tuple[rc.Claim, ...]) -> set[tuple[object, ...]]:
        serial = plan_of(*shuffled, figures=FIXED).serial
        # Copies are one claim: which of them is pointed at does not matter.
        return {
            (
                claim,
                replace(shuffled[serial.predecessor[k]], said=None),
                serial.share[k],
                serial.weight[k],
            )
            for k, claim in enumerate(shuffled)
        }

    for shuffled in permutations(same_day):
        assert told(shuffled) == told(tuple(same_day))


# Withdrawn and revised claims


@given(st.permutations(range(3)))
def test_nothing_hangs_on_what_was_withdrawn(order: list[int]) -> None:
    made = [
        rc.Claim.point(100, date=day(0), **BY),
        rc.Claim.point(900, date=day(5), status="withdrawn: a slip", **BY),
        rc.Claim.point(120, date=day(9), **BY),
    ]
    shuffled = [made[k] for k in order]
    serial = plan_of(*shuffled).serial
    predecessors = {
        int(c.value): int(shuffled[k].value)
        for c, k in zip(shuffled, serial.predecessor, strict=True)
    }
    assert predecessors == {100: 100, 900: 100, 120: 100}


def revised_and_its_revision() -> list[rc.Claim]:
    return [
        rc.Claim.point(300, said=day(0), status="revised", **BY),
        rc.Claim.point(999, said=day(1), status="withdrawn", **BY),
        rc.Claim.at_least(150, said=day(2), **BY),
        rc.Claim.point(200, said=day(3), **BY),
        rc.Claim.point(500, figure="killed", source="B", role="enemy", said=day(3)),
    ]


def test_a_revised_claim_hangs_on_its_revision_alone() -> None:
    plan = plan_of(*revised_and_its_revision(), figures=FIXED)
    serial = plan.serial
    assert serial.predecessor[0] == 3
    assert serial.is_revised.tolist() == [True, False, False, False, False]
    assert serial.share[0] == 1
    parameters = draw_parameters(plan, np.random.default_rng(3), 20)
    before = log_likelihood(plan, forward(plan, parameters))
    moved = parameters | {"total_log": parameters["total_log"] + 0.7}
    after = log_likelihood(plan, forward(plan, moved))
    np.testing.assert_allclose(after[:, 0], before[:, 0], rtol=1e-9)
    assert (np.abs(after[:, 3] - before[:, 3]) > 1e-3).all()


def test_without_a_revision_a_revised_claim_is_one_like_any_other() -> None:
    made = revised_and_its_revision()
    del made[3]
    serial = plan_of(*made, figures=FIXED).serial
    assert not serial.is_revised.any()
    assert serial.predecessor[0] == 0


# Bounds said again


def test_the_same_lower_bound_later_says_nothing_new() -> None:
    made = [rc.Claim.at_least(100, date=day(k), **BY) for k in (0, 3, 9)]
    for order in permutations(range(3)):
        weight = plan_of(*[made[k] for k in order]).serial.weight
        assert {order[j]: w for j, w in enumerate(weight)} == {0: 1, 1: 0, 2: 0}


def test_the_same_upper_bound_later_says_all() -> None:
    made = [rc.Claim.at_most(100, date=day(k), **BY) for k in (0, 3, 9)]
    for order in permutations(range(3)):
        weight = plan_of(*[made[k] for k in order]).serial.weight
        assert {order[j]: w for j, w in enumerate(weight)} == {0: 0, 1: 0, 2: 1}


def test_a_bound_that_is_withdrawn_does_not_stand_for_the_same_that_stands() -> None:
    gone = rc.Claim.at_least(100, date=day(0), status="withdrawn", **BY)
    stands = rc.Claim.at_least(100, date=day(5), **BY)
    assert plan_of(gone, stands).serial.weight[1] == 1


@pytest.mark.parametrize(
    ("values", "make"), [((100, 140), rc.Claim.at_least), ((140, 100), rc.Claim.at_most)]
)
def test_of_two_bounds_the_weaker_counts_for_less(values: tuple[int, int], make: object) -> None:
    weak, strong = (make(value, date=day(k), **BY) for value, k in zip(values, (0, 7), strict=True))
    assert plan_of(weak, strong).serial.weight == pytest.approx([1 - kept(7), 1])


def test_bounds_on_two_sides_are_no_repeats() -> None:
    low, high = rc.Claim.at_least(100, date=day(0), **BY), rc.Claim.at_most(140, date=day(1), **BY)
    assert plan_of(low, high).serial.weight.tolist() == [1, 1]


@pytest.mark.parametrize("when", [0, 4, 9])
@pytest.mark.parametrize("empty", [rc.Claim.at_least(0, **BY), rc.Claim.at_most(1e30, **BY)])
def test_an_empty_bound_takes_no_weight_from_others(empty: rc.Claim, when: int) -> None:
    made = [
        rc.Claim.at_least(100, date=day(1), **BY),
        rc.Claim.at_least(120, date=day(6), **BY),
        rc.Claim.at_most(400, date=day(3), **BY),
        rc.Claim.at_most(300, date=day(8), **BY),
    ]
    alone = plan_of(*made).serial.weight
    beside = plan_of(*made, replace(empty, date=day(when))).serial.weight
    assert beside[:4].tolist() == alone.tolist()


# Followed or not


def test_a_claim_follows_its_predecessor_or_is_by_itself() -> None:
    """By hand: two logistic densities, and a wide one for a gross error."""
    priors = rc.Priors().replace(serial_follow=0.7)
    made = [rc.Claim.point(n, said=day(k), **BY) for k, n in ((0, 1013.0), (5, 1217.0))]
    claims = rc.ClaimSet(made, figures=FIXED, setting="war", start=START)
    plan = design(claims, priors)
    latent = forward(plan, draw_parameters(plan, np.random.default_rng(1), 50))
    share, scale = kept(5), np.hypot(latent.noise_log, latent.width_log)[:, 1]
    base, off = latent.base_log[:, 1], np.log(1013) - latent.base_log[:, 0]

    def within(location: np.ndarray, scale: np.ndarray | float) -> np.ndarray:
        ends = (np.log(1217) - plan.readings.down_log[1], np.log(1217) + plan.readings.up_log[1])
        low, high = (logistic.cdf(end, location, scale) for end in ends)
        return np.asarray(high - low)

    sound = 0.7 * within(base + share * off, scale * np.sqrt(1 - share**2))
    sound += 0.3 * within(base, scale)
    expected = plan.sound[1] * sound + (1 - plan.sound[1]) * within(base, priors.unsound_scale_log)
    found = log_likelihood(plan, latent)[:, 1]
    np.testing.assert_allclose(found, np.log(expected), rtol=1e-6)


def test_a_source_that_is_off_stays_off_and_a_slip_is_not_carried_on() -> None:
    """After a number off by e^8.5, what carries it on and the usual are likely."""
    parameters, found = None, []
    priors = rc.Priors().replace(serial_share=0.9, serial_days=1e6, serial_follow=0.8)
    # In the middle of what is plausible; e^(0.9 * 8.5) above it; and half of the way.
    usual_log, off = np.log(158), np.log(800_121 / 158)
    for second in (*np.rint(np.exp(usual_log + np.array([0.9, 0.0, 0.45]) * off)),):
        plan = plan_of(
            rc.Claim.point(800_121, said=day(0), **BY),
            rc.Claim.point(second, said=day(1), **BY),
            figures=[rc.Figure(name="killed", accrues=False, plausible=(50, 500))],
        )
        plan = design(plan.claims, priors)
        if parameters is None:
            parameters = draw_parameters(plan, np.random.default_rng(1), 50)
        latent = forward(plan, parameters)
        found.append(
            np.median(log_likelihood(plan, latent)[:, 1] - np.log(plan.readings.up_log[1]))
        )
    again, usual, between = found
    assert min(again, usual) > between + 1


@pytest.mark.parametrize("follow", [0.0, 1.0])
def test_following_for_certain_or_never(follow: float) -> None:
    made = [rc.Claim.point(n, said=day(k), **BY) for k, n in ((0, 1013.0), (5, 1217.0))]
    claims = rc.ClaimSet(made, figures=FIXED, setting="war", start=START)
    plan = design(claims, rc.Priors().replace(serial_follow=follow))
    parameters = draw_parameters(plan, np.random.default_rng(1), 20)
    found = log_likelihood(plan, forward(plan, parameters))
    alone = design(claims.replace([made[1]]), plan.priors)
    by_itself = log_likelihood(alone, forward(alone, parameters))[:, 0]
    assert np.isfinite(found).all()
    assert np.allclose(found[:, 1], by_itself) == (follow == 0)
    assert np.isfinite(
        kernel_density(plan).slope(np.zeros(kernel_density(plan).shift.size))[1]
    ).all()
