"""Cases that end the process that unpacks them. Importable in worker processes."""

import os
from pathlib import Path
from typing import Any

import reconcile as rc


class FatalClaims(rc.ClaimSet):
    """Claims whose title says what unpacking them does.

    ``always:`` ends the process, ``once:PATH`` ends it unless there is a file at that path, to
    which the number of the process is written first, and ``raise:`` raises.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (self.title, *super().__reduce__())


def _unpacked(title: str, build: Any, content: tuple[Any, ...]) -> rc.ClaimSet:
    what, _, marker = title.partition(":")
    if what == "raise":
        raise ZeroDivisionError("unpacking was of no use")
    if what == "always" or not Path(marker).exists():
        if marker:
            Path(marker).write_text(str(os.getpid()))
        os._exit(1)
    return build(*content)
