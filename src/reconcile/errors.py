"""Exceptions and warnings of the library."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconcile._text import plain

__all__ = [
    "AssumptionWarning",
    "ClaimError",
    "ConvergenceWarning",
    "FailedCaseWarning",
    "Problem",
    "warn",
]

# Frames that no warning points at: this package, and context managers used as decorators.
# Without the suffix: CPython 3.13 ignores a prefix that equals the whole filename.
_OURS: Final = (f"{Path(__file__).parent}{os.sep}", contextlib.__file__.removesuffix(".py"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem with a table of claims or a case.

    Parameters
    ----------
    field : str
        The column, or the key of ``case.toml``.
    value : object
        Its value; None if it is empty or missing.
    wrong : str
        What is wrong.
    legal : str
        What would be legal.
    row : int, optional
        Row of the claim, counted from 1, excluding the header.
    source : str
        Source of the claim.
    file : str
        Name of the file, if it is not the table of claims.
    """

    field: str
    value: object
    wrong: str
    legal: str
    row: int | None = None
    source: str = ""
    file: str = ""

    def __str__(self) -> str:
        where = [self.file] if self.file else []
        where += [f"row {self.row}"] if self.row is not None else []
        if self.source:
            where.append(f"source {self.source!r}")
        where.append(f"field {self.field!r}")
        is_located = self.row is not None or self.source
        if self.value == "" or (self.value is None and is_located):
            value = " is empty"
        else:
            # Neither a value nor a row: the column or key itself is missing.
            value = "" if self.value is None else f" = {_shown(self.value)}"
        stop = "" if self.wrong.endswith("?") else "."
        return f"{', '.join(where)}{value}: {self.wrong}{stop} Legal: {self.legal}."


def _shown(value: object, limit: int = 80) -> str:
    if isinstance(value, int | float):
        return plain(value)
    text = str(value) if isinstance(value, dt.date) else repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


class ClaimError(ValueError):
    """Claims that cannot be used; the message lists every problem.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.

    Attributes
    ----------
    problems : tuple of Problem
        By file, then by row.

    Examples
    --------
    >>> import reconcile as rc
    >>> try:
    ...     rc.Claim.point(-5, figure="killed", source="A")
    ... except rc.ClaimError as error:
    ...     print(error)
    1 problem with the claims:
      source 'A', field 'value' = -5: negative. Legal: a number of at least 0.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda p: (p.row is not None, p.file, p.row or 0))
        )
        n = len(self.problems)
        head = f"{n} problem{'' if n == 1 else 's'} with the claims:"
        if any(p.row is not None for p in self.problems):
            head = head[:-1] + " (rows counted from 1, excluding the header):"
        super().__init__("\n  ".join([head, *map(str, self.problems)]))

    def __reduce__(self) -> tuple[type[ClaimError], tuple[tuple[Problem, ...]]]:
        # By default exceptions are rebuilt from their message; this one needs its problems.
        return type(self), (self.problems,)


class ConvergenceWarning(UserWarning):
    """The sampler has not converged; do not use the results."""


class AssumptionWarning(UserWarning):
    """The claims leave something open that was assumed; the result may depend on it."""


class FailedCaseWarning(UserWarning):
    """Some of the cases could not be fitted; the others were."""


def warn(message: str, category: type[Warning]) -> None:
    """Warn, pointing at the line of the caller's code that led here."""
    warnings.warn(message, category, skip_file_prefixes=_OURS)
