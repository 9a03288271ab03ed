"""Error of the Laplace approximation, and the time it saves.

``python benchmarks/laplace.py [--data FILE] [--only NAME ...] [--out DIR]`` fits each set of claims
with ``fit(method="laplace")`` and with NUTS, and compares their estimates: distance of the medians
in posterior standard deviations of the log estimate, ratio of the widths of the 90 % intervals, the
posterior mass that its intervals contain, and Pareto k. The sets are the founding article, the
cases of the track record together, simulated figures with several claims each, the claims of
Radford et al. 2023, and simulated claims with too many variables for a dense Hessian.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from machine import machine, versions
from scaling import rows

import reconcile as rc

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data" / "radford2023_claims.csv"
SEED = 5


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--only", nargs="*", help="sets; the results of the others are kept")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    article = rc.read_claims(HERE.parent / "examples" / "01_founding_article")
    sets = {"founding article": [article], "48 past cases": past_cases()}
    sets |= {
        f"{n:,} claims, {n // 10} figures": [rc.read_claims(pd.DataFrame(rows("figures", n)))]
        for n in (300, 3000)
    }
    sets["Radford et al. 2023"] = [rc.read_radford2023(options.data)]
    many = pd.DataFrame(rows("populations", 10_000))
    sets["10,000 claims, 100 populations"] = [rc.read_claims(many)]
    file, kept = options.out / "laplace.json", {}
    if options.only:
        kept = json.loads(file.read_text(encoding="utf-8"))["sets"]
        sets = {name: claims for name, claims in sets.items() if name in options.only}
    result = {
        "command": "python benchmarks/laplace.py",
        "draws": options.draws,
        "sets": kept | {name: compared(claims, options.draws) for name, claims in sets.items()},
        "machine": machine(),
        "versions": versions(),
    }
    text = json.dumps(result, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
    print(text)


def past_cases() -> list[rc.ClaimSet]:
    """Cases of the track record without their truths.

    The speed of light is omitted, since NUTS does not converge on it.
    """
    return [
        claims.replace([claim for claim in claims if claim.kind != "truth"])
        for name, claims in rc.track_record().items()
        if name != "speed_of_light"
    ]


def compared(sets: list[rc.ClaimSet], draws: int) -> dict[str, Any]:
    """Compare the estimates of both methods on some sets of claims."""
    off: list[float] = []
    width: list[float] = []
    held: list[float] = []
    pareto_k: list[float] = []
    seconds = dict.fromkeys(("nuts", "laplace"), 0.0)
    unconverged = 0
    for claims in sets:
        trees = {}
        for method in seconds:
            began = time.perf_counter()
            trees[method] = fitted(claims, method, draws)
            seconds[method] += time.perf_counter() - began
        unconverged += 1 - int(trees["nuts"].attrs["converged"])
        pareto_k.append(float(trees["laplace"].attrs["pareto_k"]))
        exact, rough = (log_estimates(trees[method]) for method in ("nuts", "laplace"))
        low, high = np.quantile(rough, [0.05, 0.95], axis=0)
        ends = np.quantile(exact, [0.05, 0.95], axis=0)
        off += list(np.abs(np.median(rough, axis=0) - np.median(exact, axis=0)) / exact.std(axis=0))
        width += list((high - low) / (ends[1] - ends[0]))
        held += list(((exact >= low) & (exact <= high)).mean(axis=0))
    return {
        "sets": len(sets),
        "estimates": len(off),
        "nuts_unconverged": unconverged,
        "median_off_sd": spread(off),
        "width_ratio": spread(width),
        "posterior_held": spread(held),
        "pareto_k": spread(pareto_k),
        "seconds": seconds,
    }


def fitted(claims: rc.ClaimSet, method: str, draws: int) -> Any:
    """A fit without its warnings, which are recorded in it."""
    settings: Mapping[str, Any] = {"draws": draws, "tune": 300, "target_accept": 0.8}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rc.fit(claims, method=method, random_seed=SEED, progressbar=False, **settings)


def log_estimates(tree: Any) -> np.ndarray:
    """Draws of log estimates, shape (draw, estimate); zeros are replaced by 1e-9."""
    values = tree["posterior"]["estimate"].stack(sample=("chain", "draw")).transpose("sample", ...)
    return np.log(np.maximum(values.to_numpy(), 1e-9))


def spread(values: list[float]) -> dict[str, float]:
    """Median and 90 % range."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"q05": float(low), "median": float(middle), "q95": float(high)}


if __name__ == "__main__":
    main()
