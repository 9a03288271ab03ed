"""A compiled log density that nutpie samples, with the data that it reads at pointers."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numba
import numpy as np
import nutpie
import pyarrow as pa
import xarray as xr
from numba import types
from nutpie.compile_pymc import CompiledPyMCModel
from nutpie.compiled_pyfunc import SeedType
from scipy.sparse import csr_array

from reconcile._parallel import in_blocks
from reconcile.inference.cholesky import CholeskyFactor, no_root
from reconcile.inference.mode import whitening
from reconcile.inference.sparse_hessian import sparse_whitening

__all__ = ["MANY", "CompiledDensity"]

type OfModel = Callable[[Mapping[str, np.ndarray], Mapping[str, np.ndarray]], dict[str, np.ndarray]]
_POINT: Final = "unconstrained"
# Chains start uniformly within this distance of the sampler's origin.
_JITTER: Final = 0.5
# Where the curvature at the mode is not known, a metric with a few directions of its own follows
# narrow ridges; to find them takes longer than all else where there are many variables.
_METRIC: Final = MappingProxyType({"adaptation": "low_rank", "mass_matrix_eigval_cutoff": 5.0})
# What the sampler says of its draws, by its own names.
_STATISTICS: Final = (
    *("diverging", "energy", "depth", "n_steps", "step_size_bar", "mean_tree_accept"),
    *("maxdepth_reached", "logp"),
)
# With more variables than this their curvature is a matrix of a gigabyte and more.
MANY: Final = 6000
# The callback as Python calls it: to make typed pointers of arrays takes longer than the call.
_BY_ADDRESS: Final = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p for _ in range(4)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledDensity:
    """A compiled log density, its gradient, and the data it reads.

    Parameters
    ----------
    compiled : nutpie.compile_pymc.CompiledPyMCModel
        What nutpie samples.
    names : tuple of str
        Free variables, in the order of the point.
    shapes : tuple of tuple of int
        Their shapes.
    log_scale : tuple of bool
        Whether a variable is sampled by its logarithm.
    shift : ndarray of shape (n,)
        Point that the sampler's origin stands for.
    root : CholeskyFactor
        What a step of the sampler is turned by; empty for the identity.
    of_model : callable, optional
        Takes the data and the free variables, and gives the variables of the model.
    width : int
        Numbers of the largest array that it makes for each draw.
    touches : callable, optional
        Says which variables each term of the density depends on, as a sparse array of shape
        (term, n); None if nearly all depend on each other.
    """

    compiled: CompiledPyMCModel
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    log_scale: tuple[bool, ...]
    shift: np.ndarray
    root: CholeskyFactor
    of_model: OfModel | None = None
    width: int = 0
    touches: Callable[[], csr_array | None] | None = None

    @property
    def most_whitened(self) -> int:
        """Number of variables up to which their curvature is worked out as a full matrix."""
        return MANY

    @classmethod
    def of(
        cls,
        callback: Any,
        data: Mapping[str, np.ndarray],
        start: Mapping[str, np.ndarray],
        *,
        logged: Sequence[str] = (),
        alive: Any = None,
        of_model: OfModel | None = None,
        width: int = 0,
        touches: Callable[[], csr_array | None] | None = None,
    ) -> CompiledDensity:
        """A density behind a C callback.

        Parameters
        ----------
        callback : numba.core.ccallback.CFunc
            Takes the number of variables, a step, where to put the gradient and the log density,
            and a table of pointers: address and lengths of all data in their order, then of
            ``shift`` and of the arrays of ``root``.
        data : mapping of str to ndarray
            What it reads, contiguous.
        start : mapping of str to ndarray
            Point that chains start about, by variable, each on the scale it is sampled on.
        logged : sequence of str, optional
            Variables that are sampled by their logarithms.
        alive : object, optional
            What must not be forgotten while the callback is used.
        of_model : callable, optional
            Takes the data and the free variables, and gives the variables of the model; they are
            the same if it is not given.
        width : int, optional
            Numbers of the largest array that it makes for each draw.
        touches : callable, optional
            Says which variables each term of the density depends on.
        """
        names = tuple(start)
        compiled = CompiledPyMCModel(
            dims={_POINT: (_POINT,)},
            reparameterized_names=[],
            _n_dim=0,
            _coords={},
            _shapes={},
            compiled_logp_func=callback,
            compiled_expand_func=_copy,
            initial_point_func=_starting_points(0),
            shared_data=dict(data),
            shared_var_keys={},
            user_data=np.empty(0, dtype=np.int64),
            n_expanded=0,
            shape_info=([], [], []),
            logp_func=alive,
            expand_func=None,
        )
        return cls(
            compiled=compiled,
            names=names,
            shapes=tuple(np.shape(start[name]) for name in names),
            log_scale=tuple(name in logged for name in names),
            shift=np.concatenate([np.ravel(start[name]) for name in names]).astype(float),
            root=no_root(),
            of_model=of_model,
            width=width,
            touches=touches,
        ).with_data({})

    def with_data(self, values: Mapping[str, np.ndarray]) -> CompiledDensity:
        """The same density with other data of the same number of axes; nothing is compiled."""
        old = self.compiled.shared_data
        data = {
            name: np.ascontiguousarray(values[name], dtype=array.dtype) if name in values else array
            for name, array in old.items()
        }
        n = self.shift.size
        fresh = replace(
            self.compiled,
            shared_data=data,
            user_data=_pointers([*data.values(), self.shift, *self.root.arrays]),
            _n_dim=n,
            _coords={_POINT: np.arange(n)},
            _shapes={_POINT: (n,)},
            initial_point_func=_starting_points(n),
            n_expanded=n,
            shape_info=([_POINT], [slice(0, n)], [(n,)]),
        )
        return replace(self, compiled=fresh)

    def whitened(self) -> CompiledDensity:
        """The same density in coordinates in which it is about as wide in all directions.

        Returns
        -------
        CompiledDensity
            Its draws are those of the variables themselves; the same density if it has too many
            variables for that, and nothing says which of them depend on each other, or all do.
        """
        if self.shift.size <= MANY:
            return self.moved(*whitening(self.slope, self.shift))
        touches = self.touches() if self.touches else None
        found = None if touches is None else sparse_whitening(self.slope, self.shift, touches)
        return self.moved(*found) if found else self

    def moved(self, shift: np.ndarray, root: CholeskyFactor) -> CompiledDensity:
        """The same density in other coordinates; the draws are those of the variables."""
        return replace(self, shift=shift, root=root).with_data({})

    def sample(self, **settings: Any) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        """Run NUTS; variables of the model (leading axes chain and draw), and statistics."""
        metric = {} if self.root.size or self.shift.size > MANY else _METRIC
        # As it comes: to make a tree of it takes longer than to sample a small model.
        trace = nutpie.sample(self.compiled, return_raw_trace=True, **metric, **settings)
        drawn, said = trace.get_arrow_trace()
        steps = _after_tuning(drawn, said, _POINT).reshape(len(drawn), -1, self.shift.size)
        statistics = {
            name: (("chain", "draw"), _after_tuning(said, said, name)) for name in _STATISTICS
        }
        return self.unpacked(steps), xr.Dataset(statistics)

    def slope(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log density at a point of the variables, and its gradient.

        It goes through the sampler's own callback: called from Python, the function behind it would
        be compiled a second time, which took 18 s for 60 claims.

        Parameters
        ----------
        point : ndarray of shape (n,)
            In the variables themselves, whatever the coordinates of the sampler.

        Returns
        -------
        value : float
            Infinite where there is none.
        gradient : ndarray of shape (n,)
        """
        plain = self.moved(self.shift, no_root()) if self.root.size else self
        step = np.ascontiguousarray(point - plain.shift)
        slope, value = np.zeros_like(step), np.zeros(1)
        table = plain.compiled.user_data
        addresses = [array.ctypes.data for array in (step, slope, value, table)]
        failed = _BY_ADDRESS(plain.compiled.compiled_logp_func.address)(step.size, *addresses)
        return (np.inf, slope) if failed else (-float(value[0]), -slope)

    def unpacked(self, steps: np.ndarray) -> dict[str, np.ndarray]:
        """Variables of the model for steps along the last axis; empty ones left out."""
        flat = steps.reshape(-1, self.shift.size)
        width = max(self.width, self.shift.size)
        parts = in_blocks(lambda block, _: self._unpacked(flat[block]), len(flat), each=width)
        whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        shape = steps.shape[:-1]
        return {name: values.reshape(*shape, *values.shape[1:]) for name, values in whole.items()}

    def _unpacked(self, steps: np.ndarray) -> dict[str, np.ndarray]:
        points = self.shift + self.root.apply(steps)
        found, begin = {}, 0
        for name, shape, logged in zip(self.names, self.shapes, self.log_scale, strict=True):
            end = begin + int(np.prod(shape, dtype=int))
            values = points[:, begin:end].reshape(len(points), *shape)
            if end > begin:
                found[name] = np.exp(values) if logged else values
            begin = end
        return self.of_model(self.compiled.shared_data, found) if self.of_model else found


