"""What holds for the code as a whole: imports, size, docstrings, signatures, side effects."""

import ast
import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import reconcile as rc
from places import ROOT, TESTS

SRC = Path(rc.__file__).parent
MODULES = {
    ".".join(("reconcile", *path.relative_to(SRC).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(SRC.rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
PUBLIC = {name: getattr(rc, name) for name in rc.__all__ if name != "__version__"}
FUNCTIONS = {name: f for name, f in PUBLIC.items() if inspect.isfunction(f)}
CLASSES = {name: c for name, c in PUBLIC.items() if inspect.isclass(c)}


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, also in functions, but not what only type checkers see."""
    for child in ast.iter_child_nodes(tree):
        if for_types_only(child):
            continue
        yield child
        yield from nodes(child)


def imported(tree: ast.AST) -> set[str]:
    """Modules imported anywhere; of ``from a import b`` both ``a`` and ``a.b``."""
    found = set()
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


GRAPH = {name: (imported(tree) & set(MODULES)) - {name} for name, tree in TREES.items()}


def test_the_graph_of_imports_is_seen() -> None:
    assert "reconcile.plots.canvas" in GRAPH["reconcile.plots.claims"]
    assert "reconcile.inference.density" in GRAPH["reconcile.models.log_scale.kernel.layout"]
    assert len(MODULES) > 30


def test_no_module_imports_itself_by_a_detour() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(f"a cycle of imports: {' -> '.join(error.args[1])}")


def test_no_module_but_the_package_is_imported_for_its_types_in_a_cycle() -> None:
    """The package's lazy names are the only static imports that point upwards."""
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if for_types_only(node) and name != "reconcile":
                assert not imported(ast.Module(node.body, [])) & set(MODULES), name


def test_the_rooms_keep_to_their_floors() -> None:
    """The contracts of ``pyproject.toml``: layers, and who may import a sampler or PyMC."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert "0 broken" in done.stdout and done.returncode == 0, done.stdout + done.stderr


def test_imports_are_absolute() -> None:
    relative = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_nothing_is_printed() -> None:
    printing = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("print", "sys.stdout.write", "sys.stderr.write")
    ]
    assert printing == []


def test_no_module_is_long() -> None:
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()
    }
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def body_length(function: ast.FunctionDef) -> int:
    """Lines of a function without its signature and its docstring."""
    first, *rest = function.body
    is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    begin = rest[0] if is_documented and rest else first
    return (function.end_lineno or 0) - begin.lineno + 1


def test_no_function_is_long() -> None:
    lengths = {
        f"{name}.{node.name}": body_length(node)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    assert {name: n for name, n in lengths.items() if n > 60} == {}


def fresh(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


HEAVY = (
    *("numpy", "pandas", "scipy", "xarray", "pymc", "pytensor", "nutpie", "numba", "matplotlib"),
    *("arviz", "arviz_base", "arviz_stats", "arviz_plots"),
)


def test_importing_loads_nothing_heavy_and_names_load_on_use() -> None:
    loaded = fresh(
        f"""
        import sys
        import reconcile as rc
        heavy = {HEAVY}
        print([name for name in heavy if name in sys.modules])
        rc.Claim
        print([name for name in heavy if name in sys.modules])
        loaded = "reconcile.results.summary" in sys.modules
        print("Claim" in vars(rc), "summary" in vars(rc), loaded)
        rc.summary
        print("summary" in vars(rc), "numpy" in sys.modules, "pymc" in sys.modules)
        rc.plot_claims
        print("pymc" in sys.modules, "nutpie" in sys.modules)
        """
    ).splitlines()
    assert loaded == ["[]", "[]", "True False False", "True True False", "False False"]


def test_importing_changes_nothing() -> None:
    changed = fresh(
        """
        import importlib, logging, pkgutil, warnings
        import arviz_base, arviz_plots, arviz_stats, matplotlib, nutpie, numba, pymc, pytensor
        import matplotlib.pyplot, pandas, xarray

        def state():
            names = [None, *logging.root.manager.loggerDict]
            loggers = [logging.getLogger(name) for name in names]
            return {
                "rcParams": dict(matplotlib.rcParams),
                "arviz": dict(arviz_base.rcParams),
                "filters": list(warnings.filters),
                "handlers": {logger.name: (list(logger.handlers), logger.level)
                             for logger in loggers if logger.handlers or logger.level},
            }

        before = state()
        import reconcile
        for module in pkgutil.walk_packages(reconcile.__path__, "reconcile."):
            importlib.import_module(module.name)
        for name in reconcile.__all__:
            getattr(reconcile, name)
        after = state()
        print([key for key in before if before[key] != after[key]])
        """
    )
    assert changed == "[]"


def test_public_names_agree() -> None:
    assert dir(rc) == sorted(rc.__all__)
    assert len(set(rc.__all__)) == len(rc.__all__)
    for name in rc.__all__:
        assert getattr(rc, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'summery'"):
        getattr(rc, "summery")  # noqa: B009


def test_every_lazy_name_is_static_for_type_checkers() -> None:
    (block,) = (node for node in TREES["reconcile"].body if for_types_only(node))
    static = {
        alias.asname or alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(static) == set(rc.__all__) - {"__version__"}
    for name, module in static.items():
        assert PUBLIC[name].__module__ == module, name


@pytest.mark.parametrize("name", sorted(MODULES))
def test_what_a_module_lists_is_there(name: str) -> None:
    module = __import__(name, fromlist=["_"])
    for listed in getattr(module, "__all__", ()):
        assert hasattr(module, listed), listed
    assert module.__doc__ or name == "reconcile._version", "no docstring"


def sections(documented: object) -> dict[str, str]:
    """Sections of a numpydoc docstring by their heading."""
    text = inspect.getdoc(documented) or ""
    pieces = re.split(r"^(\w[\w ]*)\n-{3,}$", text, flags=re.MULTILINE)
    return {"Summary": pieces[0], **dict(zip(pieces[1::2], pieces[2::2], strict=True))}


def documented_parameters(documented: object) -> list[str]:
    listed = re.findall(r"^(\S.*?)(?: :.*)?$", sections(documented).get("Parameters", ""), re.M)
    return [name.strip("* ") for line in listed for name in line.split(",")]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_are_documented(name: str) -> None:
    function = FUNCTIONS[name]
    parts = sections(function)
    assert len(parts["Summary"].strip().splitlines()[0]) < 100
    assert documented_parameters(function) == list(inspect.signature(function).parameters)
    if inspect.signature(function).return_annotation != "None":
        assert parts.get("Returns", "").strip()
    assert ">>> " in parts.get("Examples", "")
    assert f"rc.{name}(" in parts["Examples"]


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_classes_are_documented(name: str) -> None:
    cls = CLASSES[name]
    assert (inspect.getdoc(cls) or "").strip()
    if issubclass(cls, Warning):
        return
    assert sorted(documented_parameters(cls)) == sorted(inspect.signature(cls).parameters)
    if is_dataclass(cls):
        attributes = sections(cls).get("Attributes", "") + sections(cls)["Parameters"]
        for field in fields(cls):
            assert re.search(rf"\b{field.name}\b", attributes), field.name


# Values that others are made of, and results: the example stands where they are used.
WITHOUT_EXAMPLE = {
    "AssumptionWarning",
    "BiasPrior",
    "CaseFits",
    "ConvergenceWarning",
    "FailedCaseWarning",
    "Problem",
    "RolePrior",
    "Simulation",
}


@pytest.mark.parametrize("name", sorted(set(CLASSES) - WITHOUT_EXAMPLE))
def test_classes_have_an_example(name: str) -> None:
    assert f"rc.{name}" in sections(CLASSES[name]).get("Examples", "")


def is_method(name: str, member: object) -> bool:
    return not name.startswith("_") and (
        isinstance(member, classmethod | staticmethod) or inspect.isfunction(member)
    )


def methods() -> list[str]:
    return [
        f"{owner}.{name}"
        for owner, cls in CLASSES.items()
        for base in cls.__mro__
        if base.__module__.startswith("reconcile")
        for name, member in vars(base).items()
        if is_method(name, member)
    ]


@pytest.mark.parametrize("name", sorted(methods()))
def test_methods_are_documented(name: str) -> None:
    owner, _, method = name.partition(".")
    bound = getattr(CLASSES[owner], method)
    assert (inspect.getdoc(bound) or "").strip()
    taken = [p for p in inspect.signature(bound).parameters if p != "self"]
    documented = documented_parameters(bound)
    assert not taken or documented == taken


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_take_keywords_after_what_they_are_about(name: str) -> None:
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    kinds = [parameter.kind for parameter in parameters]
    assert inspect.Parameter.VAR_POSITIONAL not in kinds
    assert inspect.Parameter.VAR_KEYWORD not in kinds
    positional = [p for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    # The tree and the figure; a table and where it goes; estimates and their errors.
    assert len(positional) <= (2 if positional and positional[0].name == "posterior" else 1) + (
        name in ("write_claims", "meta_analysis")
    )
    assert all(p.default is p.empty for p in positional)
    assert all(p.annotation is not p.empty for p in parameters)


@pytest.mark.parametrize("name", sorted(methods()))
def test_methods_have_no_open_ends(name: str) -> None:
    owner, _, method = name.partition(".")
    kinds = {p.kind for p in inspect.signature(getattr(CLASSES[owner], method)).parameters.values()}
    assert inspect.Parameter.VAR_POSITIONAL not in kinds
    if owner != "Claim" and name != "Priors.replace":
        assert inspect.Parameter.VAR_KEYWORD not in kinds


def test_values_are_frozen_slotted_and_keyword_only() -> None:
    made = ("Claim", "Figure", "Source", "Priors", "BiasPrior", "RolePrior", "Problem")
    for name in (*made, "Quantity", "Simulation"):
        cls = CLASSES[name]
        assert cls.__dataclass_params__.frozen, name
        assert "__slots__" in vars(cls), name
        kinds = {p.kind for p in inspect.signature(cls).parameters.values()}
        assert kinds == {inspect.Parameter.KEYWORD_ONLY}, name


TESTS_BY_PATH = {
    str(path.relative_to(TESTS)): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(TESTS.rglob("*.py"))
}
PRIVATE = re.compile(r"_(?!_)\w+")


def names_reached(tree: ast.AST) -> Iterator[str]:
    """Private names of other modules that a test imports, reads or sets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (a.name for a in node.names if f"{module}.{a.name}" not in MODULES)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls"):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("setattr", "object")):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            yield from (str(text).rpartition(".")[2] for text in texts)


@pytest.mark.parametrize("name", TESTS_BY_PATH)
def test_tests_use_no_tests_and_nothing_private(name: str) -> None:
    tree = TESTS_BY_PATH[name]
    assert not [m for m in imported(tree) if re.search(r"(^|\.)(test_|conftest\b)", m)]
    assert {reached for reached in names_reached(tree) if PRIVATE.fullmatch(reached)} <= {"_exit"}


def test_plots_share_one_signature() -> None:
    shared = ("population", "ci_prob", "ci_kind", "plot_collection", "backend", "visuals")
    for name, function in FUNCTIONS.items():
        if name.startswith("plot_"):
            parameters = inspect.signature(function).parameters
            assert [p for p in parameters if p in shared] == list(shared), name
            visuals = re.findall(r"``(\w+)``", sections(function)["Parameters"].split("visuals")[1])
            module = sys.modules[function.__module__]
            assert set(visuals) == set(module.VISUALS), name
