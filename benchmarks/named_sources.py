"""Whether it helps to know sources by their names.

``python benchmarks/named_sources.py`` learns how named sources err from some cases of a family
under ``shared/data/field`` beside the repository, fits others with and without that, and scores
both against the truth. Polls are split by the year of the election: once before and from 2014, and
once every year with all before it. Other families are split by a hash of the case into halves, of
which each is fitted with what the other teaches. It writes ``named_sources.json`` and
``named_sources.md`` beside this file. Standard errors are over years of polls, else over cases.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from field import drawn, is_linear, questions_of
from machine import machine, versions
from track_record import without_truths

import reconcile as rc
from error_figures import FIELD
from reconcile.learning.figures import hashed
from reconcile.learning.named import named_sources
from scores import covered, crps

HERE = Path(__file__).parent
SEED: Final = 11
FIRST_YEAR: Final = 2014
# Elections before it are too few to learn from.
_ENOUGH_YEAR: Final = 2006
# Family, and how its cases are split.
FAMILIES: Final = (
    *(("polls", "before and from 2014"), ("polls", "each year from those before")),
    *(("battles", "halves"), ("pdg", "halves")),
)

type Cases = Mapping[str, rc.ClaimSet]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=60, help="cases fitted of each half")
    parser.add_argument("--only", default="", help="families, with commas between them")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the results")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    warnings.simplefilter("ignore", rc.ConvergenceWarning)
    results = []
    for family, split in FAMILIES:
        if not arguments.only or family in arguments.only.split(","):
            results.append(measured(family, split, arguments.most))
            print(json.dumps(results[-1]), flush=True)
    only = f" --only {arguments.only}" if arguments.only else ""
    command = f"python benchmarks/named_sources.py --most {arguments.most}{only}"
    write(results, command, arguments.out)


def splits_of(cases: Cases, split: str, most: int) -> Iterator[tuple[Cases, Cases]]:
    """Cases to learn from, and cases to score."""
    years = {name: case.end.year for name, case in cases.items() if case.end}
    if split == "halves":
        for half in (0, 1):
            mine = sorted((n for n in cases if hashed(n) % 2 == half), key=hashed)[:most]
            yield (
                {n: case for n, case in cases.items() if hashed(n) % 2 != half},
                {n: cases[n] for n in mine},
            )
    elif split == FAMILIES[0][1]:
        yield (
            {n: case for n, case in cases.items() if years[n] < FIRST_YEAR},
            {n: case for n, case in cases.items() if years[n] >= FIRST_YEAR},
        )
    else:
        for year in sorted({year for year in years.values() if year >= _ENOUGH_YEAR}):
            yield (
                {n: case for n, case in cases.items() if years[n] < year},
                {n: case for n, case in cases.items() if years[n] == year},
            )


def measured(family: str, split: str, most: int) -> dict[str, Any]:
    """Scores of one family with and without names."""
    cases = rc.track_record(folder=FIELD / family)
    rows: list[tuple[str, float, float, bool, bool]] = []
    known = spoken = 0
    seconds = 0.0
    for old, new in splits_of(cases, split, most):
        began = time.perf_counter()
        sources = named_sources(old, rc.Priors())
        seconds += time.perf_counter() - began
        claims = [c.origin or c.source for case in new.values() for c in case if not c.is_truth]
        known, spoken = known + sum(name in sources for name in claims), spoken + len(claims)
        sets = {name: without_truths(case) for name, case in new.items()}
        without, named = (
            {
                name: rc.fit(
                    case, priors=priors, draws=500, chains=2, random_seed=SEED, progressbar=False
                )
                for name, case in sets.items()
            }
            for priors in (rc.Priors(), rc.Priors().replace(sources=sources))
        )
        for name, case in new.items():
            block = str(case.end.year) if case.end and family == "polls" else name
            for asked in questions_of(name, case):
                drawings = [drawn(fits[name], asked, is_linear(case)) for fits in (without, named)]
                scores = [crps(draws, asked.truth) for draws in drawings]
                inside = [
                    covered(*np.quantile(draws, [0.05, 0.95]), asked.truth) for draws in drawings
                ]
                rows.append((block, *scores, *inside))
    change = np.array([row[2] - row[1] for row in rows])
    blocks = np.unique([row[0] for row in rows], return_inverse=True)[1]
    off = np.bincount(blocks, change - change.mean())
    return {
        "family": family,
        "split": split,
        "figures": len(rows),
        "known": round(known / spoken, 3),
        "crps_without": float(np.mean([row[1] for row in rows])),
        "crps_with": float(np.mean([row[2] for row in rows])),
        "change": float(change.mean()),
        "change_se": float(np.sqrt((off**2).sum()) / len(rows)),
        "covered_90_without": float(np.mean([row[3] for row in rows])),
        "covered_90_with": float(np.mean([row[4] for row in rows])),
        "seconds_learning": round(seconds, 1),
    }


def write(results: list[dict[str, Any]], command: str, out: Path) -> None:
    """Write JSON and Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    table = {"command": command, "seed": SEED, "families": results}
    table |= {"machine": machine(), "versions": versions()}
    (out / "named_sources.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    lines = [
        f"`{command}`",
        "",
        "<!-- table -->",
        "",
        "| family | split | figures | claims by known names | CRPS without | with | change "
        "| its standard error | 90 % without | with |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['family']} | {r['split']} | {r['figures']} | {r['known']:.2f} | "
        f"{r['crps_without']:.4f} | {r['crps_with']:.4f} | {r['change']:+.4f} | "
        f"{r['change_se']:.4f} | {r['covered_90_without']:.3f} | {r['covered_90_with']:.3f} |"
        for r in results
    ]
    (out / "named_sources.md").write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
