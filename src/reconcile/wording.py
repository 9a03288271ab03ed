"""Numbers, dates and intervals in words, for sentences and captions."""

from __future__ import annotations

import datetime as dt
import math

import xarray as xr

__all__ = ["caption", "day", "interval_name", "number", "rounded"]

_KINDS = {"eti": "equal-tailed", "hdi": "highest-density"}


def rounded(value: float, *, digits: int = 2, towards: str = "nearest") -> float:
    """Round to significant digits: to the nearest, or outwards ("down", "up").

    Examples
    --------
    >>> from reconcile.wording import rounded
    >>> rounded(8761), rounded(2961, towards="down"), rounded(27049, towards="up")
    (8800.0, 2900.0, 28000.0)
    """
    if value == 0 or not math.isfinite(value):
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
    steps = value / unit
    turned = {"nearest": round(steps), "down": math.floor(steps), "up": math.ceil(steps)}
    return turned[towards] * unit


def number(value: float) -> str:
    """A number with a comma at the thousands; decimals only for small ones."""
    if abs(value) >= 10 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.2g}"


def day(date: dt.date) -> str:
    """A day in words: 23 March 2022."""
    return f"{date.day} {date:%B %Y}"


def interval_name(ci_kind: str, ci_prob: float) -> str:
    """Kind and mass of an interval in words."""
    return f"{100 * ci_prob:g} % {_KINDS[ci_kind]} credible interval"


def caption(tree: xr.DataTree, *, ci_kind: str = "", ci_prob: float = 0.0) -> str:
    """What every picture carries: interval kind and mass, version, seed, convergence."""
    lines = [] if tree.attrs.get("converged", 0) else ["NOT CONVERGED, do not use"]
    if ci_kind:
        lines.append(f"median and {interval_name(ci_kind, ci_prob)}")
    lines.append(f"reconcile {tree.attrs['reconcile_version']}, seed {tree.attrs['random_seed']}")
    return "\n".join(lines)
