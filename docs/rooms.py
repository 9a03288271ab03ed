"""Draw the rooms of the package from the import-linter contracts in ``pyproject.toml``.

``python docs/rooms.py`` writes ``docs/_static/rooms.svg``. ``tests/test_architecture.py`` fails
where the committed picture is not the one that today's contracts give.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "_static" / "rooms.svg"

_WIDTH, _HEIGHT, _GAP, _HEAD, _MARGIN = 460, 34, 12, 42, 18
_LEGEND_WIDTH = 140
_STYLE = """
  text { font-family: 'DejaVu Sans', Verdana, sans-serif; font-size: 13px; fill: #1d2a3a; }
  .title { font-weight: bold; font-size: 14px; }
  .small { font-size: 12px; fill: #41505f; }
  .mark { font-size: 10px; fill: #ffffff; font-weight: bold; }
  .panel { fill: #f4f6f8; stroke: #c3ccd5; }
  .room { fill: #ffffff; stroke: #2a5c8a; stroke-width: 1.2; }
  .disc { fill: #b4551c; }
  .arrow { stroke: #7a8794; stroke-width: 1.5; fill: none; }
"""


def contracts() -> list[dict[str, Any]]:
    """Contracts of import-linter, as they stand in ``pyproject.toml``."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return found


def layers(contract: Mapping[str, Any]) -> list[list[str]]:
    """Rooms of a contract, top to bottom; those on one floor do not import each other."""
    return [
        [name.strip().strip("()").removeprefix("reconcile.") for name in re.split("[|:]", layer)]
        for layer in contract["layers"]
    ]


def _marks(rules: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Letters of the rules that hold for each room."""
    marks: dict[str, str] = {}
    for letter, rule in zip("abcdefgh", rules, strict=False):
        for module in rule["source_modules"]:
            name = module.removeprefix("reconcile.")
            marks[name] = marks.get(name, "") + letter
    return marks


def _panel(
    title: str, floors: Sequence[Sequence[str]], marks: Mapping[str, str], x: int, y: int
) -> tuple[list[str], int]:
    """One house: its floors as rows of boxes; and where it ends."""
    height = _HEAD + len(floors) * (_HEIGHT + _GAP) + 4
    left, top, inner = x + 36, y + _HEAD, _WIDTH - 50
    bottom = y + height - 12
    shown = [
        f'<rect class="panel" x="{x}" y="{y}" width="{_WIDTH}" height="{height}" rx="6"/>',
        f'<text class="title" x="{x + 14}" y="{y + 25}">{escape(title)}</text>',
        f'<path class="arrow" d="M {x + 18} {top} V {bottom} m -4 -7 l 4 7 l 4 -7"/>',
    ]
    for k, floor in enumerate(floors):
        row = top + k * (_HEIGHT + _GAP)
        each = (inner - _GAP * (len(floor) - 1)) / len(floor)
        for j, name in enumerate(floor):
            at = left + j * (each + _GAP)
            shown.append(
                f'<rect class="room" x="{at:.0f}" y="{row}" width="{each:.0f}" '
                f'height="{_HEIGHT}" rx="4"/>'
            )
            shown.append(
                f'<text x="{at + each / 2:.0f}" y="{row + 22}" text-anchor="middle">'
                f"{escape(name)}</text>"
            )
            for n, letter in enumerate(marks.get(name, "")):
                shown += _disc(letter, at + each - 12 - 18 * n, row + 1)
    return shown, y + height


def _disc(letter: str, x: float, y: float) -> list[str]:
    return [
        f'<circle class="disc" cx="{x:.0f}" cy="{y}" r="8"/>',
        f'<text class="mark" x="{x:.0f}" y="{y + 3.5}" text-anchor="middle">{letter}</text>',
    ]


def _lines(text: str) -> list[str]:
    """A text in lines that fit the picture."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > _LEGEND_WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def drawn() -> str:
    """Return the picture as SVG."""
    found = contracts()
    house, *insides = [c for c in found if c["type"] == "layers"]
    rules = [c for c in found if c["type"] == "forbidden"]
    marks = _marks(rules)
    body, end = _panel("reconcile", layers(house), marks, _MARGIN, _MARGIN)
    right, at = _MARGIN, _MARGIN * 2 + _WIDTH
    for contract in insides:
        for container in contract["containers"]:
            name = container.removeprefix("reconcile.")
            shown, last = _panel(name, layers(contract), {}, at, right)
            body += shown
            right = last + _MARGIN
    y = max(end, right - _MARGIN) + 30
    body.append(
        f'<text class="small" x="{_MARGIN}" y="{y}">A room may import those on the floors below '
        "it, never those above; rooms on one floor do not import each other.</text>"
    )
    for letter, rule in zip("abcdefgh", rules, strict=False):
        y += 24
        body += _disc(letter, _MARGIN + 8, y - 4)
        denied = ", ".join(name.removeprefix("reconcile.") for name in rule["forbidden_modules"])
        where = " (whole package)" if rule["source_modules"] == ["reconcile"] else ""
        but = ""
        if rule.get("ignore_imports"):
            by = [line.split(" -> ")[0] for line in rule["ignore_imports"]]
            but = " Except: " + ", ".join(name.removeprefix("reconcile.") for name in by) + "."
        for k, line in enumerate(_lines(f"{rule['name']}{where}. Must not import: {denied}.{but}")):
            y += 17 * bool(k)
            body.append(f'<text class="small" x="{_MARGIN + 24}" y="{y}">{escape(line)}</text>')
    width, height = 2 * _WIDTH + 3 * _MARGIN, y + _MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="The rooms of reconcile">'
    )
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, f"<style>{_STYLE}</style>", ground, *body, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
