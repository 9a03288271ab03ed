"""Files of fits: their names and metadata."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from reconcile._version import __version__
from reconcile.claims.claim_set import ClaimSet
from reconcile.claims.serialise import claim_rows
from reconcile.errors import ClaimError, Problem
from reconcile.priors.priors import Priors
from reconcile.tables.case_toml import write_case

__all__ = ["Record", "file_names", "inputs_sha256", "read_record"]

_ENDING: Final = ".nc"
# Bytes that most file systems allow.
_LONGEST: Final = 255
_PLAIN: Final = frozenset(" -_.,()+")
# Reserved device names on Windows, with any extension.
_DEVICES: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{p}{k}" for p in ("com", "lpt") for k in range(1, 10)))
)


def file_names(names: Iterable[str]) -> dict[str, str]:
    """File name of each case, percent-encoded except for letters and digits of any script.

    ClaimError if a name is not text, empty, too long, or equals another when case is ignored.
    """
    found: dict[str, str] = {}
    owners: dict[str, str] = {}
    problems = []
    for name in names:
        wrong, legal = "", f"text whose file name has at most {_LONGEST} bytes"
        try:
            file = _file_name(name)
            if len(file.encode()) > _LONGEST:
                wrong = f"its file name would have {len(file.encode())} bytes"
        except (TypeError, ValueError):
            wrong = "cannot be a file name"
        else:
            same = unicodedata.normalize("NFC", file.casefold())
            if owners.setdefault(same, name) != name:
                wrong = f"its file name equals that of {owners[same]!r} if case is ignored"
                legal = "names that differ in more than upper and lower case"
            found[name] = file
        if wrong:
            problems.append(Problem(field="name", value=name, wrong=wrong, legal=legal))
    if problems:
        raise ClaimError(problems)
    return found


def _file_name(name: str) -> str:
    if not isinstance(name, str):
        raise TypeError
    if not name:
        raise ValueError
    inside = "".join(c if c.isalnum() or c in _PLAIN else quote(c, safe="") for c in name)
    # Avoid hidden files, invisible leading spaces and device names.
    if inside[0] in " ." or inside.split(".")[0].casefold() in _DEVICES:
        inside = f"%{ord(inside[0]):02X}{inside[1:]}"
    inside.encode()
    return inside + _ENDING


def inputs_sha256(
    claims: ClaimSet, priors: Priors | None, settings: Mapping[str, int | float]
) -> str:
    """Hash of everything that determines a fit except its seed."""
    everything = [
        write_case(claims),
        claim_rows(claims),
        (priors or Priors()).as_table(),
        dict(settings),
        __version__,
    ]
    text = json.dumps(everything, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Metadata of a stored fit.

    Parameters
    ----------
    inputs_sha256 : str
        See :func:`inputs_sha256`.
    seed : int
        Seed of the fit.
    warned : tuple of (str, str)
        Category and text of each warning except ConvergenceWarning.
    unconverged : str
        Why the fit has not converged; empty if it has.
    """

    inputs_sha256: str
    seed: int
    warned: tuple[tuple[str, str], ...]
    unconverged: str


def read_record(path: Path) -> Record | None:
    """Metadata of a stored fit; None if there is no readable file."""
    import h5py

    try:
        # A hundred times faster than opening the tree with xarray.
        with h5py.File(path) as file:
            attributes: dict[str, Any] = dict(file.attrs)
    except OSError:
        return None
    if "inputs_sha256" not in attributes:
        raise FileExistsError(f"{path} was not written by fit_each and will not be overwritten")
    converged = int(attributes["converged"].item())
    return Record(
        inputs_sha256=_text(attributes["inputs_sha256"]),
        seed=int(attributes["random_seed"].item()),
        warned=tuple((kind, text) for kind, text in json.loads(_text(attributes["warnings"]))),
        unconverged="" if converged else _text(attributes["convergence_problems"]),
    )


def _text(value: str | bytes) -> str:
    """Text as h5netcdf or netCDF4 writes it, whichever xarray used."""
    return value.decode() if isinstance(value, bytes) else str(value)
