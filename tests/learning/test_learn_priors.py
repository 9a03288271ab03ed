"""What is learnt from cases whose truth is known, and what is not without it."""

import warnings
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
import xarray as xr

import reconcile as rc
from reconcile.claims.fields import INTERESTS
from reconcile.claims.set_checks import SETTINGS
from reconcile.claims.source import ROLES
from reconcile.learning.hyperpriors import HYPERPRIORS, bias_means, cell_index, priors_of
from reconcile.learning.learn_priors import Learner, case_weights, learner
from reconcile.learning.model import learning_model
from reconcile.learning.pooled import pool_cases
from reconcile.models.log_scale.design.arrays import model_data
from reconcile.models.log_scale.design.design import design

N_DRAWS = 40


def hyper_draws(seed: int = 1) -> dict[str, np.ndarray]:
    """Draws of the hyperparameters from their priors."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, (shape, kind, constants) in HYPERPRIORS.items():
        if kind == "halfnormal":
            found[name] = np.abs(rng.normal(0, constants[0], (N_DRAWS, *shape)))
        else:
            found[name] = rng.normal(*constants, (N_DRAWS, *shape))
    return found


# From hyperparameters to priors


def pair_index(role: str, interest: str) -> int:
    return list(product(ROLES, INTERESTS)).index((role, interest))


def test_the_mean_of_a_cell_is_the_sum_of_what_it_belongs_to() -> None:
    draws = hyper_draws()
    one = {name: values[0] for name, values in draws.items()}
    means = bias_means(one, lambda constant: constant)
    for role, interest, setting in product(ROLES, INTERESTS, SETTINGS):
        expected = one["role_mean"][ROLES.index(role)]
        expected += one[f"{interest}_mean"] if interest != "none" else 0.0
        expected += one["pair_sd"] * one["pair_z"][pair_index(role, interest)]
        expected += one["cell_sd"] * one["cell_z"][cell_index(role, interest, setting)]
        assert means[cell_index(role, interest, setting)] == pytest.approx(expected)


def test_priors_say_what_the_draws_say() -> None:
    """Against the formulas, written out once more; three digits are kept."""
    draws = hyper_draws()
    priors = priors_of(draws, base=rc.Priors(), learnt_from="a test")
    rough = {"rel": 0.006, "abs": 1e-9}

    def rms(x: np.ndarray) -> float:
        return float(np.sqrt((x**2).mean()))

    def logistic(x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-x))

    for role, interest in product(ROLES, INTERESTS):
        pair = pair_index(role, interest)
        middle = (
            draws["role_mean"][:, ROLES.index(role)] + draws["pair_sd"] * (draws["pair_z"][:, pair])
        )
        if interest != "none":
            middle = middle + draws[f"{interest}_mean"]
        spread = draws["spread_mean"] + 0.4 * draws["spread_z"][:, pair]
        by_setting = spread[:, None] + 0.6 * draws["spread_setting_z"]
        by_pair = draws["fog_mean"] * np.exp(1.2 * draws["fog_z"][:, pair])
        fog = by_pair[:, None] * np.exp(0.6 * draws["fog_setting_z"])
        wide = priors.biases[f"{role}/{interest}"]
        assert wide.mean_log == pytest.approx(middle.mean(), **rough)
        assert wide.mean_sd_log**2 == pytest.approx(
            middle.var() + rms(draws["cell_sd"]) ** 2, rel=0.02
        )
        assert wide.sd_log == pytest.approx(rms(np.exp(by_setting)), **rough)
        assert wide.fog_rate == pytest.approx(fog.mean(), **rough)
        for k, setting in enumerate(SETTINGS):
            z = draws["cell_z"][:, cell_index(role, interest, setting)]
            mean = middle + draws["cell_sd"] * z
            cell = priors.bias_of(role, interest, setting)
            assert cell.mean_log == pytest.approx(mean.mean(), **rough)
            assert cell.mean_sd_log == pytest.approx(mean.std(), **rough)
            assert cell.sd_log == pytest.approx(rms(np.exp(by_setting[:, k])), **rough)
            assert cell.fog_rate == pytest.approx(fog[:, k].mean(), **rough)
        if interest == "none":
            assert priors.biases[role] == wide
    for k, role in enumerate(ROLES):
        found = priors.roles[role]
        noise = draws["noise_mean"] + 0.4 * draws["noise_role_z"][:, k]
        assert found.noise_median_log == pytest.approx(np.exp(noise.mean()), **rough)
        assert found.noise_sd_log**2 == pytest.approx(
            rms(draws["noise_case_sd"]) ** 2 + noise.var(), rel=0.02
        )
        empty = logistic(draws["failure_mean"][:, None] + 0.7 * draws["failure_z"])
        assert found.at_least_failure == pytest.approx(empty[:, k].mean(), **rough)
        assert found.at_most_failure == pytest.approx(empty[:, 7 + k].mean(), **rough)
        stands = logistic(draws["standing_mean"] + 0.8 * draws["standing_z"][:, k])
        assert found.standing_sound == pytest.approx(stands.mean(), **rough)
        gone = logistic(draws["withdrawn_mean"] + 0.5 * draws["withdrawn_z"][:, k])
        assert found.withdrawn_sound == pytest.approx(gone.mean(), **rough)
    assert priors.camp_share == pytest.approx(logistic(draws["camp_share_logit"]).mean(), **rough)
    for k, setting in enumerate(SETTINGS):
        louder = np.exp(0.6 * draws["noise_setting_z"][:, k].mean())
        assert priors.noise_setting[setting] == pytest.approx(louder, **rough)
        common = np.exp(draws["common_mean"] + 0.7 * draws["common_setting_z"][:, k])
        assert priors.common_sd_of(setting) == pytest.approx(rms(common), **rough)
    assert priors.category_sd_log == pytest.approx(rms(draws["category_sd"]), **rough)
    assert priors.coarse_log == pytest.approx(rms(draws["coarse"]), **rough)
    assert priors.measured_common == pytest.approx(rms(draws["measured_common"]), **rough)
    assert priors.learnt_from == "a test"
    assert priors.serial_share == rc.Priors().serial_share


# From cases to priors

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


class Lessons:
    """What one compiled model learns of two worlds, with and without the truths."""

    def __init__(self, n: int, **settings: int) -> None:
        self.settings = {"chains": 2, "cores": 2, "random_seed": 1, **settings}
        first, second = world(n), world(n, shift=SHIFT)
        one = learner(first)
        claims, contexts = pool_cases(second)
        plan = design(claims, contexts=contexts)
        two = Learner(plan=plan, density=one.density.with_data(model_data(plan)))
        self.names, self.learners = list(first), {"first": one, "shifted": two}

    def learn(self, which: str, *, hidden: bool) -> rc.Priors:
        with warnings.catch_warnings():
            # Short chains on purpose: the gate is for those who publish.
            warnings.simplefilter("ignore", rc.ConvergenceWarning)
            return self.learners[which].learn(
                hidden=self.names if hidden else (), progressbar=False, **self.settings
            )


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    return Lessons(30, draws=250, tune=350)


@pytest.fixture(scope="module")
def seen(lessons: Lessons) -> rc.Priors:
    return lessons.learn("first", hidden=False)


@pytest.fixture(scope="module")
def shifted_hidden(lessons: Lessons) -> rc.Priors:
    return lessons.learn("shifted", hidden=True)


def learnt(priors: rc.Priors) -> dict[str, rc.BiasPrior]:
    return {role: priors.bias_of(role, INTEREST[role], "war") for role in MEANS}


# Some 25 sources of each role, each off by a standard deviation of 0.35: the mean has a standard
# error of 0.07, with the common error of 30 cases 0.09, and is drawn a little to what is expected
# of roles.
TOLERANCE = 0.25


def test_constants_are_found_again(seen: rc.Priors) -> None:
    for role, bias in learnt(seen).items():
        assert bias.mean_log == pytest.approx(MEANS[role], abs=TOLERANCE), role
        # Figures are held to differ in difficulty by a factor of three: that blurs the mean.
        assert bias.mean_sd_log < 0.3
        assert 0.15 < bias.sd_log < 0.5
        assert 0.03 < seen.roles[role].noise_median_log < 0.3
    assert seen.learnt_from.startswith("30 cases: case 0, ")


def test_without_truths_the_level_of_the_errors_is_not_known(
    seen: rc.Priors, shifted_hidden: rc.Priors
) -> None:
    """What is left is how far roles lie apart, which the claims do tell."""
    for role, mean in MEANS.items():
        bias = learnt(shifted_hidden)[role]
        assert abs(bias.mean_log - (mean - SHIFT)) > TOLERANCE
        assert bias.mean_sd_log > 1.3 * learnt(seen)[role].mean_sd_log
    apart = learnt(shifted_hidden)["enemy"].mean_log - learnt(shifted_hidden)["own"].mean_log
    assert apart == pytest.approx(1.5, abs=2 * TOLERANCE)
    assert shifted_hidden.learnt_from.startswith("0 cases")


@pytest.mark.slow
def test_with_truths_the_constants_of_the_other_world_are_found_as_well(lessons: Lessons) -> None:
    """All claims as before, and the truths lower: the tests above are no matter of the priors."""
    for role, bias in learnt(lessons.learn("shifted", hidden=False)).items():
        assert bias.mean_log == pytest.approx(MEANS[role] - SHIFT, abs=TOLERANCE), role


@pytest.mark.slow
def test_claims_alone_cannot_tell_the_two_worlds_apart(
    lessons: Lessons, shifted_hidden: rc.Priors
) -> None:
    hidden = learnt(lessons.learn("first", hidden=True))
    for role, bias in learnt(shifted_hidden).items():
        assert hidden[role].mean_log == pytest.approx(bias.mean_log, abs=0.2), role


@pytest.mark.parametrize(
    "cases", [{}, {"one": rc.ClaimSet([rc.Claim.point(9, figure="k", source="A", role="own")])}]
)
def test_without_any_truth_nothing_is_learnt(cases: dict[str, rc.ClaimSet]) -> None:
    with pytest.raises(rc.ClaimError, match="no case has a claim of kind truth"):
        rc.learn_priors(cases)


# Weights


def weights(cases: dict[str, rc.ClaimSet], hidden: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Weights of the claims of each case, truths last."""
    claims, contexts = pool_cases(cases)
    plan = design(claims, contexts=contexts)
    found = case_weights(plan, hidden)
    names = np.array([plan.contexts[c.population].case for c in plan.claims])
    return {name: found[names == name] for name in cases}


