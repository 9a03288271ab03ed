"""A verbal quantity, read through the lexicon."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconcile._text import one_of
from reconcile.errors import Problem
from reconcile.kinds.kind import ClaimLike, Display, Kind, ProblemMaker, SimulatedReading
from reconcile.kinds.lexicon import LEXICON, interval_of_words
from reconcile.kinds.numbers import bounded
from reconcile.kinds.reading import Measure, Reading

__all__ = ["VAGUE"]

# The words that a simulated vague claim uses.
_LADDER: Final = (
    "a handful",
    "dozens",
    "hundreds",
    "thousands",
    "tens of thousands",
    "hundreds of thousands",
    "millions",
)


def _reading(claim: ClaimLike, measure: Measure) -> Reading:
    low, high = interval_of_words(claim.words)
    return bounded(low / measure.unit_size, high / measure.unit_size, measure)


def _check(claim: ClaimLike, problem: ProblemMaker) -> Iterator[Problem]:
    try:
        interval_of_words(claim.words)
    except KeyError:
        wrong = "not in the lexicon" if claim.words else "a claim of kind vague needs words"
        yield problem("words", wrong, one_of(LEXICON, claim.words))


def _simulate(claim: ClaimLike, simulated: SimulatedReading) -> Mapping[str, Any]:
    """The nearest word: the intervals of the words leave gaps."""
    single = simulated.number * simulated.measure.unit_size

    def distance(word: str) -> float:
        low, high = LEXICON[word]
        return max(math.log(low / single), math.log(single / high), 0.0)

    return {"words": min(_LADDER, key=distance)}


def _display(claim: ClaimLike) -> Display:
    low, high = interval_of_words(claim.words)
    return Display(low=low, high=high, best=math.nan, text=f"“{claim.words}”")


VAGUE = Kind(
    name="vague",
    meaning="words instead of a number",
    reading=_reading,
    simulate=_simulate,
    display=_display,
    glyph="words",
    needs=("words",),
    check=_check,
)
