"""Estimands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

__all__ = ["Estimand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """A figure of a population, as of a date.

    Parameters
    ----------
    population, figure : str
        The population, and the figure or sum.
    date : datetime.date, optional
        Last day it covers; None for a fixed figure.
    """

    population: str
    figure: str
    date: dt.date | None = None

    @property
    def label(self) -> str:
        """Readable label of population, figure and date, as far as present."""
        pieces = (self.population, self.figure, self.date.isoformat() if self.date else "")
        return " | ".join(piece for piece in pieces if piece)
