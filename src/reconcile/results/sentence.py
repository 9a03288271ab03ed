"""One citable sentence on an estimate, and what it rests on."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import xarray as xr

from reconcile.results.convergence import warn_unless_converged
from reconcile.results.scales import LOG, Scale
from reconcile.results.selection import (
    Selected,
    claims_on,
    draws_of,
    is_spoken,
    last_claimed,
    select,
)
from reconcile.results.summary import IntervalKind, credible_interval
from reconcile.results.wording import day, interval_name

__all__ = ["assumed_share", "disagreement", "remaining_share", "sentence"]

# Posterior over prior standard deviation above which the claims do not determine a figure.
_HARDLY_NARROWED: Final = 0.7
# A smaller loss of independent claims would vanish in rounding.
_ALL_INDEPENDENT: Final = 0.05
# Rounding of the share of assumption, in per cent: seeds alone make a difference of about 3.
_SHARE_STEP: Final = 5


def sentence(
    posterior: xr.DataTree,
    figure: str,
    *,
    population: str | None = None,
    date: dt.date | str | None = None,
    ci_prob: float = 0.9,
    ci_kind: IntervalKind = "eti",
) -> str:
    """One citable sentence on one estimate.

    It gives the median and the interval with its kind and mass, the factor by which the claims
    differ (or the difference, where a figure may be negative), how much of the uncertainty is
    assumption about the sources, and version and seed. Numbers are rounded to two digits, or more
    if the interval is narrow; its ends outwards.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure, or a sum ``"killed + wounded"``, in any order.
    population : str, optional
        May be left out where there is only one.
    date : datetime.date or str, optional
        Any day that :func:`draws` can be asked for; the last one with a claim on the population if
        left out.
    ci_prob : float, default 0.9
        Mass of the credible interval.
    ci_kind : {"eti", "hdi"}
        Equal-tailed, or the shortest one.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such estimate, or ``ci_prob`` or ``ci_kind`` is illegal.

    Warns
    -----
    ConvergenceWarning
        If the fit has not converged; the sentence then begins by saying so.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> "(posterior median; 90 % equal-tailed credible interval" in rc.sentence(posterior, "killed")
    True
    """
    chosen = select(posterior, figure, population=population, date=date)
    values = draws_of(posterior, chosen).values.ravel()
    low, high = credible_interval(values, ci_prob=ci_prob, ci_kind=ci_kind)
    median, least, most = chosen.scale.estimate(float(np.median(values)), float(low), float(high))
    who = f"{chosen.population}, {chosen.figure}" if chosen.population else chosen.figure
    when = f" {'on' if chosen.level else 'up to'} {day(chosen.date)}" if chosen.date else ""
    last = last_claimed(posterior, chosen)
    if chosen.date and last and chosen.date > last:
        when += f" (extrapolated: the last claim is for {day(last)})"
    unit = f" {chosen.unit}" if chosen.unit else ""
    text = (
        f"{who[:1].upper()}{who[1:]}{when}: about {median}{unit} (posterior median; "
        f"{interval_name(ci_kind, ci_prob)} {least} to {most}), {_basis(posterior, chosen)} "
        f"(reconcile {posterior.attrs['reconcile_version']}, "
        f"seed {posterior.attrs['random_seed']})."
    )
    if not warn_unless_converged(posterior):
        return f"NOT CONVERGED, DO NOT CITE: {text}"
    return text


def _basis(tree: xr.DataTree, chosen: Selected) -> str:
    """How many claims, how far they differ, and how much is assumption."""
    told = claims_on(tree, chosen)
    claims = told.isel(claim=is_spoken(told))
    n, n_sources = claims.sizes["claim"], len(set(claims["source"].values))
    found_out = told.sizes["claim"] - n
    worth = _worth(tree, chosen, n)
    spoken = f"{_count(n, 'claim')}{_not_standing(claims)} by {_count(n_sources, 'source')}"
    pieces = [f"from {spoken}"]
    if not n:
        pieces = [] if found_out else ["from claims none of which speaks of it directly"]
    contrast = disagreement(claims, scale=chosen.scale)
    if contrast is not None:
        dated = chosen.date is not None
        pieces[0] += chosen.scale.disagreement(contrast, dated, chosen.unit)
    if pieces:
        pieces[0] += worth
    if found_out:
        later = f"{_count(found_out, 'later finding')} of what it was"
        pieces = [f"{pieces[0]}, and {later}" if pieces else f"from {later}"]
    left = remaining_share(tree, chosen)
    if left > _HARDLY_NARROWED:
        pieces.append(
            "the claims do not determine this figure: its standard deviation is still "
            f"{100 * left:.0f} % of that of the prior{chosen.scale.note}"
        )
    else:
        pieces.append(
            f"about {_SHARE_STEP * round(100 * assumed_share(tree, chosen) / _SHARE_STEP)} % of "
            "the remaining variance"
            f"{chosen.scale.note} rests on what is assumed about how far the sources are off"
        )
    return "; ".join(pieces)


def _worth(tree: xr.DataTree, chosen: Selected, n: int) -> str:
    """Effective number of the claims, where it is smaller."""
    table = tree["independence"].to_dataset()
    mine = (table["population"].values == chosen.population) & (
        table["figure"].values == chosen.figure
    )
    worth = table["n_effective"].values[mine]
    if not len(worth) or not worth[0] < n - _ALL_INDEPENDENT:
        return ""
    return f", worth about {worth[0]:.1f} independent claims"


def _not_standing(claims: xr.Dataset) -> str:
    """Numbers of withdrawn and revised claims, in brackets."""
    states = [str(status).partition(":")[0].strip() for status in claims["status"].values]
    told = [f"{states.count(s)} {s}" for s in ("withdrawn", "revised") if s in states]
    return f" ({', '.join(told)})" if told else ""


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def disagreement(claims: xr.Dataset, *, scale: Scale = LOG) -> float | None:
    """Factor or difference between the highest and lowest claim, net of growth; None below two."""
    claims = claims.isel(claim=is_spoken(claims))
    agreeable = (claims["kind"].values == "confirmed") | (claims["coverage"].values == 1)
    # A register or a guaranteed range contradicts nobody.
    numbers = np.stack([claims[name].values for name in ("value", "low", "high")])
    numbers = np.where(scale.holds(numbers) & ~agreeable, numbers, np.nan)
    numbers = numbers * claims["times"].values
    with_number = np.isfinite(numbers).any(axis=0)
    if with_number.sum() < 2:
        return None
    # Relative to the sum each claim speaks of: growth between two dates is no contradiction.
    apart = np.asarray(scale.to(numbers) - scale.to(claims["sum_median"].values))
    return float(scale.back(np.float64(np.nanmax(apart) - np.nanmin(apart))))


def assumed_share(tree: xr.DataTree, chosen: Selected) -> float:
    """Adjusted R2 of a regression of the draws of an estimate on those of the sources' errors."""
    posterior = tree["posterior"].to_dataset()
    target = chosen.scale.to(draws_of(tree, chosen).values.ravel())
    regressors = np.column_stack(
        [
            np.ones(target.size),
            *(
                _about(posterior[name], chosen, target.size)
                for name in chosen.scale.errors
                # Figures on record have no biases.
                if name in posterior
            ),
        ]
    )
    fitted, *_ = np.linalg.lstsq(regressors, target, rcond=None)
    rest = target - regressors @ fitted
    n, p = regressors.shape
    share = 1 - (rest @ rest / (n - p)) / np.var(target, ddof=1)
    return float(np.clip(share, 0, 1))


def _about(errors: xr.DataArray, chosen: Selected, n: int) -> np.ndarray:
    """Draws of the errors that bear on an estimate, shape (draw, error)."""
    (dim,) = (str(name) for name in errors.dims if name not in ("chain", "draw"))
    labels = {"population": chosen.population, "figure": chosen.figure}
    mine = np.ones(errors.sizes[dim], dtype=bool)
    for name, wanted in labels.items():
        coordinate = dim if dim == name else f"{dim}_{name}"
        if coordinate in errors.coords:
            mine &= errors.coords[coordinate].values == wanted
    return errors.isel({dim: np.flatnonzero(mine)}).to_numpy().reshape(n, -1)


def remaining_share(tree: xr.DataTree, chosen: Selected) -> float:
    """Posterior over prior standard deviation of an estimate, on the scale of its errors."""
    after, before = (
        chosen.scale.to(draws_of(tree, chosen, group=group).values).std()
        for group in ("posterior", "prior")
    )
    return float(after / before)
