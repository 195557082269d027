"""How the arguments of one guarded method are bound, checked and handed on, as source."""

from __future__ import annotations

from keyword import iskeyword
from typing import Any

from msgspec.structs import replace

from vatdata_runtime.patterns.at_call import extend, given, present
from vatdata_runtime.patterns.coercion import ABSENT, CallSite, Spawn
from vatdata_runtime.patterns.guards import AwaitGuard, MethodGuard, RawGuard
from vatdata_runtime.patterns.inline import inline_test
from vatdata_runtime.patterns.parameters import NO_DEFAULT, Parameters
from vatdata_runtime.patterns.source import Source

__all__ = ["CallPlan"]


class _Slot:
    """One guarded argument.

    Attributes:
        variable: of the wrapper: ``a0``, ``a1``, … for positions and ``k0``, ``k1``, … for keywords.
        position: number of the position, or the keyword.
        guard: pattern, or a raw or await guard.
        optional: whether it may be left out.
        default: what the function gets then; ``ABSENT`` where it gets nothing.
    """

    __slots__ = ("default", "guard", "optional", "position", "variable")

    def __init__(
        self, variable: str, position: int | str, guard: Any, optional: bool, default: object
    ) -> None:
        self.variable = variable
        self.position = position
        self.guard = guard
        self.optional = optional
        self.default = default

    @property
    def is_awaited(self) -> bool:
        return isinstance(self.guard, AwaitGuard)


def _is_name(position: int | str) -> bool:
    """Say whether a keyword can be written in a call; others reach the function through its ``**kwargs``."""
    return isinstance(position, str) and position.isidentifier() and not iskeyword(position)


