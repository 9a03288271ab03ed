"""A progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress"]


@contextmanager
def progress(what: str, total: int, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr; yields ``advance(more done, total failures)``."""
    if not shown:
        # Before rich 14.3 even a disabled progress bar ends its line.
        yield lambda _more, _failed: None
        return
    # PyMC depends on rich anyway, and unlike tqdm it does not warn without notebook widgets.
    from rich import console
    from rich import progress as bars

    with bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        bars.TimeRemainingColumn(),
        console=console.Console(stderr=True),
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(what, total=total)

        def advance(more: int, failed: int) -> None:
            described = f"{what} ({failed} failed)" if failed else what
            bar.update(task, advance=more, description=described)

        yield advance
