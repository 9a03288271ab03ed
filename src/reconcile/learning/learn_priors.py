"""Learn from cases whose truth is known how sources err."""

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
from reconcile.learning.pooled import joined
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

    One hierarchical model of all cases: each is modelled as :func:`reconcile.fit` models it, its
    truths are observed, and what the priors of a fit take for given is unknown here. Means of
    roles are partially pooled over interests and settings. No case counts for more than one with
    the median number of claims, and voices and camps of one case share their errors.

    Parameters
    ----------
    cases : mapping of str to ClaimSet, or iterable of ClaimSet
        With claims of kind ``truth`` for figures whose truth is known. Cases without one teach a
        little too: how far sources lie from each other.
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
    Running totals are learnt from as figures of their own for each date; serial error, drift and
    paths are not learnt, nor what a group shares.

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
        Of all cases.
    density : CompiledDensity
        Of the model.
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
        """Learn the priors, with the truths of some cases hidden.

        Parameters
        ----------
        hidden : collection of str
            Names of cases whose truths are not looked at; their claims are.
        role_bias : bool, default True
            Whether roles may say too much or too little on average; without it their spread must
            account for that.
        draws, tune, chains, cores, random_seed, progressbar
            As for :func:`reconcile.fit`.

        Returns
        -------
        Priors

        Warns
        -----
        ConvergenceWarning
            If the sampler has not converged.
        """
        seed = np.random.SeedSequence(random_seed)
        mean, sd, is_known = _known_totals(self.plan, hidden)
        parameters, statistics = self.density.with_data(
            {
                "weight": np.where(is_known, 0.0, case_weights(self.plan, hidden)),
                "total_mean_log": mean,
                "total_sd_log": sd,
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
        _warn_of(parameters, statistics)
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
        # Means that are not in the model are drawn from what is expected of them.
        return learnt if role_bias else learnt.without_bias()


def learner(
    cases: Mapping[str, ClaimSet] | Iterable[ClaimSet], *, priors: Priors | None = None
) -> Learner:
    """Compile the joint model of cases.

    Parameters
    ----------
    cases : mapping of str to ClaimSet, or iterable of ClaimSet
        As for :func:`learn_priors`.
    priors : Priors, optional
        Where constants that are not learnt come from.

    Returns
    -------
    Learner

    Raises
    ------
    ClaimError
        If there is no case, or none with a truth.
    """
    named = dict(cases) if isinstance(cases, Mapping) else _named(cases)
    if not any(claim.is_truth for case in named.values() for claim in case):
        wrong = "no claim of kind truth in any case"
        legal = "at least one figure whose truth is known"
        raise ClaimError([Problem(field="kind", value=len(named), wrong=wrong, legal=legal)])
    claims, contexts = joined(named)
    # Without the biases of old: they would move the prior of a figure whose truth is hidden.
    plan = design(claims, (priors or Priors()).without_bias(), contexts=contexts)
    return Learner(plan=plan, density=compile_density(learning_model(plan)))


def _named(cases: Iterable[ClaimSet]) -> dict[str, ClaimSet]:
    return {f"{k}: {case.title}" if case.title else str(k): case for k, case in enumerate(cases, 1)}


def case_weights(plan: Design, hidden: Collection[str]) -> np.ndarray:
    """Weight of every claim; less in cases with many claims.

    Hidden truths have none, nor has any claim on a measured figure whose truth is hidden: stated
    errors of a billionth about a figure that may lie anywhere teach little and cost the most.
    """
    names = [plan.contexts[claim.population].case for claim in plan.claims]
    is_truth = plan.readings.is_truth.astype(bool)
    spoken = dict.fromkeys(names, 0.0)
    for name, weight, truth in zip(names, plan.serial.weight, is_truth, strict=True):
        spoken[name] += 0.0 if truth else float(weight)
    usual = median(spoken.values())
    share = np.array([min(1.0, usual / max(spoken[name], 1.0)) for name in names])
    seen = np.array([name not in hidden for name in names])
    measured = np.array([plan.contexts[c.population].setting == "measurement" for c in plan.claims])
    weight = np.where(is_truth, 1.0, share * plan.serial.weight)
    return np.asarray(np.where(seen | ~(is_truth | measured), weight, 0.0))


def _known_totals(
    plan: Design, hidden: Collection[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Prior of each log total, with truths in its place, and which claims those are.

    A truth far sharper than the prior would be a needle in it, for which no one step size is
    right; as the prior itself it is as easy as any other.
    """
    mean, sd = plan.total_mean_log.copy(), plan.total_sd_log.copy()
    position = {name: k for k, name in enumerate(plan.structure.series)}
    is_known = np.zeros(len(plan.claims), dtype=bool)
    for k, claim in enumerate(plan.claims):
        place = position.get((claim.population, claim.figure))
        seen = plan.contexts[claim.population].case not in hidden
        if claim.is_truth and seen and place is not None:
            mean[place] = plan.readings.centre_log[k]
            sd[place] = plan.readings.width_log[k] * np.pi / np.sqrt(3)
            is_known[k] = True
    return mean, sd, is_known


def _warn_of(parameters: Mapping[str, np.ndarray], statistics: xr.Dataset) -> None:
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
            f"what was learnt has not converged: {'; '.join(problems)}",
            ConvergenceWarning,
        )
