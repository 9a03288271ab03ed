"""Claims, figures, sources and sets of them: checked when made, frozen, comparable, picklable."""

import copy
import dataclasses
import datetime as dt
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reconcile as rc
from reconcile.claims.claim import COLUMNS
from reconcile.claims.fields import KINDS
from reconcile.claims.figure import parse_sum
from strategies import claim_sets, claims, figures, texts

ABOUT = {"figure": "killed", "source": "A"}
MADE = (
    rc.Claim.point(120, **ABOUT),
    rc.Claim.about(120, **ABOUT),
    rc.Claim.at_least(120, **ABOUT),
    rc.Claim.at_most(120, **ABOUT),
    rc.Claim.between(100, 200, value=120, **ABOUT),
    rc.Claim.interval(-5, 200, 0.95, value=120, **ABOUT),
    rc.Claim.confirmed(120, **ABOUT),
    rc.Claim.vague("Dozens", **ABOUT),
    rc.Claim.ratio(3, figure="wounded / killed", source="A"),
    rc.Claim.truth(100, 200, value=120, **ABOUT),
)


def refused(make: object, *args: object, **kwargs: object) -> rc.ClaimError:
    with pytest.raises(rc.ClaimError) as caught:
        make(*args, **kwargs)
    return caught.value


def test_every_kind_has_a_constructor_of_its_name() -> None:
    assert tuple(claim.kind for claim in MADE) == KINDS
    assert all(callable(getattr(rc.Claim, kind)) for kind in KINDS)


def test_columns_are_the_words_of_the_claim_table() -> None:
    table = (
        "figure population kind value low high coverage words scale per date since said source "
        "role interest origin status quote url note"
    )
    assert " ".join(COLUMNS) == table


@given(claim=claims())
def test_a_claim_is_a_value(claim: rc.Claim) -> None:
    fields = {field.name: getattr(claim, field.name) for field in dataclasses.fields(claim)}
    again = rc.Claim(**fields)
    assert again == claim and hash(again) == hash(claim)
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert copy.deepcopy(claim) == claim
    assert eval(repr(claim), {"Claim": rc.Claim, "datetime": dt}) == claim
    assert dataclasses.replace(claim, source=claim.source + "'") != claim


@settings(max_examples=30)
@given(claims_=claim_sets())
def test_a_set_is_a_value(claims_: rc.ClaimSet) -> None:
    again = pickle.loads(pickle.dumps(claims_))
    assert again == claims_ and hash(again) == hash(claims_)
    assert again.figures == claims_.figures and again.sources == claims_.sources
    assert claims_.replace(claims_) == claims_
    assert claims_.replace([*claims_, claims_.claims[0]]) != claims_
    assert len({claims_, again}) == 1
    assert claims_ != tuple(claims_)


@given(figure=figures("killed", accrues=True), group=texts())
def test_figures_and_sources_are_values(figure: rc.Figure, group: str) -> None:
    source = rc.Source(name="A", roles={"*": "enemy", "B": "own"}, group=group)
    for made in (figure, source):
        again = pickle.loads(pickle.dumps(made))
        assert again == made and copy.deepcopy(made) == made
        assert dataclasses.replace(made, name="other") != made


@pytest.mark.parametrize(
    "made",
    [MADE[0], rc.ClaimSet(MADE), rc.Figure(name="a"), rc.Source(name="A")],
    ids=lambda made: type(made).__name__,
)
def test_nothing_can_be_set_deleted_or_added(made: object) -> None:
    for name in type(made).__slots__:
        with pytest.raises(AttributeError):
            setattr(made, name, None)
        with pytest.raises(AttributeError):
            delattr(made, name)
    with pytest.raises((AttributeError, TypeError)):
        made.new = 1  # type: ignore[attr-defined]


