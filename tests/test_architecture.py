"""What ``docs/architecture.md`` says of the code is so: its rooms, its picture, its paths."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "reconcile"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PICTURE = runpy.run_path(str(ROOT / "docs" / "rooms.py"))
HOUSE, *INSIDES = [c for c in PICTURE["contracts"]() if c["type"] == "layers"]
# Rooms by the package they are in.
ROOMS = {"reconcile": {room for floor in PICTURE["layers"](HOUSE) for room in floor}} | {
    container: {room for floor in PICTURE["layers"](contract) for room in floor}
    for contract in INSIDES
    for container in contract["containers"]
}


@pytest.mark.parametrize("package", sorted(ROOMS))
def test_every_module_is_on_a_floor(package: str) -> None:
    """Of a package that has floors, every module and subpackage is in its contract."""
    folder = SRC.joinpath(*package.split(".")[1:])
    there = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    assert there - {"__init__"} == ROOMS[package]


def test_the_picture_is_what_the_contracts_give() -> None:
    committed = (ROOT / "docs" / "_static" / "rooms.svg").read_text(encoding="utf-8")
    assert committed == PICTURE["drawn"](), "run: python docs/rooms.py"


@pytest.mark.parametrize("room", sorted(ROOMS["reconcile"] | ROOMS["reconcile.models.log_scale"]))
def test_every_room_is_described(room: str) -> None:
    assert re.search(rf"^\| `{room}` \| \S", PAGE, flags=re.MULTILINE)


def test_paths_that_the_page_names_are_there() -> None:
    """A path with a slash is below ``src/reconcile``, or begins at the root."""
    named = re.findall(r"`([\w.-]+/[\w./-]*)`", PAGE)
    assert len(named) > 50
    missing = [p for p in named if not ((SRC / p).exists() or (ROOT / p).exists())]
    assert missing == []


def test_functions_that_the_page_names_are_there() -> None:
    """``name`` in ``path`` in the table of where to add."""
    for name, path in re.findall(r"`(\w\w+)` (?:in|of) `([\w/]+\.py)`", PAGE):
        text = (SRC / path).read_text(encoding="utf-8")
        assert re.search(rf"^(?:def|class) {name}\b", text, flags=re.MULTILINE), (name, path)


# The kind that the page on kinds makes up.
MADE_UP = {"src/reconcile/kinds/order.py", "reconcile.kinds.order"}
DOCS = [p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts]
PAGES = sorted([*DOCS, *ROOT.glob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_modules_that_the_documentation_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    files = set(
        re.findall(r"(?<![\w/.])((?:src|tests|benchmarks|examples|docs)/[\w/]+\.py)\b", text)
    )
    modules = set(re.findall(r"^(?:from|import) (reconcile(?:\.\w+)+)", text, flags=re.MULTILINE))
    missing = [name for name in files - MADE_UP if not (ROOT / name).is_file()]
    for name in modules - MADE_UP:
        path = ROOT.joinpath("src", *name.split("."))
        if not (path.with_suffix(".py").is_file() or path.is_dir()):
            missing.append(name)
    assert missing == []
