"""Fields of a claim brought into one form, whatever form they were given in."""

from __future__ import annotations

import datetime as dt
import numbers
from operator import attrgetter
from typing import Any, Final

from reconcile._claim_words import LAST_REPORT, TEXTS

__all__ = ["normalise"]

_DAYS: Final = ("date", "since", "said")
_NUMBERS: Final = ("value", "low", "high", "coverage")
# A million claims pass here: one call for many fields takes a fraction of as many calls.
_texts, _days, _numbers = (attrgetter(*names) for names in (TEXTS, _DAYS, _NUMBERS))


def normalise(claim: Any) -> None:
    """Strip texts, take ISO text for days and any real number for floats; leave the rest."""
    for name, text in zip(TEXTS, _texts(claim), strict=True):
        if isinstance(text, str):
            object.__setattr__(claim, name, text.strip())
    for name, day in zip(_DAYS, _days(claim), strict=True):
        if not isinstance(day, str):
            continue
        if name == "since" and day.strip().lower() == LAST_REPORT:
            object.__setattr__(claim, name, LAST_REPORT)
            continue
        try:
            object.__setattr__(claim, name, dt.date.fromisoformat(day))
        except ValueError:
            continue
    for name, number in zip(_NUMBERS, _numbers(claim), strict=True):
        if number is None or type(number) is float:
            continue
        if isinstance(number, numbers.Real) and not isinstance(number, bool):
            object.__setattr__(claim, name, float(number))
