"""Write fits as netCDF files, four times as fast as xarray.

A fit is some 140 small variables. The netCDF library reorganises its file each time a variable is
defined after a value was written, as xarray does; here all are defined first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr
from xarray.backends import NetCDF4DataStore

__all__ = ["write_netcdf"]


class _Later:
    """A writer for xarray that defers the values until all variables are defined."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Any, Any]] = []

    def add(self, source: Any, target: Any, region: None = None) -> None:
        self._waiting.append((source, target))

    def write(self) -> None:
        for source, target in self._waiting:
            target[...] = source


def write_netcdf(tree: xr.DataTree, path: Path) -> None:
    """Write a fit to a file, as ``tree.to_netcdf`` would."""
    import netCDF4

    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        later = _Later()
        for node in tree.subtree:
            group = node.path.strip("/")
            if group:
                file.createGroup(group)
            store = NetCDF4DataStore(file, group=group or "/")  # type: ignore[no-untyped-call]
            node.to_dataset(inherit=False).dump_to_store(store, writer=later)
        later.write()
