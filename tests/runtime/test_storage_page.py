"""STORAGE.md is read beside a real store: every key of a known vat has its row there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from vatdata_runtime import (
    Far,
    M,
    define_virtual_exo_class,
    make_scalar_big_set_store,
    open_vat,
    prepare_exo_class,
    provide_durable_map_store,
    provide_durable_weak_set_store,
    provide_kind_handle,
    provide_promise_watcher,
    retire_kind,
    watch_promise,
)
from vatdata_runtime.store import open_store
from vatdata_runtime.vat.identifiers import decode_number

PAGE = Path(__file__).parents[2] / "STORAGE.md"


def build(_powers, _parameters, baggage):
    make = prepare_exo_class(
        baggage, "Thing", None, lambda n: {"n": n}, {}, state_shape={"n": M.or_(M.int(), M.remotable())}
    )
    things = provide_durable_map_store(baggage, "things")
    weak = provide_durable_weak_set_store(baggage, "seen")
    thing, spare = make(1), make(2)
    things.init("a", thing)
    things.init(thing, thing)
    weak.add(spare)
    make_passing = define_virtual_exo_class("Passing", None, lambda: {"held": thing}, {})
    passing = make_passing()
    big = make_scalar_big_set_store("big")
    big.add(passing)
    watcher = provide_promise_watcher(provide_kind_handle(baggage, "Watcher"))
    pending = asyncio.get_running_loop().create_future()

    def keep():
        watch_promise(pending, watcher)

    return Far("Root", {"keep": keep, "hold": lambda: len((passing, big, spare))})


def spaces_in(path: Path) -> set[str]:
    found: set[str] = set()
    store = open_store(path, readonly=True)
    try:
        for key, _ in store.scan(b"\x01", b"\xff"):
            if key[0] == 1:
                found.add(f"table {chr(key[1])}")
                continue
            _, at = decode_number(key, 1)
            if key[0] == 3:
                _, at = decode_number(key, at)
            found.add(f"{'durable' if key[0] == 2 else 'virtual'} {chr(key[at])}")
    finally:
        store.close()
    return found


def build_many(_powers, _parameters, baggage):
    make = prepare_exo_class(baggage, "Many", None, lambda: {}, {})
    made = []

    def fill():
        made.extend(make() for _ in range(1500))

    return Far("Root", {"fill": fill})


def build_none(_powers, _parameters, baggage):
    retire_kind(baggage, "Many")
    return Far("Root", {})


def letters_during_a_long_deletion(path: Path) -> set[str]:
    with open_vat(path, build_many) as vat:
        vat.call("fill")
    with open_vat(path, build_none):
        return {name.split()[1] for name in spaces_in(path) if name.startswith("durable")}


def test_every_key_of_a_vat_is_described_and_every_described_letter_occurs(tmp_path):
    path = tmp_path / "known.db"
    with open_vat(path, build) as vat:
        vat.call("keep")
    found = spaces_in(path)
    page = PAGE.read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([a-z])` \|", page, re.MULTILINE))
    occurring = {name.split()[1] for name in found if not name.startswith("table")}
    occurring |= letters_during_a_long_deletion(tmp_path / "deleting.db")
    assert occurring == described
    assert {"table v", "table n"} <= found


def test_golden_list_of_keys_of_a_known_vat(tmp_path):
    path = tmp_path / "golden.db"
    with open_vat(path, build):
        pass
    store = open_store(path, readonly=True)
    try:
        keys = [key.hex(" ", 1) for key, _ in store.scan(b"\x01", b"\x03")]
    finally:
        store.close()
    assert keys[:3] == ["01 6e", "01 76 6d 61 69 6e", "02 01 63 64 10 01"]
