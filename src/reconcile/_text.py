"""Helpers for messages and labels."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["few_of", "one_of", "plain", "tidy"]

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


# Characters without width, marks of direction among them. Joiners are letters of some scripts.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
    "|(?<![\u0590-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\U0010ffff])"
)


def tidy(text: str) -> str:
    """Text as it looks: NFC, single plain spaces, nothing invisible; itself if it is that."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    tidied = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())
    return text if tidied == text else tidied
