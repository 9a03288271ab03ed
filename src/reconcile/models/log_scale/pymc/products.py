"""Products with matrices, in PyTensor."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt

from reconcile.models.log_scale.pymc.likelihood import ModelData

__all__ = ["dense_product", "product_of"]


def dense_product(left: Any, right: Any) -> Any:
    """``left @ right.T`` for small matrices, elementwise.

    It saves the 20 s or more that numba takes to compile a matrix product for the first time.
    """
    return pt.sum(left[:, None, :] * right[None, :, :], axis=2)


def product_of(operator: str, x: Any, n: int, data: ModelData) -> Any:
    """A sparse matrix with ``n`` rows times a vector; 0 if it has no entries."""
    if f"{operator}_column" not in data:
        return pt.zeros(n)
    terms = x[data(f"{operator}_column")]
    if f"{operator}_value" in data:
        terms = terms * data(f"{operator}_value")
    return pt.zeros(n)[data(f"{operator}_row")].inc(terms)
