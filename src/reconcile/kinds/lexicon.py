"""The lexicon: a versioned table of verbal quantities and the intervals they stand for."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from reconcile._text import tidy

__all__ = ["ENTRIES", "LEXICON", "LEXICON_VERSION", "Entry", "interval_of_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the lexicon.

    Parameters
    ----------
    words : str
        The verbal quantity, in lower case.
    low, high : float
        Interval ``[low, high)``, natural scale; ``high`` may be infinite.
    sort : str
        ``number`` for words that name a number, however loosely ("dozens"); ``weight`` for mere
        adjectives ("heavy"), which are ignored beside a number.
    source : str
        Basis of the interval: a study, arithmetic, or a judgement with its reason.
    """

    words: str
    low: float
    high: float
    sort: str
    source: str


def _read() -> tuple[str, tuple[Entry, ...]]:
    text = (files("reconcile") / "data" / "lexicon.json").read_text(encoding="utf-8")
    table = json.loads(text)
    return table["version"], tuple(
        Entry(
            words=row["words"],
            low=float(row["low"]),
            high=math.inf if row["high"] is None else float(row["high"]),
            sort=row["sort"],
            source=table["sources"][row["source"]],
        )
        for row in table["words"]
    )


LEXICON_VERSION, ENTRIES = _read()
# Natural scale, [low, high).
LEXICON: Final = MappingProxyType({entry.words: (entry.low, entry.high) for entry in ENTRIES})


def interval_of_words(words: str) -> tuple[float, float]:
    """Interval of a verbal quantity, natural scale; KeyError if it is not in the lexicon."""
    return LEXICON[tidy(words).lower()]
