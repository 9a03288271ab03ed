"""Which cells each claim sums, against sums made day by day."""

import datetime as dt
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reconcile as rc
from reconcile.models.estimand import Estimand
from reconcile.models.log_scale.design.sums import Incidence, incidence
from strategies import claim_sets

DAY = dt.timedelta(days=1)


def parts_of(claims: rc.ClaimSet, figure: str) -> list[str]:
    """Figures without parts in a sum, spelled out anew."""
    found, waiting = [], figure.split("+")
    while waiting:
        name = waiting.pop().strip()
        parts = claims.figures[name].parts
        waiting += parts
        found += [] if parts else [name]
    return found


@cache
def increment(population: str, figure: str, day: dt.date | None) -> float:
    """What one figure grew by on one day (or is, if it is fixed): any number, always the same."""
    return zlib.crc32(repr((population, figure, day)).encode()) % 1000 / 7


def counted(
    claims: rc.ClaimSet,
    population: str,
    figure: str,
    date: dt.date | None,
    since: dt.date | None,
) -> float:
    """A sum over figures and days, made one day at a time."""
    total = 0.0
    for base in parts_of(claims, figure):
        if not claims.figures[base].accrues:
            total += increment(population, base, None)
            continue
        assert date is not None
        day = since or first_day(claims)
        while day <= date:
            total += increment(population, base, day)
            day += DAY
    return total


def first_day(claims: rc.ClaimSet) -> dt.date:
    """First day of the case; where nobody says it, as long before the claims as they span."""
    if claims.start:
        return claims.start
    running = [c for c in claims if claims.figures[parts_of(claims, c.sides[0])[0]].accrues]
    ends = [c.date for c in running] + [c.since - DAY for c in running if c.since]
    return min(ends) - max(max(ends) - min(ends), DAY) + DAY


def nodes(claims: rc.ClaimSet, structure: Incidence) -> np.ndarray:
    """Values of the nodes in their documented order: totals, cells, fixed series."""
    accruing = structure.series[: structure.n_accruing]
    fixed = structure.series[structure.n_accruing :]
    lasts = structure.dates
    starts = [first_day(claims), *(last + DAY for last in lasts)] if lasts else []
    totals = [counted(claims, *s, last, starts[0]) for s in accruing for last in lasts]
    cells = [
        counted(claims, *s, last, start)
        for s in accruing
        for start, last in zip(starts[:-1], lasts, strict=True)
    ]
    return np.array(totals + cells + [counted(claims, *s, None, None) for s in fixed])


def claim_on(figure: str, date: str | None, since: str | None = None, **about: str) -> rc.Claim:
    fields = {"figure": figure, "source": "A", "date": date, "since": since} | about
    return rc.Claim.point(3, **fields)  # type: ignore[arg-type]


@given(claims=claim_sets())
def test_claims_and_estimates_are_sums_over_days(claims: rc.ClaimSet) -> None:
    structure = incidence(claims)
    values = nodes(claims, structure)
    assert structure.n_nodes == len(values) == structure.claims.shape[1]
    said = [counted(claims, c.population, c.sides[0], c.date, c.since) for c in claims]
    np.testing.assert_allclose(structure.claims @ values, said)
    below = [
        counted(claims, c.population, c.sides[1], c.date, c.since) if len(c.sides) > 1 else 0
        for c in claims
    ]
    np.testing.assert_allclose(structure.below @ values, below)
    wanted = [counted(claims, q.population, q.figure, q.date, None) for q in structure.quantities]
    np.testing.assert_allclose(structure.estimates @ values, wanted)


@given(claims=claim_sets())
def test_nothing_is_counted_twice(claims: rc.ClaimSet) -> None:
    structure = incidence(claims)
    for matrix in (structure.claims, structure.below, structure.estimates):
        # A node summed twice would show as a 2.
        assert set(matrix.data) <= {1.0}
        if matrix is not structure.below:
            assert np.all(matrix.sum(axis=1) >= 1)


@given(claims=claim_sets())
def test_stretches_follow_on_each_other(claims: rc.ClaimSet) -> None:
    structure = incidence(claims)
    assert list(structure.dates) == sorted(set(structure.dates))
    assert structure.days.shape == (len(structure.dates),)
    assert np.all(structure.days >= 1)
    if structure.dates:
        spanned = structure.dates[-1] - first_day(claims) + DAY
        assert structure.days.sum() == spanned.days
    flags = [bool(claims.figures[figure].accrues) for _, figure in structure.series]
    assert flags == sorted(flags, reverse=True)
    assert sum(flags) == structure.n_accruing


