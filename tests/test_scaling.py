"""Work and memory grow with the number of claims and no faster: counted, and not timed.

Counted are calls of Python functions and rounds of loops, those of comprehensions too. What is
left to C is not seen, so that searching a sequence by its value is looked for in the source.
"""

import ast
import csv
import datetime as dt
import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import reconcile as rc
from reconcile.claims.claim import COLUMNS
from reconcile.claims.claim_checks import claim_problems, is_plain
from reconcile.models.log_scale.design.arrays import model_data
from reconcile.models.log_scale.design.design import design
from strategies import claims as any_claim

pytestmark = pytest.mark.filterwarnings("ignore::reconcile.AssumptionWarning")

type Row = dict[str, object]
type Table = tuple[list[Row], dict[str, Any]]

FIRST_DAY = dt.date(2022, 1, 1)
KINDS = ("point", "about", "at_least", "at_most", "confirmed", "between")
ROLES = ("own", "enemy", "third", "", "media")
FEW = 180


def row(k: int, **about: object) -> Row:
    kind = KINDS[k % len(KINDS)]
    number = 37 + 13 * k % 1009
    said: Row = {"low": number, "high": 2 * number} if kind == "between" else {"value": number}
    made = {"kind": kind, "figure": "killed", "source": f"source {k % 7}", "role": ROLES[k % 5]}
    return made | said | about


def of_many_figures(n: int) -> Table:
    """Many figures, and many sources that speak of several."""
    table = [row(k, figure=f"figure {k % (n // 3)}", source=f"s {k % (n // 2)}") for k in range(n)]
    return table, {}


