"""Time and memory as functions of the number of claims, from the table to the gradient.

``uv run benchmarks/scaling.py [--sizes N ...] [--shapes NAME ...] [--upto STEP] [--out FILE]``
writes a table of claims of each shape and size and, in a fresh process, runs every step on it: the
table is read and validated (``read``), turned into a design (``design``) and into the density that
is sampled (``density``); then the density and its gradient are computed (``gradient``, the median
over several points). The result is JSON: wall and processor time and peak memory of each step, the
numbers of figures, sources and voices, the machine and the versions.

Shapes: ``figures`` has a tenth as many fixed figures and a fifth as many sources as claims;
``populations`` has one figure of a hundredth as many populations; ``running`` has thirty running
totals over the days of one year.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine, versions

STEPS = ("read", "design", "density", "gradient")
GRADIENTS = 15
# Shortest total time, so that short gradients are not lost in the noise of the machine.
GRADIENT_SECONDS = 0.5
COLUMNS = (
    *("figure", "population", "kind", "value", "low", "high", "date", "said"),
    *("source", "role", "quote"),
)
KINDS = ("point", "about", "at_least", "at_most", "between")
ROLES = ("own", "enemy", "third", "expert", "media")
FIRST_DAY = dt.date(2022, 1, 1)
CHUNK = 10_000


def figures_row(rng: np.random.Generator, n: int) -> Iterator[tuple[str, str, str, float, int]]:
    """Many fixed figures: figure, population, date, true number and index of the source."""
    size = max(n // 10, 1)
    truth = np.exp(np.random.default_rng(0).normal(6, 2, size))
    while True:
        which = rng.integers(0, size, CHUNK)
        by = rng.integers(0, max(n // 5, 2), CHUNK)
        for k, source in zip(which.tolist(), by.tolist(), strict=True):
            yield f"deaths in place {k}", "", "", float(truth[k]), source


def populations_row(rng: np.random.Generator, n: int) -> Iterator[tuple[str, str, str, float, int]]:
    """One fixed figure of many populations; sources have claims on several of them."""
    size = max(n // 100, 2)
    truth = np.exp(np.random.default_rng(0).normal(8, 2, size))
    while True:
        which = rng.integers(0, size, CHUNK)
        by = rng.integers(0, max(n // 50, 2), CHUNK)
        for k, source in zip(which.tolist(), by.tolist(), strict=True):
            yield "inhabitants", f"city {k}", "", float(truth[k]), source


def running_row(rng: np.random.Generator, n: int) -> Iterator[tuple[str, str, str, float, int]]:
    """Thirty running totals over the days of one year, and a source per hundred claims."""
    while True:
        which, day = rng.integers(0, 30, CHUNK), rng.integers(0, 365, CHUNK)
        by = rng.integers(0, max(n // 100, 2), CHUNK)
        for k, after, source in zip(which.tolist(), day.tolist(), by.tolist(), strict=True):
            date = (FIRST_DAY + dt.timedelta(days=after)).isoformat()
            yield f"losses {k}", "", date, 20.0 * (1 + k) * (1 + after), source


SHAPES: dict[str, Callable[[np.random.Generator, int], Iterator[tuple[str, str, str, float, int]]]]
SHAPES = {"figures": figures_row, "populations": populations_row, "running": running_row}


def rows(shape: str, n: int, *, seed: int = 1) -> Iterator[dict[str, object]]:
    """Rows of a claim table of one shape.

    Half the numbers are rounded, the others are not; half the sources have a role.
    """
    rng = np.random.default_rng(seed)
    about = SHAPES[shape](rng, n)
    for start in range(0, n, CHUNK):
        kinds = rng.choice(KINDS, CHUNK, p=[0.6, 0.1, 0.1, 0.1, 0.1]).tolist()
        off, wide = np.exp(rng.normal(0, 0.3, (2, CHUNK))).tolist()
        digits = rng.integers(1, 3, CHUNK).tolist()
        days = rng.integers(0, 365, CHUNK).tolist()
        for k in range(min(CHUNK, n - start)):
            figure, population, date, true, source = next(about)
            number = max(round(true * off[k]), 1)
            if k % 2:
                number = int(float(f"{number:.{digits[k] - 1}e}"))
            row: dict[str, object] = dict.fromkeys(COLUMNS, "")
            row |= {"figure": figure, "population": population, "kind": kinds[k], "date": date}
            row |= {"source": f"source {source}", "value": number}
            if kinds[k] == "between":
                row |= {
                    "value": "",
                    "low": number,
                    "high": number + max(round(wide[k] * number), 1),
                }
            if not date:
                row["said"] = (FIRST_DAY + dt.timedelta(days=days[k])).isoformat()
            if source % 2:
                row["role"] = ROLES[source % len(ROLES)]
            yield row


def write_table(path: Path, shape: str, n: int) -> None:
    """Write a table of claims as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(rows(shape, n))


