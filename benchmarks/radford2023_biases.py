"""Biases of each side in the data of Radford et al. 2023, beside the published ones.

``python benchmarks/radford2023_biases.py`` fits military deaths, casualties and injuries of both
armies (https://doi.org/10.1073/pnas.2307372120; the data are read from ``--data``) and writes
``radford2023_biases.json`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import reconcile as rc

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"
FIGURES = ("Military Deaths", "Military Casualties", "Military Injuries")
SEED = 2023


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA / "radford2023_claims.csv")
    parser.add_argument("--published", type=Path, default=DATA / "radford2023_published.json")
    parser.add_argument("--draws", type=int, default=1000, help="draws of each of four chains")
    parser.add_argument("--tune", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    claims = rc.read_radford2023(arguments.data, figures=FIGURES)
    published = json.loads(arguments.published.read_text(encoding="utf-8"))
    usual = rc.Priors()
    neutral = usual.without_bias()
    result: dict[str, Any] = {
        "command": "python benchmarks/radford2023_biases.py",
        "seed": SEED,
        "n_claims": len(claims),
    }
    for name, priors in (("default priors", usual), ("no role bias expected", neutral)):
        began = time.perf_counter()
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            tree = rc.fit(
                claims,
                priors=priors,
                draws=arguments.draws,
                tune=arguments.tune,
                random_seed=SEED,
                progressbar=False,
            )
        result[name] = {
            "seconds": round(time.perf_counter() - began),
            "converged": bool(tree.attrs["converged"]),
            "convergence_problems": tree.attrs["convergence_problems"],
            "gradients_per_draw": float(tree["sample_stats"]["n_steps"].mean()),
            "biases": biases(tree),
            "day_365": totals(tree),
            "independence": rc.independence(tree).to_dict(orient="records"),
        }
        print(json.dumps({k: v for k, v in result[name].items() if k != "independence"}, indent=1))
    result["published"] = {
        "biases": published["bias_mean_of_exp"],
        "day_365": [e for e in published["estimates_day365"] if e["category"] in FIGURES],
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "radford2023_biases.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def biases(tree: xr.DataTree) -> dict[str, dict[str, float]]:
    """What each voice says over the truth, the common error left out."""
    bias = tree["posterior"].to_dataset()["bias_log"]
    found = {}
    for label in bias.coords["voice"].values:
        values = bias.sel(voice=label).to_numpy().ravel()
        low, middle, high = np.exp(np.quantile(values, [0.05, 0.5, 0.95]))
        found[str(label)] = {
            "median": float(middle),
            "mean": float(np.exp(values).mean()),
            "eti90_lb": float(low),
            "eti90_ub": float(high),
        }
    return found


def totals(tree: xr.DataTree) -> list[dict[str, Any]]:
    """Estimates for the last day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rc.ConvergenceWarning)
        table = rc.summary(tree)
    last = table[table["date"] == table["date"].max()]
    columns = ["population", "figure", "median", "eti90_lb", "eti90_ub", "ess_bulk", "r_hat"]
    return [
        {k: v if isinstance(v, str) else float(f"{v:.4g}") for k, v in row.items()}
        for row in last[columns].to_dict(orient="records")
    ]


if __name__ == "__main__":
    main()
