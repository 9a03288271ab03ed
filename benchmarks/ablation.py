"""Ablation: coverage on simulated cases with and without each term of the error model.

``python benchmarks/ablation.py`` simulates, for each term, cases in which it matters, fits them
with the full model and without the term, and writes ``ablation.json`` and ``ablation.md`` beside
this file.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

import reconcile as rc
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.fit import sample_design

HERE = Path(__file__).parent
SEED = 7
TINY = 1e-6

type Switch = tuple[rc.ClaimSet, rc.Priors, Callable[[rc.ClaimSet], rc.ClaimSet]]


def priors() -> rc.Priors:
    """Priors of the simulation, with every error large enough to matter."""
    shipped = rc.Priors()
    own = rc.BiasPrior(mean_log=-0.3, mean_sd_log=0.1, sd_log=0.3)
    enemy = rc.BiasPrior(mean_log=1.2, mean_sd_log=0.1, sd_log=0.4)
    third = rc.BiasPrior(mean_log=0.0, mean_sd_log=0.1, sd_log=0.4)
    expert = rc.BiasPrior(mean_log=0.0, mean_sd_log=0.1, sd_log=0.2)
    role = replace(
        shipped.roles["own"], noise_median_log=0.3, noise_sd_log=0.2, withdrawn_sound=0.3
    )
    return shipped.replace(
        biases=dict.fromkeys(("third", "media", "leak", "rumour"), third)
        | {"own": own, "enemy": enemy, "expert": expert},
        roles=dict.fromkeys(shipped.roles, role),
        camp_share=0.8,
        common_bias_sd_log=0.1,
        common_best=0,
        common_tail=0,
        difficulty_sd_log=0,
        serial_share=0.95,
        serial_days=60.0,
    )


ABOUT: Final = {"figure": "killed", "population": "A"}


def case(claims: list[rc.Claim]) -> rc.ClaimSet:
    """A side's claim about its own losses, and other claims."""
    army = rc.Claim.point(713, source="army of A", role="own", said="2022-03-05", **ABOUT)
    figure = rc.Figure(name="killed", accrues=False, plausible=(100, 10_000))
    return rc.ClaimSet([army, *claims], figures=[figure], setting="war", start="2022-03-01")


def enemies() -> rc.ClaimSet:
    """Six enemies that agree."""
    return case(
        [
            rc.Claim.point(2111 + k, source=f"enemy {k}", role="enemy", said="2022-03-06", **ABOUT)
            for k in range(6)
        ]
    )


def papers() -> rc.ClaimSet:
    """Six sources that repeat one agency."""
    roles = ("media", "third", "leak", "rumour", "media", "third")
    # Without the shared origin these are six witnesses.
    return case(
        [
            rc.Claim.point(
                1123 + k,
                source=f"paper {k}",
                origin="an agency",
                role=role,
                said=f"2022-03-{7 + k:02}",
                **ABOUT,
            )
            for k, role in enumerate(roles)
        ]
    )


def monitor() -> rc.ClaimSet:
    """One monitor with a new count every day."""
    return case(
        [
            rc.Claim.point(
                1013 + k, source="monitor", role="expert", said=f"2022-03-{8 + k:02}", **ABOUT
            )
            for k in range(15)
        ]
    )


def offices() -> rc.ClaimSet:
    """Three withdrawn claims."""
    return case(
        [
            rc.Claim.point(
                3111 + k,
                source=f"office {k}",
                role="expert",
                status="withdrawn",
                said="2022-03-09",
                **ABOUT,
            )
            for k in range(3)
        ]
    )


def without_origin(claims: rc.ClaimSet) -> rc.ClaimSet:
    """The same claims as independent ones."""
    return claims.replace([replace(claim, origin="") for claim in claims])


def standing(claims: rc.ClaimSet) -> rc.ClaimSet:
    """The same claims as if none had been withdrawn."""
    return claims.replace([replace(claim, status="standing") for claim in claims])


def certain(constants: rc.Priors) -> rc.Priors:
    """Priors without gross errors."""
    roles = {name: replace(role, standing_sound=1 - TINY) for name, role in constants.roles.items()}
    return constants.replace(roles=roles)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=400, help="simulated cases")
    parser.add_argument("--draws", type=int, default=250, help="draws of each of two chains")
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.ConvergenceWarning)
    began = time.perf_counter()
    full = priors()
    switches: dict[str, Switch] = {
        "role bias": (enemies(), full.without_bias(), _same),
        "shared error of a camp": (enemies(), full.replace(camp_share=TINY), _same),
        "shared origin": (papers(), full, without_origin),
        "serial error": (monitor(), full.replace(serial_share=TINY), _same),
        "withdrawal": (offices(), certain(full), standing),
    }
    rows = []
    for k, (term, (claims, without, change)) in enumerate(switches.items()):
        rows.append({"term": term} | compare(claims, full, without, change, arguments, seed=k))
        print(rows[-1], flush=True)
    write(rows, arguments, time.perf_counter() - began)


def _same(claims: rc.ClaimSet) -> rc.ClaimSet:
    return claims


def compare(
    claims: rc.ClaimSet,
    full: rc.Priors,
    without: rc.Priors,
    change: Callable[[rc.ClaimSet], rc.ClaimSet],
    arguments: argparse.Namespace,
    *,
    seed: int,
) -> dict[str, float]:
    """Coverage of the model with and without a term, on the same simulated cases."""
    found: dict[str, float] = {}
    simulated = [
        rc.simulate(claims, rng=np.random.default_rng([SEED, seed, k]), priors=full)
        for k in range(arguments.cases)
    ]
    for name, constants, to in (("with", full, _same), ("without", without, change)):
        inside, widths = [], []
        for k, one in enumerate(simulated):
            truth = float(one.truth["estimate"].item())
            low, high = interval(to(one.claims), constants, arguments.draws, k)
            inside.append(low <= truth <= high)
            widths.append(np.log(high / low))
        found[f"coverage_{name}"] = float(np.mean(inside))
        found[f"standard_error_{name}"] = float(np.std(inside) / np.sqrt(len(inside)))
        found[f"log_width_{name}"] = float(np.mean(widths))
    return found


def interval(
    claims: rc.ClaimSet, constants: rc.Priors, draws: int, seed: int
) -> tuple[float, float]:
    """90 % interval of the figure."""
    tree = sample_design(
        design(claims, constants),
        draws=draws,
        tune=300,
        chains=2,
        cores=2,
        random_seed=seed,
        progressbar=False,
        target_accept=0.9,
    )
    low, high = np.quantile(tree["posterior"]["estimate"].to_numpy(), [0.05, 0.95])
    return float(low), float(high)


def write(rows: list[dict[str, Any]], arguments: argparse.Namespace, seconds: float) -> None:
    """Write JSON and a Markdown table."""
    result = {
        "command": f"python benchmarks/ablation.py --cases {arguments.cases}",
        "seed": SEED,
        "seconds": round(seconds),
        "terms": rows,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "ablation.json").write_text(json.dumps(result, indent=1) + "\n")
    lines = [
        f"`{result['command']}`: coverage of 90 % intervals (standard error), mean log width.",
        "",
        "| term | coverage with it | without it | width with it | without it |",
        "|---|---|---|---|---|",
        *(
            f"| {row['term']} | {row['coverage_with']:.3f} ({row['standard_error_with']:.3f}) | "
            f"{row['coverage_without']:.3f} ({row['standard_error_without']:.3f}) | "
            f"{row['log_width_with']:.2f} | {row['log_width_without']:.2f} |"
            for row in rows
        ),
    ]
    (arguments.out / "ablation.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
