"""Simulate claims from the model, refit them, and see where the truth lies. Compiles once."""

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np

import reconcile as rc
from reconcile.inference import rounds
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.fit import sample_design


def case() -> rc.ClaimSet:
    """Every kind of claim, by five roles, on two running totals and their sum.

    The figures have plausible ranges, so that the prior is the same for every simulated set. No
    number is round: one that is has further noise, and simulated ones are not.
    """
    own = {"source": "army", "role": "own"}
    foe = {"source": "enemy", "role": "enemy"}
    third = {"source": "alliance", "role": "third"}
    expert = {"source": "survey", "role": "expert"}
    media = {"source": "paper", "role": "media"}
    return rc.ClaimSet(
        [
            rc.Claim.at_least(700, figure="killed", date="2022-03-10", **own),
            rc.Claim.at_least(1500, figure="killed", date="2022-03-31", **own),
            rc.Claim.point(2500, figure="killed", date="2022-03-10", **foe),
            rc.Claim.point(6100, figure="killed", date="2022-03-31", **foe),
            rc.Claim.between(2000, 5000, figure="killed", date="2022-03-20", **third),
            rc.Claim.interval(4000, 9000, 0.9, figure="wounded", date="2022-03-31", **expert),
            rc.Claim.about(5200, figure="wounded", date="2022-03-20", **media),
            rc.Claim.at_most(20_000, figure="all", date="2022-03-31", **third),
            rc.Claim.point(3100, figure="killed", date="2022-03-31", **media),
        ],
        figures=[
            rc.Figure(name="killed", accrues=True, plausible=(300, 30_000)),
            rc.Figure(name="wounded", accrues=True, plausible=(500, 60_000)),
            rc.Figure(name="all", parts=("killed", "wounded")),
        ],
        start="2022-03-01",
    )


@dataclass(frozen=True)
class Recovery:
    """What came of many refits; arrays of shape (replication, parameter)."""

    names: list[str]
    ranks: np.ndarray  # share of the draws below the truth
    truth: np.ndarray
    median: np.ndarray

    def coverage(self, mass: float = 0.9) -> np.ndarray:
        """Share of the replications in which the equal-tailed interval holds the truth."""
        tail = (1 - mass) / 2
        return ((self.ranks > tail) & (self.ranks < 1 - tail)).mean(axis=0)


# A common error as wide as the default one would drown what the claims say.
PRIORS = rc.Priors().replace(common_bias_sd_log=0.2)


@contextlib.contextmanager
def one_round() -> Iterator[None]:
    """Fits of as many draws as asked for: many short ones together need no gate each."""
    with warnings.catch_warnings(), patch.object(rounds, "ROUNDS", 1):
        warnings.simplefilter("ignore", rc.ConvergenceWarning)
        yield


def recover(n: int, *, seed: int, assumed: rc.Priors | None = None, draws: int = 400) -> Recovery:
    """Simulate and refit ``n`` times; ``assumed`` are the priors of the refit alone."""
    claims = case()
    truth, median, ranks, names = [], [], [], []
    for k in range(n):
        simulated = rc.simulate(claims, rng=np.random.default_rng([seed, k]), priors=PRIORS)
        with one_round():
            tree = sample_design(
                design(simulated.claims, assumed or PRIORS),
                draws=draws,
                tune=400,
                chains=2,
                cores=2,
                random_seed=k,
                progressbar=False,
                target_accept=0.95,
            )
        row = {"truth": [], "median": [], "rank": []}
        names = []
        for variable in ("estimate", "bias_log", "common_bias_log", "difficulty_log", "noise_log"):
            values = tree["posterior"][variable].to_numpy().reshape(2 * draws, -1)
            true = simulated.truth[variable].to_numpy()
            assert values.shape[1] == true.size
            row["truth"].extend(true)
            row["median"].extend(np.median(values, axis=0))
            row["rank"].extend((values < true).mean(axis=0))
            names.extend(f"{variable}[{j}]" for j in range(true.size))
        truth.append(row["truth"])
        median.append(row["median"])
        ranks.append(row["rank"])
    return Recovery(names, np.array(ranks), np.array(truth), np.array(median))
