"""Biases of each side in the data of Radford et al. 2023, compared with the published ones.

``python benchmarks/radford2023_biases.py`` fits military deaths, casualties and injuries of both
armies (https://doi.org/10.1073/pnas.2307372120; the data are read from ``--data``) and writes
``radford2023_biases.json`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from dataclasses import replace
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
    parser.add_argument("--draws", type=int, default=1500, help="draws of each of four chains")
    parser.add_argument("--tune", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    claims = rc.read_radford2023(arguments.data, figures=FIGURES)
    published = json.loads(arguments.published.read_text(encoding="utf-8"))
    usual = rc.Priors()
    result: dict[str, Any] = {
        "command": "python benchmarks/radford2023_biases.py",
        "seed": SEED,
        "n_claims": len(claims),
        "runs": {},
    }
    for name, priors in {
        "default priors": usual,
        "no bias expected of any role": usual.without_bias(),
        "each side as the article found": as_published(usual, published["bias_mean_of_exp"]),
        "common error of a tenth": usual.replace(
            common_bias_sd_log=0.1, common_best=0, common_tail=0, common_difficulty=0
        ),
    }.items():
        result["runs"][name] = one_run(claims, priors, arguments)
        shown = {k: v for k, v in result["runs"][name].items() if k != "independence"}
        print(name, json.dumps(shown, indent=1), flush=True)
    result["published"] = {
        "biases": published["bias_mean_of_exp"],
        "day_365": [e for e in published["estimates_day365"] if e["category"] in FIGURES],
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "radford2023_biases.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def as_published(priors: rc.Priors, biases: dict[str, Any]) -> rc.Priors:
    """Default priors with the article's mean biases of both sides on deaths."""
    own = np.log([biases[f"{s}_source"][f"{s} losses"]["Military Deaths"] for s in ("RU", "UA")])
    pairs = (("RU", "UA"), ("UA", "RU"))
    other = np.log([biases[f"{s}_source"][f"{t} losses"]["Military Deaths"] for s, t in pairs])
    found = {}
    for role, interest, values in (("own", "low", own), ("enemy", "high", other)):
        usual = priors.bias_of(role, interest, "war")
        found[f"{role}/{interest}/war"] = replace(usual, mean_log=float(values.mean()))
    return priors.replace(biases=found)


def one_run(
    claims: rc.ClaimSet, priors: rc.Priors, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Fit and summarise."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = rc.fit(
            claims,
            priors=priors,
            draws=arguments.draws,
            tune=arguments.tune,
            random_seed=SEED,
            progressbar=False,
        )
        independence = rc.independence(tree)
    return {
        "seconds": round(time.perf_counter() - began),
        "converged": bool(tree.attrs["converged"]),
        "convergence_problems": tree.attrs["convergence_problems"],
        "gradients_per_draw": round(float(tree["sample_stats"]["n_steps"].mean()), 1),
        "biases": biases(tree, priors),
        "day_365": totals(tree),
        "independence": independence.round(2).to_dict(orient="records"),
    }


def biases(tree: xr.DataTree, priors: rc.Priors) -> dict[str, dict[str, float]]:
    """Ratio of claimed to true values by voice and figure, without the common error."""
    draws = tree["posterior"].to_dataset()
    found = {}
    for label in draws.coords["category"].values:
        voice = str(label).rpartition(" | ")[0]
        apart = priors.category_sd_log * draws["category_z"].sel(category=label)
        values = (draws["bias_log"].sel(voice=voice) + apart).to_numpy().ravel()
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
