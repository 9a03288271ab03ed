"""Aggregated warnings of the fits of many cases."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping

from reconcile import errors
from reconcile._text import few_of
from reconcile.errors import ConvergenceWarning, FailedCaseWarning, warn

__all__ = ["named_cases", "warn_of_cases"]

_MOST_TEXTS = 5


def warn_of_cases(
    warned: Mapping[str, Iterable[tuple[str, str]]],
    unconverged: Mapping[str, str],
    failed: Mapping[str, str],
    *,
    n: int,
) -> None:
    """Warn once per category, for fits that have not converged and for failures, at the caller."""
    categories: dict[str, dict[str, list[str]]] = {}
    for name, pairs in warned.items():
        for category, text in pairs:
            categories.setdefault(category, {}).setdefault(text, []).append(name)
    for category, texts in categories.items():
        warn(_grouped(texts, n=n), _category(category))
    if unconverged:
        warn(
            f"{len(unconverged)} of {n} fits have not converged; do not use them: "
            f"{named_cases(unconverged)}. Longer chains (tune, draws) or a higher target_accept "
            "may help",
            ConvergenceWarning,
        )
    if failed:
        first, why = next(iter(failed.items()))
        warn(
            f"{len(failed)} of {n} cases could not be fitted: {named_cases(failed)}. The first, "
            f"{first!r}: {why}. The attribute failed has the reasons for all",
            FailedCaseWarning,
        )


def named_cases(names: Iterable[str]) -> str:
    """The first few case names and the number of the others."""
    return few_of(repr(name) for name in names)


def _grouped(texts: Mapping[str, list[str]], *, n: int) -> str:
    """Texts of one category, each with its cases."""
    lines = [
        f"{text} (in {len(names)} of {n} cases: {named_cases(names)})"
        for text, names in list(texts.items())[:_MOST_TEXTS]
    ]
    if len(texts) > _MOST_TEXTS:
        lines.append(f"{len(texts) - _MOST_TEXTS} more, in attrs['warnings'] of the fits")
    return "; ".join(lines)


def _category(name: str) -> type[Warning]:
    found = getattr(errors, name, None) or getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Warning) else UserWarning
