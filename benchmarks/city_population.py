"""City populations in Wikipedia infoboxes: 1,172 figures, 2,415 sources (Pasternack and Roth 2010).

    python benchmarks/city_population.py --data DIR --out DIR

The data folder holds ``claims.csv`` (figure, source, value) and, for scoring, ``truth.csv``
(figure, value); they are not part of this project. The output is ``estimates.csv``, with a row for
every figure, and ``scores.json``.

Assumptions, none of them from the truths: the figures are on record (a census office counted,
contributors copy); anonymous contributors are rumours, those with an account third parties; a city
has between 100 and 20 million people.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from machine import machine, versions
from truth_finding import PEERS, without_outliers

import reconcile as rc

PLAUSIBLE = (100.0, 20_000_000.0)
# An IP address in place of a name: "c0 (24.234.0.200)".
ANONYMOUS = r"\(\d+\.\d+\.\d+\.\d+\)"
SEED = 2010


def claim_set(table: pd.DataFrame) -> rc.ClaimSet:
    """The claims as a ClaimSet."""
    anonymous = table["source"].str.contains(ANONYMOUS)
    claims = [
        rc.Claim.point(value, figure=name, source=source, role="rumour" if unnamed else "third")
        for name, source, value, unnamed in zip(
            table["name"], table["source"], table["value"].astype(float), anonymous, strict=True
        )
    ]
    figures = [
        rc.Figure(name=name, unit="people", accrues=False, plausible=PLAUSIBLE)
        for name in table["name"].unique()
    ]
    return rc.ClaimSet(claims, figures=figures, setting="record", title="City populations")


def estimates(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, str]:
    """Estimates of every figure, rounded to whole people, and convergence problems."""
    # + and / are not allowed in names of figures.
    table = table.assign(name=table["figure"].str.replace(r"[+/]", "-", regex=True))
    names = table.drop_duplicates("figure").set_index("name")["figure"]
    posterior = rc.fit(claim_set(table), random_seed=seed, progressbar=False)
    found = rc.summary(posterior)
    columns = ["median", "eti90_lb", "eti90_ub"]
    found[columns] = found[columns].round()
    found["figure"] = found["figure"].map(names)
    return found[["figure", *columns]], str(posterior.attrs["convergence_problems"])


def errors_of(found: pd.Series, truth: pd.Series) -> dict[str, float]:
    """Error measures on the natural scale."""
    off = (found.reindex(truth.index) - truth).to_numpy(dtype=float)
    return {
        "rmse": float(np.sqrt(np.mean(off**2))),
        "mae": float(np.mean(np.abs(off))),
        "median_absolute_error": float(np.median(np.abs(off))),
    }


def scores(table: pd.DataFrame, found: pd.DataFrame, truth: pd.Series) -> dict[str, object]:
    """Scores of ours and of the peers, the latter with and without outliers."""
    ours = found.set_index("figure").reindex(truth.index)
    inside = (ours["eti90_lb"] <= truth) & (truth <= ours["eti90_ub"])
    width = np.log(ours["eti90_ub"].clip(lower=0.5) / ours["eti90_lb"].clip(lower=0.5))
    methods: dict[str, dict[str, float]] = {
        "reconcile": errors_of(ours["median"], truth)
        | {
            "coverage_eti90": float(inside.mean()),
            "mean_log_width_eti90": float(width.mean()),
            "median_log_width_eti90": float(width.median()),
        }
    }
    near = without_outliers(table)
    for name, peer in PEERS.items():
        methods[name] = errors_of(peer(table), truth)
        methods[f"{name}, outliers removed"] = errors_of(peer(near), truth)
    return {"n_truths": len(truth), "methods": methods}


def main(argv: list[str] | None = None) -> int:
    """Estimate, score if truths are given, and write both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(argv)
    table = pd.read_csv(options.data / "claims.csv")
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found, problems = estimates(table, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    found.to_csv(options.out / "estimates.csv", index=False)
    result: dict[str, object] = {
        "n_figures": len(found),
        "n_claims": len(table),
        "seconds": time.perf_counter() - started,
        "convergence_problems": problems,
        "warnings": sorted({str(w.message) for w in caught}),
        "seed": options.seed,
        "machine": machine(),
        "versions": versions(),
    }
    if (options.data / "truth.csv").exists():
        truth = pd.read_csv(options.data / "truth.csv").set_index("figure")["value"]
        result |= scores(table, found, truth)
    text = json.dumps(result, indent=2)
    (options.out / "scores.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
