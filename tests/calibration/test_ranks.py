"""Simulation-based calibration with power: ranks of the truth are uniform.

Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018). Validating Bayesian
inference algorithms with simulation-based calibration. https://doi.org/10.48550/arXiv.1804.06788
"""

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from recovery import recover

pytestmark = pytest.mark.slow

N = 300


def test_ranks_are_uniform() -> None:
    """300 replications, every parameter; Bonferroni-corrected at 0.01."""
    found = recover(N, seed=7)
    rng = np.random.default_rng(1)
    failed = {}
    for name, ranks in zip(found.names, found.ranks.T, strict=True):
        # Shares of finitely many draws, spread over their steps, are continuous.
        spread = np.clip(ranks + rng.uniform(-0.5, 0.5, N) / 800, 0, 1)
        p_ks = kstest(spread, "uniform").pvalue
        counts = np.histogram(ranks, bins=10, range=(0, 1))[0]
        p_chi = chi2.sf(((counts - N / 10) ** 2 / (N / 10)).sum(), 9)
        if min(p_ks, p_chi) < 0.01 / (2 * len(found.names)):
            failed[name] = (p_ks, p_chi)
    assert not failed
    coverage = found.coverage()
    assert np.abs(coverage - 0.9).max() < 4 * np.sqrt(0.09 / N)
