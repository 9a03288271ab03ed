"""Distance of each claim from the consensus of the others, and effective numbers of claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.results.convergence import warn_unless_converged
from reconcile.results.selection import is_spoken, scale_of
from reconcile.results.summary import check_ci_prob

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["equivalence", "independence"]

# Pareto k from which the weights of the draws without a claim are unreliable.
_WORST_SHAPE = 0.7


def equivalence(posterior: xr.DataTree, *, ci_prob: float = 0.9) -> pd.DataFrame:
    """Degree of equivalence of every claim: its distance from the consensus of the others.

    The concept comes from metrology [1]_. The consensus is the leave-one-out posterior of the sum
    that the claim is about, by Pareto smoothed importance sampling [2]_.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    ci_prob : float, default 0.9
        Mass of the equal-tailed interval.

    Returns
    -------
    pandas.DataFrame
        A row per claim, truths left out: ``claim`` (number in the table), ``source``,
        ``population``, ``figure``, ``date``, ``kind``, ``status``; ``factor``, the number claimed
        over the consensus of the others (median; a bound's or a range's middle), with its interval
        ``eti90_lb`` and ``eti90_ub``; ``sound``, the posterior probability that the claim is not
        a gross error, beside ``sound_prior``; ``reliable``, whether the importance weights can be
        trusted. For figures that may be negative, ``difference`` in place
        of ``factor``: the number claimed minus the consensus of the others.

    Raises
    ------
    ValueError
        If ``ci_prob`` is illegal.

    Warns
    -----
    ConvergenceWarning
        If the fit has not converged.

    References
    ----------
    .. [1] Koepke, A., Lafarge, T., Possolo, A. and Toman, B. (2017). Consensus building for
       interlaboratory studies, key comparisons, and meta-analysis. Metrologia 54(3).
       https://doi.org/10.1088/1681-7575/aa6c0e
    .. [2] Vehtari, A., Simpson, D., Gelman, A., Yao, Y. and Gabry, J. (2024). Pareto smoothed
       importance sampling. Journal of Machine Learning Research 25(72).
       https://doi.org/10.48550/arXiv.1507.02646

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [
    ...         rc.Claim.point(120, figure="killed", source="a hospital", role="expert"),
    ...         rc.Claim.point(900, figure="killed", source="a caller", role="rumour"),
    ...     ]
    ... )
    >>> table = rc.equivalence(rc.fit(claims, random_seed=1, progressbar=False))
    >>> bool(table["factor"][1] > 2)
    True
    """
    import pandas as pd

    check_ci_prob(ci_prob)
    warn_unless_converged(posterior)
    claims = posterior["claims"].to_dataset()
    scale = scale_of(posterior)
    end = scale.suffix
    stated = claims[f"stated{end}"].values
    predicted = posterior["posterior_predictive"].to_dataset()
    sums = predicted[f"sum{end}"].transpose("claim", ...).values
    likelihood = posterior["log_likelihood"].to_dataset()[f"reading{end}"]
    logs = likelihood.transpose("claim", ...).values
    name = f"eti{100 * ci_prob:g}"
    rows = []
    for k in np.flatnonzero(is_spoken(claims)):
        log_weight, shape = _left_out(logs[k].ravel())
        low, middle, high = _weighted_quantiles(
            stated[k] - sums[k].ravel(),
            np.exp(log_weight),
            np.array([(1 - ci_prob) / 2, 0.5, (1 + ci_prob) / 2]),
        )
        row: dict[str, object] = {"claim": int(claims["claim"].values[k])}
        row |= {
            column: str(claims[column].values[k])
            for column in ("source", "population", "figure", "date", "kind", "status")
        }
        apart = {scale.contrast: middle, f"{name}_lb": low, f"{name}_ub": high}
        row |= {column: float(scale.back(value)) for column, value in apart.items()}
        row |= {
            "sound": float(claims["sound_probability"].values[k]),
            "sound_prior": float(claims["sound_prior"].values[k]),
            "reliable": bool(shape < _WORST_SHAPE),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _left_out(logs: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Log weights of the draws without a claim, and the shape of their tail."""
    from arviz_stats.base import array_stats

    try:
        # It takes log-likelihoods, whose negatives are the log weights.
        log_weight, shape = array_stats.psislw(logs)
    except ValueError:
        # The likelihood is constant in the tail: nothing to smooth.
        log_weight, shape = -logs - np.logaddexp.reduce(-logs), 0.0
    return np.asarray(log_weight), float(shape)


def _weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order])
    middle = (cumulative - 0.5 * weights[order]) / cumulative[-1]
    return np.interp(at, middle, values[order])


def independence(posterior: xr.DataTree) -> pd.DataFrame:
    """Number of claims on each figure, and their effective number.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.

    Returns
    -------
    pandas.DataFrame
        ``population``, ``figure``, ``n_claims`` and ``n_effective``: how many claims with
        independent errors would say as much, the sum of the inverse of the prior correlation
        matrix of the errors. Errors are shared by origin, group, camp, voice and in time, and by
        all claims on the figure: their common error counts.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [
    ...         rc.Claim.point(120, figure="killed", source="A", role="media", origin="an agency"),
    ...         rc.Claim.point(120, figure="killed", source="B", role="media", origin="an agency"),
    ...     ]
    ... )
    >>> table = rc.independence(rc.fit(claims, random_seed=1, progressbar=False))
    >>> int(table["n_claims"][0]), bool(table["n_effective"][0] < 1.1)
    (2, True)
    """
    return posterior["independence"].to_dataset().to_dataframe().reset_index(drop=True)
