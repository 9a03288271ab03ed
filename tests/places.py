"""Where things lie: the repository, its example, and data that are beside it on some machines."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
EXAMPLE = ROOT / "examples" / "01_founding_article"
SHARED = ROOT.parent / "shared" / "data"
