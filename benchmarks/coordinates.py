"""The effect of each choice of the sampler's coordinates on all claims of Radford et al. 2023.

``python benchmarks/coordinates.py`` fits them three times, adding one of the transformations in
``docs/design/2026-11-metric.md`` each time, and writes gradients per draw, effective sample sizes
and seconds to ``coordinates.json`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from machine import machine, versions

import reconcile as rc
from reconcile.inference.density import CompiledDensity
from reconcile.models.log_scale.design.design import Design, design
from reconcile.models.log_scale.kernel import coordinates as metric
from reconcile.models.log_scale.kernel.layout import kernel_density
from reconcile.models.log_scale.reference.forward import forward
from reconcile.results.diagnostics import ess_bulk, r_hat

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data" / "radford2023_claims.csv"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--draws", type=int, default=300, help="draws of each of four chains")
    parser.add_argument("--tune", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    plan = design(rc.read_radford2023(options.data))
    plain = kernel_density(plan)
    last = {"level_date": np.full(plan.structure.n_accruing, len(plan.structure.dates) - 1)}
    with patch.object(metric, "_turned", _not_turned):
        variants = {
            "curvature": metric.whitened_paths(plain.with_data(last)),
            "totals amid their claims": metric.whitened_paths(plain),
        }
    variants["changes turned"] = metric.whitened_paths(plain)
    result: dict[str, Any] = {
        "command": "python benchmarks/coordinates.py",
        "settings": {key: getattr(options, key) for key in ("draws", "tune", "seed")},
        "variants": {name: run(plan, one, options) for name, one in variants.items()},
        "machine": machine(),
        "versions": versions(),
    }
    text = json.dumps(result, indent=1)
    (options.out / "coordinates.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def _not_turned(
    density: CompiledDensity, mode: np.ndarray, *_: object
) -> tuple[CompiledDensity, np.ndarray]:
    return density, mode


def run(plan: Design, density: CompiledDensity, options: argparse.Namespace) -> dict[str, float]:
    """Sample in given coordinates, and measure efficiency."""
    began = time.perf_counter()
    parameters, statistics = density.sample(
        draws=options.draws,
        tune=options.tune,
        chains=4,
        cores=2,
        seed=options.seed,
        progress_bar=False,
        target_accept=0.8,
    )
    seconds = time.perf_counter() - began
    figures = last_day(plan, parameters)
    spreads = parameters["path_spread_z"]
    return {
        "gradients_per_draw": float(statistics["n_steps"].mean()),
        "divergent": int(statistics["diverging"].sum()),
        "figures_r_hat": float(r_hat(figures).max()),
        "figures_ess_worst": float(ess_bulk(figures).min()),
        "figures_ess_median": float(np.median(ess_bulk(figures))),
        "spreads_ess_worst": float(ess_bulk(spreads).min()),
        "seconds": seconds,
    }


def last_day(plan: Design, parameters: Mapping[str, np.ndarray]) -> np.ndarray:
    """Figures at the last day, shape (chain, draw, figure)."""
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}
    totals = forward(plan, flat).total_log
    return totals.reshape(*parameters["total_z"].shape[:2], -1)


if __name__ == "__main__":
    main()
