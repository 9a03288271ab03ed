"""The posterior that constants are learnt by is the one of fits, and truth wins its score."""

import math
from dataclasses import replace

import numpy as np
import pytest

import reconcile as rc
from reconcile.learning.figures import Figure, Pool, figures_of
from reconcile.learning.quadrature import Grid, log_score, posterior_of

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def point(value: float, source: str, role: str, **more: object) -> rc.Claim:
    return rc.Claim.point(value, figure="killed", source=source, role=role, **more)


CASES = {
    "three sources": rc.ClaimSet(
        [point(1234, "A", "expert"), point(1533, "B", "media"), point(1181, "C", "third")]
    ),
    "a camp against another": rc.ClaimSet(
        [point(1234, "A", "own"), point(1533, "B", "own"), point(4181, "C", "enemy")],
        setting="war",
    ),
    "a range and a bound": rc.ClaimSet(
        [
            rc.Claim.interval(90, 130, 0.95, figure="killed", source="A", role="expert"),
            rc.Claim.at_least(101, figure="killed", source="B", role="media"),
        ]
    ),
}


def figure(claims: rc.ClaimSet, truth: float, case: str = "one") -> Figure:
    return Figure(
        family="made",
        case=case,
        name="killed",
        claims=claims,
        truth_log=math.log(truth),
        sd_log=0.01,
    )


@pytest.mark.parametrize("name", CASES)
def test_quadrature_agrees_with_a_fit(name: str) -> None:
    """But for what it leaves out, which widens: roles have their median noise."""
    claims, priors = CASES[name], rc.Priors()
    tree = rc.fit(claims, draws=2000, random_seed=1, progressbar=False)
    fitted = np.quantile(np.log(rc.draws(tree, "killed").to_numpy()), LEVELS)
    pool = Pool([figure(claims, 1)])
    found = posterior_of(pool.figures[0], pool.terms(priors)[0], Grid.of(pool.grids()[0]))
    found = np.quantile(found.draws(100_000, np.random.default_rng(1)), LEVELS)
    assert found[1:4] == pytest.approx(fitted[1:4], abs=0.03)
    assert found == pytest.approx(fitted, abs=0.08)


def test_a_truth_has_the_density_of_the_draws() -> None:
    pool = Pool([figure(CASES["three sources"], 1200)])
    found = posterior_of(pool.figures[0], pool.terms(rc.Priors())[0], Grid.of(pool.grids()[0]))
    x = np.linspace(math.log(300), math.log(5000), 4001)
    density = found.density(x)
    assert np.trapezoid(density, x) == pytest.approx(1, abs=0.01)
    drawn = found.draws(100_000, np.random.default_rng(1))
    below = np.trapezoid(density[x < math.log(1200)], x[x < math.log(1200)])
    assert below == pytest.approx((drawn < math.log(1200)).mean(), abs=0.01)


def test_figures_are_those_with_a_truth_and_claims() -> None:
    truth = rc.Claim.truth(900, 1100, figure="killed", source="archive")
    silent = rc.Claim.truth(5, 5, figure="wounded", source="archive")
    claims = CASES["three sources"]
    found = list(figures_of("c", claims.replace([*claims, truth, silent])))
    assert [one.name for one in found] == [" | killed"]
    assert found[0].truth_log == pytest.approx(math.log(math.sqrt(900 * 1100)))
    assert list(found[0].claims) == list(claims)
    assert len(next(figures_of("c", claims.replace([*claims, truth]), most=2)).claims) == 2


def test_a_pool_has_the_terms_of_each_figure_alone() -> None:
    together = [figure(claims, 1000, name) for name, claims in CASES.items()]
    pooled = Pool(together).terms(rc.Priors())
    for one, terms in zip(together, pooled, strict=True):
        alone = Pool([replace(one, case="alone")]).terms(rc.Priors())[0]
        for pooled_term, term in zip(terms, alone, strict=True):
            # How well a mean is known is shared by cases in a pool.
            np.testing.assert_allclose(pooled_term, term, rtol=0.02, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_the_part_of_a_grid_that_bears_on_a_score_gives_it(name: str) -> None:
    """Also for priors that are a little different, and for a truth far from all claims."""
    for truth in (1200, 9000):
        pool = Pool([figure(CASES[name], truth)])
        grid = Grid.of(pool.grids()[0])
        _, near = log_score(pool.figures[0], pool.terms(rc.Priors())[0], grid)
        assert near.kept.mean() < 1
        other = pool.terms(rc.Priors(common_bias_sd_log=0.2, coarse_log=0.2))[0]
        full, part = (log_score(pool.figures[0], other, one)[0] for one in (grid, near))
        assert part == pytest.approx(full, abs=0.002)


def test_every_day_of_a_running_total_is_a_figure() -> None:
    def said(value: float, day: str) -> rc.Claim:
        return point(value, "A", "own", date=f"2020-01-{day}")

    truth = rc.Claim.truth(80, 80, figure="killed", source="archive", date="2020-01-20")
    killed = rc.Figure(name="killed", accrues=True)
    case = rc.ClaimSet(
        [said(30, "10"), said(70, "20"), truth], figures=[killed], setting="war", start="2020-01-01"
    )
    assert [claim.value for claim in next(figures_of("c", case)).claims] == [70]


def test_a_truth_from_zero_is_one_of_few() -> None:
    truth = rc.Claim.truth(0, 10, figure="killed", source="archive")
    found = next(figures_of("c", rc.ClaimSet([point(7, "A", "media"), truth])))
    assert found.truth_log == pytest.approx(0.5 * math.log(0.5 * 10))
    assert found.sd_log == pytest.approx(math.log(20) / (2 * 1.645))
