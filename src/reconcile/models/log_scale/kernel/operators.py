"""Products with sparse matrices of one row per claim, and with their transposes."""

from __future__ import annotations

from typing import Any

from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["add_transpose", "row_product"]


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
