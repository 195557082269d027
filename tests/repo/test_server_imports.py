"""The language server knows of the analyser what the analyser says to everybody."""

from __future__ import annotations

import ast
from pathlib import Path

import vatdata_lint

ROOT = Path(__file__).parents[2]


def test_the_server_imports_public_names_of_the_analyser_only():
    private: list[str] = []
    public = 0
    for path in sorted((ROOT / "lsp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                private += [
                    f"{path.name}: {n.name}" for n in node.names if n.name.startswith("vatdata_lint.")
                ]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vatdata_lint"):
                if node.module == "vatdata_lint" and {n.name for n in node.names} <= {*vatdata_lint.__all__}:
                    public += 1
                else:
                    private.append(f"{path.name}: from {node.module}")
    assert private == []
    assert public > 5


def test_every_public_name_of_the_analyser_is_there():
    assert [name for name in vatdata_lint.__all__ if not hasattr(vatdata_lint, name)] == []
