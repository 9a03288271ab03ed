"""The scale on which the errors of a fit add up, and how results on it are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.results.wording import (
    difference_in_words,
    estimate_in_words,
    even_estimate_in_words,
    factor_in_words,
)

__all__ = ["LINEAR", "LOG", "SCALES", "Scale"]

type Array = NDArray[np.float64] | np.float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The scale on which errors of a fit add up.

    Parameters
    ----------
    name : str
        ``log`` or ``linear``, as figures hold it.
    suffix : str
        Of the names of variables on it.
    errors : tuple of str
        Variables with the errors of sources, own and common.
    contrast : str
        Name of a distance on it: a factor or a difference.
    note : str
        Remark beside a number on it.
    to, back : callable
        From the natural scale, and back.
    estimate : callable
        Median and ends of an interval in words.
    disagreement : callable
        Disagreement in words; ``(contrast, dated, unit)``.
    """

    name: str
    suffix: str
    errors: tuple[str, ...]
    contrast: str
    note: str
    to: Callable[[Array], Array]
    back: Callable[[Array], Array]
    estimate: Callable[[float, float, float], tuple[str, str, str]]
    disagreement: Callable[[float, bool, str], str]

    def holds(self, numbers: Array) -> NDArray[np.bool_]:
        """Which numbers can be put on it."""
        finite = np.isfinite(numbers)
        return finite if self.name == "linear" else finite & (numbers > 0)


def _logs(x: Array) -> Array:
    return np.asarray(np.log(x))


def _exps(x: Array) -> Array:
    return np.asarray(np.exp(x))


LOG: Final = Scale(
    name="log",
    suffix="_log",
    errors=("bias_log", "common_bias_log"),
    contrast="factor",
    note=" (log scale)",
    to=_logs,
    back=_exps,
    estimate=estimate_in_words,
    disagreement=factor_in_words,
)
LINEAR: Final = Scale(
    name="linear",
    suffix="",
    errors=("deviation",),
    contrast="difference",
    note="",
    to=np.asarray,
    back=np.asarray,
    estimate=even_estimate_in_words,
    disagreement=difference_in_words,
)
SCALES: Final = MappingProxyType({scale.name: scale for scale in (LOG, LINEAR)})
