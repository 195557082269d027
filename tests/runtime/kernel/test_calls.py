"""The host program calls vats: results, references, errors."""

from __future__ import annotations

import pytest

from vatdata_runtime import (
    E,
    Far,
    Kernel,
    KeyExistsError,
    KeyNotFoundError,
    NotPassableError,
    ReadOnlyStoreError,
    RemoteError,
    StoreError,
    UnsettledError,
    VatStartError,
    make_promise_kit,
    prepare_exo_class,
    provide_durable_map_store,
)


def build_bank(_powers, _parameters, baggage):
    class Purse:
        def deposit(this, amount):
            this.state.balance += amount
            return this.state.balance

    make_purse = prepare_exo_class(baggage, "Purse", None, lambda: {"balance": 0}, Purse)
    purses = provide_durable_map_store(baggage, "purses")

    def open_purse(owner):
        purses.init(owner, make_purse())
        return purses.get(owner)

    return Far("Bank", {"open_purse": open_purse, "purse": purses.get, "same": lambda a, b: a is b})


def test_a_method_of_the_root_returns_data(world):
    vat = world.vat("adder", add=lambda a, b=1: a + b)
    assert world.kernel.call(vat.root, "add", 2) == 3
    assert world.kernel.call(vat.root, "add", 2, b=5) == 7


def test_an_object_comes_out_as_a_reference_that_can_be_called_and_passed(world):
    bank = world.build("bank", build_bank)
    purse = world.kernel.call(bank.root, "open_purse", "alice")
    assert world.kernel.call(purse, "deposit", 5) == 5
    assert world.kernel.call(bank.root, "purse", "alice") == purse
    assert world.kernel.call(bank.root, "same", purse, purse) is True
    assert "Purse" in repr(purse)
    assert "bank" in repr(purse)


def test_references_to_durable_objects_and_roots_mean_the_same_after_a_restart(world):
    bank = world.build("bank", build_bank)
    root, purse = bank.root, world.kernel.call(bank.root, "open_purse", "alice")
    world.kernel.call(purse, "deposit", 5)
    kernel = world.reopen()
    assert kernel.call(purse, "deposit", 1) == 6
    assert kernel.get_vat("bank").root == root
    assert kernel.call(root, "purse", "alice") == purse


def test_what_a_method_raises_is_raised_and_its_effects_are_kept(world):
    counts = []

    def fail():
        counts.append(1)
        raise KeyNotFoundError("x", "things")

    vat = world.vat("failing", fail=fail)
    with pytest.raises(KeyNotFoundError, match="things") as caught:
        world.kernel.call(vat.root, "fail")
    assert caught.value.key == "x"


def test_an_exception_of_the_vats_own_class_arrives_as_its_name_and_text(world):
    class Overdrawn(Exception):
        pass

    def fail():
        raise Overdrawn("by 5")

    with pytest.raises(RemoteError, match="by 5") as caught:
        world.kernel.call(world.vat("failing", fail=fail).root, "fail")
    assert caught.value.class_name == "Overdrawn"


@pytest.mark.parametrize("method", ["nothing", "_private"])
def test_a_method_that_there_is_not_raises_attribute_error(world, method):
    with pytest.raises(AttributeError, match=method):
        world.kernel.call(world.vat("plain").root, method)


def test_a_result_that_cannot_be_sent_is_an_error(world):
    with pytest.raises(NotPassableError):
        world.kernel.call(world.vat("odd", get=lambda: object()).root, "get")


def test_an_argument_that_cannot_be_sent_is_refused_before_anything_is_queued(world):
    vat = world.vat("plain", take=lambda x: x)
    with pytest.raises(NotPassableError):
        world.kernel.send(vat.root, "take", object())
    assert world.kernel.run().cranks == 0


def test_a_result_that_nothing_can_settle_is_told(world):
    kits = []

    def hang():
        kits.append(make_promise_kit())
        return kits[-1].promise

    vat = world.vat("hanging", hang=hang, free=lambda: kits[-1].resolve(7))
    with pytest.raises(UnsettledError, match="hang"):
        world.kernel.call(vat.root, "hang")


def test_send_gives_a_future_that_settles_when_cranks_run(world):
    vat = world.vat("adder", add=lambda a, b: a + b)
    futures = [world.kernel.send(vat.root, "add", n, 1) for n in range(3)]
    assert not futures[0].done()
    assert world.kernel.run().cranks == 3
    assert [future.result(timeout=0) for future in futures] == [1, 2, 3]


