"""What fits of many cases warned of, said once."""

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
    """Warn once for each category of warning, of fits that have not converged, and of failures.

    Parameters
    ----------
    warned : mapping of str to iterable of (str, str)
        Category and text of the warnings of each case.
    unconverged, failed : mapping of str to str
        Why, by case.
    n : int
        Number of all cases.

    Warns
    -----
    FailedCaseWarning, ConvergenceWarning, and what the fits warned of
        As seen from the caller of the caller.
    """
    categories: dict[str, dict[str, list[str]]] = {}
    for name, pairs in warned.items():
        for category, text in pairs:
            categories.setdefault(category, {}).setdefault(text, []).append(name)
    for category, texts in categories.items():
        warn(_grouped(texts, n=n), _category(category))
    if unconverged:
        warn(
            f"{len(unconverged)} of {n} fits have not converged, do not use them: "
            f"{named_cases(unconverged)}. Longer chains (tune, draws) or a higher target_accept "
            "may help",
            ConvergenceWarning,
        )
    if failed:
        first, why = next(iter(failed.items()))
        warn(
            f"{len(failed)} of {n} cases could not be fitted: {named_cases(failed)}. The first, "
            f"{first!r}: {why}. All reasons are in failed",
            FailedCaseWarning,
        )


def named_cases(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    return few_of(repr(name) for name in names)


def _grouped(texts: Mapping[str, list[str]], *, n: int) -> str:
    """Texts of one category, each with the cases it was said of."""
    lines = [
        f"{text} (in {len(names)} of {n} cases: {named_cases(names)})"
        for text, names in list(texts.items())[:_MOST_TEXTS]
    ]
    if len(texts) > _MOST_TEXTS:
        lines.append(f"{len(texts) - _MOST_TEXTS} more; attrs['warnings'] of each fit has its own")
    return "; ".join(lines)


def _category(name: str) -> type[Warning]:
    found = getattr(errors, name, None) or getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Warning) else UserWarning
