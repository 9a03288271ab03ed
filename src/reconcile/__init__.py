"""Reconcile contradictory claims about a figure: one estimate with honest uncertainty."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from reconcile._version import __version__

if TYPE_CHECKING:
    from reconcile.batch.fit_each import fit_each
    from reconcile.batch.fits import CaseFits
    from reconcile.claims.claim import Claim
    from reconcile.claims.claim_set import ClaimSet
    from reconcile.claims.figure import Figure, Ratio
    from reconcile.claims.phrases.quantity import Quantity, parse_quantity
    from reconcile.claims.source import Source
    from reconcile.errors import (
        AssumptionWarning,
        ClaimError,
        ConvergenceWarning,
        FailedCaseWarning,
        Problem,
    )
    from reconcile.fitting import fit
    from reconcile.learning.learn_priors import learn_priors
    from reconcile.models.build import build_model
    from reconcile.models.linear_scale.random_effects import meta_analysis
    from reconcile.plots.claims import plot_claims
    from reconcile.plots.figure import plot_figure
    from reconcile.plots.sources import plot_sources
    from reconcile.plots.timeline import plot_timeline
    from reconcile.priors.constants import BiasPrior, CompletenessPrior, RolePrior, SourcePrior
    from reconcile.priors.priors import Priors
    from reconcile.results.equivalence import equivalence, independence
    from reconcile.results.sentence import sentence
    from reconcile.results.summary import draws, probability, summary
    from reconcile.simulation import Simulation, simulate
    from reconcile.tables.radford2023 import read_radford2023
    from reconcile.tables.tables import read_claims, to_frame, write_claims
    from reconcile.tables.track_record import track_record

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
    "SourcePrior",
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
_MODULES = {
    "batch.fit_each": "fit_each",
    "batch.fits": "CaseFits",
    "claims.claim": "Claim",
    "claims.claim_set": "ClaimSet",
    "claims.figure": "Figure Ratio",
    "claims.phrases.quantity": "Quantity parse_quantity",
    "claims.source": "Source",
    "errors": "AssumptionWarning ClaimError ConvergenceWarning FailedCaseWarning Problem",
    "fitting": "fit",
    "learning.learn_priors": "learn_priors",
    "models.build": "build_model",
    "models.linear_scale.random_effects": "meta_analysis",
    "plots.claims": "plot_claims",
    "plots.figure": "plot_figure",
    "plots.sources": "plot_sources",
    "plots.timeline": "plot_timeline",
    "priors.constants": "BiasPrior CompletenessPrior RolePrior SourcePrior",
    "priors.priors": "Priors",
    "results.equivalence": "equivalence independence",
    "results.sentence": "sentence",
    "results.summary": "draws probability summary",
    "simulation": "Simulation simulate",
    "tables.radford2023": "read_radford2023",
    "tables.tables": "read_claims to_frame write_claims",
    "tables.track_record": "track_record",
}
_HOME = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'reconcile' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"reconcile.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
