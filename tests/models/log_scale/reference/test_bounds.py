"""Bounds move estimates one way: by exact quadrature over the figure, whatever else is said."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import log_likelihood
from reconcile.models.log_scale.reference.prior import draw_parameters

GRID = np.linspace(-8, 30, 4000)
ROLES = ("own", "enemy", "third", "expert", "media", "leak", "rumour")


def numbers(least: float = 1.0) -> st.SearchStrategy[float]:
    return st.floats(np.log(least), np.log(1e7)).map(lambda log: float(round(np.exp(log))))


@st.composite
def claim_lists(draw: st.DrawFn, kinds: tuple[str, ...], max_size: int) -> list[tuple]:
    """Kind, number and role of claims by different sources."""
    one = st.tuples(st.sampled_from(kinds), numbers(), st.sampled_from(ROLES))
    return draw(st.lists(one, max_size=max_size))


def claims_of(told: list[tuple], *, setting: str) -> rc.ClaimSet:
    return rc.ClaimSet(
        [
            getattr(rc.Claim, kind)(number, figure="killed", source=f"S{k}", role=role)
            for k, (kind, number, role) in enumerate(told)
        ],
        setting=setting,
    )


def cumulative(claims: rc.ClaimSet) -> np.ndarray:
    """Posterior distribution function of the log figure; the errors of sources at their means."""
    plan = design(claims)
    drawn = draw_parameters(plan, np.random.default_rng(1), 1)
    fixed = {
        name: np.zeros((GRID.size, *values.shape[1:]))
        for name, values in drawn.items()
        if name != "total_log"
    }
    fixed["noise_log"] = np.tile(
        np.log([role.noise_median_log for role in plan.role_priors]), (GRID.size, 1)
    )
    latent = forward(plan, fixed | {"total_log": GRID[:, None]})
    logp = log_likelihood(plan, latent).sum(axis=1)
    logp = logp - 0.5 * ((GRID - plan.total_mean_log[0]) / plan.total_sd_log[0]) ** 2
    mass = np.exp(logp - logp.max())
    return np.cumsum(mass) / mass.sum()


@given(
    claim_lists(("at_least", "at_most"), 3),
    claim_lists(("point", "about"), 2),
    st.tuples(st.sampled_from(("at_least", "at_most")), numbers(), st.sampled_from(ROLES)),
    st.sampled_from(("war", "disaster", "crowd", "other")),
)
@settings(max_examples=150, deadline=None)
def test_a_lower_bound_never_lowers_and_an_upper_one_never_raises(
    bounds: list[tuple], stated: list[tuple], added: tuple, setting: str
) -> None:
    """All quantiles, not only the median: the whole distribution moves one way."""
    before = [*stated, *bounds]
    after = cumulative(claims_of([*before, added], setting=setting))
    # Somebody has to speak.
    alone = before or [("at_most", 1e100, "media")]
    change = after - cumulative(claims_of(alone, setting=setting))
    if added[0] == "at_least":
        assert change.max() < 1e-9
    else:
        assert change.min() > -1e-9


def test_a_lone_bound_is_believed_over_four_decades() -> None:
    """Medians by quadrature: above the bound, by less the farther it is from what is expected."""
    found = [
        np.exp(
            np.interp(0.5, cumulative(claims_of([("at_least", b, "media")], setting="war")), GRID)
        )
        for b in (2, 41, 1351, 20_000, 100_000)
    ]
    ratios = np.array(found) / (2, 41, 1351, 20_000, 100_000)
    assert (np.diff(ratios) < 0).all()
    assert ratios[0] > 50
    assert 2 < ratios[2] < 8
    assert ratios[-1] > 1
