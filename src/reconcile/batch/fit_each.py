"""Fit many cases independently: in parallel, stored on disk, resumed after an interruption."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reconcile._progress import progress
from reconcile._version import __version__
from reconcile.batch.fit_files import file_names, inputs_sha256, read_record
from reconcile.batch.fits import CaseFits
from reconcile.batch.pool import run_each
from reconcile.batch.warnings import warn_of_cases
from reconcile.batch.worker import Outcome, Task
from reconcile.claims.claim_set import ClaimSet
from reconcile.inference.settings import check_settings
from reconcile.priors.priors import Priors, priors_or_default
from reconcile.tables.atomic_write import write_atomically

__all__ = ["fit_each"]


def fit_each(
    cases: Mapping[str, ClaimSet] | Iterable[ClaimSet],
    *,
    executor: Executor | None = None,
    out: str | Path | None = None,
    priors: Priors | None = None,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    random_seed: int | None = None,
    progressbar: bool = True,
    target_accept: float = 0.85,
) -> CaseFits:
    """Fit many cases independently, each as :func:`reconcile.fit` does.

    Parameters
    ----------
    cases : mapping of str to ClaimSet, or iterable of ClaimSet
        The claims of each case. Seeds and file names are derived from the names; unnamed cases are
        numbered ``"0001"``, ``"0002"`` and so on.
    executor : concurrent.futures.Executor, optional
        Where to run; it is not shut down. Defaults to worker processes on this machine, one per
        processor. Alternatives: ``dask.distributed.Client(...).get_executor()`` or
        ``mpi4py.futures.MPIPoolExecutor()``.
    out : str or pathlib.Path, optional
        Folder for the fits, one netCDF file per case, written as each finishes; created if
        missing. Defaults to a temporary folder, deleted together with the result.
    priors : Priors, optional
        Prior constants for all cases; the defaults if not given.
    draws, tune, chains : int
        As for :func:`reconcile.fit`. The chains of a case run one after another.
    random_seed : int, optional
        The seed of each case is derived from this and the case's name, whatever the other cases
        and the workers. If omitted, a seed is drawn, and fits in ``out`` are reused whatever their
        seed.
    progressbar : bool, default True
        Whether to show a progress bar.
    target_accept : float, default 0.85
        As for :func:`reconcile.fit`.

    Returns
    -------
    CaseFits
        The fits by name, read from disk one at a time; failures are in ``failed``.

    Raises
    ------
    ClaimError
        If a case name cannot be a file name; nothing is fitted then.
    TypeError
        If a case is not a ClaimSet, or ``executor`` is not an executor.
    ValueError
        If a setting is out of range.
    FileExistsError
        If a file of the same name was not written by this function.
    RuntimeError
        If no worker process can be started, for example because a script calls this without the
        guard ``if __name__ == "__main__":``.

    Warns
    -----
    FailedCaseWarning
        If some cases could not be fitted; the others were.
    ConvergenceWarning
        If some fits have not converged. They are kept and marked, and warn again when used.
    AssumptionWarning
        If claims of some cases have no role. Each kind of warning is given once for all cases.

    Notes
    -----
    After an interruption, call it again with the same ``out`` to resume: fits are reused if their
    claims, priors, settings, seed and version of the library are the same, and replaced otherwise.
    Cases that failed are tried again.

    Each fit equals ``fit(case, random_seed=seed, ...)`` with the seed in its
    ``attrs["random_seed"]``. Its ``attrs`` also hold ``case_name`` and ``warnings``.

    A case whose worker process dies is retried once. If an executor breaks, the remaining cases
    are listed in ``failed``. Threads of one process fit one case at a time.

    Examples
    --------
    >>> import reconcile as rc
    >>> cases = {
    ...     name: rc.ClaimSet(
    ...         [rc.Claim.point(count, figure="killed", source="a hospital", role="expert")]
    ...     )
    ...     for name, count in {"north": 120, "south": 31}.items()
    ... }
    >>> fits = rc.fit_each(cases, random_seed=1, progressbar=False)
    >>> list(fits), dict(fits.failed)
    (['north', 'south'], {})
    >>> fits.summary()["case"].to_list()
    ['north', 'south']
    """
    named = _named(cases)
    check_settings(
        draws=draws,
        tune=tune,
        chains=chains,
        random_seed=random_seed,
        target_accept=target_accept,
    )
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            f"executor={executor!r} must be a concurrent.futures.Executor, such as what "
            "get_executor() of a dask.distributed.Client returns"
        )
    priors_or_default(priors)
    files = file_names(named)
    settings: dict[str, int | float] = {
        "draws": int(draws),
        "tune": int(tune),
        "chains": int(chains),
        "target_accept": float(target_accept),
    }
    folder = Path(tempfile.mkdtemp(prefix="fit_each-") if out is None else out)
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(
        cases=named,
        paths={name: folder / file for name, file in files.items()},
        priors=priors,
        settings=settings,
        root=random_seed,
    )
    try:
        run.reuse_existing()
        run.fit_remaining(executor, progressbar=progressbar)
    except BaseException:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    done = {name: path for name, path in run.paths.items() if name in run.done}
    fits = CaseFits(done, folder=folder, failed=_in_order(named, run.failed))
    if out is None:
        weakref.finalize(fits, shutil.rmtree, folder, ignore_errors=True)
    warn_of_cases(
        _in_order(named, run.warned), _in_order(named, run.unconverged), fits.failed, n=len(named)
    )
    return fits


def _in_order[Value](named: Iterable[str], found: Mapping[str, Value]) -> dict[str, Value]:
    """Values by case, in the order of the cases rather than of completion."""
    return {name: found[name] for name in named if name in found}


def _named(cases: Mapping[str, ClaimSet] | Iterable[ClaimSet]) -> dict[str, ClaimSet]:
    if isinstance(cases, ClaimSet):
        raise TypeError("fit_each takes several cases, not one ClaimSet: use fit for a single case")
    named = (
        dict(cases)
        if isinstance(cases, Mapping)
        else {f"{k:04}": case for k, case in enumerate(cases, 1)}
    )
    wrong = [
        f"{name!r}: {type(case).__name__}"
        for name, case in named.items()
        if not isinstance(case, ClaimSet)
    ]
    if wrong:
        raise TypeError(f"cases that are not a ClaimSet: {', '.join(wrong)}")
    return named


def _seed(root: int, name: str) -> int:
    """Seed of a case, a function of its name and the root seed only."""
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
    sequence = np.random.SeedSequence(root, spawn_key=tuple(int(word) for word in words))
    return int(sequence.generate_state(1, np.uint64)[0] >> 1)


@dataclass(slots=True, kw_only=True)
class _Run:
    """State of one call: the cases, and what has come of each so far."""

    cases: Mapping[str, ClaimSet]
    paths: Mapping[str, Path]
    priors: Priors | None
    settings: Mapping[str, int | float]
    root: int | None
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    unconverged: dict[str, str] = field(default_factory=dict)
    warned: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def reuse_existing(self) -> None:
        """Mark the cases whose file already holds the fit as done."""
        for name, path in self.paths.items():
            record = read_record(path)
            if record is None or record.inputs_sha256 != self._inputs(name):
                continue
            if self.root is None or record.seed == _seed(int(self.root), name):
                self._note(name, record.warned, record.unconverged)

    def fit_remaining(self, executor: Executor | None, *, progressbar: bool) -> None:
        """Fit all other cases and write each as it finishes."""
        root = int(
            np.random.SeedSequence().generate_state(1)[0] if self.root is None else self.root
        )
        names = [name for name in self.cases if name not in self.done]

        def make_task(name: str) -> bytes:
            return Task(
                name=name,
                claims=self.cases[name],
                priors=self.priors,
                seed=_seed(root, name),
                settings=self.settings,
                inputs_sha256=self._inputs(name),
                version=__version__,
            ).serialised()

        with (
            progress("cases", len(self.cases), shown=progressbar) as advance,
            closing(run_each(names, make_task, executor)) as results,
        ):
            advance(len(self.done), 0)
            for name, outcome in results:
                self._keep(name, outcome)
                advance(1, len(self.failed))

    def _inputs(self, name: str) -> str:
        return inputs_sha256(self.cases[name], self.priors, self.settings)

    def _keep(self, name: str, outcome: Outcome) -> None:
        if outcome.error:
            self.failed[name] = outcome.error
            self.warned[name] = outcome.warned
            return
        write_atomically(self.paths[name], lambda path: path.write_bytes(outcome.netcdf))
        self._note(name, outcome.warned, outcome.unconverged)

    def _note(self, name: str, warned: tuple[tuple[str, str], ...], unconverged: str) -> None:
        self.done.add(name)
        self.warned[name] = warned
        if unconverged:
            self.unconverged[name] = unconverged
