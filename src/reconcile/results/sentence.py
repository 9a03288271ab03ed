"""One citable sentence on an estimate, and what it rests on."""

from __future__ import annotations

import datetime as dt
import json
from typing import Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from reconcile._text import one_of
from reconcile.results.assumption import assumed_share, remaining_share
from reconcile.results.claimed import contradiction
from reconcile.results.convergence import warn_unless_converged
from reconcile.results.plain import plain_sentence
from reconcile.results.selection import (
    Selected,
    ask,
    claims_on,
    draws_of,
    is_spoken,
    last_claimed,
)
from reconcile.results.summary import IntervalKind, credible_interval
from reconcile.results.wording import day, interval_name

__all__ = ["SentenceStyle", "sentence"]

type SentenceStyle = Literal["note", "plain"]
_STYLES: Final = ("note", "plain")

# Posterior over prior width above which the claims do not determine a figure.
_HARDLY_NARROWED: Final = 0.7
# A smaller loss of independent claims would vanish in rounding.
_ALL_INDEPENDENT: Final = 0.05
# Rounding of the share of assumption, in per cent.
_SHARE_STEP: Final = 5


def sentence(
    posterior: xr.DataTree,
    figure: str,
    *,
    population: str | None = None,
    date: dt.date | str | None = None,
    ci_prob: float = 0.9,
    ci_kind: IntervalKind = "eti",
    style: SentenceStyle = "note",
) -> str:
    """One citable sentence on one estimate, or a plain one for print.

    A note gives the median and the interval with its kind and mass; the factor by which standing
    claims for the same day differ (or the difference, where a figure may be negative); by how many
    per cent the interval narrows for each per cent by which what is assumed about the sources and
    the figure shrinks; and version and seed. Numbers are rounded to two digits, or more if the
    interval is narrow; its ends outwards.

    Parameters
    ----------
    posterior : xarray.DataTree
        A fit.
    figure : str
        A figure, a sum ``"killed + wounded"``, in any order, or one such over another,
        ``"wounded / killed"``.
    population : str, optional
        May be left out where there is only one.
    date : datetime.date or str, optional
        Any day that :func:`draws` can be asked for; the last one with a claim on the population if
        left out.
    ci_prob : float, default 0.9
        Mass of the credible interval.
    ci_kind : {"eti", "hdi"}
        Equal-tailed, or the shortest one.
    style : {"note", "plain"}
        ``plain`` for a line of print: interval and median only.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such estimate, or ``ci_prob``, ``ci_kind`` or ``style`` is illegal.

    Warns
    -----
    ConvergenceWarning
        If the fit has not converged; the sentence then begins by saying so.

    Examples
    --------
    >>> import reconcile as rc
    >>> claims = rc.ClaimSet(
    ...     [rc.Claim.point(120, figure="killed", source="a hospital", role="expert")]
    ... )
    >>> posterior = rc.fit(claims, random_seed=1, progressbar=False)
    >>> "(posterior median; 90 % equal-tailed credible interval" in rc.sentence(posterior, "killed")
    True
    >>> rc.sentence(posterior, "killed", style="plain").startswith("Between ")
    True
    """
    if style not in _STYLES:
        raise ValueError(f"style={style!r} must be one of: {one_of(_STYLES, style)}")
    chosen = ask(posterior, figure, population=population, date=date)
    values = draws_of(posterior, chosen).values.ravel()
    low, high = credible_interval(values, ci_prob=ci_prob, ci_kind=ci_kind)
    estimate = np.array([np.median(values), low, high])
    if style == "plain":
        determined = remaining_share(posterior, chosen) <= _HARDLY_NARROWED
        text = plain_sentence(posterior, chosen, estimate, determined=determined)
    else:
        text = _note(posterior, chosen, estimate, interval_name(ci_kind, ci_prob))
    if not warn_unless_converged(posterior):
        return f"NOT CONVERGED, DO NOT CITE: {text}"
    return text