def test_cases_in_which_every_camp_is_one_voice_have_a_model() -> None:
    one = rc.ClaimSet(
        [
            rc.Claim.point(120, figure="killed", source="A", role="expert"),
            rc.Claim.point(90, figure="killed", source="B", role="enemy"),
            rc.Claim.truth(100, 100, figure="killed", source="the inquiry"),
        ]
    )
    claims, contexts = pool_cases({"one": one})
    model = learning_model(design(claims, contexts=contexts))
    assert {"camp_z", "bias_z"} <= {variable.name for variable in model.free_RVs}


def test_no_case_counts_for_more_than_the_median() -> None:
    cases = world(9)
    spoken = {name: len(case) - 1 for name, case in cases.items()}
    usual = float(np.median(list(spoken.values())))
    for times in (1, 10):
        case = cases["case 3"]
        said, truth = list(case)[:-1], list(case)[-1]
        more = [replace(c, source=f"{c.source}, {j}") for c in said for j in range(times)]
        found = weights(cases | {"case 3": case.replace([*more, truth])})
        for name, weight in found.items():
            assert weight[-1] == 1, "truths are known"
            assert weight[:-1].sum() <= usual + 1e-9
            expected = usual if name == "case 3" and times > 1 else min(usual, spoken[name])
            assert weight[:-1].sum() == pytest.approx(expected)


