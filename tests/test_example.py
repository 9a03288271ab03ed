"""The example runs by its command, and writes everything or nothing."""

import importlib.util
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import xarray as xr

import reconcile as rc
from places import EXAMPLE

SCRIPT = EXAMPLE.with_suffix(".py")
PICTURES = ("claims_killed", "figure_casualties", "sources", "timeline_killed")
FILES = {
    *(f"{name}.{ending}" for name in PICTURES for ending in ("png", "svg")),
    *("summary.csv", "posterior.nc"),
}


def run(*options: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, options)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("example")
    done = run("--draws", 200, "--out", "deep/below", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done, folder


def test_everything_is_there_and_nothing_else(
    ran: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _, folder = ran
    assert {path.name for path in (folder / "deep" / "below").iterdir()} == FILES
    assert [path.name for path in folder.iterdir()] == ["deep"]
    assert [path.name for path in (folder / "deep").iterdir()] == ["below"]


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_whole(name: str, ran: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    out = ran[1] / "deep" / "below"
    pixels = plt.imread(out / f"{name}.png")
    assert pixels.shape[0] > 300 and pixels.shape[1] > 800
    assert pixels[..., :3].std() > 0.02, "an empty page"
    assert ET.parse(out / f"{name}.svg").getroot().tag.endswith("svg")


@pytest.mark.filterwarnings("ignore::reconcile.ConvergenceWarning")
def test_table_and_sentences_are_those_of_the_posterior(
    ran: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, folder = ran
    out = folder / "deep" / "below"
    with xr.open_datatree(out / "posterior.nc") as tree:
        tree.load()
    assert dict(tree["posterior"].sizes)["draw"] == 200
    saved = pd.read_csv(out / "summary.csv", parse_dates=["date"])
    pd.testing.assert_frame_equal(saved, rc.summary(tree), check_dtype=False, rtol=1e-12)
    for figure, date in (("killed", "2022-03-23"), ("casualties", "2022-03-23"), ("killed", None)):
        assert rc.sentence(tree, figure, date=date) in done.stdout
    for figure in saved["figure"]:
        assert figure in done.stdout
    assert "seed 2022" in done.stdout


@pytest.mark.parametrize("exists", [False, True])
def test_bad_claims_write_nothing(tmp_path: Path, exists: bool) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "figure,kind,value,low,high,date,source,role\n"
        "killed,point,100,,,2022-03-02,A,own\n"
        "killed,point,-5,,,2022-03-03,B,enemy\n"
        "killed,between,,900,100,2022-03-03,C,third\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    if exists:
        out.mkdir()
        (out / "summary.csv").write_text("old", encoding="utf-8")
    done = run("--claims", bad, "--out", out, cwd=tmp_path)
    assert done.returncode == 1
    assert "row 2, source 'B', field 'value' = -5: negative" in done.stderr
    assert "row 3, source 'C', field 'low'" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", *["out"] * exists]
    if exists:
        assert [path.name for path in out.iterdir()] == ["summary.csv"]
        assert (out / "summary.csv").read_text(encoding="utf-8") == "old"


@pytest.fixture
def example(fitted: xr.DataTree, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example as a module, with a fit at hand in place of its own."""
    spec = importlib.util.spec_from_file_location("founding_article", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(rc, "fit", lambda *_, **__: fitted)
    return module


def run_inside(example: ModuleType, out: Path) -> int:
    with warnings.catch_warnings():
        return example.main(["--out", str(out)])


def test_old_files_are_replaced_and_others_stay(example: ModuleType, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("summary.csv", "mine.txt"):
        (out / name).write_text("old", encoding="utf-8")
    assert run_inside(example, out) == 0
    assert {path.name for path in out.iterdir()} == FILES | {"mine.txt"}
    assert (out / "summary.csv").read_text(encoding="utf-8").startswith("population,figure,date")
    assert (out / "mine.txt").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    plt.close("all")


def fails(*_: object, **__: object) -> None:
    raise RuntimeError("the disk is full")


@pytest.mark.parametrize("broken", ["plot_sources", "plot_claims", "savefig"])
@pytest.mark.parametrize("exists", [False, True])
def test_a_failure_while_writing_leaves_everything_as_it_was(
    example: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    exists: bool,
) -> None:
    out = tmp_path / "parent" / "out"
    if exists:
        out.mkdir(parents=True)
        (out / "summary.csv").write_text("old", encoding="utf-8")
    if broken == "savefig":
        monkeypatch.setattr("arviz_plots.PlotCollection.savefig", fails)
    else:
        monkeypatch.setattr(rc, broken, fails)
    with pytest.raises(RuntimeError, match="the disk is full"):
        run_inside(example, out)
    plt.close("all")
    if exists:
        assert [path.name for path in out.parent.iterdir()] == ["out"]
        assert [path.name for path in out.iterdir()] == ["summary.csv"]
        assert (out / "summary.csv").read_text(encoding="utf-8") == "old"
    else:
        assert list(tmp_path.rglob("*.*")) == []
        assert not out.exists()


def test_claims_that_are_not_there_are_said_to_be_missing(
    example: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--claims", str(tmp_path / "nowhere.csv"), "--out", str(tmp_path / "out")]
    with warnings.catch_warnings():
        assert example.main(options) == 1
    assert "nowhere.csv" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
