"""What verbal quantities mean: a versioned table of words and the intervals they stand for."""

from __future__ import annotations

import math
from types import MappingProxyType

__all__ = ["LEXICON", "LEXICON_VERSION", "interval_of_words"]

LEXICON_VERSION = "1"

# Natural scale, [low, high). Number words mean what a dictionary says: from two of the unit to
# the next unit. Words of weight ("heavy", "significant") name no number; all they exclude is a
# handful, so they are bounds from below.
LEXICON = MappingProxyType(
    {
        "none": (0.0, 0.5),
        "a handful": (2.0, 10.0),
        "a few": (2.0, 10.0),
        "several": (3.0, 20.0),
        "dozens": (24.0, 100.0),
        "scores": (40.0, 200.0),
        "hundreds": (200.0, 1_000.0),
        "thousands": (2_000.0, 10_000.0),
        "tens of thousands": (20_000.0, 100_000.0),
        "hundreds of thousands": (200_000.0, 1_000_000.0),
        "millions": (2_000_000.0, 10_000_000.0),
        "some": (1.0, math.inf),
        "many": (10.0, math.inf),
        "significant": (10.0, math.inf),
        "heavy": (10.0, math.inf),
        "serious": (10.0, math.inf),
        "massive": (10.0, math.inf),
    }
)


def interval_of_words(words: str) -> tuple[float, float]:
    """Interval that a verbal quantity stands for.

    Parameters
    ----------
    words : str
        ``"dozens"``, ``"tens of thousands"``, ``"significant"``; case does not matter.

    Returns
    -------
    low, high : float
        Natural scale; ``high`` may be infinite.

    Raises
    ------
    KeyError
        If the words are not in the lexicon.

    Examples
    --------
    >>> from reconcile.lexicon import interval_of_words
    >>> interval_of_words("Dozens")
    (24.0, 100.0)
    """
    return LEXICON[" ".join(words.lower().split())]
