"""Checks the stored data of one vat: everything that can be derived from the data is derived again and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

from ..errors import StoreCorruptError
from ..passable import DecodeError, UnknownEnumError, ValueCodec
from ..passable.messagepack import parse
from ..patterns import compile_pattern
from .collection_check import CollectionCheck, Mentioned, split_recognizer
from .crank_buffer import ReadView
from .descriptors import KindDescriptor
from .difference import Difference
from .identifiers import (
    DURABLE,
    FIRST_USER_KIND,
    HANDLE_KIND,
    HEAP,
    IMPORT,
    PROMISE,
    VIRTUAL,
    Base,
    Space,
    base_of,
    behind,
    decode_number,
    encode_number,
    format_vref,
    join_slot,
    split_slot,
)
from .record_forms import malformed_records
from .stored_shapes import StoredShapes
from .stores.entries import StoreType
from .stores.open import BAGGAGE_COLLECTION, MAP, type_numbered
from .tallies import Tally, joined
from .vat_record import VatRecord

__all__ = ["Difference", "verify_vat"]

_BEHIND_NUMBERS = b"\xf8"
_SORTS = frozenset(b"cefhkmnopqswxz")


def verify_vat(view: ReadView, vat_number: int, path: str = "") -> Iterator[Difference]:
    """Walk all data of a vat and report each difference between what is stored and what it should be.

    Recomputed are reference counts and zero marks, entry counts and ordinals of stores, recognition by weak stores,
    layouts, facets and numbers that must not repeat. Decoded are all records; checked against their shapes those that
    mention no object. Never writes.

    Args:
        view: what is committed; between two cranks.
        vat_number: the vat's number in the store.
        path: the store's path, for messages.

    Cost: reads everything once, and once more for each remotable key. Memory stays constant: what is counted for more
    than 50,000 objects goes to temporary files, about 20 bytes an object.
    """
    try:
        yield from _verify(view, vat_number, path)
    except (ValueError, IndexError):
        # The walk has met a key or a number without the form that it must have: only these are reported then.
        malformed = list(malformed_records(view, vat_number))
        if not malformed:
            raise
        yield from malformed


def _verify(view: ReadView, vat_number: int, path: str) -> Iterator[Difference]:
    durable = _SpaceCheck(view, path, Space.durable(vat_number), DURABLE, None)
    with closing(durable):
        yield from durable.check_vat()
        if durable.record is not None:
            yield from _verify_rest(view, vat_number, path, durable, durable.record)


def _verify_rest(
    view: ReadView, vat_number: int, path: str, durable: _SpaceCheck, record: VatRecord
) -> Iterator[Difference]:
    known = {*record.to_wipe, record.incarnation}
    prefix = b"\x03" + encode_number(vat_number)
    for number, key in _numbers(view, prefix):
        if number not in known:
            yield Difference(key, f"incarnation {number}", "left virtual data that nothing will delete")
    virtual = _SpaceCheck(view, path, Space.virtual(vat_number, record.incarnation), VIRTUAL, durable)
    with closing(virtual):
        yield from virtual.check()
        yield from durable.check_mentions()
        yield from virtual.check_mentions()
        yield from durable.check_counts()
        yield from virtual.check_counts()


def _numbers(view: ReadView, prefix: bytes) -> Iterator[tuple[int, bytes]]:
    """Find the distinct numbers that follow *prefix* in keys, with the first key of each; skips what lies between."""
    position = prefix
    while True:
        key = next((key for key, _ in view.scan(position, behind(prefix))), None)
        if key is None:
            return
        number, _ = decode_number(key, len(prefix))
        yield number, key
        position = behind(prefix + encode_number(number))


class _SpaceCheck:
    """The check of one space, durable or virtual.

    Attributes:
        record: the vat's record, once read.
        mentions: how many places of this space mention each object.
        homes: bases of the stored objects that live in this space, once each.
    """

    def __init__(
        self, view: ReadView, path: str, space: Space, zone: bytes, durable: _SpaceCheck | None
    ) -> None:
        self.view = view
        self._path = path
        self.space = space
        self.zone = zone
        self._durable = self if durable is None else durable
        self.codec = ValueCodec(lambda _: b"", lambda _: Mentioned())
        self._shapes = StoredShapes(self.codec, path)
        self._kinds: dict[int, KindDescriptor] = {}
        self._last_instance: dict[int, int] = {}
        self._last_collection = 0
        self.record: VatRecord | None = None
        self.mentions = Tally()
        self.homes = Tally()

    def close(self) -> None:
        """Give back what counting has put on the disk."""
        self.mentions.close()
        self.homes.close()

    def exists(self, base: Base) -> bool:
        """Whether a stored object is there, or its deletion has begun."""
        home = self if base[:1] == self.zone else self._durable
        return self.view.get(home._key_of(base)) is not None or home._is_doomed(base)

    def _is_doomed(self, base: bytes) -> bool:
        return self.view.get(self.space.doomed + base) is not None

    def check_vat(self) -> Iterator[Difference]:
        """Check the durable space."""
        data = self.view.get(self.space.meta)
        if data is None:
            yield Difference(self.space.meta, "vat", "has no record, so it has never started")
            return
        try:
            self.record = VatRecord.decode(data, self._path)
        except StoreCorruptError as error:
            yield Difference(self.space.meta, "vat", error.reason)
            return
        yield from self._check_kinds()
        for prefix, subject in ((self.space.watch, "watch"), (self.space.provided, "provided watcher")):
            for key, held in self._scan(prefix):
                yield from self.mention(held, key, f"{subject} {key[len(prefix) :].hex()}")
        yield from self.check()
        yield from self._check_numbers(self.record)
        # Baggage is what an incarnation begins with; nothing mentions it, and it is never deleted.
        self.mentions.add(join_slot(DURABLE, MAP.kind_number, BAGGAGE_COLLECTION))

    def check(self) -> Iterator[Difference]:
        """Check what durable and virtual spaces have in common, and collect what they mention."""
        yield from self._check_sorts()
        yield from self._check_instances()
        yield from self._check_collections()
        yield from self._check_entries_without_store()
        yield from self._check_recognizers()

    def _scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self.view.scan(prefix, behind(prefix))

    def _check_sorts(self) -> Iterator[Difference]:
        at = len(self.space.prefix)
        position = self.space.prefix
        while True:
            key = next((key for key, _ in self.view.scan(position, self.space.end)), None)
            if key is None:
                return
            sort = key[at]
            if sort not in _SORTS:
                yield Difference(key, f"record sort {sort:#04x}", "is none that this version writes")
            # No number and no zone begins so: what lies there would be passed over by every other check.
            strays = key[: at + 1] + _BEHIND_NUMBERS
            position = key[:at] + bytes((sort + 1,)) if sort < 0xFF else self.space.end
            stray = next((key for key, _ in self.view.scan(strays, position)), None)
            if stray is not None and sort in _SORTS:
                yield Difference(stray, f"record sort {sort:#04x}", "has a key that no record has")

    def mention(self, data: bytes, key: bytes, subject: str) -> Iterator[Difference]:
        """Count what a record mentions."""
        try:
            slots = self.codec.slots_in(data)
        except (DecodeError, ValueError) as error:
            yield Difference(key, subject, f"its record cannot be read: {error}")
            return
        for slot in slots:
            yield from self.mention_slot(slot, key, subject)

    def mention_slot(self, slot: bytes, key: bytes, subject: str) -> Iterator[Difference]:
        """Count one mention."""
        zone = slot[:1]
        if zone == IMPORT:
            self.mentions.add(slot)
            return
        if self.zone == DURABLE and zone != DURABLE:
            yield Difference(
                key, subject, f"durable data mentions {slot!r}, which does not survive a restart"
            )
            return
        if zone in (HEAP, PROMISE):
            return
        try:
            _, number, _, facet = split_slot(slot)
        except ValueError as error:
            yield Difference(key, subject, f"mentions something that is no reference: {error}")
            return
        self.mentions.add(base_of(slot))
        kind = self._durable._kinds.get(number)
        if kind is not None:
            facets = kind.facets
            if (facet is None) != (facets is None) or (facet is not None and facet >= len(facets or ())):
                yield Difference(
                    key, subject, f"mentions {format_vref(slot)}, a facet that kind {kind.tag!r} has not"
                )

    # --- kinds and instances

    def _check_kinds(self) -> Iterator[Difference]:
        space = self.space
        for key, data in self._scan(space.kind):
            number, _ = decode_number(key, len(space.kind))
            subject = f"kind {number}"
            yield from self.mention(data, key, subject)
            try:
                kind = self._shapes.decode(number, data)
            except StoreCorruptError as error:
                yield Difference(key, subject, error.reason)
                continue
            self._kinds[number] = kind
            self.homes.add(join_slot(DURABLE, HANDLE_KIND, number))
            if kind.facets is not None and len(set(kind.facets)) != len(kind.facets):
                yield Difference(key, f"kind {kind.tag!r}", "has two facets of one name")

    def _check_instances(self) -> Iterator[Difference]:
        space = self.space
        for key, data in self._scan(space.record):
            base = Base(self.zone + key[len(space.record) :])
            try:
                _, number, instance, facet = split_slot(base)
            except ValueError:
                facet, number, instance = 0, 0, 0
            if facet is not None or number < FIRST_USER_KIND:
                yield Difference(key, "instance record", "has a key that names no instance")
                continue
            self.homes.add(base)
            self._last_instance[number] = max(instance, self._last_instance.get(number, 0))
            subject = format_vref(base)
            yield from self.mention(data, key, subject)
            yield from self._check_row(key, data, subject, number)

    def _check_row(self, key: bytes, data: bytes, subject: str, number: int) -> Iterator[Difference]:
        try:
            row = self.codec.decode_row(data)
        except UnknownEnumError:
            return  # enums are registered by the vat's code, which does not run here
        except (DecodeError, ValueError) as error:
            yield Difference(key, subject, f"its record cannot be decoded: {error}")
            return
        if self.zone == VIRTUAL:
            return  # layouts of virtual kinds are in memory only
        kind = self._kinds.get(number)
        if kind is None:
            if not self._is_doomed(join_slot(DURABLE, HANDLE_KIND, number)):  # else it was retired just now
                yield Difference(key, subject, f"is an instance of kind {number}, which has no descriptor")
            return
        layout_number = row[0] if row else None
        if type(layout_number) is not int or not 0 <= layout_number < len(kind.layouts):
            yield Difference(key, subject, f"begins with {layout_number!r}, no layout of kind {kind.tag!r}")
            return
        version, fields, _ = kind.layouts[layout_number]
        if len(row) != 1 + len(fields):
            yield Difference(
                key,
                subject,
                "has another number of fields than its layout",
                str(len(row) - 1),
                str(len(fields)),
            )
            return
        if version == kind.version and kind.shape is not None and not self.codec.slots_in(data):
            for name, value in zip(fields, row[1:], strict=True):
                if name in kind.shape and not compile_pattern(kind.shape[name])(value):
                    yield Difference(
                        key,
                        subject,
                        f"field {name!r} does not match its pattern",
                        repr(value),
                        repr(kind.shape[name]),
                    )

    # --- collections

    def _check_collections(self) -> Iterator[Difference]:
        space = self.space
        for key, data in self._scan(space.collection):
            number, _ = decode_number(key, len(space.collection))
            subject = f"collection {number}"
            self._last_collection = max(number, self._last_collection)
            yield from self.mention(data, key, subject)
            try:
                type_number, label, key_shape, value_shape, _role = self.codec.decode_row(data)
            except UnknownEnumError:
                (type_number, label, *_), key_shape, value_shape = parse(data), None, None
            except (DecodeError, ValueError) as error:
                yield Difference(key, subject, f"its descriptor cannot be read: {error}")
                continue
            store_type = type_numbered(type_number)
            if store_type is None:
                yield Difference(key, subject, f"is of type {type_number!r}, which there is not")
                continue
            self.homes.add(join_slot(self.zone, type_number, number))
            check = CollectionCheck(self, number, store_type, f"{subject} {label!r}")
            yield from check.check(key_shape, value_shape)

    def _check_entries_without_store(self) -> Iterator[Difference]:
        """Find entries, ordinals and heads of collections that have no descriptor."""
        space = self.space
        doomed = (Base(key[len(space.doomed) :]) for key, _ in self._scan(space.doomed))
        begun = {split_slot(base)[2]: base for base in doomed if _store_type_of(base) is not None}
        for number, base in begun.items():
            if self.view.get(space.collection + encode_number(number)) is not None:
                what = "is there, and its deletion has begun"
                yield Difference(space.doomed + base, f"collection {number}", what)
        for prefix, what in ((space.entry, "entries"), (space.ordinal, "ordinals"), (space.head, "a head")):
            for number, key in _numbers(self.view, prefix):
                if self.view.get(space.collection + encode_number(number)) is not None:
                    continue
                if number not in begun:
                    yield Difference(key, f"collection {number}", f"there is none, and {what} of it are left")
                elif prefix == space.entry:
                    store_type = _store_type_of(begun[number])
                    if store_type is not None:
                        check = CollectionCheck(
                            self, number, store_type, f"collection {number}, being deleted"
                        )
                        yield from check.check_entries(None, None)

    def _check_recognizers(self) -> Iterator[Difference]:
        """Find recognition records that no entry of a weak store stands behind."""
        space = self.space
        for key, _ in self._scan(space.recognizer):
            splits = list(split_recognizer(key[len(space.recognizer) :]))
            if not any(self._is_recognized(base, number) for base, number in splits):
                subject = format_vref(splits[0][0]) if splits else "recognition record"
                what = "a weak store recognises it, and has no entry for it"
                yield Difference(key, subject, what, repair=((key, None),))

    def _is_recognized(self, base: bytes, number: int) -> bool:
        ordinals = self.space.ordinal + encode_number(number) + base
        return next(self._scan(ordinals), None) is not None

    # --- numbers

    def _check_numbers(self, record: VatRecord) -> Iterator[Difference]:
        space = self.space
        if self._last_collection >= record.next_collection:
            yield Difference(
                space.meta,
                "vat",
                "the next collection would get a number that is taken",
                str(record.next_collection),
                f"more than {self._last_collection}",
                repair=self._repaired(record),
            )
        if max(self._kinds, default=0) >= record.next_kind:
            yield Difference(
                space.meta,
                "vat",
                "the next kind would get a number that is taken",
                str(record.next_kind),
                f"more than {max(self._kinds)}",
                repair=self._repaired(record),
            )
        for number, last in self._last_instance.items():
            if number not in self._kinds:
                continue  # told already, or retired
            key = space.counter + encode_number(number)
            data = self.view.get(key)
            following = 1 if data is None else decode_number(data, 0)[0]
            if following <= last:
                yield Difference(
                    key,
                    f"kind {number}",
                    "the next instance would get a number that is taken",
                    str(following),
                    f"more than {last}",
                    repair=((key, encode_number(last + 1)),),
                )

    def _repaired(self, record: VatRecord) -> tuple[tuple[bytes, bytes | None], ...]:
        """Return the write of a vat's record whose next numbers are all free."""
        right = VatRecord.decode(record.encode(), self._path)
        right.next_collection = max(right.next_collection, self._last_collection + 1)
        right.next_kind = max(right.next_kind, max(self._kinds, default=0) + 1)
        return ((self.space.meta, right.encode()),)

    # --- counts

    def check_mentions(self) -> Iterator[Difference]:
        """Find what is mentioned and does not exist; all spaces must have been walked."""
        spaces = {self, self._durable}
        for base, found in joined(
            mentions=self.mentions.sorted(), **{space.zone.decode(): space.homes.sorted() for space in spaces}
        ):
            # What another vat has is for the kernel to know.
            if base[:1] == IMPORT or list(found) != ["mentions"]:
                continue
            home = self if base[:1] == self.zone else self._durable
            if not home._is_doomed(base):
                what = "is mentioned, and there is no such object"
                yield Difference(home._key_of(Base(base)), format_vref(base), what)

    def check_counts(self) -> Iterator[Difference]:
        """Compare counts and zero marks with the mentions that were found."""
        space = self.space
        counts = (
            (key[len(space.count) :], decode_number(data, 0)[0]) for key, data in self._scan(space.count)
        )
        zeros = ((key[len(space.zero) :], 0) for key, _ in self._scan(space.zero))
        for key, found in joined(
            mentions=self.mentions.sorted(), count=counts, zero=zeros, home=self.homes.sorted()
        ):
            yield from self._check_count(Base(key), found)

    def _check_count(self, base: Base, found: Mapping[str, int]) -> Iterator[Difference]:
        space, expected, is_home = self.space, found.get("mentions", 0), base[:1] == self.zone
        count = found.get("count")
        if count is not None and (count != expected or count == 0 or (count == 1 and is_home)):
            yield self._count_difference(space.count + base, base, count, expected)
        if "zero" in found:
            mentions = expected if count is None else 0
            if mentions or not is_home:
                yield self._count_difference(space.zero + base, base, 0, mentions)
            elif "home" not in found and not self._is_doomed(base):
                key = space.zero + base
                what = "has a zero mark, and there is no such object"
                yield Difference(key, format_vref(base), what, repair=((key, None),))
        elif count is None and "home" in found:
            # What has no record of its own is mentioned once at home, and nowhere in the other space.
            if expected != 1:
                yield self._count_difference(space.zero + base, base, 1, expected)
        elif count is None and (not is_home or expected != 1):
            yield self._count_difference(space.count + base, base, 1 if is_home else 0, expected)

    def _count_difference(self, key: bytes, base: Base, found: int, expected: int) -> Difference:
        if expected > found:
            meaning = "is mentioned more often than it is counted, and may be deleted while it is in use"
        elif expected < found:
            meaning = "is counted more often than it is mentioned, and will never be deleted"
        else:
            meaning = "its count is written where it should be left out"
        is_home = base[:1] == self.zone
        left_out = {0, 1} if is_home else {0}
        right = (
            (self.space.count + base, None if expected in left_out else encode_number(expected)),
            (self.space.zero + base, b"" if is_home and expected == 0 else None),
        )
        return Difference(key, format_vref(base), meaning, str(found), str(expected), right)

    def _key_of(self, base: Base) -> bytes:
        number, at = decode_number(base, 1)
        if number >= FIRST_USER_KIND:
            return self.space.record + base[1:]
        return (self.space.kind if number == HANDLE_KIND else self.space.collection) + base[at:]


def _store_type_of(base: Base) -> StoreType | None:
    if base[:1] not in (DURABLE, VIRTUAL):
        return None
    return type_numbered(split_slot(base)[1])
