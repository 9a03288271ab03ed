"""Profiles are the defaults but for what they say of themselves."""

import pytest

import reconcile as rc
from reconcile.priors.shipped import profiles


@pytest.mark.parametrize("name", profiles())
def test_a_profile_is_the_defaults_but_for_what_it_names(name: str) -> None:
    known = profiles()[name]
    table, default = rc.Priors.of(name).as_table(), rc.Priors().as_table()
    assert table["learnt_from"] == known["learnt_from"]
    differ = {key for key in table if table[key] != default[key]} - {"learnt_from"}
    assert differ == set(known["priors"]) != set()
    assert not table["sources"], "names are other people's"
    for key, change in known["priors"].items():
        if isinstance(change, dict):
            assert {k for k in table[key] if table[key][k] != default[key].get(k)} == set(change)


def test_a_profile_is_fitted_with_and_comes_back_from_its_table() -> None:
    priors = rc.Priors.of("poll")
    assert rc.Priors.of_table(priors.as_table()) == priors
    about = {"figure": "share", "scale": "linear", "role": "expert"}
    polls = [
        rc.Claim.interval(value - 3, value + 3, 0.95, value=value, source=source, **about)
        for value, source in ((48.0, "A"), (50.0, "B"), (53.0, "C"))
    ]
    figure = rc.Figure(name="share", unit="percent", scale="linear")
    tree = rc.fit(rc.ClaimSet(polls, figures=[figure]), priors=priors, random_seed=1)
    low, middle, high = rc.draws(tree, "share").quantile([0.05, 0.5, 0.95]).to_numpy()
    assert middle == pytest.approx(50.3, abs=0.5)
    # A race is off by some two points, whatever its polls say.
    assert 4 < high - low < 12


def test_an_unknown_profile_is_named_with_those_there_are() -> None:
    with pytest.raises(rc.ClaimError, match=r"unknown profile.*did you mean 'poll'"):
        rc.Priors.of("polls")
