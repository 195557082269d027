"""``vatdata check-upgrade``: an upgrade tried before it happens."""

from __future__ import annotations

import textwrap

import pytest

from tests.tools.command import run_vatdata, vatdata, vatdata_json
from vatdata_runtime import Kernel, open_vat

HEAD = """
from vatdata_runtime import *

class Purse:
    def deposit(this, amount):
        this.state.balance += amount
        return this.state.balance
    def balance(this):
        return this.state.balance

def root(baggage, make):
    purses = provide_durable_map_store(baggage, "purses")
    return Far("Bank", {"open": lambda name, balance: purses.init(name, make(balance)), "read": lambda n: purses.get(n).balance()})
"""

FIRST = """
def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(baggage, "Purse", None, lambda balance: {"balance": balance}, Purse)
    prepare_exo_class(baggage, "Ledger", None, lambda: {}, {})
    prepare_exo_class_kit(baggage, "Pair", None, lambda: {}, {"left": {}, "right": {}})
    return root(baggage, make)
"""


def write(path, text):
    path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    return path


@pytest.fixture
def stored(tmp_path):
    """A store with a hundred purses of whole numbers and two of text."""
    first = write(tmp_path / "first.py", FIRST)
    with Kernel.open(tmp_path / "s") as kernel:
        bank = kernel.create_vat("bank", str(first))
        for n in range(100):
            kernel.call(bank.root, "open", n, n)
        for name in ("odd", "even"):
            kernel.call(bank.root, "open", name, name)
    return tmp_path / "s"


def check(store, tmp_path, text, code):
    source = write(tmp_path / "next.py", text)
    return vatdata_json("check-upgrade", "--store", store, "--vat", "bank", source, code=code)


def test_code_that_fits_is_said_to_fit(stored, tmp_path):
    form = check(stored, tmp_path, FIRST, code=0)
    assert form["ok"]
    assert form["incarnation"] == 1
    assert form["records"]["checked"] == 0, "nothing changed, so no record needs a look"
    done = vatdata("check-upgrade", "--store", stored, tmp_path / "next.py")
    assert "vat 'bank' can be upgraded" in done.stdout


def test_missing_incompatible_and_late_kinds_and_removed_methods_are_in_one_report(stored, tmp_path):
    form = check(
        stored,
        tmp_path,
        """
        import asyncio

        async def build_root_object(vat_powers, vat_parameters, baggage):
            async def late():
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                prepare_exo_class(baggage, "Ledger", None, lambda: {}, {})
            asyncio.ensure_future(late())
            make = prepare_exo_class(baggage, "Purse", None, lambda balance: {"balance": balance}, {"balance": Purse.balance})
            prepare_exo_class(baggage, "Pair", None, lambda: {}, {})
            return root(baggage, make)
        """,
        code=1,
    )
    assert form["incompatible"] == [
        {"kind": "Pair", "reasons": ["it was stored as a kit and cannot become a single kind"]}
    ]
    assert form["late"] == [{"kind": "Ledger", "function": "prepare_exo_class"}]
    assert form["missing"] == []
    assert form["removed_methods"] == {"Purse": ["deposit"]}
    assert form["error"] is None
    assert not form["ok"]


def test_every_kind_that_is_not_prepared_is_named(stored, tmp_path):
    text = """
    def build_root_object(vat_powers, vat_parameters, baggage):
        make = prepare_exo_class(baggage, "Purse", None, lambda balance: {"balance": balance}, Purse)
        return root(baggage, make)
    """
    assert check(stored, tmp_path, text, code=1)["missing"] == ["Ledger", "Pair"]
    shown = vatdata("check-upgrade", "--store", stored, tmp_path / "next.py", code=1).stdout
    assert "missing: kind 'Ledger' is stored and not prepared" in shown


SHAPED = """
def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(
        baggage, "Purse", None, lambda balance: {{"balance": balance}}, Purse, {options}
    )
    prepare_exo_class(baggage, "Ledger", None, lambda: {{}}, {{}})
    prepare_exo_class_kit(baggage, "Pair", None, lambda: {{}}, {{"left": {{}}, "right": {{}}}})
    return root(baggage, make)
"""


def test_all_records_are_checked_against_a_shape_that_was_added(stored, tmp_path):
    form = check(stored, tmp_path, SHAPED.format(options='state_shape={"balance": M.int()}'), code=1)
    assert form["records"]["checked"] == 102
    assert form["records"]["misfits"] == {"Purse": 2}
    assert [example["ref"] for example in form["records"]["examples"]] == ["o+d16/101", "o+d16/102"]
    assert "balance" in form["records"]["examples"][0]["error"]
    assert form["missing"] == form["incompatible"] == form["late"] == []
    fits = SHAPED.format(options='state_shape={"balance": M.or_(M.int(), M.string())}')
    assert check(stored, tmp_path, fits, code=0)["records"] == {"checked": 102, "misfits": {}, "examples": []}


