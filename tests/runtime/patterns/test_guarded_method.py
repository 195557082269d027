"""Calls of guarded methods: what is bound, frozen, checked and handed on."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.patterns.strategies import any_values, patterns
from tests.runtime.patterns.wrapping import Receiver, guarded
from vatdata_runtime.errors import GuardDefinitionError, GuardError, NotPassableError
from vatdata_runtime.passable import CopySet, Far, Record, freeze, same
from vatdata_runtime.patterns import M, matches

ME = Receiver()
ALICE = Far("Alice", {})


def give_back(this: Any, *args: Any, **named: Any) -> Any:
    """Return what came, as a pair."""
    return args, named


def returning(guard: Any) -> Any:
    """Wrap ``give_back`` under *guard*, with a result that is not looked at."""
    return guarded(give_back, guard.returns(M.raw()))


# --- positions ----------------------------------------------------------------------------------------------


def test_arguments_and_result_that_fit_go_through() -> None:
    def deposit(this: Any, amount: int) -> int:
        return amount + 1

    assert guarded(deposit, M.call(M.int()).returns(M.int()))(ME, 5) == 6


def test_an_argument_that_does_not_fit_is_refused_before_the_body_runs() -> None:
    ran: list[Any] = []
    method = guarded(lambda this, a, b: ran.append(a), M.call(M.int(), [M.string()]))
    with pytest.raises(GuardError) as raised:
        method(ME, 5, ["a" * 3, 7][1:])
    error = raised.value
    assert (error.method, error.interface, error.position) == ("act", "Thing", 1)
    assert (error.path, error.expected, error.value) == ((0,), "M.string()", 7)
    assert str(error) == "argument 1 of Thing.act at [0]: expected M.string(), found 7"
    assert ran == []


@pytest.mark.parametrize(
    ("guard", "arguments", "text"),
    [
        (M.call(M.int()), (), "expected 1 argument, found 0"),
        (M.call(M.int()), (1, 2), "expected 1 argument, found 2"),
        (M.call(), (1,), "expected 0 arguments, found 1"),
        (M.call(1, 2), (1,), "expected 2 arguments, found 1"),
        (M.call(1).optional(2, 3), (), "expected 1 to 3 arguments, found 0"),
        (M.call(1).optional(2, 3), (1, 2, 3, 4), "expected 1 to 3 arguments, found 4"),
        (M.call(1).rest(M.any()), (), "expected at least 1 argument, found 0"),
        (M.call(M.raw()), (), "expected 1 argument, found 0"),
    ],
)
def test_a_wrong_number_of_arguments_is_a_guard_error_without_position(
    guard: Any, arguments: Any, text: str
) -> None:
    with pytest.raises(GuardError, match=text) as raised:
        returning(guard)(ME, *arguments)
    assert raised.value.position is None


def test_a_default_in_the_signature_does_not_make_a_position_optional() -> None:
    method = guarded(lambda this, amount=5: None, M.call(M.int()))
    with pytest.raises(GuardError, match="expected 1 argument, found 0"):
        method(ME)


def test_an_optional_argument_left_out_leaves_the_default_of_the_function() -> None:
    def act(this: Any, a: int, b: int = 7, c: int = 8) -> Any:
        return (a, b, c)

    method = guarded(act, M.call(M.int()).optional(M.int(), M.int()).returns(M.any()))
    assert method(ME, 1) == (1, 7, 8)
    assert method(ME, 1, 2) == (1, 2, 8)
    assert method(ME, 1, None, 3) == (1, 7, 3)
    assert method(ME, 1, c=3) == (1, 7, 3)


def test_an_optional_argument_left_out_is_none_where_the_function_has_no_default() -> None:
    method = guarded(lambda this, a: (a,), M.call().optional(M.int()).returns(M.any()))
    assert method(ME) == (None,)


def test_an_optional_argument_that_is_given_has_to_fit() -> None:
    with pytest.raises(GuardError, match=r"argument 0 .* expected M.opt\(M.int\(\)\), found 'x'"):
        returning(M.call().optional(M.int()))(ME, "x")


def test_a_function_with_a_star_gets_only_what_was_given() -> None:
    method = returning(M.call(M.int()).optional(M.int(), M.int()))
    assert method(ME, 1) == ((1,), {})
    assert method(ME, 1, None, 3) == ((1, None, 3), {})


def test_the_rest_pattern_is_for_the_tuple_of_all_further_arguments() -> None:
    method = returning(M.call(M.int()).rest(M.array_of(M.string())))
    assert method(ME, 1) == ((1,), {})
    assert method(ME, 1, "a", "b") == ((1, "a", "b"), {})
    with pytest.raises(GuardError) as raised:
        method(ME, 1, "a", 5)
    assert (raised.value.position, raised.value.path, raised.value.value) == (2, (), 5)
    with pytest.raises(GuardError) as raised:
        returning(M.call(M.int()).rest(M.string()))(ME, 1, "a")
    assert (raised.value.position, raised.value.value) == (1, ("a",))


# --- keywords -----------------------------------------------------------------------------------------------


def act_with_keywords(this: Any, a: Any, b: Any = "b", *, c: Any, d: Any = "d") -> Any:
    return (a, b, c, d)


KEYWORDS = M.call(M.int(), c=M.int()).optional(M.string(), d=M.string()).returns(M.any())


def test_keywords_bind_by_the_signature_and_keyword_only_ones_have_patterns_of_their_own() -> None:
    method = guarded(act_with_keywords, KEYWORDS)
    assert method(ME, 1, c=2) == (1, "b", 2, "d")
    assert method(ME, b="x", a=1, c=2, d="y") == (1, "x", 2, "y")
    assert method(ME, 1, c=2, d=None) == (1, "b", 2, "d")


@pytest.mark.parametrize(
    ("arguments", "keywords", "position", "text"),
    [
        ((1,), {}, "c", "a keyword argument that has to be given"),
        ((1,), {"c": "x"}, "c", r"expected M.int\(\), found 'x'"),
        ((1,), {"c": 1, "d": 5}, "d", r"expected M.opt\(M.string\(\)\), found 5"),
        ((1,), {"c": 1, "z": 5}, "z", "no argument of this name"),
        ((1,), {"c": 1, "a": 5}, "a", "one value, not two"),
        ((), {"c": 1, "a": "x"}, 0, r"expected M.int\(\), found 'x'"),
        ((), {"c": 1}, None, "expected 1 to 2 arguments"),
        ((1,), {"c": 1, "this": ME}, "this", "no argument of this name"),
        ((1,), {"c": 1, "self": ME}, "self", "no argument of this name"),
    ],
)
def test_a_keyword_that_does_not_fit_is_refused_by_its_name(
    arguments: Any, keywords: Any, position: Any, text: str
) -> None:
    with pytest.raises(GuardError, match=text) as raised:
        guarded(act_with_keywords, KEYWORDS)(ME, *arguments, **keywords)
    assert raised.value.position == position


def test_a_positional_only_parameter_has_no_keyword() -> None:
    def act(this: Any, a: Any, /) -> None: ...

    with pytest.raises(GuardError, match="no argument of this name"):
        guarded(act, M.call(M.any()))(ME, a=1)


def test_names_of_parameters_never_meet_those_of_the_wrapper() -> None:
    def act(this: Any, self: Any, g_function: Any, a0: Any, extra: Any, named: Any, *, result: Any) -> Any:
        return (self, g_function, a0, extra, named, result)

    method = guarded(act, M.call(1, 2, 3, 4, 5, result=6).returns(M.any()))
    assert method(ME, 1, 2, named=5, extra=4, a0=3, result=6) == (1, 2, 3, 4, 5, 6)


def test_keywords_that_the_function_collects_come_only_where_given() -> None:
    method = returning(M.call(c=M.int()).optional(d=M.int(), **{"class": M.int(), "not a name": M.int()}))
    assert method(ME, c=1) == ((), {"c": 1})
    assert method(ME, c=1, d=2, **{"class": 3, "not a name": 4}) == (
        (),
        {"c": 1, "d": 2, "class": 3, "not a name": 4},
    )


def test_a_keyword_guard_may_name_a_parameter_beyond_the_positions() -> None:
    method = guarded(lambda this, a, memo="": (a, memo), M.call(1, memo=M.string()).returns(M.any()))
    assert method(ME, 1, memo="x") == (1, "x")


def test_keywords_can_stand_for_arguments_that_the_rest_pattern_covers() -> None:
    method = guarded(
        lambda this, a, b=0, c=0: (a, b, c), M.call(M.int()).rest(M.array_of(M.int())).returns(M.any())
    )
    assert method(ME, 1, b=2) == (1, 2, 0)
    assert method(ME, 1, 2, c=3) == (1, 2, 3)
    with pytest.raises(GuardError, match="no argument of this name"):
        method(ME, 1, c=3)


# --- freezing -----------------------------------------------------------------------------------------------


def test_what_enters_and_leaves_is_a_frozen_copy() -> None:
    seen: list[Any] = []

    def act(this: Any, items: Any) -> Any:
        seen.append(items)
        return {"items": [1, 2]}

    mine = [[1], {"a": {2}}]
    result = guarded(act, M.call(M.any()).returns(M.record()))(ME, mine)
    assert seen == [((1,), Record(a=CopySet([2])))]
    assert result == Record(items=(1, 2))
    assert mine == [[1], {"a": {2}}]


@pytest.mark.parametrize("guard", [None, M.call(M.any()).returns(M.any())])
def test_what_is_no_data_is_refused_with_a_note_of_where_it_came_in(guard: Any) -> None:
    method = guarded(lambda this, a: len, guard)
    with pytest.raises(NotPassableError) as raised:
        method(ME, [1, object()])
    assert raised.value.path == (1,)
    assert raised.value.__notes__ == ["It is the argument 0 of Thing.act"]
    with pytest.raises(NotPassableError) as raised:
        method(ME, 1)
    assert raised.value.__notes__ == ["It is the result of Thing.act"]


def test_numbers_and_text_that_look_plain_are_frozen_too() -> None:
    class Text(str):
        __slots__ = ()

    method = returning(M.call(M.float(), M.string()))
    ((zero, text), _named) = method(ME, -0.0, Text("a"))
    assert str(zero) == "0.0"
    assert type(text) is str
    with pytest.raises(NotPassableError, match="lone surrogate"):
        method(ME, 1.0, "\ud800")


@given(any_values, patterns)
def test_a_guard_lets_in_exactly_what_matches(value: Any, pattern: Any) -> None:
    method = guarded(lambda this, a: a, M.call(pattern).returns(M.raw()))
    if matches(value, pattern):
        assert same(method(ME, value), freeze(value))
    else:
        with pytest.raises(GuardError):
            method(ME, value)


@given(any_values, patterns)
def test_an_optional_position_lets_in_none_besides(value: Any, pattern: Any) -> None:
    method = guarded(lambda this, a=None: a, M.call().optional(pattern).returns(M.raw()))
    if value is None or matches(value, pattern):
        assert same(method(ME, value), freeze(value))
    else:
        with pytest.raises(GuardError):
            method(ME, value)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
)
SCALAR_PATTERNS = [
    M.int(),
    M.nat(),
    M.float(),
    M.number(),
    M.string(string_length_limit=2),
    M.boolean(),
    M.none(),
    M.any(),
    M.scalar(),
    M.opt(M.int()),
    M.gte(0),
    M.and_(M.int(), M.lt(3)),
    M.kind("str"),
    M.kind("int"),
    0,
    1,
    "a",
    True,
    None,
    M.int(decimal_digits_limit=1),
    M.kind("bool"),
    M.key(),
    M.or_(M.string(), M.nat()),
    M.bytes(),
]  # fmt: skip


@given(SCALARS, st.sampled_from(SCALAR_PATTERNS))
def test_the_fast_way_for_scalars_lets_in_exactly_what_matches(value: Any, pattern: Any) -> None:
    test_a_guard_lets_in_exactly_what_matches.hypothesis.inner_test(value, pattern)


# --- raw and passable ---------------------------------------------------------------------------------------


def test_raw_hands_on_one_argument_untouched_and_checks_the_others() -> None:
    mutable = [1]
    method = returning(M.call(M.raw(), M.int()).optional(M.raw(), o=M.raw()).rest(M.raw()))
    arguments, named = method(ME, mutable, 5, mutable, mutable, o=mutable)
    assert all(part is mutable for part in (arguments[0], arguments[2], arguments[3], named["o"]))
    with pytest.raises(GuardError):
        method(ME, mutable, "x")


def test_raw_results_may_be_anything() -> None:
    assert guarded(lambda this: len, M.call().returns(M.raw()))(ME) is len


def test_a_raw_method_is_not_checked_at_all() -> None:
    mutable = [object()]
    arguments, named = guarded(give_back, M.raw())(ME, mutable, x=mutable)
    assert arguments[0] is mutable
    assert named["x"] is mutable


def test_a_passable_method_takes_any_number_of_arguments_and_freezes_them() -> None:
    method = guarded(give_back, None)
    assert method(ME) == ((), Record())
    assert method(ME, [1], x={2}) == (((1,),), Record(x=CopySet([2])))

    def act(this: Any, a: Any, b: Any = 2) -> Any:
        return (a, b)

    method = guarded(act, None)
    assert method(ME, [1], None) == ((1,), None)
    assert method(ME, [1]) == ((1,), 2)
    assert method(ME, b=3, a=1) == (1, 3)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        method(ME)


# --- results ------------------------------------------------------------------------------------------------


def test_a_method_without_returns_must_return_none() -> None:
    done: list[str] = []

    def act(this: Any) -> Any:
        done.append("effect")
        return 5

    with pytest.raises(GuardError, match=r"result of Thing\.act: expected None, found 5") as raised:
        guarded(act, M.call())(ME)
    assert raised.value.position == "result"
    assert done == ["effect"]


def test_a_literal_result_has_to_be_that_value() -> None:
    assert guarded(lambda this: "hello", M.call().returns("hello"))(ME) == "hello"
    with pytest.raises(GuardError, match="expected 'hello', found 'hallo'"):
        guarded(lambda this: "hallo", M.call().returns("hello"))(ME)


def test_a_coroutine_becomes_a_promise_before_it_is_checked() -> None:
    async def act(this: Any) -> int:
        return 5

    async def main() -> None:
        spawn = asyncio.get_running_loop().create_task
        for guard in (M.call().returns(M.promise()), M.call().returns(M.raw()), M.raw(), None):
            promise = guarded(act, guard, spawn=spawn)(ME)
            assert isinstance(promise, asyncio.Task)
            assert await promise == 5
        with pytest.raises(GuardError, match=r"the method is async: guard it with M.call_when"):
            guarded(act, M.call().returns(M.int()), spawn=spawn)(ME)

    asyncio.run(main())


# --- receivers, names, errors -------------------------------------------------------------------------------


def test_the_receiver_is_checked_first_and_is_not_the_context_of_another() -> None:
    method = guarded(lambda this, a: this.log.append(a), M.call(M.int()))
    with pytest.raises(TypeError, match="wrong receiver"):
        method(None, "x")
    mine = Receiver()
    method(mine, 5)
    assert mine.log == [5]


def test_a_function_may_go_without_the_context() -> None:
    method = guarded(lambda a: a + 1, M.call(M.int()).returns(M.int()), takes_this=False)
    assert method(ME, 5) == 6


def test_the_wrapper_looks_like_the_function() -> None:
    def deposit(this: Any, amount: int, memo: str = "") -> int:
        """Add to the balance."""
        return amount

    method = guarded(deposit, M.call(M.int()).optional(M.string()).returns(M.int()))
    assert (method.__name__, method.__qualname__, method.__doc__) == (
        "act",
        "Thing.act",
        "Add to the balance.",
    )
    assert inspect.signature(method) == inspect.signature(deposit)
    assert inspect.getdoc(method) == "Add to the balance."
    assert not hasattr(method, "__wrapped__")
    free = guarded(lambda amount: None, None, takes_this=False)
    assert list(inspect.signature(free).parameters) == ["self", "amount"]


def test_an_exception_of_the_body_comes_out_as_it_is_with_the_method_in_the_traceback() -> None:
    def act(this: Any) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine") as raised:
        guarded(act, M.call())(ME)
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert ("<guard of Thing.act>", "act") in [(frame.filename, frame.name) for frame in frames]


def test_a_builtin_can_be_a_method() -> None:
    assert guarded({"a": 1}.get, M.call("a").returns(M.int()), takes_this=False)(ME, "a") == 1
    assert guarded(max, M.call(1, 2).returns(2), takes_this=False)(ME, 1, 2) == 2


@pytest.mark.parametrize(
    ("function", "guard", "text"),
    [
        (lambda this: None, M.call(M.int()), "requires 1 arguments, and the method takes at most 0"),
        (lambda this, a, b: None, M.call(M.int()), "does not let in 'b', which the method requires"),
        (lambda this, *, c: None, M.call(), "does not let in 'c', which the method requires"),
        (lambda this, *, c: None, M.call().rest(M.any()), "does not let in 'c', which the method requires"),
        (lambda this: None, M.call(c=M.int()), "requires keyword 'c', which the method does not take"),
        (lambda this, a: None, M.call(M.int(), a=M.int()), "has 'a' by position and by keyword"),
    ],
)
def test_a_guard_under_which_no_call_can_succeed_is_refused(function: Any, guard: Any, text: str) -> None:
    with pytest.raises(GuardDefinitionError, match=text):
        guarded(function, guard)


def test_a_guard_may_let_in_more_or_less_than_the_function_takes() -> None:
    guarded(lambda this, a=1, b=2: None, M.call())
    guarded(lambda this, a: None, M.call(M.any()).optional(M.any()))
    guarded(lambda this, a, b: None, M.call(M.any()).rest(M.any()))