def _after_tuning(batches: Sequence[Any], said: Sequence[Any], name: str) -> np.ndarray:
    """A column of all chains without the draws in which the sampler adapted."""
    found = []
    for batch, statistics in zip(batches, said, strict=True):
        tuning = statistics.column("tuning").to_numpy()
        column = pa.array(batch.column(name))[int(tuning.sum()) :]
        # Of draws a list for each.
        values = column.flatten() if hasattr(column, "flatten") else column
        found.append(values.to_numpy(zero_copy_only=False))
    return np.array(found)


def _starting_points(n: int) -> Any:
    def start(seed: SeedType | None = None) -> np.ndarray:
        return np.random.default_rng(seed).uniform(-_JITTER, _JITTER, n)

    return start


def _pointers(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Address and lengths of every array, one after the other; the arrays must be kept alive."""
    entries = [[array.ctypes.data, *array.shape] for array in arrays]
    return np.array([number for entry in entries for number in entry], dtype=np.int64)


_NUMBER: Final = types.CPointer(types.double)


@numba.cfunc(  # type: ignore[untyped-decorator]  # numba has no types
    types.int64(types.uint64, types.uint64, _NUMBER, _NUMBER, types.voidptr), cache=True
)
def _copy(dim: int, expanded: int, point: Any, out: Any, data: Any) -> int:
    for k in range(dim):
        out[k] = point[k]
    return 0
