"""Renaming and retiring kinds: the two changes that a definition alone cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ..errors import EvolutionError
from .identifiers import DURABLE, HANDLE_KIND, Base, encode_number, format_vref, join_slot
from .kind_registry import KindHandle
from .kinds import Kind

if TYPE_CHECKING:
    from .incarnation import Incarnation

__all__ = ["handle_key", "rename_kind", "retire_kind", "singleton_key"]

_DELETED_AT_ONCE = 1000


def handle_key(kind_name: str) -> str:
    """Return the baggage key of a kind's handle."""
    return f"{kind_name}_kindHandle"


def singleton_key(kind_name: str) -> str:
    """Return the baggage key of a singleton's only instance."""
    return f"the_{kind_name}"


def rename_kind(incarnation: Incarnation, baggage: Any, old: str, new: str) -> None:
    """Let the stored kind *old* go by the name *new* from now on; see the public function of the same name."""
    incarnation.require_window("rename_kind", old)
    if not baggage.has(handle_key(old)):
        return  # renamed in an earlier incarnation, or never stored here
    handle = baggage.get(handle_key(old))
    kind = incarnation.kinds.kind_of_handle(handle)
    if baggage.has(handle_key(new)):
        raise EvolutionError(old, f"cannot be renamed to {new!r}, which is stored already", incarnation.name)
    if kind.is_defined:
        raise EvolutionError(
            old, f"is already defined in this incarnation; rename it to {new!r} before that", incarnation.name
        )
    with incarnation.undo.savepoint():
        for key_of in (handle_key, singleton_key):
            if baggage.has(key_of(old)):
                # Moved as an entry: an instance of a kind that is not defined yet cannot be read.
                baggage._move_entry(key_of(old), key_of(new))
        descriptor = kind.descriptor
        assert descriptor is not None  # durable kinds have one
        kind.descriptor = replace(descriptor, tag=new)
        kind.tag = new
        incarnation.kinds.note_changed(kind)

    def undo() -> None:
        kind.descriptor = descriptor
        kind.tag = descriptor.tag

    incarnation.on_abort(undo)


def retire_kind(incarnation: Incarnation, baggage: Any, name: str) -> None:
    """Forget the stored kind *name*; see the public function of the same name."""
    incarnation.require_window("retire_kind", name)
    kind = _find(incarnation, baggage, name)
    if kind is None:
        return  # retired in an earlier incarnation, or never stored here
    if kind.is_defined:
        raise EvolutionError(
            name, "is defined in this incarnation, and so cannot be retired in it", incarnation.name
        )
    with incarnation.undo.savepoint():
        for key_of in (singleton_key, handle_key):
            if baggage.has(key_of(name)):
                baggage.delete(key_of(name))
        _forget_provided(incarnation, kind)
        _delete_instances(incarnation, kind)
        space, number = incarnation.durable, encode_number(kind.number)
        shape = incarnation.buffer.get(space.kind + number)
        if shape is not None:
            incarnation.counts.change(incarnation.codec.slots_in(shape), -1, DURABLE)
            incarnation.buffer.delete(space.kind + number)
        if incarnation.buffer.get(space.counter + number) is not None:
            incarnation.buffer.delete(space.counter + number)
        handle = Base(join_slot(DURABLE, HANDLE_KIND, kind.number))
        if incarnation.counts.count(handle):
            raise EvolutionError(
                name,
                "is still named by a kind handle that durable data holds; delete that first",
                incarnation.name,
            )
        incarnation.counts.forget(handle)
        incarnation.kinds.forget_kind(kind)


def _forget_provided(incarnation: Incarnation, kind: Kind) -> None:
    """Give up the instance that ``provide_promise_watcher`` keeps for the kind."""
    key = incarnation.durable.provided + encode_number(kind.number)
    data = incarnation.buffer.get(key)
    if data is not None:
        incarnation.counts.change(incarnation.codec.slots_in(data), -1, DURABLE)
        incarnation.buffer.delete(key)


def _find(incarnation: Incarnation, baggage: Any, name: str) -> Kind | None:
    """Find a kind by its handle in *baggage* or, where the handle was lost, by its tag."""
    if baggage.has(handle_key(name)):
        handle = baggage.get(handle_key(name))
        if isinstance(handle, KindHandle):
            return incarnation.kinds.kind_of_handle(handle)
    named = [
        kind
        for kind in incarnation.kinds.by_number.values()
        if kind.zone == DURABLE
        and kind.tag == name
        and not kind.is_defined
        and not incarnation.counts.count(Base(join_slot(DURABLE, HANDLE_KIND, kind.number)))
    ]
    return named[0] if named else None


def _delete_instances(incarnation: Incarnation, kind: Kind) -> None:
    """Delete what is left of a kind's instances; refuse if durable data mentions one.

    Of many only the first are deleted in this crank. For the others a doom mark of the kind's handle is left, and the
    collector deletes them piece by piece.
    """
    space = incarnation.durable
    prefix = space.record + encode_number(kind.number)
    left = _DELETED_AT_ONCE
    for key, data in incarnation.buffer.scan(prefix, prefix + b"\xff"):
        base = Base(DURABLE + key[len(space.record) :])
        if incarnation.counts.count(base):
            raise EvolutionError(
                kind.tag,
                f"cannot be retired: stored data still refers to its instance {format_vref(base)}. Remove the "
                f"references in an earlier version, or keep preparing the kind",
                incarnation.name,
            )
        left -= 1
        if left == 0:
            incarnation.buffer.put(space.doomed + join_slot(DURABLE, HANDLE_KIND, kind.number), b"")
        if left <= 0:
            continue
        incarnation.counts.change(incarnation.codec.slots_in(data), -1, DURABLE)
        incarnation.buffer.delete(key)
        incarnation.counts.forget(base)
        recognizers = space.recognizer + base
        if next(incarnation.buffer.scan(recognizers, recognizers + b"\xff"), None) is not None:
            incarnation.buffer.put(space.doomed + base, b"")  # the collector removes its weak entries
