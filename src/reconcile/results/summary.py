"""Numbers from a fit: summary table, draws, probabilities."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from reconcile.results.convergence import rows_converged, warn_unless_converged
from reconcile.results.diagnostics import convergence_statistics, ess_bulk
from reconcile.results.selection import ask, draws_of, draws_on, select

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IntervalKind", "check_ci_prob", "credible_interval", "draws", "probability", "summary"]

type IntervalKind = Literal["eti", "hdi"]


def check_ci_prob(ci_prob: float) -> None:
    """Raise ValueError unless the mass of an interval is one."""
    if isinstance(ci_prob, bool) or not 0 < ci_prob < 1:
        raise ValueError(f"ci_prob={ci_prob!r} must lie between 0 and 1, such as 0.9")


def credible_interval(
    values: ArrayLike, *, ci_prob: float, ci_kind: IntervalKind
) -> NDArray[np.float64]:
    """Ends of the credible interval of draws, shape (2,)."""
    check_ci_prob(ci_prob)
    flat = np.sort(np.ravel(np.asarray(values, dtype=float)))
    if ci_kind == "eti":
        return np.quantile(flat, [(1 - ci_prob) / 2, (1 + ci_prob) / 2])
    if ci_kind != "hdi":
        raise ValueError(f"ci_kind={ci_kind!r} must be 'eti' or 'hdi'")
    inside = max(1, math.floor(ci_prob * len(flat)))
    widths = flat[inside:] - flat[:-inside]
    first = int(np.argmin(widths)) if len(widths) else 0
    return np.array([flat[first], flat[min(first + inside, len(flat) - 1)]])


def summary(
    posterior: xr.DataTree,
    *,
    date: dt.date | str | Iterable[dt.date | str] | None = None,
    ci_prob: float = 0.9,
    ci_kind: IntervalKind = "eti",
) -> pd.DataFrame:
    """Table of all estimates of a fit.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    date : datetime.date or str, or several, optional
        Days for rows of running totals and levels alone, as in :func:`draws`; the dates of the fit
        and all figures if left out.
    ci_prob : float, default 0.9
        Mass of the credible interval.
    ci_kind : {"eti", "hdi"}
        Equal-tailed, or the shortest one.

    Returns
    -------
    pandas.DataFrame
        A row for each population, figure and date: ``population``, ``figure``, ``date`` (NaT for
        a fixed figure), ``mean``, ``sd``, ``median``, the interval's ends (``eti90_lb``,
        ``eti90_ub``), ``ess_bulk``, ``ess_tail``, ``r_hat``, ``converged`` (whether this estimate
        passes the gate by itself). Natural scale, not rounded. Versions, seed and the convergence
        of the fit are in ``attrs``.

    Raises
    ------
    ValueError
        If ``ci_prob`` or ``ci_kind`` is illegal, or there is no estimate on a day.

    Warns
    -----
    ConvergenceWarning
        If the fit has not converged.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> list(rc.summary(posterior, ci_prob=0.5).columns[6:8])
    ['eti50_lb', 'eti50_ub']
    """
    import pandas as pd

    converged = warn_unless_converged(posterior)
    estimate = posterior["posterior"].to_dataset()["estimate"]
    if date is not None:
        days = [date] if isinstance(date, dt.date | str) else list(date)
        estimate = _on_days(posterior, days)
    n = estimate.sizes["quantity"]
    values = estimate.transpose("quantity", "chain", "draw").values.reshape(n, -1)
    sampled = estimate.transpose("chain", "draw", "quantity").values
    intervals = np.array([credible_interval(v, ci_prob=ci_prob, ci_kind=ci_kind) for v in values])
    name = f"{ci_kind}{100 * ci_prob:g}"
    dates = [str(day) for day in estimate.coords["quantity_date"].values]
    several = estimate.sizes["chain"] > 1
    statistics = convergence_statistics(sampled)
    table = pd.DataFrame(
        {
            "population": estimate.coords["quantity_population"].values.astype(str),
            "figure": estimate.coords["quantity_figure"].values.astype(str),
            "date": pd.to_datetime(pd.Series([day or None for day in dates]), format="%Y-%m-%d"),
            "mean": values.mean(axis=1),
            "sd": values.std(axis=1, ddof=1),
            "median": np.median(values, axis=1),
            f"{name}_lb": intervals[:, 0],
            f"{name}_ub": intervals[:, 1],
            "ess_bulk": statistics["ess_bulk"],
            "ess_tail": statistics["ess_tail"],
            "r_hat": statistics["r_hat"] if several else np.full(n, np.nan),
            "converged": rows_converged(posterior, statistics),
        }
    )
    kept = ("reconcile_version", "versions", "random_seed", "claims_sha256")
    table.attrs.update({key: posterior.attrs[key] for key in kept}, converged=converged)
    return table


def _on_days(tree: xr.DataTree, days: list[dt.date | str]) -> xr.DataArray:
    """Estimates of all running totals and levels on some days, labelled like those of a fit."""
    estimate = tree["posterior"].to_dataset()["estimate"]
    columns = (estimate[f"quantity_{x}"].values.astype(str) for x in ("population", "figure"))
    dated = estimate["quantity_date"].values.astype(str) != ""
    names = [name for name, here in zip(zip(*columns, strict=True), dated, strict=True) if here]
    if not names or not days:
        raise ValueError(
            f"date={days!r}: {'give at least one day' if names else 'no figure has dates here'}"
        )
    chosen = [
        [select(tree, figure, population=population, date=day) for day in days]
        for population, figure in dict.fromkeys(names)
    ]
    values = np.concatenate([draws_on(tree, each[0], [s.date for s in each]) for each in chosen])
    labels = {
        f"quantity_{name}": ("quantity", [str(getattr(s, name)) for each in chosen for s in each])
        for name in ("population", "figure", "date")
    }
    return xr.DataArray(values, dims=("quantity", "chain", "draw"), coords=labels)


def draws(
    posterior: xr.DataTree,
    figure: str,
    *,
    population: str | None = None,
    date: dt.date | str | None = None,
) -> xr.DataArray:
    """Posterior draws of one estimate.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure, a sum ``"killed + wounded"``, in any order, or one such over another,
        ``"wounded / killed"``.
    population : str, optional
        May be left out where there is only one.
    date : datetime.date or str, optional
        The last one with a claim on the population if left out. Any day can be asked, from the
        ``start`` of the case (the first date of the fit if there is none) to 30 days after its last
        date (``path_days`` of the priors).

    Returns
    -------
    xarray.DataArray
        Dimensions ``chain`` and ``draw``, natural scale.

    Raises
    ------
    ValueError
        If there is no such estimate; the message lists what there is.

    Warns
    -----
    ConvergenceWarning
        If the fit has not converged.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> rc.draws(rc.fit(claims, random_seed=1, progressbar=False), "killed").sizes["draw"]
    1000
    """
    values = draws_of(posterior, ask(posterior, figure, population=population, date=date))
    warn_unless_converged(posterior)
    return values


def probability(
    posterior: xr.DataTree,
    figure: str,
    *,
    above: float | None = None,
    below: float | None = None,
    population: str | None = None,
    date: dt.date | str | None = None,
) -> float:
    """Posterior probability that a figure lies above a number, below one, or between two.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure, a sum ``"killed + wounded"``, in any order, or one such over another,
        ``"wounded / killed"``.
    above, below : float, optional
        Limits, natural scale; at least one of them.
    population : str, optional
        May be left out where there is only one.
    date : datetime.date or str, optional
        The last one with a claim on the population if left out. Any day can be asked, from the
        ``start`` of the case (the first date of the fit if there is none) to 30 days after its last
        date (``path_days`` of the priors).

    Returns
    -------
    float
        Share of the draws, but never nearer to 0 or 1 than one over their effective number ``N``:
        what no draw shows has a probability of less than 1 in ``N``. Only of a figure that cannot
        be negative it is certain that it lies above 0, and of a share that it lies below the whole.

    Raises
    ------
    ValueError
        If there is no such estimate, neither bound is given, or they exclude each other.

    Warns
    -----
    ConvergenceWarning
        If the fit has not converged.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> 0.5 < rc.probability(posterior, "killed", above=60) < 1
    True
    """
    if above is None and below is None:
        raise ValueError("give above=, below=, or both")
    if above is not None and below is not None and not above < below:
        raise ValueError(f"above={above} must be less than below={below}")
    chosen = ask(posterior, figure, population=population, date=date)
    values = draws_of(posterior, chosen)
    warn_unless_converged(posterior)
    low, high = (-math.inf if above is None else above), (math.inf if below is None else below)
    least, most = chosen.limits
    if high <= least or low >= most:
        return 0.0
    low, high = (-math.inf if low <= least else low), (math.inf if high >= most else high)
    if (low, high) == (-math.inf, math.inf):
        return 1.0
    inside = float(((values > low) & (values < high)).mean())
    sampled = values.transpose("chain", "draw").values[..., None]
    least = 1 / max(2.0, float(ess_bulk(sampled).item()))
    return min(max(inside, least), 1 - least)