def of_many_populations(n: int) -> Table:
    """Many populations, with a sum and a ratio of each, and sources with a declared role."""
    parts = {"killed": {"plausible": [1, 9e5]}, "wounded": {"ceiling": 1e6}, "missing": {}}
    whole = {"casualties": {"parts": ["killed", "wounded"], "ceiling": 1e7}}
    names = [*parts, "casualties", "killed + missing", "killed + wounded"]
    table = [
        row(k, figure=names[k % 6], population=f"city {k // 6 % (n // 9)}", origin=f"o {k // 3}")
        for k in range(n)
    ]
    for k in range(5, n, 7):
        table[k] |= {
            "kind": "ratio",
            "figure": "wounded / killed",
            "value": 3,
            "low": "",
            "high": "",
        }
    sources = {f"source {k}": {"role": "third"} for k in range(n // 2)}
    return table, {"figures": parts | whole, "sources": sources, "setting": "war"}


def of_a_figure_each(n: int) -> Table:
    """Many populations with figures of their own, and wholes of these."""
    size = n // 3
    whole = {f"all {k}": {"parts": [f"a {k}", f"b {k}"], "ceiling": 1e9} for k in range(size)}
    names = ("a {}", "b {}", "all {}")
    table = [
        row(k, figure=names[k % 3].format(k // 3 % size), population=f"p {k // 3 % size}")
        for k in range(n)
    ]
    return table, {"figures": whole}


def of_ratios_in_a_row(n: int) -> Table:
    """Every figure known by its ratio to the one before alone, and sums that overlap."""
    about = {"kind": "ratio", "value": 2, "low": "", "high": ""}
    table = [row(0, figure="f 0")]
    table += [row(k, **about | {"figure": f"f {k} / f {k - 1}"}) for k in range(1, n // 2)]
    pairs = (k % (n // 2 - 1) for k in range(n - n // 2))
    table += [row(k, figure=f"f {k} + f {k + 1}") for k in pairs]
    return table, {}


def of_one_year(n: int) -> Table:
    """Running totals of a year, from the last report on, said again, revised and taken back."""
    states = ("standing", "revised", "withdrawn")
    table = []
    for k in range(n):
        about: Row = {"date": (FIRST_DAY + dt.timedelta(days=8 + 5 * k % 61)).isoformat()}
        about |= {"figure": ("killed", "wounded")[k % 2], "status": states[k % 3]}
        about |= {"source": f"s {k % max(n // 30, 1)}"}
        if k > n // 2 and k % 5 == 0:
            about |= {
                "since": "last report",
                "date": (FIRST_DAY + dt.timedelta(days=99)).isoformat(),
            }
        table.append(row(k, **about) | {"kind": "point", "value": 50 + k, "low": "", "high": ""})
    return table, {"figures": {"killed": {"accrues": True}}, "start": FIRST_DAY}


def of_measurements(n: int) -> Table:
    """Stated errors of many constants."""
    table = [row(k, figure="g", population=f"p {k % (n // 5)}", kind="interval") for k in range(n)]
    ends = {"value": "", "low": 9.5, "high": 10.5, "coverage": 0.9}
    return [claim | ends for claim in table], {"setting": "measurement"}


SHAPES = (
    *(of_many_figures, of_many_populations, of_a_figure_each, of_ratios_in_a_row, of_one_year),
    of_measurements,
)


def write(path: Path, table: list[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(table)
    return path


def whole_way(path: Path, case: dict[str, Any]) -> None:
    model_data(design(rc.read_claims(path, case=case)))


def work(step: Callable[[], None]) -> int:
    """Calls of Python functions and rounds of loops."""
    monitoring = sys.monitoring
    tool = next(k for k in range(6) if monitoring.get_tool(k) is None)
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 1

    events = (monitoring.events.PY_START, monitoring.events.PY_RESUME, monitoring.events.JUMP)
    monitoring.use_tool_id(tool, "counting")
    try:
        for event in events:
            monitoring.register_callback(tool, event, count)
        monitoring.set_events(tool, events[0] | events[1] | events[2])
        step()
    finally:
        monitoring.set_events(tool, 0)
        for event in events:
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)
    return done


def peak(step: Callable[[], None]) -> int:
    """Most bytes that were in use at a time."""
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("measure", "most"), [(work, 2.1), (peak, 2.8)])
@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_claims_add_twice_the_work(
    shape: Callable[[int], Table],
    measure: Callable[[Callable[[], None]], int],
    most: float,
    tmp_path: Path,
) -> None:
    """What a second doubling adds to the first: 2 if all is linear, 4 if all is quadratic.

    Memory is taken in steps, and so is held to less.
    """
    found = []
    for n in (FEW, 2 * FEW, 4 * FEW):
        table, case = shape(n)
        path = write(tmp_path / f"{n}.csv", table)
        whole_way(path, case)  # what is loaded or kept at the first time is not counted
        found.append(measure(lambda path=path, case=case: whole_way(path, case)))  # type: ignore[misc]
    few, more, many = found
    assert many - more < most * (more - few)


def test_a_loop_within_a_loop_is_counted() -> None:
    def squared(n: int) -> None:
        assert all([k >= 0 for _ in range(n) for k in range(n)])  # noqa: C419

    assert work(lambda: squared(40)) > 3 * work(lambda: squared(20)) > 900


# Where the number of claims is the length of a sequence.
PACKAGE = Path(rc.__file__).parent
SCALING = [
    path
    for room in ("claims", "tables", "models/log_scale/design")
    for path in sorted((PACKAGE / room).rglob("*.py"))
]


def searches(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr == "index":
            yield ast.unparse(called.value)


@pytest.mark.parametrize("path", SCALING, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_sequence_of_any_length_is_searched_by_value(path: Path) -> None:
    # These are short whatever the claims are.
    found = set(searches(ast.parse(path.read_text(encoding="utf-8"))))
    assert found <= {"STATED", "ROLES", "_COUNTS"}


def test_the_collector_is_left_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path / "claims.csv", [row(1)])
    bad = write(tmp_path / "bad.csv", [row(1, value=-1)])
    try:
        for switch in (gc.disable, gc.enable):
            switch()
            was = gc.isenabled()
            design(rc.read_claims(path))
            with pytest.raises(rc.ClaimError):
                rc.read_claims(bad)
            assert gc.isenabled() == was
    finally:
        gc.enable()


@given(any_claim())
def test_a_claim_that_looks_plain_has_no_problem(claim: rc.Claim) -> None:
    if is_plain(claim):
        assert list(claim_problems(claim, COLUMNS)) == []


@pytest.mark.parametrize(
    "fields",
    [
        *({"kind": kind} for kind in ("vague", "ratio", "interval", "truth", "", "Point", None)),
        *({"value": x} for x in (-1.0, float("nan"), float("inf"), None, 5, True, "5")),
        *({"kind": "between", "value": None} | ends for ends in (
            {}, {"low": 1.0}, {"low": 2.0, "high": 1.0}, {"low": 1.0, "high": 1.0},
            {"low": -1.0, "high": 1.0}, {"low": 1, "high": 2.0}, {"low": 0.0, "high": float("inf")},
        )),
        {"low": 1.0}, {"high": 1.0}, {"coverage": 0.9}, {"words": "dozens"}, {"scale": "log"},
        {"per": "day"}, {"interest": "low"}, {"role": "boss"}, {"status": "gone"}, {"figure": ""},
        {"figure": "a+b"}, {"figure": "a/b"}, {"figure": " a"}, {"source": ""}, {"source": None},
        {"note": 5}, {"url": " u"}, {"date": "2022-01-01"}, {"said": "2022-01-01"},
        {"since": FIRST_DAY}, {"extra": (("x", 1),)}, {"extra": []}, {"extra": None},
    ],
)  # fmt: skip
def test_whatever_is_unusual_is_looked_at_in_full(fields: dict[str, Any]) -> None:
    claim = rc.Claim.point(5, figure="killed", source="A", date=FIRST_DAY)
    assert is_plain(claim)
    for name, value in fields.items():
        object.__setattr__(claim, name, value)
    assert not is_plain(claim)
