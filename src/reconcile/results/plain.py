"""An estimate in one line for print."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile.claims.figure import parse_sum
from reconcile.claims.percent import PERCENT
from reconcile.results.selection import Selected
from reconcile.results.wording import day

__all__ = ["plain_sentence"]

# What is done to people and things, not "need" or "speed", and what is counted before it.
_PARTICIPLE: Final = re.compile(
    r"(?:(?P<thing>.*s|people|children|men|women) )?"
    r"(?P<done>\w*[^\We]ed|hurt|lost|shot|sunk|stolen|laid off|made homeless)",
    re.IGNORECASE,
)
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
    sign = f" {chosen.thing}" if chosen.thing in PERCENT else ""
    amount = f"between {low} and {high}{sign}" if low != high else f"about {low}{sign}"
    text = _statement(chosen, amount, is_range=low != high) + _when(tree, chosen)
    several = {str(name) for name in tree["posterior"].coords["quantity_population"].values}
    text = f"{chosen.population}: {text}" if len(several) > 1 and chosen.population else text
    text = text[:1].upper() + text[1:]
    if not determined:
        return f"{text}; the claims do not determine the figure."
    return f"{text}; the central estimate is {middle}{sign}." if low != high else f"{text}."


def _statement(chosen: Selected, amount: str, *, is_range: bool) -> str:
    """What was probably how much: "between 2 and 3 soldiers were probably killed"."""
    runs = bool(chosen.date) and not chosen.level and chosen.below is None
    thing = f" {chosen.thing}" if chosen.thing and chosen.thing not in PERCENT else ""
    parts = parse_sum(chosen.figure) if chosen.below is None else ()
    done = [_PARTICIPLE.fullmatch(part) for part in parts]
    counted = {match["thing"] for match in done if match}
    if parts and all(done) and len(counted) == 1:
        (own,) = counted
        verb = "had probably been" if runs else "were probably"
        what = _any_of([match["done"] for match in done if match])
        return f"{amount}{f' {own}' if own else thing} {verb} {what}"
    reached = "had probably reached" if runs else "probably lay" if is_range else "was probably"
    if parts and all(part.lower() in _ADJECTIVES or _PARTICIPLE.fullmatch(part) for part in parts):
        return f"the number of{thing or ' those'} {_any_of(parts)} {reached} {amount}"
    return f"{_noun(chosen)} {reached} {amount}{thing}"


def _any_of(parts: Sequence[str]) -> str:
    """Words joined by commas and "or"."""
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
