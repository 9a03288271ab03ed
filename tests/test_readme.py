"""What the README shows is what happens."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import xarray as xr

import reconcile as rc
from places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_first_block_is_two_lines_example_and_tests() -> None:
    language, text = BLOCKS[0]
    lines = text.splitlines()
    assert language == "sh"
    assert len(lines) == 2
    assert lines[0].endswith("uv run examples/01_founding_article.py")
    assert re.fullmatch(r"python3 -m uv run pytest", lines[1])
    assert (ROOT / "examples" / "01_founding_article.py").is_file()


def test_ci_runs_what_the_readme_says() -> None:
    run, jobs = ((ROOT / ".ci" / name).read_text(encoding="utf-8") for name in ("run", "jobs.sh"))
    install, example = BLOCKS[0][1].splitlines()[0].split(" && ")
    assert install in jobs
    assert 'uv() { python3 -m uv "$@"; }' in jobs
    assert example.removeprefix("python3 -m ") in jobs
    # The test command is taken from the README by its place.
    assert "fence == 1' README.md | sed -n 2p" in jobs and 'bash -c "$command"' in jobs
    assert {"set_up", "tests", "example"} <= set(run.splitlines())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, object], Path]:
    """The ten lines, run once as they stand: what they print, define and write."""
    language, text = BLOCKS[1]
    assert language == "python"
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    printed: list[str] = []
    names: dict[str, object] = {"print": lambda value: printed.append(str(value))}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(compile(text, "README.md", "exec"), names)
    plt.close("all")
    return "\n".join(printed), names, folder


def test_the_ten_lines_are_ten() -> None:
    assert len([line for line in BLOCKS[1][1].splitlines() if line.strip()]) <= 10


def test_the_ten_lines_run(ran: tuple[str, dict[str, object], Path], fitted: xr.DataTree) -> None:
    printed, names, folder = ran
    assert rc.sentence(fitted, "killed", date="2022-03-23") in printed
    assert str(rc.probability(fitted, "killed", above=10_000, date="2022-03-23")) in printed
    assert isinstance(names["posterior"], xr.DataTree)
    for name in ("claims.png", "timeline.png"):
        assert (folder / name).read_bytes()[:4] == b"\x89PNG"
    with xr.open_datatree(folder / "posterior.nc") as again:
        xr.testing.assert_identical(
            again["posterior"].to_dataset().load(), fitted["posterior"].to_dataset()
        )


NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.]*\w)")


@pytest.mark.parametrize(("mark", "style"), [("sentence", "note"), ("plain sentence", "plain")])
def test_the_quoted_sentences_are_the_example_s(fitted: xr.DataTree, mark: str, style: str) -> None:
    """The same words; the numbers up to what another processor's draws may change."""
    quoted = re.search(rf"^<!-- {mark}:.*?-->\n((?:^> .*\n)+)", README, flags=re.MULTILINE)
    assert quoted, "no sentence is quoted"
    quoted_text = " ".join(line.removeprefix("> ") for line in quoted[1].splitlines())
    said = rc.sentence(fitted, "killed", date="2022-03-23", style=style)
    assert NUMBER.sub("#", quoted_text) == NUMBER.sub("#", said)
    for one, other in zip(NUMBER.findall(quoted_text), NUMBER.findall(said), strict=True):
        assert float(one.replace(",", "")) == pytest.approx(float(other.replace(",", "")), rel=0.15)


def test_files_that_the_readme_names_are_there() -> None:
    for path in re.findall(r"\]\(((?!http)[^)]+)\)", README):
        assert (ROOT / path).is_file(), path


def test_claims_that_the_readme_shows_can_be_made() -> None:
    language, text = BLOCKS[2]
    assert language == "python"
    for line in text.splitlines():
        assert isinstance(eval(line, {"rc": rc}), rc.Claim)
