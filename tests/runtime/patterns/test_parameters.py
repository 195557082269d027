"""What a function takes, read from its code, is what its signature says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest

from vatdata_runtime.patterns.parameters import NO_DEFAULT, read_parameters


def wrapped() -> Callable[..., Any]:
    def inner(this: Any, a: int, *, b: int = 2) -> None: ...

    @wraps(inner)
    def outer(*args: Any, **kwargs: Any) -> None: ...

    return outer


def everything(
    this: Any, a: int, /, b: int, c: int = 3, *more: int, d: int, e: int = 5, **rest: int
) -> None: ...


@pytest.mark.parametrize(
    "function",
    [
        lambda: None,
        lambda this: None,
        lambda this, /, a, b=1: None,
        lambda *args: None,
        lambda **kwargs: None,
        lambda this, *, a, b=2: None,
        lambda this=None, a=(): None,
        everything,
        wrapped(),
    ],
)
@pytest.mark.parametrize("takes_this", [True, False])
def test_the_short_way_says_what_the_signature_says(function: Callable[..., Any], takes_this: bool) -> None:
    # A partial function has the signature of what it is made of, and is read the long way.
    assert read_parameters(function, takes_this) == read_parameters(partial(function), takes_this)


def test_each_sort_of_parameter_is_told_from_the_others() -> None:
    found = read_parameters(everything, takes_this=True)
    assert found.names == (None, "b", "c")
    assert found.defaults == (NO_DEFAULT, NO_DEFAULT, 3)
    assert found.keywords == {"d": NO_DEFAULT, "e": 5}
    assert (found.takes_more, found.takes_keywords) == (True, True)


def test_what_has_no_signature_takes_anything() -> None:
    found = read_parameters(type, takes_this=False)
    assert (found.takes_more, found.takes_keywords) == (True, True)
