"""Learn the priors from cases whose truth is known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np
import xarray as xr

from reconcile.claims.claim_set import ClaimSet
from reconcile.errors import ClaimError, ConvergenceWarning, Problem, warn
from reconcile.inference.density import CompiledDensity
from reconcile.inference.pytensor_density import compile_density
from reconcile.learning.hyperpriors import HYPERPRIORS, priors_of
from reconcile.learning.model import learning_model
from reconcile.learning.pooled import pool_cases
from reconcile.models.log_scale.design.design import Design, design
from reconcile.priors.priors import Priors
from reconcile.results.convergence import convergence_problems

__all__ = ["Learner", "case_weights", "learn_priors", "learner"]


def learn_priors(
    cases: Mapping[str, ClaimSet] | Iterable[ClaimSet],
    *,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: int | None = None,
    progressbar: bool = True,
) -> Priors:
    """Learn the priors of biases and noise from cases whose truth became known.

    Fits one hierarchical model to all cases. Each is modelled as by :func:`reconcile.fit`, with
    its truths observed and the prior constants unknown. Means of roles are partially pooled over
    interests and settings. Cases with more claims than the median case are down-weighted to it;
    voices and camps share their errors within a case.

    Parameters
    ----------
    cases : mapping of str to ClaimSet, or iterable of ClaimSet
        With claims of kind ``truth`` for figures whose truth is known. Cases without any also
        inform the priors a little, through the differences between sources.
    draws, tune, chains, cores, random_seed, progressbar
        As for :func:`reconcile.fit`.

    Returns
    -------
    Priors
        For ``fit(..., priors=...)``.

    Raises
    ------
    ClaimError
        If there is no case, or none with a truth.

    Warns
    -----
    ConvergenceWarning
        If the sampler has not converged.

    Notes
    -----
    Learnt are the errors at difficulty 1: how far difficulty varies is taken from the defaults, and
    so are tails and powers of the common error, of which the size is learnt, registers, serial
    error, drift, paths, ``fog_floor`` and ``group_share``. A running total is treated as a separate
    figure for each date.

    The default priors were not learnt in this way but conditionally, to predict truths given
    claims (``benchmarks/error_constants.py``). This model is one of the claims too: cases that were
    chosen because claims differed teach it that they differ more than usual.

    Examples
    --------
    >>> import reconcile as rc
    >>> cases = rc.track_record()
    >>> two = {name: cases[name] for name in ("jutland_1916", "sewol_2014")}
    >>> priors = rc.learn_priors(
    ...     two, draws=20, tune=20, chains=2, random_seed=1, progressbar=False
    ... )  # doctest: +SKIP
    """
    return learner(cases).learn(
        draws=draws,
        tune=tune,
        chains=chains,
        cores=cores,
        random_seed=random_seed,
        progressbar=progressbar,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """A joint model of many cases, compiled once.

    Parameters
    ----------
    plan : Design
        Design of all cases.
    density : CompiledDensity
        Density of the model.
    """

    plan: Design
    density: CompiledDensity

    def learn(
        self,
        *,
        hidden: Collection[str] = (),
        role_bias: bool = True,
        draws: int = 1000,
        tune: int = 1000,
        chains: int = 4,
        cores: int | None = None,
        random_seed: int | None = None,
        progressbar: bool = True,
    ) -> Priors:
        """Learn the priors, with the truths of some cases hidden."""
        seed = np.random.SeedSequence(random_seed)
        mean, sd, known, is_known = _known_totals(self.plan, hidden)
        parameters, statistics = self.density.with_data(
            {
                "weight": np.where(is_known, 0.0, case_weights(self.plan, hidden)),
                "total_mean_log": mean,
                "total_sd_log": sd,
                "total_known": known,
                "role_bias": np.array([float(role_bias)]),
            }
        ).sample(
            draws=draws,
            tune=tune,
            chains=chains,
            cores=cores,
            seed=int(seed.generate_state(1)[0]),
            progress_bar=progressbar,
            target_accept=0.8,
        )
        _warn_unless_converged(parameters, statistics)
        flat = {
            name: values.reshape(-1, *values.shape[2:])
            for name, values in parameters.items()
            if name in HYPERPRIORS
        }
        names = {context.case for context in self.plan.contexts.values()} - set(hidden)
        learnt = priors_of(
            flat,
            base=self.plan.priors,
            learnt_from=f"{len(names)} cases: {', '.join(sorted(names))}",
        )
        # Means that are not in the model were drawn from their hyperpriors.
        return learnt if role_bias else learnt.without_bias()


def learner(
    cases: Mapping[str, ClaimSet] | Iterable[ClaimSet], *, priors: Priors | None = None
) -> Learner:
    """Compile the joint model of cases."""
    named = dict(cases) if isinstance(cases, Mapping) else _named(cases)
    if not any(claim.is_truth for case in named.values() for claim in case):
        wrong = "no case has a claim of kind truth"
        legal = "at least one figure whose truth is known"
        raise ClaimError([Problem(field="cases", value=len(named), wrong=wrong, legal=legal)])
    claims, contexts = pool_cases(named)
    # Start from zero bias, so that shipped priors do not leak into hidden truths.
    plan = design(claims, (priors or Priors()).without_bias(), contexts=contexts)
    return Learner(plan=plan, density=compile_density(learning_model(plan)))


def _named(cases: Iterable[ClaimSet]) -> dict[str, ClaimSet]:
    return {f"{k}: {case.title}" if case.title else str(k): case for k, case in enumerate(cases, 1)}


def case_weights(plan: Design, hidden: Collection[str]) -> np.ndarray:
    """Weight of every claim, lower in cases with many claims, and 0 for hidden truths."""
    # Measured figures with a hidden truth weigh 0 too: relative errors of a billionth about an
    # unknown value are uninformative and costly to sample.
    names = [plan.contexts[claim.population].case for claim in plan.claims]
    is_truth = plan.readings.is_truth.astype(bool)
    total = dict.fromkeys(names, 0.0)
    for name, weight, truth in zip(names, plan.serial.weight, is_truth, strict=True):
        total[name] += 0.0 if truth else float(weight)
    usual = median(total.values())
    share = np.array([min(1.0, usual / max(total[name], 1.0)) for name in names])
    seen = np.array([name not in hidden for name in names])
    measured = np.array([plan.contexts[c.population].setting == "measurement" for c in plan.claims])
    weight = np.where(is_truth, 1.0, share * plan.serial.weight)
    return np.asarray(np.where(seen | ~(is_truth | measured), weight, 0.0))


def _known_totals(
    plan: Design, hidden: Collection[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean and sd of each log total, of its truth if known (1, not 0), and such claims."""
    # As an observation, a truth far sharper than the prior would ruin the step size.
    mean, sd = plan.total_mean_log.copy(), plan.total_sd_log.copy()
    position = {name: k for k, name in enumerate(plan.structure.series)}
    known, is_known = np.zeros(len(mean)), np.zeros(len(plan.claims), dtype=bool)
    for k, claim in enumerate(plan.claims):
        place = position.get((claim.population, claim.figure))
        seen = plan.contexts[claim.population].case not in hidden
        # A part is a share of its whole: there the truth stays an observation.
        is_root = place is not None and plan.wholes.parent[place] < 0
        if claim.is_truth and seen and is_root:
            mean[place] = plan.readings.centre_log[k]
            sd[place] = plan.readings.width_log[k] * np.pi / np.sqrt(3)
            known[place], is_known[k] = 1.0, True
    return mean, sd, known, is_known


def _warn_unless_converged(parameters: Mapping[str, np.ndarray], statistics: xr.Dataset) -> None:
    learnt = xr.Dataset(
        {
            name: (("chain", "draw", *(f"{name}_dim_{k}" for k in range(values.ndim - 2))), values)
            for name, values in parameters.items()
            if name in HYPERPRIORS
        }
    )
    learnt = learnt.assign_coords({dim: np.arange(size) for dim, size in learnt.sizes.items()})
    problems = convergence_problems(learnt, statistics["diverging"])
    if problems:
        warn(
            f"learn_priors has not converged: {'; '.join(problems)}",
            ConvergenceWarning,
        )
