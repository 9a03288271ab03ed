"""Learn the default priors from figures with a known truth, and score them on cases left out.

``python benchmarks/error_constants.py --iterations 8`` improves the parameters in
``error_constants.json`` beside this file, and goes on from there when it is run again.
``--write`` then writes ``src/reconcile/data/default_priors.json``. ``--folds 5`` learns without a
fifth of the track record at a time, fits what was left out, and writes ``track_record.json`` and
``track_record.md``.

What is maximised is the log density of each truth *given the claims* about it, so that it does not
matter how far claims differed in the cases that somebody chose: only the truth is predicted.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
from machine import versions
from numpy.typing import NDArray
from track_record import SEED, folds_of, score_folds

import reconcile as rc
from error_figures import FAMILIES, RECORD, field_figures
from error_parameters import JUDGED, PARAMETERS, priors_of, start, table
from reconcile.learning.figures import Figure, figures_of
from reconcile.learning.search import LogScale, Search

HERE = Path(__file__).parent
STORED = HERE / "error_constants.json"
DEFAULTS = HERE.parent / "src" / "reconcile" / "data" / "default_priors.json"
# No family counts for more cases than this; every case counts once.
MOST_CASES: Final = 25
MOST_CASES_RECORD: Final = 60
_LEAST_GAIN: Final = 0.05
_FOLD_ITERATIONS: Final = 2
RATIONALE: Final = (
    "Learnt conditionally on the claims: the constants maximise the log density of each truth "
    "given the claims about it, by quadrature, plus the log density of their own priors, on the "
    "track record and the public half of the field families {families}; each case counts once, a "
    "family at most {most} times. Since only the truth is predicted, how far the claims of a case "
    "differ, which is why the cases of the track record were chosen, is not learnt from. Not "
    "learnt but judged: {judged}; their reasons are in docs/constants.md."
)

type Array = NDArray[np.float64]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=0, help="steps to improve the parameters")
    parser.add_argument("--folds", type=int, default=0, help="parts of the track record left out")
    parser.add_argument("--write", action="store_true", help="write the default priors")
    parser.add_argument("--sample", type=int, help="figures of each family, to try things out")
    parser.add_argument("--stored", type=Path, default=STORED, help="the parameters")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the scores of cases")
    arguments = parser.parse_args()
    stored = _stored(arguments.stored)
    figures = gathered(arguments.sample)
    with Learning(figures) as learning:
        theta = start(stored.get("parameters"))
        theta = learning.improved(theta, iterations=arguments.iterations, keep=arguments.stored)
        save(arguments.stored, theta, learning)
        if arguments.write:
            write_defaults(theta, figures)
        if arguments.folds:
            learnt = learnt_without(learning, theta, arguments.folds, arguments.stored)
            score_folds(learnt, out=arguments.out)


def learnt_without(
    learning: Learning, theta: Array, n: int, path: Path
) -> list[tuple[list[str], rc.Priors]]:
    """Cases left out, and priors learnt without them; each fold is kept in a file when it is done.

    A fold that is there for the same parameters is not learnt again.
    """
    stored = _stored(path)
    known = {tuple(fold["without"]): fold for fold in stored.get("folds", [])}
    found = []
    for cases in folds_of(rc.track_record(), n):
        fold = known.get(tuple(cases), {})
        if fold.get("from") != table(theta):
            kept = np.array([f.family != RECORD or f.case not in cases for f in learning.figures])
            other = learning.improved(theta, iterations=_FOLD_ITERATIONS, kept=kept)
            fold = {"without": cases, "from": table(theta), "parameters": table(other)}
            known[tuple(cases)] = fold
            path.write_text(
                json.dumps(stored | {"folds": list(known.values())}, indent=1) + "\n",
                encoding="utf-8",
            )
            print(f"learnt without {', '.join(cases)}", flush=True)
        learnt_from = f"what is not of {', '.join(cases)}"
        found.append((cases, priors_of(start(fold["parameters"]), learnt_from=learnt_from)))
    return found


def gathered(sample: int | None = None) -> list[Figure]:
    """Figures of the track record and the field families; at most ``sample`` of each."""
    found: list[Figure] = []
    for case, claims in rc.track_record().items():
        found += figures_of(case, claims, family=RECORD)
    found = found[:sample]
    for family, most in FAMILIES.items():
        figures, why = field_figures(family, most=min(most, sample or most))
        print(f"{family}: {why or f'{len(figures)} figures'}", flush=True)
        found += figures
    return found


def case_weights(figures: Sequence[Figure]) -> Array:
    """Weight of each figure: cases count once, families at most so many times."""
    cases: dict[tuple[str, str], int] = {}
    for figure in figures:
        key = figure.family, figure.case
        cases[key] = cases.get(key, 0) + 1
    families = [family for family, _ in cases]
    most = {name: MOST_CASES_RECORD if name == RECORD else MOST_CASES for name in families}
    return np.array(
        [
            min(1.0, most[f.family] / families.count(f.family)) / cases[f.family, f.case]
            for f in figures
        ]
    )


class Learning:
    """Maximises the score of many figures; a context manager of threads.

    Parameters
    ----------
    figures : sequence of Figure
        With their truths.
    """

    def __init__(self, figures: Sequence[Figure]) -> None:
        self.figures = list(figures)
        self.weight = case_weights(self.figures)

    def __enter__(self) -> Learning:
        """Start the threads, and arrange all figures in one design."""
        self._executor = ThreadPoolExecutor(os.cpu_count())
        self._group = LogScale(self.figures, self._executor)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the threads."""
        self._executor.shutdown()

    def search(self, kept: NDArray[np.bool_] | None = None) -> Search:
        """The search for the constants that suit these figures, or those kept."""
        return Search(
            [self._group],
            weight=self.weight if kept is None else self.weight * kept,
            mean=np.array([p.mean for p in PARAMETERS]),
            sd=np.array([p.sd for p in PARAMETERS]),
            priors_of=priors_of,
        )

    def improved(
        self,
        theta: Array,
        *,
        iterations: int,
        kept: NDArray[np.bool_] | None = None,
        keep: Path | None = None,
    ) -> Array:
        """Parameters after some steps; kept in a file."""
        search, every = self.search(kept), np.ones(len(theta), dtype=bool)
        for iteration in range(iterations):
            began = time.perf_counter()
            theta, gain = search.step(theta, only=every)
            seconds = time.perf_counter() - began
            print(f"{iteration + 1}: gained {gain:.3f} in {seconds:.0f} s", flush=True)
            if keep and gain > 0:
                save(keep, theta)
            if gain < _LEAST_GAIN:
                break
        return theta


