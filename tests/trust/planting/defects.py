"""Defects to plant: each wraps named functions of the runtime, and counts how often it has done wrong.

Wrapping outlives most changes of the functions themselves. A function that has got another name stops the planting with
an ``AttributeError``: give the defect the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NamedTuple

from vatdata_runtime.errors import DisconnectedError, UpgradeError
from vatdata_runtime.kernel import devices, holds, promises, run_queue, switchboard, timer, vat_lives
from vatdata_runtime.kernel.numbers import Numbers
from vatdata_runtime.store import creation, environment, scanning, snapshot, store
from vatdata_runtime.store.framing import RESIDUE, TRAILER_BYTES
from vatdata_runtime.vat import collection, incarnation, kind_registry, kinds, record_cache, undo, watchers
from vatdata_runtime.vat.identifiers import Base, base_of, encode_number
from vatdata_runtime.vat.reference_counts import ReferenceCounts
from vatdata_runtime.vat.slot_table import SlotTable
from vatdata_runtime.vat.stores.stored import StoredEntries

__all__ = ["DEFECTS", "Defect", "strikes"]


class Strikes:
    """How often the planted defect has done wrong.

    Attributes:
        calls: how often it could have.
        count: how often it has.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.count = 0

    def now(self, every: int = 1) -> bool:
        """Say whether to do wrong this time, and count it."""
        self.calls += 1
        if self.calls % every:
            return False
        self.count += 1
        return True


strikes = Strikes()


class Defect(NamedTuple):
    """One defect.

    Attributes:
        says: what is wrong, as a line of the table in ``docs/reliability.md``.
        plant: puts it into this process, for good.
        hunter: what is to find it: ``"simulator"``; ``"records"``, the fuzzer of stores; or the path of a test.
    """

    says: str
    plant: Callable[[], None]
    hunter: str = "simulator"