@settings(max_examples=30)
@given(claims=claim_sets(), data=st.data())
def test_the_order_of_claims_does_not_matter(claims: rc.ClaimSet, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(claims))))
    shuffled = claims.replace([claims.claims[k] for k in order])
    one, other = incidence(claims), incidence(shuffled)
    assert set(one.quantities) == set(other.quantities)
    assert set(one.series) == set(other.series)
    assert (one.dates, one.n_accruing) == (other.dates, other.n_accruing)
    np.testing.assert_array_equal(one.days, other.days)
    np.testing.assert_allclose(
        (one.claims @ nodes(claims, one))[order], other.claims @ nodes(shuffled, other)
    )
    sizes = one.claims.sum(axis=1)
    np.testing.assert_array_equal(sizes[order], other.claims.sum(axis=1))


@given(claims=claim_sets())
def test_quantities_are_named_once_and_by_figures_that_are_claimed(claims: rc.ClaimSet) -> None:
    structure = incidence(claims)
    labels = [quantity.label for quantity in structure.quantities]
    assert len(set(structure.quantities)) == len(labels)
    for population, figure in structure.series:
        accrues = claims.figures[figure].accrues
        for date in structure.dates if accrues else [None]:
            asked = Estimand(population=population, figure=figure, date=date)
            assert asked in structure.quantities
    for claim in claims:
        named = {q.figure for q in structure.quantities if q.population == claim.population}
        assert {claims.composition_of(side).canonical for side in claim.sides} <= named


def row(structure: Incidence, k: int) -> list[int]:
    """Nodes that a claim sums."""
    return structure.claims[[k]].nonzero()[1].tolist()


START = "2022-02-24"


def test_a_running_total_is_one_node() -> None:
    made = [claim_on("killed", "2022-03-01"), claim_on("killed", "2022-03-05")]
    structure = incidence(rc.ClaimSet(made, start=START, setting="war"))
    assert [row(structure, k) for k in (0, 1)] == [[0], [1]]
    assert structure.days.tolist() == [6, 4]


def test_one_day_is_one_cell_of_one_day() -> None:
    made = [
        claim_on("killed", "2022-03-05"),
        claim_on("killed", "2022-03-02", since="2022-03-02"),
    ]
    structure = incidence(rc.ClaimSet(made, start=START, setting="war"))
    assert structure.dates == (dt.date(2022, 3, 1), dt.date(2022, 3, 2), dt.date(2022, 3, 5))
    assert structure.days.tolist() == [6, 1, 3]
    # Three totals, then three cells: the second is the day.
    assert row(structure, 1) == [4]


def test_a_window_is_the_cells_it_spans() -> None:
    made = [
        claim_on("killed", "2022-03-03"),
        claim_on("killed", "2022-03-05", since="2022-03-02"),
    ]
    structure = incidence(rc.ClaimSet(made, start=START, setting="war"))
    assert structure.days.tolist() == [6, 2, 2]
    assert row(structure, 1) == [4, 5]


def test_since_the_start_is_from_the_start() -> None:
    made = [claim_on("killed", "2022-03-01", since=START), claim_on("killed", "2022-03-01")]
    structure = incidence(rc.ClaimSet(made, start=START, setting="war"))
    assert structure.dates == (dt.date(2022, 3, 1),)
    assert row(structure, 0) == row(structure, 1) == [0]


def test_a_claim_for_the_first_day() -> None:
    structure = incidence(rc.ClaimSet([claim_on("killed", START, since=START)], start=START))
    assert structure.days.tolist() == [1]
    assert row(structure, 0) == [0]


def test_where_nobody_says_when_it_began_there_is_time_before() -> None:
    made = [claim_on("killed", "2022-03-01"), claim_on("killed", "2022-03-11")]
    assert incidence(rc.ClaimSet(made, setting="war")).days.tolist() == [10, 10]
    one = [claim_on("killed", "2022-03-01", since="2022-03-01")]
    structure = incidence(rc.ClaimSet(one))
    assert structure.days.tolist() == [1, 1]
    # A stated first day is not the beginning of all.
    assert row(structure, 0) == [3]


