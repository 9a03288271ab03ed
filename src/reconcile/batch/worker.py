"""Fitting one case in a worker: a thread, another process or another machine."""

from __future__ import annotations

import json
import pickle
import tempfile
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from reconcile._version import __version__
from reconcile.claims.claim_set import ClaimSet
from reconcile.errors import ConvergenceWarning
from reconcile.priors.priors import Priors
from reconcile.results.netcdf import write_netcdf

__all__ = ["Outcome", "Task", "fit_task"]

# Neither the compilers nor warnings.catch_warnings are thread-safe.
_LOCK = threading.Lock()
# Categories that Python hides by default.
_HIDDEN: Final = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One case to fit.

    Parameters
    ----------
    name : str
        Name of the case.
    claims : ClaimSet
        Its claims.
    priors : Priors or None
        As for :func:`reconcile.fit`.
    seed : int
        Seed of this case.
    settings : mapping of str to int or float
        ``draws``, ``tune``, ``chains`` and ``target_accept``.
    inputs_sha256 : str
        Hash of all inputs but the seed, stored with the fit.
    version : str
        Version of the library that created the task.
    """

    name: str
    claims: ClaimSet
    priors: Priors | None
    seed: int
    settings: Mapping[str, Any]
    inputs_sha256: str
    version: str

    def serialised(self) -> bytes:
        """Pickle; unpickled inside the worker's try, so that an error fails this case only."""
        return pickle.dumps(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Result of fitting a case.

    Parameters
    ----------
    netcdf : bytes
        The fit as a netCDF file; empty if it failed.
    error : str
        Why it failed.
    warned : tuple of (str, str)
        Category and text of each warning except ConvergenceWarning.
    unconverged : str
        Why the fit has not converged; empty if it has.
    """

    netcdf: bytes = field(default=b"", repr=False)
    error: str = ""
    warned: tuple[tuple[str, str], ...] = ()
    unconverged: str = ""


def fit_task(payload: bytes) -> Outcome:
    """Fit a serialised task; an exception becomes an outcome, since not all of them pickle."""
    with _LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for category in _HIDDEN:
            warnings.simplefilter("ignore", category)
        try:
            return _fitted(pickle.loads(payload), caught)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            return Outcome(error=text, warned=_warned(caught))


def _fitted(task: Task, caught: list[warnings.WarningMessage]) -> Outcome:
    if task.version != __version__:
        raise RuntimeError(
            f"the worker has version {__version__} of reconcile, not {task.version}: install the "
            "same version on every machine"
        )
    from reconcile.fitting import fit

    tree = fit(
        task.claims,
        priors=task.priors,
        random_seed=task.seed,
        cores=1,
        progressbar=False,
        **task.settings,
    )
    warned = _warned(caught)
    tree.attrs |= {
        "case_name": task.name,
        "inputs_sha256": task.inputs_sha256,
        "warnings": json.dumps(warned),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fit.nc"
        write_netcdf(tree, path)
        netcdf = path.read_bytes()
    unconverged = "" if tree.attrs["converged"] else str(tree.attrs["convergence_problems"])
    return Outcome(netcdf=netcdf, warned=warned, unconverged=unconverged)


def _warned(caught: list[warnings.WarningMessage]) -> tuple[tuple[str, str], ...]:
    """Category and text of each distinct warning except ConvergenceWarning."""
    found = [
        (each.category.__name__, str(each.message))
        for each in caught
        if not issubclass(each.category, ConvergenceWarning)
    ]
    return tuple(dict.fromkeys(found))
