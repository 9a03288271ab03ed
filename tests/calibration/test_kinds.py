"""Simulation-based calibration of every kind of claim: ranks of the truth are uniform.

Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018). Validating Bayesian
inference algorithms with simulation-based calibration. https://doi.org/10.48550/arXiv.1804.06788
"""

from dataclasses import replace

import numpy as np
import pytest

import reconcile as rc
from calibration.kinds_case import every_kind
from calibration.sbc import Calibration, not_uniform, ranks
from reconcile.claims.fields import KINDS

# A common error as wide as the default one would drown what the claims say, and heavy tails take
# many steps to draw from.
PRIORS = rc.Priors().replace(common_bias_sd_log=0.2, common_tail=0.1, difficulty_sd_log=0.4)


def run(replications: int, seed: int, assumed: rc.Priors | None = None) -> dict[str, np.ndarray]:
    return ranks(
        Calibration(
            every_kind(), priors=PRIORS, assumed=assumed, replications=replications, seed=seed
        )
    )


def pooled(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """All kinds as one: few replications tell something of all, and next to nothing of each."""
    return {"all": np.concatenate(list(found.values()))}


def test_every_kind_is_in_it() -> None:
    # What a figure turned out to be is nobody's claim.
    assert {claim.kind for claim in every_kind()} == set(KINDS) - {"truth"}


def test_ranks_of_every_kind_in_short() -> None:
    """8 replications of 24 figures: all together at 0.001, each at 0.01 after Bonferroni."""
    found = run(8, seed=3)
    assert not not_uniform(found, level=0.01)
    assert not not_uniform(pooled(found), level=0.001)


def overconfident() -> rc.Priors:
    """Sources taken for four times better than they are, and figures for equally hard.

    Else their difficulty would make up for it.
    """
    noise = {name: 0.25 * role.noise_median_log for name, role in PRIORS.roles.items()}
    roles = {
        name: replace(r, noise_median_log=noise[name], noise_sd_log=0.25 * r.noise_sd_log)
        for name, r in PRIORS.roles.items()
    }
    biases = {
        name: replace(b, sd_log=0.25 * b.sd_log, mean_sd_log=0.25 * b.mean_sd_log)
        for name, b in PRIORS.biases.items()
    }
    return PRIORS.replace(
        roles=roles, biases=biases, common_bias_sd_log=0.05, difficulty_sd_log=0.05
    )


@pytest.mark.slow
def test_ranks_of_every_kind() -> None:
    """200 replications; Bonferroni-corrected at 0.01."""
    assert not not_uniform(run(200, seed=11), level=0.01)


@pytest.mark.slow
def test_ranks_show_it_when_sources_are_taken_for_better_than_they_are() -> None:
    """The same test with 8 replications fails as it must: that of each commit has power."""
    found = run(8, seed=3, assumed=overconfident())
    assert not_uniform(pooled(found), level=0.001)
