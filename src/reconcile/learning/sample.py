"""The figures that priors are learnt from, and what can be learnt from them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.serialise import case_table
from reconcile.errors import ClaimError, Problem
from reconcile.learning.adjustments import Adjustment, linear_adjustments, log_adjustments
from reconcile.learning.figures import Figure, figures_of, hashed
from reconcile.learning.linear import LinearFigure, linear_figures
from reconcile.learning.search import LinearScale, LogScale, Search
from reconcile.priors.priors import Priors

__all__ = ["MOST_FIGURES", "Sample"]

type Array = NDArray[np.float64]
# Figures on the log scale that are learnt from, and claims on each of them.
MOST_FIGURES: Final = 100
_MOST_CLAIMS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Figures that are learnt from, by scale; and the settings of the former."""

    log: tuple[Figure, ...]
    linear: tuple[LinearFigure, ...]
    settings: tuple[str, ...]

    @classmethod
    def of(cls, cases: Mapping[str, ClaimSet], seed: int | None) -> Sample:
        """All figures with a truth; of many on the log scale a random part."""
        salt = "" if seed is None else f"{seed} | "
        log: list[Figure] = []
        linear: list[LinearFigure] = []
        for name, case in cases.items():
            if case.family == "truth_discovery":
                wrong, legal = "its figures are on record", "a case in any other setting"
                problem = Problem(field="setting", value=name, wrong=wrong, legal=legal)
                raise ClaimError([problem])
            if case.family == "linear_scale":
                linear += linear_figures(name, case)
            else:
                log += figures_of(name, case, most=_MOST_CLAIMS, salt=salt)
        if not log and not linear:
            wrong = "no case has a claim of kind truth and numbers about the same figure"
            legal = "at least one figure whose truth is known"
            raise ClaimError([Problem(field="cases", value=len(cases), wrong=wrong, legal=legal)])
        log.sort(key=lambda figure: hashed(f"{salt}{figure.case} | {figure.name}"))
        log = log[:MOST_FIGURES]
        settings = sorted({figure.setting for figure in log})
        return cls(log=tuple(log), linear=tuple(linear), settings=tuple(settings))

    @property
    def figures(self) -> tuple[Figure | LinearFigure, ...]:
        """All of them."""
        return (*self.log, *self.linear)

    def adjustments(self, base: Priors) -> list[Adjustment]:
        """What can be learnt from these."""
        of_log = log_adjustments(base, self.settings) if self.log else ()
        return [*of_log, *(linear_adjustments() if self.linear else ())]

    def search(
        self,
        changes: Sequence[Adjustment],
        priors_of: Callable[[Array], Priors],
        executor: ThreadPoolExecutor,
    ) -> Search:
        """The search for these adjustments."""
        groups = [LogScale(self.log, executor)] if self.log else []
        cases = [figure.case for figure in self.figures]
        n = Counter(cases)
        return Search(
            [*groups, *([LinearScale(self.linear)] if self.linear else [])],
            weight=np.array([1 / n[case] for case in cases]),
            mean=np.zeros(len(changes)),
            sd=np.array([change.sd for change in changes]),
            priors_of=priors_of,
        )

    def key(self, base: Priors) -> str:
        """A number that stands for all this and the priors before."""
        told = [
            (f.case, case_table(f.claims), [str(claim) for claim in f.claims], f.known)
            for f in self.figures
        ]
        return hashlib.sha256(repr((told, base.as_table())).encode()).hexdigest()