def around(owner: Any, name: str, wrong: Callable[..., Any]) -> None:
    """Let *wrong*, which gets the original as its first argument, stand for a function of a class or module."""
    original = getattr(owner, name)

    @wraps(original)
    def planted(*args: Any, **kwargs: Any) -> Any:
        return wrong(original, *args, **kwargs)

    setattr(owner, name, planted)


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Generator[None]:
    """Have *owner* hold another value inside the block."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _nothing(*_: Any) -> None:
    pass


# --- the store


def lose_a_write() -> None:
    def apply(original: Any, self: Any, delta: Any) -> None:
        if delta and strikes.now(every=10):
            delta = dict(list(delta.items())[:-1])
        original(self, delta)

    around(switchboard.Switchboard, "apply", apply)


def commit_writes_before_messages() -> None:
    def apply(original: Any, self: Any, delta: Any) -> None:
        if delta and strikes.now():
            own = self.buffer.take()
            self.store.apply(dict(delta))
            self.store.commit()
            self.buffer.delta.update(own)
            delta = {}
        original(self, delta)

    around(switchboard.Switchboard, "apply", apply)


def put_off_commits() -> None:
    def commit(original: Any, self: Any) -> None:
        if self.pending and strikes.now(every=5):
            return
        original(self)

    around(store.Store, "commit", commit)


def leave_out_flushes() -> None:
    def map_file(original: Any, self: Any, *, writable: bool, sync: bool) -> Any:
        if sync and writable:
            strikes.now()
        return original(self, writable=writable, sync=False)

    around(environment.Environment, "_map_file", map_file)


def leave_out_flushes_of_meta_pages() -> None:
    original = environment.lmdb.open

    def open_without(*args: Any, **kwargs: Any) -> Any:
        strikes.now()
        return original(*args, **kwargs, metasync=False)

    setattr(environment, "lmdb", _With(environment.lmdb, open=open_without))  # noqa: B010 # a module's name


def leave_out_the_flush_of_the_folder() -> None:
    def sync_folder(_original: Any, _path: str) -> None:
        strikes.now()

    around(creation, "sync_folder", sync_folder)


class _With:
    """A module with some names replaced."""

    def __init__(self, module: Any, **names: Any) -> None:
        self._module = module
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def lose_a_write_when_the_map_grows() -> None:
    def grow(original: Any, self: Any, batch: Any) -> None:
        original(self, batch)
        if batch.entries and strikes.now():
            del batch.entries[max(batch.entries)]

    around(store.Store, "_grow", grow)


def read_the_commit_before() -> None:
    def start_batch(original: Any, self: Any, committed: int) -> None:
        view, self._view = self._view, None
        fetch = self.__dict__.get("_fetch")
        original(self, committed)
        if view is not None and strikes.now():
            self._view = view
            if fetch is not None:
                self.__dict__["_fetch"] = fetch

    around(store.Store, "_start_batch", start_batch)


def trust_damaged_values() -> None:
    def residue(*_: Any) -> int:
        strikes.now()
        return RESIDUE

    def intact(_original: Any, *_: Any) -> bool:
        strikes.now()
        return True

    setattr(store, "crc32", residue)  # noqa: B010 # a module's name
    around(scanning, "all_intact", intact)
    around(snapshot, "unframe", lambda _original, _key, framed: framed[:-TRAILER_BYTES])


# --- messages, promises, devices, the timer


def keep_consumed_messages() -> None:
    def consume(original: Any, self: Any, delivery: Any) -> None:
        if not strikes.now(every=10):
            original(self, delivery)

    around(run_queue.RunQueue, "consume", consume)


def load_the_queue_backwards() -> None:
    def load(original: Any, self: Any) -> Any:
        found = original(self)
        if len(found) > 1 and strikes.now():
            self.ready.reverse()
        return found

    around(run_queue.RunQueue, "load", load)


def lose_an_interrupted_message() -> None:
    def run(original: Any, self: Any, *arguments: Any) -> None:
        try:
            original(self, *arguments)
        except KeyboardInterrupt:
            if self.queue.ready and strikes.now():
                self.queue.ready.popleft()
            raise

    around(switchboard.Switchboard, "_run", run)


def give_numbers_of_messages_again() -> None:
    def take(original: Any, self: Any) -> int:
        number: int = original(self)
        if strikes.now():
            self._buffer.delete(b"\x01c")
        return number

    around(Numbers, "take", take)


def forget_how_a_promise_ended() -> None:
    def row_of(original: Any, promise: Any) -> Any:
        row = original(promise)
        if row.is_rejected is not None and strikes.now():
            row.is_rejected, row.data, row.mentions = None, b"", ()
        return row

    around(promises, "_row_of", row_of)


def leave_promises_of_the_dead_open() -> None:
    def reject(original: Any, self: Any, vat: int, reason_for: Any) -> None:
        if self.promises.decided_by(vat) and strikes.now():
            return
        original(self, vat, reason_for)

    around(switchboard.Switchboard, "reject_decided_by", reject)


def disconnect_after_a_refused_upgrade() -> None:
    def upgrade(original: Any, self: Any, number: int, *args: Any) -> None:
        try:
            original(self, number, *args)
        except UpgradeError:
            if self._board.promises.decided_by(number) and strikes.now():
                self._board.reject_decided_by(number, DisconnectedError)
            raise

    around(vat_lives.VatLives, "upgrade", upgrade)


def tell_watchers_twice() -> None:
    def unregister(_original: Any, *_: Any) -> None:
        strikes.now()

    around(watchers, "_unregister", unregister)


def call_devices_before_the_commit() -> None:
    def take_up(original: Any, self: Any, call: Any, own: Any) -> None:
        original(self, call, own)
        if self._due and strikes.now():
            self.start_due()

    around(devices.Devices, "take_up", take_up)


def wake_again_after_a_restart() -> None:
    def forget(original: Any, self: Any, number: int, entry: Any) -> None:
        original(self, number, entry)
        if strikes.now():
            self._board.buffer.put(timer.STORED_TIMERS + encode_number(number), timer._encode_entry(entry))

    around(timer.Timer, "_forget", forget)


# --- objects


def count_overwritten_values_still() -> None:
    def replace(original: Any, self: Any, encoded: bytes, prepared: Any) -> None:
        counts = self.incarnation.counts
        change = counts.change

        def only_more(slots: Any, by: int, holder: bytes) -> None:
            if by < 0 and slots and strikes.now():
                return
            change(slots, by, holder)

        self.incarnation.counts = _With(counts, change=only_more)
        try:
            original(self, encoded, prepared)
        finally:
            self.incarnation.counts = counts

    around(StoredEntries, "replace", replace)


def use_a_number_of_an_instance_again() -> None:
    def write_changes(original: Any, self: Any, counters: Any, layouts: Any) -> None:
        for kind in counters:
            kind.next_instance -= strikes.now()
        original(self, counters, layouts)
        for kind in counters:
            kind.next_instance += 1

    around(kind_registry.KindRegistry, "write_changes", write_changes)


def migrate_twice() -> None:
    def migrate_state(original: Any, self: Any, *args: Any) -> Any:
        once = self.migrate
        strikes.now()
        with replaced(self, "migrate", lambda old, version: once(once(old, version), version)):
            return original(self, *args)

    around(kinds.Kind, "_migrate_state", migrate_state)


def keep_changed_states_after_an_abort() -> None:
    aborting: list[bool] = []

    def abort_crank(original: Any, self: Any) -> None:
        aborting.append(True)
        try:
            original(self)
        finally:
            aborting.pop()

    def evict(original: Any, self: Any, base: Base) -> None:
        if not (aborting and self.get(base) is not None and strikes.now()):
            original(self, base)

    around(incarnation.Incarnation, "abort_crank", abort_crank)
    around(record_cache.RecordCache, "evict", evict)


def leave_exports_uncounted() -> None:
    def settle_import(original: Any, self: Any, *args: Any) -> None:
        strikes.now()
        with replaced(self, "on_import", _nothing):
            original(self, *args)

    around(ReferenceCounts, "_settle_import", settle_import)


def forget_who_recognises_a_key() -> None:
    def insert(original: Any, self: Any, encoded: bytes, key: Any, prepared: Any) -> None:
        original(self, encoded, key, prepared)
        slot = self._slot_of_key(encoded)
        if slot is not None and self.store_type.is_weak and strikes.now():
            self.incarnation.buffer.delete(self._recognizer + base_of(slot) + self.slot)

    around(StoredEntries, "insert", insert)


def delete_what_lives_in_memory() -> None:
    def is_alive(original: Any, self: Any, base: Base, facets: int) -> bool:
        if original(self, base, facets):
            strikes.now()
        return False

    around(SlotTable, "is_alive", is_alive)


def delete_what_is_on_its_way() -> None:
    def is_travelling(original: Any, self: Any, *args: Any) -> bool:
        if original(self, *args):
            strikes.now()
        return False

    around(holds.Holds, "is_travelling", is_travelling)


def leave_virtual_data() -> None:
    def wipe(_original: Any, self: Any) -> None:
        for ended in self._incarnation.record.to_wipe:
            strikes.now()
            self._incarnation.record.note_wiped(ended)

    around(collection.Collector, "_wipe", wipe)


def take_nothing_back() -> None:
    def roll_back(_original: Any, _self: Any, _mark: int) -> None:
        strikes.now()

    around(undo.UndoLog, "_roll_back", roll_back)


def leave_the_size_after_a_failed_bulk() -> None:
    def take_back_size(_original: Any, _self: Any, _by: int) -> None:
        strikes.now()

    around(StoredEntries, "_take_back_size", take_back_size)


DEFECTS: dict[str, Defect] = {
    "lost write": Defect("one write of every tenth crank is left out", lose_a_write),
    "two commits": Defect("a crank's data is committed before its messages", commit_writes_before_messages),
    "early acknowledgement": Defect("every fifth commit is put off to the next", put_off_commits),
    "no flush": Defect("commits are not flushed", leave_out_flushes),
    "no flush of meta pages": Defect(
        "the page that makes a commit valid is not flushed", leave_out_flushes_of_meta_pages
    ),
    "no flush of the folder": Defect(
        "the name of a new file is not flushed", leave_out_the_flush_of_the_folder
    ),
    "lost write at growth": Defect(
        "a batch is written without its last key when the map had to grow", lose_a_write_when_the_map_grows
    ),
    "stale view": Defect(
        "reads go on in the commit before", read_the_commit_before, "tests/runtime/store/test_store.py"
    ),
    "no checksum": Defect("damaged values are taken", trust_damaged_values, "records"),
    "message stays": Defect("every tenth message stays stored when it was delivered", keep_consumed_messages),
    "queue backwards": Defect("a restart takes up the queue in falling order", load_the_queue_backwards),
    "interrupted message lost": Defect(
        "Ctrl-C loses the message that it interrupts", lose_an_interrupted_message
    ),
    "numbers again": Defect("numbers of messages begin anew at a restart", give_numbers_of_messages_again),
    "promise result lost": Defect(
        "a promise that has ended is stored as pending", forget_how_a_promise_ended
    ),
    "no disconnection": Defect("promises of an ended incarnation stay open", leave_promises_of_the_dead_open),
    "disconnection by refused upgrade": Defect(
        "a refused upgrade rejects the promises of the incarnation that goes on",
        disconnect_after_a_refused_upgrade,
    ),
    "watcher told twice": Defect("a durable watch stays when it was told", tell_watchers_twice),
    "early device call": Defect("a device is called before the commit", call_devices_before_the_commit),
    "timer fires twice": Defect("a timer's entry stays when it has fired", wake_again_after_a_restart),
    "count on overwriting": Defect(
        "what a map's value mentioned stays counted when it is overwritten", count_overwritten_values_still
    ),
    "reused identity": Defect(
        "the newest instance's number is given again after a restart", use_a_number_of_an_instance_again
    ),
    "migrated twice": Defect("a state is migrated twice", migrate_twice),
    "stale state after abort": Defect(
        "an aborted crank's states stay in memory",
        keep_changed_states_after_an_abort,
        "tests/runtime/vat/test_abort.py",
    ),
    "export not counted": Defect(
        "durable mentions of other vats' objects are not counted there", leave_exports_uncounted
    ),
    "weak key not noted": Defect(
        "an object does not know which weak stores have it as key", forget_who_recognises_a_key
    ),
    "living object deleted": Defect("collection forgets what lives in memory", delete_what_lives_in_memory),
    "travelling object deleted": Defect(
        "the search for cycles forgets messages on their way", delete_what_is_on_its_way
    ),
    "virtual data stays": Defect("virtual data of ended incarnations is not deleted", leave_virtual_data),
    "no savepoint": Defect("a failed bulk operation takes nothing back", take_nothing_back),
    "size after failed bulk": Defect(
        "a failed bulk operation leaves the store's size", leave_the_size_after_a_failed_bulk
    ),
}
