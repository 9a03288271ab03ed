"""An estimate in one line for print."""

from __future__ import annotations

import json
import re
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.claims.figure import parse_sum
from reconcile.results.selection import Selected
from reconcile.results.wording import day

__all__ = ["plain_sentence"]

# What is done to people and things: killed, injured; not "need" or "speed".
_PARTICIPLE: Final = re.compile(r"\w*[^\We]ed|(?:hurt|lost|shot|laid off|made homeless)\b", re.I)
_ADJECTIVES: Final = ("dead", "missing", "homeless", "ill", "sick", "unaccounted for")


def plain_sentence(
    tree: xr.DataTree,
    chosen: Selected,
    estimate: NDArray[np.float64],
    *,
    determined: bool,
) -> str:
    """Interval and median in one line; ``estimate`` holds the median and both ends."""
    middle, low, high = chosen.scale.estimate(*(estimate * chosen.unit_size).tolist())
    thing = "" if chosen.thing in ("%", "percent", "per cent") else f" {chosen.thing}".rstrip()
    sign = f" {chosen.thing}" if chosen.thing and not thing else ""
    amount = f"between {low} and {high}{sign}" if low != high else f"about {low}{sign}"
    when = _when(tree, chosen)
    runs = bool(chosen.date) and not chosen.level
    parts = parse_sum(chosen.figure) if chosen.below is None else ()
    doing = [bool(_PARTICIPLE.fullmatch(part)) for part in parts]
    if parts and all(doing):
        verb = "had probably been" if runs else "were probably"
        text = f"{amount}{thing} {verb} {_any_of(parts)}{when}"
    elif parts and all(d or p.lower() in _ADJECTIVES for d, p in zip(doing, parts, strict=True)):
        verb = "had probably reached" if runs else "was probably"
        text = f"the number of{thing or ' those'} {_any_of(parts)} {verb} {amount}{when}"
    else:
        verb = "had probably reached" if runs else "probably lay" if low != high else "was probably"
        text = f"{_noun(chosen)} {verb} {amount}{thing}{when}"
    several = {str(name) for name in tree["posterior"].coords["quantity_population"].values}
    text = f"{chosen.population}: {text}" if len(several) > 1 and chosen.population else text
    text = text[:1].upper() + text[1:]
    if not determined:
        return f"{text}; the claims do not determine the figure."
    return f"{text}; the central estimate is {middle}{sign}." if low != high else f"{text}."


def _any_of(parts: tuple[str, ...]) -> str:
    *others, last = parts
    return f"{', '.join(others)} or {last}" if others else last


def _noun(chosen: Selected) -> str:
    """A figure, sum or ratio as the subject of a sentence."""
    if chosen.below is None:
        return " and ".join(parse_sum(chosen.figure))
    above, below = (" and ".join(parse_sum(side)) for side in chosen.figure.split(" / "))
    return f"the ratio of {above} to {below}"


def _when(tree: xr.DataTree, chosen: Selected) -> str:
    """The day of an estimate; its year only where the case spans several."""
    if chosen.date is None:
        return ""
    case = json.loads(tree.attrs["case"])
    dates = [case["start"], case["end"], *tree["claims"].to_dataset()["date"].values.astype(str)]
    years = {date[:4] for date in dates if date} | {f"{chosen.date:%Y}"}
    on = "on" if chosen.level else "by"
    return f" {on} {day(chosen.date, year=len(years) > 1)}"
