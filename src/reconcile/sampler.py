"""From a ``pm.Model`` to a compiled density that nutpie samples and that takes new data.

``nutpie.compile_pymc_model`` unpacks the model's data with generic code, and links the density into
its callback, both of which take numba most of the time (docs/method.md has the measurement). The
callback generated here unpacks the arrays at hand and calls the density, which PyTensor keeps on
disk, by its address. Derived variables are computed afterwards in NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numba
import numpy as np
import nutpie
import xarray as xr
from numba import types
from nutpie.compile_pymc import CompiledPyMCModel, address_as_void_pointer
from nutpie.compiled_pyfunc import SeedType
from scipy.optimize import minimize

__all__ = ["CompiledDensity", "compile_density"]

_POINT = "unconstrained"

# Totals, biases and the common bias lie along narrow ridges where a source has many claims. A
# metric with a few directions of its own follows them.
_METRIC: Final = MappingProxyType({"adaptation": "low_rank", "mass_matrix_eigval_cutoff": 5.0})
# Step of the differences from which the curvature at the mode is worked out.
_DIFFERENCE: Final = 1e-4
_NORMAL_FREEDOM: Final = 1e6
# Directions flatter than this, or bent the wrong way, are taken for as wide as this.
_LEAST_CURVATURE: Final = 0.5


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
    root : ndarray of shape (n, n) or (0, 0)
        What a step of the sampler is multiplied by; empty for the identity.
    """

    compiled: CompiledPyMCModel
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    log_scale: tuple[bool, ...]
    shift: np.ndarray
    root: np.ndarray

    def with_data(self, values: Mapping[str, np.ndarray]) -> CompiledDensity:
        """The same density with other data of the same number of axes; nothing is compiled."""
        old = self.compiled.shared_data
        data = {
            name: np.ascontiguousarray(values[name], dtype=array.dtype) if name in values else array
            for name, array in old.items()
        }
        table = _pointers([*data.values(), self.shift, self.root])
        fresh = replace(self.compiled, shared_data=data, user_data=table)
        return replace(self, compiled=fresh)

    def whitened(self) -> CompiledDensity:
        """The same density in coordinates in which it is about as wide in all directions.

        The curvature at the mode tells the directions. Where hundreds of claims see sums of
        hundreds of parameters no diagonal metric will do, and the sampler cannot learn a full one
        from its own draws.

        Returns
        -------
        CompiledDensity
            Its draws are those of the variables themselves.
        """
        # The mode of a t distribution says nothing of its width; that of a normal one does.
        slope = _Slope(self.with_data({"path_freedom": np.array([_NORMAL_FREEDOM])}))
        start = minimize(
            slope.negative,
            self.shift,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 5000, "maxfun": 20_000, "maxcor": 30},
        )
        curvature, directions = np.linalg.eigh(slope.curvature(start.x))
        root = directions / np.sqrt(np.maximum(curvature, _LEAST_CURVATURE))
        whole = replace(self, shift=start.x, root=np.ascontiguousarray(root))
        return whole.with_data({})

    def sample(self, **settings: Any) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        """Run NUTS; free variables by name, with leading axes chain and draw, and statistics."""
        metric = {} if self.root.size else _METRIC
        tree = nutpie.sample(self.compiled, save_warmup=False, **metric, **settings)
        points = tree["posterior"][_POINT].values
        points = self.shift + (points @ self.root.T if self.root.size else points)
        return self._unpacked(points), tree["sample_stats"].to_dataset()

    def _unpacked(self, points: np.ndarray) -> dict[str, np.ndarray]:
        found, begin = {}, 0
        for name, shape, logged in zip(self.names, self.shapes, self.log_scale, strict=True):
            end = begin + int(np.prod(shape, dtype=int))
            values = points[..., begin:end].reshape(*points.shape[:-1], *shape)
            found[name] = np.exp(values) if logged else values
            begin = end
        return found


