"""Products with sparse matrices of one row per claim, and their transposes; sums of logs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["add_transpose", "row_product", "sum_log"]


@jit
def row_product(begin: Any, column: Any, value: Any, x: Any, i: int) -> float:
    """Row ``i`` of the matrix times ``x``."""
    total = 0.0
    for k in range(begin[i], begin[i + 1]):
        total += value[k] * x[column[k]]
    return float(total)


@jit
def add_transpose(begin: Any, column: Any, value: Any, y: float, i: int, out: Any) -> None:
    """Add ``y`` times row ``i`` of the matrix to ``out``."""
    for k in range(begin[i], begin[i + 1]):
        out[column[k]] += value[k] * y


@jit
def sum_log(log: Any, index: Any, begin: int, end: int) -> float:
    """Log of the sum of the exponentials of some entries."""
    most = -np.inf
    for k in range(begin, end):
        most = max(most, log[index[k]])
    total = 0.0
    for k in range(begin, end):
        total += math.exp(log[index[k]] - most)
    return float(most + math.log(total))
