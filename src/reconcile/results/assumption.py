"""How much of the width of an interval rests on assumption."""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.claims.composition import memoised_parts
from reconcile.claims.figure import parse_ratio, parse_sum
from reconcile.results.selection import Selected, bases_of, draws_of, figures_of

__all__ = ["assumed_share", "remaining_share"]

type Array = NDArray[np.float64]
# Width of the strip inside a hard limit in which draws are counted, in standard deviations.
_STRIP: Final = 0.2
# Squared correlation, over the chance one, below which a variable does not bear on a figure.
_CHANCE: Final = 20
_ENDS: Final = (0.05, 0.95)
_QUARTILES: Final = (0.25, 0.75)
# Distance between the quartiles of a standard normal distribution.
_NORMAL_HALF: Final = 1.349
# Of a logistic distribution of scale 1.
_VARIANCE: Final = np.pi**2 / 3


def assumed_share(tree: xr.DataTree, chosen: Selected) -> float | None:
    """Per cent by which the width shrinks if all that is assumed shrinks by one; None on record.

    Assumed are the sizes of errors, the spread of the figure's prior and hard limits; a size counts
    less the more claims tell of it. For normal distributions it is the elasticity of the posterior
    width to the widths of the priors.
    """
    posterior, prior = (tree[group].to_dataset() for group in ("posterior", "prior"))
    if "reliability" in posterior:
        return None
    value = np.asarray(chosen.scale.to(draws_of(tree, chosen).values.ravel()))
    if not np.ptp(value):
        return 0.0
    held = remaining_share(tree, chosen) ** 2 + _at_limits(tree, chosen, value)
    held = min(held + _of_registers(posterior, value), 1.0)
    if "deviation" in posterior:
        return held + (1 - held) * _of_deviations(posterior, prior, chosen, value)
    return held + (1 - held) * _of_errors(tree, chosen, value, 1 - held)


def remaining_share(tree: xr.DataTree, chosen: Selected) -> float:
    """Width of the posterior over that of the prior of an estimate, on the scale of its errors.

    By 90 % intervals: errors have tails too heavy for standard deviations.
    """
    after, before = (
        np.ptp(np.quantile(chosen.scale.to(draws_of(tree, chosen, group=group).values), _ENDS))
        for group in ("posterior", "prior")
    )
    return float(after / before)


def _of_errors(tree: xr.DataTree, chosen: Selected, value: Array, rest: float) -> float:
    """Share on the log scale of what is no prior of the figure, ``rest`` of its variance."""
    posterior, data = tree["posterior"].to_dataset(), tree["constant_data"].to_dataset()
    above, *below = (_series_of(posterior, side) for side in (chosen, chosen.below) if side)
    weight = np.exp(_flat(posterior["total_log"]))
    errors = _flat(posterior["common_bias_log"])
    common = np.average(errors[:, above], axis=1, weights=weight[:, above])
    for mine in below:
        common = common - np.average(errors[:, mine], axis=1, weights=weight[:, mine])
    groups = data["common_group"].values[above]
    # Of the log difficulty, by which all errors grow, claims leave this much of its variance.
    # By the quartiles: where all claims may be slips, a second mode lies far off.
    quartiles = np.quantile(_flat(posterior["difficulty_z"].isel(group=groups)), _QUARTILES, axis=0)
    unknown = ((quartiles[1] - quartiles[0]) / _NORMAL_HALF) ** 2
    left = min(float(np.average(unknown, weights=np.median(weight[:, above], axis=0))), 1.0)
    off = value - np.median(value)
    of_common = -float(np.mean(np.sign(off) * (common - common.mean())) / np.abs(off).mean())
    of_common = min(max(of_common / rest, 0.0), 1.0) if rest else 0.0
    power = float(data["common_power"].values[0])
    of_sources = (1 - of_common) * (1 - _stated_share(tree, chosen))
    return of_common * max(1 - power * (1 - left), 0.0) + of_sources * left