def test_repeats_do_not_raise_the_weight_of_a_case() -> None:
    cases = world(9)
    case = cases["case 1"]
    said, truth = list(case)[:-1], list(case)[-1]
    repeated = weights(cases | {"case 1": case.replace([*(said * 6), truth])})
    assert repeated["case 1"][:-1].sum() == pytest.approx(weights(cases)["case 1"][:-1].sum())


def test_hidden_truths_have_no_weight_and_their_claims_keep_theirs() -> None:
    cases = world(5)
    seen, hidden = weights(cases), weights(cases, hidden=("case 2",))
    for name in cases:
        np.testing.assert_array_equal(seen[name][:-1], hidden[name][:-1])
        assert hidden[name][-1] == (name != "case 2")


class Drawn:
    """In place of a compiled density: draws of the hyperparameters from their priors."""

    def __init__(self) -> None:
        self.data: dict[str, np.ndarray] = {}

    def with_data(self, values: dict[str, np.ndarray]) -> "Drawn":
        self.data = values
        return self

    def sample(self, **settings: object) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        drawn = {
            name: values.reshape(2, N_DRAWS // 2, *values.shape[1:])
            for name, values in hyper_draws().items()
        }
        none = np.zeros((2, N_DRAWS // 2), dtype=bool)
        return drawn, xr.Dataset({"diverging": (("chain", "draw"), none)})


@pytest.mark.filterwarnings("ignore::reconcile.ConvergenceWarning")
@pytest.mark.parametrize("role_bias", [True, False])
def test_without_role_bias_no_role_has_one(role_bias: bool) -> None:
    """What is not in the model must not come out of it as drawn from its prior."""
    claims, contexts = pool_cases(world(3))
    density = Drawn()
    taught = Learner(plan=design(claims, contexts=contexts), density=density)
    priors = taught.learn(role_bias=role_bias, hidden=["case 1"])
    means = [bias.mean_log for bias in priors.biases.values()]
    assert any(means) == role_bias
    assert density.data["role_bias"].tolist() == [float(role_bias)]
    # Truths are priors and no observations; the hidden one is not even that.
    assert density.data["weight"].tolist().count(0) == 3
    assert (density.data["total_sd_log"] < 0.1).sum() == 2
    assert priors.learnt_from == "2 cases: case 0, case 2"