def test_mappings_of_a_set_are_read_only() -> None:
    claims_ = rc.ClaimSet(MADE, sources=[rc.Source(name="A", roles={"": "own"})])
    for mapping in (claims_.figures, claims_.sources, claims_.sources["A"].roles):
        with pytest.raises(TypeError):
            mapping["x"] = None  # type: ignore[index]


def test_a_source_keeps_no_hold_on_the_roles_it_was_given() -> None:
    roles = {"B": "own"}
    source = rc.Source(name="A", roles=roles)
    roles["B"] = "enemy"
    assert source.role_to("B") == "own"


def test_fields_are_keywords() -> None:
    for make in (rc.Claim, rc.Figure, rc.Source):
        with pytest.raises(TypeError, match="positional"):
            make("killed")  # type: ignore[call-arg,misc]


@pytest.mark.parametrize("number", [3, np.int64(3), np.float32(3), Fraction(3)])
def test_any_real_number_becomes_a_float(number: float) -> None:
    value = rc.Claim.point(number, **ABOUT).value
    assert type(value) is float and value == 3.0


def test_text_becomes_a_day_and_white_space_goes() -> None:
    claim = rc.Claim.point(3, figure=" killed ", source="A ", date="2022-03-02", note=" n\n")
    assert (claim.figure, claim.source, claim.note) == ("killed", "A", "n")
    assert claim.date == dt.date(2022, 3, 2)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": True}, "value"),
        ({"value": "3"}, "value"),
        ({"date": dt.datetime(2022, 3, 2)}, "date"),  # noqa: DTZ001
        ({"date": "2 March"}, "date"),
        ({"said": 20220302}, "said"),
        ({"source": 7}, "source"),
        ({"note": None}, "note"),
        ({"extra": {"a": 1}}, "extra"),
        ({"extra": (("Value", 1),)}, "extra"),
        ({"extra": (("a", 1), ("a", 2))}, "extra"),
        ({"extra": ((1, 1),)}, "extra"),
        ({"figure": "killed + "}, "figure"),
        ({"figure": "killed + killed"}, "figure"),
        ({"figure": "killed / wounded"}, "figure"),
    ],
    ids=str,
)
def test_wrong_fields_of_a_claim(fields: dict[str, object], field: str) -> None:
    good = {"figure": "killed", "kind": "point", "value": 3, "source": "A"}
    error = refused(rc.Claim, **(good | fields))
    assert [problem.field for problem in error.problems] == [field]
    assert error.problems[0].legal


def test_a_truth_may_be_exact_or_start_at_zero() -> None:
    for low, high in ((85, 85), (0, 3), (27.5, 28)):
        claim = rc.Claim.truth(low, high, **ABOUT)
        assert (claim.low, claim.high, claim.value) == (low, high, None)
    assert rc.Claim.truth(85, 85, value=85, **ABOUT).value == 85


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"low": 0, "high": 0}, "high"),
        ({"low": -1}, "low"),
        ({"low": 300}, "low"),
        ({"high": None}, "high"),
        ({"value": 99}, "value"),
        ({"coverage": 0.9}, "coverage"),
        ({"words": "dozens"}, "words"),
        ({"role": "own"}, "role"),
        ({"interest": "none"}, "interest"),
        ({"status": "revised: later"}, "status"),
        ({"source": ""}, "source"),
    ],
    ids=str,
)
def test_wrong_fields_of_a_truth(fields: dict[str, object], field: str) -> None:
    good = {"figure": "killed", "kind": "truth", "low": 100, "high": 200, "source": "A"}
    error = refused(rc.Claim, **(good | fields))
    assert [problem.field for problem in error.problems] == [field]
    assert error.problems[0].legal


