"""The fits of many cases, on disk until they are looked at."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import xarray as xr

from reconcile.batch.warnings import named_cases
from reconcile.errors import ConvergenceWarning, warn
from reconcile.results.summary import IntervalKind, summary

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CaseFits"]


class CaseFits(Mapping[str, xr.DataTree]):
    """Fits of many cases by name; each is read from disk when it is asked for.

    Parameters
    ----------
    paths : mapping of str to pathlib.Path
        Files of the fits.
    folder : pathlib.Path
        Where they are.
    failed : mapping of str to str
        Why, for every case without a fit.

    Attributes
    ----------
    folder : pathlib.Path
        Where the files are.
    failed : mapping of str to str
        Why, for every case without a fit.

    Raises
    ------
    KeyError
        If a case has no fit; the message says why.
    """

    __slots__ = ("__weakref__", "_paths", "failed", "folder")

    def __init__(
        self, paths: Mapping[str, Path], *, folder: Path, failed: Mapping[str, str]
    ) -> None:
        self._paths = dict(paths)
        self.folder = folder
        self.failed: Mapping[str, str] = MappingProxyType(dict(failed))

    def __getitem__(self, name: str) -> xr.DataTree:
        with xr.open_datatree(self._path(name)) as tree:
            return tree.load()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __repr__(self) -> str:
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return f"<CaseFits: {len(self)} fits{failed}, in {self.folder}>"

    def _path(self, name: str) -> Path:
        if name in self._paths:
            return self._paths[name]
        if name in self.failed:
            raise KeyError(f"{name!r} failed: {self.failed[name]}")
        raise KeyError(f"{name!r} is not one of the cases: {named_cases(self._paths)}")

    def summary(self, *, ci_prob: float = 0.9, ci_kind: IntervalKind = "eti") -> pd.DataFrame:
        """Table of all estimates of all fits.

        Parameters
        ----------
        ci_prob : float, default 0.9
            Mass of the credible interval.
        ci_kind : {"eti", "hdi"}
            Equal-tailed, or the shortest one.

        Returns
        -------
        pandas.DataFrame
            The rows of :func:`reconcile.summary` for each fit, with a column ``case`` before them,
            and ``converged`` and ``random_seed`` after them.

        Raises
        ------
        ValueError
            If there is no fit, or ``ci_prob`` or ``ci_kind`` is illegal.

        Warns
        -----
        ConvergenceWarning
            If fits have not converged, once for all.
        """
        import pandas as pd

        if not self._paths:
            raise ValueError("no case was fitted: there is nothing to summarise")
        tables, unconverged = [], []
        for name, path in self._paths.items():
            tree = _estimates(path)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                table = summary(tree, ci_prob=ci_prob, ci_kind=ci_kind)
            converged = bool(tree.attrs["converged"])
            if not converged:
                unconverged.append(name)
            table.insert(0, "case", name)
            table["converged"] = converged
            table["random_seed"] = int(tree.attrs["random_seed"])
            version = table.attrs["reconcile_version"]
            table.attrs = {}
            tables.append(table)
        whole = pd.concat(tables, ignore_index=True)
        whole.attrs["reconcile_version"] = version
        if unconverged:
            warn(
                f"{len(unconverged)} of {len(self)} fits have not converged, do not use them: "
                f"{named_cases(unconverged)}",
                ConvergenceWarning,
            )
        return whole


def _estimates(path: Path) -> xr.DataTree:
    """What a summary needs of a fit: reading all of it takes ten times as long."""
    with xr.open_dataset(path) as root:
        tree = xr.DataTree(dataset=xr.Dataset(attrs=root.attrs))
    with xr.open_dataset(path, group="posterior") as posterior:
        tree["posterior"] = xr.DataTree(dataset=posterior[["estimate"]].load())
    return tree
