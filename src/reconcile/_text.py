"""Helpers for messages and labels."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["few_of", "one_of", "plain"]

_MOST_NAMES = 10


def few_of(names: Iterable[str]) -> str:
    """The first few names and the number of the remaining ones."""
    every = list(names)
    more = f" and {len(every) - _MOST_NAMES:,} more" if len(every) > _MOST_NAMES else ""
    return ", ".join(every[:_MOST_NAMES]) + more


def one_of(legal: Iterable[str], given: object = None) -> str:
    """The legal options as a list, with a suggestion if one is close to ``given``."""
    options = [str(option) for option in legal]
    close = difflib.get_close_matches(str(given).lower(), options, n=1) if given else []
    listed = ", ".join(options)
    return f"{listed} (did you mean {close[0]!r}?)" if close else listed


def plain(number: float) -> str:
    """A number without a trailing ``.0``."""
    whole = isinstance(number, float) and number.is_integer() and abs(number) < 2**53
    return str(int(number)) if whole else str(number)
