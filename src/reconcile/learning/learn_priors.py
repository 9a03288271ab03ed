"""Learn the priors from cases whose truth is known."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reconcile._progress import progress
from reconcile._text import few_of
from reconcile.claims.claim_set import ClaimSet
from reconcile.errors import AssumptionWarning, ClaimError, ConvergenceWarning, Problem, warn
from reconcile.learning.adjustments import Adjustment, adjusted
from reconcile.learning.named import named_sources
from reconcile.learning.sample import Sample
from reconcile.learning.search import Search
from reconcile.priors.priors import Priors, priors_or_default
from reconcile.tables.atomic_write import write_text

__all__ = ["learn_priors"]

type Array = NDArray[np.float64]
# Log density that a further step must gain, or the search is at its end: constants a standard
# deviation from the best ones are worth 0.5 less.
_LEAST_GAIN: Final = 0.3
# Steps for means alone.
_FOR_MEANS: Final = 2


def learn_priors(
    cases: Mapping[str, ClaimSet] | Iterable[ClaimSet],
    *,
    priors: Priors | None = None,
    names: bool = True,
    steps: int = 10,
    checkpoint: str | Path | None = None,
    cores: int | None = None,
    random_seed: int | None = None,
    progressbar: bool = True,
) -> Priors:
    """Learn the priors from cases whose truth became known.

    Constants are changed such that each truth becomes as likely as can be given the claims about
    it, while every change is held to be small before anything is seen. Every case counts once.

    Parameters
    ----------
    cases : mapping of str to ClaimSet, or iterable of ClaimSet
        With claims of kind ``truth`` for figures whose truth is known; others are left out. On the
        log or on the natural scale, or of both sorts.
    priors : Priors, optional
        What is believed before; the defaults if not given.
    names : bool, default True
        Whether to learn too how single sources err, by their names, where they are in several
        cases: ``Priors.sources``.
    steps : int, default 10
        Steps of the search at most, at least 1.
    checkpoint : str or Path, optional
        File to keep the state of the search in. With the same cases it is gone on with.
    cores : int, optional
        Threads; by default one for each processor.
    random_seed : int, optional
        Which figures are taken where there are more than 100 on the log scale, and which claims
        where more than 16 are about one; by default always the same ones.
    progressbar : bool, default True
        Whether to show a progress bar.

    Returns
    -------
    Priors
        For ``fit(..., priors=...)``.

    Raises
    ------
    ClaimError
        If there is no case, or none with a truth and claims about it; if a case is of figures on
        record; if ``checkpoint`` holds the state of a search on other cases.

    Warns
    -----
    ConvergenceWarning
        If the last step still gained more than 0.3 in log density.

    Notes
    -----
    The log density of a truth is by quadrature over all else; the maximum is sought by the method
    of Berndt, Hall, Hall and Hausman. Figures are taken by themselves: sums, ratios, parts of a
    whole and paths teach nothing, and every day of a running total is a figure.

    Only truths are predicted, never claims: that the cases of a collection were chosen because
    claims differed does not teach that they differ.

    Examples
    --------
    >>> import reconcile as rc
    >>> cases = rc.track_record()
    >>> two = {name: cases[name] for name in ("jutland_1916", "sewol_2014")}
    >>> priors = rc.learn_priors(two, progressbar=False)  # doctest: +SKIP
    """
    named = _named(cases)
    base = priors_or_default(priors)
    _check_steps(steps)
    with warnings.catch_warnings(), ThreadPoolExecutor(cores or os.cpu_count()) as executor:
        warnings.simplefilter("ignore", AssumptionWarning)
        sample = Sample.of(named, random_seed)
        state = _State.read(checkpoint, sample.key(base))
        changes = sample.adjustments(base)
        of = sorted({figure.case for figure in sample.figures})

        def priors_of(theta: Array) -> Priors:
            learnt_from = f"{len(of)} cases: {few_of(of)}; on top of {base.learnt_from}"
            return adjusted(base, changes, theta, learnt_from=learnt_from)

        search = sample.search(changes, priors_of, executor)
        theta = _improved(search, changes, state, steps=steps, shown=progressbar)
        learnt = priors_of(theta)
        return learnt.replace(sources=named_sources(named, learnt)) if names else learnt


def _improved(
    search: Search, changes: Sequence[Adjustment], state: _State, *, steps: int, shown: bool
) -> Array:
    """Adjustments after the search, 0 for those that bear on nothing."""
    theta = np.array([state.known.get(change.name, 0.0) for change in changes])
    if state.converged:
        return theta
    with progress("steps", steps, shown=shown) as advance:
        bears = search.bears(theta)
        # First what sources are off by on average: else a search may find that figures are hard.
        means = bears & np.array([change.move == "shift" for change in changes])
        gain = np.inf
        for k in range(steps):
            for_means = means.any() and state.done < _FOR_MEANS
            theta, gain = search.step(theta, only=means if for_means else bears)
            converged = bool(gain < _LEAST_GAIN and not for_means)
            state.keep(changes, theta, converged=converged)
            advance(steps - k if converged else 1, 0)
            if converged:
                break
    if not state.converged:
        warn(
            f"learn_priors has not converged after {state.done} steps (the last gained {gain:.2g} "
            "in log density): allow more with steps=, or go on from a checkpoint",
            ConvergenceWarning,
        )
    return theta


@dataclass(slots=True, kw_only=True)
class _State:
    """What a file knows of a search; without a file, nothing."""

    path: Path | None
    key: str
    known: Mapping[str, float]
    done: int = 0
    converged: bool = False

    @classmethod
    def read(cls, path: str | Path | None, key: str) -> _State:
        """What is in a file, or nothing if it is not there yet."""
        if path is None:
            return cls(path=None, key=key, known={})
        wrong = ""
        found: Any = None
        if not Path(path).exists():
            if Path(path).parent.is_dir():
                return cls(path=Path(path), key=key, known={})
            wrong = "its folder is not there"
        else:
            try:
                found = json.loads(Path(path).read_text(encoding="utf-8"))
                found = {name: found[name] for name in ("key", "known", "done", "converged")}
            except (OSError, ValueError, KeyError, TypeError):
                wrong = "holds no state of a search"
        if not wrong and found["key"] != key:
            wrong = "holds the state of a search on other cases or from other priors"
        if wrong:
            legal = "the file of the same cases, or a path in a folder where there is none"
            problem = Problem(field="checkpoint", value=str(path), wrong=wrong, legal=legal)
            raise ClaimError([problem])
        return cls(path=Path(path), **found)

    def keep(self, changes: Sequence[Adjustment], theta: Array, *, converged: bool) -> None:
        """Take note of one more step, also in the file if there is one."""
        self.known = {c.name: by for c, by in zip(changes, theta.tolist(), strict=True) if by}
        self.done, self.converged = self.done + 1, converged
        if self.path is not None:
            found = {name: getattr(self, name) for name in ("key", "done", "converged", "known")}
            write_text(self.path, json.dumps(found, indent=1) + "\n")


def _named(cases: Mapping[str, ClaimSet] | Iterable[ClaimSet]) -> dict[str, ClaimSet]:
    if isinstance(cases, ClaimSet):
        raise TypeError("learn_priors takes several cases, not one ClaimSet: hand over [claims]")
    if isinstance(cases, Mapping):
        named = {str(name): case for name, case in cases.items()}
    else:
        named = {
            f"{k}: {title}" if (title := getattr(case, "title", "")) else str(k): case
            for k, case in enumerate(cases, 1)
        }
    wrong = [f"{k!r}: {type(c).__name__}" for k, c in named.items() if not isinstance(c, ClaimSet)]
    if wrong:
        raise TypeError(f"cases that are not a ClaimSet: {', '.join(wrong)}")
    return named


def _check_steps(steps: object) -> None:
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        wrong, legal = "not a number of steps", "a whole number, 1 or more"
        raise ClaimError([Problem(field="steps", value=steps, wrong=wrong, legal=legal)])
