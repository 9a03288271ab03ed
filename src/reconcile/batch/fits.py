"""The fits of many cases, read from disk on access."""

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
    """Fits of many cases by name; each is read from disk on access.

    Parameters
    ----------
    paths : mapping of str to pathlib.Path
        Files of the fits.
    folder : pathlib.Path
        Their folder.
    failed : mapping of str to str
        Reason of failure for every case without a fit.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the files.
    failed : mapping of str to str
        Reason of failure for every case without a fit.

    Raises
    ------
    KeyError
        If a case has no fit, with the reason.
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
        raise KeyError(f"unknown case {name!r}; the cases are: {named_cases(self._paths)}")

    def summary(self, *, ci_prob: float = 0.9, ci_kind: IntervalKind = "eti") -> pd.DataFrame:
        """Table of the estimates of all fits.

        Parameters
        ----------
        ci_prob : float, default 0.9
            Mass of the credible interval.
        ci_kind : {"eti", "hdi"}
            Equal-tailed or highest-density interval.

        Returns
        -------
        pandas.DataFrame
            The rows of :func:`reconcile.summary` for each fit, preceded by a column ``case`` and
            followed by ``random_seed``.

        Raises
        ------
        ValueError
            If there is no fit, or ``ci_prob`` or ``ci_kind`` is not legal.

        Warns
        -----
        ConvergenceWarning
            Once, if any fit has not converged.
        """
        import pandas as pd

        if not self._paths:
            raise ValueError("nothing to summarise: no case was fitted")
        tables, unconverged = [], []
        for name, path in self._paths.items():
            tree = _estimates(path)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                table = summary(tree, ci_prob=ci_prob, ci_kind=ci_kind)
            if not tree.attrs["converged"]:
                unconverged.append(name)
            table.insert(0, "case", name)
            table["random_seed"] = int(tree.attrs["random_seed"])
            version = table.attrs["reconcile_version"]
            table.attrs = {}
            tables.append(table)
        whole = pd.concat(tables, ignore_index=True)
        whole.attrs["reconcile_version"] = version
        if unconverged:
            warn(
                f"{len(unconverged)} of {len(self)} fits have not converged; do not use them: "
                f"{named_cases(unconverged)}",
                ConvergenceWarning,
            )
        return whole


def _estimates(path: Path) -> xr.DataTree:
    """Only the estimates and attributes of a fit: reading all of it takes ten times longer."""
    with xr.open_dataset(path) as root:
        tree = xr.DataTree(dataset=xr.Dataset(attrs=root.attrs))
    with xr.open_dataset(path, group="posterior") as posterior:
        tree["posterior"] = xr.DataTree(dataset=posterior[["estimate"]].load())
    return tree
