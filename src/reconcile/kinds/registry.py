"""The registry of kinds, in the order in which documentation and messages list them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from reconcile.kinds.about import ABOUT
from reconcile.kinds.at_least import AT_LEAST
from reconcile.kinds.at_most import AT_MOST
from reconcile.kinds.between import BETWEEN
from reconcile.kinds.confirmed import CONFIRMED
from reconcile.kinds.interval import INTERVAL
from reconcile.kinds.point import POINT
from reconcile.kinds.ratio import RATIO
from reconcile.kinds.truth import TRUTH
from reconcile.kinds.vague import VAGUE

__all__ = ["KINDS"]

_ALL: Final = (
    POINT,
    ABOUT,
    AT_LEAST,
    AT_MOST,
    BETWEEN,
    INTERVAL,
    CONFIRMED,
    VAGUE,
    RATIO,
    TRUTH,
)
KINDS: Final = MappingProxyType({kind.name: kind for kind in _ALL})
