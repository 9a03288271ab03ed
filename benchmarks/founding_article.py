"""Time taken by the founding article's example, as ratios within one run.

``python benchmarks/founding_article.py [--out FILE] [--repeats N]`` starts a fresh process for
each measurement. It compares a refit with the first fit of a process and with that of a new
installation, which compiles the density; the whole example with an empty and with a filled cache of
compiled functions; and the library's fit with the same PyMC model sampled by ``pm.sample`` (nutpie,
with the same draws, chains and acceptance rate).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine, versions

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "01_founding_article"

# Each prints seconds by name as JSON on its last line.
OURS = """
import json, time, warnings
warnings.simplefilter("ignore")
begin = time.perf_counter()
import reconcile as rc
package = time.perf_counter()
import reconcile.fitting
imports = time.perf_counter()
claims = rc.read_claims({example!r})
rc.fit(claims, random_seed=1, progressbar=False)
first = time.perf_counter()
tree = rc.fit(claims, random_seed=2, progressbar=False)
again = time.perf_counter()
import arviz_stats
ess = float(arviz_stats.ess(tree["posterior"]["estimate"]).min())
print(json.dumps(dict(import_reconcile=package - begin, imports=imports - package,
    first_fit=first - imports, refit=again - first, first_fit_with_imports=first - begin,
    ess_per_second_of_refit=ess / (again - first))))
"""
PYMC = """
import json, time, warnings
warnings.simplefilter("ignore")
begin = time.perf_counter()
import pymc as pm
import reconcile as rc
claims = rc.read_claims({example!r})
with rc.build_model(claims):
    tree = pm.sample(draws=1000, tune=1000, chains=4, random_seed=1, progressbar=False,
        target_accept=0.85, nuts_sampler="nutpie", compute_convergence_checks=False)
first = time.perf_counter()
import arviz_stats
ess = float(arviz_stats.ess(tree["posterior"]["estimate"]).min())
print(json.dumps(dict(pymc_first_fit_with_imports=first - begin, pymc_ess=ess)))
"""


def run(code: str, cache: str) -> dict[str, float]:
    """Run a measurement in a fresh process."""
    flags = os.environ | {"PYTENSOR_FLAGS": f"base_compiledir={cache}", "NUMBA_CACHE_DIR": cache}
    done = subprocess.run(
        [sys.executable, "-c", code.format(example=str(EXAMPLE))],
        env=flags,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def whole(cache: str) -> float:
    """Wall time of the example in a fresh process."""
    flags = os.environ | {"PYTENSOR_FLAGS": f"base_compiledir={cache}", "NUMBA_CACHE_DIR": cache}
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, f"{EXAMPLE}.py", "--out", out],
            env=flags,
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - began


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(argv)
    cache = tempfile.mkdtemp()
    try:
        # With an empty cache: the first fit of an installation.
        installed = []
        for _ in range(options.repeats):
            with tempfile.TemporaryDirectory() as empty:
                installed.append(run(OURS, empty)["first_fit_with_imports"])
        first = whole(cache)
        warm = [whole(cache) for _ in range(options.repeats)]
        runs = [run(OURS, cache) | run(PYMC, cache) for _ in range(options.repeats + 1)][
            1:
        ]  # the first one compiles PyMC's graph
    finally:
        shutil.rmtree(cache)
    steps = {name: sorted(run[name] for run in runs) for name in runs[0]}
    middle = {name: statistics.median(values) for name, values in steps.items()}
    result = {
        "command": "python benchmarks/founding_article.py",
        "repeats": options.repeats,
        "example_first_time_s": first,
        "example_s": {"min": min(warm), "median": statistics.median(warm), "max": max(warm)},
        "seconds": {
            name: {"min": values[0], "median": middle[name], "max": values[-1]}
            for name, values in steps.items()
        },
        "first_fit_of_an_installation_s": {
            "min": min(installed),
            "median": statistics.median(installed),
            "max": max(installed),
        },
        "ratios": {
            "refit to first fit of an installation": middle["refit"] / statistics.median(installed),
            "refit to first fit": middle["refit"] / middle["first_fit_with_imports"],
            "PyMC's first fit to ours": middle["pymc_first_fit_with_imports"]
            / middle["first_fit_with_imports"],
        },
        "machine": machine(),
        "versions": versions(),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
