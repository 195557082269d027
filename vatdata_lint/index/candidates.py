"""Which files and functions need a tree: one pattern over the bytes, then whoever imports a definer."""

from __future__ import annotations

import ast
import bisect
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from vatdata_lint.facts.module import FunctionInfo, ModuleFacts
from vatdata_lint.index.files import SourceFile
from vatdata_lint.suppression import MARKER
from vatdata_lint.vocabulary import PRIMITIVE_WORDS, RUNTIME_PACKAGE

__all__ = ["Interest", "Traits", "is_plainly_primitive", "may_use", "traits_of"]

# In bytes, a letter beyond ASCII is several bytes of which none is a word character.
_PRIMITIVE = re.compile(PRIMITIVE_WORDS.encode().replace(rb"\w", rb"[\w\x80-\xff]"))
_WORD = re.compile(rb"[\w\x80-\xff]+")
_VAT_CODE = re.compile(rb"\bExo(?:Kit)?\b|\bthis\.state\b")
_SOURCES = re.compile(rb"\b(?:create_vat|provide_vat|open_vat)\s*\(")
_IMPORTS = re.compile(rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import\b|import[ \t]+([^\n#;]+))", re.MULTILINE)

# Looking for a fixed word is thirty times as fast as a pattern, so every pattern has words without one of which
# it cannot match.
_RUNTIME = RUNTIME_PACKAGE.encode()
_ENTRY = b"build_root_object"
_PRIMITIVE_PARTS = (
    b"prepare",
    b".exo",
    _ENTRY,
    b"buildRootObject",
    b"define_durable",
    b"defineDurable",
)
_VAT_CODE_PARTS = (b"Exo", b"this.state")


FEW = 20
"""Words that are looked for one by one in a file's bytes, before all of its words are put into a table."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What the bytes of one file say without a tree.

    ``imports`` is None as long as nobody has asked for it: in a project without definers nobody does.
    """

    is_primitive: bool
    is_vat_code: bool
    names_sources: bool
    has_marker: bool
    imports: tuple[str, ...] | None = None


def traits_of(data: bytes) -> Traits:
    """Look at a file's bytes. Cost: a dozen searches for fixed words, about 3 ms for a megabyte."""
    return Traits(is_primitive(data), is_vat_code(data), names_sources(data), MARKER in data)


def is_plainly_primitive(data: bytes) -> bool:
    """Say of a file that `is_primitive` is true of whether that shows at once: most vats, a tenth of the cost."""
    return _RUNTIME in data or (_ENTRY in data and is_primitive(data))


def is_primitive(data: bytes) -> bool:
    """Say whether a file may define kinds by itself, or be an entry."""
    if _RUNTIME in data:
        return True
    return any(part in data for part in _PRIMITIVE_PARTS) and _PRIMITIVE.search(data) is not None


def is_vat_code(data: bytes) -> bool:
    """Say whether the rules for behaviour have anything to look at."""
    if _RUNTIME in data or b"M.interface" in data:
        return True
    return any(part in data for part in _VAT_CODE_PARTS) and _VAT_CODE.search(data) is not None


def names_sources(data: bytes) -> bool:
    """Say whether a file may start vats from named sources."""
    return b"_vat" in data and _SOURCES.search(data) is not None


def imports_of(data: bytes, name: str, is_package: bool) -> list[str]:
    """Give the dotted names that a file's import statements start with, relative ones resolved.

    Text that only looks like an import, in a string say, is included: this decides where to look.
    """
    found: list[str] = []
    parts = name.split(".") if name else []
    for match in _IMPORTS.finditer(data):
        if match[1] is not None:
            target = match[1].decode()
            stripped = target.lstrip(".")
            level = len(target) - len(stripped)
            if level:
                keep = len(parts) - level + (1 if is_package else 0)
                target = ".".join([*parts[: max(keep, 0)], *([stripped] if stripped else [])])
            found.append(target)
        else:
            for piece in match[2].decode(errors="replace").split(","):
                found.append(piece.split(" as ")[0].strip())
    return found


def may_use(
    data: bytes,
    imports: Iterable[str],
    definers: dict[str, set[str]],
    packages: dict[str, set[str]],
    folder: str,
) -> set[str]:
    """Give the names of definers that a file imports, as far as its bytes tell.

    Args:
        data: the file.
        imports: as given by :func:`imports_of`.
        definers: module to the names of its definers.
        packages: package to its modules that have definers.
        folder: the importer's own package, since a script imports what stands beside it.
    """
    found: set[str] = set()
    has_star = b"*" in data
    for target in imports:
        for dotted in (target, f"{folder}.{target}") if folder else (target,):
            names = definers.get(dotted)
            if names:
                found |= names if has_star else {name for name in names if name.encode() in data}
            for module in packages.get(dotted, ()):
                if module.rpartition(".")[2].encode() in data:
                    found |= {name for name in definers.get(module, ()) if name.encode() in data}
    return found


class Interest:
    """The lines of one file that mention a definer, by any name known so far."""

    def __init__(self, file: SourceFile, names: Iterable[str]) -> None:
        self._data = file.data
        self._names: set[str] = set()
        self._places: dict[bytes, list[int]] | None = None
        positions = [match.start() for match in _PRIMITIVE.finditer(file.data)]
        self.lines = _line_numbers(file.data, positions)
        self._fresh: set[int] = set()
        self._seen = (0, 0)
        self._waiting = _Spans()
        self.learn(names)

    def learn(self, names: Iterable[str]) -> bool:
        """Take further names of definers, and say whether one of them stands on a line that had none.

        Words are looked up one by one: a pattern of a thousand words is slow to compile and to search with.
        """
        new = {name.encode() for name in {*names} - self._names}
        self._names.update(names)
        new = {word for word in new if not _PRIMITIVE.fullmatch(word)}
        if not new or (
            self._places is None and len(new) < FEW and not any(word in self._data for word in new)
        ):
            return False
        if self._places is None:
            self._places = {}
            for match in _WORD.finditer(self._data):
                self._places.setdefault(match[0], []).append(match.start())
        positions = sorted(place for word in new for place in self._places.get(word, ()))
        lines = sorted({*self.lines, *_line_numbers(self._data, positions)})
        added = set(lines).difference(self.lines)
        self.lines = lines
        self._fresh |= added
        return bool(added)

    def adds_to(self, other: Interest) -> bool:
        """Say whether it has a line that *other* lacks."""
        return not set(self.lines) <= set(other.lines)

    def touches(self, node: ast.AST) -> bool:
        """Say whether a node's lines mention a definer."""
        first, last = _span(node)
        at = bisect.bisect_left(self.lines, first)
        return at < len(self.lines) and self.lines[at] <= last

    def new_functions(self, facts: ModuleFacts) -> list[FunctionInfo]:
        """Give the functions of a module and the methods of its classes that mention a definer, each once.

        Cost: in all, a look at every function, and at those on the lines that `learn` has added.
        """
        found = self._waiting.take(self._fresh)
        self._fresh.clear()
        functions, classes = self._seen
        self._seen = (len(facts.functions), len(facts.classes))
        top = [
            fn
            for fn in itertools.islice(facts.functions.values(), functions, None)
            if fn.outer is None and fn.owner is None
        ]
        for cls in itertools.islice(facts.classes.values(), classes, None):
            if cls.outer is None:
                top += cls.methods.values()
        for fn in top:
            if self.touches(fn.node):
                found.append(fn)
            else:
                self._waiting.add(*_span(fn.node), fn)
        return found


class _Spans:
    """Functions by the lines that they take up."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int, int, FunctionInfo]] = []
        self._added = 0
        self._reach: list[int] = []
        self._taken: set[FunctionInfo] = set()

    def add(self, first: int, last: int, fn: FunctionInfo) -> None:
        """Take in a function; those that are given together come out in the order of these calls."""
        self._added += 1
        self._spans.append((first, last, self._added, fn))

    def take(self, lines: Iterable[int]) -> list[FunctionInfo]:
        """Give the functions that have one of *lines*, each only once. Cost: next to nothing for each line."""
        if len(self._reach) < len(self._spans):
            self._spans.sort(key=lambda span: span[:3])
            self._reach = list(itertools.accumulate((span[1] for span in self._spans), max))
        found: list[tuple[int, FunctionInfo]] = []
        for line in lines:
            at = bisect.bisect_right(self._spans, line, key=lambda span: span[0]) - 1
            while at >= 0 and self._reach[at] >= line:
                _, last, number, fn = self._spans[at]
                if last >= line and fn not in self._taken:
                    self._taken.add(fn)
                    found.append((number, fn))
                at -= 1
        return [fn for _, fn in sorted(found, key=lambda item: item[0])]


def _span(node: ast.AST) -> tuple[int, int]:
    first: int = getattr(node, "lineno", 1)
    for decorator in getattr(node, "decorator_list", ()):
        first = min(first, decorator.lineno)
    return first, getattr(node, "end_lineno", None) or first


def _line_numbers(data: bytes, positions: list[int]) -> list[int]:
    lines: list[int] = []
    line, at = 1, 0
    for position in positions:
        line += data.count(b"\n", at, position)
        at = position
        lines.append(line)
    return lines
