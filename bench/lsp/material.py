"""What is measured on: documents of given lengths, and a workspace of ordinary files with vats among them."""

from __future__ import annotations

import ast
import itertools
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

__all__ = ["DEPENDENT", "HELPER", "MARK_LINE", "document", "make_workspace"]

VAT = """\
from vatdata_runtime import prepare_exo_class


async def build_root_object(vat_powers, vat_parameters, baggage):
    return prepare_exo_class(baggage, "Purse", None, lambda: {}, {})
"""
MARK_LINE = VAT.splitlines().index("async def build_root_object(vat_powers, vat_parameters, baggage):") + 1
"""Where, behind the lines of the padding, a line is put in that makes the definition late."""

HELPER = "parts_0.py"
DEPENDENT = "vat_0.py"

_LIBRARY = Path(sysconfig.get_paths()["stdlib"])


def _statements() -> Iterator[str]:
    """Yield the top-level statements of modules of the standard library, imports among them, over and over."""
    found: list[str] = []
    for name in ("argparse.py", "tarfile.py", "zipfile.py", "turtle.py", "pickle.py", "inspect.py"):
        path = _LIBRARY / name
        if path.exists():
            text = path.read_text(encoding="utf-8")
            lines = text.splitlines(keepends=True)
            starts = [node.lineno - 1 for node in ast.parse(text).body if _starts_plainly(node)]
            ends = [*starts[1:], len(lines)]
            found += ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    return itertools.cycle(found)


def _starts_plainly(node: ast.stmt) -> bool:
    """Say whether a statement begins at its own line number; a decorated one does not."""
    return not getattr(node, "decorator_list", [])


def document(lines: int, *, is_vat: bool) -> tuple[str, int]:
    """Make a module of about so many lines.

    Returns:
        Its text, and the line (from 0) at which something can be put in.
    """
    pieces: list[str] = []
    count = 0
    for piece in _statements():
        if count >= lines - 5:
            break
        if count + piece.count("\n") > lines:
            piece = "pass\n"
        pieces.append(piece)
        count += piece.count("\n")
    text = "".join(pieces)
    return (text + VAT, count + MARK_LINE) if is_vat else (text, count)


def make_workspace(folder: Path, files: int, vats: int) -> int:
    """Fill a folder with copies of the standard library and with vats, every fourth of them with a late kind.

    Returns:
        How many files have a finding.
    """
    sources = sorted(
        path
        for path in _LIBRARY.rglob("*.py")
        if "site-packages" not in path.parts and "bad" not in path.name and "lib2to3" not in path.parts
    )
    for number in range(files - 2 * vats):
        source = sources[number % len(sources)]
        target = folder / f"copy{number // len(sources)}" / source.relative_to(_LIBRARY)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for number in range(vats):
        is_late = number % 4 == 0
        (folder / f"parts_{number}.py").write_text(
            "from vatdata_runtime import prepare_exo_class\n\n\n"
            f"def prepare_part_{number}(baggage):\n"
            f'    return prepare_exo_class(baggage, "Part{number}", None, lambda: {{}}, {{}})\n'
        )
        (folder / f"vat_{number}.py").write_text(
            f"from parts_{number} import prepare_part_{number}\n\n\n"
            "async def build_root_object(vat_powers, vat_parameters, baggage):\n"
            + ("    await vat_powers.load()\n" if is_late else "")
            + f"    return prepare_part_{number}(baggage)\n"
        )
    (folder / "pyproject.toml").write_text("[tool.vatdata-lint]\n")
    return (vats + 3) // 4
