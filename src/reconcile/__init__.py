"""Reconcile contradictory claims about a figure: one estimate with honest uncertainty."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from reconcile._version import __version__

if TYPE_CHECKING:
    from reconcile.case_fits import CaseFits
    from reconcile.claims import Claim
    from reconcile.claimset import ClaimSet
    from reconcile.consensus import equivalence, independence
    from reconcile.errors import (
        AssumptionWarning,
        ClaimError,
        ConvergenceWarning,
        FailedCaseWarning,
        Problem,
    )
    from reconcile.figures import Figure
    from reconcile.fitting import fit
    from reconcile.learning import learn_priors
    from reconcile.many_cases import fit_each
    from reconcile.model import build_model
    from reconcile.past_cases import track_record
    from reconcile.plots.claims import plot_claims
    from reconcile.plots.figure import plot_figure
    from reconcile.plots.sources import plot_sources
    from reconcile.plots.timeline import plot_timeline
    from reconcile.priors import BiasPrior, CompletenessPrior, Priors, RolePrior
    from reconcile.quantities import Quantity, parse_quantity
    from reconcile.radford import read_radford2023
    from reconcile.random_effects import meta_analysis
    from reconcile.ratios import Ratio
    from reconcile.results import draws, probability, summary
    from reconcile.sentences import sentence
    from reconcile.simulation import Simulation, simulate
    from reconcile.sources import Source
    from reconcile.tables import read_claims, to_frame, write_claims

__all__ = [
    "AssumptionWarning",
    "BiasPrior",
    "CaseFits",
    "Claim",
    "ClaimError",
    "ClaimSet",
    "CompletenessPrior",
    "ConvergenceWarning",
    "FailedCaseWarning",
    "Figure",
    "Priors",
    "Problem",
    "Quantity",
    "Ratio",
    "RolePrior",
    "Simulation",
    "Source",
    "__version__",
    "build_model",
    "draws",
    "equivalence",
    "fit",
    "fit_each",
    "independence",
    "learn_priors",
    "meta_analysis",
    "parse_quantity",
    "plot_claims",
    "plot_figure",
    "plot_sources",
    "plot_timeline",
    "probability",
    "read_claims",
    "read_radford2023",
    "sentence",
    "simulate",
    "summary",
    "to_frame",
    "track_record",
    "write_claims",
]

# Modules load on first use (PEP 562): importing the package must stay quick.
_HOME = {
    "AssumptionWarning": "errors",
    "BiasPrior": "priors",
    "CaseFits": "case_fits",
    "Claim": "claims",
    "ClaimError": "errors",
    "ClaimSet": "claimset",
    "CompletenessPrior": "priors",
    "ConvergenceWarning": "errors",
    "FailedCaseWarning": "errors",
    "Figure": "figures",
    "Priors": "priors",
    "Problem": "errors",
    "Quantity": "quantities",
    "Ratio": "ratios",
    "RolePrior": "priors",
    "Simulation": "simulation",
    "Source": "sources",
    "build_model": "model",
    "draws": "results",
    "equivalence": "consensus",
    "fit": "fitting",
    "fit_each": "many_cases",
    "independence": "consensus",
    "learn_priors": "learning",
    "meta_analysis": "random_effects",
    "parse_quantity": "quantities",
    "plot_claims": "plots.claims",
    "plot_figure": "plots.figure",
    "plot_sources": "plots.sources",
    "plot_timeline": "plots.timeline",
    "probability": "results",
    "read_claims": "tables",
    "read_radford2023": "radford",
    "sentence": "sentences",
    "simulate": "simulation",
    "summary": "results",
    "to_frame": "tables",
    "track_record": "past_cases",
    "write_claims": "tables",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'reconcile' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"reconcile.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