def peak_gib() -> float:
    """Peak memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # The peak reported by getrusage is inherited from the parent process.
        (line,) = (x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    unit = 1 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def gradient_seconds(density: Any) -> list[float]:
    """Processor seconds for the density and its gradient at points about the start."""
    rng, found = np.random.default_rng(1), []
    while len(found) < GRADIENTS or sum(found) < GRADIENT_SECONDS:
        point = density.shift + rng.normal(0, 0.3, density.shift.size)
        begin = time.process_time()
        value, _ = density.slope(point)
        found.append(time.process_time() - begin)
        if not np.isfinite(value):
            raise SystemExit("the density is not finite")
    return found


def measure(table: Path, upto: str) -> dict[str, Any]:
    """Run the steps on a table in this process and measure the cost of each."""
    import reconcile as rc
    from reconcile.models.log_scale.design.design import design
    from reconcile.models.log_scale.kernel.layout import kernel_density

    rc.read_claims, rc.ClaimSet  # noqa: B018  # import the lazy modules before measuring
    seconds: dict[str, float] = {}
    cpu_seconds: dict[str, float] = {}
    memory: dict[str, float] = {"start": round(peak_gib(), 3)}
    wanted = STEPS[: STEPS.index(upto) + 1]

    def step(name: str, work: Callable[[], Any]) -> Any:
        begin, busy = time.perf_counter(), time.process_time()
        result = work()
        seconds[name] = round(time.perf_counter() - begin, 3)
        # Excludes waiting for other users of the machine.
        cpu_seconds[name] = round(time.process_time() - busy, 3)
        memory[name] = round(peak_gib(), 3)
        return result

    warnings.simplefilter("ignore")
    claims = step("read", lambda: rc.read_claims(table))
    found: dict[str, Any] = {"claims": len(claims), "figures": len(claims.figures)}
    found |= {"sources": len(claims.sources), "populations": len(claims.populations)}
    if "design" in wanted:
        plan = step("design", lambda: design(claims))
        found |= {"voices": len(plan.speakers.voices), "series": len(plan.structure.series)}
    if "density" in wanted:
        density = step("density", lambda: kernel_density(plan))
        found["variables"] = int(density.shift.size)
    if "gradient" in wanted:
        costs = step("gradient", lambda: gradient_seconds(density))
        found["gradient_ms"] = round(1e3 * float(np.median(costs)), 4)
        found["gradient_spread_ms"] = [
            round(1e3 * float(x), 4) for x in np.quantile(costs, [0.25, 0.75])
        ]
    return found | {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_gib": memory}


def measure_fresh(shape: str, n: int, upto: str, limit: float) -> dict[str, Any]:
    """Measure one shape and size in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "claims.csv"
        write_table(table, shape, n)
        command = [sys.executable, __file__, "--measure", str(table), "--upto", upto]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, timeout=limit
            )
        except subprocess.TimeoutExpired:
            return {"shape": shape, "size": n, "failed": f"more than {limit:g} seconds"}
    if done.returncode:
        return {"shape": shape, "size": n, "failed": done.stderr.splitlines()[-1:]}
    return {"shape": shape, "size": n} | json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure every shape at every size and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--shapes", choices=SHAPES, nargs="+", default=list(SHAPES))
    parser.add_argument("--upto", choices=STEPS, default="gradient", help="the last step")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for one size")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.upto)))
        return
    result = {
        "machine": machine(),
        "versions": versions(),
        "measured": [
            measure_fresh(shape, n, options.upto, options.limit)
            for shape in options.shapes
            for n in options.sizes
        ],
    }
    text = json.dumps(result, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
