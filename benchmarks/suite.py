"""All speed benchmarks in one command.

``python benchmarks/suite.py [--data DIR] [--only NAME ...] [--small]`` runs each benchmark in a
fresh process, one after another, and writes their results to ``suite.json`` and ``suite.md``, which
the documentation includes. ``--small`` is a trial run of a few minutes whose results are not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import machine, versions

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"


def commands(data: Path, out: Path, *, small: bool) -> dict[str, tuple[list[str], Path]]:
    """Command and result file of each benchmark, by name."""
    radford = str(data / "radford2023_claims.csv")
    sizes = ["1000", "10000"] if small else ["1000", "10000", "100000", "1000000"]
    draws = ["--draws", "20", "--tune", "20"] if small else []
    cases = ["--cases", "8", "--draws", "200"] if small else ["--cases", "1000", "--dask", "400"]
    return {
        "founding article": (
            [
                "founding_article.py",
                "--repeats",
                "1" if small else "3",
                "--out",
                str(out / "founding_article.json"),
            ],
            out / "founding_article.json",
        ),
        "gradient": (
            [
                "gradient.py",
                "--data",
                radford,
                "--out",
                str(out / "gradient.json"),
            ],
            out / "gradient.json",
        ),
        "scaling": (
            ["scaling.py", "--sizes", *sizes, "--out", str(out / "scaling.json")],
            out / "scaling.json",
        ),
        "Radford et al. 2023": (
            ["radford2023.py", "--data", radford, "--out", str(out / "radford2023"), *draws],
            out / "radford2023" / "radford2023.json",
        ),
        "city populations": (
            [
                "city_population.py",
                "--data",
                str(data / "city_population"),
                "--out",
                str(out / "city_population"),
            ],
            out / "city_population" / "scores.json",
        ),
        "many cases": (["fit_each.py", *cases, "--out", str(out)], out / "fit_each.json"),
    }


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", nargs="*", help="names of benchmarks")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args(argv)
    results: dict[str, Any] = {}
    kept = HERE / "suite.json"
    if kept.exists() and options.only and not options.small:
        results = json.loads(kept.read_text(encoding="utf-8"))["results"]
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (command, file) in commands(
            options.data, Path(folder), small=options.small
        ).items():
            if options.only and name not in options.only:
                continue
            began = time.perf_counter()
            # This one measures the whole process, including compilation: start with an empty cache.
            empty = {"NUMBA_CACHE_DIR": f"{folder}/compiled"} if name.startswith("Radford") else {}
            # As in normal use, Python caches byte code.
            usual = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
            done = subprocess.run(
                [sys.executable, str(HERE / command[0]), *command[1:]],
                check=False,
                env=usual | empty,
            )
            if done.returncode or not file.exists():
                failed.append(name)
                continue
            results[name] = json.loads(file.read_text(encoding="utf-8"))
            results[name]["suite_seconds"] = round(time.perf_counter() - began, 1)
            print(f"{name}: {results[name]['suite_seconds']} s", flush=True)
    text = table(results)
    print(text)
    if not options.small:
        whole = {
            "command": "python benchmarks/suite.py",
            "machine": machine(),
            "versions": versions(),
            "results": results,
        }
        kept.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        (HERE / "suite.md").write_text(text, encoding="utf-8")
    if failed:
        print("failed: " + ", ".join(failed))
    return len(failed)


def table(results: dict[str, Any]) -> str:
    """The main results as a Markdown table."""
    rows = [("what", "measured", "goal")]
    if article := results.get("founding article"):
        ratio = article["ratios"]
        first = article["seconds"]["first_fit_with_imports"]["median"]
        rows += [
            (
                "founding article, first fit of an installation",
                f"{article['first_fit_of_an_installation_s']['median']:.1f} s",
                "",
            ),
            ("the same, first fit of a process, with imports", f"{first:.1f} s", ""),
            ("the same, a refit", f"{article['seconds']['refit']['median']:.2f} s", ""),
            (
                "refit over first fit of an installation",
                f"{ratio['refit to first fit of an installation']:.1%}",
                "10 %",
            ),
            ("refit over first fit of a process", f"{ratio['refit to first fit']:.1%}", ""),
            ("PyMC's own first fit over ours", f"{ratio["PyMC's first fit to ours"]:.1f}", ""),
        ]
    if gradient := results.get("gradient"):
        for name, row in gradient["models"].items():
            micro = {way: value["median"] for way, value in row["microseconds"].items()}
            rows += [
                (f"{name}, one gradient as sampled", f"{micro['as sampled']:.1f} µs", ""),
                (
                    f"{name}, as sampled over hand-written",
                    f"{row['ratios to hand-written']['as sampled']:.2f}",
                    "3",
                ),
                (
                    f"{name}, PyTensor over hand-written",
                    f"{row['ratios to hand-written']['PyTensor']:.1f}",
                    "",
                ),
            ]
    rows += _growth(results.get("scaling", {}).get("measured", []))
    if radford := results.get("Radford et al. 2023"):
        seconds, checked = radford["seconds"], radford["checked"]
        rows += [
            (
                "Radford et al. 2023, whole process with compiling",
                f"{seconds['whole process']:.0f} s",
                "180 s",
            ),
            ("memory", f"{radford['peak_gib']:.1f} GiB", "4 GiB"),
            (
                "effective draws over Stan's, for each s",
                f"{radford['times_the_reference']:.0f}",
                "500",
            ),
        ]
        if "converged" in radford:
            passed = "yes" if radford["converged"] else "no"
            rows.append(("every parameter through the gate", passed, ""))
        for name, row in checked.items():
            worst = f"R-hat {row['r_hat']:.3f}, ESS {row['ess_bulk']:.0f} / {row['ess_tail']:.0f}"
            rows.append((f"{name}, worst", worst, "1.01, 400 / 400"))
    if cities := results.get("city populations"):
        ours = cities["methods"]["reconcile"]
        rows += [
            ("city populations", f"{cities['seconds']:.0f} s", "600 s"),
            (
                "RMSE and mean absolute error",
                f"{ours['rmse']:,.0f}, {ours['mae']:,.0f}",
                "8,771, 2,438",
            ),
            ("cover of 90 % intervals", f"{ours['coverage_eti90']:.2f}", "0.85 to 0.95"),
        ]
    if many := results.get("many cases"):
        rows += [
            (
                f"{row['cases']:,} cases, {row['where']}",
                f"{row['seconds']:.0f} s",
                "300 s" if row["cases"] == many["cases"] else "",
            )
            for row in many["runs"]
        ]
        if many["two_workers_over_one"]:
            rows.append(("two Dask workers over one", f"{many['two_workers_over_one']}", "1.7"))
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---|---|---|", *lines[1:]]) + "\n"


def _growth(measured: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Cost of a gradient per claim, and of the largest tables."""
    rows = [
        (
            f"gradient for each of {row['size']:,} claims",
            f"{1e6 * row['gradient_ms'] / row['size']:.0f} ns",
            "no growth",
        )
        for row in measured
        if row["shape"] == "figures" and "gradient_ms" in row
    ]
    for row in measured:
        if row["size"] == 1_000_000 and "failed" not in row:
            seconds = sum(row["seconds"][step] for step in ("read", "design", "density"))
            what = f"1,000,000 claims read, checked and built ({row['shape']})"
            memory = max(row["peak_gib"].values())
            rows.append((what, f"{seconds:.0f} s, {memory:.1f} GiB", "60 s, 8 GiB"))
    return rows


if __name__ == "__main__":
    sys.exit(main())
