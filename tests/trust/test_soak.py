"""Real processes, really killed. The long form: ``python -m tests.trust.soak --seconds 300``."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatdata_runtime.store import open_store

from .soak import Soak, Worker, exchange_under_kills
from .soak_roles import check_view


def soak_for(seconds: float, folder: Path) -> Soak:
    soak = Soak(folder / "world.db", seed=1, seconds=seconds)
    soak.run()
    return soak


def test_killed_writers_lose_nothing_acknowledged_and_nobody_beside_them_sees_a_torn_crank(
    tmp_path: Path,
) -> None:
    soak = soak_for(10, tmp_path)
    assert soak.acknowledged > 20
    for role in ("write", "read", "hold", "backup", "inspect"):
        assert soak.counts[f"{role}: killed"] >= 2, soak.counts


@pytest.mark.slow
def test_minutes_of_kills_lose_nothing(tmp_path: Path) -> None:
    soak = soak_for(150, tmp_path)
    assert soak.counts["write: killed"] > 20


@pytest.mark.parametrize("each", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_two_vats_whose_process_is_killed_again_and_again_have_every_effect_once(
    tmp_path: Path, each: int
) -> None:
    kills, effects = exchange_under_kills(tmp_path / "world.db", each, seed=1)
    assert effects == [each, each]
    assert kills >= 3


def test_a_reader_that_dies_while_it_reads_does_not_hold_its_commit_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    writer = Worker("write", path, 1)
    writer.hear()
    writer.hear()
    writer.kill()
    dead = [Worker("hold", path, 0) for _ in range(5)]
    for reader in dead:
        assert reader.hear()[0] == "holding"
        reader.kill()
    with open_store(path, durability="relaxed") as store:
        readers = store._environment.handle.readers()
        assert not any(str(reader.process.pid) in str(readers) for reader in dead)
        for n in range(300):
            store.apply({b"\x09": b"%d" % n * 10_000})
            store.commit()
        pages = store.measure().file_size_bytes // 4096
        with store.snapshot() as snapshot:
            assert check_view(snapshot)
    assert pages < 300, "freed pages were used again"


def test_a_torn_crank_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    writer = Worker("write", path, 1)
    while writer.heard < 5 and writer.hear():
        pass
    writer.kill()
    with open_store(path) as store:
        key, data = next(store.scan(b"\x02\x01o", b"\x02\x01o\xff"))
        others = [value for _, value in store.scan(key + b"\x00", b"\x02\x01o\xff") if value[:1] == data[:1]]
        store.apply({key: next(value for value in others if value != data)})
        store.commit()
        with pytest.raises(AssertionError, match="torn crank"):
            check_view(store)
