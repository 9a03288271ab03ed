"""What is learnt from cases whose truth is known."""

import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import reconcile as rc
from reconcile.learning import sample
from reconcile.learning.figures import Pool, figures_of
from reconcile.learning.linear import linear_figures, linear_log_score
from reconcile.learning.quadrature import Grid, log_score
from reconcile.learning.sample import Sample

MEANS = {"own": -0.5, "enemy": 1.0, "expert": 0.0}
INTEREST = {"own": "low", "enemy": "high", "expert": "none"}
SPREAD, NOISE = 0.3, 0.1
DAY = date(2020, 1, 1)
# Of the truths of the second world: every source errs by this more than in the first.
SHIFT = -0.8


def world(n: int, *, seed: int = 1, shift: float = 0.0) -> dict[str, rc.ClaimSet]:
    """Cases of two to four claims by sources with known constants, and their truths.

    Written without the library's own simulation. A shift moves the truths alone.
    """
    rng = np.random.default_rng(seed)
    cases = {}
    for k in range(n):
        truth = rng.lognormal(np.log(20_000), 0.5)
        speakers = list(rng.permutation(list(MEANS)))[: 2 + k % 2]
        if k % 3 == 0:
            speakers.append("expert")
        claims = []
        for j, role in enumerate(speakers):
            error = rng.normal(MEANS[role], SPREAD) + rng.logistic(0, NOISE)
            claims.append(
                rc.Claim.point(
                    # Not round: a number with one digit has further noise.
                    10 * round(truth * np.exp(error) / 10) + 7,
                    figure="killed",
                    source=f"{role} {j}",
                    role=str(role),
                    # Later, less would be left of the errors than the constants say.
                    said=DAY,
                )
            )
        known = truth * np.exp(shift)
        claims.append(rc.Claim.truth(known, known, figure="killed", source="archive"))
        cases[f"case {k}"] = rc.ClaimSet(claims, setting="war", start=DAY, end=DAY)
    return cases


def learn(cases: dict[str, rc.ClaimSet], **more: object) -> rc.Priors:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rc.ConvergenceWarning)
        return rc.learn_priors(cases, progressbar=False, **more)


def means(priors: rc.Priors) -> dict[str, float]:
    return {role: priors.bias_of(role, INTEREST[role], "war").mean_log for role in MEANS}


def score(priors: rc.Priors, cases: dict[str, rc.ClaimSet]) -> float:
    """Mean log density of the truths of cases given their claims."""
    pool = Pool([figure for name, case in cases.items() for figure in figures_of(name, case)])
    terms = pool.terms(priors)
    grids = [Grid.of(points) for points in pool.grids()]
    found = map(log_score, pool.figures, terms, grids)
    return float(np.mean([log_density for log_density, _ in found]))


def ideal(shift: float) -> rc.Priors:
    """Priors that know the constants of a world."""
    biases = {
        f"{role}/{INTEREST[role]}": rc.BiasPrior(
            mean_log=mean - shift, mean_sd_log=0.001, sd_log=SPREAD
        )
        for role, mean in MEANS.items()
    }
    roles = {
        role: replace(rc.Priors().roles[role], noise_median_log=NOISE, noise_sd_log=0.01)
        for role in MEANS
    }
    return rc.Priors().replace(
        biases=biases, roles=roles, difficulty_sd_log=0.01, common_bias_sd_log=0.001
    )


@pytest.fixture(scope="module")
def seen() -> rc.Priors:
    return learn(world(40))


def test_truths_of_other_cases_are_predicted_as_if_the_constants_were_known(
    seen: rc.Priors,
) -> None:
    """A world that only the truths tell from another: the claims are the same."""
    shifted = learn(world(40, shift=SHIFT))
    for shift, own, other in ((0.0, seen, shifted), (SHIFT, shifted, seen)):
        cases = world(60, seed=2, shift=shift)
        best = score(ideal(shift), cases)
        before = score(rc.Priors(), cases)
        assert score(own, cases) - before > 0.6 * (best - before)
        assert score(other, cases) < best - 0.4


def test_what_is_learnt_says_from_what(seen: rc.Priors) -> None:
    assert seen.learnt_from.startswith("40 cases: case 0, ")


