"""What the reading layer tells: plain records, decoded where the store alone can decode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...vat.identifiers import Base, Slot
from ...vat.stores.entries import StoreType
from .names import Reference

__all__ = [
    "CollectionInfo",
    "EntryInfo",
    "ExportInfo",
    "InstanceInfo",
    "KindInfo",
    "LayoutInfo",
    "Mention",
    "MessageInfo",
    "Page",
    "PromiseInfo",
    "TimerInfo",
    "WatchInfo",
]

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """Some of many.

    Attributes:
        items: in their order.
        next: what continues behind them; None where nothing follows.
    """

    items: tuple[_Item, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class LayoutInfo:
    """One ordered field set that stored records of a kind may have.

    Attributes:
        version: version of the state that it belongs to.
        fields: names in stored order.
        is_checked: whether a state shape held when such records were written.
    """

    version: int
    fields: tuple[str, ...]
    is_checked: bool


@dataclass(frozen=True, slots=True)
class KindInfo:
    """One kind of a vat.

    Attributes:
        vat: number of the vat.
        zone: ``b"d"`` durable or ``b"v"`` virtual.
        number: the kind's number in the vat.
        tag: its name for people.
        is_described: whether the store describes it; of virtual kinds only instances are stored.
        is_defined: whether any incarnation has defined it.
        facets: facet names in order of their numbers; None for a kind without facets.
        methods: method names, per facet.
        shape: pattern of each field as ``M`` writes it; None without a state shape.
        layouts: every field set that stored records may have.
        version: version of the state.
        instances: how many instances are stored, exactly.
    """

    vat: int
    zone: bytes
    number: int
    tag: str
    is_described: bool
    is_defined: bool
    facets: tuple[str, ...] | None
    methods: tuple[tuple[str, ...], ...]
    shape: dict[str, str] | None
    layouts: tuple[LayoutInfo, ...]
    version: int
    instances: int

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields of the newest state."""
        return self.layouts[-1].fields if self.layouts else tuple(self.shape or ())


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """One stored instance.

    Attributes:
        vat: number of its vat.
        base: which one.
        kind: its kind.
        version: version of the state that its record has.
        state: value of each field; references are ``StandIn``. Fields of virtual kinds whose names the store does not
            know are numbered.
        size_bytes: length of its record.
    """

    vat: int
    base: Base
    kind: KindInfo
    version: int
    state: dict[str, Any]
    size_bytes: int

    @property
    def reference(self) -> Reference:
        """The instance as it is named."""
        return Reference(self.vat, Slot(self.base))


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """One stored map or set.

    Attributes:
        vat: number of its vat.
        zone: ``b"d"`` durable or ``b"v"`` virtual.
        number: its number among the vat's collections; the baggage is 1.
        store_type: which of the four stores.
        label: its name for people.
        key_shape: pattern of its keys as ``M`` writes it, or None.
        value_shape: pattern of its values, or None.
        role: what a zone made it for, or None.
        size: how many entries it has.
    """

    vat: int
    zone: bytes
    number: int
    store_type: StoreType
    label: str
    key_shape: str | None
    value_shape: str | None
    role: str | None
    size: int


@dataclass(frozen=True, slots=True)
class EntryInfo:
    """One entry of a collection.

    Attributes:
        key: decoded; a reference is a ``StandIn``.
        value: decoded; None for sets.
        size_bytes: length of key and value as stored.
    """

    key: Any
    value: Any
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ExportInfo:
    """An object that the durable data of other vats mentions.

    Attributes:
        reference: which one.
        mentions: under how many names: one for each vat and facet.
    """

    reference: Reference
    mentions: int


@dataclass(frozen=True, slots=True)
class MessageInfo:
    """A message that was not delivered yet.

    Attributes:
        number: its place; lower ones came earlier.
        target: the object, or the promise for one.
        method: name of the method.
        arguments: the positional ones.
        keywords: the others.
        result: number of the promise for its result, or None where nobody waits.
        mentions: everything that it mentions.
    """

    number: int
    target: Reference
    method: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    result: int | None
    mentions: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class PromiseInfo:
    """A promise that vats share.

    Attributes:
        number: its number.
        status: ``pending``, ``fulfilled`` or ``rejected``.
        decider: number of the vat that settles it, 0 while the message for it is on its way; None once settled.
        incarnation: the decider's incarnation; None once settled.
        value: what it is settled to, or the exception.
        mentions: everything that the value mentions.
    """

    number: int
    status: str
    decider: int | None
    incarnation: int | None
    value: Any
    mentions: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class TimerInfo:
    """An entry of the timer.

    Attributes:
        number: its number.
        when: next time, in seconds since the epoch.
        interval: seconds between ticks; None for a single one.
        handler: the object that is woken.
        token: what cancels it; None for nothing.
        mentions: handler, and what the token mentions.
    """

    number: int
    when: float
    interval: float | None
    handler: Reference
    token: Any
    mentions: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class WatchInfo:
    """A promise that a durable watcher waits for.

    Attributes:
        number: number of the watch.
        incarnation: the incarnation that began it.
        watcher: the object that is told.
        arguments: what it is given besides.
    """

    number: int
    incarnation: int
    watcher: Any
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """One stored place that mentions an object.

    Attributes:
        holder: the object whose data it is; None for what belongs to no object.
        sort: ``instance``, ``entry``, ``collection`` (its shapes), ``kind`` (its state shape), ``watch``,
            ``watcher`` (of ``provide_promise_watcher``), ``message``, ``promise``, ``timer`` or ``parameters``.
        detail: which part: a field's name, a key, a number.
        is_weak: whether it only recognises the object.
    """

    holder: Reference | None
    sort: str
    detail: str
    is_weak: bool = False
