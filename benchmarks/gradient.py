"""Cost of one gradient: as sampled, hand-written, and compiled by PyTensor.

``python benchmarks/gradient.py --data FILE --out FILE`` times, in one run, the gradient as the
sampler calls it (preconditioned), the hand-written density alone, and the gradient of the PyMC
model compiled by PyTensor with numba, on the founding article and on the claims of Radford et al.
2023. ``scaling.py`` measures growth with the number of claims.

With ``--most RATIO`` PyTensor is left out, and the command fails if a gradient as sampled costs
more than that many hand-written densities.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine, versions

import reconcile as rc
from reconcile.inference.density import CompiledDensity
from reconcile.inference.pytensor_density import compile_density
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.kernel.coordinates import whitened_paths
from reconcile.models.log_scale.kernel.layout import kernel_density
from reconcile.models.log_scale.pymc.model import model_of

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "radford2023_claims.csv"
REPEATS = 7
SECONDS = 0.3


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--most", type=float, help="hand-written densities that one may cost")
    options = parser.parse_args(argv)
    sets = {"founding article": rc.read_claims(ROOT / "examples" / "01_founding_article")}
    if options.data.exists():
        sets["Radford et al. 2023"] = rc.read_radford2023(options.data)
    result: dict[str, Any] = {
        "command": "python benchmarks/gradient.py --data FILE",
        "models": {
            name: compared(design(claims), pytensor=options.most is None)
            for name, claims in sets.items()
        },
        "machine": machine(),
        "versions": versions(),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    for name, model in result["models"].items():
        ratio = model["ratios to hand-written"]["as sampled"]
        if options.most is not None and ratio > options.most:
            raise SystemExit(f"{name}: {ratio:.2f} times the hand-written density")


def compared(plan: Design, *, pytensor: bool = True) -> dict[str, Any]:
    """Time the three gradients alternately, so that all see the same load."""
    plain = kernel_density(plan)
    ways = {"as sampled": whitened_paths(plain), "hand-written": plain}
    if pytensor:
        ways["PyTensor"] = compile_density(model_of(plan))
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(REPEATS):
        for name, density in ways.items():
            times[name].append(once(density))
    middle = {name: statistics.median(values) for name, values in times.items()}
    return {
        "n_claims": len(plan.claims),
        "n_variables": int(plain.shift.size),
        "microseconds": {name: spread(values) for name, values in times.items()},
        "ratios to hand-written": {n: middle[n] / middle["hand-written"] for n in middle},
    }


def once(density: CompiledDensity) -> float:
    """Microseconds of processor time for one call as nutpie makes it."""
    callback, n = density.compiled.compiled_logp_func.ctypes, density.shift.size
    arrays = np.random.default_rng(1).normal(0, 0.1, n), np.zeros(n), np.zeros(1)
    pointers = [
        array.ctypes.data_as(kind)
        for array, kind in zip(arrays, callback.argtypes[1:4], strict=True)
    ]
    table, count = density.compiled.user_data.ctypes.data, 0
    began = time.thread_time()
    while time.thread_time() - began < SECONDS:
        for _ in range(10):
            callback(n, *pointers, table)
        count += 10
    return (time.thread_time() - began) / count * 1e6


def spread(values: list[float]) -> dict[str, float]:
    """Median and range."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


if __name__ == "__main__":
    main()
