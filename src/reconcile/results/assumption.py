"""How much of the width of an interval rests on assumption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.claims.composition import memoised_parts
from reconcile.results.selection import Selected, bases_of, draws_of, figures_of

__all__ = ["assumed_share", "remaining_share"]

type Array = NDArray[np.float64]
# Width of the strip inside a hard limit in which draws are counted, in standard deviations.
_STRIP: Final = 0.2


def assumed_share(tree: xr.DataTree, chosen: Selected) -> float | None:
    """Per cent by which the width shrinks if all that is assumed shrinks by one; None on record.

    Assumed are the sizes of errors, the spread of the figure's prior and hard limits. What claims
    tell of the sizes lowers it: the elasticity of the posterior's width to its prior (Mueller 2012,
    https://doi.org/10.1016/j.jmoneco.2012.09.003).
    """
    posterior, prior = (tree[group].to_dataset() for group in ("posterior", "prior"))
    if "reliability" in posterior:
        return None
    value = chosen.scale.to(draws_of(tree, chosen).values.ravel())
    value = value - np.median(value)
    if not np.ptp(value):
        return 0.0
    parts = [remaining_share(tree, chosen) ** 2, _at_limits(tree, chosen, value)]
    if "deviation" in posterior:
        parts.append(_of_deviations(posterior, prior, chosen, value))
    else:
        parts.extend(_of_errors(tree, chosen, value))
    return float(np.clip(sum(parts), 0, 1))


def remaining_share(tree: xr.DataTree, chosen: Selected) -> float:
    """Posterior over prior standard deviation of an estimate, on the scale of its errors."""
    after, before = (
        chosen.scale.to(draws_of(tree, chosen, group=group).values).std()
        for group in ("posterior", "prior")
    )
    return float(after / before)


def _of_errors(tree: xr.DataTree, chosen: Selected, value: Array) -> Iterator[float]:
    """Shares of the sizes of errors on the log scale: of sources, common, of completeness."""
    posterior = tree["posterior"].to_dataset()
    data = tree["constant_data"].to_dataset()
    size = np.abs(value)
    claims = _that_bear_on(tree, chosen)
    for group in np.unique(data["difficulty_of"].values[claims]):
        # Mean log difficulty 0 is assumed: all errors of sources grow with it.
        z = _flat(posterior["difficulty_z"].isel(group=group))
        yield _covariance(size, z) / (data["difficulty_sd_log"].values[group] * size.mean())
    if "stated_of" in data:
        stated = data["width_log"].values[claims] > 0
        for kind in np.unique(data["stated_of"].values[claims][stated]):
            mean, sd = data["overconfidence_prior"].values[kind]
            z = (_flat(posterior["overconfidence_log"].isel(stated=kind)) - mean) / sd
            yield _covariance(size, z) / (sd * size.mean())
    # The common error enters the figure as it is; its own size is assumed beside the difficulty.
    mine = _series_of(posterior, chosen)
    weight = np.exp(_flat(posterior["total_log"].isel(series=mine)))
    common = np.average(_flat(posterior["common_bias_log"].isel(series=mine)), 1, weight)
    alone = 1 - float(data["common_power"].values.item())
    yield -alone * float(np.mean(np.sign(value) * (common - common.mean()))) / size.mean()
    for name in ("register_z", "register_slope_z"):
        for z in _flat(posterior[name]).T if name in posterior else ():
            yield _covariance(value, z) ** 2 / value.var()


def _of_deviations(
    posterior: xr.Dataset, prior: xr.Dataset, chosen: Selected, value: Array
) -> float:
    """Share of the deviations of sources on the natural scale, as far as their size is open."""
    mine = np.ones(posterior.sizes["voice"], dtype=bool)
    for name, wanted in (("population", chosen.population), ("figure", chosen.figure)):
        mine &= posterior.coords[f"voice_{name}"].values == wanted
    off = _flat(posterior["deviation"].isel(voice=np.flatnonzero(mine)))
    known = np.column_stack([np.ones(len(value)), off])
    fitted, *_ = np.linalg.lstsq(known, value, rcond=None)
    rest = value - known @ fitted
    explained = 1 - (rest @ rest / (len(value) - known.shape[1])) / value.var(ddof=1)
    spreads = [
        np.log(_flat(group["tau"].isel(quantity=chosen.position))) for group in (posterior, prior)
    ]
    after, before = (np.subtract(*np.quantile(spread, [0.75, 0.25])) for spread in spreads)
    return float(np.clip(explained, 0, 1) * min(after / before, 1.0) ** 2)


def _at_limits(tree: xr.DataTree, chosen: Selected, value: Array) -> float:
    """Share of hard limits: 1 for even draws between two of them, 0 where none is near."""
    middle = np.median(chosen.scale.to(draws_of(tree, chosen).values))
    strip = _STRIP * value.std()
    lower, upper = (chosen.scale.to(np.array(ends)) - middle for ends in _limits(tree, chosen))
    near = [np.mean(value < end + strip) * max(-end, 0.0) for end in lower]
    near += [np.mean(value > end - strip) * max(end, 0.0) for end in upper]
    return float(sum(near) / strip)


def _limits(tree: xr.DataTree, chosen: Selected) -> tuple[list[float], list[float]]:
    """The highest floor and the lowest ceiling of guaranteed ranges and of the case, if any."""
    if chosen.below:
        return [], []
    claims = tree["claims"].to_dataset()
    date = chosen.date.isoformat() if chosen.date else ""
    sure = (claims["coverage"].values == 1) & (claims["status"].values == "standing")
    sure &= claims["parts"].values == chosen.parts
    sure &= claims["population"].values == chosen.population
    sure &= (claims["date"].values == date) & (claims["since"].values == "") | (not date)
    lows = [x for x in claims["low"].values[sure].tolist() if chosen.scale.holds(np.float64(x))]
    highs = claims["high"].values[sure].tolist()
    figures, mine = figures_of(tree), bases_of(chosen)
    parts = memoised_parts(figures)
    for name, figure in figures.items():
        floor, ceiling = getattr(figure, "floor", None), figure.ceiling
        lows += [floor] if floor and mine.issuperset(parts(name)) else []
        highs += [ceiling] if ceiling and mine.issubset(parts(name)) else []
    return sorted(lows)[-1:], sorted(highs)[:1]


def _that_bear_on(tree: xr.DataTree, chosen: Selected) -> NDArray[np.intp]:
    """Claims on the population about a part of an estimate."""
    claims = tree["claims"].to_dataset()
    parts = memoised_parts(figures_of(tree))
    mine = bases_of(chosen)
    texts = (claims[name].values.astype(str) for name in ("population", "figure"))
    return np.array(
        [
            k
            for k, (population, figure) in enumerate(zip(*texts, strict=True))
            if population == chosen.population and mine.intersection(parts(figure))
        ],
        dtype=np.intp,
    )


def _series_of(posterior: xr.Dataset, chosen: Selected) -> NDArray[np.intp]:
    """Positions of the series that an estimate is the sum of."""
    names = {" | ".join(filter(None, (chosen.population, part))) for part in bases_of(chosen)}
    return np.flatnonzero([str(label) in names for label in posterior["series"].values])


def _covariance(one: Array, other: Array) -> float:
    return float(np.mean((one - one.mean()) * (other - other.mean())))


def _flat(draws: xr.DataArray) -> Array:
    """Draws with one leading axis."""
    ordered = draws.transpose("chain", "draw", ...).to_numpy()
    return np.asarray(ordered.reshape(-1, *ordered.shape[2:]))