def _of_registers(posterior: xr.Dataset, value: Array) -> float:
    """Share of how complete counts are: covariances with what prior variables of variance 1 do."""
    share = 0.0
    for name in ("register_z", "register_slope_z", "register_never_z"):
        for z in _flat(posterior[name]).T if name in posterior else ():
            square = np.cov(z, value)[0, 1] ** 2 / value.var()
            # Beyond what chance alone makes of draws.
            share += square if square > _CHANCE / len(value) else 0.0
    return float(share)


def _stated_share(tree: xr.DataTree, chosen: Selected) -> float:
    """Share of stated widths in the errors of the claims on a figure, by their precision."""
    posterior, data = tree["posterior"].to_dataset(), tree["constant_data"].to_dataset()
    if "width_log" not in data:
        return 0.0
    bias = np.zeros(data.sizes["claim"])
    if "error_row" in data:
        of_claim = data["error_row"].values
        loading = data["error_value"].values if "error_value" in data else np.ones(len(of_claim))
        bias = np.bincount(of_claim, loading**2, len(bias))
    noise = np.exp(2 * _flat(posterior["noise_log"]).mean(axis=0))[data["role_of"].values]
    hard = np.exp(
        2 * _flat(posterior["difficulty_z"]).mean(axis=0) * data["difficulty_sd_log"].values
    )
    own = hard[data["difficulty_of"].values] * (
        bias + _VARIANCE * data["noise_factor"].values * noise
    )
    stated = _VARIANCE * data["width_log"].values ** 2
    mine = _that_bear_on(tree, chosen)
    own, stated = own[mine], stated[mine]
    total = np.maximum(own + stated, np.finfo(float).tiny)
    return float(np.average(stated / total, weights=1 / total))


def _of_deviations(
    posterior: xr.Dataset, prior: xr.Dataset, chosen: Selected, value: Array
) -> float:
    """Share on the natural scale of what sources have in common, of which only the prior tells.

    And of how far each is off beside that, as far as its size is open.
    """
    mine = np.ones(posterior.sizes["voice"], dtype=bool)
    for name, wanted in (("population", chosen.population), ("figure", chosen.figure)):
        mine &= posterior.coords[f"voice_{name}"].values == wanted
    apparent = _flat(posterior["apparent"].isel(quantity=chosen.position))
    common = np.clip(np.cov(value - apparent, value)[0, 1] / value.var(ddof=1), 0, 1)
    off = _flat(posterior["theta"].isel(voice=np.flatnonzero(mine))) - apparent[:, None]
    known = np.column_stack([np.ones(len(value)), off])
    fitted, *_ = np.linalg.lstsq(known, apparent, rcond=None)
    rest = apparent - known @ fitted
    explained = 1 - (rest @ rest / (len(value) - known.shape[1])) / apparent.var(ddof=1)
    spreads = [
        np.log(_flat(group["tau"].isel(quantity=chosen.position))) for group in (posterior, prior)
    ]
    after, before = (np.ptp(np.quantile(spread, _QUARTILES)) for spread in spreads)
    own = np.clip(explained, 0, 1) * min(after / before, 1.0) ** 2
    return float(common + (1 - common) * own)


def _at_limits(tree: xr.DataTree, chosen: Selected, value: Array) -> float:
    """Share of hard limits: 1 for even draws between two of them, 0 where none is near."""
    middle = np.median(value)
    strip = _STRIP * value.std()
    lower, upper = (
        np.asarray(chosen.scale.to(np.array(ends))) - middle for ends in _limits(tree, chosen)
    )
    near = [np.mean(value - middle < end + strip) * max(-end, 0.0) for end in lower]
    near += [np.mean(value - middle > end - strip) * max(end, 0.0) for end in upper]
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
    """Positions of the series that an estimate, or the numerator of a ratio, is the sum of."""
    parts = parse_sum(parse_ratio(chosen.parts)[0])
    wanted = [" | ".join(filter(None, (chosen.population, part))) for part in parts]
    return np.flatnonzero(np.isin(posterior["series"].values.astype(str), wanted))


def _flat(draws: xr.DataArray) -> Array:
    """Draws with one leading axis."""
    ordered = draws.transpose("chain", "draw", ...).to_numpy()
    return np.asarray(ordered.reshape(-1, *ordered.shape[2:]))
