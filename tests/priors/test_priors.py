"""Prior constants: which one counts, how they are replaced, and how they are kept."""

import copy
import json
import pickle
from importlib.resources import files
from itertools import product

import pytest

import reconcile as rc
from reconcile.claims.fields import INTERESTS
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES


def bias(mean: float) -> rc.BiasPrior:
    return rc.BiasPrior(mean_log=mean, sd_log=0.4)


def register(mean: float) -> rc.CompletenessPrior:
    return rc.CompletenessPrior(mean_logit=mean, sd_logit=1.0, growth=0.5)


def test_the_most_specific_bias_counts() -> None:
    given = {"own": bias(1), "own/low": bias(2), "own/low/war": bias(3)}
    priors = rc.Priors(biases=given)
    assert priors.bias_of("own", "low", "war").mean_log == 3
    assert priors.bias_of("own", "low", "crowd").mean_log == 2
    assert priors.bias_of("own", "high", "war").mean_log == 1
    # Other roles keep their defaults.
    assert priors.bias_of("enemy", "high", "war") == rc.Priors().bias_of("enemy", "high", "war")


@pytest.mark.parametrize("how", ["made", "replaced"])
def test_a_bias_that_is_given_takes_the_place_of_all_that_are_more_specific(how: str) -> None:
    given = {"own/low": bias(7)}
    priors = rc.Priors(biases=given) if how == "made" else rc.Priors().replace(biases=given)
    old = rc.Priors()
    for setting in SETTINGS:
        assert priors.bias_of("own", "low", setting).mean_log == 7
        assert priors.bias_of("own", "high", setting) == old.bias_of("own", "high", setting)
    everything = priors.replace(biases={"own": bias(8)})
    for interest, setting in product(INTERESTS, SETTINGS):
        assert everything.bias_of("own", interest, setting).mean_log == 8
    narrow = priors.replace(biases={"own/low/war": bias(9)})
    assert narrow.bias_of("own", "low", "war").mean_log == 9
    assert narrow.bias_of("own", "low", "crowd").mean_log == 7


def test_without_bias_no_mean_is_left() -> None:
    priors = rc.Priors().without_bias()
    for role, interest, setting in product(ROLES, INTERESTS, SETTINGS):
        found, old = (p.bias_of(role, interest, setting) for p in (priors, rc.Priors()))
        assert found.mean_log == 0
        assert found.mean_sd_log < 0.01
        assert found.sd_log == old.sd_log


def test_replacing_leaves_the_original() -> None:
    one = rc.Priors()
    before = one.as_table()
    other = one.replace(common_bias_sd_log=0.77, overconfidence_median={"interval": 3.0})
    assert one.as_table() == before
    assert {other.by_setting("common_bias_sd_log", setting) for setting in SETTINGS} == {0.77}
    assert other.overconfidence_median["interval"] == 3.0
    assert other.overconfidence_median["between"] == one.overconfidence_median["between"]
    with pytest.raises(TypeError):
        one.biases["own"] = bias(1)


