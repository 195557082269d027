"""Watchers of promises: called once, in whichever incarnation is alive.

``vat_lives`` verifies each store whole when its test ends.
"""

from __future__ import annotations

import asyncio

import pytest

from vatdata_runtime import (
    DisconnectedError,
    Far,
    FirstCrankError,
    NotDurableError,
    make_exo,
    provide_kind_handle,
    provide_promise_watcher,
    watch_promise,
)


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


@pytest.fixture
def story():
    return Story()


def test_a_watcher_hears_of_a_value_in_a_later_crank_with_its_arguments(vat_lives, story):
    vat = vat_lives.start(story.build)
    vat.call("watch", "a", 1)
    assert story.heard == []
    vat.call("resolve", 5)
    assert story.heard == [("value", 5, ("a", 1))]


def test_a_watcher_hears_of_a_reason(vat_lives, story):
    vat = vat_lives.start(story.build)
    vat.call("watch")
    vat.call("reject", "no")
    ((sort, reason, args),) = story.heard
    assert (sort, str(reason), args) == ("reason", "no", ())


def test_a_store_with_watches_that_wait_is_whole(vat_lives, story):
    vat_lives.start(story.build).call("watch", "first")
    assert vat_lives.differences() == []


@pytest.mark.parametrize("ends", ["restart", "crash"])
def test_a_promise_that_ends_with_its_incarnation_is_told_in_the_next_one_and_only_there(
    vat_lives, story, ends
):
    vat = vat_lives.start(story.build)
    vat.call("watch", "first")
    vat.call("watch", "second")
    for _ in range(2):
        getattr(vat_lives, ends)()
    assert [(sort, args) for sort, _, args in story.heard] == [
        ("reason", ("first",)),
        ("reason", ("second",)),
    ]
    assert {reason for _, reason, _ in story.heard} == {DisconnectedError(0)}


def test_a_watch_of_an_aborted_crank_is_gone(vat_lives, story):
    vat = vat_lives.start(story.build)
    with pytest.raises(ZeroDivisionError), vat.crank() as root:
        root.watch("never")
        raise ZeroDivisionError
    vat.call("resolve", 1)
    vat_lives.restart()
    assert story.heard == []


@pytest.mark.parametrize(
    ("method", "error"),
    [("watch_badly", TypeError), ("watch_with_heap", NotDurableError), ("heap_watcher", NotDurableError)],
)
def test_mistakes_are_reported_at_once_and_register_nothing(vat_lives, story, method, error):
    with pytest.raises(error):
        vat_lives.start(story.build).call(method)
    vat_lives.restart()
    assert story.heard == []


def test_a_watcher_is_provided_in_the_first_crank_only(vat_lives, story):
    with pytest.raises(FirstCrankError):
        vat_lives.start(story.build).call("late")


def test_something_that_is_no_function_is_refused_as_handler(vat_lives):
    def build(_powers, _parameters, baggage):
        provide_promise_watcher(provide_kind_handle(baggage, "W"), 5)

    with pytest.raises(TypeError, match="on_fulfilled is 5, not a function"):
        vat_lives.start(build)
