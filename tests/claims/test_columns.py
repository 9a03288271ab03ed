"""Columns of claims as numbers: the same groups that equal tuples make."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reconcile as rc
from reconcile.claims import columns as columns_module
from reconcile.claims.bulk import plain_claims
from reconcile.claims.claim import COLUMNS
from reconcile.claims.columns import Columns, coded, group_by
from strategies import claims as any_claim

CELLS = st.one_of(st.none(), st.sampled_from(["", "a", "b"]), st.dates(max_value=dt.date(1, 1, 3)))


def groups_of(rows: Sequence[tuple[Any, ...]]) -> tuple[list[int], list[int]]:
    """First position of each distinct row, and the number of each row."""
    place: dict[tuple[Any, ...], int] = {}
    first = []
    for k, row in enumerate(rows):
        if row not in place:
            place[row] = len(place)
            first.append(k)
    return first, [place[row] for row in rows]


@given(cells=st.lists(CELLS, max_size=9))
def test_a_column_is_its_cells_and_their_numbers(cells: list[object]) -> None:
    column = coded(cells)
    assert [column.cells[k] for k in column.codes.tolist()] == cells
    assert column.cells == tuple(dict.fromkeys(cells))


@pytest.mark.parametrize("most", [2**62, 4])
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS, st.integers(0, 3)), min_size=1, max_size=12))
def test_rows_are_alike_where_all_cells_are(most: int, rows: list[tuple[Any, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Keys that would outgrow 64 bits are numbered anew.
        patch.setattr(columns_module, "MOST_KEYS", most)
        *texts, numbers = zip(*rows, strict=True)
        found = group_by([*map(coded, texts), np.array(numbers)])
    first, of = groups_of(rows)
    assert found.first.tolist() == first
    assert found.codes.tolist() == of


@given(rows=st.lists(st.tuples(*[st.sampled_from([0, 1, 2**40])] * 4), min_size=1, max_size=12))
def test_keys_do_not_outgrow_their_numbers(rows: list[tuple[int, ...]]) -> None:
    # Put together as they are, four such columns take 160 bits.
    found = group_by(np.array(column) for column in zip(*rows, strict=True))
    assert (found.first.tolist(), found.codes.tolist()) == groups_of(rows)


def test_what_is_made_of_a_cell_is_worked_out_once() -> None:
    asked = []

    def length(name: str) -> int:
        asked.append(name)
        return len(name)

    column = coded(["own", "enemy", "own", "third"])
    assert column.map(length).tolist() == [3, 5, 3, 5]
    assert asked == ["own", "enemy", "third"]
    shorter = column.recoded(len)
    assert shorter.cells == (3, 5)
    assert shorter.codes.tolist() == [0, 1, 0, 1]
    assert column.ranks().tolist() == [1, 0, 1, 2]


@given(made=st.lists(any_claim(), min_size=1, max_size=6))
def test_columns_of_claims_hold_their_fields(made: list[rc.Claim]) -> None:
    table = Columns(tuple(made))
    for name in (*COLUMNS, "state"):
        column = table[name]
        assert [column.cells[k] for k in column.codes.tolist()] == [getattr(c, name) for c in made]
    for name in ("value", "low", "high", "coverage"):
        for number, claim in zip(table.numbers(name).tolist(), made, strict=True):
            stated = getattr(claim, name)
            assert np.isnan(number) if stated is None else number == stated
    first, _ = groups_of([(claim.figure, claim.date) for claim in made])
    assert table.examples("figure", "date") == [made[k] for k in first]


@given(made=st.lists(any_claim(), min_size=1, max_size=6))
def test_claims_made_of_columns_are_those_made_one_by_one(made: list[rc.Claim]) -> None:
    fields = {name: [getattr(claim, name) for claim in made] for name in (*COLUMNS, "extra")}
    found = plain_claims(fields, len(made))
    for claim, plain in zip(made, found, strict=True):
        assert plain is None or (plain == claim and hash(plain) == hash(claim))


def test_what_is_not_plain_is_left_to_be_made_by_itself() -> None:
    table = {"figure": ["killed"] * 4, "kind": ["point"] * 4, "source": ["A", " A", "A", ""]}
    found = plain_claims(table | {"value": [3.0, 3.0, -3.0, 3.0]}, 4)
    assert found[0] == rc.Claim.point(3, figure="killed", source="A")
    assert found[1:] == [None, None, None]
