"""Learn from cases whose truth is known how sources err."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from reconcile.claimset import SETTINGS, ClaimSet
from reconcile.convergence import convergence_problems
from reconcile.design import Design, design
from reconcile.errors import ClaimError, ConvergenceWarning, Problem
from reconcile.graph_density import compile_density
from reconcile.hyperpriors import (
    HYPERPRIORS,
    bias_means,
    cell_index,
    common_logs,
    failures,
    fog_rates,
    noise_logs,
    noise_setting_logs,
    priors_of,
    spread_logs,
)
from reconcile.joined import joined
from reconcile.model import ModelData, observe, sums_of
from reconcile.model_data import coordinates, model_data
from reconcile.priors import Priors
from reconcile.sampler import CompiledDensity
from reconcile.sources import ROLES

__all__ = ["Learner", "learn_priors", "learner"]


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
                "weight": np.where(is_known, 0.0, _case_weights(self.plan, hidden)),
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
    if not any(claim.kind == "truth" for case in named.values() for claim in case):
        wrong = "no claim of kind truth in any case"
        legal = "at least one figure whose truth is known"
        raise ClaimError([Problem(field="kind", value=len(named), wrong=wrong, legal=legal)])
    claims, contexts = joined(named)
    # Without the biases of old: they would move the prior of a figure whose truth is hidden.
    plan = design(claims, (priors or Priors()).without_bias(), contexts=contexts)
    return Learner(plan=plan, density=compile_density(learning_model(plan)))


def _named(cases: Iterable[ClaimSet]) -> dict[str, ClaimSet]:
    return {f"{k}: {case.title}" if case.title else str(k): case for k, case in enumerate(cases, 1)}


def _case_weights(plan: Design, hidden: Collection[str]) -> np.ndarray:
    """Weight of every claim; less in cases with many claims.

    Hidden truths have none, nor has any claim on a measured figure whose truth is hidden: stated
    errors of a billionth about a figure that may lie anywhere teach little and cost the most.
    """
    names = [plan.contexts[claim.population].case for claim in plan.claims]
    is_truth = plan.readings.is_truth.astype(bool)
    spoken = dict.fromkeys(names, 0.0)
    for name, weight, truth in zip(names, plan.chains.weight, is_truth, strict=True):
        spoken[name] += 0.0 if truth else float(weight)
    usual = median(spoken.values())
    share = np.array([min(1.0, usual / max(spoken[name], 1.0)) for name in names])
    seen = np.array([name not in hidden for name in names])
    measured = np.array([plan.contexts[c.population].setting == "measurement" for c in plan.claims])
    weight = np.where(is_truth, 1.0, share * plan.chains.weight)
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
        if claim.kind == "truth" and seen and place is not None:
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
        warnings.warn(
            f"what was learnt has not converged: {'; '.join(problems)}",
            ConvergenceWarning,
            stacklevel=4,
        )


def learning_model(plan: Design) -> pm.Model:
    """The joint model of many cases, with the constants of the priors as its unknowns.

    Parameters
    ----------
    plan : Design
        Of all cases.

    Returns
    -------
    pymc.Model
    """
    with pm.Model(coords=coordinates(plan)) as model:
        data = ModelData(model_data(plan))
        values = {name: _hyper(name) for name in HYPERPRIORS}
        sum_log = sums_of(plan, data)
        fog = _fog(plan, values)
        own = plan.shares.own
        fixed = np.hypot(plan.readings.spread_log, plan.readings.sampling_log)
        pieces = {
            "base": sum_log + _error(plan, values, own * fog),
            "noise": own * fog * pt.exp(_noise(plan, values)),
            "coarse": pt.sqrt((values["coarse"] * plan.shares.coarse) ** 2 + fixed**2),
            "sound": _sound(plan, values),
        }
        if plan.readings.width_log.any():
            pieces["excess"] = pt.exp(values["excess_log"])
        observe(plan, pieces, data)
    return model


def _hyper(name: str) -> Any:
    shape, kind, constants = HYPERPRIORS[name]
    if kind == "halfnormal":
        return pm.HalfNormal(name, constants[0], shape=shape)
    return pm.Normal(name, *constants, shape=shape)


def _fog(plan: Design, values: Mapping[str, Any]) -> Any:
    """Share of its first error that each claim has left."""
    rate = fog_rates(values, pt.exp)[_cells(plan)[plan.speakers.voice_of]]
    floor = plan.priors.fog_floor
    return floor + (1 - floor) * pt.exp(-rate * np.log1p(plan.shares.age))


def _cells(plan: Design) -> np.ndarray:
    """Role, interest and setting of each voice."""
    speakers = plan.speakers
    cells = np.array([cell_index(s.role, s.interest, s.setting) for s in speakers.situations])
    return np.asarray(cells[speakers.situation_of])


def _error(plan: Design, values: Mapping[str, Any], bias_share: Any) -> Any:
    """Error of each claim apart from its noise."""
    speakers = plan.speakers
    voices = speakers.voices
    cells = _cells(plan)
    means = pm.Data("role_bias", np.ones(1))[0] * bias_means(values, lambda constant: constant)
    mean = means[cells]
    spread = pt.exp(spread_logs(values))[cells]
    in_group = np.array([bool(v.group) for v in voices])
    share = pt.where(in_group, plan.priors.group_share, pt.sigmoid(values["camp_share_logit"]))
    camp = pm.Normal("camp_z", 0, 1, dims="camp")[speakers.camp_of]
    voice = pm.Normal("bias_z", 0, 1, dims="voice")
    bias = mean + spread * (pt.sqrt(share) * camp + pt.sqrt(1 - share) * voice)
    of_claim = bias[speakers.voice_of]
    if plan.categories:
        category = pm.Normal("category_z", 0, 1, dims="category")[plan.category_of]
        of_claim = of_claim + values["category_sd"] * plan.category_share * category
    settings = [plan.contexts[population].setting for population in plan.claims.populations]
    common_sd = pt.where(
        plan.best_width > 0,
        values["measured_common"] * plan.best_width,
        pt.exp(common_logs(values))[np.array([SETTINGS.index(s) for s in settings])],
    )
    common = (common_sd * pm.Normal("common_bias_z", 0, 1, dims="population"))[plan.population_of]
    return plan.shares.common * common + bias_share * of_claim


def _noise(plan: Design, values: Mapping[str, Any]) -> Any:
    """Log scale of the noise of each claim."""
    middle = noise_logs(values)[np.array([ROLES.index(name) for name in plan.role_names])]
    own = pm.Normal("noise_z", 0, 1, dims="role")
    settings = [plan.contexts[claim.population].setting for claim in plan.claims]
    of_setting = noise_setting_logs(values)[np.array([SETTINGS.index(s) for s in settings])]
    scale = middle + values["noise_case_sd"] * own
    floor = middle + np.log(plan.priors.noise_floor)
    return 0.5 * pt.logaddexp(2 * scale, 2 * floor)[plan.role_of] + of_setting


def _sound(plan: Design, values: Mapping[str, Any]) -> Any:
    """Probability that each claim is a reading, and a bound not an empty one."""
    claims = list(plan.claims)
    role = np.array([ROLES.index(v.role) for v in plan.speakers.voices])[plan.speakers.voice_of]
    empty, standing, withdrawn = (pt.sigmoid(logit) for logit in failures(values))
    stands = np.array([claim.state == "standing" for claim in claims])
    side = len(ROLES) * plan.readings.is_upper
    sound = pt.where(stands, standing[role], withdrawn[role])
    is_bound = plan.readings.is_bound.astype(bool)
    sound = sound * pt.where(is_bound, 1 - empty[role + side], 1.0)
    is_known = (plan.readings.is_truth | plan.readings.is_certain).astype(bool)
    return pt.where(is_known, plan.sound, sound)
