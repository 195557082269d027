"""Names that are imported when they are first asked for are the ones that type checkers see."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

PACKAGES = ["vatdata_runtime", "vatdata_runtime.store", "vatdata_runtime.vat_data", "vatdata_runtime.zones"]


def branches(package: str) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What a package does for type checkers, and what it does otherwise."""
    module = import_module(package)
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    (choice,) = [node for node in tree.body if isinstance(node, ast.If)]
    assert ast.unparse(choice.test) == "TYPE_CHECKING"
    return choice.body, choice.orelse


def stars(package: str, level: int, module: str) -> list[str]:
    assert level == 1
    names: list[str] = import_module(f"{package}.{module}").__all__
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_is_there(package: str) -> None:
    module = import_module(package)
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert not missing
    assert len(module.__all__) == len(set(module.__all__))
    with pytest.raises(AttributeError, match=f"{package!r} has no attribute 'no_such_name'"):
        _ = module.no_such_name


@pytest.mark.parametrize("package", PACKAGES)
def test_a_late_name_comes_from_where_type_checkers_find_it(package: str) -> None:
    seen: set[tuple[str, str]] = set()
    imported, otherwise = branches(package)
    for node in imported:
        assert isinstance(node, ast.ImportFrom), "only imports stand there"
        home = "." * node.level + (node.module or "")
        for alias in node.names:
            assert alias.asname is None
            names = stars(package, node.level, str(node.module)) if alias.name == "*" else [alias.name]
            seen |= {(home, name) for name in names}
    (table,) = [node for statement in otherwise for node in ast.walk(statement) if isinstance(node, ast.Dict)]
    late: set[tuple[str, str]] = set()
    for home, value in zip(table.keys, table.values, strict=True):
        assert isinstance(home, ast.Constant)
        where = str(home.value)
        if isinstance(value, ast.Name):  # the list of another package's names
            late |= {(where, name) for name in stars(package, 1, where.lstrip("."))}
        else:
            late |= {(where, name) for name in ast.literal_eval(value)}
    assert seen - late <= {(home, name) for home, name in seen if name[0] == "_"}
    assert late <= seen
    module = import_module(package)
    assert {name for _, name in late} <= set(module.__all__)


def test_a_late_name_is_kept_and_listed() -> None:
    code = (
        "import vatdata_runtime as v; assert 'Kernel' in dir(v) and 'Kernel' not in vars(v); "
        "assert v.Kernel is vars(v)['Kernel']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
