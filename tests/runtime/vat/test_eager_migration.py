"""Records brought up to date before anything asks for them."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from vatdata_runtime import (
    EvolutionError,
    Far,
    Kernel,
    M,
    PatternMismatchError,
    open_vat,
    prepare_exo_class,
    prepare_exo_class_kit,
    provide_durable_map_store,
)
from vatdata_runtime.vat.eager_migration import PIECE


def build(version=1, migrate=None, shape=None, init=lambda n: {"n": n}):
    """Return a build function for a vat that keeps things of one kind."""

    def build_root_object(_powers, _parameters, baggage):
        make = prepare_exo_class(
            baggage,
            "Thing",
            None,
            init,
            {"read": lambda this, name: getattr(this.state, name)},
            version=version,
            migrate=migrate,
            state_shape=shape,
        )
        things = provide_durable_map_store(baggage, "things")
        return Far(
            "Root",
            {
                "fill": lambda count: [things.init(n, make(n)) for n in range(count)] and None,
                "read": lambda n, name: things.get(n).read(name),
            },
        )

    return build_root_object


def fill(path, count, **options):
    with open_vat(path, build(**options)) as vat:
        vat.call("fill", count)


def test_every_old_record_is_migrated_once_and_none_is_left(tmp_path):
    fill(tmp_path / "s", 2500)
    calls = []

    def migrate(old, version):
        calls.append(version)
        return {"double": old["n"] * 2}

    with open_vat(tmp_path / "s", build(version=2, migrate=migrate)) as vat:
        assert vat.migrate() == 2500
        assert calls == [1] * 2500
        assert vat.call("read", 7, "double") == 14
        assert vat.migrate() == 0
    with open_vat(tmp_path / "s", build(version=2, migrate=migrate)) as vat:
        assert vat.migrate() == 0
        assert vat.call("read", 2499, "double") == 4998
    assert len(calls) == 2500


def test_migration_works_in_cranks_of_bounded_size_and_tells_how_far_it_is(tmp_path):
    fill(tmp_path / "s", 2500)
    told = []
    with open_vat(tmp_path / "s", build(version=2, migrate=lambda old, _: dict(old))) as vat:
        before = vat.counters.commits
        vat.migrate(progress=lambda done, total: told.append((done, total)))
        assert vat.counters.commits - before == 3
    assert told == [(PIECE, 2500), (2 * PIECE, 2500), (2500, 2500)]


def test_what_is_alive_meanwhile_sees_the_new_state(tmp_path):
    fill(tmp_path / "s", 3)
    with open_vat(tmp_path / "s", build(version=2, migrate=lambda old, _: {"m": old["n"]})) as vat:
        assert vat.call("read", 1, "m") == 1
        assert vat.migrate() == 2
        assert vat.call("read", 1, "m") == 1


def test_an_added_shape_is_checked_and_fixed_in_the_records(tmp_path):
    fill(tmp_path / "s", 5)
    with open_vat(tmp_path / "s", build(shape={"n": M.int()})) as vat:
        assert vat.migrate() == 5
    with open_vat(tmp_path / "s", build(shape={"n": M.int()})) as vat:
        assert vat.migrate() == 0


def test_a_record_that_does_not_fit_is_named_and_the_cranks_before_stay(tmp_path):
    fill(tmp_path / "s", 1500, init=lambda n: {"n": n if n != 1200 else "odd"})
    with open_vat(tmp_path / "s", build(shape={"n": M.int()})) as vat:
        with pytest.raises(PatternMismatchError) as caught:
            vat.migrate()
        assert caught.value.__notes__ == ["while o+d16/1201 of kind 'Thing' was being migrated"]
        assert vat.call("read", 3, "n") == 3
    with open_vat(tmp_path / "s", build(shape={"n": M.or_(M.int(), M.string())})) as vat:
        assert vat.migrate() == 500
        assert vat.call("read", 1200, "n") == "odd"


def test_a_kit_is_migrated_once_for_all_its_facets(tmp_path):
    def build_kit(version, migrate):
        def build_root_object(_powers, _parameters, baggage):
            make = prepare_exo_class_kit(
                baggage,
                "Pair",
                None,
                lambda: {"a": 1},
                {
                    "left": {
                        "get": lambda this: (getattr(this.state, "a", None), getattr(this.state, "b", None))
                    },
                    "right": {},
                },
                version=version,
                migrate=migrate,
            )
            return Far(
                "Root",
                {"make": lambda: baggage.init("pair", make().left), "get": lambda: baggage.get("pair").get()},
            )

        return build_root_object

    with open_vat(tmp_path / "s", build_kit(1, None)) as vat:
        vat.call("make")
    calls = []
    with open_vat(tmp_path / "s", build_kit(2, lambda old, _: calls.append(1) or {"b": old["a"]})) as vat:
        assert vat.migrate() == 1
        assert vat.call("get") == (None, 1)
    assert calls == [1]


def test_one_kind_can_be_asked_for(tmp_path):
    fill(tmp_path / "s", 3)
    with open_vat(tmp_path / "s", build(version=2, migrate=lambda old, _: dict(old))) as vat:
        with pytest.raises(EvolutionError, match="kind 'Other' of vat 'main': is no stored kind"):
            vat.migrate("Other")
        assert vat.migrate("Thing") == 3


def test_a_vat_of_a_kernel_migrates_in_the_same_way(tmp_path):
    with Kernel.open(tmp_path / "s", sources={"bank": build()}) as kernel:
        bank = kernel.create_vat("bank", build())
        kernel.call(bank.root, "fill", 1500)
        bank.upgrade(build(version=2, migrate=lambda old, _: {"double": old["n"] * 2}))
        told = []
        assert bank.migrate(progress=lambda done, total: told.append(done)) == 1500
        assert told == [1000, 1500]
        assert kernel.call(bank.root, "read", 9, "double") == 18


def test_a_failed_migration_under_a_kernel_lets_the_vat_go_on(tmp_path):
    def migrate(old, _version):
        if old["n"] == 2:
            raise RuntimeError("two is odd")
        return dict(old)

    with Kernel.open(tmp_path / "s") as kernel:
        bank = kernel.create_vat("bank", build())
        kernel.call(bank.root, "fill", 4)
        bank.upgrade(build(version=2, migrate=migrate))
        with pytest.raises(RuntimeError, match="two is odd"):
            bank.migrate()
        assert kernel.call(bank.root, "read", 1, "n") == 1


CHILD = """
    import sys
    from tests.runtime.vat.test_eager_migration import build, fill
    from vatdata_runtime import open_vat

    def migrate(old, version):
        return {"n": old["n"], "seen": version}

    with open_vat(sys.argv[1], build(version=2, migrate=migrate)) as vat:
        vat.migrate(progress=lambda done, total: print(done, flush=True))
"""


def test_a_killed_migration_is_taken_up_by_the_next(tmp_path):
    fill(tmp_path / "s", 3500)
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path / "s")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "1000"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with open_vat(
        tmp_path / "s", build(version=2, migrate=lambda old, version: {"n": old["n"], "seen": version})
    ) as vat:
        left = vat.migrate()
        assert left <= 2500
        assert vat.call("read", 3499, "seen") == 1