def compile_density(model: Any, *, jitter: float = 0.5) -> CompiledDensity:
    """Compile the log density of a model and its gradient.

    Parameters
    ----------
    model : pymc.Model
        Of continuous variables, each free or positive.
    jitter : float, default 0.5
        Chains start uniformly within this distance of the model's initial point.

    Returns
    -------
    CompiledDensity
    """
    function = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")._pytensor_function
    values = model.continuous_value_vars
    start = model.initial_point(0)
    origin = np.concatenate([np.ravel(start[value.name]) for value in values]).astype(float)
    shared = {
        variable.name: np.ascontiguousarray(variable.get_value())
        for variable in function.get_shared()
        if variable.name != "__weights"
    }
    if len(shared) != len(function.get_shared()):
        raise ValueError("the model's data need distinct names")
    n, no_root = origin.size, np.empty((0, 0))
    variables = [model.values_to_rvs[value] for value in values]
    compiled = CompiledPyMCModel(
        dims={_POINT: (_POINT,)},
        reparameterized_names=[],
        _n_dim=n,
        _coords={_POINT: np.arange(n)},
        _shapes={_POINT: (n,)},
        compiled_logp_func=_density_callback(function.vm.jit_fn, shared, n),
        compiled_expand_func=_copy_callback(n),
        initial_point_func=_starting_points(np.zeros(n), jitter),
        shared_data=shared,
        shared_var_keys={},
        user_data=_pointers([*shared.values(), origin, no_root]),
        n_expanded=n,
        shape_info=([_POINT], [slice(0, n)], [(n,)]),
        # Kept alive: the callback calls its machine code by address.
        logp_func=function,
        expand_func=None,
    )
    return CompiledDensity(
        compiled=compiled,
        names=tuple(variable.name for variable in variables),
        shapes=tuple(np.shape(start[value.name]) for value in values),
        log_scale=tuple(_is_logged(model, variable) for variable in variables),
        shift=origin,
        root=no_root,
    )


def _is_logged(model: Any, variable: Any) -> bool:
    transform = model.rvs_to_transforms[variable]
    if transform is None:
        return False
    if type(transform).__name__ != "LogTransform":
        raise ValueError(f"{variable.name} has a transform that is not a logarithm: {transform}")
    return True


def _starting_points(origin: np.ndarray, jitter: float) -> Any:
    def start(seed: SeedType | None = None) -> np.ndarray:
        return origin + np.random.default_rng(seed).uniform(-jitter, jitter, origin.size)

    return start