def test_errors_are_found_to_be_as_small_as_they_are() -> None:
    """From noise that is four times as large as that of the world."""
    base = rc.Priors()
    noisy = {k: rc.RolePrior(**{**entry, "noise_median_log": 0.4}) for k, entry in roles(base)}
    found = learn(world(40), priors=base.replace(roles=noisy), steps=6)
    assert found.roles["expert"].noise_median_log < 0.25
    # What no claim bears on stays as it was.
    assert found.roles["rumour"].noise_median_log == 0.4
    assert found.overconfidence_median == base.overconfidence_median
    assert found.linear == base.linear
    assert found.bias_of("own", "low", "disaster") == base.bias_of("own", "low", "disaster")


def roles(priors: rc.Priors) -> list[tuple[str, dict[str, float]]]:
    return list(priors.as_table()["roles"].items())


def test_neither_the_order_nor_the_names_of_cases_matter() -> None:
    cases = world(12)
    one = learn(cases, steps=1)
    turned = learn(dict(reversed(cases.items())), steps=1)
    assert table(turned) == pytest.approx(table(one), rel=1e-9)
    listed = learn(list(cases.values()), steps=1)
    assert table(listed) == pytest.approx(table(one), rel=1e-9)


def table(priors: rc.Priors) -> list[float]:
    """Constants that are learnt here."""
    war = [priors.bias_of(role, INTEREST[role], "war") for role in MEANS]
    return [x for b in war for x in (b.mean_log, b.sd_log)] + [
        priors.by_setting("common_bias_sd_log", "war")
    ]


def test_a_case_counts_once_however_many_figures_it_has() -> None:
    cases = world(6)
    again = [replace(claim, figure="missing") for claim in cases["case 1"]]
    cases["case 1"] = cases["case 1"].replace([*cases["case 1"], *again])
    figures = Sample.of(cases, None)
    with ThreadPoolExecutor() as executor:
        weight = figures.search([], lambda _: rc.Priors(), executor).weight
    assert len(weight) == 7
    of_case = dict.fromkeys(cases, 0.0)
    for figure, each in zip(figures.figures, weight.tolist(), strict=True):
        of_case[figure.case] += each
    assert of_case == pytest.approx(dict.fromkeys(cases, 1.0))


# The natural scale

TAU, COMMON, STATED = 1.0, 2.5, 2.0


def polls(n: int, *, seed: int = 1) -> dict[str, rc.ClaimSet]:
    """Races of four polls with a stated error each, all of which are off together."""
    rng, cases = np.random.default_rng(seed), {}
    for k in range(n):
        truth, shared = rng.normal(50, 8), rng.normal(0, COMMON)
        about = {"figure": "share", "scale": "linear"}
        claims = []
        for j in range(4):
            value = truth + shared + rng.normal(0, TAU) + rng.normal(0, STATED)
            half = 1.96 * STATED
            claims.append(
                rc.Claim.interval(
                    value - half, value + half, 0.95, value=value, source=f"{j}", **about
                )
            )
        claims.append(rc.Claim.truth(truth, truth, value=truth, source="result", **about))
        figure = rc.Figure(name="share", unit="percent", scale="linear")
        cases[f"race {k}"] = rc.ClaimSet(claims, figures=[figure])
    return cases


def test_what_polls_have_in_common_is_found_again() -> None:
    """From a tenth of it; then truths of other races are covered as often as is said."""
    base = rc.Priors().replace(linear={"common_interval": 0.1})
    found = learn(polls(150), priors=base)
    others = [f for name, case in polls(100, seed=2).items() for f in linear_figures(name, case)]
    before, after = (
        np.mean([linear_log_score(figure, priors) for figure in others]) for priors in (base, found)
    )
    assert after > before + 0.1
    # In proportion to the root of the squares of what is stated and how far sources are apart.
    expected = COMMON / np.hypot(TAU, STATED)
    assert found.linear["common_interval"] == pytest.approx(expected, rel=0.35)


def test_both_scales_are_learnt_from_together() -> None:
    found = learn(world(8) | polls(8), steps=3)
    assert found.linear["common_interval"] != rc.Priors().linear["common_interval"]
    assert means(found) != means(rc.Priors())


# Going on


def test_a_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    cases, path = world(10), tmp_path / "state.json"
    with pytest.warns(rc.ConvergenceWarning, match="has not converged after 1 steps"):
        rc.learn_priors(cases, steps=1, checkpoint=path, progressbar=False)
    two = rc.learn_priors(cases, steps=20, checkpoint=path, progressbar=False)
    alone = rc.learn_priors(cases, steps=20, progressbar=False)
    assert table(two) == pytest.approx(table(alone), rel=1e-9)
    assert json.loads(path.read_text())["converged"]
    assert rc.learn_priors(cases, checkpoint=path, progressbar=False) == two
    with pytest.raises(rc.ClaimError, match="a search on other cases or from other priors"):
        rc.learn_priors(world(9), checkpoint=path, progressbar=False)


