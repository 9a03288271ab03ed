"""Fields of a claim brought into one form, whatever form they were given in."""

from __future__ import annotations

import datetime as dt
import numbers
from typing import Any

from reconcile._claim_words import LAST_REPORT, TEXTS

__all__ = ["normalise"]


def normalise(claim: Any) -> None:
    """Strip texts, take ISO text for days and any real number for floats; leave the rest."""
    for name in TEXTS:
        text = getattr(claim, name)
        if isinstance(text, str):
            object.__setattr__(claim, name, text.strip())
    for name in ("date", "since", "said"):
        day = getattr(claim, name)
        if name == "since" and isinstance(day, str) and day.strip().lower() == LAST_REPORT:
            object.__setattr__(claim, name, LAST_REPORT)
        elif isinstance(day, str):
            try:
                object.__setattr__(claim, name, dt.date.fromisoformat(day))
            except ValueError:
                continue
    for name in ("value", "low", "high", "coverage"):
        number = getattr(claim, name)
        if isinstance(number, numbers.Real) and not isinstance(number, bool):
            object.__setattr__(claim, name, float(number))
