"""Room that gradients of large models use in turn, so that none has to ask the system for it.

To be given 84 MB anew for each gradient of a million claims took a quarter of its time: the system
clears every page. There is one desk for each processor; chains on several threads share them.
"""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from reconcile.models.log_scale.kernel.jit import jit

__all__ = ["LARGE", "desks_of", "leave_desk", "take_desk"]

# Numbers from which on a model has desks: below 4 MB memory that was given back is still at hand.
LARGE: Final = 500_000


def desks_of(size: int) -> dict[str, NDArray[Any]]:
    """Desks with room for so many numbers each, and which of them are taken; none for few."""
    n = (os.cpu_count() or 1) if size > LARGE else 0
    return {"desks": np.empty(n * size), "desk_taken": np.zeros(n, dtype=np.int64)}


@jit
def take_desk(taken: Any) -> int:
    """Number of a desk that was free and is taken now; -1 if there is none."""
    for k in range(taken.size):
        if _take(taken, k):
            return k
    return -1


@jit
def leave_desk(taken: Any, desk: int) -> None:
    """Give a desk back, if it is one."""
    if desk >= 0:
        _leave(taken, desk)


# Several threads look at the same flags: what each does to one must be a single step, and what it
# wrote at its desk be there before.
@intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def _take(typing: Any, taken: Any, desk: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        flag = _flag(context, builder, signature, arguments)
        free, used = cgutils.intp_t(0), cgutils.intp_t(1)
        swapped = builder.cmpxchg(flag, free, used, "acq_rel", "monotonic")
        return builder.extract_value(swapped, 1)

    return types.boolean(taken, desk), code


@intrinsic  # type: ignore[untyped-decorator]
def _leave(typing: Any, taken: Any, desk: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        flag = _flag(context, builder, signature, arguments)
        builder.store_atomic(cgutils.intp_t(0), flag, "release", 8)
        return context.get_dummy_value()

    return types.void(taken, desk), code


def _flag(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])
