"""From what was said to an interval: the entry of every kind of claim in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

import numpy as np

from reconcile.claims import Claim
from reconcile.kinds.numbers import is_round
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.registry import KINDS

__all__ = [
    "STATED",
    "Measure",
    "Reading",
    "Readings",
    "coarse_numbers",
    "reading_of",
    "readings_of",
]

# Kinds whose stated width widens the scale, each with its own learnt overconfidence.
STATED: Final = ("between", "interval", "measured")


def reading_of(claim: Claim, measure: Measure | None = None) -> Reading:
    """Reading that a claim stands for.

    Parameters
    ----------
    claim : Claim
        Of any kind.
    measure : Measure, optional
        What its numbers are counted in; single things that are no counts if not given.

    Returns
    -------
    Reading

    Examples
    --------
    >>> import reconcile as rc
    >>> from reconcile.readings import reading_of
    >>> reading_of(rc.Claim.at_least(1, figure="killed", source="A")).up_log
    inf
    """
    return KINDS[claim.kind].reading(claim, measure or Measure())


def readings_of(claims: Iterable[Claim], measures: Sequence[Measure]) -> list[Reading]:
    """Readings that claims stand for; those that state the same number share one.

    Parameters
    ----------
    claims : iterable of Claim
        Of any kind.
    measures : sequence of Measure
        What the numbers of each are counted in.

    Returns
    -------
    list of Reading
    """
    known: dict[tuple[object, ...], Reading] = {}
    found = []
    for claim, measure in zip(claims, measures, strict=True):
        # A measure is taken for the same only if it is one object: the list keeps all of them.
        key = id(measure), *_stated(claim)
        reading = known.get(key)
        if reading is None:
            reading = known[key] = reading_of(claim, measure)
        found.append(reading)
    return found


def coarse_numbers(claims: Iterable[Claim], measures: Sequence[Measure]) -> np.ndarray:
    """Which claims are round numbers.

    Parameters
    ----------
    claims : iterable of Claim
        Of any kind.
    measures : sequence of Measure
        What the numbers of each are counted in.

    Returns
    -------
    ndarray of shape (claim,)
        1 for one significant digit and ten or more, else 0.
    """
    known: dict[tuple[float | None, float], float] = {}
    found = np.zeros(len(measures))
    for k, (claim, measure) in enumerate(zip(claims, measures, strict=True)):
        if claim.kind in _ROUNDED:
            key = claim.value, measure.unit_size
            if key not in known:
                known[key] = float(is_round(*key))
            found[k] = known[key]
    return found


# Kinds whose number may have been rounded.
_ROUNDED: Final = ("point", "about")
# All that a kind looks at, and whom it would be about does not matter to it.
_stated: Final = attrgetter("kind", "value", "low", "high", "coverage", "words", "scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Readings of many claims as arrays of shape ``(claim,)``, by the names of :class:`Reading`."""

    centre_log: np.ndarray
    down_log: np.ndarray
    up_log: np.ndarray
    width_log: np.ndarray
    tilt_log: np.ndarray
    spread_log: np.ndarray
    sampling_log: np.ndarray
    is_bound: np.ndarray
    is_certain: np.ndarray
    is_truth: np.ndarray
    is_register: np.ndarray
    is_linear: np.ndarray
    linear_centre: np.ndarray
    unit_log: np.ndarray
    bias_share: np.ndarray
    noise_share: np.ndarray
    common_share: np.ndarray

    @classmethod
    def stack(cls, readings: list[Reading]) -> Readings:
        """Readings one by one, put into arrays."""
        # Claims that state the same number share a reading.
        distinct = list({id(reading): reading for reading in readings}.values())
        place = {id(reading): k for k, reading in enumerate(distinct)}
        of = np.fromiter(map(place.__getitem__, map(id, readings)), np.intp, len(readings))
        names = [field.name for field in fields(Reading)]
        return cls(**{name: np.array(list(map(attrgetter(name), distinct)))[of] for name in names})

    @property
    def said(self) -> np.ndarray:
        """What was said, each on the scale of its own error."""
        found: np.ndarray = np.where(self.is_linear, self.linear_centre, self.centre_log)
        return found

    @property
    def is_one_sided(self) -> np.ndarray:
        """Whether each is a bound with one end, or none."""
        ends = np.isinf(self.down_log) | np.isinf(self.up_log)
        return np.asarray(self.is_bound.astype(bool) & ends)

    @property
    def is_upper(self) -> np.ndarray:
        """Whether each is a bound from above alone, however it was put."""
        below, above = np.isinf(self.down_log), np.isfinite(self.up_log)
        return np.asarray(self.is_bound.astype(bool) & below & above)

    @property
    def relative_width(self) -> np.ndarray:
        """Stated width of each claim on the log scale; of an error on the natural scale about."""
        by = np.where(self.is_linear, np.exp(self.unit_log - self.centre_log), 1.0)
        found: np.ndarray = self.width_log * by
        return found

    @property
    def tells_level(self) -> np.ndarray:
        """Whether a claim gives a number for the size of a figure, as its source sees it."""
        found: np.ndarray = ~(self.is_bound | self.is_truth).astype(bool) & (self.bias_share > 0)
        return found