def test_all_that_is_wrong_with_a_claim_is_listed() -> None:
    error = refused(
        rc.Claim.interval, -9, -3, 95, figure="", source="", role="ally", date="March", value=-4
    )
    listed = [problem.field for problem in error.problems]
    assert listed == ["figure", "source", "role", "date", "value", "high", "coverage"]
    assert str(error).startswith("7 problems with the claims:\n  field 'figure' is empty: ")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a + b"}, "name"),
        ({"name": "a/b"}, "name"),
        ({"unit": 3}, "unit"),
        ({"accrues": 1}, "accrues"),
        ({"parts": "killed"}, "parts"),
        ({"parts": ("killed",)}, "parts"),
        ({"ceiling": 0}, "ceiling"),
        ({"ceiling": float("inf")}, "ceiling"),
        ({"ceiling": True}, "ceiling"),
        ({"floor": -3}, "floor"),
        ({"floor": 20, "ceiling": 10}, "floor"),
        ({"floor": 20, "scale": "linear"}, "floor"),
        ({"unit_size": -1}, "unit_size"),
        ({"plausible": (1,)}, "plausible"),
        ({"plausible": (0, 1)}, "plausible"),
        ({"plausible": (2, 1)}, "plausible"),
        ({"plausible": (20, 30), "ceiling": 10}, "plausible"),
    ],
    ids=str,
)
def test_wrong_figures(fields: dict[str, object], field: str) -> None:
    error = refused(rc.Figure, **({"name": "killed"} | fields))
    name = fields.get("name", "killed")
    assert [problem.field for problem in error.problems] == [f"figures.{name}.{field}"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "sources. .name"),
        ({"name": 7}, "sources.7.name"),
        ({"group": 7}, "sources.A.group"),
        ({"roles": "own"}, "sources.A.roles"),
        ({"roles": {"B": "ally"}}, "sources.A.roles.B"),
    ],
    ids=str,
)
def test_wrong_sources(fields: dict[str, object], field: str) -> None:
    error = refused(rc.Source, **({"name": "A"} | fields))
    assert [problem.field for problem in error.problems] == [field]


def test_lists_do_for_tuples_in_a_figure() -> None:
    figure = rc.Figure(name="a", parts=["b", "c"], plausible=[1, 2])  # type: ignore[arg-type]
    assert (figure.parts, figure.plausible) == (("b", "c"), (1, 2))


@pytest.mark.parametrize(
    "claims_", [[{"figure": "killed"}], ["killed"], [MADE[0], None]], ids=["dict", "text", "none"]
)
def test_a_set_holds_claims_only(claims_: list[object]) -> None:
    (problem,) = refused(rc.ClaimSet, claims_).problems
    assert problem.row == len(claims_)
    assert "read_claims" in problem.legal


def test_state_is_the_status_without_its_reason() -> None:
    claim = rc.Claim.point(3, status="withdrawn : within the hour: why?", **ABOUT)
    assert claim.state == "withdrawn"


@given(parts=st.lists(texts().filter(lambda t: "+" not in t), min_size=1, max_size=4))
def test_a_sum_is_its_parts(parts: list[str]) -> None:
    assert parse_sum(" + ".join(parts)) == parse_sum("+".join(parts)) == tuple(parts)


def killed(date: str | None = None, **about: object) -> rc.Claim:
    return rc.Claim.point(3, **({"figure": "killed", "source": "A", "date": date} | about))


def accruing(claims_: rc.ClaimSet) -> set[str]:
    return {name for name, figure in claims_.figures.items() if figure.accrues}


