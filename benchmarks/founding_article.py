"""Where the time of the founding article's example goes, as ratios within one run.

``uv run benchmarks/founding_article.py [--out FILE] [--repeats N]`` starts a fresh process for
each measurement. It compares the library's compilation with ``nutpie.compile_pymc_model`` on the
same model, a refit with a first fit, and the whole example on an empty and on a filled cache of
compiled functions. The result is JSON with the machine and the versions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "01_founding_article"

# Each prints seconds by name, as JSON, on its last line.
STEPS = """
import json, time
begin = time.perf_counter()
import reconcile as rc
t_package = time.perf_counter()
import nutpie, reconcile.fitting as fitting
from reconcile.design import design
from reconcile.model import model_of
t_import = time.perf_counter()
plan = design(rc.read_claims({example!r}))
model = model_of(plan)
t_build = time.perf_counter()
"""
OURS = (
    STEPS
    + """
density = fitting.compile_density(model)
t_compile = time.perf_counter()
settings = dict(draws=2000, tune=1000, chains=4, cores=None, progressbar=False, target_accept=0.95)
fitting.sample_design(plan, density, random_seed=1, **settings)
t_first = time.perf_counter()
fitting.sample_design(plan, density, random_seed=2, **settings)
t_again = time.perf_counter()
print(json.dumps(dict(
    import_reconcile=t_package - begin, imports=t_import - t_package, build=t_build - t_import,
    compile=t_compile - t_build, sample_and_tree=t_first - t_compile, refit=t_again - t_first)))
"""
)
NUTPIE = (
    STEPS
    + """
nutpie.compile_pymc_model(model)
print(json.dumps(dict(compile_nutpie=time.perf_counter() - t_build)))
"""
)


def run(code: str, cache: str) -> dict[str, float]:
    """Run a measurement in a process of its own."""
    flags = os.environ | {"PYTENSOR_FLAGS": f"base_compiledir={cache}"}
    done = subprocess.run(
        [sys.executable, "-c", code.format(example=str(EXAMPLE))],
        env=flags, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def whole(cache: str) -> float:
    """Wall time of the example as a process."""
    code = (
        "import subprocess, sys, tempfile, time, json\n"
        "t = time.perf_counter()\n"
        "with tempfile.TemporaryDirectory() as out:\n"
        f"    subprocess.run([sys.executable, {str(EXAMPLE) + '.py'!r}, '--out', out + '/x'],"
        " check=True, capture_output=True)\n"
        "print(json.dumps(dict(whole=time.perf_counter() - t)))\n"
    )
    return run(code.replace("{", "{{").replace("}", "}}"), cache)["whole"]


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as other:
        first = whole(empty)
        warm = [whole(empty) for _ in range(options.repeats)]
        ours = [run(OURS, empty) for _ in range(options.repeats)]
        run(NUTPIE, other)
        theirs = [run(NUTPIE, other) for _ in range(options.repeats)]
    steps = {name: statistics.median(r[name] for r in ours) for name in ours[0]}
    steps["compile_nutpie"] = statistics.median(r["compile_nutpie"] for r in theirs)
    once = steps["imports"] + steps["build"] + steps["compile"] + steps["sample_and_tree"]
    result = {
        "machine": {"processors": os.cpu_count(), "machine": platform.machine()},
        "versions": {p: version(p) for p in ("numpy", "pymc", "pytensor", "nutpie", "numba")},
        "repeats": options.repeats,
        "example_first_time_s": first,
        "example_s": {
            "min": min(warm), "median": statistics.median(warm), "max": max(warm)
        },
        "steps_median_s": steps,
        "ratios": {
            "nutpie's compilation to ours": steps["compile_nutpie"] / steps["compile"],
            "refit to first fit": steps["refit"] / once,
        },
    }  # fmt: skip
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
