"""From a ``pm.Model`` to a compiled density whose data can be replaced.

``nutpie.compile_pymc_model`` unpacks the data with generic code and links the density into its
callback, which takes numba most of the compile time (docs/design/2026-11-kernel.md). The callback
generated here unpacks just these arrays and calls the density, cached on disk by PyTensor, through
its address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numba
import numpy as np
from numba import types
from nutpie.compile_pymc import address_as_void_pointer

from reconcile.inference.cholesky import identity_factor, solve, solve_transpose
from reconcile.inference.density import CompiledDensity

__all__ = ["compile_density"]


def compile_density(model: Any) -> CompiledDensity:
    """Compile the log density and gradient of a model of free or positive continuous variables."""
    function = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")._pytensor_function
    initial = model.initial_point(0)
    variables = {model.values_to_rvs[value]: value for value in model.continuous_value_vars}
    shared = {
        variable.name: np.ascontiguousarray(variable.get_value())
        for variable in function.get_shared()
        if variable.name != "__weights"
    }
    if len(shared) != len(function.get_shared()):
        raise ValueError("the model's data must have distinct names")
    return CompiledDensity.of(
        _density_callback(function.vm.jit_fn, shared),
        shared,
        {v.name: np.asarray(initial[value.name], dtype=float) for v, value in variables.items()},
        logged=[variable.name for variable in variables if _is_logged(model, variable)],
        # The callback calls its machine code through the address.
        keep_alive=function,
    )


def _is_logged(model: Any, variable: Any) -> bool:
    transform = model.rvs_to_transforms[variable]
    if transform is None:
        return False
    if type(transform).__name__ != "LogTransform":
        raise ValueError(f"{variable.name} has a transform other than a logarithm: {transform}")
    return True


class _Address(types.WrapperAddressProtocol):  # type: ignore[misc]  # numba has no types
    """A compiled function called through its address, which saves linking it again."""

    def __init__(self, dispatcher: Any, arguments: tuple[Any, ...]) -> None:
        # Loads the machine code from PyTensor's cache on disk, or compiles it.
        dispatcher.get_call_template(arguments, {})
        (code,) = dispatcher.overloads.values()
        self._address = code.library.get_pointer_to_function(code.fndesc.llvm_cfunc_wrapper_name)
        self._signature = code.signature.return_type(types.Tuple(arguments))

    def __wrapper_address__(self) -> int:
        return int(self._address)

    def signature(self) -> Any:
        return self._signature


def _density_callback(inner: Any, shared: Mapping[str, np.ndarray]) -> Any:
    """A C callback that passes the arrays behind the pointers to the compiled density."""
    # The source is generated because numba is slow at typing tuples of different arrays.
    arguments = tuple(numba.typeof(array) for array in (np.empty(1), *shared.values()))
    lines, names, entry = [], [], 0
    for k, array in enumerate((*shared.values(), np.empty(1), *identity_factor().arrays)):
        names.append(f"a{k}")
        address = f"address_as_void_pointer(table[{entry}])"
        lengths = "".join(f"table[{entry + 1 + axis}], " for axis in range(array.ndim))
        lines.append(f"    a{k} = carray({address}, ({lengths}), np.{array.dtype})")
        entry += 1 + array.ndim
    n_data = len(shared)
    root = ", ".join(names[n_data + 1 :])
    source = "\n".join(
        [
            "def density(dim, point, gradient, value, data):",
            "    n = np.int64(dim)",
            f"    table = carray(data, ({entry},), np.int64)",
            *lines,
            "    step, out = carray(point, (n,)), carray(gradient, (n,))",
            "    here = np.empty(n)",
            f"    solve(step, here, {root})",
            "    for i in range(n):",
            f"        here[i] += {names[n_data]}[i]",
            f"    logp, slope = inner((here, {', '.join(names[:n_data])}))",
            "    value[0] = logp[()]",
            "    if not np.isfinite(value[0]):",
            "        return 4",
            "    for i in range(n):",
            "        if not np.isfinite(slope[i]):",
            "            return 3",
            f"    solve_transpose(slope, out, {root})",
            "    return 0",
        ]
    )
    namespace: dict[str, Any] = {
        "np": np,
        "carray": numba.carray,
        "address_as_void_pointer": address_as_void_pointer,
        "inner": _Address(inner, arguments),
        "solve": solve,
        "solve_transpose": solve_transpose,
    }
    exec(source, namespace)
    number = types.CPointer(types.double)
    return numba.cfunc(types.int64(types.uint64, number, number, number, types.voidptr))(
        namespace["density"]
    )
