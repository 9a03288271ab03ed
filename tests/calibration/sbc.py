"""Simulation-based calibration of whole sets of claims, by simuk.

simuk draws a truth, simulates and refits through a PyMC model, and keeps the ranks. A bound is not
simulated by drawing another number, but by drawing on which side of it the truth is said to lie,
and nothing may be compiled anew for each refit: so reference draws come from
``reconcile.simulate``, and refits. The loop, the ranks and
their tree are simuk's.
"""

from typing import Any

import numpy as np
import simuk
import xarray as xr
from scipy.stats import binomtest, chi2, kstest

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.fit import sample_design
from reconcile.models.log_scale.pymc.model import model_of
from recovery import one_round

# Every so many draws of a chain is kept: ranks want draws that are all but independent.
_THIN = 4
VARIABLES = ("estimate", "bias_log", "common_bias_log", "difficulty_log", "noise_log")


class Calibration(simuk.SBC):
    """Prior SBC of a set of claims, with the priors of the refit apart where they are to differ."""

    def __init__(
        self,
        claims: rc.ClaimSet,
        *,
        priors: rc.Priors,
        assumed: rc.Priors | None = None,
        replications: int,
        seed: int,
        draws: int = 400,
    ) -> None:
        super().__init__(
            model_of(design(claims, priors)),
            num_simulations=replications,
            seed=seed,
            keep_fits=False,
            progress_bar=False,
        )
        self._claims, self._priors, self._assumed = claims, priors, assumed or priors
        self._draws = draws
        self._simulated: list[rc.Simulation] = []
        self.var_names = list(VARIABLES)
        self.simulations = {name: [] for name in self.var_names}

    def _get_prior_predictive_samples(self) -> tuple[xr.Dataset, xr.Dataset]:
        self._simulated = [
            rc.simulate(self._claims, rng=np.random.default_rng(seed), priors=self._priors)
            for seed in self._seeds.tolist()
        ]
        truths = [s.truth.expand_dims("sample") for s in self._simulated]
        # What stands for a set of simulated claims is its place in the list.
        places = xr.Dataset({name: ("sample", range(len(truths))) for name in self.observed_vars})
        return xr.concat(truths, "sample")[list(VARIABLES)], places

    def _get_posterior_samples(self, replicated_data: dict[str, np.ndarray]) -> Any:
        (place,) = {int(value) for value in replicated_data.values()}
        with one_round():
            tree = sample_design(
                design(self._simulated[place].claims, self._assumed),
                draws=self._draws,
                tune=self._draws,
                chains=2,
                cores=2,
                random_seed=int(self._seeds[self._simulations_complete]),
                progressbar=False,
                target_accept=0.95,
            )
        posterior = (
            tree["posterior"].to_dataset()[list(VARIABLES)].isel(draw=slice(None, None, _THIN))
        )
        return posterior.stack(sample=("chain", "draw"))


def ranks(calibration: Calibration, *, draws: int = 400) -> dict[str, np.ndarray]:
    """Run it: share of the draws below the truth, by estimate; shape (replication,)."""
    calibration.run_simulations()
    found = calibration.simulations["prior_sbc"]["estimate"].to_numpy()[0]
    kept = 2 * len(range(0, draws, _THIN))
    labels = calibration.ref_params["quantity"].to_numpy()
    return {str(label): column / kept for label, column in zip(labels, found.T, strict=True)}


def not_uniform(found: dict[str, np.ndarray], *, level: float) -> dict[str, float]:
    """Estimates whose ranks are not uniform, by any of three tests.

    Kolmogorov-Smirnov and chi-squared see where the truth lies too high or too low, the number of
    truths outside the 90 % interval whether intervals are too short or too long. The level is that
    of all tests together (Bonferroni).
    """
    rng = np.random.default_rng(1)
    failed = {}
    for name, share in found.items():
        n = len(share)
        # Shares of finitely many draws, spread over their steps, are continuous.
        spread = np.clip(share + rng.uniform(-0.5, 0.5, n) / 200, 0, 1)
        counts = np.histogram(spread, bins=10, range=(0, 1))[0]
        outside = int(((spread < 0.05) | (spread > 0.95)).sum())
        p = min(
            kstest(spread, "uniform").pvalue,
            chi2.sf(((counts - n / 10) ** 2 / (n / 10)).sum(), 9),
            binomtest(outside, n, 0.1).pvalue,
        )
        if p < level / (3 * len(found)):
            failed[name] = float(p)
    return failed
