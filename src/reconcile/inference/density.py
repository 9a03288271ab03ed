"""A compiled log density for nutpie, which reads its data through pointers."""

from __future__ import annotations

import ctypes
import functools
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
from reconcile.inference.cholesky import CholeskyFactor, identity_factor
from reconcile.inference.mode import Units, hessian_factor, whitening, whitening_in_units
from reconcile.inference.sparse_hessian import sparse_whitening

__all__ = ["MAX_HESSIAN", "CompiledDensity"]

type Arrays = Mapping[str, np.ndarray]
type ModelVariables = Callable[[Arrays, Arrays], dict[str, np.ndarray]]
_POINT: Final = "unconstrained"
# Chains start uniformly within this distance of their starting point, in each coordinate.
_JITTER: Final = 0.5
# Without the Hessian at the mode, a low-rank metric follows narrow ridges; adapting one takes too
# long with many variables.
_METRIC: Final = MappingProxyType({"adaptation": "low_rank", "mass_matrix_eigval_cutoff": 5.0})
# Transitions of the run over whose draws curvatures are averaged, twice, and these draws.
_WARM_UP: Final = 60
_AVERAGED: Final = 4
# The sampler's statistics to keep.
_STATISTICS: Final = (
    *("diverging", "energy", "depth", "n_steps", "step_size_bar", "mean_tree_accept"),
    *("maxdepth_reached", "logp"),
)
# Largest number of variables for a dense Hessian, which takes a gigabyte and more beyond it.
MAX_HESSIAN: Final = 6000
# Type of the callback with untyped pointers: making typed ones takes longer than the call.
_CALLBACK: Final = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p for _ in range(4)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledDensity:
    """A compiled log density with its gradient, data and coordinates.

    A step ``z`` of the sampler is the point ``shift + L^-T z``, with ``L`` the factor ``root``.

    Parameters
    ----------
    compiled : nutpie.compile_pymc.CompiledPyMCModel
        What nutpie samples.
    names : tuple of str
        Free variables, in order.
    shapes : tuple of tuple of int
        Their shapes.
    log_scale : tuple of bool
        Whether each is sampled on the log scale.
    shift : ndarray of shape (n,)
        Origin of the sampler's coordinates.
    root : CholeskyFactor
        Preconditioner; empty for the identity.
    model_variables : callable, optional
        ``(data, free variables) -> variables of the model``; by default the free variables.
    width : int
        Size per draw of the largest array that ``model_variables`` creates.
    sparsity_pattern : callable, optional
        Returns which variables each term of the density depends on, as a sparse array of shape
        (term, n), or None if nearly all depend on each other.
    """

    compiled: CompiledPyMCModel
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    log_scale: tuple[bool, ...]
    shift: np.ndarray
    root: CholeskyFactor
    model_variables: ModelVariables | None = None
    width: int = 0
    sparsity_pattern: Callable[[], csr_array | None] | None = None

    @property
    def most_whitened(self) -> int:
        """Number of variables up to which the Hessian is computed as a dense matrix."""
        return MAX_HESSIAN

    @classmethod
    def of(
        cls,
        callback: Any,
        data: Mapping[str, np.ndarray],
        start: Mapping[str, np.ndarray],
        *,
        logged: Sequence[str] = (),
        keep_alive: Any = None,
        model_variables: ModelVariables | None = None,
        width: int = 0,
        sparsity_pattern: Callable[[], csr_array | None] | None = None,
    ) -> CompiledDensity:
        """A density behind a C callback; ``start``, by variable, is where chains start."""
        # The callback takes the number of variables, a step, where to put gradient and log density,
        # and a table of addresses and shapes: of the data in order, of ``shift``, of ``root``.
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
            logp_func=keep_alive,
            expand_func=None,
        )
        return cls(
            compiled=compiled,
            names=names,
            shapes=tuple(np.shape(start[name]) for name in names),
            log_scale=tuple(name in logged for name in names),
            shift=np.concatenate([np.ravel(start[name]) for name in names]).astype(float),
            root=identity_factor(),
            model_variables=model_variables,
            width=width,
            sparsity_pattern=sparsity_pattern,
        ).with_data({})

    def with_data(self, values: Mapping[str, np.ndarray]) -> CompiledDensity:
        """The same density with other data of the same dimensions, without compiling."""
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

    def whitened(self, units: Units | None = None) -> CompiledDensity:
        """The density preconditioned by its Hessian at the mode; unchanged if that is too large."""
        if units:
            return self.with_coordinates(*whitening_in_units(self.slope, self.shift, units))
        if self.shift.size <= MAX_HESSIAN:
            return self.with_coordinates(*whitening(self.slope, self.shift))
        pattern = self.sparsity_pattern() if self.sparsity_pattern else None
        found = None if pattern is None else sparse_whitening(self.slope, self.shift, pattern)
        return self.with_coordinates(*found) if found else self

    def rewhitened(self, seed: int) -> CompiledDensity:
        """The density preconditioned by its mean Hessian over draws of a short run.

        Where scales are unknown the mode is far from all draws, and so is the curvature there.
        """
        if not 0 < self.root.size <= MAX_HESSIAN:
            return self
        steps, _ = self.sampled_steps(
            chains=1, cores=1, tune=_WARM_UP, draws=_WARM_UP, seed=seed, progress_bar=False
        )
        points = self.shift + self.root.apply(steps[0, :: _WARM_UP // _AVERAGED])
        return self.with_coordinates(points.mean(axis=0), hessian_factor(self.slope, *points))

    def with_coordinates(self, shift: np.ndarray, root: CholeskyFactor) -> CompiledDensity:
        """The same density in other coordinates; draws are still those of the variables."""
        return replace(self, shift=shift, root=root).with_data({})

    @property
    def owner(self) -> np.ndarray:
        """Name of the variable that each coordinate of a point belongs to."""
        return np.repeat(self.names, [int(np.prod(shape)) for shape in self.shapes])

    @property
    def plain(self) -> CompiledDensity:
        """The same density with its variables as coordinates."""
        return self.with_coordinates(np.zeros_like(self.shift), identity_factor())

    def sample(self, **settings: Any) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        """Run NUTS; returns variables of the model, leading axes (chain, draw), and statistics."""
        steps, statistics = self.sampled_steps(**settings)
        return self.unpacked(steps), statistics

    def sampled_steps(
        self, starts: np.ndarray | None = None, **settings: Any
    ) -> tuple[np.ndarray, xr.Dataset]:
        """Steps of NUTS (chain, draw, n), and statistics; chains start near rows of ``starts``."""
        metric = {} if self.root.size or self.shift.size > MAX_HESSIAN else _METRIC
        start = _starting_points(self.shift.size, starts)
        compiled = replace(self.compiled, initial_point_func=start)
        # Converting to a DataTree takes longer than sampling a small model.
        trace = nutpie.sample(compiled, return_raw_trace=True, **metric, **settings)
        points, stats = trace.get_arrow_trace()
        steps = _posterior_draws(points, stats, _POINT).reshape(len(points), -1, self.shift.size)
        statistics = {
            name: (("chain", "draw"), _posterior_draws(stats, stats, name)) for name in _STATISTICS
        }
        return steps, xr.Dataset(statistics)

    def slope(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Negative log density (infinite where undefined) and gradient at a point."""
        # The sampler's callback, since calling the function behind it from Python would compile it
        # again: 18 s for 60 claims.
        plain = self.with_coordinates(self.shift, identity_factor()) if self.root.size else self
        # One array for step, gradient and value: asking for an address takes a microsecond.
        n = point.size
        work = np.zeros(2 * n + 1)
        np.subtract(point, plain.shift, out=work[:n])
        step, table = work.ctypes.data, plain.compiled.user_data.ctypes.data
        call = _callback(plain.compiled.compiled_logp_func.address)
        failed = call(n, step, step + 8 * n, step + 16 * n, table)
        slope = -work[n : 2 * n]
        return (np.inf, slope) if failed else (-float(work[2 * n]), slope)

    def unpacked(self, steps: np.ndarray) -> dict[str, np.ndarray]:
        """Variables of the model for steps of the sampler (last axis), except empty ones."""
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
        if self.model_variables is None:
            return found
        return self.model_variables(self.compiled.shared_data, found)


@functools.lru_cache(maxsize=64)
def _callback(address: int) -> Any:
    return _CALLBACK(address)


def _posterior_draws(batches: Sequence[Any], stats: Sequence[Any], name: str) -> np.ndarray:
    """A column of all chains without the tuning draws."""
    found = []
    for batch, statistics in zip(batches, stats, strict=True):
        tuning = statistics.column("tuning").to_numpy()
        column = pa.array(batch.column(name))[int(tuning.sum()) :]
        # Draws are lists.
        values = column.flatten() if hasattr(column, "flatten") else column
        found.append(values.to_numpy(zero_copy_only=False))
    return np.array(found)


def _starting_points(n: int, starts: np.ndarray | None = None) -> Any:
    """Starts of chains: the sampler's origin, or any of ``starts``, and a jitter."""

    def start(seed: SeedType | None = None) -> np.ndarray:
        rng = np.random.default_rng(seed)
        jitter = rng.uniform(-_JITTER, _JITTER, n)
        return jitter if starts is None else starts[rng.integers(len(starts))] + jitter

    return start


def _pointers(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Address and shape of every array in sequence; the arrays must be kept alive."""
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