class CallPlan:
    """Writes the parts of a wrapper that follow from its guard.

    Attributes:
        variables: the wrapper's variables for arguments.
        awaited: those whose argument is waited for.
        parameters_text: source of the wrapper's parameters for the positions.
        call_text: source of the call of the function.
    """

    def __init__(
        self,
        source: Source,
        guard: MethodGuard,
        parameters: Parameters,
        site: CallSite,
        this: tuple[str, ...],
        spawn: Spawn,
    ) -> None:
        self._source = source
        self._guard = guard
        self._parameters = parameters
        self._spawn = spawn
        least, positions = len(guard.arguments), (*guard.arguments, *guard.optional_arguments)
        self._site = replace(site, least=least, most=None if guard.has_rest else len(positions))
        source.scope["g_site"] = self._site
        self._at_positions = [
            _Slot(f"a{i}", i, part, i >= least, self._default_at(i)) for i, part in enumerate(positions)
        ]
        required = [(name, part, False) for name, part in guard.keywords.items()]
        optional = [(name, part, True) for name, part in guard.optional_keywords.items()]
        self._at_keywords = [
            _Slot(f"k{i}", name, part, may_lack, self._default_of(name))
            for i, (name, part, may_lack) in enumerate([*required, *optional])
        ]
        self._slots = [*self._at_positions, *self._at_keywords]
        self.variables = [slot.variable for slot in self._slots]
        self.awaited = [slot.variable for slot in self._slots if slot.is_awaited]
        self.parameters_text = "".join(f"{slot.variable}=g_absent, " for slot in self._at_positions)
        self.call_text = self._write_call(this)

    def add_binding(self, indent: int) -> None:
        """Bind keywords that name a position, take out guarded ones, and refuse what is left over."""
        source, names = self._source, self._parameters.names
        count = len(self._at_positions)
        known = tuple(name for name in names[:count] if name is not None)
        source.add(indent, "if named:")
        for slot, name in zip(self._at_positions, names, strict=False):
            if name is not None:
                text = f"if {slot.variable} is g_absent: {slot.variable} = named.pop({name!r}, g_absent)"
                source.add(indent + 1, text)
        if self._guard.has_rest and any(names[count:]):
            source.scope["g_extend"] = extend
            source.add(indent + 1, f"extra = g_extend(extra, named, {names[count:]!r})")
        for slot in self._at_keywords:
            source.add(indent + 1, f"{slot.variable} = named.pop({slot.position!r}, g_absent)")
        source.add(indent + 1, f"if named: raise g_site.unexpected(named, {known!r})")
        if self._at_keywords:
            variables = " = ".join(slot.variable for slot in self._at_keywords)
            source.add(indent, f"else: {variables} = g_absent")
        if not self._guard.has_rest:
            source.add(indent, f"if extra: raise g_site.too_many({count} + len(extra))")

    def add_checks(self, indent: int) -> None:
        """Freeze and check the arguments that are not waited for; of the others see only that they are given."""
        for slot in self._slots:
            if not slot.is_awaited:
                self._add_check(indent, slot)
            elif not slot.optional:
                self._add_presence(indent, slot)
        if self._guard.has_rest and not isinstance(self._guard.rest_argument, RawGuard):
            rest = self._site.coerce_rest(len(self._at_positions), self._guard.rest_argument)
            self._source.scope["g_rest"] = rest
            self._source.add(indent, "extra = g_rest(extra)")

    def add_awaited_checks(self, indent: int) -> None:
        """Freeze and check what the arguments that were waited for have settled to."""
        for slot in self._slots:
            if slot.is_awaited:
                self._add_check(indent, slot)

    def add_result(self, indent: int) -> None:
        """Freeze and check the result."""
        source, guard = self._source, self._guard.result
        if isinstance(guard, RawGuard):
            source.add(indent, "if type(result) is g_coroutine: result = g_spawn(result)")
            return
        source.scope["g_coerce_result"] = self._site.coerce_result(guard, self._spawn)
        test = inline_test(guard, "result", source.scope)
        coerce = "result = g_coerce_result(result)"
        source.add(indent, coerce if test is None else f"if not {test}: {coerce}")

    def _add_check(self, indent: int, slot: _Slot) -> None:
        source, variable = self._source, slot.variable
        is_raw = isinstance(slot.guard, RawGuard)
        word = "if"
        if slot.optional:
            source.scope[f"g_default_{variable}"] = slot.default
            # A raw argument is handed on as it is, None too.
            absent = f"{variable} is g_absent{'' if is_raw else f' or {variable} is None'}"
            source.add(indent, f"if {absent}: {variable} = g_default_{variable}")
            word = "elif"
        elif is_raw:
            self._add_presence(indent, slot)
        if is_raw:
            return
        pattern = slot.guard.pattern if isinstance(slot.guard, AwaitGuard) else slot.guard
        coercer = self._site.coerce_argument(slot.position, pattern, optional=slot.optional)
        source.scope[f"g_coerce_{variable}"] = coercer
        test = inline_test(pattern, variable, source.scope)
        coerce = f"{variable} = g_coerce_{variable}({variable})"
        if test is not None:
            source.add(indent, f"{word} not {test}: {coerce}")
        else:
            source.add(indent, f"else: {coerce}" if slot.optional else coerce)

    def _add_presence(self, indent: int, slot: _Slot) -> None:
        self._source.add(indent, f"if {slot.variable} is g_absent: raise g_site.missing({slot.position!r})")

    def _write_call(self, this: tuple[str, ...]) -> str:
        """Write the call: by position as far as the function has parameters, then what may be there or not."""
        source, count = self._source, len(self._parameters.names)
        arguments = [*this, *(slot.variable for slot in self._at_positions[:count])]
        beyond = self._at_positions[count:]
        if beyond:
            # The function has no parameter of its own for these: one that was left out must not be handed on.
            source.scope["g_given"] = given
            arguments.append(f"*g_given(({''.join(f'{slot.variable}, ' for slot in beyond)}), extra)")
        elif self._guard.has_rest:
            arguments.append("*extra")
        collected: list[str] = []
        for slot in self._at_keywords:
            if (slot.optional and slot.default is ABSENT) or not _is_name(slot.position):
                collected.append(f"({slot.position!r}, {slot.variable})")
            else:
                arguments.append(f"{slot.position}={slot.variable}")
        if collected:
            # These land in the function's **kwargs, where those that were left out must not show.
            source.scope["g_present"] = present
            arguments.append(f"**g_present({', '.join(collected)})")
        return f"g_function({', '.join(arguments)})"

    def _default_at(self, position: int) -> object:
        defaults = self._parameters.defaults
        if position >= len(defaults):
            return ABSENT
        return None if defaults[position] is NO_DEFAULT else defaults[position]

    def _default_of(self, name: str) -> object:
        if name not in self._parameters.names and name not in self._parameters.keywords:
            return ABSENT
        default = self._parameters.default_of(name)
        return None if default is NO_DEFAULT else default
