"""Learn the default priors from the track record, and score them by leave-cases-out validation.

``python benchmarks/track_record.py`` writes ``src/reconcile/data/default_priors.json``;
``python benchmarks/track_record.py --loco`` writes ``track_record.json`` and ``track_record.md``
beside this file.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

import reconcile as rc
from baselines import BASELINES, calibrated
from reconcile.claims.set_checks import SETTINGS
from reconcile.learning.learn_priors import Learner, learner
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.fit import sample_design
from scores import average_scores, score_draws

HERE = Path(__file__).parent
DEFAULTS = HERE.parent / "src" / "reconcile" / "data" / "default_priors.json"
OURS, WITHOUT = "reconcile", "reconcile, no role bias"
SEED = 20260101
# Grids of the additional common error, by setting and per unit of scatter.
EXTRA = np.linspace(0, 2.5, 101)
PER_SCATTER = np.linspace(0, 2.5, 51)
RATIONALE = (
    "Posterior means (medians of scales, root mean squares of spreads) of the joint model of the "
    "track record; docs/constants.md gives the equations. The cases were chosen because claims "
    "differed, so errors are over-represented. common_bias_sd_log holds what predictions of "
    "left-out cases lacked beside what the joint model says of it, and common_per_scatter what "
    "they lacked the more the sources of a case contradicted each other. Not learnt but judged: "
    "completeness, group_share, drift_sd_log, serial_share, serial_days, fog_floor, noise_floor, "
    "unsound_scale_log, unsound_bound_log, figure_sd_log, unknown_sd_log, part_sd_log and the "
    "paths; their reasons are in docs/constants.md."
)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loco", action="store_true", help="leave cases out and score")
    parser.add_argument("--folds", type=int, default=10, help="groups of cases left out together")
    parser.add_argument("--draws", type=int, default=300, help="draws of a chain of a fold")
    parser.add_argument("--memory", action="store_true", help="also rows written from memory")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the scores")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.ConvergenceWarning)
    if arguments.loco:
        leave_out(arguments)
    else:
        write_defaults(arguments.draws)


def write_defaults(draws: int) -> None:
    """Learn from all cases and write the priors into the package."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", rc.ConvergenceWarning)
        priors = learner(rc.track_record()).learn(
            draws=4 * draws, tune=4 * draws, random_seed=SEED, progressbar=False
        )
    problems = [str(w.message) for w in caught if issubclass(w.category, rc.ConvergenceWarning)]
    stored = json.loads((HERE / "track_record.json").read_text(encoding="utf-8"))
    errors = pd.DataFrame(stored["first_pass"])
    errors = errors[errors["method"] == OURS]
    priors = missing_error(errors).added_to(priors)
    old = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    table = {
        "version": old["version"] + 1,
        "rationale": RATIONALE,
        "command": "python benchmarks/track_record.py",
        "seed": SEED,
        "reconcile_version": rc.__version__,
        "draws": f"4 chains of {4 * draws} draws after {4 * draws}",
        "converged": not problems,
        "convergence_problems": "; ".join(problems),
        "priors": priors.as_table(),
    }
    DEFAULTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingError:
    """Common error to add, so that left-out cases are predicted with the right uncertainty.

    Parameters
    ----------
    by_setting : dict of str to float
        Standard deviation, log scale.
    per_scatter : float
        Additional standard deviation per unit of disagreement between the sources of a case.
    """

    by_setting: dict[str, float]
    per_scatter: float

    def added_to(self, priors: rc.Priors) -> rc.Priors:
        """Priors with that error added."""
        wider = {s: _short(np.hypot(priors.common_sd_of(s), e)) for s, e in self.by_setting.items()}
        return priors.replace(common_bias_sd_log=wider, common_per_scatter=_short(self.per_scatter))


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def missing_error(errors: pd.DataFrame) -> MissingError:
    """The error to add to predictions so that their uncertainty matches their actual errors.

    Posterior root mean squares on a grid, given normal errors; half-normal priors of scale 0.7 on
    the error by setting and of 1 on that per scatter. Every case has equal weight. For the setting
    ``measurement`` only the error per scatter is estimated, since there are too few cases.
    """
    weight = 1 / errors.groupby("case")["error"].transform("size")
    by_scatter = -0.5 * PER_SCATTER**2
    of_setting = {}
    for setting in SETTINGS:
        mine = errors[errors["setting"] == setting]
        extra = EXTRA if setting != "measurement" else np.zeros(1)
        variance = (
            np.maximum(mine["sd"].to_numpy(), 1e-9)[:, None, None] ** 2
            + extra[None, :, None] ** 2
            + (PER_SCATTER[None, None, :] * mine["scatter"].to_numpy()[:, None, None]) ** 2
        )
        square = mine["error"].to_numpy()[:, None, None] ** 2
        logs = -0.5 * (np.log(variance) + square / variance)
        total = (weight[mine.index].to_numpy()[:, None, None] * logs).sum(axis=0)
        of_setting[setting] = total - 0.5 * (extra[:, None] / 0.7) ** 2
        by_scatter = by_scatter + np.logaddexp.reduce(of_setting[setting], axis=0)
    probability = np.exp(by_scatter - by_scatter.max())
    probability /= probability.sum()
    found = {}
    for setting, logs in of_setting.items():
        given = np.exp(logs - np.logaddexp.reduce(logs, axis=0))
        extra = EXTRA if setting != "measurement" else np.zeros(1)
        found[setting] = float(np.sqrt((given * probability * extra[:, None] ** 2).sum()))
    return MissingError(
        by_setting=found, per_scatter=float(np.sqrt((probability * PER_SCATTER**2).sum()))
    )


