"""Moves a definition above the await or out of the branch that makes it late or conditional."""

from __future__ import annotations

import ast
import bisect
import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence

from vatdata_lint.facts.parse import NotUnderstoodError, parse_source, with_deep_stack
from vatdata_lint.finding import Edit, Finding, Fix
from vatdata_lint.source import split_lines

__all__ = ["with_hoists"]

LATE, CONDITIONAL = "VD103", "VD101"
SUSPENDS = ("await ", "await(", "async for", "async with")
MAX_PASSED = 200
"""Statements that a definition may be moved past: nobody would read such a change, and each is looked at."""

BLOCKS = ("body", "orelse", "finalbody")
HARMLESS = (ast.Name, ast.Constant, ast.Lambda, ast.Attribute)


def with_hoists(
    path: str, source: str, findings: Iterable[Finding], tree: ast.Module | None = None
) -> tuple[Finding, ...]:
    """Return the findings of a file, with a fix for each late or conditional definition that can be moved.

    A statement can be moved when it stands alone on its lines, and neither needs what the statements in between
    bind nor binds what they use. The fix is safe when it moves a call whose arguments are names, attributes,
    constants and functions: then nothing is evaluated in another order but the definition itself.

    Args:
        path: Relative to the root, with forward slashes.
        source: The file's text.
        findings: Those that start in this file.
        tree: The text's tree where it is known.

    Cost: one parse of a file that has such a finding and whose tree is not known, nothing for others.
    """
    listed = tuple(findings)
    if not any(finding.code in (LATE, CONDITIONAL) for finding in listed):
        return listed
    if tree is None:
        try:
            tree, _ = with_deep_stack(functools.partial(parse_source, source))
        except NotUnderstoodError:
            return listed
    places = _Places(tree)
    lines = split_lines(source)
    return tuple(_with_hoist(path, lines, places, finding) for finding in listed)


def _with_hoist(path: str, lines: list[str], places: _Places, finding: Finding) -> Finding:
    fix = None
    if finding.code == LATE:
        fix = _above_the_await(path, lines, places, finding)
    elif finding.code == CONDITIONAL:
        fix = _out_of_the_branch(path, lines, places, finding)
    return dataclasses.replace(finding, fixes=(fix, *finding.fixes)) if fix is not None else finding


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements; expressions, most of a tree, hold none and are not looked into."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for name in BLOCKS:
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block
                pending += block
        for name in ("handlers", "cases"):
            pending += getattr(node, name, ())


class _Places:
    """Where the plain statements of a module stand. Cost: one look at every statement."""

    def __init__(self, tree: ast.Module) -> None:
        self._owners: dict[int, ast.If] = {}
        found: list[tuple[int, int, list[ast.stmt]]] = []
        for block in _blocks(tree):
            for index, statement in enumerate(block):
                if isinstance(statement, ast.If):
                    self._owners[id(statement.body)] = statement
                elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
                    found.append((statement.lineno, index, block))
        found.sort(key=lambda place: place[:2])
        self._places = found
        self._lines = [line for line, _, _ in found]

    def at(self, line: int) -> tuple[list[ast.stmt], int] | None:
        """Give the block and the index in it of the first plain statement on a line."""
        last = bisect.bisect_right(self._lines, line) - 1
        if last < 0:
            return None
        _, index, block = self._places[bisect.bisect_left(self._lines, self._lines[last])]
        statement = block[index]
        return (block, index) if line <= (statement.end_lineno or statement.lineno) else None

    def branch(self, block: list[ast.stmt]) -> ast.If | None:
        """Give the ``if`` whose first branch a block is."""
        return self._owners.get(id(block))


def _above_the_await(path: str, lines: list[str], places: _Places, finding: Finding) -> Fix | None:
    place = places.at(finding.location.line)
    waits = [
        step.location.line
        for step in finding.chain
        if step.location.path == path
        and _text_at(lines, step.location.line, step.location.column).startswith(SUSPENDS)
    ]
    if place is None or not waits:
        return None
    block, index = place
    first = min(waits)
    above = next(
        (number for number, item in enumerate(block[:index]) if first <= (item.end_lineno or 0)), None
    )
    if above is None or index - above > MAX_PASSED or _any_await(block[index]):
        return None
    return _move(path, lines, block[index], block[above], block[above:index], f"Move it above line {first}")


def _out_of_the_branch(path: str, lines: list[str], places: _Places, finding: Finding) -> Fix | None:
    place = places.at(finding.location.line)
    if place is None:
        return None
    block, index = place
    branch = places.branch(block)
    if (
        branch is None
        or branch.orelse
        or index > MAX_PASSED
        or not _text_at_node(lines, branch).startswith("if")
    ):
        return None
    between = [ast.Expr(branch.test), *block[:index]]
    fix = _move(path, lines, block[index], branch, between, "Move it out of the branch", safe=False)
    return _without_empty_branch(fix, lines, branch, block[0]) if fix is not None and len(block) == 1 else fix


