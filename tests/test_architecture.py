"""The import directions of the house: web → retriever → indexer, never back."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("indexer", "retriever", "web", "migrations")

# First matching prefix decides: which of our modules a module may import.
ALLOWED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("indexer.domain", ()),
    ("indexer.errors", ("indexer.domain",)),
    ("indexer.settings", ("indexer.domain", "indexer.errors")),
    ("indexer.analysis", ()),
    ("indexer.filters", ("indexer.errors", "indexer.analysis")),
    ("indexer.chunking", ("indexer.domain", "indexer.settings", "indexer.analysis")),
    ("indexer.cropping", ("indexer.domain", "indexer.settings")),
    (
        "indexer.parsers",
        ("indexer.domain", "indexer.errors", "indexer.settings", "indexer.parsers"),
    ),
    (
        "indexer.encoders",
        (
            "indexer.domain",
            "indexer.errors",
            "indexer.settings",
            "indexer.analysis",
            "indexer.encoders",
        ),
    ),
    (
        "indexer.store",
        (
            "indexer.domain",
            "indexer.errors",
            "indexer.settings",
            "indexer.analysis",
            "indexer.encoders",
            "indexer.filters",
            "indexer.store",
            "migrations",
        ),
    ),
    ("indexer", ("indexer",)),
    ("migrations", ("indexer.store.tables",)),
    ("retriever.domain", ("indexer.domain", "indexer.errors", "indexer.filters")),
    ("retriever.errors", ("indexer.errors",)),
    ("retriever.settings", ("indexer.settings", "indexer.errors")),
    ("retriever.fusion", ("retriever.domain",)),
    ("retriever.evidence", ("retriever.domain", "indexer.domain", "indexer.analysis")),
    ("retriever", ("indexer", "retriever")),
    ("web", ("indexer", "retriever", "web")),
)

# Libraries that only one part of the house may touch.
KEPT_TO = {
    "flask": ("web",),
    "sqlalchemy": ("indexer.store", "migrations"),
    "alembic": ("indexer.store", "migrations"),
    "ir_measures": ("retriever.evaluation",),
    "faiss": ("indexer.store.vectors",),
    "pymorphy3": ("retriever.followups.forms",),
    "pymupdf": ("indexer.parsers",),
}


def modules() -> list[tuple[str, ast.Module]]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.append((name.removesuffix(".__init__"), ast.parse(path.read_text("utf-8"))))
    return found


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")


def allowed_for(module: str) -> tuple[str, ...]:
    return next(targets for prefix, targets in ALLOWED if within(module, prefix))


@pytest.mark.parametrize(("name", "tree"), modules(), ids=lambda value: str(value)[:60])
def test_module_imports_only_what_its_layer_may(name: str, tree: ast.Module) -> None:
    ours = {module for module in imported(tree) if module.split(".")[0] in PACKAGES}
    allowed = allowed_for(name)
    # "from indexer import x" names both the package and the module: the longer one counts.
    wrong = {
        module
        for module in ours
        if not any(within(module, target) for target in allowed)
        and not any(longer.startswith(f"{module}.") for longer in ours)
    }
    assert not wrong


@pytest.mark.parametrize(("name", "tree"), modules(), ids=lambda value: str(value)[:60])
def test_library_is_imported_only_where_it_belongs(name: str, tree: ast.Module) -> None:
    for library, homes in KEPT_TO.items():
        if any(within(module, library) for module in imported(tree)):
            assert any(within(name, home) for home in homes), f"{name} imports {library}"


@pytest.mark.parametrize(("name", "tree"), modules(), ids=lambda value: str(value)[:60])
def test_torch_is_imported_inside_functions(name: str, tree: ast.Module) -> None:
    top_level = ast.Module(
        body=[node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)],
        type_ignores=[],
    )
    heavy = {"torch", "open_clip", "timm", "transformers", "sentence_transformers", "onnxruntime"}
    assert not {module.split(".")[0] for module in imported(top_level)} & heavy


@pytest.mark.parametrize(("name", "tree"), modules(), ids=lambda value: str(value)[:60])
def test_only_settings_read_the_environment(name: str, tree: ast.Module) -> None:
    reads = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and node.attr in {"environ", "getenv"}
    }
    # The command line hands the environment to the settings; encoders hush their libraries.
    if name not in {"web.cli"} and not name.endswith("settings"):
        assert not reads


def test_every_module_has_a_layer() -> None:
    for name, _ in modules():
        allowed_for(name)
