"""Imports point down: the floors of each part, and what each part may know of the others."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

RUNTIME_FLOORS = [
    {"errors", "late", "passable"},
    {"patterns", "store"},
    {"vat"},
    {"kernel"},
    {"zones", "vat_data", "declare"},
    {"tools", "metrics", "cli", "testing", "__init__"},
]
MAY_NOT_IMPORT = {
    "vatdata_runtime": {"vatdata_lint", "vatdata_lsp", "libcst", "pygls"},
    "vatdata_lint": {"vatdata_runtime", "vatdata_lsp", "pygls"},
    "lsp/vatdata_lsp": {"vatdata_runtime"},
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def part_of(package: str, path: Path) -> str:
    first = path.relative_to(ROOT / package).parts[0]
    return first.removesuffix(".py")


def imported_names(package: str, path: Path) -> set[str]:
    """Absolute names of everything a module imports, relative imports resolved."""
    inside = (package.rpartition("/")[2], *path.relative_to(ROOT / package).with_suffix("").parts)
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(inside[: -node.level]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            names.add(module)
            names.update(f"{module}.{alias.name}" for alias in node.names)
    return names


def test_every_part_of_the_runtime_has_a_floor():
    known = set().union(*RUNTIME_FLOORS)
    found = {part_of("vatdata_runtime", path) for path in modules("vatdata_runtime")}
    assert found <= known, f"give each of {sorted(found - known)} a floor in RUNTIME_FLOORS"


def test_runtime_imports_point_down():
    floor = {part: number for number, parts in enumerate(RUNTIME_FLOORS) for part in parts}
    upward = []
    for path in modules("vatdata_runtime"):
        own = floor[part_of("vatdata_runtime", path)]
        for name in imported_names("vatdata_runtime", path):
            parts = name.split(".")
            if parts[0] == "vatdata_runtime" and len(parts) > 1 and floor.get(parts[1], 0) > own:
                upward.append(f"{path.relative_to(ROOT)} -> {name}")
    assert not upward


def test_only_the_store_floor_imports_lmdb():
    users = [
        str(path.relative_to(ROOT))
        for path in modules("vatdata_runtime")
        if any(name.split(".")[0] == "lmdb" for name in imported_names("vatdata_runtime", path))
    ]
    assert users
    assert all(user.startswith("vatdata_runtime/store/") for user in users)


@pytest.mark.parametrize("package", sorted(MAY_NOT_IMPORT))
def test_the_three_parts_meet_at_two_narrow_places_only(package):
    forbidden = [
        f"{path.relative_to(ROOT)} -> {name}"
        for path in modules(package)
        for name in imported_names(package, path)
        if name.split(".")[0] in MAY_NOT_IMPORT[package]
    ]
    assert not forbidden
