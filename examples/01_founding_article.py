"""Seven claims about Russian soldiers lost in Ukraine, February to April 2022.

Run with ``uv run examples/01_founding_article.py``. It prints the table and the sentences, and
writes pictures (PNG and SVG), the summary (CSV) and the posterior (netCDF) to ``--out``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

import pandas as pd

import reconcile as rc

CASE = Path(__file__).with_suffix("")


def main(argv: list[str] | None = None) -> int:
    """Fit the claims and write what comes of them."""
    parser = argparse.ArgumentParser(description="Reconcile the founding article's claims.")
    parser.add_argument("--out", type=Path, default=Path("out/01_founding_article"))
    parser.add_argument("--claims", type=Path, default=CASE, help="a folder or CSV file of claims")
    parser.add_argument("--draws", type=int, default=2000, help="per chain, of four")
    parser.add_argument("--seed", type=int, default=2022)
    parser.add_argument("--progress", action="store_true", help="show a progress bar")
    options = parser.parse_args(argv)
    # Shown once, where it arises; the table and the sentences say it again in words.
    warnings.simplefilter("once", rc.ConvergenceWarning)
    try:
        claims = rc.read_claims(options.claims)
        posterior = rc.fit(
            claims, draws=options.draws, random_seed=options.seed, progressbar=options.progress
        )
    except (rc.ClaimError, FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    table = rc.summary(posterior)
    with pd.option_context("display.width", 200, "display.max_columns", 20):
        shown = table.drop(columns=["ess_tail"]).assign(r_hat=table["r_hat"].round(3))
        print(
            shown.to_string(index=False, float_format="{:,.0f}".format, formatters={"r_hat": str})
        )
    print()
    for figure, date in (("killed", "2022-03-23"), ("casualties", "2022-03-23"), ("killed", None)):
        print(rc.sentence(posterior, figure, date=date), end="\n\n")
    _write(posterior, table, options.out)
    print(f"Pictures, summary.csv and posterior.nc are in {options.out}")
    return 0


def _write(posterior, table, out: Path) -> None:
    """Write everything beside its place first, so that no half of it is ever in ``out``."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as made:
        folder = Path(made)
        table.to_csv(folder / "summary.csv", index=False)
        posterior.to_netcdf(folder / "posterior.nc")
        plots = {
            "claims_killed": rc.plot_claims(posterior, "killed", date="2022-03-23"),
            "figure_casualties": rc.plot_figure(posterior, "casualties", date="2022-03-23"),
            "timeline_killed": rc.plot_timeline(posterior, "killed"),
            "sources": rc.plot_sources(posterior),
        }
        for name, plot in plots.items():
            plot.savefig(folder / f"{name}.png", dpi=150)
            plot.savefig(folder / f"{name}.svg")
        out.mkdir(exist_ok=True)
        for path in sorted(folder.iterdir()):
            path.replace(out / path.name)


if __name__ == "__main__":
    sys.exit(main())
