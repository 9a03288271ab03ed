"""Cases of each mechanism are what its docstring says."""

import math

import numpy as np
import pytest

import reconcile as rc
from misspecified import MECHANISMS, Case, simulated

N = 200


def values(claims: rc.ClaimSet, role: str = "", figure: str = "killed") -> list[float]:
    return [
        claim.value
        for claim in claims.claims
        if claim.figure == figure and role in ("", claim.role) and claim.value is not None
    ]


def cases(name: str) -> list[Case]:
    return list(simulated(name, N).values())


@pytest.mark.parametrize("name", MECHANISMS)
def test_the_first_cases_do_not_depend_on_their_number(name: str) -> None:
    few, more = simulated(name, 2), simulated(name, 4)
    assert len(more) == 4 and all(more[key] == case for key, case in few.items())
    assert more[f"{name} 002"] != more[f"{name} 003"]


def test_the_own_side_stays_below_its_cap() -> None:
    share = [max(values(claims, "own")) / truth for claims, truth in cases("own floor")]
    assert max(share) < 1.4 and 0.25 < np.median(share) < 0.4
    over = [values(claims, "enemy")[0] / truth for claims, truth in cases("own floor")]
    assert 1.8 < np.median(over) < 2.25


def test_sources_copy_the_first_number() -> None:
    off, first = [], []
    for claims, truth in cases("anchoring"):
        anchor, *copies = values(claims)
        off += [math.log(value / anchor) for value in copies]
        first.append(math.log(anchor / truth))
        assert len(copies) == 5 and not any(claim.origin for claim in claims.claims)
    assert 0.4 < np.mean(np.array(off) == 0) < 0.65 and max(map(abs, off)) < 0.25
    assert 0.43 < np.std(first) < 0.57


def test_powers_of_ten_lie_above_what_the_sources_hold_for_true() -> None:
    for claims, truth in cases("powers of ten"):
        assert all(math.log10(value).is_integer() for value in values(claims))
        assert min(values(claims)) > truth * math.exp(-1)


@pytest.mark.parametrize("how", ["by date", "by said", "confirmed"])
def test_a_toll_rises_to_nearly_the_truth(how: str) -> None:
    for claims, truth in cases(f"saturating toll, {how}"):
        counts = values(claims, "own")
        assert counts == sorted(counts) and 0.75 * truth < counts[-1] <= truth
        assert {claim.kind for claim in claims.claims if claim.role == "own"} == {
            "confirmed" if how == "confirmed" else "point"
        }
        days = [claim.date if how == "by date" else claim.said for claim in claims.claims]
        assert None not in days and len(set(days)) == 9


def test_early_tolls_come_to_twice_the_truth() -> None:
    last = [values(claims, "own")[-1] / truth for claims, truth in cases("halved later")]
    assert 1.95 < np.median(last) < 2.05


@pytest.mark.parametrize("name", ["bimodal", "bimodal beside eight figures"])
def test_half_of_the_sources_count_something_else(name: str) -> None:
    beside = 8 if "beside" in name else 0
    for claims, truth in cases(name):
        off = [abs(math.log(value / truth)) for value in values(claims)]
        assert sum(one < math.log(3) / 2 for one in off) == 3 and max(off) < math.log(20)
        assert len(claims.claims) == 6 + 3 * beside
        for number in range(beside):
            others = values(claims, figure=f"buildings of type {number}")
            assert max(others) < 1.4 * min(others)


def test_good_sources_are_within_some_percent() -> None:
    off = [math.log(v / truth) for claims, truth in cases("good sources") for v in values(claims)]
    assert 0.025 < np.std(off) < 0.035 and abs(np.mean(off)) < 0.005
    assert {claims.setting for claims, _ in cases("good sources")} == {
        *("disaster", "economy", "other")
    }
