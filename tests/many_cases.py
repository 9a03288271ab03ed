"""Small cases for many fits, and what fit makes of each by itself."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import xarray as xr

import reconcile as rc

SMALL: dict[str, Any] = {"draws": 20, "tune": 20, "chains": 2, "progressbar": False}


def exact(k: int = 0) -> rc.ClaimSet:
    """A case that is drawn exactly, without a compiler."""
    about = {"figure": "temperature", "scale": "linear", "role": "expert"}
    return rc.ClaimSet(
        [
            rc.Claim.standard_error(-14.0 - k, 0.8, source="a station", **about),
            rc.Claim.standard_error(-12.0 - k, 0.9, source="a ship", **about),
        ],
        figures=[rc.Figure(name="temperature", scale="linear")],
    )


def sampled(k: int = 0, *, role: str = "expert") -> rc.ClaimSet:
    """A case that is drawn by the sampler."""
    return rc.ClaimSet(
        [
            rc.Claim.point(121 + k, figure="killed", source="a hospital", role=role),
            rc.Claim.about(200, figure="killed", source="the rebels", role="enemy"),
        ]
    )


def same(fit: xr.DataTree, other: xr.DataTree) -> bool:
    """Whether all draws and all else are the same; only fit_each keeps the name of the case."""
    own = ("case_name", "inputs_sha256", "warnings")
    attrs = {key: value for key, value in fit.attrs.items() if key not in own}
    return (
        attrs == {key: value for key, value in other.attrs.items() if key not in own}
        and fit.children.keys() == other.children.keys()
        and all(
            fit[name].to_dataset().identical(other[name].to_dataset()) for name in other.children
        )
    )


def alone(claims: rc.ClaimSet, fit: xr.DataTree) -> xr.DataTree:
    """The same case by fit, with the seed that the other fit carries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rc.ConvergenceWarning)
        return rc.fit(claims, random_seed=fit.attrs["random_seed"], **SMALL)


@contextlib.contextmanager
def unconverged() -> Iterator[None]:
    """Short chains on purpose."""
    with pytest.warns(rc.ConvergenceWarning, match="have not converged"):
        yield
