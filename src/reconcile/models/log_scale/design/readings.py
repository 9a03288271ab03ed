"""Readings: intervals on the log scale from claims of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim import Claim
from reconcile.claims.columns import Coded, Columns, group_by
from reconcile.kinds.numbers import EDGE_LOG, EDGE_SHARE, is_round
from reconcile.kinds.reading import Measure, Reading
from reconcile.kinds.registry import KINDS

__all__ = ["Readings", "coarse_numbers", "reading_of", "readings_of"]


def reading_of(claim: Claim, measure: Measure | None = None) -> Reading:
    """Reading of a claim, its numbers counted in ``measure`` (by default units, not counts)."""
    return KINDS[claim.kind].reading(claim, measure or Measure())


def readings_of(columns: Columns, measures: Coded[Measure]) -> Readings:
    """Readings of claims, computed once for each distinct statement."""
    groups = group_by([measures, *(columns[name] for name in _STATED)])
    distinct = [
        reading_of(columns.claims[k], measures.cells[measures.codes[k]])
        for k in groups.first.tolist()
    ]
    return Readings.stack(distinct, groups.codes)


def coarse_numbers(columns: Columns, measures: Coded[Measure]) -> np.ndarray:
    """1 for claims with one significant digit of ten or more, else 0."""
    groups = group_by([measures, columns["kind"], columns["value"]])
    examples = (
        (columns.claims[k], measures.cells[measures.codes[k]]) for k in groups.first.tolist()
    )
    rounded = [
        claim.kind in _ROUNDED and is_round(claim.value, measure.unit_size)
        for claim, measure in examples
    ]
    return np.array(rounded, dtype=float)[groups.codes]


# Kinds whose number may have been rounded.
_ROUNDED: Final = ("point", "about")
# Columns that determine the reading of a claim.
_STATED: Final = ("kind", "value", "low", "high", "coverage", "words", "scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Readings of many claims as arrays of shape ``(claim,)``, named as in :class:`Reading`."""

    centre_log: np.ndarray
    down_log: np.ndarray
    up_log: np.ndarray
    width_log: np.ndarray
    tilt_log: np.ndarray
    spread_log: np.ndarray
    counting_log: np.ndarray
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
    def stack(cls, readings: Sequence[Reading], of: NDArray[np.intp] | None = None) -> Readings:
        """Readings as arrays, optionally indexed by ``of``."""
        columns = {
            name: np.array(list(map(attrgetter(name), readings)))
            for name in (field.name for field in fields(Reading))
        }
        if of is not None:
            columns = {name: column[of] for name, column in columns.items()}
        return cls(**columns)

    def even_on_log_scale(self, where: NDArray[np.bool_], width_log: np.ndarray) -> Readings:
        """A copy in which some readings are as wide to either side on the log scale."""
        edge = np.minimum(EDGE_LOG, EDGE_SHARE * width_log)
        exchanged = {"down_log": edge, "up_log": edge, "width_log": width_log}
        exchanged |= dict.fromkeys(("tilt_log", "linear_centre", "unit_log"), np.zeros(len(where)))
        columns = {
            name: np.where(where, new, getattr(self, name)) for name, new in exchanged.items()
        }
        return replace(self, **columns, is_linear=self.is_linear & ~where)

    @property
    def said(self) -> np.ndarray:
        """Stated number, on the scale of the claim's own error."""
        return np.where(self.is_linear, self.linear_centre, self.centre_log)

    @property
    def is_one_sided(self) -> np.ndarray:
        """Whether each claim is a bound with at most one finite end."""
        ends = np.isinf(self.down_log) | np.isinf(self.up_log)
        return np.asarray(self.is_bound.astype(bool) & ends)

    @property
    def is_upper(self) -> np.ndarray:
        """Whether each claim is an upper bound only, however phrased."""
        below, above = np.isinf(self.down_log), np.isfinite(self.up_log)
        return np.asarray(self.is_bound.astype(bool) & below & above)

    @property
    def relative_width(self) -> np.ndarray:
        """Stated width on the log scale; approximate for an error on the natural scale."""
        by = np.where(self.is_linear, np.exp(self.unit_log - self.centre_log), 1.0)
        return np.asarray(self.width_log * by)

    @property
    def tells_level(self) -> np.ndarray:
        """Whether a claim is a number, not a bound or truth, for the size of a figure."""
        return np.asarray(~(self.is_bound | self.is_truth).astype(bool) & (self.bias_share > 0))
