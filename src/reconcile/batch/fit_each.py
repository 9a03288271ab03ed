"""Fit many cases, each by itself: in parallel, kept on disk, gone on with after a stop."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reconcile._version import __version__
from reconcile.batch.fit_files import file_names, inputs_sha256, read_record
from reconcile.batch.fits import CaseFits
from reconcile.batch.pool import run_each
from reconcile.batch.warnings import warn_of_cases
from reconcile.batch.worker import Outcome, Task
from reconcile.claims.claim_set import ClaimSet
from reconcile.inference.settings import check_settings
from reconcile.priors.priors import Priors
from reconcile.tables.atomic_write import write_whole

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
    """Fit many cases, each by itself, as :func:`reconcile.fit` does.

    Parameters
    ----------
    cases : mapping of str to ClaimSet, or iterable of ClaimSet
        The claims of each case. Seeds and files follow from the names; without names, the cases
        are called by their place: ``"0001"``, ``"0002"`` and so on.
    executor : concurrent.futures.Executor, optional
        Where to fit; it is not shut down. By default worker processes on this machine, one for
        each processor. Elsewhere ``dask.distributed.Client(...).get_executor()``, or
        ``mpi4py.futures.MPIPoolExecutor()``.
    out : str or pathlib.Path, optional
        Folder for the fits, one netCDF file for each case, written as each ends; made if it is
        missing. By default a temporary one that is gone with the result.
    priors : Priors, optional
        Prior constants of all cases; the defaults if not given.
    draws, tune, chains : int
        As for :func:`reconcile.fit`. The chains of a case are drawn one after the other.
    random_seed : int, optional
        From it and the name of a case follows the case's own seed, whatever the other cases and
        the workers. Without one a seed is drawn, and fits in ``out`` are taken with any seed.
    progressbar : bool, default True
        Whether to show progress.
    target_accept : float, default 0.85
        As for :func:`reconcile.fit`.

    Returns
    -------
    CaseFits
        The fits by name, read from disk one at a time; the failures in ``failed``.

    Raises
    ------
    ClaimError
        If names of cases cannot be names of files, before anything is fitted.
    TypeError
        If a case is not a ClaimSet, or the executor not one.
    ValueError
        If a setting is out of its range.
    FileExistsError
        If a file in the place of a fit was written by somebody else.
    RuntimeError
        If no worker process can be started, as where a script calls this without the guard
        ``if __name__ == "__main__":``.

    Warns
    -----
    FailedCaseWarning
        If cases could not be fitted: the others were.
    ConvergenceWarning
        If fits have not converged. They are kept, marked, and warn again wherever they are used.
    AssumptionWarning
        If claims of some cases have no role. So with all warnings of fits: one for each kind.

    Notes
    -----
    Stopped at any time, and called again with the same ``out``, it goes on: fits there are taken
    if their claims, priors, settings, seed and version of the library are the same, and replaced
    otherwise. A case that failed is tried again.

    Each fit is what ``fit(case, random_seed=seed, ...)`` gives with the seed in its
    ``attrs["random_seed"]``. Its ``attrs`` hold ``case_name`` and ``warnings`` as well.

    A case whose worker process dies is tried once more in a process of its own, then given up. An
    executor that breaks as a whole leaves the rest of the cases in ``failed``. Threads of one
    process fit one case at a time.

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
            f"executor={executor!r}: legal is a concurrent.futures.Executor, such as what "
            "get_executor() of a dask.distributed.Client returns"
        )
    if priors is not None and not isinstance(priors, Priors):
        raise TypeError(f"priors={priors!r}: legal are Priors")
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
        run.take_what_is_done()
        run.fit_the_rest(executor, progressbar=progressbar)
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
    """What was found of cases, in the order of the cases and not in that in which they ended."""
    return {name: found[name] for name in named if name in found}


def _named(cases: Mapping[str, ClaimSet] | Iterable[ClaimSet]) -> dict[str, ClaimSet]:
    if isinstance(cases, ClaimSet):
        raise TypeError("one ClaimSet is one case: fit fits it, and fit_each takes several")
    named = (
        dict(cases)
        if isinstance(cases, Mapping)
        else {f"{k:04}": case for k, case in enumerate(cases, 1)}
    )
    wrong = {name: type(case).__name__ for name, case in named.items()}
    wrong = {name: wrong[name] for name, case in named.items() if not isinstance(case, ClaimSet)}
    if wrong:
        listed = ", ".join(f"{name!r}: {kind}" for name, kind in wrong.items())
        raise TypeError(f"cases that are not a ClaimSet: {listed}")
    return named


def _seed(root: int, name: str) -> int:
    """Seed of a case: of its name and the root alone."""
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
    sequence = np.random.SeedSequence(root, spawn_key=tuple(int(word) for word in words))
    return int(sequence.generate_state(1, np.uint64)[0] >> 1)


@dataclass(slots=True, kw_only=True)
class _Run:
    """Cases on their way to the disk, and what was said on the way."""

    cases: Mapping[str, ClaimSet]
    paths: Mapping[str, Path]
    priors: Priors | None
    settings: Mapping[str, int | float]
    root: int | None
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    unconverged: dict[str, str] = field(default_factory=dict)
    warned: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def take_what_is_done(self) -> None:
        """Find the cases whose file holds what would be fitted."""
        for name, path in self.paths.items():
            record = read_record(path)
            if record is None or record.inputs_sha256 != self._inputs(name):
                continue
            if self.root is None or record.seed == _seed(int(self.root), name):
                self._note(name, record.warned, record.unconverged)

    def fit_the_rest(self, executor: Executor | None, *, progressbar: bool) -> None:
        """Fit all other cases, and write each as it ends."""
        root = int(
            np.random.SeedSequence().generate_state(1)[0] if self.root is None else self.root
        )
        names = [name for name in self.cases if name not in self.done]

        def pack(name: str) -> bytes:
            return Task(
                name=name,
                claims=self.cases[name],
                priors=self.priors,
                seed=_seed(root, name),
                settings=self.settings,
                inputs_sha256=self._inputs(name),
                version=__version__,
            ).packed()

        with (
            _progress(len(self.cases), shown=progressbar) as advance,
            closing(run_each(names, pack, executor)) as ended,
        ):
            advance(len(self.done), 0)
            for name, outcome in ended:
                self._keep(name, outcome)
                advance(1, len(self.failed))

    def _inputs(self, name: str) -> str:
        return inputs_sha256(self.cases[name], self.priors, self.settings)

    def _keep(self, name: str, outcome: Outcome) -> None:
        if outcome.error:
            self.failed[name] = outcome.error
            self.warned[name] = outcome.warned
            return
        write_whole(self.paths[name], lambda path: path.write_bytes(outcome.netcdf))
        self._note(name, outcome.warned, outcome.unconverged)

    def _note(self, name: str, warned: tuple[tuple[str, str], ...], unconverged: str) -> None:
        self.done.add(name)
        self.warned[name] = warned
        if unconverged:
            self.unconverged[name] = unconverged


@contextmanager
def _progress(total: int, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Show on the error stream how many cases are done; yields what to call as they are."""
    if not shown:
        # Before rich 14.3 even a progress bar that is disabled ends its line.
        yield lambda _more, _failed: None
        return
    # PyMC needs rich too, and unlike tqdm it does not warn where a notebook lacks widgets.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        *times,
        console=Console(stderr=True),
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task("cases", total=total)

        def advance(more: int, failed: int) -> None:
            described = f"cases ({failed} failed)" if failed else "cases"
            bar.update(task, advance=more, description=described)

        yield advance
