"""A quantity in words, as the lexicon reads it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconcile._text import one_of
from reconcile.errors import Problem
from reconcile.kinds.kind import Kind, Outcome, ProblemMaker, Shown, Stated
from reconcile.kinds.lexicon import LEXICON, interval_of_words
from reconcile.kinds.numbers import bounded
from reconcile.kinds.reading import Measure, Reading

__all__ = ["VAGUE"]

# Words of number, for a simulated vague claim.
_LADDER: Final = (
    "a handful",
    "dozens",
    "hundreds",
    "thousands",
    "tens of thousands",
    "hundreds of thousands",
    "millions",
)


def _reading(claim: Stated, measure: Measure) -> Reading:
    low, high = interval_of_words(claim.words)
    return bounded(low / measure.unit_size, high / measure.unit_size, measure)


def _check(claim: Stated, problem: ProblemMaker) -> Iterator[Problem]:
    try:
        interval_of_words(claim.words)
    except KeyError:
        wrong = "not in the lexicon" if claim.words else "a claim of kind vague needs words"
        yield problem("words", wrong, one_of(LEXICON, claim.words))


def _said(claim: Stated, outcome: Outcome) -> Mapping[str, Any]:
    """The word nearest to the reading: words leave gaps between them."""
    single = outcome.number * outcome.measure.unit_size

    def distance(word: str) -> float:
        low, high = LEXICON[word]
        return max(math.log(low / single), math.log(single / high), 0.0)

    return {"words": min(_LADDER, key=distance)}


def _shown(claim: Stated) -> Shown:
    low, high = interval_of_words(claim.words)
    return Shown(low=low, high=high, best=math.nan, text=f"“{claim.words}”")


VAGUE = Kind(
    name="vague",
    says="words and no number",
    reading=_reading,
    said=_said,
    shown=_shown,
    glyph="words",
    needs=("words",),
    check=_check,
)
