"""How much claims weigh that say nothing new: re-issues, retellings, and a case nobody knows."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

import reconcile as rc

ARMY = {"figure": "killed", "source": "army", "role": "own"}
FOE = {"figure": "killed", "source": "foe", "role": "enemy"}
NGO = {"figure": "killed", "source": "ngo", "role": "third"}
THREE = [
    rc.Claim.point(1013, said="2022-03-05", **ARMY),
    rc.Claim.point(3120, said="2022-03-06", **FOE),
    rc.Claim.point(1511, said="2022-03-06", **NGO),
]


def log_width(claims: list[rc.Claim]) -> float:
    """Log width of the 90 % interval of one fixed figure, known to about 2 %.

    Some seeds of four chains were 5 % apart.
    """
    figure = rc.Figure(name="killed", accrues=False, plausible=(100, 20_000))
    case = rc.ClaimSet(claims, figures=[figure], setting="war", start="2022-03-01")
    # The error common to all claims would hide what a claim adds.
    priors = rc.Priors().replace(common_bias_sd_log=0.05)
    settings = {"draws": 2000, "tune": 500, "chains": 8, "progressbar": False}
    tree = rc.fit(case, priors=priors, random_seed=5, **settings)
    row = rc.summary(tree).iloc[0]
    return float(np.log(row["eti90_ub"] / row["eti90_lb"]))


@pytest.fixture(scope="module")
def three() -> float:
    return log_width(THREE)


def test_two_hundred_daily_reissues_hardly_narrow(three: float) -> None:
    """Of one figure by one source: at most 15 %."""
    day = dt.date(2022, 3, 6)
    again = [replace(THREE[2], said=day + dt.timedelta(k)) for k in range(1, 201)]
    assert log_width([*THREE, *again]) == pytest.approx(three, rel=0.15)


def test_saying_it_five_times_hardly_narrows(three: float) -> None:
    assert log_width([*THREE, *[THREE[2]] * 4]) == pytest.approx(three, rel=0.05)


def retold(origin: str, *, roles: tuple[str, ...]) -> list[rc.Claim]:
    """A number told by several, who had it from somewhere or each for itself.

    Beside a first-day number of the army, which leaves something to tell.
    """
    return [
        replace(THREE[0], said=dt.date(2022, 3, 1)),
        *(
            rc.Claim.point(
                1511 - k,
                figure="killed",
                source=f"source {k}",
                role=role,
                origin=origin,
                said="2022-03-06",
            )
            for k, role in enumerate(roles)
        ),
    ]


def test_six_sources_with_one_origin_weigh_like_one() -> None:
    """Though they agree. Four that are independent, in different roles, weigh far more than one."""
    one = log_width(retold("an agency", roles=("third",)))
    for n in (2, 6):
        told = retold("an agency", roles=("third",) * n)
        assert log_width(told) == pytest.approx(one, rel=0.1)
    apart = log_width(retold("", roles=("third", "expert", "media", "leak")))
    assert apart < 0.85 * one


def test_a_case_that_nobody_knows_stays_wide() -> None:
    """Haiti 2010: claims from 30,000 to 316,000, and no truth to choose between them.

    It had a factor of 1.4, of 2 now: 11 claims that disagree are worth that much.
    """
    haiti = rc.track_record()["haiti_2010"]
    row = rc.summary(rc.fit(haiti, random_seed=1, progressbar=False)).iloc[0]
    assert row["eti90_ub"] > 1.75 * row["eti90_lb"]
    assert row["eti90_ub"] > 30_000
    assert row["eti90_lb"] < 316_000
