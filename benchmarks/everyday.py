"""Everyday cases: answers at default settings beside what a knowledgeable person accepts.

``python benchmarks/everyday.py --seeds 4`` fits each case and each pair of ``tests/everyday`` with
default settings and several seeds, and prints a row for each. ``--only TEXT`` keeps those whose
name contains the text; ``--out FILE`` also writes the rows as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machine import machine, versions

import reconcile as rc

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from everyday.cases import CASES, PAIRS
from everyday.shape import told

if TYPE_CHECKING:
    import xarray as xr

    from everyday.shape import Everyday, Pair

SEED = 2022
HEADER = "| case | answer | accepted | result | converged | seconds |\n|---|---|---|---|---|---|"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4, help="seeds tried")
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--out", type=Path, help="JSON file for the rows")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.ConvergenceWarning)
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    rows = []
    print(HEADER, flush=True)
    for case in (*CASES, *PAIRS):
        if arguments.only not in case.name:
            continue
        seeds = range(SEED, SEED + arguments.seeds)
        rows.append(tried(case, seeds))
        print(shown(rows[-1]), flush=True)
    good = sum(row["passed"] for row in rows)
    gate = sum(all(row["converged"]) for row in rows)
    print(f"\n{good} of {len(rows)} accepted with every seed; {gate} converged with every seed")
    if arguments.out:
        result = {
            "command": f"python benchmarks/everyday.py --seeds {arguments.seeds}",
            "seed": SEED,
            "rows": rows,
            "machine": machine(),
            "versions": versions(),
        }
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def tried(case: Everyday | Pair, seeds: range) -> dict[str, Any]:
    """Answers, faults, convergence and seconds of a case or pair, by seed."""
    answers, faults, problems = [], [], []
    began = time.perf_counter()
    for seed in seeds:
        fits: list[xr.DataTree] = []
        try:
            fits += [
                rc.fit(part.claims(), random_seed=seed, progressbar=False) for part in case.parts
            ]
            answers.append(told(case, fits))
            faults.append(case.faults(*fits))
        except ValueError as error:
            answers.append("none")
            faults.append([f"{type(error).__name__}: {str(error).splitlines()[0]}"])
        problems.append(
            "; ".join(filter(None, (fit.attrs["convergence_problems"] for fit in fits)))
        )
    return {
        "name": case.name,
        "answers": answers,
        "accepted": case.accepted,
        "faults": faults,
        "passed": not any(faults),
        "converged": [not found for found in problems],
        "problems": problems,
        "seconds": round((time.perf_counter() - began) / len(seeds), 1),
    }


def shown(row: dict[str, Any]) -> str:
    """A row of the table: the answer of the first seed that fails, or else of the first."""
    bad = next((k for k, found in enumerate(row["faults"]) if found), 0)
    result = "pass" if row["passed"] else f"FAIL: {'; '.join(row['faults'][bad])}"
    gate = "".join("y" if good else "N" for good in row["converged"])
    return (
        f"| {row['name']} | {row['answers'][bad]} | {row['accepted']} | {result} | {gate} | "
        f"{row['seconds']} |"
    )


if __name__ == "__main__":
    main()
