"""What the store remembers of a durable kind, and whether a redefinition can live with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from msgspec import Struct
from msgspec.structs import replace

from ..errors import StoreCorruptError
from ..passable import DecodeError, Record
from ..patterns import allows_none, narrowings

__all__ = [
    "Definition",
    "KindDescriptor",
    "RowCodec",
    "StoredLayout",
    "decode_descriptor",
    "encode_descriptor",
    "incompatibilities",
    "removed_methods",
]


class RowCodec(Protocol):
    """Writes rows of values and reads them."""

    def encode_row(self, values: Sequence[Any]) -> bytes:
        """Encode frozen values as one array of fields."""
        ...

    def decode_row(self, data: bytes) -> list[Any]:
        """Return the fields that ``encode_row`` encodes as *data*."""
        ...


class StoredLayout(NamedTuple):
    """One ordered field set that stored records of a kind have.

    Attributes:
        version: version of the state that it belongs to.
        fields: field names in stored order.
        is_checked: whether the kind had a state shape when records of this layout were written.
    """

    version: int
    fields: tuple[str, ...]
    is_checked: bool


class KindDescriptor(Struct, frozen=True):
    """The stored facts about one kind.

    Attributes:
        number: the kind's number, never used again.
        tag: its name for people.
        is_defined: whether any incarnation has defined it; a handle alone leaves it False.
        facets: facet names in the order of their numbers, or None for a kind without facets.
        shape: pattern of each state field, or None where the kind has no state shape.
        layouts: every ordered field set that a stored record may have; a record begins with its index here.
        version: version of the state, raised by migrations.
        methods: method names, per facet (one tuple for a kind without facets).
    """

    number: int
    tag: str
    is_defined: bool = False
    facets: tuple[str, ...] | None = None
    shape: Record | None = None
    layouts: tuple[tuple[int, tuple[str, ...], bool], ...] = ()
    version: int = 1
    methods: tuple[tuple[str, ...], ...] = ()


class Definition(Struct, frozen=True):
    """What the code of this incarnation says of a kind; see ``KindDescriptor`` for the fields.

    Attributes:
        defaults: names of the fields that have a default for records made before the field existed.
    """

    facets: tuple[str, ...] | None
    shape: Record | None
    version: int
    has_migrate: bool
    methods: tuple[tuple[str, ...], ...]
    defaults: frozenset[str] = frozenset()

    def merged_into(self, stored: KindDescriptor) -> KindDescriptor:
        """Return the descriptor that this definition leaves behind: facets keep their numbers, new ones follow."""
        facets, methods = self.facets, self.methods
        if facets is not None:
            by_name = dict(zip(facets, methods, strict=True))
            old = stored.facets or ()
            facets = (*old, *sorted(set(facets) - set(old)))
            methods = tuple(by_name[name] for name in facets)
        return replace(
            stored, is_defined=True, facets=facets, shape=self.shape, version=self.version, methods=methods
        )


def incompatibilities(stored: KindDescriptor, new: Definition) -> tuple[str, ...]:
    """Say why stored instances could not follow a redefinition; empty where they can.

    Source: liveslots ``virtualObjectManager.js``, which compares shapes as text; here a shape may be widened, and a
    raised version with a migration may change it at will.
    """
    if not stored.is_defined:
        return ()
    reasons: list[str] = []
    if stored.facets is None and new.facets is not None:
        reasons.append("it was stored as a single kind and cannot become a kit")
    elif stored.facets is not None and new.facets is None:
        reasons.append("it was stored as a kit and cannot become a single kind")
    elif stored.facets is not None and new.facets is not None:
        lost = [name for name in stored.facets if name not in new.facets]
        reasons += [f"facet {name!r} is gone" for name in lost]
    if new.version < stored.version:
        reasons.append(f"its version is {new.version}, and the store already holds version {stored.version}")
    migrates = new.version > stored.version and new.has_migrate
    if not migrates:
        reasons += _shape_reasons(stored.shape, new.shape, new.defaults)
    return tuple(reasons)


def _shape_reasons(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, defaults: frozenset[str]
) -> list[str]:
    if new is None:
        return []  # no shape is the widest shape
    if old is None:
        return []  # checked record by record, as they are loaded
    reasons = [f"state field {name!r} is gone" for name in old if name not in new]
    for name, pattern in new.items():
        if name in old:
            reasons += narrowings(old[name], pattern, name)
        elif name not in defaults and not allows_none(pattern):
            reasons.append(
                f"state field {name!r} is new, has no default and does not accept None, which old instances have there"
            )
    return reasons


def removed_methods(stored: KindDescriptor, new: Definition) -> tuple[str, ...]:
    """Name the methods that stored instances had and a compatible redefinition has not: ``facet.method`` for kits."""
    if not stored.is_defined or (stored.facets is None) != (new.facets is None):
        return ()
    kept = dict(zip(new.facets or (None,), new.methods, strict=True))
    return tuple(
        name if facet is None else f"{facet}.{name}"
        for facet, names in zip(stored.facets or (None,), stored.methods, strict=False)
        for name in names
        if name not in kept.get(facet, ())
    )


def encode_descriptor(descriptor: KindDescriptor, codec: RowCodec) -> bytes:
    """Write a descriptor as one row; ``STORAGE.md`` lists its fields."""
    return codec.encode_row(
        (
            descriptor.tag,
            descriptor.is_defined,
            descriptor.facets,
            descriptor.shape,
            descriptor.layouts,
            descriptor.version,
            descriptor.methods,
        )
    )


def decode_descriptor(number: int, data: bytes, codec: RowCodec, path: str) -> KindDescriptor:
    """Read what ``encode_descriptor`` wrote.

    Raises:
        StoreCorruptError: the bytes are no descriptor.
    """
    try:
        tag, is_defined, facets, shape, layouts, version, methods = codec.decode_row(data)
        return KindDescriptor(number, tag, is_defined, facets, shape, layouts, version, methods)
    except (DecodeError, ValueError, TypeError) as error:
        raise StoreCorruptError(path, f"the descriptor of kind {number} cannot be read: {error}") from error
