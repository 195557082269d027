"""Watchers of promises: called once, in whichever incarnation is alive."""

from __future__ import annotations

import asyncio

import pytest

from vatdata_runtime import (
    DisconnectedError,
    Far,
    FirstCrankError,
    NotDurableError,
    make_exo,
    open_vat,
    provide_kind_handle,
    provide_promise_watcher,
    watch_promise,
)
from vatdata_runtime.store import open_store
from vatdata_runtime.vat.verify import verify_vat


class Story:
    """A vat that watches promises, and what its watcher has heard over all incarnations."""

    def __init__(self):
        self.heard = []

    def build(self, _powers, _parameters, baggage):
        handle = provide_kind_handle(baggage, "Watcher")
        watcher = provide_promise_watcher(
            handle,
            lambda value, *args: self.heard.append(("value", value, args)),
            lambda reason, *args: self.heard.append(("reason", reason, args)),
        )
        held = []

        def watch(*args):
            promise = asyncio.get_running_loop().create_future()
            held.append(promise)
            watch_promise(promise, watcher, *args)

        return Far(
            "Root",
            {
                "watch": watch,
                "resolve": lambda value: held.pop().set_result(value),
                "reject": lambda text: held.pop().set_exception(ValueError(text)),
                "watch_badly": lambda: watch_promise(5, watcher),
                "watch_with_heap": lambda: watch_promise(
                    asyncio.get_running_loop().create_future(), watcher, Far("Heap", {})
                ),
                "heap_watcher": lambda: watch_promise(
                    asyncio.get_running_loop().create_future(),
                    make_exo("W", None, {"on_fulfilled": lambda this, value: None}),
                ),
                "late": lambda: provide_promise_watcher(handle),
            },
        )


def sound(path):
    store = open_store(path, readonly=True)
    try:
        return list(verify_vat(store, 1, str(path)))
    finally:
        store.close()


@pytest.fixture
def story():
    return Story()


def test_a_watcher_hears_of_a_value_in_a_later_crank_with_its_arguments(tmp_path, story):
    with open_vat(tmp_path / "s", story.build) as vat:
        vat.call("watch", "a", 1)
        assert story.heard == []
        vat.call("resolve", 5)
        assert story.heard == [("value", 5, ("a", 1))]
    assert sound(tmp_path / "s") == []


def test_a_watcher_hears_of_a_reason(tmp_path, story):
    with open_vat(tmp_path / "s", story.build) as vat:
        vat.call("watch")
        vat.call("reject", "no")
    ((sort, reason, args),) = story.heard
    assert (sort, str(reason), args) == ("reason", "no", ())


def test_a_promise_that_ends_with_its_incarnation_is_told_in_the_next_one_and_only_there(tmp_path, story):
    with open_vat(tmp_path / "s", story.build) as vat:
        vat.call("watch", "first")
        vat.call("watch", "second")
    assert sound(tmp_path / "s") == []
    for _ in range(2):
        with open_vat(tmp_path / "s", story.build):
            pass
    assert [(sort, args) for sort, _, args in story.heard] == [
        ("reason", ("first",)),
        ("reason", ("second",)),
    ]
    assert {reason for _, reason, _ in story.heard} == {DisconnectedError(0)}
    assert sound(tmp_path / "s") == []


def test_a_watch_of_an_aborted_crank_is_gone(tmp_path, story):
    with open_vat(tmp_path / "s", story.build) as vat:
        with pytest.raises(ZeroDivisionError), vat.crank() as root:
            root.watch("never")
            raise ZeroDivisionError
        vat.call("resolve", 1)
    with open_vat(tmp_path / "s", story.build):
        pass
    assert story.heard == []


@pytest.mark.parametrize(
    ("method", "error"),
    [("watch_badly", TypeError), ("watch_with_heap", NotDurableError), ("heap_watcher", NotDurableError)],
)
def test_mistakes_are_reported_at_once_and_register_nothing(tmp_path, story, method, error):
    with open_vat(tmp_path / "s", story.build) as vat:
        with pytest.raises(error):
            vat.call(method)
    with open_vat(tmp_path / "s", story.build):
        pass
    assert story.heard == []


def test_a_watcher_is_provided_in_the_first_crank_only(tmp_path, story):
    with open_vat(tmp_path / "s", story.build) as vat:
        with pytest.raises(FirstCrankError):
            vat.call("late")


def test_something_that_is_no_function_is_refused_as_handler(tmp_path):
    def build(_powers, _parameters, baggage):
        provide_promise_watcher(provide_kind_handle(baggage, "W"), 5)

    with pytest.raises(TypeError, match="on_fulfilled is 5, not a function"):
        open_vat(tmp_path / "s", build)
