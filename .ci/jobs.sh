# The jobs of .ci/run and .ci/nightly: each is a shell function. Sourced from the repository's root.
set -euo pipefail

# Each of some twenty processes would compile all packages anew: 12 seconds.
unset PYTHONDONTWRITEBYTECODE
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

step() { printf '\n== %s\n' "$*"; }
uv() { python3 -m uv "$@"; }

set_up() {
  step "set-up"
  python3 --version
  python3 -m pip install --quiet uv
  uv sync --quiet --all-groups
  export UV_NO_SYNC=1
}

lint() {
  step "lint, format, types, layers"
  uv run pre-commit run --all-files --show-diff-on-failure
}

tests() {
  step "tests, by the README's command"
  # The second line of the README's first fenced block.
  local command
  command=$(awk '/^```/ { fence++; next } fence == 1' README.md | sed -n 2p)
  echo "$command"
  bash -c "$command" | tee "$made/tests.log"
}

slow_tests() {
  step "slow statistical tests, and other examples for the property tests"
  uv run pytest -m slow
  uv run pytest --hypothesis-profile night tests/{claims,kinds,tables} tests/models/log_scale/design
}

# A gradient in the sampler's coordinates may cost three hand-written densities, in one run.
gradient() {
  step "gradient as sampled over hand-written"
  uv run benchmarks/gradient.py --most 3
}

example() {
  step "example"
  python3 -m uv run examples/01_founding_article.py --draws 500 --out "$made/example"
  ls "$made"/example/{claims_killed,figure_casualties,timeline_killed,sources}.{png,svg} \
    "$made"/example/{summary.csv,posterior.nc}
}

documentation() {
  step "documentation"
  uv run sphinx-build -W --keep-going -q -b html docs "$made/html"
}

wheel() {
  step "wheel, in an environment of its own"
  uv build --quiet --wheel --out-dir "$made/dist"
  uv venv --quiet --python "$(cat .python-version)" "$made/empty"
  uv pip install --quiet --python "$made/empty" "$made"/dist/*.whl
  (cd "$made" && "$made/empty/bin/python" -W error::DeprecationWarning:reconcile - <<'PYTHON')
import reconcile as rc

assert "empty" in rc.__file__, rc.__file__
for name in rc.__all__:
    getattr(rc, name)
claims = rc.ClaimSet([rc.Claim.point(120, figure="killed", source="a hospital", role="expert")])
print(rc.sentence(rc.fit(claims, random_seed=1, progressbar=False), "killed"))
PYTHON
}

# An interpreter of a version, from the path or from pyenv; fails if there is none.
interpreter() {
  local found
  for found in "$(command -v "python$1")" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
    "$found" -c "" 2>/dev/null && echo "$found" && return
  done
  return 1
}

# What other versions break: tables, files of fits, plots, machine code; a fit, and its summary.
QUICK=(
  tests/{claims,kinds,tables,priors,results,plots,inference} tests/models/log_scale/kernel
  tests/batch/test_fit_each.py
)

# Tests in an environment of Python 3.12: oldest NAME "uv options" PYTEST OPTIONS...
oldest() {
  local python name=$1 options=$2
  if ! python=$(interpreter 3.12); then
    echo "SKIPPED: there is no Python 3.12 on this machine"
    return
  fi
  uv venv --quiet --python "$python" "$made/$name"
  # shellcheck disable=SC2086 # several options, or none
  uv pip install --quiet $options --python "$made/$name" --editable . --group test
  "$made/$name/bin/python" -m pytest -p no:cacheprovider "${@:3}"
}

python_3_12() {
  step "Python 3.12, newest versions: ${*:-all tests}"
  oldest newest "" "$@"
}

# Old packages that meet new ones warn, and extensions that were built for another NumPy.
lowest_versions() {
  step "Python 3.12, lowest versions of pyproject.toml: ${*:-all tests}"
  oldest lowest "--resolution lowest-direct" -W ignore::DeprecationWarning \
    -W ignore::PendingDeprecationWarning -W "ignore:numpy.ndarray size changed" "$@"
}

benchmarks_smoke() {
  step "benchmarks"
  uv run benchmarks/suite.py --small
}