def test_priors_come_back_from_a_table_and_from_pickle() -> None:
    priors = rc.Priors().replace(
        biases={"own": bias(1), "media/none/crowd": bias(-1)}, learnt_from="nothing"
    )
    through_json = json.loads(json.dumps(priors.as_table()))
    for back in (
        rc.Priors.of_table(through_json),
        pickle.loads(pickle.dumps(priors)),
        copy.deepcopy(priors),
    ):
        assert back == priors
        assert back.as_table() == priors.as_table()
    assert priors != rc.Priors()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"biases": {"owner": bias(0)}}, "priors.biases"),
        ({"biases": {"own/small": bias(0)}}, "priors.biases"),
        ({"biases": {"own/low/peace": bias(0)}}, "priors.biases"),
        ({"biases": {"own/low/war/more": bias(0)}}, "priors.biases"),
        ({"biases": {"own": 0.3}}, "priors.biases.own"),
        ({"roles": {"army": rc.Priors().roles["own"]}}, "priors.roles"),
        ({"roles": {"own": bias(0)}}, "priors.roles.own"),
        ({"noise_setting": {"peace": 1.0}}, "priors.noise_setting"),
        ({"noise_setting": {"war": 0.0}}, "priors.noise_setting.war"),
        ({"overconfidence_median": {"point": 1.0}}, "priors.overconfidence_median"),
        ({"overconfidence_median": {"interval": 0.0}}, "priors.overconfidence_median.interval"),
        ({"camp_share": 1.0}, "priors.camp_share"),
        ({"serial_share": 0.0}, "priors.serial_share"),
        ({"fog_floor": 1.5}, "priors.fog_floor"),
        ({"common_bias_sd_log": -1.0}, "priors.common_bias_sd_log"),
        ({"common_bias_sd_log": {"peace": 0.2}}, "priors.common_bias_sd_log"),
        ({"common_bias_sd_log": {"war": 0.0}}, "priors.common_bias_sd_log"),
        ({"common_bias_sd_log": True}, "priors.common_bias_sd_log"),
        ({"common_bias_sd_log": "much"}, "priors.common_bias_sd_log"),
        ({"difficulty_sd_log": {"peace": 0.2}}, "priors.difficulty_sd_log"),
        ({"difficulty_sd_log": {"war": -0.1}}, "priors.difficulty_sd_log"),
        ({"common_tail": float("nan")}, "priors.common_tail"),
        ({"common_difficulty": -0.5}, "priors.common_difficulty"),
        ({"common_best": False}, "priors.common_best"),
        ({"common_share": 1.1}, "priors.common_share"),
        ({"serial_follow": -0.1}, "priors.serial_follow"),
        ({"copied_share": 1}, "priors.copied_share"),
        ({"register_noise": 0.0}, "priors.register_noise"),
        ({"part_sd_log": 0.0}, "priors.part_sd_log"),
        ({"settling": {"own/peace": register(0)}}, "priors.settling"),
        ({"settling": {"own/disaster/low": register(0)}}, "priors.settling"),
        ({"completeness": {"army": register(0)}}, "priors.completeness"),
        ({"settling": {"own": bias(0)}}, "priors.settling.own"),
    ],
)
def test_illegal_constants_are_named(given: dict[str, object], field: str) -> None:
    with pytest.raises(rc.ClaimError) as caught:
        rc.Priors(**given)
    (problem,) = caught.value.problems
    assert problem.field == field
    assert problem.legal


def test_the_common_error_is_given_for_all_settings_or_for_some() -> None:
    some = rc.Priors(common_bias_sd_log={"war": 0.5})
    assert some.by_setting("common_bias_sd_log", "war") == 0.5
    assert some.by_setting("common_bias_sd_log", "crowd") == rc.Priors().by_setting(
        "common_bias_sd_log", "crowd"
    )
    assert rc.Priors(common_bias_sd_log=0.5).by_setting("common_bias_sd_log", "crowd") == 0.5


@pytest.mark.parametrize("name", ["difficulty_sd_log", "common_tail"])
def test_other_constants_by_setting_are_given_in_the_same_ways(name: str) -> None:
    some = rc.Priors(**{name: {"war": 0.0}})
    assert some.by_setting(name, "war") == 0
    assert some.by_setting(name, "crowd") == rc.Priors().by_setting(name, "crowd")
    everywhere = some.replace(**{name: 0.25})
    assert {everywhere.by_setting(name, setting) for setting in SETTINGS} == {0.25}
    # Whole numbers do not make arrays of integers.
    assert isinstance(rc.Priors(**{name: 1}).by_setting(name, "war"), float)
    assert everywhere.replace(**{name: {"war": 1}}).by_setting(name, "crowd") == 0.25


@pytest.mark.parametrize(
    "name", ["common_difficulty", "common_best", "common_share", "serial_follow"]
)
def test_what_may_be_absent_may_be_zero(name: str) -> None:
    assert getattr(rc.Priors(**{name: 0}), name) == 0
    assert getattr(rc.Priors(**{name: 1}), name) == 1
    assert rc.Priors(copied_share=0).copied_share == 0


@pytest.mark.parametrize("kind", ["settling", "completeness"])
def test_the_most_specific_register_counts(kind: str) -> None:
    priors = rc.Priors().replace(**{kind: {"own": register(1)}})
    priors = priors.replace(**{kind: {"own/war": register(2)}})
    found = {s: priors.register_of("own", s, kind=kind).mean_logit for s in SETTINGS}
    assert found == dict.fromkeys(SETTINGS, 1) | {"war": 2}
    again = priors.replace(**{kind: {"own": register(3)}})
    assert again.register_of("own", "war", kind=kind).mean_logit == 3
    other = "completeness" if kind == "settling" else "settling"
    assert getattr(priors, other) == getattr(rc.Priors(), other)


