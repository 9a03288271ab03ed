"""What is assumed sets the width where claims tell nothing of it, and less the more they tell."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from reconcile.results.assumption import assumed_share
from reconcile.results.selection import ask

# A hard limit may cost a divergence or two; the draws are good enough for a share.
pytestmark = pytest.mark.filterwarnings("ignore::reconcile.ConvergenceWarning")
ROLES = ("media", "expert", "third", "own")


def fitted_to(
    *claims: rc.Claim, priors: rc.Priors | None = None, draws: int = 1000, **case: object
) -> xr.DataTree:
    case = {"setting": "disaster"} | case
    settings = {"random_seed": 1, "draws": draws, "progressbar": False}
    return rc.fit(rc.ClaimSet(claims, **case), priors=priors, **settings)


def share(tree: xr.DataTree, figure: str = "killed") -> float:
    found = assumed_share(tree, ask(tree, figure))
    assert 0 <= found <= 1
    return found


def worth(tree: xr.DataTree) -> float:
    return rc.independence(tree)["n_effective"][0]


def count(value: float, role: str = "media", **further: object) -> rc.Claim:
    return rc.Claim.point(value, figure="killed", role=role, **({"source": "A"} | further))


def guaranteed(low: float, high: float) -> rc.Claim:
    about = {"figure": "killed", "source": "B", "role": "rumour", "coverage": 1}
    return rc.Claim(kind="between", low=low, high=high, **about)


@pytest.fixture(scope="module")
def one() -> xr.DataTree:
    return fitted_to(count(1043))


def by_many(numbers: list[float]) -> list[rc.Claim]:
    return [count(x, ROLES[k % 4], source=f"S{k}") for k, x in enumerate(numbers)]


def nearly_equal() -> list[rc.Claim]:
    off = 0.05 * np.random.default_rng(3).standard_normal(20)
    return by_many(np.round(1000 * np.exp(off)).tolist())


@pytest.fixture(scope="module")
def twenty() -> xr.DataTree:
    return fitted_to(*nearly_equal())


def test_one_claim_rests_on_assumption_more_than_twenty_that_agree(
    one: xr.DataTree, twenty: xr.DataTree
) -> None:
    assert share(one) > 0.85
    # How hard the figure is they tell, and the error common to all grows with that.
    assert share(twenty) < 0.6
    assert share(one) > share(twenty) + 0.3


def test_one_source_is_one_claim_and_twenty_are_more(one: xr.DataTree, twenty: xr.DataTree) -> None:
    again = fitted_to(*(count(1043, said=f"2020-01-0{day}") for day in range(1, 7)))
    assert worth(one) == 1
    assert worth(again) < 1.2
    assert 2.5 < worth(twenty) <= 20
    # What a source guarantees it guarantees once.
    sure = fitted_to(guaranteed(800, 1200), guaranteed(700, 1300))
    assert worth(sure) == 1


def test_the_common_error_keeps_twenty_from_being_worth_twenty() -> None:
    def with_common(sd_log: float) -> float:
        priors = rc.Priors().replace(common_bias_sd_log=sd_log, common_best=0)
        return worth(fitted_to(*nearly_equal(), priors=priors, draws=50))

    assert with_common(0.001) > 18
    assert with_common(1) < 3


def test_a_sole_rumour_is_nearly_all_assumption() -> None:
    assert share(fitted_to(count(1043, "rumour"))) > 0.8


def test_a_guaranteed_range_is_an_assumption_too(twenty: xr.DataTree) -> None:
    assert share(fitted_to(guaranteed(800, 1200))) > 0.9
    assert share(fitted_to(count(1043, "rumour"), guaranteed(800, 1200))) > 0.7
    # One that nothing comes near changes nothing.
    wide = fitted_to(*nearly_equal(), guaranteed(1, 1e6))
    assert share(wide) == pytest.approx(share(twenty), abs=0.05)


def test_a_ceiling_that_is_reached_is_an_assumption_too(twenty: xr.DataTree) -> None:
    """Twenty that agree just below it rest on it."""
    claims, priors = by_many([1013] * 20), rc.Priors().replace(copied_share=0)
    capped, far = (
        fitted_to(*claims, figures=[rc.Figure(name="killed", ceiling=ceiling)], priors=priors)
        for ceiling in (1014, 1e6)
    )
    assert share(capped) > share(far) + 0.1


def test_a_measurement_that_states_its_error_rests_on_it() -> None:
    """But for the error that measurements share, in proportion to its size."""
    needle = rc.Claim.standard_error(100, 0.01, figure="g", source="A", role="expert")

    def with_common(factor: float) -> float:
        priors = rc.Priors().replace(measured_common=factor, common_tail=0, difficulty_sd_log=0)
        return share(fitted_to(needle, setting="measurement", priors=priors), "g")

    assert with_common(0.3) < 0.15
    # As large as the error of one.
    assert 0.3 < with_common(1.8) < 0.7
    assert with_common(18) > 0.9


def test_sources_that_contradict_each_other_tell_how_far_they_are_off() -> None:
    for numbers in (
        [103, 917, 311, 4013, 61, 1523, 251, 9011],
        [100, 900, 300, 4000, 60, 1500, 250, 9000],
    ):
        assert share(fitted_to(*by_many(numbers))) < 0.75


def test_on_the_natural_scale_the_spread_is_assumed_or_seen() -> None:
    def of(n: int, common: float = 0.01) -> float:
        values = (-12_000 + 50 * np.random.default_rng(2).standard_normal(n)).round().tolist()
        about = {"figure": "migration", "scale": "linear", "role": "expert"}
        claims = [rc.Claim.point(x, source=f"S{k}", **about) for k, x in enumerate(values)]
        figure = rc.Figure(name="migration", scale="linear", spread=100)
        priors = rc.Priors().replace(linear={"common_bare": common})
        made = fitted_to(*claims, figures=[figure], setting="other", priors=priors)
        return share(made, "migration")

    assert of(1) > 0.85
    assert of(20) < 0.3
    # Nobody tells what they have in common: a variance of .04 beside one of 1/20.
    assert 0.4 < of(20, 0.2) < 0.7


def test_a_figure_on_record_says_nothing_of_it() -> None:
    claims = [
        rc.Claim.point(x, figure="people", source=s, role="third")
        for x, s in ((4600, "A"), (4600, "B"))
    ]
    tree = fitted_to(*claims, setting="record")
    assert assumed_share(tree, ask(tree, "people")) is None
    assert "assumed" not in rc.sentence(tree, "people")
