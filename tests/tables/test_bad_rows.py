"""Every way we know in which a row of a table is wrong, and what the user is told."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from claim_tables import (
    CASE,
    DAY,
    FIXED,
    GOOD,
    INTERVAL,
    LEAST,
    NUMBER,
    RANGE,
    RATIO,
    ROUTES,
    VAGUE,
    Route,
    each_route,
    refused,
    table,
)
from reconcile.claims.fields import INTERESTS, KINDS, STATUSES
from reconcile.claims.source import ROLES


@dataclass(frozen=True)
class Bad:
    """One wrong row: what differs from the good one, and what is said of it."""

    name: str
    row: dict[str, str]
    field: str
    wrong: str
    legal: str
    case: dict[str, Any] = field(default_factory=dict)
    # As the message shows it, where that is not the text of the cell.
    shown: str | None = None


BAD = [
    Bad("negative count", {"value": "-5"}, "value", "negative", LEAST),
    Bad("negative low", {**RANGE, "low": "-1"}, "low", "negative", LEAST),
    Bad("no value", {"value": ""}, "value", "a claim of kind point needs it", LEAST),
    Bad("no high", {**RANGE, "high": ""}, "high", "a claim of kind between needs it", LEAST),
    Bad("low above high", {**RANGE, "low": "300"}, "low", "greater than high = 200", "a low below"),
    Bad(
        "low is high",
        {**RANGE, "low": "200"},
        "low",
        "equal to high, so this is not a range",
        "kind p",
    ),
    Bad(
        "value below its range",
        {**RANGE, "value": "90"},
        "value",
        "outside its own range 100 to 200",
        "a value inside the range",
    ),
    Bad(
        "value above its interval",
        {**INTERVAL, "value": "200.5"},
        "value",
        "outside its own range 100 to 200",
        "a value inside the range",
    ),
    Bad(
        "best value of zero",
        {**INTERVAL, "low": "-5", "value": "0"},
        "value",
        "a best value on the log scale cannot be zero",
        "a number above 0",
    ),
    Bad(
        "interval below zero",
        {**INTERVAL, "low": "-5", "high": "0"},
        "high",
        "the interval contains no positive number",
        "a number above 0",
    ),
    Bad(
        "coverage in percent",
        {**INTERVAL, "coverage": "95"},
        "coverage",
        "outside (0, 1)",
        "a probability between 0 and 1; 95 % is 0.95",
    ),
    Bad(
        "coverage of 1",
        {**INTERVAL, "coverage": "1"},
        "coverage",
        "outside (0, 1)",
        "a probability",
    ),
    Bad(
        "coverage of 0",
        {**INTERVAL, "coverage": "0"},
        "coverage",
        "outside (0, 1)",
        "a probability",
    ),
    Bad(
        "no coverage",
        {**INTERVAL, "coverage": ""},
        "coverage",
        "a claim of kind interval needs it",
        "a probability between 0 and 1, such as 0.95",
    ),
    Bad(
        "coverage of a range",
        {**RANGE, "coverage": "0.9"},
        "coverage",
        "a claim of kind between has no stated coverage",
        "empty; 1 for a range that is physically guaranteed; or kind interval",
    ),
    Bad(
        "low of a point",
        {"low": "100"},
        "low",
        "a claim of kind point takes no low",
        "empty; it takes value",
    ),
    Bad(
        "value of vague",
        {**VAGUE, "value": "40"},
        "value",
        "a claim of kind vague takes no value",
        "empty; it takes words",
    ),
    Bad(
        "words of a point",
        {"words": "dozens"},
        "words",
        "a claim of kind point takes no words",
        "empty, or kind vague",
    ),
    Bad("no words", {**VAGUE, "words": ""}, "words", "a claim of kind vague needs words", "none, "),
    Bad(
        "unknown words",
        {**VAGUE, "words": "dozen"},
        "words",
        "not in the lexicon",
        "tens of thousands, hundreds of thousands, millions",
    ),
    Bad("unknown kind", {"kind": "guess"}, "kind", "unknown kind of claim", ", ".join(KINDS)),
    Bad(
        "nearly a kind",
        {"kind": "at least"},
        "kind",
        "unknown kind of claim",
        ", ".join(KINDS) + " (did you mean 'at_least'?)",
    ),
    Bad("no kind", {"kind": ""}, "kind", "unknown kind of claim", ", ".join(KINDS)),
    Bad("unknown role", {"role": "ally"}, "role", "unknown role", ", ".join(ROLES)),
    Bad(
        "capitalised role",
        {"role": "Enemy"},
        "role",
        "unknown role",
        ", ".join(ROLES) + " (did you mean 'enemy'?)",
    ),
    Bad(
        "unknown interest",
        {"interest": "down"},
        "interest",
        "unknown interest",
        ", ".join(INTERESTS),
    ),
    Bad(
        "unknown status",
        {"status": "withdrawl: by mistake"},
        "status",
        "unknown status",
        ", ".join(STATUSES) + " (did you mean 'withdrawn'?), then a colon and a reason",
    ),
    Bad("no figure", {"figure": ""}, "figure", "a claim needs a figure", "what is counted"),
    Bad("no source", {"source": ""}, "source", "a claim needs a source", "who makes the claim"),
    Bad("thousands separator", {"value": "40,000"}, "value", "a thousands separator", NUMBER),
    Bad("thousands in blanks", {"value": "40 000"}, "value", "a thousands separator", NUMBER),
    Bad("thousands in bars", {"value": "40_000"}, "value", "a thousands separator", NUMBER),
    Bad("unit in the cell", {"value": "40k"}, "value", "separator or words", NUMBER),
    Bad("word for a number", {"value": "forty"}, "value", "not a number", NUMBER),
    Bad("nan", {"value": "nan"}, "value", "not a finite number", NUMBER),
    Bad("infinite", {**RANGE, "high": "inf"}, "high", "not a finite number", NUMBER),
    Bad("day first", {"date": "02.03.2022"}, "date", "not a date", DAY),
    Bad("no such day", {"date": "2022-02-30"}, "date", "not a date", DAY),
    Bad("month in words", {"said": "2 March 2022"}, "said", "not a date", DAY),
    Bad("time of day", {"date": "2022-03-02 14:30:00"}, "date", "not a date", DAY),
    Bad(
        "date before the start",
        {"date": "2022-02-23"},
        "date",
        "before the start 2022-02-24",
        "a date on or after it",
    ),
    Bad(
        "since before the start",
        {"since": "2014-03-01"},
        "since",
        "before the start 2022-02-24",
        "a date on or after it",
    ),
    Bad(
        "since after date",
        {"since": "2022-03-03"},
        "since",
        "after the claim's date 2022-03-02",
        "a date on or before it",
    ),
    Bad(
        "running total without date",
        {"date": ""},
        "date",
        "killed is a running total",
        "the last day that the number covers, such as 2022-03-25",
    ),
    Bad(
        "since on a fixed figure",
        {"figure": "tanks", "since": "2022-03-01"},
        "since",
        "tanks is one fixed number (accrues = false)",
        "empty",
    ),
    Bad(
        "sum of both sorts",
        {"figure": "killed + tanks"},
        "figure",
        "adds a running total to a fixed number",
        "a sum of figures that all accrue, or none",
    ),
    Bad(
        "unknown figure in a sum",
        {"figure": "killed + wonded"},
        "figure",
        "unknown figure 'wonded' in a sum",
        "(did you mean 'wounded'?); declare others in the case",
    ),
    Bad(
        "part counted in its whole",
        {"figure": "casualties + killed"},
        "figure",
        "killed is already counted in another part",
        "a sum in which nothing is counted twice",
    ),
    Bad(
        "part counted twice",
        {"figure": "killed + killed"},
        "figure",
        "a sum that counts a part twice",
        "each part once",
    ),
    Bad(
        "sum with an empty part",
        {"figure": "killed +"},
        "figure",
        "a sum with an empty part",
        "names joined by +",
    ),
    Bad(
        "quotient of figures",
        {"figure": "wounded / killed"},
        "figure",
        "contains /",
        "a name, or names joined by +; kind ratio for a / b",
    ),
    Bad("ratio of one", {**RATIO, "figure": "killed"}, "figure", "not a ratio", "over another"),
    Bad(
        "ratio of three",
        {**RATIO, "figure": "killed / wounded / missing"},
        "figure",
        "not a ratio",
        "one figure or sum over another, such as wounded / killed",
    ),
    Bad(
        "ratio to itself",
        {**RATIO, "figure": "killed / killed"},
        "figure",
        "a ratio of a figure to itself",
        "over another",
    ),
    Bad(
        "ratio to itself by another name",
        {**RATIO, "figure": "casualties / killed + wounded"},
        "figure",
        "a ratio of a figure to itself",
        "two different figures",
    ),
    Bad("ratio without a side", {**RATIO, "figure": "killed /"}, "figure", "an empty part", "+"),
    Bad(
        "ratio without a number",
        {**RATIO, "value": ""},
        "value",
        "needs a value or a range",
        "the ratio",
    ),
    Bad("ratio of nothing", {**RATIO, "value": "0"}, "value", "must be above zero", "above 0"),
    Bad(
        "ratio with one end",
        {**RATIO, "value": "", "low": "2"},
        "high",
        "a range needs both ends",
        "low and high, or a value alone",
    ),
    Bad(
        "share above one",
        {**RATIO, "figure": "killed / casualties", "value": "10"},
        "value",
        "a part over its whole that is not below 1",
        "a number below 1",
    ),
    Bad(
        "whole below its part",
        {**RATIO, "figure": "casualties / killed", "value": "0.3"},
        "value",
        "a whole over its part that is not above 1",
        "a number above 1",
    ),
    Bad(
        "ratio of a total to a fixed number",
        {**RATIO, "figure": "killed / tanks"},
        "figure",
        "a running total to a fixed number",
        "all accrue, or none",
    ),
    Bad(
        "nothing confirmed",
        {"kind": "confirmed", "value": ""},
        "value",
        "a claim of kind confirmed needs it",
        LEAST,
    ),
    Bad(
        "unknown scale",
        {**INTERVAL, "scale": "natural"},
        "scale",
        "unknown scale",
        "log, linear",
    ),
    Bad(
        "scale of a point",
        {"scale": "linear"},
        "scale",
        "killed is on the log scale",
        "empty; or set figures.NAME.scale = linear where numbers may be negative",
    ),
    Bad("unknown unit of time", {"per": "hour"}, "per", "unknown unit of time", "day, week, month"),
    Bad("words per day", {**VAGUE, "per": "day"}, "per", "of kind vague takes no per", "empty"),
    Bad(
        "rate of a fixed figure",
        {**FIXED, "per": "day"},
        "per",
        "tanks is not a running total",
        "empty; a level is a rate already",
    ),
    Bad(
        "rate of a level",
        {"figure": "flow", "per": "day"},
        "per",
        "flow is not a running total",
        "empty; a level is a rate already",
    ),
    Bad(
        "level without a date",
        {"figure": "flow", "date": ""},
        "date",
        "flow is a level",
        "the last day that the number covers",
    ),
    Bad(
        "sum of a level and a fixed number",
        {"figure": "flow + tanks"},
        "figure",
        "mixes levels, or figures with scale linear or share, with others",
        "all totals or fixed numbers, or all levels",
    ),
    Bad(
        "no last report",
        {"since": "last report", "date": "2022-02-25"},
        "since",
        "no earlier claim of this source on this figure has a date",
        "the first day that the number covers, or empty",
    ),
    Bad(
        "log scale of what reaches below zero",
        {**INTERVAL, "low": "-3", "scale": "log"},
        "scale",
        "an interval that reaches zero or below cannot be on the log scale",
        "linear, or empty",
    ),
    Bad(
        "best value of what is guaranteed",
        {**RANGE, "value": "150", "coverage": "1"},
        "value",
        "a guaranteed range (coverage 1) has no best value",
        "enter the best value as a separate claim",
    ),
    Bad(
        "share that reaches above one",
        {**RATIO, "figure": "killed / casualties", "value": "", "low": "0.5", "high": "1.2"},
        "high",
        "a part over its whole that is not below 1",
        "a number below 1",
    ),
]


@each_route
def test_the_good_table_is_good(route: Route, tmp_path: Path) -> None:
    assert len(route(table({}, RANGE, INTERVAL, VAGUE), CASE, tmp_path)) == 4


@each_route
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_row(bad: Bad, route: Route, tmp_path: Path) -> None:
    rows = table({}, RANGE, bad.row, {})
    error = refused(route, rows, CASE | bad.case, tmp_path)
    (problem,) = error.problems
    source, given = rows[2]["source"], rows[2][bad.field]
    assert (problem.row, problem.source, problem.field) == (3, source, bad.field)
    assert bad.wrong in problem.wrong
    assert bad.legal in problem.legal
    named = f", source {source!r}" if source else ""
    value = re.escape(given) if given else "is empty"
    line = rf"\n  row 3{named}, field '{bad.field}' (= )?'?{value}'?: .+\. Legal: .+\.$"
    assert re.search(line, str(error)), str(error)
    assert f": {problem.wrong}. Legal: {problem.legal}." in str(error)
    assert str(error).startswith(
        "1 problem with the claims (rows counted from 1, excluding the header):"
    )


@pytest.mark.parametrize(
    ("row", "field_", "legal"),
    [
        ({"scale": "log"}, "scale", "linear, or empty"),
        (VAGUE, "kind", "point, about, at_least, at_most, between, interval, truth"),
    ],
    ids=["log scale", "words"],
)
def test_what_a_figure_that_may_be_negative_does_not_take(
    row: dict[str, str], field_: str, legal: str, tmp_path: Path
) -> None:
    about = {"figure": "balance"}
    rows = [GOOD | about | {"value": "-3"}, GOOD | about | row]
    for route in ROUTES:
        (problem,) = refused(route, rows, CASE, tmp_path).problems
        assert (problem.row, problem.field, problem.legal) == (2, field_, legal)
        assert problem.wrong == "balance has scale linear"


def test_figures_that_may_be_negative_are_fitted_apart(tmp_path: Path) -> None:
    rows = table({}, {"figure": "balance", "value": "-3"})
    for route in ROUTES:
        (problem,) = refused(route, rows, CASE, tmp_path).problems
        told = "claims on figures with scale linear or share (balance) beside others"
        assert problem.wrong == told
        assert problem.legal == "figures of one scale; fit the others separately"


def test_a_rate_over_nobody_knows_what_time(tmp_path: Path) -> None:
    rows, case = table({}, {"per": "day"}), {k: v for k, v in CASE.items() if k != "start"}
    for route in ROUTES:
        (problem,) = refused(route, rows, case, tmp_path).problems
        assert (problem.row, problem.field) == (2, "per")
        assert problem.wrong == "a rate over a period without a start"
        assert problem.legal == "a rate with since, or a case with a start"


def test_two_populations_where_a_claim_names_none(tmp_path: Path) -> None:
    rows = table({}, {"population": "Ukraine"}, {"population": ""})
    for route in ROUTES:
        (problem,) = refused(route, rows, CASE, tmp_path).problems
        assert (problem.row, problem.field) == (3, "population")
        assert problem.wrong == "the claims are about 2 populations"
        assert problem.legal == "one of Russia, Ukraine"
