"""Pictures, rows and phrases of single claims, for the pages of this folder."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import MappingProxyType
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown
from scipy.stats import norm, qmc

import reconcile as rc
from reconcile.claims.claim import COLUMNS
from reconcile.kinds.kind import Kind
from reconcile.kinds.registry import KINDS
from reconcile.models.log_scale.design.design import design
from reconcile.models.log_scale.reference.forward import forward
from reconcile.models.log_scale.reference.likelihood import log_likelihood
from reconcile.models.log_scale.reference.prior import draw_parameters
from reconcile.plots.canvas import COLOURS, log_ticks

__all__ = ["compare", "phrases", "picture", "registered", "relative", "row"]

SPEAKERS = {
    "third": ("a third party", COLOURS["claim"], "-"),
    "own": ("an army, of its own", COLOURS["withdrawn"], "--"),
}
_LINES = ("-", "--", ":", "-.")
# A power of two, for Sobol points.
_DRAWS, _GRID = 1024, 80


def row(claim: rc.Claim) -> Markdown:
    """The claim as a table holds it, without empty columns."""
    told = {name: getattr(claim, name) for name in COLUMNS}
    told = {name: value for name, value in told.items() if value not in (None, "", "standing")}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(told)
    writer.writerow(map(_plain, told.values()))
    return Markdown(f"```text\n{text.getvalue()}```")


def _plain(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def phrases(kind: str, *said: str) -> Markdown:
    """Phrases that become this kind of claim; an error if one does not."""
    for phrase in said:
        found = rc.parse_quantity(phrase).kind
        if found != kind:
            raise ValueError(f"{phrase!r} is {found} and not {kind}")
    return Markdown("Said for example: " + "; ".join(f"“{phrase}”" for phrase in said) + ".")


def relative(
    claim: rc.Claim,
    grid: np.ndarray,
    *,
    accrues: bool | None = None,
    start: str | None = None,
    end: str | None = None,
    draws: int = _DRAWS,
) -> np.ndarray:
    """Likelihood of each true figure, as a share of the largest one.

    Bias, common error, noise, overconfidence and completeness are drawn from their prior, the same
    draws for every figure, and the likelihood is averaged over them. The setting is a war. Of a
    ratio the grid holds its own values.
    """
    says_nothing = rc.Claim(
        figure=claim.sides[0],
        kind="at_least",
        value=0,
        source="nobody",
        role="third",
        date=claim.date,
    )
    figures = [rc.Figure(name=part, accrues=accrues) for part in claim.parts]
    claims = rc.ClaimSet(
        [claim, says_nothing], figures=figures, setting="war", start=start, end=end
    )
    plan = design(claims)
    drawn = _evenly(draw_parameters(plan, np.random.default_rng(1), draws))
    names = [figure for _, figure in plan.structure.series]
    moves = names.index(claim.parts[0])
    found = np.empty(len(grid))
    for k, value in enumerate(grid):
        total = np.zeros((draws, len(names)))
        total[:, moves] = np.log(value)
        latent = forward(plan, drawn | {"total_log": total})
        found[k] = np.exp(log_likelihood(plan, latent)[:, 0]).mean()
    return found / found.max()


def _evenly(drawn: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same distributions, with evenly spread (Sobol) points in place of independent draws."""
    n = len(drawn["noise_log"])
    flat = {name: values.reshape(n, -1) for name, values in drawn.items() if name != "total_log"}
    points = qmc.Sobol(sum(v.shape[1] for v in flat.values()), rng=1).random(n)
    found, begin = dict(drawn), 0
    for name, values in flat.items():
        share = points[:, begin : begin + values.shape[1]]
        begin += values.shape[1]
        if name.endswith("_z"):
            even = norm.ppf(share)
        else:
            ranked = np.sort(values, axis=0)
            even = np.take_along_axis(ranked, (share * n).astype(int), axis=0)
        found[name] = even.reshape(drawn[name].shape)
    return found


def picture(claim: rc.Claim, low: float, high: float, *, label: str = "", **case: object) -> None:
    """Draw what a claim says, by a third party and by an army of its own losses."""
    grid = np.geomspace(low, high, _GRID)
    axes = _axes(claim, low, high, label)
    if claim.kind == "truth":
        axes.plot(grid, relative(claim, grid, **case), color=COLOURS["truth"])
    else:
        for role, (name, colour, line) in SPEAKERS.items():
            curve = relative(replace(claim, role=role), grid, **case)
            axes.plot(grid, curve, line, color=colour, label=name)
        axes.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    _mark(axes, claim, low, high)
    plt.show()


def compare(
    claims: dict[str, rc.Claim], low: float, high: float, *, label: str = "", **case: object
) -> None:
    """Draw what several claims of a third party say."""
    grid = np.geomspace(low, high, _GRID)
    axes = _axes(next(iter(claims.values())), low, high, label)
    colours = [COLOURS[name] for name in ("claim", "withdrawn", "truth", "posterior")]
    for (name, claim), colour, line in zip(claims.items(), colours, _LINES, strict=False):
        curve = relative(replace(claim, role="third"), grid, **case)
        axes.plot(grid, curve, line, color=colour, label=name)
    axes.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    plt.show()


def _axes(claim: rc.Claim, low: float, high: float, label: str) -> plt.Axes:
    _, axes = plt.subplots(figsize=(5, 2.2), layout="constrained")
    ticks, labels = log_ticks(low, high, room=40)
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.set_xticks(ticks, labels)
    axes.set_xlim(low, high)
    axes.set_ylim(0, 1.04)
    axes.set_yticks([0, 0.5, 1])
    axes.set_xlabel(label or f"true figure: {claim.figure}", fontsize=9)
    axes.set_ylabel("relative\nlikelihood", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _mark(axes: plt.Axes, claim: rc.Claim, low: float, high: float) -> None:
    """Grey lines at the numbers stated: full at the value, dotted at the ends."""
    for number, line in ((claim.value, "-"), (claim.low, ":"), (claim.high, ":")):
        if number is not None and low <= number <= high:
            axes.axvline(number, color=COLOURS["prior"], linewidth=0.8, linestyle=line, zorder=0)


@contextmanager
def registered(kind: Kind) -> Iterator[None]:
    """Put a kind into a copy of the registry, in place of it wherever it is used."""
    copy = MappingProxyType({**KINDS, kind.name: kind})

    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if not name.startswith("reconcile"):
                continue
            for attribute, value in list(vars(module).items()):
                if value is KINDS:
                    stack.enter_context(patch.object(module, attribute, copy))
                elif attribute == "KINDS" and value == tuple(KINDS):
                    stack.enter_context(patch.object(module, attribute, tuple(copy)))
        yield