def test_a_corrected_truth_or_setting_is_another_search(tmp_path: Path) -> None:
    cases, path = world(3), tmp_path / "state.json"
    learn(cases, steps=1, checkpoint=path)
    changed = cases["case 1"].replace([c for c in cases["case 1"] if not c.is_truth])
    truth = rc.Claim.truth(9, 9, figure="killed", source="archive")
    for other in (
        changed.replace([*changed, truth]),
        rc.ClaimSet(cases["case 1"], setting="disaster", start=DAY, end=DAY),
    ):
        with pytest.raises(rc.ClaimError, match="a search on other cases"):
            rc.learn_priors(cases | {"case 1": other}, checkpoint=path, progressbar=False)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"key": 1}'])
def test_a_file_that_is_no_checkpoint_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(rc.ClaimError, match="holds no state of a search"):
        rc.learn_priors(world(2), checkpoint=path)
    assert path.read_text() == text
    with pytest.raises(rc.ClaimError, match="its folder is not there"):
        rc.learn_priors(world(2), checkpoint=tmp_path / "none" / "state.json")


def test_steps_for_means_are_not_the_end() -> None:
    """However little they gain."""
    with pytest.warns(rc.ConvergenceWarning, match="has not converged after 1 steps"):
        rc.learn_priors(world(1), steps=1, progressbar=False)


def test_of_many_claims_a_part_is_taken() -> None:
    said = [
        rc.Claim.point(100 + k, figure="killed", source=f"S{k}", role="media") for k in range(40)
    ]
    truth = rc.Claim.truth(90, 95, figure="killed", source="archive")
    cases = {"one": rc.ClaimSet([*said, truth])}
    first, again, other = (
        [claim.value for claim in Sample.of(cases, seed).figures[0].claims] for seed in (1, 1, 2)
    )
    assert len(first) == 16
    assert first == again != other


def test_of_many_figures_a_part_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST_FIGURES", 5)
    cases = world(20)
    first, again, other = (
        {figure.case for figure in Sample.of(cases, seed).figures} for seed in (1, 1, 2)
    )
    assert len(first) == 5
    assert first == again != other


# What cannot be learnt from


@pytest.mark.parametrize(
    "cases", [{}, {"one": rc.ClaimSet([rc.Claim.point(9, figure="k", source="A", role="own")])}]
)
def test_without_any_truth_nothing_is_learnt(cases: dict[str, rc.ClaimSet]) -> None:
    with pytest.raises(rc.ClaimError, match="no case has a claim of kind truth"):
        rc.learn_priors(cases)


def test_bounds_alone_teach_nothing_and_do_no_harm() -> None:
    cases = polls(6)
    one = cases["race 1"]
    about = {"figure": "turnout", "scale": "linear"}
    more = [rc.Claim.at_least(40, source="A", role="media", **about)]
    more.append(rc.Claim.truth(60, 60, value=60, source="result", **about))
    for added in (more[:1], more):
        figures = [*one.figures.values(), rc.Figure(name="turnout", scale="linear")]
        more_of_it = rc.ClaimSet([*one, *added], figures=figures)
        other = learn(cases | {"race 1": more_of_it}, steps=1)
        assert other.linear == learn(cases, steps=1).linear


def test_a_truth_that_no_constant_reaches_changes_nothing() -> None:
    about = {"figure": "length", "scale": "linear"}
    said = [rc.Claim.point(value, source=str(value), **about) for value in (40.0, 41.0)]
    truth = rc.Claim.truth(1e9, 1e9, value=1e9, source="archive", **about)
    case = rc.ClaimSet([*said, truth], figures=[rc.Figure(name="length", scale="linear")])
    assert learn({"one": case}).linear == rc.Priors().linear


@pytest.mark.parametrize("cases", [world(1)["case 0"], {"a": "b"}, ["x"]])
def test_cases_are_sets_of_claims(cases: object) -> None:
    with pytest.raises(TypeError, match=r"not one ClaimSet|cases that are not a ClaimSet"):
        rc.learn_priors(cases)


@pytest.mark.parametrize("steps", [0, 1.5, True])
def test_a_search_has_steps(steps: object) -> None:
    with pytest.raises(rc.ClaimError, match="steps"):
        rc.learn_priors(world(2), steps=steps)
