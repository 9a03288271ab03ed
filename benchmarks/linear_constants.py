"""Learn the constants of figures on the natural scale from figures with a known truth.

``python benchmarks/linear_constants.py`` maximises the log density of each truth given the claims
about it, by quadrature over the standard deviation between sources, on the public half of the field
families, and prints the constants; ``--write`` also writes them into
``src/reconcile/data/default_priors.json`` and the scores into ``linear_constants.json`` beside this
file. Every case counts once, a family as at most 25 cases.

Bare numbers of several sources are in no family. That of several polls or experts without their
errors is not a stand-in: what these have in common is known to be large, and that of others is not.
So ``common_bare`` is judged, and so is how often the common error is wide.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from machine import versions
from numpy.typing import NDArray
from scipy.optimize import minimize

import reconcile as rc
from error_constants import DEFAULTS, MOST_CASES
from error_figures import FIELD
from reconcile.learning.figures import hashed
from reconcile.learning.linear import LinearFigure, linear_figures, linear_log_score

HERE = Path(__file__).parent
FAMILIES: Final = ("polls", "cooke_signed", "pdg_signed", "codata_signed", "gdp_vintages")
# Figures taken of a family, by a hash of their case.
_MOST_FIGURES: Final = 120
# Median of each constant before anything is known, and standard deviation of its log.
PRIOR: Final = {
    "common_measured": (0.1, 1.0),
    "common_interval": (0.9, 1.0),
    "common_wide": (3.0, 0.3),
    "power_measured": (1.5, 0.3),
    "power_interval": (3.0, 0.3),
    "stated_flat": (0.5, 0.5),
    "alone_flat": (0.5, 0.7),
    "alone_power": (4.0, 0.3),
    "alone_points": (1.0, 1.0),
}
type Array = NDArray[np.float64]


class Weighed(NamedTuple):
    """A figure, its family and its weight."""

    family: str
    figure: LinearFigure
    weight: float


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=_MOST_FIGURES, help="figures of a family")
    parser.add_argument("--steps", type=int, default=400, help="evaluations of the search")
    parser.add_argument("--write", action="store_true", help="write the default priors")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    figures = [figure for family in FAMILIES for figure in gathered(family, arguments.most)]
    constants, scores = learnt(figures, steps=arguments.steps)
    print(json.dumps({"constants": constants, "scores": scores}, indent=1))
    if arguments.write:
        write(constants, scores)


def gathered(family: str, most: int) -> list[Weighed]:
    """Figures of a family, without their truths among the claims."""
    found: list[LinearFigure] = []
    for case, claims in rc.track_record(folder=FIELD / family).items():
        found += linear_figures(case, claims)
    found = sorted(found, key=lambda figure: hashed(figure.case))[:most]
    cases = [figure.case for figure in found]
    share = min(1.0, MOST_CASES / len(set(cases)))
    return [Weighed(family, figure, share / cases.count(figure.case)) for figure in found]


def learnt(
    figures: Sequence[Weighed], *, steps: int
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Constants at the maximum, and mean scores by family before and there."""
    middle = np.log([median for median, _ in PRIOR.values()])
    sd = np.array([sd for _, sd in PRIOR.values()])

    def loss(theta: Array) -> float:
        priors = priors_of(theta)
        score = sum(f.weight * linear_log_score(f.figure, priors) for f in figures)
        return float(0.5 * (((theta - middle) / sd) ** 2).sum() - score)

    simplex = np.vstack([middle, middle + 0.5 * np.eye(len(middle))])
    options = {"maxfev": steps, "initial_simplex": simplex, "xatol": 0.03, "fatol": 0.03}
    found = minimize(loss, middle, method="Nelder-Mead", options=options)
    constants = {
        name: float(f"{value:.3g}")
        for name, value in zip(PRIOR, np.exp(found.x).tolist(), strict=True)
    }
    scores = {
        family: {
            name: round(
                float(
                    np.mean(
                        [linear_log_score(f.figure, priors) for f in figures if f.family == family]
                    )
                ),
                3,
            )
            for name, priors in (("first", priors_of(middle)), ("learnt", priors_of(found.x)))
        }
        for family in dict.fromkeys(figure.family for figure in figures)
    }
    return constants, scores


def priors_of(theta: Array) -> rc.Priors:
    """Priors with the constants at one point of the search."""
    return rc.Priors().replace(linear=dict(zip(PRIOR, np.exp(theta).tolist(), strict=True)))


def write(constants: Mapping[str, float], scores: Mapping[str, Any]) -> None:
    """Write the constants among the defaults, and the scores beside this file."""
    table = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    table["priors"]["linear"] |= constants
    DEFAULTS.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    result = {"command": "python benchmarks/linear_constants.py --write", "constants": constants}
    result |= {"scores": scores, "versions": versions()}
    (HERE / "linear_constants.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
