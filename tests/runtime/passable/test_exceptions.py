"""Exceptions as data: what is kept of them, and what is not."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from hypothesis import given

from vatdata_runtime import errors
from vatdata_runtime.errors import (
    DisconnectedError,
    GuardError,
    KeyNotFoundError,
    KindsNotPreparedError,
    RemoteError,
    StoreLockedError,
)
from vatdata_runtime.passable import Far, Record, ValueCodec, find_references, freeze, same

from .strategies import exceptions

codec = ValueCodec(
    lambda thing: pytest.fail("an exception refers to nothing"), lambda slot: pytest.fail("nor so")
)


def stored(error: BaseException) -> Any:
    return codec.decode(codec.encode(freeze(error)))


class ProgramError(ValueError):
    def __init__(self, code: int) -> None:
        super().__init__(f"code {code}")
        self.code = code


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error) as caught:
        return caught


@given(exceptions)
def test_freezing_gives_what_comes_back_from_the_store(error):
    frozen = freeze(error)
    assert frozen is not error
    assert same(stored(error), frozen)
    assert same(freeze(frozen), frozen)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        KeyError("k"),
        KeyError((1, "x")),
        ZeroDivisionError(),
        RuntimeError("a", 2, None),
        FileNotFoundError(2, "No such file", "/etc/x"),
        OSError("text only"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
        SyntaxError("bad", ("f.py", 1, 2, "x =", 1, 3)),
        TimeoutError("late"),
    ],
)
def test_an_exception_of_python_keeps_class_arguments_and_text(error):
    again = stored(error)
    assert type(again) is type(error)
    assert again.args == error.args
    assert str(again) == str(error)


def test_a_file_name_is_kept():
    assert stored(FileNotFoundError(2, "No such file", "/etc/x")).filename == "/etc/x"


@pytest.mark.parametrize(
    "error",
    [
        DisconnectedError(3, "vat upgraded"),
        KindsNotPreparedError(("Purse", "Mint"), "bank", 2),
        KeyNotFoundError("k", "purses"),
        GuardError(("a", 0), None, "M.int()", "x", "deposit", "Purse", 0),
        StoreLockedError("bank.db", "pid 5"),
        RemoteError("Other", "text"),
    ],
)
def test_an_exception_of_this_library_keeps_class_fields_and_text(error):
    again = stored(error)
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_an_exception_of_the_program_becomes_a_remote_error_with_name_and_message():
    again = stored(ProgramError(7))
    assert type(again) is RemoteError
    assert (again.class_name, again.message) == ("ProgramError", "code 7")
    assert str(again) == "ProgramError: code 7"


def test_a_class_that_only_has_the_name_of_a_known_one_is_another():
    impostor = type("ValueError", (Exception,), {})
    assert type(stored(impostor("x"))) is RemoteError


@pytest.mark.parametrize(
    "error", [StopIteration(5), StopAsyncIteration(), KeyboardInterrupt(), SystemExit(1), GeneratorExit()]
)
def test_an_exception_that_would_stop_who_hears_of_it_becomes_a_remote_error(error):
    again = stored(error)
    assert type(again) is RemoteError
    assert again.class_name == type(error).__name__


def test_traceback_context_and_other_attributes_are_left_behind():
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second")  # noqa: B904  # the context is what is under test
    except ValueError as error:
        error.secret = object()
        frozen = freeze(error)
    assert frozen.__traceback__ is None
    assert frozen.__context__ is None
    assert not hasattr(frozen, "secret")


def test_cause_and_notes_are_kept():
    error = ValueError("outer")
    error.__cause__ = ProgramError(1)
    error.add_note("in vat 'bank'")
    again = stored(raised(error))
    assert same(again.__cause__, RemoteError("ProgramError", "code 1"))
    assert again.__notes__ == ["in vat 'bank'"]


def test_members_of_a_group_are_kept():
    group = BaseExceptionGroup(
        "two", [ValueError("a"), KeyboardInterrupt(), ExceptionGroup("in", [ProgramError(2)])]
    )
    again = stored(group)
    assert type(again) is ExceptionGroup
    assert again.message == "two"
    assert [type(member) for member in again.exceptions] == [ValueError, RemoteError, ExceptionGroup]
    assert again.exceptions[2].exceptions[0].class_name == "ProgramError"


def test_arguments_that_are_alive_or_no_data_are_kept_as_text():
    far = Far("Purse", {})
    frozen = freeze(ValueError(far, object, [far], 5))
    assert frozen.args == ("<Far 'Purse'>", "<class 'object'>", "[<Far 'Purse'>]", 5)
    assert not list(find_references(frozen))
    assert freeze(KeyNotFoundError(far, "purses")).key == "<Far 'Purse'>"


def test_an_exception_whose_text_cannot_be_made_is_still_told():
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError

        __repr__ = __str__

    assert "RuntimeError" in freeze(Broken()).message
    assert "RuntimeError" in freeze(ValueError(Broken())).args[0].message


def test_a_surrogate_in_the_text_is_replaced():
    assert str(freeze(ValueError("bad \ud800"))).isascii()
    assert stored(RuntimeError("bad \ud800"))


def test_an_endless_chain_of_causes_is_cut():
    error = ValueError("a")
    error.__cause__ = KeyError("b")
    error.__cause__.__cause__ = error
    chain: BaseException | None = stored(error)
    length = 0
    while chain is not None:
        chain, length = chain.__cause__, length + 1
    assert 2 < length < 100


def test_an_exception_fits_in_the_deepest_container_that_is_let_in():
    error = ExceptionGroup("g", [ValueError([1, {"a": 2}])])
    error.__cause__ = KeyError("k")
    deep: Any = error
    for _ in range(199):
        deep = [deep]
    again = codec.decode(codec.encode(freeze(deep)))
    for _ in range(199):
        (again,) = again
    assert isinstance(again, RemoteError)
    assert again.message == "g"


def test_exceptions_in_data_are_compared_by_content():
    assert Record(a=ValueError("x")) == Record(a=ValueError("x"))
    assert Record(a=ValueError("x")) != Record(a=ValueError("y"))
    assert Record(a=ValueError("x")) != Record(a=TypeError("x"))
    assert Record(a=ValueError(1)) != Record(a=ValueError(True))
    assert Record(a=ExceptionGroup("g", [ValueError("x")])) != Record(
        a=ExceptionGroup("g", [ValueError("y")])
    )


def test_every_class_of_python_and_of_this_library_that_can_be_built_from_text_keeps_its_class():
    for module in (builtins, errors):
        for name, cls in vars(module).items():
            if not (isinstance(cls, type) and issubclass(cls, Exception)) or name[0] == "_":
                continue
            try:
                error = cls("text")
            except TypeError:
                continue
            expected = RemoteError if issubclass(cls, StopIteration | StopAsyncIteration) else cls
            assert type(stored(error)) is expected