def test_the_result_of_a_sent_call_runs_what_it_needs(world):
    vat = world.vat("adder", add=lambda a: a + 1, fail=lambda: 1 / 0)
    assert world.kernel.send(vat.root, "add", 1).result() == 2
    assert isinstance(world.kernel.send(vat.root, "fail").exception(), ZeroDivisionError)


def test_a_promise_sent_for_later_settles_in_a_later_crank(world):
    kits = []

    def hang():
        kits.append(make_promise_kit())
        return kits[-1].promise

    vat = world.vat("slow", hang=hang, free=lambda value: kits[-1].resolve(value))
    future = world.kernel.send(vat.root, "hang")
    world.kernel.run()
    assert not future.done()
    world.kernel.call(vat.root, "free", 7)
    assert future.result() == 7


def test_one_step_takes_one_delivery(world):
    vat = world.vat("adder", add=lambda a: a)
    for n in range(3):
        world.kernel.send(vat.root, "add", n)
    assert world.kernel.step() == (1, 2)
    assert world.kernel.run() == (2, 0)
    assert world.kernel.step() == (0, 0)


def test_there_is_one_vat_of_a_name(world):
    vat = world.vat("only", get=lambda: 1)
    assert world.vat("only", get=lambda: 2) == vat
    with pytest.raises(KeyExistsError, match="only"):
        world.kernel.create_vat("only", build_bank)
    with pytest.raises(KeyNotFoundError, match="other"):
        world.kernel.get_vat("other")
    assert list(world.kernel.vats) == ["only"]
    assert world.kernel.call(vat.root, "get") == 1


def test_a_vat_that_cannot_start_leaves_nothing(world):
    def broken(_powers, _parameters, baggage):
        baggage.init("key", 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.kernel.create_vat("broken", broken)
    assert not world.kernel.vats
    assert world.build("broken", build_bank).incarnation == 0


def test_parameters_may_hold_references_and_are_given_again_at_a_restart(world):
    bank = world.build("bank", build_bank)

    def client(_powers, parameters, _baggage):
        async def work():
            purse = await E(parameters["bank"]).open_purse(parameters["name"])
            return await E(purse).deposit(3)

        return Far("Client", {"work": work, "name": lambda: parameters["name"]})

    vat = world.build("client", client, {"bank": bank.root, "name": "carol"})
    assert world.kernel.call(vat.root, "work") == 3
    assert world.reopen().call(vat.root, "name") == "carol"


def test_calls_from_inside_a_crank_are_refused(world):
    vat = world.vat("inner", act=lambda: world.kernel.call(vat.root, "act"))
    with pytest.raises(RuntimeError, match=r"E\(target\)"):
        world.kernel.call(vat.root, "act")


def test_a_closed_kernel_says_so(world):
    vat = world.vat("plain", get=lambda: 1)
    kernel, root = world.kernel, vat.root
    world.close()
    with pytest.raises(StoreError, match="closed"):
        kernel.call(root, "get")


def test_a_target_is_a_reference_of_this_kernel(world):
    with pytest.raises(TypeError, match="reference"):
        world.kernel.call("bank", "open")


def test_a_reading_kernel_runs_nothing_and_tells_names_and_incarnations(world):
    root = world.vat("plain", get=lambda: 1).root
    world.reopen()
    with Kernel.open(world.path, readonly=True) as reader:
        assert {name: vat.incarnation for name, vat in reader.vats.items()} == {"plain": 1}
        with pytest.raises(ReadOnlyStoreError):
            reader.call(root, "get")


def test_a_source_that_cannot_be_found_again_is_asked_for(world):
    world.vat("local", get=lambda: 1)
    kernel = world.reopen(sources={})
    assert isinstance(kernel.failed_vats["local"], VatStartError)
    assert "sources" in str(kernel.failed_vats["local"])
    vat = kernel.provide_vat("local", world.sources["local"])
    assert kernel.call(vat.root, "get") == 1
    assert not kernel.failed_vats


def test_a_source_in_a_file_is_found_again_from_another_folder(world, tmp_path, monkeypatch):
    (tmp_path / "counting.py").write_text(
        "from vatdata_runtime import Far\n"
        "def build_root_object(powers):\n"
        "    return Far('Root', {'incarnation': lambda: powers.incarnation})\n"
    )
    monkeypatch.chdir(tmp_path)
    vat = world.kernel.create_vat("counting", "counting.py")
    assert world.kernel.call(vat.root, "incarnation") == 0
    monkeypatch.chdir("/")
    assert world.reopen().call(vat.root, "incarnation") == 1
