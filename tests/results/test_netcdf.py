"""A fit that is written at once is the same file as one that xarray writes."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

import reconcile as rc
from model_sets import SETS
from reconcile.results.netcdf import write_netcdf


@pytest.mark.parametrize("name", SETS)
@pytest.mark.filterwarnings("ignore::reconcile.ConvergenceWarning")
def test_what_is_read_is_the_same(name: str, tmp_path: Path) -> None:
    tree = rc.fit(SETS[name](), draws=10, tune=20, chains=2, random_seed=1, progressbar=False)
    write_netcdf(tree, tmp_path / "ours.nc")
    tree.to_netcdf(tmp_path / "theirs.nc")
    with (
        xr.open_datatree(tmp_path / "ours.nc") as ours,
        xr.open_datatree(tmp_path / "theirs.nc") as theirs,
    ):
        assert ours.identical(theirs)
        for path, group in theirs.subtree_with_keys:
            for variable, values in group.to_dataset().variables.items():
                assert ours[path][variable].dtype == values.dtype
                for kind in ("dtype", "_FillValue"):
                    same = ours[path][variable].encoding.get(kind), values.encoding.get(kind)
                    assert repr(same[0]) == repr(same[1])


def test_an_old_file_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "fit.nc"
    write_netcdf(xr.DataTree(xr.Dataset({"old": 1}, attrs={"kept": 0})), path)
    write_netcdf(xr.DataTree(xr.Dataset({"new": 2})), path)
    with xr.open_datatree(path) as found:
        assert list(found.data_vars) == ["new"] and not found.attrs
