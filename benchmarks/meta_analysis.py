"""Reproduce the published posteriors of twelve meta-analyses.

``python benchmarks/meta_analysis.py`` fits the data sets of ``--data`` (made with R's bayesmeta)
and writes ``meta_analysis.json`` and ``meta_analysis.md`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

import reconcile as rc

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"
SEED = 1
# The classical model has no error that all studies share.
NOTHING_IN_COMMON = rc.Priors().replace(linear={"common_measured": 1e-6})


def fit(
    y: ArrayLike,
    sigma: ArrayLike,
    prior: Mapping[str, Mapping[str, Any]],
    *,
    draws: int = 10_000,
    random_seed: int | None = None,
) -> xr.DataTree:
    """Meta-analysis with ``prior`` as in the reference file.

    ``{"tau": {"family": "half-normal", "scale": ...}, "mu": {"family": "normal", "mean": ...,
    "sd": ...}}``. The tree has ``mu``, ``tau`` and ``theta`` in the group ``posterior``.
    """
    families = {name: prior[name].get("family", usual) for name, usual in _FAMILIES.items()}
    if families != _FAMILIES:
        raise ValueError(f"families {families}: legal are {_FAMILIES}")
    tree = rc.fit(
        studies(y, sigma, prior),
        priors=NOTHING_IN_COMMON,
        draws=draws,
        random_seed=random_seed,
        progressbar=False,
    )
    found = tree["posterior"].to_dataset()
    # The names of the literature, with one effect per study.
    named = {"mu": found["estimate"], "tau": found["tau"]}
    named = {name: values.isel(quantity=0, drop=True) for name, values in named.items()}
    theta = found["theta"].rename(voice="study")
    tree["posterior"] = xr.DataTree(dataset=xr.Dataset(named | {"theta": theta}))
    return tree


def studies(y: ArrayLike, sigma: ArrayLike, prior: Mapping[str, Mapping[str, Any]]) -> rc.ClaimSet:
    """Studies as claims on one figure, ``effect``, each with its own source."""
    mean, half = float(prior["mu"]["mean"]), _RANGE * float(prior["mu"]["sd"])
    effect = rc.Figure(
        name="effect",
        scale="linear",
        noise="normal",
        plausible=(mean - half, mean + half),
        spread=float(prior["tau"]["scale"]),
    )
    pairs = zip(np.atleast_1d(y).tolist(), np.atleast_1d(sigma).tolist(), strict=True)
    return rc.ClaimSet(
        [
            rc.Claim.standard_error(value, error, figure="effect", source=f"study {k}")
            for k, (value, error) in enumerate(pairs, start=1)
        ],
        figures=[effect],
    )


# A plausible range is the central 95 % of a normal distribution.
_RANGE = 1.959963984540054
_FAMILIES = {"tau": "half-normal", "mu": "normal"}


def deviation(values: np.ndarray, reference: Mapping[str, Any]) -> float:
    """Largest deviation of the median and of the ends of the 95 % interval, in posterior SDs."""
    found = np.quantile(values, [0.5, 0.025, 0.975], axis=0)
    expected = np.array([reference[key] for key in ("median", "lo95", "hi95")])
    return float(np.abs((found - expected) / np.array(reference["sd"])).max().round(4))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA / "bayesmeta_reference.json")
    parser.add_argument("--draws", type=int, default=10_000, help="draws of each of four chains")
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    fits = json.loads(arguments.data.read_text(encoding="utf-8"))["fits"]
    rows = []
    _ = rc.fit  # load it before timing
    for name, reference in fits.items():
        began = time.perf_counter()
        tree = fit(
            reference["input"]["y"],
            reference["input"]["sigma"],
            reference["prior"],
            draws=arguments.draws,
            random_seed=SEED,
        )
        seconds = time.perf_counter() - began
        draws = (
            tree["posterior"].to_dataset().stack(sample=("chain", "draw")).transpose("sample", ...)
        )
        rows.append(
            {"data": name, "studies": reference["k"], "seconds": round(seconds, 3)}
            | {
                p: round(deviation(draws[p].to_numpy(), reference["central"][p]), 4)
                for p in PARAMETERS
            }
        )
    result = {
        "command": "python benchmarks/meta_analysis.py",
        "seed": SEED,
        "draws": f"4 chains of {arguments.draws}",
        "largest": max(row[p] for row in rows for p in PARAMETERS),
        "data": rows,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "meta_analysis.json").write_text(json.dumps(result, indent=1) + "\n")
    lines = [
        f"`{result['command']}`: largest deviation from R's bayesmeta of the median and both ends "
        f"of the 95 % interval, in posterior standard deviations; {result['draws']} draws.",
        "",
        "| data | studies | mu | tau | theta | seconds |",
        "|---|---|---|---|---|---|",
        *(
            f"| {row['data']} | {row['studies']} | {row['mu']:.4f} | {row['tau']:.4f} | "
            f"{row['theta']:.4f} | {row['seconds']:.2f} |"
            for row in rows
        ),
    ]
    (arguments.out / "meta_analysis.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


PARAMETERS = ("mu", "tau", "theta")


if __name__ == "__main__":
    main()
