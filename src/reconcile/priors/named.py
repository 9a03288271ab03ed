"""What is known of sources by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.percent import is_percentage
from reconcile.priors.constants import SourcePrior

__all__ = ["NamedErrors", "named_errors", "same_unit"]

type Array = NDArray[np.float64]
_NOTHING = SourcePrior(scale="log")


class NamedErrors(NamedTuple):
    """Arrays of shape (voice,), as in ``SourcePrior``; ``named`` is 1 where there is an entry."""

    bias: Array
    bias_sd: Array
    noise: Array
    named: Array


def named_errors(
    sources: Mapping[str, SourcePrior],
    names: Sequence[str],
    scales: Sequence[str],
    units: Sequence[str],
) -> NamedErrors:
    """What is known of each voice on the scale of its figure; without an entry, as of its role."""
    found = [
        prior
        if (prior := sources.get(name)) and prior.scale == scale and same_unit(prior, unit)
        else _NOTHING
        for name, scale, unit in zip(names, scales, units, strict=True)
    ]
    rows = [(p.bias, p.bias_sd, p.noise, float(p is not _NOTHING)) for p in found]
    return NamedErrors(*np.array(rows, dtype=float).reshape(-1, 4).T)


def same_unit(prior: SourcePrior, unit: str) -> bool:
    """Whether errors in the unit of a prior are errors in this one: all percentages are alike."""
    both = is_percentage(prior.unit) and is_percentage(unit)
    return prior.scale != "linear" or prior.unit == unit or both