def _note(tree: xr.DataTree, chosen: Selected, estimate: NDArray[np.float64], interval: str) -> str:
    """The full sentence; ``estimate`` holds the median and the ends of the interval."""
    median, least, most = chosen.scale.estimate(*estimate.tolist())
    who = f"{chosen.population}, {chosen.figure}" if chosen.population else chosen.figure
    when = f" {'on' if chosen.level else 'up to'} {day(chosen.date)}" if chosen.date else ""
    last = last_claimed(tree, chosen)
    if chosen.date and last and chosen.date > last:
        when += f" (extrapolated: the last claim is for {day(last)})"
    title = json.loads(tree.attrs["case"])["title"]
    what = f"{title} ({who}{when})" if title else f"{who[:1].upper()}{who[1:]}{when}"
    unit = f" {chosen.unit}" if chosen.unit else ""
    return (
        f"{what}: about {median}{unit} (posterior median; "
        f"{interval} {least} to {most}), {_basis(tree, chosen)} "
        f"(reconcile {tree.attrs['reconcile_version']}, seed {tree.attrs['random_seed']})."
    )


def _basis(tree: xr.DataTree, chosen: Selected) -> str:
    """How many claims, how far they differ, and how much is assumption."""
    told = claims_on(tree, chosen)
    claims = told.isel(claim=is_spoken(told))
    n, n_sources = claims.sizes["claim"], len(set(claims["source"].values))
    found_out = told.sizes["claim"] - n
    worth = _worth(tree, chosen, n)
    spoken = f"{_count(n, 'claim')}{_not_standing(claims)} by {_count(n_sources, 'source')}"
    spoken += _by_name(tree, claims)
    pieces = [f"from {spoken}"]
    if not n:
        pieces = [] if found_out else ["from claims none of which speaks of it directly"]
    dated = chosen.date is not None
    contrast = contradiction(claims, chosen.scale, dated=dated)
    if contrast is not None:
        pieces[0] += chosen.scale.disagreement(contrast, dated, chosen.unit)
    if pieces:
        pieces[0] += worth
    if found_out:
        later = f"{_count(found_out, 'later finding')} of what it was"
        pieces = [f"{pieces[0]}, and {later}" if pieces else f"from {later}"]
    left = remaining_share(tree, chosen)
    if left > _HARDLY_NARROWED:
        pieces.append(
            "the claims do not determine this figure: its interval is still "
            f"{100 * left:.0f} % as wide as that of the prior{chosen.scale.note}"
        )
    elif (share := assumed_share(tree, chosen)) is not None:
        pieces.append(
            f"{_share_in_words(share)} of the width of the interval{chosen.scale.note} rests on "
            "what is assumed about the sources and the figure"
        )
    return "; ".join(pieces)


def _share_in_words(share: float) -> str:
    """A share to the nearest step; seeds alone make a difference of about half of one."""
    steps, most = round(100 * share / _SHARE_STEP), 100 // _SHARE_STEP
    if steps in (0, most):
        return f"less than {_SHARE_STEP} %" if not steps else f"more than {100 - _SHARE_STEP} %"
    return f"about {_SHARE_STEP * steps} %"


def _worth(tree: xr.DataTree, chosen: Selected, n: int) -> str:
    """Effective number of the claims, where it is smaller."""
    table = tree["independence"].to_dataset()
    mine = (table["population"].values == chosen.population) & (
        table["figure"].values == chosen.figure
    )
    worth = table["n_effective"].values[mine]
    if not len(worth) or not worth[0] < n - _ALL_INDEPENDENT:
        return ""
    return f", worth about {worth[0]:.1f} independent claims"


def _by_name(tree: xr.DataTree, claims: xr.Dataset) -> str:
    """How many sources' errors in other cases are known, in brackets."""
    if "constant_data" not in tree or "named" not in tree["constant_data"]:
        return ""
    constants = tree["constant_data"].to_dataset()
    known = constants["voice"].values[constants["named"].values > 0]
    n = len(set(claims["voice_label"].values) & set(known))
    return f" ({n} known by name from past cases)" if n else ""


def _not_standing(claims: xr.Dataset) -> str:
    """Numbers of withdrawn and revised claims, in brackets."""
    states = [str(status).partition(":")[0].strip() for status in claims["status"].values]
    told = [f"{states.count(s)} {s}" for s in ("withdrawn", "revised") if s in states]
    return f" ({', '.join(told)})" if told else ""


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