class TestWhatAccrues:
    """A figure whose ``accrues`` is not given is judged from the claims."""

    def test_one_date_is_a_fixed_number(self) -> None:
        assert not accruing(rc.ClaimSet([killed("2022-03-02"), killed("2022-03-02"), killed()]))

    def test_two_dates_are_a_running_total(self) -> None:
        assert accruing(rc.ClaimSet([killed("2022-03-02"), killed("2022-03-03")])) == {"killed"}

    def test_since_makes_a_running_total(self) -> None:
        assert accruing(rc.ClaimSet([killed("2022-03-02", since="2022-03-02")])) == {"killed"}

    def test_what_is_declared_holds(self) -> None:
        two = [killed("2022-03-02"), killed("2022-03-03")]
        assert not accruing(rc.ClaimSet(two, figures=[rc.Figure(name="killed", accrues=False)]))
        one = [rc.Figure(name="killed", accrues=True)]
        assert accruing(rc.ClaimSet(two[:1], figures=one)) == {"killed"}

    def test_a_whole_says_it_of_its_parts(self) -> None:
        whole = rc.Figure(name="all", parts=("killed", "wounded"), accrues=True)
        claims_ = rc.ClaimSet([killed("2022-03-02")], figures=[whole])
        assert accruing(claims_) == {"all", "killed", "wounded"}

    def test_what_is_summed_with_a_running_total_is_one(self) -> None:
        made = [
            killed("2022-03-02"),
            killed("2022-03-03"),
            killed("2022-03-03", figure="wounded"),
            killed("2022-03-03", figure="killed + wounded"),
        ]
        assert accruing(rc.ClaimSet(made)) == {"killed", "wounded"}

    @pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
    def test_it_spreads_from_whole_to_whole(self, order: tuple[str, str]) -> None:
        wholes = {
            "a": rc.Figure(name="a", parts=("killed", "wounded")),
            "b": rc.Figure(name="b", parts=("wounded", "missing")),
        }
        made = [killed("2022-03-02"), killed("2022-03-03"), killed("2022-03-03", figure="b")]
        claims_ = rc.ClaimSet(made, figures=[wholes[name] for name in order])
        assert accruing(claims_) == {"a", "b", "killed", "wounded", "missing"}
        assert pickle.loads(pickle.dumps(claims_)) == claims_

    def test_a_whole_of_both_sorts_is_refused(self) -> None:
        told = [
            rc.Figure(name="all", parts=("killed", "wounded")),
            rc.Figure(name="wounded", accrues=False),
        ]
        made = [killed("2022-03-02"), killed("2022-03-03")]
        (problem,) = refused(rc.ClaimSet, made, figures=told).problems
        assert problem.field == "figures.all.accrues"
        assert "mixes running totals and fixed numbers" in problem.wrong


def test_the_only_population_needs_no_naming() -> None:
    claims_ = rc.ClaimSet([killed(), killed(population="Russia")])
    assert claims_.populations == ("Russia",)
    assert {claim.population for claim in claims_} == {"Russia"}


def test_roles_are_found_from_the_claim_outward() -> None:
    source = rc.Source(name="A", roles={"Russia": "enemy", "*": "third"})
    made = [
        killed(population="Russia", role="leak"),
        killed(population="Russia"),
        killed(population="Ukraine"),
        killed(population="Ukraine", source="B"),
    ]
    claims_ = rc.ClaimSet(made, sources=[source])
    assert [claims_.role_of(claim) for claim in claims_] == ["leak", "enemy", "third", ""]


def test_wholes_of_wholes_come_down_to_their_parts() -> None:
    told = [
        rc.Figure(name="lost", parts=("casualties", "captured")),
        rc.Figure(name="casualties", parts=("killed", "wounded")),
    ]
    claims_ = rc.ClaimSet([killed()], figures=told)
    assert claims_.base_parts("lost") == ("killed", "wounded", "captured")
    assert claims_.base_parts("casualties + captured") == ("killed", "wounded", "captured")
    assert list(claims_.figures) == ["lost", "casualties", "captured", "killed", "wounded"]


def test_making_a_set_changes_nothing_it_is_given() -> None:
    claim, figure = killed(), rc.Figure(name="killed")
    rc.ClaimSet([claim, killed(population="Russia")], figures=[figure])
    assert claim.population == "" and figure.accrues is None


def test_a_set_says_what_it_is() -> None:
    claims_ = rc.ClaimSet([killed(), killed(source="B")], title="Case")
    assert repr(claims_) == "<ClaimSet: 'Case', 2 claims by 2 sources on killed>"
