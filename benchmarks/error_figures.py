"""Figures that the default priors are learnt from: of the track record and the field families."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import reconcile as rc
from reconcile.learning.figures import Figure, figures_of, hashed

__all__ = ["FAMILIES", "FIELD", "RECORD", "field_figures"]

FIELD: Final = Path(__file__).parents[2] / "shared" / "data" / "field"
RECORD: Final = "track record"
# Families of the field test that the model is for, and how many figures of each are taken.
FAMILIES: Final = {
    "battles": 200,
    "fires": 45,
    "covid_excess": 40,
    "hospitalisations": 24,
    "guesses": 30,
    "cooke": 40,
    "pdg": 50,
    "codata": 25,
}
# Claims taken of a figure.
_MOST_CLAIMS: Final = 16


def field_figures(family: str, *, most: int, folder: Path = FIELD) -> tuple[list[Figure], str]:
    """At most so many figures of a family of the field test, or none and the reason."""
    if not (folder / family).is_dir():
        return [], f"{folder / family} is not there"
    found: list[Figure] = []
    for case, claims in rc.track_record(folder=folder / family).items():
        found += figures_of(case, claims, family=family, most=_MOST_CLAIMS)
    found.sort(key=lambda figure: hashed(f"{figure.case} | {figure.name}"))
    return found[:most], ""
