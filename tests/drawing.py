"""Plots by their names, and what was drawn on the backend that only records."""

from typing import Any

import xarray as xr
from arviz_plots import PlotCollection

import reconcile as rc
from prior_trees import prior_tree


def plot(name: str, tree: xr.DataTree, figure: str = "killed", **settings: Any) -> PlotCollection:
    function = getattr(rc, f"plot_{name}")
    return function(tree, *([] if name == "sources" else [figure]), **settings)


def artists(drawn: PlotCollection) -> list[dict[str, Any]]:
    """All that was drawn on the backend that only records."""
    return drawn.viz["plot"]["panel"].item()


def last(drawn: PlotCollection, visual: str) -> Any:
    return drawn.viz[visual]["panel"].item()


def tree_of(*said: rc.Claim, **case: Any) -> xr.DataTree:
    return prior_tree(rc.ClaimSet(said, **case))


BY = {"figure": "killed", "source": "A", "role": "own"}
