"""What every test shares."""

from pathlib import Path

import pytest
from hypothesis import settings

# Slow machines are no reason to fail; the examples of a failure are printed, not stored.
settings.register_profile("reconcile", deadline=None, max_examples=40, database=None)
settings.load_profile("reconcile")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def founding_article() -> Path:
    """Folder with the claims that the library was founded on."""
    folder = SHARED / "founding_article"
    if not folder.is_dir():
        pytest.skip("the claims of the founding article are not beside the repository")
    return folder
