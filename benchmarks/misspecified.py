"""Coverage under mechanisms that the model does not have.

``python benchmarks/misspecified.py --n 40`` simulates claims by each mechanism below, fits them
with default priors and settings, and writes ``misspecified.json`` and ``misspecified.md`` beside
this file. Each mechanism is a function that draws one case and its truth; its docstring says how.
Truths ``T`` are log-uniform from 100 to 20,000 and numbers are rounded to whole ones unless it says
otherwise; ``LN(s)`` is a lognormal factor with median 1 and standard deviation ``s`` of its
logarithm, drawn afresh for each claim.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from machine import machine, versions

import reconcile as rc
from reconcile.batch.fits import CaseFits

HERE = Path(__file__).parent
SEED: Final = 17
EVENT: Final = dt.date(2020, 3, 2)
FIGURE: Final = "killed"

type Case = tuple[rc.ClaimSet, float]
type Draw = Callable[[np.random.Generator], Case]


@dataclass(frozen=True)
class Mechanism:
    """How cases are drawn, and what is to be reached."""

    draw: Draw
    least_coverage: float
    most_log_width: float | None = None


def own_floor(rng: np.random.Generator) -> Case:
    """The side itself admits only so much, whatever the truth.

    War, no days. The side's own count is ``min(T LN(0.1), cap)`` with a cap log-uniform from
    ``T / 10`` to ``T``; a ministry of the same side says ``min(T, cap) LN(0.05)``. Its enemy
    says ``2 T LN(0.5)``, a third party ``T LN(0.4)``.
    """
    truth = _truth(rng)
    cap = truth * math.exp(-rng.uniform(0, math.log(10)))
    claims = [
        _point(min(truth * _ln(rng, 0.1), cap), "the army", "own"),
        _point(min(truth, cap) * _ln(rng, 0.05), "ministry of the same side", "own"),
        _point(2 * truth * _ln(rng, 0.5), "the other army", "enemy"),
        _point(truth * _ln(rng, 0.4), "a third state", "third"),
    ]
    return rc.ClaimSet(claims, setting="war"), truth


def anchoring(rng: np.random.Generator) -> Case:
    """Sources copy the first number without saying so.

    Disaster of one day. A news agency says ``A = T LN(0.5)`` on day 1. On days 2 to 6 five sources
    (media, own, media, third, media) copy it: each says ``A`` or, with even chances,
    ``A LN(0.05)``. Nobody counts, and no origin is entered.
    """
    truth = _truth(rng)
    anchor = round(truth * _ln(rng, 0.5))
    claims = [_point(anchor, "a news agency", "media", said=1)]
    for k, role in enumerate(("media", "own", "media", "third", "media")):
        value = anchor if rng.random() < 0.5 else anchor * _ln(rng, 0.05)
        claims.append(_point(value, f"source {k}", role, said=k + 2))
    return _disaster(claims), truth


def powers_of_ten(rng: np.random.Generator) -> Case:
    """Everybody rounds up to the next power of ten.

    Disaster of one day. Four sources (own, media, third, media) on days 3 to 6 each hold
    ``T LN(0.2)`` for true and say the next power of ten above it, as a plain number.
    """
    truth = _truth(rng)
    claims = [
        _point(
            10.0 ** math.ceil(math.log10(truth * _ln(rng, 0.2))), f"source {k}", role, said=k + 3
        )
        for k, role in enumerate(("own", "media", "third", "media"))
    ]
    return _disaster(claims), truth


def saturating(rng: np.random.Generator, *, day: str, kind: str) -> Case:
    """One agency's count rises towards what it will ever find; television speaks on day 1.

    Disaster of one day (``end = start``). On days 2, 4, 7, 11, 16, 22, 30 and 45 the agency (own)
    says ``U (1 - exp(-t / tau))``, ``tau`` log-uniform from 3 to 12 days and
    ``U = T exp(-|N(0, 0.05)|)``, so that its last count is 93 to 100 % of ``T``, nearly always.
    Television says ``T LN(0.7)``. The days are entered as ``date`` or as ``said``; the counts as
    ``point`` or ``confirmed``.
    """
    truth = _truth(rng)
    tau = math.exp(rng.uniform(math.log(3), math.log(12)))
    found = truth * math.exp(-abs(rng.normal(0, 0.05)))
    claims = [_point(truth * _ln(rng, 0.7), "television", "media", **{day: 1})]
    for t in (2, 4, 7, 11, 16, 22, 30, 45):
        count = max(1, round(found * -math.expm1(-t / tau)))
        about = {"figure": FIGURE, "source": "civil protection", "role": "own", day: _day(t)}
        claims.append(
            (rc.Claim.confirmed if kind == "confirmed" else rc.Claim.point)(count, **about)
        )
    return _disaster(claims), truth


def by_date(rng: np.random.Generator) -> Case:
    """A saturating toll whose days are entered as ``date``."""
    return saturating(rng, day="date", kind="point")


def by_said(rng: np.random.Generator) -> Case:
    """A saturating toll whose days are entered as ``said``."""
    return saturating(rng, day="said", kind="point")


def as_confirmed(rng: np.random.Generator) -> Case:
    """A saturating toll entered as ``confirmed`` with ``said``."""
    return saturating(rng, day="said", kind="confirmed")


def halved_later(rng: np.random.Generator) -> Case:
    """Early tolls count missing people as dead; half of them turn up.

    Disaster of one day. Authorities (own) on days 2, 3, 5, 7 and 10, television (media) on days 3
    and 9 and a news agency (media) on day 6 each say ``2 T (1 - exp(-t / 1.5) / 2) LN(0.05)``: on
    day 2 about 1.7 ``T``, from day 5 on nearly 2 ``T``, where they settle.
    """
    truth = _truth(rng)
    spoken = (
        *((t, "authorities", "own") for t in (2, 3, 5, 7, 10)),
        *((t, "television", "media") for t in (3, 9)),
        (6, "a news agency", "media"),
    )
    claims = [
        _point(2 * truth * (1 - math.exp(-t / 1.5) / 2) * _ln(rng, 0.05), source, role, said=t)
        for t, source, role in spoken
    ]
    return _disaster(claims), truth


def bimodal(rng: np.random.Generator, *, unrelated: int = 0) -> Case:
    """Half the sources count something else.

    Disaster of one day. Six sources (own, media, third, expert, media, third) speak on days 20 to
    45. Three of them, drawn at random, say ``T LN(0.1)``, the others ``k T LN(0.1)`` with one
    ``k``, log-uniform from 3 to 10, or as often its inverse. With ``unrelated`` figures beside it,
    three other sources (expert, third, own) give each of them, of sizes drawn as ``T`` is, with
    ``LN(0.03)`` on days 20 to 45.
    """
    truth = _truth(rng)
    k = math.exp(rng.choice([-1, 1]) * rng.uniform(math.log(3), math.log(10)))
    other = set(rng.permutation(6)[:3].tolist())
    claims = [
        _point(
            truth * (k if j in other else 1) * _ln(rng, 0.1), f"source {j}", role, said=20 + 5 * j
        )
        for j, role in enumerate(("own", "media", "third", "expert", "media", "third"))
    ]
    for number in range(unrelated):
        size = _truth(rng)
        claims += [
            _point(
                size * _ln(rng, 0.03),
                f"surveyor {j}",
                role,
                said=20 + 12 * j,
                figure=f"buildings of type {number}",
            )
            for j, role in enumerate(("expert", "third", "own"))
        ]
    return _disaster(claims), truth


def bimodal_alone(rng: np.random.Generator) -> Case:
    """Half the sources count something else; nothing beside it."""
    return bimodal(rng)


def bimodal_beside_eight(rng: np.random.Generator) -> Case:
    """Half the sources count something else; eight figures that are well known beside it."""
    return bimodal(rng, unrelated=8)


def good_sources(rng: np.random.Generator) -> Case:
    """Five sources that count well and independently.

    Each (expert, own, third, expert, media) says ``T LN(0.03)``. The setting is ``disaster``, of
    one day with claims on days 60 to 180, or ``economy`` or ``other`` without days; each with equal
    chances.
    """
    truth = _truth(rng)
    setting = str(rng.choice(["disaster", "economy", "other"]))
    roles = ("expert", "own", "third", "expert", "media")
    days = {"said": 60} if setting == "disaster" else {}
    claims = [
        _point(
            truth * _ln(rng, 0.03),
            f"source {k}",
            role,
            **{name: day + 30 * k for name, day in days.items()},
        )
        for k, role in enumerate(roles)
    ]
    return (_disaster(claims) if days else rc.ClaimSet(claims, setting=setting)), truth


MECHANISMS: Final = {
    "own floor": Mechanism(own_floor, 0.8),
    "anchoring": Mechanism(anchoring, 0.8),
    "powers of ten": Mechanism(powers_of_ten, 0.8),
    "saturating toll, by date": Mechanism(by_date, 0.8, 0.6),
    "saturating toll, by said": Mechanism(by_said, 0.8, 0.6),
    "saturating toll, confirmed": Mechanism(as_confirmed, 0.8, 0.6),
    "halved later": Mechanism(halved_later, 0.6),
    "bimodal": Mechanism(bimodal_alone, 0.8),
    "bimodal beside eight figures": Mechanism(bimodal_beside_eight, 0.8),
    "good sources": Mechanism(good_sources, 0.8, 0.5),
}


def _truth(rng: np.random.Generator) -> float:
    return float(round(math.exp(rng.uniform(math.log(100), math.log(20_000)))))


def _ln(rng: np.random.Generator, sd: float) -> float:
    return math.exp(rng.normal(0, sd))


def _day(age: int) -> dt.date:
    return EVENT + dt.timedelta(days=age)


def _point(value: float, source: str, role: str, *, figure: str = FIGURE, **ages: int) -> rc.Claim:
    days = {name: _day(age) for name, age in ages.items()}
    return rc.Claim.point(max(1, round(value)), figure=figure, source=source, role=role, **days)


def _disaster(claims: list[rc.Claim]) -> rc.ClaimSet:
    return rc.ClaimSet(claims, setting="disaster", start=EVENT, end=EVENT)


def simulated(name: str, n: int) -> dict[str, Case]:
    """``n`` cases of a mechanism; the first ones are the same whatever ``n``."""
    which = list(MECHANISMS).index(name)
    return {
        f"{name} {k:03}": MECHANISMS[name].draw(np.random.default_rng([SEED, which, k]))
        for k in range(n)
    }


def scored(name: str, cases: dict[str, Case], fits: CaseFits) -> dict[str, Any]:
    """Coverage, width and error of a mechanism."""
    inside, widths, errors, converged = [], [], [], 0
    for key in [key for key in cases if key not in fits.failed]:
        draws = np.log(rc.draws(fits[key], FIGURE).to_numpy())
        low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
        truth = math.log(cases[key][1])
        inside.append(bool(low <= truth <= high))
        widths.append(high - low)
        errors.append(middle - truth)
        converged += int(fits[key].attrs["converged"])
    aim = MECHANISMS[name]
    coverage, n = float(np.mean(inside)), len(inside)
    return {
        "mechanism": name,
        "cases": len(cases),
        "failed": len(cases) - n,
        "converged": converged,
        "coverage_90": coverage,
        "standard_error": math.sqrt(coverage * (1 - coverage) / n),
        "log_width": float(np.median(widths)),
        "log_error": float(np.median(errors)),
        "abs_log_error": float(np.median(np.abs(errors))),
        "least_coverage": aim.least_coverage,
        "most_log_width": aim.most_log_width,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=40, help="simulated cases of each mechanism")
    parser.add_argument("--only", default="", help="part of the name of a mechanism")
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.ConvergenceWarning)
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    began = time.perf_counter()
    chosen = {name: simulated(name, arguments.n) for name in MECHANISMS if arguments.only in name}
    fits = rc.fit_each(
        {key: claims for cases in chosen.values() for key, (claims, _) in cases.items()},
        random_seed=SEED,
    )
    rows = [scored(name, cases, fits) for name, cases in chosen.items()]
    write(rows, arguments, time.perf_counter() - began)


def write(rows: list[dict[str, Any]], arguments: argparse.Namespace, seconds: float) -> None:
    """Write JSON and a Markdown table."""
    only = f' --only "{arguments.only}"' if arguments.only else ""
    result = {
        "command": f"python benchmarks/misspecified.py --n {arguments.n}{only}",
        "seed": SEED,
        "seconds": round(seconds),
        "mechanisms": rows,
        "machine": machine(),
        "versions": versions(),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "misspecified.json").write_text(json.dumps(result, indent=1) + "\n")
    lines = [
        f"`{result['command']}`: coverage of 90 % intervals (standard error) and what is to be "
        "reached; medians of log widths, log errors and their absolute values.",
        "",
        "| mechanism | coverage | at least | log width | at most | log error | absolute | "
        "converged |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {row['mechanism']} | {row['coverage_90']:.2f} ({row['standard_error']:.2f}) | "
            f"{row['least_coverage']:.2f} | {row['log_width']:.2f} | "
            f"{row['most_log_width'] or ''} | {row['log_error']:+.2f} | "
            f"{row['abs_log_error']:.2f} | {row['converged']} of {row['cases']} |"
            for row in rows
        ),
    ]
    (arguments.out / "misspecified.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