def test_fixed_figures_have_no_dates() -> None:
    made = [
        claim_on("tanks", None),
        claim_on("planes", "2022-03-01"),
        claim_on("tanks + planes", None),
    ]
    told = [rc.Figure(name=name) for name in ("tanks", "planes")]
    structure = incidence(rc.ClaimSet(made, figures=told))
    assert structure.dates == () and structure.days.shape == (0,)
    assert structure.n_accruing == 0
    assert [q.label for q in structure.quantities] == ["tanks", "planes", "tanks + planes"]
    assert structure.claims.toarray().tolist() == [[1, 0], [0, 1], [1, 1]]


def test_accruing_and_fixed_figures_stand_side_by_side() -> None:
    made = [
        claim_on("tanks", None),
        claim_on("killed", "2022-03-01"),
        claim_on("killed", "2022-03-02"),
    ]
    structure = incidence(rc.ClaimSet(made, start=START, setting="war"))
    assert structure.series == (("", "killed"), ("", "tanks"))
    assert structure.n_accruing == 1
    assert [row(structure, k) for k in range(3)] == [[4], [0], [1]]


def test_populations_share_nothing() -> None:
    made = [
        claim_on("killed", "2022-03-01", population="Russia"),
        claim_on("killed", "2022-03-01", population="Ukraine"),
        claim_on("wounded", "2022-03-02", population="Ukraine"),
        claim_on("killed + wounded", "2022-03-02", population="Ukraine"),
    ]
    told = [rc.Figure(name=name, accrues=True) for name in ("killed", "wounded")]
    structure = incidence(rc.ClaimSet(made, figures=told, start=START))
    assert structure.series == (("Russia", "killed"), ("Ukraine", "killed"), ("Ukraine", "wounded"))
    assert [row(structure, k) for k in range(4)] == [[0], [2], [5], [3, 5]]
    # Nobody speaks of Russian wounded: they are not estimated.
    assert {q.figure for q in structure.quantities if q.population == "Russia"} == {"killed"}


@pytest.mark.parametrize("order", ["killed + wounded", "wounded+killed", "all"])
def test_a_sum_goes_by_the_name_of_its_whole(order: str) -> None:
    whole = rc.Figure(name="all", parts=("killed", "wounded"))
    claims = rc.ClaimSet([claim_on(order, None)], figures=[whole])
    assert claims.composition_of(order).canonical == "all"
    structure = incidence(claims)
    assert {q.label for q in structure.quantities} == {"all", "killed", "wounded"}
    assert structure.claims.toarray().tolist() == [[1, 1]]


def test_a_sum_of_no_whole_has_its_parts_in_one_order() -> None:
    told = [rc.Figure(name=name) for name in ("killed", "wounded")]
    claims = rc.ClaimSet([claim_on("wounded+killed", None)], figures=told)
    assert claims.composition_of("wounded+killed").canonical == "killed + wounded"


def test_a_whole_of_which_only_parts_are_claimed_is_estimated() -> None:
    whole = rc.Figure(name="all", parts=("killed", "wounded"))
    made = [claim_on("killed", None), claim_on("wounded", None)]
    structure = incidence(rc.ClaimSet(made, figures=[whole]))
    (k,) = [k for k, q in enumerate(structure.quantities) if q.figure == "all"]
    assert structure.estimates.toarray()[k].tolist() == [1, 1]
    # Of one part nothing is known, so neither of the whole.
    alone = incidence(rc.ClaimSet(made[:1], figures=[whole]))
    assert [q.label for q in alone.quantities] == ["killed"]


def test_labels() -> None:
    date = dt.date(2022, 3, 1)
    assert Estimand(population="Russia", figure="a + b", date=date).label == (
        "Russia | a + b | 2022-03-01"
    )
    assert Estimand(population="", figure="killed").label == "killed"


def test_the_size_stays_small_with_many_claims() -> None:
    days = [dt.date(2022, 3, 1) + k * DAY for k in range(365)]
    made = [
        rc.Claim.point(3, figure="killed", source=f"S{k}", date=day)
        for day in days
        for k in range(12)
    ]
    structure = incidence(rc.ClaimSet(made, start=START, setting="war"))
    assert structure.claims.shape == (4380, 2 * 365)
    assert structure.claims.nnz == 4380


def test_the_founding_article(founding_article: Path) -> None:
    claims = rc.read_claims(founding_article)
    structure = incidence(claims)
    (sum_claim,) = [k for k, claim in enumerate(claims) if len(claim.parts) == 4]
    assert len(row(structure, sum_claim)) == 4
    asked = Estimand(population="Russia", figure="casualties", date=dt.date(2022, 3, 23))
    assert asked in structure.quantities
    assert structure.days.sum() == (dt.date(2022, 4, 7) - dt.date(2022, 2, 24)).days + 1
