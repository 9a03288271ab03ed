"""One of many cases, fitted in a worker that may be another process or another machine."""

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

__all__ = ["Outcome", "Task", "fit_packed"]

# Neither the compilers nor the record of warnings bear two threads at a time.
_ONE_AT_A_TIME = threading.Lock()
# What Python does not show either.
_HIDDEN: Final = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker is told.

    Parameters
    ----------
    name : str
        Of the case.
    claims : ClaimSet
        What was said.
    priors : Priors or None
        As for :func:`reconcile.fit`.
    seed : int
        Of this case.
    settings : mapping of str to int or float
        ``draws``, ``tune``, ``chains`` and ``target_accept``.
    inputs_sha256 : str
        Of everything but the seed that the result follows from; kept in the result.
    version : str
        Of the library that asks.
    """

    name: str
    claims: ClaimSet
    priors: Priors | None
    seed: int
    settings: Mapping[str, Any]
    inputs_sha256: str
    version: str

    def packed(self) -> bytes:
        """The task as bytes.

        The worker unpacks them itself: a case that cannot be unpacked is then a case that failed,
        not a worker that broke.
        """
        return pickle.dumps(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a case.

    Parameters
    ----------
    netcdf : bytes
        The fit as a netCDF file; empty if there is none.
    error : str
        Why there is none.
    warned : tuple of (str, str)
        Category and text of each warning, those of convergence left out.
    unconverged : str
        Why the fit has not converged; empty if it has.
    """

    netcdf: bytes = field(default=b"", repr=False)
    error: str = ""
    warned: tuple[tuple[str, str], ...] = ()
    unconverged: str = ""


def fit_packed(packed: bytes) -> Outcome:
    """Fit one case, whatever happens.

    Parameters
    ----------
    packed : bytes
        What :meth:`Task.packed` made.

    Returns
    -------
    Outcome
        Also where the fit raised an exception: exceptions do not always survive the way back.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for category in _HIDDEN:
            warnings.simplefilter("ignore", category)
        try:
            return _fitted(pickle.loads(packed), caught)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            return Outcome(error=text, warned=_warned(caught))


def _fitted(task: Task, caught: list[warnings.WarningMessage]) -> Outcome:
    if task.version != __version__:
        raise RuntimeError(
            f"the worker has version {__version__} of reconcile, not {task.version}: install the "
            "same on every machine"
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
    """Category and text of each warning, once; convergence is recorded apart."""
    found = [
        (each.category.__name__, str(each.message))
        for each in caught
        if not issubclass(each.category, ConvergenceWarning)
    ]
    return tuple(dict.fromkeys(found))