def _stored(path: Path) -> dict[str, Any]:
    """What was kept last time, if anything."""
    found: dict[str, Any] = {}
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
    return found


def save(path: Path, theta: Array, learning: Learning | None = None) -> None:
    """Keep parameters; with the scores that they reach in each family, if they are asked for."""
    found = _stored(path) | {
        "command": "python benchmarks/error_constants.py",
        "parameters": table(theta),
    }
    if learning:
        scores = learning.search().scores(theta)
        found |= {"families": families(learning, scores), "versions": versions()}
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def families(learning: Learning, scores: Array) -> dict[str, dict[str, float]]:
    """Cases, figures and mean log score of each family; every case counts once."""
    found = {}
    for family in dict.fromkeys(f.family for f in learning.figures):
        mine = np.array([f.family == family for f in learning.figures])
        weight = learning.weight[mine]
        found[family] = {
            "cases": len({f.case for f in learning.figures if f.family == family}),
            "figures": int(mine.sum()),
            "score": round(float(weight @ scores[mine] / weight.sum()), 4),
        }
    return found


def write_defaults(theta: Array, figures: Iterable[Figure]) -> None:
    """Write the priors into the package."""
    record = sorted({f.case for f in figures if f.family == RECORD})
    others = list(dict.fromkeys(f.family for f in figures if f.family != RECORD))
    learnt_from = f"{len(record)} cases: {', '.join(record)}; field families: {', '.join(others)}"
    old = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    priors = priors_of(theta, learnt_from=learnt_from, digits=3)
    written = {
        "version": old["version"] + 1,
        "rationale": RATIONALE.format(
            families=", ".join(others), most=MOST_CASES, judged=", ".join(JUDGED)
        ),
        "command": "python benchmarks/error_constants.py --write",
        "seed": SEED,
        "reconcile_version": rc.__version__,
        "priors": priors.as_table(),
    }
    DEFAULTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    main()
