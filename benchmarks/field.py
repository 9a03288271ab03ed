"""The field test: real cases with a known truth that nobody picked because claims differed.

``python benchmarks/field.py --n 60`` fits the first cases (by a hash) of every family under
``shared/data/field`` beside the repository with default priors and settings, and scores them beside
baselines and a specialist for the family. It writes ``field.json`` and ``field.md`` beside this
file. Families of numbers that may be negative are scored on the natural scale, all others on the
log scale. Every case counts once. Baselines that are calibrated know the errors in all other cases
of the family, and specialists are written from their published definitions.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
from field_baselines import BASELINES, SPECIALISTS, Question
from machine import machine, versions
from track_record import without_truths

import reconcile as rc
from error_figures import FIELD
from reconcile.learning.figures import hashed
from reconcile.models.linear_scale.readings import number_of, stated_error
from scores import average_scores, score_draws

HERE = Path(__file__).parent
SEED: Final = 11
OURS: Final = "reconcile"
SPECIALIST: Final = "specialist"
_KEPT: Final = ("covered_50", "covered_80", "covered_90", "crps", "winkler_90", "width_90")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=60, help="cases of each family")
    parser.add_argument("--only", default="", help="families, with commas between them")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the results")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    warnings.simplefilter("ignore", rc.ConvergenceWarning)
    known = sorted(path.name for path in FIELD.iterdir() if path.is_dir())
    chosen = [name for name in known if name in arguments.only.split(",") or not arguments.only]
    families = []
    for name in chosen:
        families.append(scored(name, arguments.n))
        print("\n".join(table_of(families[-1])), flush=True)
    only = f" --only {arguments.only}" if arguments.only else ""
    write(families, f"python benchmarks/field.py --n {arguments.n}{only}", arguments.out)


def scored(
    family: str,
    n: int,
    *,
    among: Collection[str] | None = None,
    priors: Mapping[str, rc.Priors | None] = MappingProxyType({OURS: None}),
) -> dict[str, Any]:
    """Fit the first ``n`` cases of a family (among some), and score all methods on them.

    With several priors the library is several methods.
    """
    cases = rc.track_record(folder=FIELD / family)
    names = sorted(cases, key=hashed)
    questions = [one for name in names for one in questions_of(name, cases[name])]
    first = set([name for name in names if among is None or name in among][:n])
    asked = [question for question in questions if question.case in first]
    sets = {question.case: without_truths(cases[question.case]) for question in asked}
    began = time.perf_counter()
    fits = {
        name: rc.fit_each(sets, priors=each, random_seed=SEED, progressbar=False)
        for name, each in priors.items()
    }
    seconds = time.perf_counter() - began
    methods = dict(BASELINES)
    if family in SPECIALISTS:
        methods[SPECIALIST] = SPECIALISTS[family][1]
    rows: list[dict[str, object]] = []
    for question in asked:
        if any(question.case in each.failed for each in fits.values()):
            continue
        linear = is_linear(cases[question.case])
        draws = {name: drawn(each[question.case], question, linear) for name, each in fits.items()}
        draws |= {
            name: method(question, others_of(question, questions, family, name))
            for name, method in methods.items()
        }
        rows += [
            {"method": name, "case": question.case, "setting": family, "figure": question.name}
            | score_draws(x, question.truth)
            for name, x in draws.items()
        ]
    return {
        "family": family,
        "scale": "natural" if is_linear(cases[names[0]]) else "log",
        "cases": len(sets),
        "figures": len(asked),
        "failed": sum(len(each.failed) for each in fits.values()),
        "not_converged": sum(
            not each[name].attrs["converged"] for each in fits.values() for name in each
        ),
        "seconds": round(seconds),
        "specialist": SPECIALISTS[family][0] if family in SPECIALISTS else "",
        "methods": averaged(rows),
    }


def is_linear(claims: rc.ClaimSet) -> bool:
    """Whether the figures of a case may be negative."""
    return any(figure.scale == "linear" for figure in claims.figures.values())


def questions_of(case: str, claims: rc.ClaimSet) -> list[Question]:
    """The figures of a case that have a truth and numbers."""
    linear, found = is_linear(claims), []
    for truth in claims:
        if not truth.is_truth or truth.value is None or (truth.value <= 0 and not linear):
            continue
        about = truth.population, truth.figure
        mine = [c for c in claims if (c.population, c.figure) == about and not c.is_truth]
        mine = [c for c in sorted(mine, key=day_of) if number(c, linear=linear) is not None]
        if mine:
            columns = np.array([ends(claim, claims, linear=linear) for claim in mine]).T
            found.append(
                Question(
                    case=case,
                    name=" | ".join(about),
                    **dict(zip(("number", "error", "low", "high"), columns, strict=True)),
                    sources=tuple(claim.source for claim in mine),
                    truth=truth.value if linear else math.log(truth.value),
                )
            )
    return found


def day_of(claim: rc.Claim) -> str:
    """When a claim was made, or what day it is about."""
    return str(claim.said or claim.date or "")


def number(claim: rc.Claim, *, linear: bool) -> float | None:
    """The number of a claim: its best value, or the middle of its range."""
    if linear:
        return number_of(claim)
    value, low, high = claim.value, claim.low, claim.high
    if value is None and low is not None and high is not None:
        value = math.sqrt(low * high) if low > 0 else None
    return math.log(value) if value and value > 0 else None


def ends(
    claim: rc.Claim, claims: rc.ClaimSet, *, linear: bool
) -> tuple[float, float, float, float]:
    """Number, standard error and ends of its range on the scale of the question."""
    middle = number(claim, linear=linear)
    assert middle is not None  # others have been left out
    low, high = claim.low, claim.high
    if low is None or high is None or low == high:
        return middle, math.nan, math.nan, math.nan
    error = stated_error(claim, claims.figures[claim.figure])
    if linear:
        return middle, error, low, high
    top = math.log(high)
    bottom = math.log(low) if low > 0 else 2 * middle - top
    # To first order, or by half the range where it is wide.
    return middle, min(error / math.exp(middle), 0.5 * (top - bottom)), bottom, top


def others_of(
    question: Question, questions: Sequence[Question], family: str, method: str
) -> list[Question]:
    """What a method may know: other cases, or for weights of experts other items of the study."""
    if method == SPECIALIST and family.startswith("cooke"):
        return [q for q in questions if q.case == question.case and q.name != question.name]
    return [q for q in questions if q.case != question.case]


def drawn(tree: Any, question: Question, linear: bool) -> np.ndarray:
    """Draws of the answer on the scale of the question."""
    population, figure = question.name.split(" | ", 1)
    about = {"population": population} if population else {}
    draws = rc.draws(tree, figure, **about).to_numpy().ravel()
    return draws if linear else np.log(np.maximum(draws, 1e-300))


def averaged(rows: Sequence[Mapping[str, object]]) -> dict[str, dict[str, float]]:
    """Means over cases by method; of absolute errors the median over cases."""
    table = average_scores(pd.DataFrame(rows))
    overall = table[table["setting"] == "all"].set_index("method")
    kept = overall[[*_KEPT, "abs_error_median"]].rename(columns={"abs_error_median": "abs_error"})
    return {str(name): dict(row) for name, row in kept.iterrows()}


def table_of(result: Mapping[str, Any]) -> list[str]:
    """Rows of one family as Markdown."""
    lines = [
        f"### {result['family']}",
        "",
        f"{result['cases']} cases, {result['figures']} figures, {result['scale']} scale; "
        f"{result['failed']} failed, {result['not_converged']} not converged, "
        f"{result['seconds']} s."
        + (f" Specialist: {result['specialist']}." if result["specialist"] else ""),
        "",
        "| method | 50 % | 80 % | 90 % | CRPS | Winkler | absolute error | width |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in result["methods"].items():
        covers = " | ".join(f"{row[f'covered_{k}']:.2f}" for k in (50, 80, 90))
        rest = ("crps", "winkler_90", "abs_error", "width_90")
        lines.append(f"| {name} | {covers} | " + " | ".join(f"{row[k]:.3g}" for k in rest) + " |")
    return [*lines, ""]


def write(families: Sequence[Mapping[str, Any]], command: str, out: Path) -> None:
    """Write JSON and Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    result = {"command": command, "seed": SEED, "families": families}
    result |= {"machine": machine(), "versions": versions()}
    (out / "field.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    lines = [f"`{command}`", ""]
    for family in families:
        lines += table_of(family)
    (out / "field.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
