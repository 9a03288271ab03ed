"""Learn profiles, priors of one field each, and score them on cases left out.

``python benchmarks/profiles.py`` learns each profile from half of the public cases of its families
of the field test (split by election, week, quarter or case, never within), fits the first ``--n``
cases of the other half with the defaults and with the profile, and scores both beside baselines
that know all cases of the family. It writes ``src/reconcile/data/profiles.json``, and the scores
into ``profiles.json`` and ``profiles.md`` beside this file. ``--only poll,nowcast`` does those; the
rest stay as stored. Names of sources are not learnt.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from field import OURS, scored
from machine import machine, versions

import reconcile as rc
from error_constants import DEFAULTS
from error_figures import FIELD
from reconcile.learning.figures import hashed

HERE = Path(__file__).parent
SHIPPED = DEFAULTS.parent / "profiles.json"
LEARNT: Final = "learnt"
# All cases of these end on the same day.
ONE_DAY: Final = ("covid_excess",)
# Methods by the names that the table has for them.
SHOWN: Final = {OURS: "defaults", LEARNT: "profile"} | {
    name: name for name in ("median, t", "median, calibrated", "latest, calibrated")
}
_DIGITS: Final = 3


class Profile(NamedTuple):
    """Families that a profile is learnt from, and what it is for."""

    families: tuple[str, ...]
    what: str


PROFILES: Final = {
    "poll": Profile(("polls",), "shares of votes in polls shortly before an election"),
    "nowcast": Profile(
        ("hospitalisations",), "registered counts of a disease that are still being completed"
    ),
    "laboratory": Profile(("pdg", "pdg_signed"), "measurements with a standard error"),
    "constant": Profile(
        ("codata", "codata_signed"), "successive evaluations of a constant by one body"
    ),
    "elicitation": Profile(("cooke", "cooke_signed"), "ranges by experts who were asked"),
    "guess": Profile(("guesses",), "numbers by lay people who were asked"),
    "wildfire": Profile(("fires",), "first reports of the area of a fire"),
    "battle": Profile(("battles",), "losses in a battle as historians compile them"),
    "epidemic": Profile(("covid_excess",), "deaths of an epidemic as authorities count them"),
    "growth": Profile(("gdp_vintages",), "early vintages of the growth of an economy"),
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20, help="cases of each family that are scored")
    parser.add_argument("--only", default="", help="profiles, with commas between them")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", rc.AssumptionWarning)
    warnings.simplefilter("ignore", rc.ConvergenceWarning)
    stored = _read(HERE / "profiles.json").get("profiles", {})
    shipped = _read(SHIPPED).get("profiles", {})
    for name, profile in PROFILES.items():
        if not arguments.only or name in arguments.only.split(","):
            shipped[name], stored[name] = learnt(name, profile, arguments.n)
            write(shipped, stored, f"python benchmarks/profiles.py --n {arguments.n}")


def learnt(name: str, profile: Profile, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is shipped of a profile, and its scores."""
    halves = {family: split(family) for family in profile.families}
    cases = {key: case for first, _ in halves.values() for key, case in first.items()}
    began = time.perf_counter()
    priors = rc.learn_priors(cases, names=False, progressbar=False)
    seconds = round(time.perf_counter() - began)
    print(f"{name}: learnt from {len(cases)} cases in {seconds} s", flush=True)
    families = ", ".join(profile.families)
    told = {
        "what": profile.what,
        "learnt_from": f"{len(cases)} cases of the field families {families}; on top of the "
        "defaults",
        "priors": changed(rc.Priors().as_table(), priors.as_table()),
    }
    scores = [
        scored(family, n, among=second, priors={OURS: None, LEARNT: priors})
        for family, (_, second) in halves.items()
    ]
    for score in scores:
        print({k: score["methods"][k] for k in (OURS, LEARNT)}, flush=True)
    return told, {"cases": len(cases), "seconds": seconds, "scores": scores}


def split(family: str) -> tuple[dict[str, rc.ClaimSet], dict[str, rc.ClaimSet]]:
    """Cases that are learnt from, and the others."""
    halves: tuple[dict[str, rc.ClaimSet], dict[str, rc.ClaimSet]] = {}, {}
    for name, case in rc.track_record(folder=FIELD / family).items():
        days = {str(claim.date) for claim in case if claim.is_truth and claim.date}
        block = name if family in ONE_DAY else str(case.end or min(days, default=name))
        halves[hashed(f"{family} | {block}") % 2][name] = case
    return halves


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The constants of one table that are not those of another."""
    found = {}
    for name, value in after.items():
        if isinstance(value, Mapping):
            part = changed(before.get(name, {}), value)
            if part:
                found[name] = part
        elif name != "learnt_from":
            kept = float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
            if kept != before.get(name):
                found[name] = kept
    return found


def write(shipped: Mapping[str, Any], stored: Mapping[str, Any], command: str) -> None:
    """Write what is shipped, and the scores as JSON and as a table."""
    order = [name for name in PROFILES if name in shipped]
    data = {
        "version": 1,
        "rationale": "Learnt by learn_priors on top of the defaults, each from half of the public "
        "cases of its families of the field test; scored on the other half.",
        "command": command,
        "profiles": {name: shipped[name] for name in order},
    }
    SHIPPED.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    scores = {name: stored[name] for name in order if name in stored}
    result = {"command": command, "profiles": scores, "machine": machine(), "versions": versions()}
    (HERE / "profiles.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    lines = [
        "| profile | family | cases | method | 50 % | 90 % | CRPS | width |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in scores.items():
        for score in found["scores"]:
            for method, shown in SHOWN.items():
                row = score["methods"][method]
                lines.append(
                    f"| {name} | {score['family']} | {score['cases']} | {shown} | "
                    f"{row['covered_50']:.2f} | {row['covered_90']:.2f} | {row['crps']:.3g} | "
                    f"{row['width_90']:.3g} |"
                )
    (HERE / "profiles.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main()
