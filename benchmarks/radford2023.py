"""Time to converge on all claims of Radford et al. 2023 in one model.

``python benchmarks/radford2023.py --data FILE --out DIR`` fits the 4,609 claims on the losses of
both sides (https://doi.org/10.1073/pnas.2307372120). It writes the posterior to
``DIR/posterior.nc`` and, to ``DIR/radford2023.json``, the time and memory of the whole process and
R-hat and effective sample sizes of every figure at the last day and of every source bias.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from machine import machine, versions

import reconcile as rc

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data" / "radford2023_claims.csv"
SEED = 2023
# RStan on two comparable cores: effective draws of the figures at the last day per second of
# processor time, including warm-up (provided by the project's founders; see
# docs/design/2026-11-metric.md).
REFERENCE_ESS_PER_SECOND = 0.0099


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=1000, help="draws of each chain")
    parser.add_argument("--tune", type=int, default=300)
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--target-accept", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(argv)
    claims = rc.read_radford2023(options.data)
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        tree = rc.fit(
            claims,
            draws=options.draws,
            tune=options.tune,
            chains=options.chains,
            target_accept=options.target_accept,
            random_seed=options.seed,
            progressbar=False,
        )
    fitted = time.perf_counter()
    options.out.mkdir(parents=True, exist_ok=True)
    tree.to_netcdf(options.out / "posterior.nc")
    result = {
        "command": "python benchmarks/radford2023.py --data FILE --out DIR",
        "settings": {
            key: getattr(options, key)
            for key in ("draws", "tune", "chains", "target_accept", "seed")
        },
        "n_claims": len(claims),
        "checked": checked(tree),
        "gradients_per_draw": float(tree["sample_stats"]["n_steps"].mean()),
        "converged": bool(tree.attrs["converged"]),
        "divergent": int(tree["sample_stats"]["diverging"].sum()),
        "warnings": [str(warning.message) for warning in heard],
        "seconds": {
            "fit": fitted - began,
            "write": time.perf_counter() - fitted,
            "whole process": time.clock_gettime(time.CLOCK_MONOTONIC) - start_of_process(),
            "processor": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
        },
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "machine": machine(),
        "versions": versions(),
    }
    ess = result["checked"]["figures at the last day"]["ess_bulk_median"]
    speed = ess / result["seconds"]["processor"]
    result["ess_per_processor_second"] = speed
    result["times_the_reference"] = speed / REFERENCE_ESS_PER_SECOND
    text = json.dumps(result, indent=1)
    (options.out / "radford2023.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def checked(tree: xr.DataTree) -> dict[str, dict[str, Any]]:
    """Worst R-hat and effective sample sizes of figures and biases."""
    import arviz_stats

    posterior = tree["posterior"].to_dataset()
    last = posterior["quantity_date"].to_numpy() == max(posterior["quantity_date"].to_numpy())
    found = {}
    for name, values in {
        "figures at the last day": posterior["estimate"][..., last],
        "source biases": posterior["bias_log"],
    }.items():
        one = xr.Dataset({"x": values})
        bulk = arviz_stats.ess(one, method="bulk")["x"].to_numpy()
        found[name] = {
            "n": int(bulk.size),
            "r_hat": float(arviz_stats.rhat(one)["x"].max()),
            "ess_bulk": float(bulk.min()),
            "ess_bulk_median": float(np.median(bulk)),
            "ess_tail": float(arviz_stats.ess(one, method="tail")["x"].min()),
        }
    return found


def start_of_process() -> float:
    """Start of this process on the monotonic clock, in seconds."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