def _without_empty_branch(fix: Fix, lines: list[str], branch: ast.If, statement: ast.stmt) -> Fix:
    """Give a fix that leaves no branch without a statement.

    The whole ``if`` goes where its condition has no effect and no comment would go with it.
    """
    insertion, deletion = fix.edits
    last = branch.test.end_lineno or branch.test.lineno
    header = "".join(lines[branch.lineno - 1 : last])
    if statement.lineno == last + 1 and "#" not in header and _has_no_effect(branch.test):
        replaced = dataclasses.replace(insertion, end=deletion.end)
        return dataclasses.replace(fix, edits=(replaced,))
    indent = lines[statement.lineno - 1][: statement.col_offset]
    return dataclasses.replace(fix, edits=(insertion, dataclasses.replace(deletion, text=f"{indent}pass\n")))


def _has_no_effect(condition: ast.expr) -> bool:
    parts = (ast.Name, ast.Constant, ast.Attribute, ast.UnaryOp, ast.BoolOp, ast.Compare)
    return all(isinstance(node, parts) for node in ast.walk(condition) if isinstance(node, ast.expr))


def _text_at_node(lines: list[str], node: ast.stmt) -> str:
    return lines[node.lineno - 1].encode()[node.col_offset :].decode()


def _text_at(lines: list[str], line: int, column: int) -> str:
    return lines[line - 1][column:] if 1 <= line <= len(lines) else ""


def _any_await(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Await | ast.Yield | ast.YieldFrom) for node in ast.walk(statement))


def _move(
    path: str,
    lines: list[str],
    statement: ast.stmt,
    target: ast.stmt,
    between: Sequence[ast.stmt],
    title: str,
    *,
    safe: bool = True,
) -> Fix | None:
    start, end = statement.lineno, statement.end_lineno or statement.lineno
    if not (_stands_alone(lines, statement) and not lines[target.lineno - 1][: target.col_offset].strip()):
        return None
    if not _is_independent(statement, between):
        return None
    shift = statement.col_offset - target.col_offset
    moved = lines[start - 1 : end]
    if shift:
        if any(isinstance(node, ast.Constant) and _spans_lines(node) for node in ast.walk(statement)):
            return None
        moved = [line[shift:] if line[:shift].isspace() else line for line in moved]
    if end == len(lines):
        return None  # the file has no line end there
    edits = (
        Edit(path, (target.lineno, 0), (target.lineno, 0), "\n".join(moved) + "\n"),
        Edit(path, (start, 0), (end + 1, 0), ""),
    )
    return Fix(title, edits, safe=safe and _is_harmless(statement), kind="hoist")


def _stands_alone(lines: list[str], statement: ast.stmt) -> bool:
    before = lines[statement.lineno - 1].encode()[: statement.col_offset]
    after = (
        lines[(statement.end_lineno or statement.lineno) - 1]
        .encode()[statement.end_col_offset or 0 :]
        .strip()
    )
    return not before.strip() and (not after or after.startswith(b"#"))


def _spans_lines(node: ast.Constant) -> bool:
    return isinstance(node.value, str | bytes) and node.end_lineno != node.lineno


def _is_independent(statement: ast.stmt, between: Sequence[ast.stmt]) -> bool:
    """Say whether a statement and those it would pass share no name that one of them binds."""
    loads, stores = _names(statement)
    for other in between:
        other_loads, other_stores = _names(other)
        if loads & other_stores or stores & (other_loads | other_stores):
            return False
    return True


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    loads: set[str] = set()
    stores: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                loads.add(name)
            case ast.Name(id=name):
                stores.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                stores.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                stores.update(alias.asname or alias.name.split(".")[0] for alias in aliases)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                stores.add(name)
            case _:
                pass
    return loads, stores


def _is_harmless(statement: ast.stmt) -> bool:
    """Say whether a statement is one call whose arguments evaluate nothing of their own."""
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr) else None
    if isinstance(statement, ast.Assign) and not all(
        isinstance(target, ast.Name) for target in statement.targets
    ):
        return False
    if not isinstance(value, ast.Call):
        return False
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    return all(isinstance(item, HARMLESS) or _is_display(item) for item in given)


def _is_display(node: ast.expr) -> bool:
    if isinstance(node, ast.Dict):
        return all(isinstance(item, HARMLESS) for item in (*node.keys, *node.values) if item is not None)
    return isinstance(node, ast.Tuple | ast.List) and all(isinstance(item, HARMLESS) for item in node.elts)
