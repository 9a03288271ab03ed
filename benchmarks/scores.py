"""Proper scores of predictions against the truth, and their averages over cases.

.. [1] Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
   estimation. Journal of the American Statistical Association 102, 359-378.
   https://doi.org/10.1198/016214506000001437
.. [2] Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. Quarterly Journal of the Royal
   Meteorological Society 140, 1917-1923. https://doi.org/10.1002/qj.2270
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["average_scores", "covered", "crps", "score_draws", "winkler"]

_PROBS: Final = (0.5, 0.8, 0.9, 0.95)
_KEYS: Final = ("method", "case", "setting", "figure")
_OVERALL: Final = "all"


def crps(draws: ArrayLike, truth: float) -> float:
    """Continuous ranked probability score [1]_ (21) of a sample, in its fair form [2]_.

    ``mean(|x_i - truth|) - sum_{i < j} |x_i - x_j| / (n (n - 1))``, in the unit of the draws; less
    is better. Its expectation does not depend on the number of draws, so it may be slightly
    negative. The second term is computed from the sorted draws in ``O(n log n)``.

    Examples
    --------
    >>> from scores import crps
    >>> crps([1.0, 3.0], 2.0)
    0.0
    >>> crps([5.0], 2.0)
    3.0
    """
    x = np.sort(_finite(draws, "draws"))
    error = float(np.abs(x - _truth(truth)).mean())
    n = x.size
    if n == 1:
        return error
    # The weights sum to zero; subtracting the mean avoids cancellation for large numbers.
    weights = 2.0 * np.arange(n) - (n - 1)
    return error - float(weights @ (x - x.mean())) / (n * (n - 1))


def covered(lower: float, upper: float, truth: float) -> bool:
    """Whether a closed interval contains the truth.

    Examples
    --------
    >>> from scores import covered
    >>> covered(7_000, 15_000, 15_000)
    True
    """
    _check_ends(lower, upper)
    return bool(lower <= _truth(truth) <= upper)


def winkler(lower: float, upper: float, truth: float, *, prob: float) -> float:
    """Interval score of Winkler, [1]_ (43); less is better.

    The width, plus ``2 / (1 - prob)`` times the distance of a truth outside the interval.

    Examples
    --------
    >>> from scores import winkler
    >>> round(winkler(10.0, 20.0, 15.0, prob=0.9), 9), round(winkler(10.0, 20.0, 23.0, prob=0.9), 9)
    (10.0, 70.0)
    """
    if not 0 < prob < 1:
        raise ValueError(f"prob = {prob}: not in (0, 1)")
    _check_ends(lower, upper)
    outside = max(lower - _truth(truth), truth - upper, 0.0)
    return float(upper - lower + 2.0 / (1.0 - prob) * outside)


def score_draws(draws_log: ArrayLike, truth_log: float) -> dict[str, float]:
    """Score draws of one figure against its truth, all on the log scale.

    ``covered_50``, ``_80``, ``_90``, ``_95``: 1 if the equal-tailed interval of that mass contains
    the truth, else 0; ``abs_error`` of the median; ``crps``; ``winkler_90`` and ``width_90`` of the
    90 % interval.

    Examples
    --------
    >>> import numpy as np
    >>> from scores import score_draws
    >>> scores = score_draws(np.linspace(0.0, 1.0, 101), 0.1)
    >>> scores["covered_50"], scores["covered_90"], round(scores["width_90"], 9)
    (0.0, 1.0, 0.9)
    """
    x = _finite(draws_log, "draws_log")
    scores = {}
    for prob in _PROBS:
        lower, upper = _equal_tailed(x, prob)
        scores[f"covered_{round(100 * prob)}"] = float(covered(lower, upper, truth_log))
    lower, upper = _equal_tailed(x, 0.9)
    return scores | {
        "abs_error": abs(float(np.median(x)) - truth_log),
        "crps": crps(x, truth_log),
        "winkler_90": winkler(lower, upper, truth_log, prob=0.9),
        "width_90": upper - lower,
    }


def average_scores(frame: pd.DataFrame) -> pd.DataFrame:
    """Average scores so that every case weighs the same, whatever its number of figures.

    Takes a row per method and figure with columns ``method``, ``case``, ``setting``, ``figure`` and
    score columns. Gives a row per method and setting, first ``all``, with ``n_cases``,
    ``n_figures`` and, for each score, its mean over cases of the mean within the case and its
    standard error over cases, since errors within a case are not independent; ``abs_error_median``
    is the median over cases.

    Examples
    --------
    >>> import pandas as pd
    >>> from scores import average_scores
    >>> table = pd.DataFrame(
    ...     {
    ...         "method": "median",
    ...         "case": ["a", "a", "b"],
    ...         "setting": ["war", "war", "crowd"],
    ...         "figure": ["killed", "wounded", "marchers"],
    ...         "crps": [1.0, 2.0, 0.5],
    ...     }
    ... )
    >>> average_scores(table).loc[0, ["crps", "crps_se"]].tolist()
    [1.0, 0.5]
    """
    import pandas as pd

    scores = _score_columns(frame)
    rows = []
    for method in frame["method"].unique():
        of_method = frame[frame["method"] == method]
        rows.append({"method": method, "setting": _OVERALL, **_summary(of_method, scores)})
        for setting in sorted(of_method["setting"].unique()):
            of_setting = of_method[of_method["setting"] == setting]
            rows.append({"method": method, "setting": setting, **_summary(of_setting, scores)})
    return pd.DataFrame(rows)


def _summary(frame: pd.DataFrame, scores: list[str]) -> dict[str, float]:
    """Averages of one method over cases."""
    cases = frame.groupby("case")[scores].mean()
    found: dict[str, float] = {"n_cases": len(cases), "n_figures": len(frame)}
    for score in scores:
        within = cases[score].to_numpy(dtype=float)
        if score == "abs_error":
            found["abs_error_median"] = float(np.median(within))
        found[score] = float(within.mean())
        n = within.size
        found[f"{score}_se"] = float(within.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return found


def _score_columns(frame: pd.DataFrame) -> list[str]:
    """The score columns, after validation."""
    missing = [key for key in _KEYS if key not in frame.columns]
    scores = [name for name in frame.columns if name not in _KEYS]
    if missing:
        raise ValueError(f"missing column {', '.join(missing)}; required are {', '.join(_KEYS)}")
    if not scores or frame.empty:
        raise ValueError("nothing to average: no score column, or no row")
    if (frame["setting"] == _OVERALL).any():
        raise ValueError(f"a setting is called {_OVERALL!r}, which is reserved for all settings")
    empty = [key for key in _KEYS if frame[key].isna().any()]
    if empty:
        raise ValueError(f"rows without {', '.join(empty)}")
    if frame.duplicated(list(_KEYS)).any():
        raise ValueError("a method scored twice on one figure of one case")
    for name in scores:
        kind = frame[name].dtype.kind
        if kind not in "bif" or not np.isfinite(frame[name].to_numpy(dtype=float)).all():
            raise ValueError(f"column {name}: not all finite numbers")
    return scores


def _equal_tailed(x: np.ndarray, prob: float) -> tuple[float, float]:
    lower, upper = np.quantile(x, [0.5 - prob / 2, 0.5 + prob / 2])
    return float(lower), float(upper)


def _finite(draws: ArrayLike, name: str) -> np.ndarray:
    x = np.asarray(draws, dtype=float).ravel()
    if x.size == 0 or not np.isfinite(x).all():
        raise ValueError(f"{name}: at least one draw is needed, and all must be finite")
    return x


def _truth(truth: float) -> float:
    if not np.isfinite(truth):
        raise ValueError(f"truth = {truth}: not a finite number")
    return float(truth)


def _check_ends(lower: float, upper: float) -> None:
    if not lower <= upper:
        raise ValueError(f"an interval from {lower} to {upper}")