def leave_out(arguments: argparse.Namespace) -> None:
    """Predict the truths of each case with priors learnt without them."""
    began = time.perf_counter()
    cases = rc.track_record(memory=arguments.memory)
    scored = [name for name, case in cases.items() if truths_of(case)]
    order = np.random.default_rng(SEED).permutation(len(scored))
    folds = [[scored[i] for i in order[k :: arguments.folds]] for k in range(arguments.folds)]
    model = learner(cases)
    learnt: dict[str, dict[str, rc.Priors]] = {}
    for fold in [*folds, ["haiti_2010"]]:
        priors = learnt_without(model, fold, arguments.draws)
        learnt |= dict.fromkeys(fold, priors)
        print(f"{time.perf_counter() - began:6.0f} s  learnt without {', '.join(fold)}", flush=True)
    first: list[dict[str, object]] = []
    for name in scored:
        first += predicted(name, cases[name], learnt[name], arguments.draws)
    print(f"{time.perf_counter() - began:6.0f} s  first pass", flush=True)
    errors = pd.DataFrame(first)
    rows: list[dict[str, object]] = []
    for name in scored:
        wider = {
            method: missing_error_without(errors, method, name).added_to(priors)
            for method, priors in learnt[name].items()
        }
        rows += predicted(name, cases[name], wider, arguments.draws)
    notes: dict[str, object] = {"first_pass": first_pass(errors)}
    if "haiti_2010" in cases:
        wider = missing_error_without(errors, OURS, "haiti_2010").added_to(
            learnt["haiti_2010"][OURS]
        )
        notes["haiti_2010"] = width_of(cases["haiti_2010"], wider, arguments.draws)
    rows += baselines(cases, [row for row in rows if row["method"] == OURS])
    write(pd.DataFrame(rows), arguments, notes, time.perf_counter() - began)


_FIRST = ["method", "case", "setting", "figure", "error", "sd", "scatter", "covered_90", "crps"]


def first_pass(errors: pd.DataFrame) -> list[dict[str, object]]:
    """Errors of the predictions before the missing error is added, to four digits."""
    rows = errors[_FIRST].to_dict(orient="records")
    return [
        {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in row.items()}
        for row in rows
    ]


def missing_error_without(errors: pd.DataFrame, method: str, left_out: str) -> MissingError:
    """The missing error estimated from all other cases."""
    return missing_error(errors[(errors["method"] == method) & (errors["case"] != left_out)])


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


def learnt_without(model: Learner, hidden: list[str], draws: int) -> dict[str, rc.Priors]:
    """Priors learnt with some truths hidden, with and without role biases."""
    return {
        name: model.learn(
            hidden=hidden,
            role_bias=name == OURS,
            draws=draws,
            tune=draws,
            chains=2,
            cores=2,
            random_seed=SEED,
            progressbar=False,
        ).replace(common_per_scatter=0.0)
        for name in (OURS, WITHOUT)
    }


def predicted(
    name: str,
    case: rc.ClaimSet,
    priors: dict[str, rc.Priors],
    draws: int,
) -> list[dict[str, object]]:
    """Scores of both models on the truths of a case."""
    seen = without_truths(case)
    rows = []
    for method, learnt in priors.items():
        plan = design(seen, learnt)
        scatter = dict(zip(seen.populations, plan.scatter_log.tolist(), strict=True))
        tree = sample_design(
            plan,
            draws=2 * draws,
            tune=draws,
            chains=4,
            cores=2,
            random_seed=SEED,
            progressbar=False,
            target_accept=0.95,
        )
        for truth in truths_of(case):
            value = true_value(truth)
            sample = rc.draws(tree, truth.figure, population=truth.population)
            log = np.log(sample.to_numpy().ravel())
            rows.append(
                row_of(method, name, case, truth)
                | score_draws(log, np.log(value))
                | {"median": float(np.exp(np.median(log))), "truth": value}
                | {"error": float(np.log(value) - np.median(log)), "sd": float(log.std())}
                | {"scatter": scatter[truth.population]}
                | {"diverging": int(tree["sample_stats"]["diverging"].sum())}
            )
    return rows


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


def width_of(case: rc.ClaimSet, priors: rc.Priors, draws: int) -> dict[str, float]:
    """Interval of a case whose truth is unknown."""
    seen = without_truths(case)
    tree = rc.fit(seen, priors=priors, draws=draws, random_seed=SEED, progressbar=False)
    row = rc.summary(tree).iloc[0]
    return {key: float(row[key]) for key in ("median", "eti90_lb", "eti90_ub")}


def baselines(
    cases: dict[str, rc.ClaimSet], scored: list[dict[str, object]]
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
            rows.append(row | {"method": f"{method}, calibrated"} | score_draws(spread, true))
    return rows


def write(
    table: pd.DataFrame, arguments: argparse.Namespace, notes: dict[str, object], seconds: float
) -> None:
    """Write JSON and a Markdown table."""
    scores = table.drop(columns=["median", "truth", "diverging", "error", "sd", "scatter"])
    averages = average_scores(scores)
    result = {
        "command": "python benchmarks/track_record.py --loco",
        "seed": SEED,
        "draws": arguments.draws,
        "memory": arguments.memory,
        "seconds": round(seconds),
        "machine": platform.machine(),
        "versions": {p: version(p) for p in ("reconcile-estimates", "pymc", "nutpie", "numpy")},
        "averages": averages.round(4).to_dict(orient="records"),
        "figures": table.round(4).where(table.notna(), None).to_dict(orient="records"),
        **notes,
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "track_record.json").write_text(json.dumps(result, indent=1) + "\n")
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
    (arguments.out / "track_record.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