def test_numbers_settle_where_things_are_counted() -> None:
    """By default registered counts always, plain numbers only in some settings."""
    priors = rc.Priors()
    for role, setting in product(ROLES, SETTINGS):
        assert priors.register_of(role, setting, kind="completeness") is not None
        settles = priors.register_of(role, setting) is not None
        assert not settles or setting in ("disaster", "disease")
    assert priors.register_of("own", "disaster") is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sd_logit", 0.0),
        ("growth", -0.1),
        ("growth_sd_log", -1.0),
        ("never", -0.1),
        ("mean_logit", float("inf")),
    ],
)
def test_a_register_outside_its_range_is_refused(name: str, value: float) -> None:
    given = {"mean_logit": 0.0, "sd_logit": 1.0, "growth": 0.0, "growth_sd_log": 0.0}
    assert rc.CompletenessPrior(**given).growth_sd_log == 0
    with pytest.raises(rc.ClaimError, match=name):
        rc.CompletenessPrior(**{**given, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean_log", float("inf")),
        ("mean_sd_log", 0.0),
        ("sd_log", -0.1),
        ("sd_log", float("nan")),
        ("fog_rate", 0.0),
    ],
)
def test_a_bias_outside_its_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(rc.ClaimError, match=name):
        rc.BiasPrior(**{"mean_log": 0.0, "sd_log": 0.4, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("at_least_failure", 1.0), ("standing_sound", 0.0), ("noise_sd_log", 0.0)],
)
def test_a_role_outside_its_range_is_refused(name: str, value: float) -> None:
    table = rc.Priors().as_table()["roles"]["own"]
    with pytest.raises(rc.ClaimError, match=name):
        rc.RolePrior(**{**table, name: value})


def test_the_shipped_file_is_whole() -> None:
    text = (files("reconcile") / "data" / "default_priors.json").read_text(encoding="utf-8")
    shipped = json.loads(text)
    assert {"version", "rationale", "priors"} <= set(shipped)
    assert isinstance(shipped["version"], int | str)
    assert isinstance(shipped["rationale"], str)
    table = shipped["priors"]
    assert set(table) == set(rc.Priors.__slots__)
    assert set(table["roles"]) == set(ROLES)
    cells = {"/".join(cell) for cell in product(ROLES, INTERESTS, SETTINGS)}
    pairs = {"/".join(pair) for pair in product(ROLES, INTERESTS)}
    assert len(cells) == 7 * 3 * 7
    assert set(table["biases"]) == cells | pairs | set(ROLES)
    for name in ("difficulty_sd_log", "common_bias_sd_log", "common_tail", "noise_setting"):
        assert set(table[name]) == set(SETTINGS)
    assert rc.Priors() == rc.Priors.of_table(table)


def test_replacing_the_common_error_of_one_setting_keeps_the_others() -> None:
    changed = rc.Priors(common_bias_sd_log=0.3).replace(common_bias_sd_log={"war": 0.7})
    assert (
        changed.by_setting("common_bias_sd_log", "war"),
        changed.by_setting("common_bias_sd_log", "crowd"),
    ) == (0.7, 0.3)


MINISTRY = rc.SourcePrior(scale="log", bias=0.2, bias_sd=0.1, noise=1.5, cases=7)


def test_sources_are_known_by_their_names_as_claims_write_them() -> None:
    priors = rc.Priors(sources={"  the\u00a0ministry ": MINISTRY, "Post/Times": MINISTRY})
    assert dict(priors.sources) == {"the ministry": MINISTRY, "Post/Times": MINISTRY}
    assert dict(rc.Priors().sources) == {}
    # A slash is no key of several parts.
    more = priors.replace(sources={"Post": rc.SourcePrior(scale="linear", unit="percent")})
    assert set(more.sources) == {"Post"}


def test_what_is_known_by_name_is_kept() -> None:
    priors = rc.Priors(sources={"the ministry": MINISTRY})
    table = json.loads(json.dumps(priors.as_table()))
    assert rc.Priors.of_table(table) == priors
    assert pickle.loads(pickle.dumps(priors)) == priors
    del table["sources"]
    assert rc.Priors.of_table(table) == rc.Priors()


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale": "natural"},
        {"unit": 3},
        {"bias": float("nan")},
        {"bias_sd": -0.1},
        {"noise": 0.0},
        {"cases": -1},
        {"bias_sd": True},
    ],
)
def test_what_cannot_be_known_of_a_source_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(rc.ClaimError, match=rf"priors\.sources\.{next(iter(wrong))}"):
        rc.SourcePrior(**{"scale": "linear", **wrong})


@pytest.mark.parametrize("sources", [{"": MINISTRY}, {3: MINISTRY}, {"a": 0.3}])
def test_entries_of_sources_are_checked(sources: dict[str, rc.SourcePrior]) -> None:
    with pytest.raises(rc.ClaimError, match=r"priors\.sources"):
        rc.Priors(sources=sources)
