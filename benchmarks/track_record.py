"""Score fits of cases of the track record that the priors were learnt without.

``python benchmarks/error_constants.py --folds 5`` learns these priors and calls ``score_folds``,
which writes ``track_record.json`` and ``track_record.md`` beside this file. The default priors are
learnt there too. ``rc.learn_priors`` is another method, for cases of one's own: a joint model of
claims and truths, sampled.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from machine import machine, versions

import reconcile as rc
from baselines import BASELINES, calibrated
from scores import average_scores, score_draws

__all__ = ["SEED", "folds_of", "score_folds", "true_value", "truths_of", "without_truths"]

OURS: Final = "reconcile"
SEED: Final = 20260101
# Its truth is not known: in no score, but its interval is kept.
_UNKNOWN: Final = "haiti_2010"


def folds_of(cases: Mapping[str, rc.ClaimSet], n: int) -> list[list[str]]:
    """The cases whose truth is known, in so many random groups."""
    scored = [name for name, case in cases.items() if truths_of(case)]
    order = np.random.default_rng(SEED).permutation(len(scored))
    return [[scored[i] for i in order[k::n]] for k in range(n)]


def score_folds(learnt: Iterable[tuple[list[str], rc.Priors]], *, out: Path) -> pd.DataFrame:
    """Fit the cases of each fold with its priors, and write the scores; the averages."""
    began = time.perf_counter()
    cases, rows = rc.track_record(), []
    folds = list(learnt)
    for names, priors in folds:
        for name in names:
            rows += predicted(name, cases[name], priors)
    rows += baselines(cases, rows)
    notes = {_UNKNOWN: width_of(cases[_UNKNOWN])} if _UNKNOWN in cases else {}
    averages = write(pd.DataFrame(rows), out, notes, len(folds), time.perf_counter() - began)
    shown = ["method", "setting", "n_cases", "covered_90", "covered_50", "crps"]
    shown += ["abs_error_median", "width_90"]
    print(averages[shown].round(3).to_string(index=False))
    return averages


def predicted(name: str, case: rc.ClaimSet, priors: rc.Priors) -> list[dict[str, object]]:
    """Scores of a fit of a case, without its truths, on its truths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rc.ConvergenceWarning)
        tree = rc.fit(without_truths(case), priors=priors, random_seed=SEED, progressbar=False)
    rows = []
    for truth in truths_of(case):
        value = true_value(truth)
        sample = rc.draws(tree, truth.figure, population=truth.population)
        log = np.log(sample.to_numpy().ravel())
        rows.append(
            row_of(OURS, name, case, truth)
            | score_draws(log, np.log(value))
            | {"median": float(np.exp(np.median(log))), "truth": value}
            | {"converged": bool(tree.attrs["converged"])}
        )
    return rows


def without_truths(case: rc.ClaimSet) -> rc.ClaimSet:
    """The claims of a case without its truths."""
    return case.replace([claim for claim in case if claim.kind != "truth"])


def truths_of(case: rc.ClaimSet) -> list[rc.Claim]:
    """Truths of figures that have claims too."""
    spoken = {
        (c.population, base)
        for c in case
        if c.kind != "truth"
        for base in case.base_parts(c.figure)
    }
    return [
        c
        for c in case
        if c.kind == "truth" and all((c.population, b) in spoken for b in case.base_parts(c.figure))
    ]


def true_value(truth: rc.Claim) -> float:
    """Best value of a truth."""
    if truth.value is not None:
        return truth.value
    assert truth.low is not None and truth.high is not None
    return float(np.sqrt(truth.low * truth.high))


def row_of(method: str, name: str, case: rc.ClaimSet, truth: rc.Claim) -> dict[str, object]:
    """Columns that identify a score."""
    figure = f"{truth.population} | {truth.figure}"
    return {"method": method, "case": name, "setting": case.setting, "figure": figure}


def width_of(case: rc.ClaimSet) -> dict[str, float]:
    """Interval of a case whose truth is unknown, with the default priors."""
    tree = rc.fit(without_truths(case), random_seed=SEED, progressbar=False)
    row = rc.summary(tree).iloc[0]
    return {key: float(row[key]) for key in ("median", "eti90_lb", "eti90_ub")}


def baselines(
    cases: Mapping[str, rc.ClaimSet], scored: list[dict[str, object]]
) -> list[dict[str, object]]:
    """Scores of the baselines, as they are and calibrated."""
    wanted = {(str(row["case"]), str(row["figure"])) for row in scored}
    rows: list[dict[str, object]] = []
    for method, predict in BASELINES.items():
        found = []
        for name, case in cases.items():
            for truth in truths_of(case):
                row = row_of(method, name, case, truth)
                if (name, str(row["figure"])) in wanted:
                    about = [
                        c
                        for c in case
                        if c.kind != "truth"
                        and c.population == truth.population
                        and c.figure == truth.figure
                    ]
                    if about:
                        found.append((row, predict(about), np.log(true_value(truth)), about))
        errors: dict[str, list[float]] = {}
        for row, log, true, _ in found:
            errors.setdefault(str(row["case"]), []).append(float(true - np.median(log)))
        for row, log, true, about in found:
            others = {case: error for case, error in errors.items() if case != row["case"]}
            spread = calibrated(predict, others)(about)
            rows.append(row | score_draws(log, true))
            # The other one about the median has the same errors.
            if method != "median_t":
                rows.append(row | {"method": f"{method}, calibrated"} | score_draws(spread, true))
    return rows


def write(
    table: pd.DataFrame, out: Path, notes: Mapping[str, object], n_folds: int, seconds: float
) -> pd.DataFrame:
    """Write JSON and a Markdown table; the averages."""
    averages = average_scores(table.drop(columns=["median", "truth", "converged"]))
    result = {
        "command": f"python benchmarks/error_constants.py --folds {n_folds}",
        "seed": SEED,
        "seconds": round(seconds),
        "machine": machine(),
        "versions": versions(),
        "averages": averages.round(4).to_dict(orient="records"),
        "figures": table.round(4).astype(object).where(table.notna(), None).to_dict("records"),
        **notes,
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1)
    (out / "track_record.json").write_text(text + "\n", encoding="utf-8")
    lines = [
        "# Cases left out of the track record",
        "",
        f"`{result['command']}`: scores are averaged within a case, then over cases; standard "
        "errors over cases in brackets. All on the log scale.",
        "",
        "| setting | method | cases | figures | cover 50 | 80 | 90 | 95 | median abs. error "
        "| CRPS | Winkler 90 | width 90 |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for _, row in averages.iterrows():
        covers = " | ".join(f"{row[f'covered_{k}']:.2f}" for k in (50, 80, 90, 95))
        with_se = " | ".join(
            f"{row[key]:.3f} ({row[f'{key}_se']:.3f})" for key in ("crps", "winkler_90", "width_90")
        )
        lines.append(
            f"| {row['setting']} | {row['method']} | {row['n_cases']} | {row['n_figures']} | "
            f"{covers} | {row['abs_error_median']:.3f} | {with_se} |"
        )
    (out / "track_record.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return averages
