"""Time to fit many cases in local processes and on local Dask workers.

``python benchmarks/fit_each.py --dask 400`` simulates cases of 5 to 10 claims each from the model,
fits them with ``rc.fit_each`` in local processes, and some of them again on one and on two Dask
workers, and writes ``fit_each.json`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine, versions

import reconcile as rc

HERE = Path(__file__).parent
SEED = 11
ROLES = ("own", "enemy", "third", "expert", "media", "media", "third", "leak", "rumour", "enemy")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="simulated cases")
    parser.add_argument("--draws", type=int, default=1000, help="draws of each chain")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument(
        "--dask", type=int, default=0, help="cases that are also fitted by one and two Dask workers"
    )
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    cases = {f"case {k:04}": simulated(k) for k in range(arguments.cases)}
    rows = [timed("processes of this machine", cases, None, arguments)]
    if arguments.dask:
        some = dict(list(cases.items())[: arguments.dask])
        for n in (1, 2):
            with dask_workers(n) as executor:
                rows.append(timed(f"Dask workers: {n}", some, executor, arguments))
    write(rows, arguments)


def simulated(k: int) -> rc.ClaimSet:
    """Simulated claims of a case, which has 5 to 10 claims."""
    rng = np.random.default_rng([SEED, k])
    claims = [
        make(
            j, figure="killed", source=f"source {j}", role=ROLES[j], said=f"2022-03-{2 + 2 * j:02}"
        )
        for j, make in enumerate(KINDS[: 5 + k % 6])
    ]
    figure = rc.Figure(name="killed", accrues=False, plausible=(100, 10_000))
    design = rc.ClaimSet(claims, figures=[figure], setting="war", start="2022-03-01")
    return rc.simulate(design, rng=rng).claims


def _point(k: int, **about: Any) -> rc.Claim:
    return rc.Claim.point(1013 + 7 * k, **about)


def _about(k: int, **about: Any) -> rc.Claim:
    return rc.Claim.about(1200 + 10 * k, **about)


def _between(k: int, **about: Any) -> rc.Claim:
    return rc.Claim.between(700 + k, 1500 + k, **about)


def _at_least(k: int, **about: Any) -> rc.Claim:
    return rc.Claim.at_least(400 + k, **about)


def _interval(k: int, **about: Any) -> rc.Claim:
    return rc.Claim.interval(600 + k, 2100 + k, 0.9, **about)


KINDS: tuple[Callable[..., rc.Claim], ...] = (
    *(_point, _about, _between, _at_least, _interval),
    *(_point, _about, _between, _at_least, _point),
)


@contextmanager
def dask_workers(n: int) -> Iterator[Executor]:
    """An executor on a local cluster of ``n`` worker processes with one thread each."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=n, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(n)
        yield client.get_executor()


def timed(
    where: str,
    cases: dict[str, rc.ClaimSet],
    executor: Executor | None,
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    """Fit all cases and measure the time, including starting processes and writing files."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rc.ConvergenceWarning)
        fits = rc.fit_each(
            cases,
            executor=executor,
            draws=arguments.draws,
            tune=arguments.draws,
            chains=arguments.chains,
            random_seed=SEED,
        )
    seconds = time.perf_counter() - began
    size = sum(path.stat().st_size for path in fits.folder.iterdir())
    row = {
        "where": where,
        "cases": len(fits),
        "seconds": round(seconds, 1),
        "cases_per_second": round(len(fits) / seconds, 3),
        "failed": len(fits.failed),
        "megabytes": round(size / 1e6, 1),
    }
    print(row, flush=True)
    return row


def write(rows: list[dict[str, Any]], arguments: argparse.Namespace) -> None:
    """Write the result as JSON."""
    dask = f" --dask {arguments.dask}" if arguments.dask else ""
    seconds = [row["seconds"] for row in rows]
    result = {
        "command": f"python benchmarks/fit_each.py --cases {arguments.cases} "
        f"--draws {arguments.draws} --chains {arguments.chains}{dask}",
        "seed": SEED,
        "cases": arguments.cases,
        "runs": rows,
        "two_workers_over_one": round(seconds[1] / seconds[2], 2) if arguments.dask else None,
        "machine": machine(),
        "versions": versions(),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "fit_each.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
