"""Baselines and specialists of the field test on cases made for them."""

import numpy as np
import pytest
from field import averaged, questions_of
from field_baselines import BASELINES, SPECIALISTS, Question

import reconcile as rc
from scores import score_draws

NAN = float("nan")


def question(numbers: list[float], truth: float, *, case: str = "one", **more: object) -> Question:
    given = {name: np.full(len(numbers), NAN) for name in ("error", "low", "high")}
    given |= {name: np.array(value) for name, value in more.items() if name in given}
    sources = more.get("sources", [f"s{k}" for k in range(len(numbers))])
    return Question(
        case=case,
        name=f" | {more.get('name', 'x')}",
        number=np.array(numbers),
        sources=tuple(sources),
        truth=truth,
        **given,
    )


def world(n: int, rng: np.random.Generator) -> list[Question]:
    """Elections with an error of 2 that polls share and one of 3 of each poll."""
    found = []
    for k in range(n):
        shared = rng.normal(0, 2)
        polls = (50 + shared + rng.normal(0, 3, rng.integers(2, 9))).tolist()
        found.append(question(polls, 50.0, case=f"case {k}", error=[3.0] * len(polls)))
    return found


def scored(methods: dict[str, object], questions: list[Question]) -> dict[str, dict[str, float]]:
    """Averages by method, each question predicted from all others."""
    rows = [
        {"method": name, "case": one.case, "setting": "other", "figure": one.name}
        | score_draws(method(one, [q for q in questions if q is not one]), one.truth)
        for name, method in methods.items()
        for one in questions
    ]
    return averaged(rows)


@pytest.mark.parametrize("name", ["median, calibrated", "latest, calibrated", "specialist"])
def test_what_knows_the_family_is_calibrated(name: str) -> None:
    """Of 300 elections .87 to .93 are covered by 90 %; three standard errors are .05."""
    questions = world(300, np.random.default_rng(1))
    method = SPECIALISTS["polls"][1] if name == "specialist" else BASELINES[name]
    assert scored({name: method}, questions)[name]["covered_90"] == pytest.approx(0.9, abs=0.05)


def test_the_poll_average_beats_single_polls() -> None:
    questions = world(200, np.random.default_rng(2))
    methods = {"average": SPECIALISTS["polls"][1], "latest": BASELINES["latest, calibrated"]}
    crps = {name: scores["crps"] for name, scores in scored(methods, questions).items()}
    assert crps["average"] < 0.85 * crps["latest"]


def test_the_scale_factor_widens_what_scatters() -> None:
    agree = question([1.0, 1.1, 0.9], 1.0, error=[0.1] * 3)
    differ = question([1.0, 2.0, 0.0], 1.0, error=[0.1] * 3)
    method = SPECIALISTS["pdg"][1]
    assert np.std(method(agree, [])) == pytest.approx(0.1 / np.sqrt(3), rel=0.1)
    # Chi-square of 200 with two degrees of freedom.
    assert np.std(method(differ, [])) == pytest.approx(10 * 0.1 / np.sqrt(3), rel=0.1)


def test_an_expert_who_was_right_before_has_the_weight() -> None:
    """One expert's ranges hold nine items in ten, the other's none."""
    rng, items = np.random.default_rng(3), []
    for k in range(20):
        truth = rng.normal(5, 1)
        good, bad = truth + rng.normal(0, 1), truth + 6
        items.append(
            question(
                [good, bad],
                truth,
                name=f"item {k}",
                low=[good - 1.645, bad - 0.5],
                high=[good + 1.645, bad + 0.5],
                sources=["good", "bad"],
            )
        )
    draws = SPECIALISTS["cooke"][1](items[0], items[1:])
    assert abs(np.median(draws) - items[0].number[0]) < 0.5
    assert np.mean(draws > items[0].number[1] - 1) < 0.1


def test_factors_and_revisions_are_those_of_other_cases() -> None:
    counts = [question([np.log(50.0)], np.log(100.0), case=f"week {k}") for k in range(5)]
    assert np.exp(np.median(SPECIALISTS["hospitalisations"][1](counts[0], counts[1:]))) == (
        pytest.approx(100, rel=1e-6)
    )
    vintages = [question([2.0], 2.5 + 0.01 * k, case=f"quarter {k}") for k in range(5)]
    revised = SPECIALISTS["gdp_vintages"][1](vintages[0], vintages[1:])
    assert np.median(revised) == pytest.approx(2.525, abs=0.01)
    stated = [question([1.0], 1.0 + s, case=f"c{s}", error=[0.1]) for s in (-0.3, 0.3, -0.3, 0.3)]
    assert np.std(SPECIALISTS["codata"][1](stated[0], stated[1:])) == pytest.approx(0.3, rel=0.1)


def test_questions_are_in_order_of_time_and_on_their_scale() -> None:
    about = {"figure": "killed", "role": "own", "accrues": None}
    about.pop("accrues")
    claims = rc.ClaimSet(
        [
            rc.Claim.point(200, source="later", said="2020-02-02", **about),
            rc.Claim.interval(50, 200, 0.9, source="earlier", said="2020-01-02", **about),
            rc.Claim.at_least(3, source="bound", **about),
            rc.Claim.truth(150, 160, value=155, figure="killed", source="history"),
        ],
        setting="disaster",
        figures=[rc.Figure(name="killed", accrues=False)],
    )
    (found,) = questions_of("a flood", claims)
    assert found.sources == ("bound", "earlier", "later")
    np.testing.assert_allclose(np.exp(found.number), [3, 100, 200])
    assert np.exp(found.truth) == pytest.approx(155)
    np.testing.assert_allclose(np.exp(found.low), [NAN, 50, NAN])