def test_records_are_checked_also_against_a_shape_that_is_refused_as_narrower(stored, tmp_path):
    wide = write(tmp_path / "wide.py", SHAPED.format(options='state_shape={"balance": M.scalar()}'))
    with Kernel.open(stored) as kernel:
        kernel.get_vat("bank").upgrade(str(wide))
    form = check(stored, tmp_path, SHAPED.format(options='state_shape={"balance": M.int()}'), code=1)
    assert [found["kind"] for found in form["incompatible"]] == ["Purse"]
    assert form["records"]["checked"] == 102
    assert form["records"]["misfits"] == {"Purse": 2}


def test_a_migration_is_tried_on_every_record(stored, tmp_path):
    options = 'version=2, migrate=lambda old, version: {"balance": int(old["balance"])}'
    form = check(stored, tmp_path, SHAPED.format(options=options), code=1)
    assert form["records"]["misfits"] == {"Purse": 2}
    assert form["records"]["examples"][0]["error"].startswith("ValueError: invalid literal")


def test_what_the_build_function_raises_is_told_with_the_kinds_met_before(stored, tmp_path):
    text = """
    def build_root_object(vat_powers, vat_parameters, baggage):
        prepare_exo_class(baggage, "Ledger", None, lambda: {}, {})
        raise RuntimeError("no configuration")
    """
    form = check(stored, tmp_path, text, code=1)
    assert form["error"] == {"type": "RuntimeError", "text": "no configuration"}
    assert form["missing"] == ["Purse", "Pair"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "SyntaxError"),
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("x = 1", "has no function build_root_object"),
        ("def build_root_object(): return 5", "the root is a heap object"),
        ("def build_root_object(): open('/etc/hostname')", "AmbientAuthorityError"),
    ],
)
def test_code_that_cannot_even_start_is_refused_with_the_reason(stored, tmp_path, text, said):
    write(tmp_path / "next.py", text)
    assert said in vatdata("check-upgrade", "--store", stored, tmp_path / "next.py", code=1).stdout


@pytest.mark.parametrize("source", ["no_such_file.py", "no.such.module", "no_such_module:build"])
def test_code_that_is_not_there_could_not_be_tried(stored, source):
    said = vatdata("check-upgrade", "--store", stored, source, code=2).output
    assert source in said
    assert "Purse" not in said


def test_renamed_and_retired_kinds_are_followed(stored, tmp_path):
    text = """
    def build_root_object(vat_powers, vat_parameters, baggage):
        rename_kind(baggage, "Purse", "Wallet")
        retire_kind(baggage, "Ledger")
        retire_kind(baggage, "Pair")
        make = prepare_exo_class(baggage, "Wallet", None, lambda balance: {"balance": balance}, Purse)
        return root(baggage, make)
    """
    assert check(stored, tmp_path, text, code=0)["ok"]


def test_nothing_is_written_also_where_the_code_writes(stored, tmp_path):
    before = stored.read_bytes()
    text = FIRST.replace("return root", "baggage.init('new', 1); return root")
    check(stored, tmp_path, text, code=0)
    check(stored, tmp_path, SHAPED.format(options='state_shape={"balance": M.int()}'), code=1)
    assert stored.read_bytes() == before


def test_it_works_beside_a_live_kernel_in_another_process(stored, tmp_path):
    source = write(tmp_path / "next.py", FIRST)
    with Kernel.open(stored) as kernel:
        done = run_vatdata("check-upgrade", "--store", stored, "--vat", "bank", source)
        assert done.returncode == 0, done.stdout + done.stderr
        assert kernel.call(kernel.get_vat("bank").root, "read", 7) == 7


def test_a_vat_that_only_open_vat_has_had_is_checked_too(tmp_path):
    first = write(tmp_path / "first.py", FIRST)
    with open_vat(tmp_path / "s", str(first)) as vat:
        vat.call("open", "alice", 5)
    source = write(tmp_path / "next.py", SHAPED.format(options='state_shape={"balance": M.string()}'))
    form = vatdata_json("check-upgrade", "--store", tmp_path / "s", source, code=1)
    assert form["records"]["misfits"] == {"Purse": 1}


def test_stored_parameters_are_given_and_may_be_replaced(tmp_path):
    text = """
    def build_root_object(vat_powers, vat_parameters, baggage):
        assert vat_parameters["currency"] == "EUR"
        return Far("Bank", {})
    """
    source = write(tmp_path / "bank.py", text)
    with Kernel.open(tmp_path / "s") as kernel:
        kernel.create_vat("bank", str(source), {"currency": "EUR"})
    assert vatdata("check-upgrade", "--store", tmp_path / "s", source)
    done = vatdata(
        "check-upgrade", "--store", tmp_path / "s", source, "--parameters", '{"currency": "USD"}', code=1
    )
    assert "AssertionError" in done.stdout
    done = vatdata("check-upgrade", "--store", tmp_path / "s", source, "--parameters", "{", code=2)
    assert "is not JSON" in done.stderr


def test_a_vat_that_is_not_there_is_exit_code_2(stored, tmp_path):
    source = write(tmp_path / "next.py", FIRST)
    done = vatdata("check-upgrade", "--store", stored, "--vat", "shop", source, code=2)
    assert "no vat 'shop'" in done.stderr
