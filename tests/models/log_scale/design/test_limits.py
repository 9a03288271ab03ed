"""Floors and ceilings: the map onto what they leave, and what it cannot serve."""

import math
from itertools import pairwise

import numpy as np
import pytest

import reconcile as rc
from model_sets import limits
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.design.limits import within
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.prior import draw_parameters

# Some claims break limits on purpose.
pytestmark = pytest.mark.filterwarnings(
    "ignore:claims that break a limit:reconcile.AssumptionWarning"
)

BY = {"source": "ministry", "role": "media"}
C = rc.Claim


def case(*claims: rc.Claim, **figures: dict) -> rc.ClaimSet:
    return rc.ClaimSet(claims, figures=[rc.Figure(name=n, **f) for n, f in figures.items()])


@pytest.fixture(scope="module")
def plan() -> Design:
    return design(limits())


def keeps_limits(plan: Design, totals: np.ndarray) -> None:
    for figure in plan.claims.figures.values():
        for population in plan.claims.populations:
            names = [(population, base) for base in plan.claims.base_parts(figure.name)]
            if not set(names) <= set(plan.structure.series):
                continue
            at = [plan.structure.series.index(name) for name in names]
            whole = np.exp(np.logaddexp.reduce(totals[:, at], axis=1))
            assert (whole >= (figure.floor or 0)).all(), figure.name
            assert (whole <= (figure.ceiling or math.inf)).all(), figure.name


def test_totals_keep_every_limit_and_nothing_else_moves(plan: Design) -> None:
    rng = np.random.default_rng(1)
    for reach in (0.5, 3.0, 20.0):
        free = rng.normal(4, reach, (500, len(plan.structure.series)))
        totals, _ = within(free, plan.limits)
        keeps_limits(plan, totals)
    limited = {k for group in plan.limits for k in group.series}
    rest = [k for k in range(free.shape[1]) if k not in limited]
    np.testing.assert_array_equal(totals[:, rest], free[:, rest])


def test_the_jacobian_is_exact(plan: Design) -> None:
    rng = np.random.default_rng(2)
    n = len(plan.structure.series)
    for _ in range(30):
        free = rng.normal(5, 2.5, n)
        step = 1e-6 * np.eye(n)
        up, down = (within(free + sign * step, plan.limits)[0] for sign in (1, -1))
        _, log_det = np.linalg.slogdet((up - down) / 2e-6)
        assert float(within(free, plan.limits)[1]) == pytest.approx(log_det, abs=1e-6)


def test_a_ray_goes_from_limit_to_limit_once() -> None:
    claims = case(
        C.point(70, figure="killed + wounded", **BY),
        killed={"floor": 10},
        wounded={},
        all={"parts": ("killed", "wounded"), "floor": 50, "ceiling": 90},
    )
    plan = design(claims)
    far = np.linspace(-30, 30, 400)[:, None]
    whole = np.exp(np.logaddexp.reduce(within(far + np.array([0.3, -0.8]), plan.limits)[0], axis=1))
    assert all(one <= two for one, two in pairwise(whole.tolist()))
    assert whole[[0, -1]] == pytest.approx([50, 90], rel=1e-6)


def test_prior_draws_keep_limits(plan: Design) -> None:
    drawn = draw_parameters(plan, np.random.default_rng(3), 500)
    keeps_limits(plan, drawn["total_log"])
    wild = {name: values for name, values in drawn.items() if name != "total_log"}
    rng = np.random.default_rng(4)
    wild["total_z"] = rng.normal(0, 8, drawn["total_log"].shape)
    wild["whole_z"] = rng.normal(0, 8, (500, len(plan.wholes.parts)))
    keeps_limits(plan, forward(plan, wild).total_log)


def test_the_prior_is_that_without_limits_cut_off() -> None:
    """Draws by truncation against those that keep the floor out of many without one."""
    said = C.point(900, figure="killed", **BY)
    free, bound = (design(case(said, killed=k)) for k in ({}, {"floor": 4000}))
    every = draw_parameters(free, np.random.default_rng(5), 40_000)["total_log"][:, 0]
    ours = draw_parameters(bound, np.random.default_rng(6), 10_000)["total_log"][:, 0]
    levels = (0.1, 0.5, 0.9)
    kept = np.quantile(every[every > math.log(4000)], levels)
    np.testing.assert_allclose(np.quantile(ours, levels), kept, atol=0.12)


def test_a_floor_far_above_the_prior_can_be_drawn() -> None:
    plan = design(case(C.vague("dozens", figure="killed", **BY), killed={"floor": 1e9}))
    keeps_limits(plan, draw_parameters(plan, np.random.default_rng(7), 200)["total_log"])


def test_no_draw_of_a_fit_is_below_a_floor_or_above_a_ceiling() -> None:
    claims = case(
        C.point(25_000, figure="killed", **BY),
        C.point(150_000, figure="casualties", source="rebels", role="enemy"),
        killed={"floor": 29_605},
        wounded={},
        casualties={"parts": ("killed", "wounded"), "ceiling": 120_000, "floor": 40_000},
    )
    tree = rc.fit(claims, random_seed=1, progressbar=False)
    for group in ("posterior", "prior"):
        totals = tree[group]["total_log"].to_numpy()
        keeps_limits(design(claims), totals.reshape(-1, 2))
    # Both bind.
    assert float(rc.draws(tree, "killed").min()) < 31_000
    assert float(rc.draws(tree, "casualties").max()) > 115_000


def test_what_no_map_serves_is_an_error() -> None:
    both = [C.point(70, figure=name, **BY) for name in ("killed", "wounded")]
    parts = {"all": {"parts": ("killed", "wounded"), "floor": 50}}
    with pytest.raises(rc.ClaimError, match="a floor of a sum beside the ceiling of killed"):
        design(case(*both, killed={"ceiling": 40}, wounded={}, **parts))
    # A ceiling of a part above the floor of the whole is served.
    design(case(*both, killed={"ceiling": 60}, wounded={}, **parts))
