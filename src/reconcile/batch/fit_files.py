"""Files of many fits: their names, and what is recorded in them."""

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
# File systems count bytes, and most allow 255.
_LONGEST: Final = 255
_PLAIN: Final = frozenset(" -_.,()+")
# Names of devices on Windows, whatever their ending.
_DEVICES: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{p}{k}" for p in ("com", "lpt") for k in range(1, 10)))
)


def file_names(names: Iterable[str]) -> dict[str, str]:
    """File name of each case: letters and digits of any script as they are, the rest as ``%20``.

    Parameters
    ----------
    names : iterable of str
        Of the cases.

    Returns
    -------
    dict of str to str
        ``urllib.parse.unquote`` makes the name again, once the ending ``.nc`` is off.

    Raises
    ------
    ClaimError
        If a name is no text, empty, too long, or on some file system the same as another; all such
        are listed.

    Examples
    --------
    >>> from reconcile.batch.fit_files import file_names
    >>> file_names(["Kyiv 2022/03", "../x"])
    {'Kyiv 2022/03': 'Kyiv 2022%2F03.nc', '../x': '%2E.%2Fx.nc'}
    """
    found: dict[str, str] = {}
    owners: dict[str, str] = {}
    problems = []
    for name in names:
        wrong, legal = "", f"a text of at most {_LONGEST} bytes as a file name"
        try:
            file = _file_name(name)
            if len(file.encode()) > _LONGEST:
                wrong = f"as a file name it has {len(file.encode())} bytes"
        except (TypeError, ValueError):
            wrong = "not a text that can be a file name"
        else:
            same = unicodedata.normalize("NFC", file.casefold())
            if owners.setdefault(same, name) != name:
                wrong = f"as a file name the same as {owners[same]!r} where case does not count"
                legal = "names that differ by more than capital letters"
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
    # A dot hides a file, a space is overlooked, and a device is no file.
    if inside[0] in " ." or inside.split(".")[0].casefold() in _DEVICES:
        inside = f"%{ord(inside[0]):02X}{inside[1:]}"
    inside.encode()
    return inside + _ENDING


def inputs_sha256(
    claims: ClaimSet, priors: Priors | None, settings: Mapping[str, int | float]
) -> str:
    """Fingerprint of all that a fit follows from, its seed left out.

    Parameters
    ----------
    claims : ClaimSet
        What was said.
    priors : Priors or None
        What is assumed; the defaults are told from the same constants handed in.
    settings : mapping of str to int or float
        Of the sampler.

    Returns
    -------
    str
        Changes with the claims, what is known of their case, the priors, the settings, and the
        version of the library.
    """
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
    """What a file says of the fit in it.

    Parameters
    ----------
    inputs_sha256 : str
        As :func:`inputs_sha256` gave it.
    seed : int
        Of the fit.
    warned : tuple of (str, str)
        Category and text of each warning, those of convergence left out.
    unconverged : str
        Why the fit has not converged; empty if it has.
    """

    inputs_sha256: str
    seed: int
    warned: tuple[tuple[str, str], ...]
    unconverged: str


def read_record(path: Path) -> Record | None:
    """What is recorded in a file of a fit.

    Parameters
    ----------
    path : pathlib.Path
        Where it may be.

    Returns
    -------
    Record or None
        None if there is no file, or one that cannot be read.

    Raises
    ------
    FileExistsError
        If there is a file that somebody else wrote.
    """
    import h5py

    try:
        # A hundred times faster than opening the tree.
        with h5py.File(path) as file:
            attributes: dict[str, Any] = dict(file.attrs)
    except OSError:
        return None
    if "inputs_sha256" not in attributes:
        raise FileExistsError(f"{path} was not written by fit_each, and is not overwritten")
    converged = int(attributes["converged"].item())
    return Record(
        inputs_sha256=_text(attributes["inputs_sha256"]),
        seed=int(attributes["random_seed"].item()),
        warned=tuple((kind, text) for kind, text in json.loads(_text(attributes["warnings"]))),
        unconverged="" if converged else _text(attributes["convergence_problems"]),
    )


def _text(value: str | bytes) -> str:
    """A text as h5netcdf or as netCDF4 writes it; xarray takes the one that is installed."""
    return value.decode() if isinstance(value, bytes) else str(value)
