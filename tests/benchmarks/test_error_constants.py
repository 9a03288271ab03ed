"""The default constants are learnt by a score that truth wins."""

import math
from pathlib import Path

import numpy as np
import pytest

import reconcile as rc
from error_constants import Learning, case_weights
from error_figures import FAMILIES, field_figures
from error_parameters import JUDGED, PARAMETERS, priors_of, start, table
from reconcile.learning.figures import Figure, Pool
from reconcile.learning.quadrature import Grid, log_score

PLACE = {parameter.name: k for k, parameter in enumerate(PARAMETERS)}


def point(value: float, source: str, role: str, **more: object) -> rc.Claim:
    return rc.Claim.point(value, figure="killed", source=source, role=role, **more)


CLAIMS = rc.ClaimSet(
    [point(1234, "A", "expert"), point(1533, "B", "media"), point(1181, "C", "third")]
)


def figure(claims: rc.ClaimSet, truth: float, case: str = "one") -> Figure:
    return Figure(
        family="made",
        case=case,
        name="killed",
        claims=claims,
        truth_log=math.log(truth),
        sd_log=0.01,
    )


def world(theta: np.ndarray, n: int, *, seed: int = 1) -> list[Figure]:
    """Figures of two or three experts each, simulated without the library."""
    priors, rng = priors_of(theta), np.random.default_rng(seed)
    noise = priors.roles["expert"].noise_median_log
    bias = priors.bias_of("expert", "none", "other").sd_log
    best = math.hypot(bias * math.sqrt(3) / math.pi, noise)
    # Nobody says when: a month after the event.
    left = priors.fog_floor + (1 - priors.fog_floor) * 31 ** -priors.biases["expert"].fog_rate
    common = (
        priors.by_setting("common_bias_sd_log", "other") * (best * left / 0.1) ** priors.common_best
    )
    found = []
    for k in range(n):
        hard = math.exp(priors.by_setting("difficulty_sd_log", "other") * rng.normal())
        apparent = math.log(20_000) + rng.normal()
        claims = []
        for source in range(2 + k % 2):
            error = rng.normal(0, bias) + rng.logistic(0, noise)
            value = 10 * round(math.exp(apparent + hard * left * error) / 10) + 7
            claims.append(point(value, f"S{source}", "expert"))
        z = rng.normal()
        tail = math.exp(priors.by_setting("common_tail", "other") * z**2 / 2)
        off = common * hard**priors.common_difficulty * z * tail
        found.append(figure(rc.ClaimSet(claims), math.exp(apparent - off), f"case {k}"))
    return found


def scores(pool: Pool, theta: np.ndarray) -> np.ndarray:
    terms = pool.terms(priors_of(theta))
    return np.array(
        [
            log_score(one, mine, Grid.of(grid))[0]
            for one, mine, grid in zip(pool.figures, terms, pool.grids(), strict=True)
        ]
    )


# Common errors as large as what sources differ by, so that their size and that of noise tell.
TRUE = start({"common": -1.5, "tail": -2.0, "error": -0.6})
WRONG = {
    "common": (-1.0, 1.0),
    "error": (-1.2, 1.2),
    "difficulty": (-1.5, 0.8),
    "common_difficulty": (-0.5, 1.5),
}


@pytest.fixture(scope="module")
def made() -> tuple[Pool, np.ndarray]:
    pool = Pool(world(TRUE, 400))
    return pool, scores(pool, TRUE)


@pytest.mark.parametrize(("name", "by"), [(n, by) for n, both in WRONG.items() for by in both])
def test_the_score_prefers_the_true_constants(
    made: tuple[Pool, np.ndarray], name: str, by: float
) -> None:
    pool, best = made
    other = TRUE.copy()
    other[PLACE[name]] += by
    assert best.sum() > scores(pool, other).sum() + 1


def test_steps_find_the_true_constants_again() -> None:
    """From a common error that is too small by a factor of e."""
    theta = TRUE.copy()
    theta[PLACE["common"]] -= 1.0
    with Learning(world(TRUE, 60)) as learning:
        learning.weight[:] = 1.0
        before = learning.search().scores(theta).sum()
        found = learning.improved(theta, iterations=2)
        assert learning.search().scores(found).sum() > before + 1
    moved = found - theta
    assert moved[PLACE["common"]] + moved[PLACE["common other"]] > 0.3


def test_parameters_and_default_priors_name_every_constant() -> None:
    """What parameters do not change is named as judged."""
    first, second = start(), start() + 0.1
    one, other = (priors_of(theta, learnt_from="x").as_table() for theta in (first, second))
    same = {name for name in one if one[name] == other[name]} - {"learnt_from", "linear", "sources"}
    assert same == {name for name in JUDGED if name in one}
    assert table(first)["error"] == first[PLACE["error"]]
    assert len(PLACE) == len(PARAMETERS)


def test_cases_count_once_and_families_no_more_than_they_may() -> None:
    claims = CLAIMS
    few = [figure(claims, 1000, f"case {k}") for k in (0, 0, 1)]
    np.testing.assert_allclose(case_weights(few), [0.5, 0.5, 1])
    many = [figure(claims, 1000, f"case {k}") for k in range(50)]
    assert case_weights(many).sum() == pytest.approx(25)


def test_a_family_that_is_not_there_is_left_out_with_a_reason(tmp_path: Path) -> None:
    found, why = field_figures("fires", most=3, folder=tmp_path)
    assert not found and "fires is not there" in why


@pytest.mark.filterwarnings("ignore:days that may be slips:reconcile.AssumptionWarning")
@pytest.mark.parametrize("family", FAMILIES)
def test_families_are_read(family: str) -> None:
    found, why = field_figures(family, most=3)
    if why:
        pytest.skip(why)
    assert len(found) == 3
    theta = start()
    assert np.isfinite(scores(Pool(found), theta)).all()
