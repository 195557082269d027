"""Making the wrapper of a method that binds, freezes and checks: Python source, written once when it is defined."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import CoroutineType
from typing import Any, Final

from vatdata_runtime.passable import is_promise
from vatdata_runtime.patterns.at_call import given, reject, settled
from vatdata_runtime.patterns.call_plan import CallPlan
from vatdata_runtime.patterns.coercion import ABSENT, CallSite, Spawn
from vatdata_runtime.patterns.guards import MethodGuard, RawGuard
from vatdata_runtime.patterns.inline import INLINE_SCOPE
from vatdata_runtime.patterns.matchers import make_matcher
from vatdata_runtime.patterns.parameters import Parameters, check_agreement, read_parameters
from vatdata_runtime.patterns.source import Source

__all__ = ["compile_method"]

_MAX_FAST_PARAMETERS: Final = 8
_ANYTHING: Final = make_matcher("any", ())


def compile_method(
    function: Callable[..., Any],
    guard: MethodGuard | RawGuard | None,
    *,
    method: str,
    interface: str,
    enter: str,
    scope: Mapping[str, Any],
    takes_this: bool = True,
    spawn: Spawn,
) -> Callable[..., Any]:
    """Make the wrapper that checks the calls of one method.

    It runs *enter*, binds the arguments to the positions and keywords of the guard, freezes and checks each, calls
    *function*, freezes and checks the result. Where a call does not fit, *function* is not run. A result that does
    not fit is refused after *function* has run: what it did is not undone.

    None in place of an optional argument counts as left out. The function gets its own default then, or None where
    it has none.

    Args:
        function: what the method does.
        guard: from ``M.call`` or ``M.call_when``; None to freeze everything and check nothing else; ``M.raw()`` to
            hand on arguments and results as they are.
        method: name of the method.
        interface: name of the interface, with the facet where there is one.
        enter: source, run first, that sets ``this`` from ``self``, the wrapper's first parameter; it may raise.
            Under ``M.call_when`` it runs after the waiting, since the receiver may have gone by then.
        scope: the names that *enter* uses; none of them begins with ``g_``.
        takes_this: whether *function* gets ``this`` as its first argument.
        spawn: starts a coroutine in the vat and returns the promise of its result.

    Returns:
        A function of ``self`` and the method's arguments that looks like *function*. It raises ``GuardError`` for
        what does not fit, ``NotPassableError`` for what is no data, and what *enter* and *function* raise. Under
        ``M.call_when`` it never raises: it gives a promise that is rejected with that.

    Raises:
        GuardDefinitionError: no call that the guard lets in could succeed.

    Cost: about 0.1 ms here; a call with one int and an int as result about 0.1 us more than the function itself.
    """
    parameters = read_parameters(function, takes_this)
    site = CallSite(method, interface)
    source = Source(
        {
            **scope,
            **INLINE_SCOPE,
            "g_function": function,
            "g_absent": ABSENT,
            "g_spawn": spawn,
            "g_coroutine": CoroutineType,
        }
    )
    entrance = enter.splitlines()
    this = ("this",) if takes_this else ()
    if guard is None:
        _write_passable(source, entrance, this, parameters, site, spawn)
    elif isinstance(guard, RawGuard):
        _write_raw(source, entrance, this)
    else:
        check_agreement(parameters, guard, method, interface)
        plan = CallPlan(source, guard, parameters, site, this, spawn)
        if guard.is_async:
            _write_async(source, entrance, plan)
        else:
            _write_sync(source, entrance, plan)
    wrapper = source.build()
    _dress(wrapper, function, method, interface, takes_this)
    return wrapper  # type: ignore[no-any-return]  # what the source defines is a function


def _write_raw(source: Source, entrance: list[str], this: tuple[str, ...]) -> None:
    """Write a wrapper that hands on what it gets; only a coroutine becomes a promise."""
    source.add(0, "def g_method(self, /, *extra, **named):")
    source.add(1, *entrance)
    source.add(1, f"result = g_function({', '.join([*this, '*extra', '**named'])})")
    source.add(1, "return g_spawn(result) if type(result) is g_coroutine else result")


def _write_passable(
    source: Source,
    entrance: list[str],
    this: tuple[str, ...],
    parameters: Parameters,
    site: CallSite,
    spawn: Spawn,
) -> None:
    """Write a wrapper that freezes everything, and lets Python judge the number of arguments."""
    count = 0 if parameters.takes_more else min(len(parameters.names), _MAX_FAST_PARAMETERS)
    variables = [f"a{i}" for i in range(count)]
    source.scope["g_freeze"] = site.freeze_argument
    source.scope["g_freeze_result"] = site.coerce_result(_ANYTHING, spawn)
    source.scope["g_given"] = given
    source.add(0, f"def g_method(self, {''.join(f'{a}=g_absent, ' for a in variables)}/, *extra, **named):")
    source.add(1, *entrance)
    # One value for each parameter, by position, is what calls look like; everything else takes the long way.
    missing = f" or {variables[-1]} is g_absent" if variables else ""
    source.add(1, f"if extra or named{missing}:")
    source.add(2, f"extra = g_given(({''.join(f'{a}, ' for a in variables)}), extra)")
    source.add(2, "extra = [g_freeze(value, i) for i, value in enumerate(extra)]")
    source.add(2, "named = {name: g_freeze(value, name) for name, value in named.items()}")
    source.add(2, f"result = g_function({', '.join([*this, '*extra', '**named'])})")
    source.add(1, "else:")
    for i, variable in enumerate(variables):
        source.add(2, f"if type({variable}) not in g_plain: {variable} = g_freeze({variable}, {i})")
    source.add(2, f"result = g_function({', '.join([*this, *variables])})")
    source.add(1, "return result if type(result) in g_plain else g_freeze_result(result)")


def _write_sync(source: Source, entrance: list[str], plan: CallPlan) -> None:
    """Write the wrapper for a guard from ``M.call``."""
    source.add(0, f"def g_method(self, {plan.parameters_text}/, *extra, **named):")
    source.add(1, *entrance)
    plan.add_binding(1)
    plan.add_checks(1)
    source.add(1, f"result = {plan.call_text}")
    plan.add_result(1)
    source.add(1, "return result")


def _write_async(source: Source, entrance: list[str], plan: CallPlan) -> None:
    """Write the wrapper for a guard from ``M.call_when``: what can be checked at once, then a coroutine.

    Arguments are frozen before the wrapper returns: what the caller does to a list of its own while the method waits
    must not show.
    """
    source.scope |= {"g_reject": reject, "g_settled": settled, "g_is_promise": is_promise}
    variables = ", ".join(["self", *plan.variables, "extra"])
    source.add(0, f"def g_method(self, {plan.parameters_text}/, *extra, **named):")
    source.add(1, "try:")
    plan.add_binding(2)
    plan.add_checks(2)
    source.add(1, "except Exception as error:")
    source.add(2, "return g_spawn(g_reject(error))")
    source.add(1, f"return g_spawn(g_body({variables}))")
    source.add(0, f"async def g_body({variables}):")
    if plan.awaited:
        targets = "".join(f"{variable}, " for variable in plan.awaited)
        source.add(1, f"{targets}= await g_settled({targets})")
    source.add(1, *entrance)
    plan.add_awaited_checks(1)
    source.add(1, f"result = {plan.call_text}")
    source.add(1, "if type(result) is g_coroutine or g_is_promise(result): result = await result")
    plan.add_result(1)
    source.add(1, "return result")


def _dress(wrapper: Any, function: Callable[..., Any], method: str, interface: str, takes_this: bool) -> None:
    """Make the wrapper look like the function; no ``__wrapped__``, which would be a way around the guard."""
    wrapper.__name__ = method
    wrapper.__qualname__ = f"{interface}.{method}"
    wrapper.__doc__ = function.__doc__
    wrapper.__module__ = getattr(function, "__module__", None)
    wrapper.__annotations__ = dict(getattr(function, "__annotations__", {}))
    # Tracebacks show the code's own name and file.
    wrapper.__code__ = wrapper.__code__.replace(
        co_name=method, co_qualname=wrapper.__qualname__, co_filename=f"<guard of {wrapper.__qualname__}>"
    )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # a built-in without a signature: the wrapper shows its own
    if not takes_this:
        receiver = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        declared = [p for p in signature.parameters.values() if p.name != "self"]
        signature = signature.replace(parameters=[receiver, *declared])
    wrapper.__signature__ = signature
