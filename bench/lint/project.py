"""Generates projects: ordinary Python, and the same with vat modules in between, some of them wrong on purpose."""

from __future__ import annotations

import random
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Made", "make_plain", "make_vats", "source_files"]

VATS = "vatproject"
LONGEST_CHAIN = 6

_VIOLATIONS = {
    "VD101": ("    if flag:", "        prepare_exo(baggage, 'Bad{n}', None, {{}})"),
    "VD102": ("    for name in flag:", "        prepare_exo(baggage, name, None, {{}})"),
    "VD106": (
        "    def later():",
        "        return make_part_{n}(baggage)",
        "    prepare_exo(baggage, 'Bad{n}', None, {{'later': later}})",
    ),
}
_OFFSETS = {"VD101": 1, "VD102": 1, "VD106": 1}
"""Which line of the violation is to be reported, from 0."""


@dataclass(frozen=True, slots=True)
class Made:
    """A generated project.

    Attributes:
        folder: where it lies.
        files: how many modules it has.
        lines: how many lines.
        vats: paths of the vat modules, relative to the folder.
        planted: path, line and code of every violation.
    """

    folder: Path
    files: int
    lines: int
    vats: tuple[str, ...]
    planted: tuple[tuple[str, int, str], ...]


def source_files(extra: Iterable[Path] = ()) -> list[tuple[str, Path]]:
    """List ordinary modules of this Python: its library, what is installed beside it, and *extra* folders.

    Returns:
        Pairs of the path below its folder and the file, in order.
    """
    folders = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib")), *extra]
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            if "site-packages/" not in name and "vatdata" not in name:
                found.setdefault(f"{folder.name}/{name}", path)
    return list(found.items())


def make_plain(folder: Path, sources: Iterable[tuple[str, Path]], lines: int) -> Made:
    """Copy sources until the project has so many lines; they are copied again where there are too few."""
    files = count = 0
    for name, text in _endless(sources):
        if count >= lines:
            break
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
        files += 1
        count += text.count(b"\n")
    return Made(folder, files, count, (), ())


def _endless(sources: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, bytes]]:
    # Read one by one: what this process holds would count as the memory of the processes that it starts.
    kept = list(sources)
    turn = 0
    while kept:
        usable = 0
        for name, path in kept:
            text = path.read_bytes()
            if b"\0" not in text and b"vatdata_runtime" not in text:
                usable += 1
                yield (f"again{turn}/{name}" if turn else name), text
        if not usable:
            break
        turn += 1
    raise ValueError("there are no sources to copy")


def make_vats(
    folder: Path,
    sources: Iterable[tuple[str, Path]],
    lines: int,
    *,
    share: float = 0.1,
    bad: float = 0.05,
    seed: int = 1,
) -> Made:
    """Copy sources as `make_plain` does, and add vat modules: copies to which prepare functions are appended.

    Half of the vat modules call a function of another one, in chains of up to six.

    Args:
        folder: a new folder.
        sources: as given by `source_files`.
        lines: of the plain files; the vat modules come on top.
        share: number of vat modules as a share of the plain ones.
        bad: share of the vat modules that hold one violation.
        seed: equal seeds and sources give equal projects.
    """
    plain = make_plain(folder, sources, lines)
    dice = random.Random(seed)
    package = folder / VATS
    package.mkdir()
    (package / "__init__.py").write_text("")
    ordinary = sorted(path for path in folder.rglob("*.py") if path.parent != package)
    depths: dict[int, int] = {}
    planted: list[tuple[str, int, str]] = []
    count = plain.lines
    dice.shuffle(ordinary)
    for number, path in enumerate(ordinary):
        if len(depths) >= len(ordinary) * share:
            break
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        if "__future__" in text or "\r" in text:
            continue
        upper = [known for known, depth in depths.items() if depth < LONGEST_CHAIN]
        up = dice.choice(upper) if upper and dice.random() < 0.5 else None
        depths[number] = depths[up] + 1 if up is not None else 1
        code = dice.choice(sorted(_VIOLATIONS)) if dice.random() < bad else None
        text, line = _vat_module(text, number, up, code)
        name = f"{VATS}/m{number}.py"
        (folder / name).write_bytes(text.encode())
        count += text.count("\n")
        if code is not None:
            planted.append((name, line, code))
    vats = tuple(f"{VATS}/m{number}.py" for number in depths)
    return Made(folder, plain.files + len(vats) + 1, count, vats, tuple(planted))


def _vat_module(text: str, number: int, up: int | None, code: str | None) -> tuple[str, int]:
    head = ["from vatdata_runtime import prepare_exo, prepare_exo_class"]
    if up is not None:
        head.append(f"from {VATS}.m{up} import make_part_{up}")
    tail = [
        f"def make_part_{number}(baggage):",
        f"    made = prepare_exo_class(baggage, 'Part{number}', None, dict, {{}})",
        "    return made" if up is None else f"    return made, make_part_{up}(baggage.sub('p{number}'))",
        "",
        f"def prepare_whole_{number}(baggage, flag):",
        f"    part = make_part_{number}(baggage)",
    ]
    before = "\n".join([*head, text if text.endswith("\n") else f"{text}\n", ""])
    line = 0
    if code is not None:
        line = before.count("\n") + len(tail) + 1 + _OFFSETS[code]
        tail += [part.format(n=number) for part in _VIOLATIONS[code]]
    tail += [f"    return prepare_exo(baggage, 'Whole{number}', None, {{'part': lambda self: part}})", ""]
    return before + "\n".join(tail), line