def _pointers(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Address and lengths of every array, one after the other; the arrays must be kept alive."""
    entries = [[array.ctypes.data, *array.shape] for array in arrays]
    return np.array([number for entry in entries for number in entry], dtype=np.int64)


class _Address(types.WrapperAddressProtocol):  # type: ignore[misc]  # numba has no types
    """A compiled function by its address: calling it so spares linking it a second time."""

    def __init__(self, dispatcher: Any, arguments: tuple[Any, ...]) -> None:
        # Finds the machine code in PyTensor's cache on disk, or compiles it.
        dispatcher.get_call_template(arguments, {})
        (code,) = dispatcher.overloads.values()
        self._address = code.library.get_pointer_to_function(code.fndesc.llvm_cfunc_wrapper_name)
        self._signature = code.signature.return_type(types.Tuple(arguments))

    def __wrapper_address__(self) -> int:
        return int(self._address)

    def signature(self) -> Any:
        return self._signature


def _density_callback(inner: Any, shared: Mapping[str, np.ndarray], n: int) -> Any:
    """A C callback that hands the arrays at the pointers to the compiled density.

    Its source is generated because numba types a tuple of unlike arrays only slowly.
    """
    arguments = tuple(numba.typeof(array) for array in (np.empty(n), *shared.values()))
    lines, names, entry = [], [], 0
    for k, array in enumerate((*shared.values(), np.empty(n), np.empty((0, 0)))):
        names.append(f"a{k}")
        address = f"address_as_void_pointer(table[{entry}])"
        lengths = "".join(f"table[{entry + 1 + axis}], " for axis in range(array.ndim))
        lines.append(f"    a{k} = carray({address}, ({lengths}), np.{array.dtype})")
        entry += 1 + array.ndim
    source = "\n".join(
        [
            "def density(dim, point, gradient, value, data):",
            f"    table = carray(data, ({entry},), np.int64)",
            *lines,
            f"    shift, root = {', '.join(names[-2:])}",
            f"    step, out = carray(point, ({n},)), carray(gradient, ({n},))",
            "    here = moved(shift, root, step)",
            f"    logp, slope = inner((here, {', '.join(names[:-2])}))",
            "    value[0] = logp[()]",
            "    if not np.isfinite(value[0]):",
            "        return 4",
            f"    for i in range({n}):",
            "        if not np.isfinite(slope[i]):",
            "            return 3",
            "    turned(root, slope, out)",
            "    return 0",
        ]
    )
    namespace: dict[str, Any] = {
        "np": np,
        "carray": numba.carray,
        "address_as_void_pointer": address_as_void_pointer,
        "inner": _Address(inner, arguments),
        "moved": _moved,
        "turned": _turned,
    }
    exec(source, namespace)
    number = types.CPointer(types.double)
    return numba.cfunc(types.int64(types.uint64, number, number, number, types.voidptr))(
        namespace["density"]
    )


@numba.njit(cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _moved(shift: Any, root: Any, step: Any) -> Any:
    """Point that a step of the sampler leads to."""
    n = step.size
    here = shift + step if root.size == 0 else shift.copy()
    if root.size:
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += root[i, j] * step[j]
            here[i] += total
    return here


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _turned(root: Any, slope: Any, out: Any) -> None:
    """Gradient in the coordinates of the sampler."""
    n = out.size
    if root.size == 0:
        for i in range(n):
            out[i] = slope[i]
        return
    for i in range(n):
        out[i] = 0.0
    for i in range(n):
        for j in range(n):
            out[j] += root[i, j] * slope[i]


class _Slope:
    """A compiled density as a function of the variables themselves.

    It goes through the sampler's own callback: called from Python, the function behind it would be
    compiled a second time, which took 18 s for 60 claims.
    """

    def __init__(self, density: CompiledDensity) -> None:
        self._compiled, self._origin = density.compiled, density.shift
        self._callback = density.compiled.compiled_logp_func.ctypes

    def negative(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log density, and its gradient; infinite where there is none."""
        step = np.ascontiguousarray(point - self._origin)
        slope, value = np.zeros_like(step), np.zeros(1)
        arrays = [
            array.ctypes.data_as(kind)
            for array, kind in zip((step, slope, value), self._callback.argtypes[1:4], strict=True)
        ]
        failed = self._callback(step.size, *arrays, self._compiled.user_data.ctypes.data)
        return (np.inf, slope) if failed else (-float(value[0]), -slope)

    def curvature(self, point: np.ndarray) -> np.ndarray:
        """Matrix of second derivatives of minus the log density, by central differences."""
        found = np.empty((point.size, point.size))
        for k in range(point.size):
            moved = point.copy()
            moved[k] += _DIFFERENCE
            above = self.negative(moved)[1]
            moved[k] -= 2 * _DIFFERENCE
            found[k] = (above - self.negative(moved)[1]) / (2 * _DIFFERENCE)
        return 0.5 * (found + found.T)


def _copy_callback(n: int) -> Any:
    def copy(dim: int, expanded: int, point: Any, out: Any, data: Any) -> int:
        for i in range(n):
            out[i] = point[i]
        return 0

    number = types.CPointer(types.double)
    return numba.cfunc(types.int64(types.uint64, types.uint64, number, number, types.voidptr))(copy)
