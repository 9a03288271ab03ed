"""What is estimated."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

__all__ = ["Estimand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """Something that is estimated: a figure of a population, as of a date.

    Parameters
    ----------
    population, figure : str
        Whose, and what; ``figure`` may be a sum.
    date : datetime.date, optional
        Last day it covers; None for a fixed figure.
    """

    population: str
    figure: str
    date: dt.date | None = None

    @property
    def label(self) -> str:
        """Readable label: what is there of population, figure and date."""
        pieces = (self.population, self.figure, self.date.isoformat() if self.date else "")
        return " | ".join(piece for piece in pieces if piece)
