"""The tree of errors under ``VatDataError``.

Each class also derives from the built-in that fits, carries what happened as fields, and passes its fields to
``Exception.__init__`` so that it pickles, crosses a vat boundary and comes back from the store with them.
Text is made from the fields: what happened, to which vat, kind or key, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "AbandonedReferenceError",
    "AmbientAuthorityError",
    "CopyDataError",
    "CrankTimeoutError",
    "DisconnectedError",
    "EvolutionError",
    "FirstCrankError",
    "GuardDefinitionError",
    "GuardError",
    "IncompatibleKindError",
    "KeyExistsError",
    "KeyNotFoundError",
    "KeyTooLargeError",
    "KindNotDefinedError",
    "KindRedefinedError",
    "KindsNotPreparedError",
    "LabelInUseError",
    "MethodsRemovedWarning",
    "NoVatError",
    "NotAKeyError",
    "NotAPatternError",
    "NotDurableError",
    "NotPassableError",
    "NotStorableError",
    "PatternDefinitionError",
    "PatternMismatchError",
    "ReadOnlyStoreError",
    "RemoteError",
    "RevokedError",
    "StaleIteratorError",
    "StateFieldError",
    "StoreCorruptError",
    "StoreError",
    "StoreFormatError",
    "StoreFullError",
    "StoreLockedError",
    "UnknownKindHandleError",
    "UnsettledError",
    "UpgradeError",
    "ValueTooLargeError",
    "VatDataError",
    "VatStartError",
    "VatTerminatedError",
    "WrongReceiverError",
    "format_path",
]


Step = str | int
"""One step from a value to a part of it: a field name, an index, or ``"key 3"`` for a member of a collection."""


def format_path(path: Sequence[Step]) -> str:
    """Render a path to a part of a value as Python would write it: ``['rows'][3]``; empty for the value itself."""
    return "".join(f"[{step!r}]" for step in path)


class VatDataError(Exception):
    """Root of every error that this library raises on purpose."""


# --- which vat, which crank, which kind ------------------------------------------------------------------------


class NoVatError(VatDataError, RuntimeError):
    """Something that belongs to a vat was used where no crank of that vat runs.

    Fields: ``what`` (the operation or object), ``vat`` (the vat that it belongs to, or None where there is none).
    """

    def __init__(self, what: str, vat: str | None = None) -> None:
        super().__init__(what, vat)
        self.what = what
        self.vat = vat

    def __str__(self) -> str:
        if self.vat is None:
            return (
                f"{self.what} needs a vat, and no crank is running here. Call it from build_root_object or a "
                f"method of a vat, or inside 'with vat.crank():'"
            )
        return (
            f"{self.what} belongs to vat {self.vat!r}, and no crank of that vat is running here. Use it inside "
            f"'with vat.crank():', or call the vat with vat.call(...)"
        )


class FirstCrankError(VatDataError, RuntimeError):
    """A kind was defined when the first crank's window for definitions had already closed.

    Fields: ``what`` (the function), ``name`` (the kind), ``vat``, ``incarnation``.
    """

    def __init__(self, what: str, name: str, vat: str, incarnation: int) -> None:
        super().__init__(what, name, vat, incarnation)
        self.what = what
        self.name = name
        self.vat = vat
        self.incarnation = incarnation

    def __str__(self) -> str:
        return (
            f"{self.what} of kind {self.name!r} came too late: vat {self.vat!r} has finished building incarnation "
            f"{self.incarnation}, and messages may already arrive. Call it in build_root_object before the result "
            f"is returned, unconditionally and before the first await on anything outside the vat"
        )


class KindsNotPreparedError(VatDataError):
    """A durable kind of an earlier incarnation had no ``prepare_*`` in the first crank.

    Fields: ``missing`` (kind names in order of their first definition), ``vat``, ``incarnation`` (the one that
    could not start).
    """

    def __init__(self, missing: tuple[str, ...], vat: str, incarnation: int) -> None:
        super().__init__(missing, vat, incarnation)
        self.missing = missing
        self.vat = vat
        self.incarnation = incarnation

    def __str__(self) -> str:
        return (
            f"vat {self.vat!r} cannot start incarnation {self.incarnation}: no prepare_* ran in its first crank "
            f"for the stored kinds {', '.join(map(repr, self.missing))}. Prepare each of them in "
            f"build_root_object before the first await, or retire a kind that has no instances left with "
            f"retire_kind(baggage, name). 'vatdata-lint why KIND' shows the ways that skip a definition"
        )


class KindNotDefinedError(VatDataError, RuntimeError):
    """An instance was read before its kind was defined in this incarnation.

    Fields: ``name``, ``vat``, ``incarnation``.
    """

    def __init__(self, name: str, vat: str, incarnation: int) -> None:
        super().__init__(name, vat, incarnation)
        self.name = name
        self.vat = vat
        self.incarnation = incarnation

    def __str__(self) -> str:
        return (
            f"an instance of kind {self.name!r} was read before incarnation {self.incarnation} of vat {self.vat!r} "
            f"defined that kind. Prepare {self.name!r} first, then read what holds its instances"
        )


class KindRedefinedError(VatDataError, RuntimeError):
    """A kind was defined a second time in one incarnation. Fields: ``name``, ``vat``, ``incarnation``."""

    def __init__(self, name: str, vat: str, incarnation: int) -> None:
        super().__init__(name, vat, incarnation)
        self.name = name
        self.vat = vat
        self.incarnation = incarnation

    def __str__(self) -> str:
        return (
            f"kind {self.name!r} is already defined in incarnation {self.incarnation} of vat {self.vat!r}: each "
            f"kind is defined once per incarnation. Keep the maker that the first definition returned, or give "
            f"the second kind another name"
        )


class IncompatibleKindError(VatDataError, TypeError):
    """A stored kind was redefined in a way that its stored instances cannot follow.

    Fields: ``name``, ``reasons`` (one sentence each, naming field or facet), ``vat``.
    """

    def __init__(self, name: str, reasons: tuple[str, ...], vat: str) -> None:
        super().__init__(name, reasons, vat)
        self.name = name
        self.reasons = reasons
        self.vat = vat

    def __str__(self) -> str:
        return (
            f"kind {self.name!r} of vat {self.vat!r} cannot be redefined like this: {'; '.join(self.reasons)}. "
            f"Widen instead of narrowing, or raise version= and give migrate="
        )


class MethodsRemovedWarning(UserWarning):
    """Told at a start: a redefined kind lacks methods that its stored instances had."""


class UnknownKindHandleError(VatDataError, TypeError):
    """Something that is no kind handle of this vat was given as one. Fields: ``value_repr``, ``vat``."""

    def __init__(self, value_repr: str, vat: str) -> None:
        super().__init__(value_repr, vat)
        self.value_repr = value_repr
        self.vat = vat

    def __str__(self) -> str:
        return (
            f"{self.value_repr} is not a kind handle of vat {self.vat!r}. Get one from make_kind_handle(tag) or "
            f"provide_kind_handle(baggage, kind_name)"
        )


class EvolutionError(VatDataError, RuntimeError):
    """``rename_kind``, ``retire_kind`` or a migration cannot be carried out. Fields: ``name``, ``reason``, ``vat``."""

    def __init__(self, name: str, reason: str, vat: str) -> None:
        super().__init__(name, reason, vat)
        self.name = name
        self.reason = reason
        self.vat = vat

    def __str__(self) -> str:
        return f"kind {self.name!r} of vat {self.vat!r}: {self.reason}"


class WrongReceiverError(VatDataError, TypeError):
    """A method was applied to an object that is not an instance of its kind and facet.

    Fields: ``method`` (with kind and facet), ``receiver`` (what was given, as text).
    """

    def __init__(self, method: str, receiver: str) -> None:
        super().__init__(method, receiver)
        self.method = method
        self.receiver = receiver

    def __str__(self) -> str:
        return (
            f"{self.method} was applied to {self.receiver}, which is not an instance of that kind and facet. "
            f"Call the method on the object itself"
        )


class StateFieldError(VatDataError, AttributeError):
    """A state field that the kind does not have was read, assigned or deleted.

    Fields: ``field``, ``kind``, ``fields`` (those that exist), ``problem`` (a clause).
    """

    def __init__(
        self, field: str, kind: str, fields: tuple[str, ...], problem: str = "does not exist"
    ) -> None:
        super().__init__(field, kind, fields, problem)
        self.field = field
        self.kind = kind
        self.fields = fields
        self.problem = problem

    def __str__(self) -> str:
        known = ", ".join(map(repr, self.fields)) or "none"
        return f"state field {self.field!r} of kind {self.kind!r} {self.problem}; its fields are {known}"


# --- data ------------------------------------------------------------------------------------------------------


class _PathError(VatDataError, TypeError):
    """An error about a part of a value. Fields: ``reason``, ``path`` (steps to the culprit)."""

    _prefix = ""

    def __init__(self, reason: str, path: tuple[Step, ...] = ()) -> None:
        super().__init__(reason, path)
        self.reason = reason
        self.path = path

    def __str__(self) -> str:
        where = f" (at {format_path(self.path)})" if self.path else ""
        return f"{self._prefix}{self.reason}{where}"


class NotPassableError(_PathError):
    """A value is outside the data model: it can be neither stored nor sent. Fields: ``reason``, ``path``."""

    _prefix = "not passable: "


class NotDurableError(_PathError):
    """A value that does not survive a restart was put in a durable place. Fields: ``reason``, ``path``."""

    _prefix = "not durable: "


class NotStorableError(_PathError):
    """A value cannot live in the zone that should keep it. Fields: ``reason``, ``path``."""

    _prefix = "not storable: "


class NotAKeyError(_PathError):
    """A value cannot be a key. Fields: ``reason``, ``path``."""

    _prefix = "not a key: "


class NotAPatternError(_PathError):
    """A value cannot be a pattern. Fields: ``reason``, ``path``."""

    _prefix = "not a pattern: "


class CopyDataError(VatDataError, ValueError):
    """A copy set, bag or map was built from parts that do not make one. Field: ``reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class PatternDefinitionError(VatDataError, ValueError):
    """A matcher, limit or guard was built with an argument that makes no sense. Field: ``reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class PatternMismatchError(VatDataError, ValueError):
    """A value does not match its pattern.

    Fields: ``path`` (steps to the culprit), ``label`` (what was checked, or None), ``expected`` (the pattern that
    failed, as text), ``value`` (the culprit itself).
    """

    def __init__(self, path: tuple[Step, ...], label: str | None, expected: str, value: Any) -> None:
        super().__init__(path, label, expected, value)
        self.path = path
        self.label = label
        self.expected = expected
        self.value = value

    def _subject(self) -> str:
        return self.label or "value"

    def __str__(self) -> str:
        where = f" at {format_path(self.path)}" if self.path else ""
        return f"{self._subject()}{where}: expected {self.expected}, found {_short(self.value)}"


class GuardError(PatternMismatchError):
    """An argument or result of a guarded method does not match its guard.

    Fields besides those of ``PatternMismatchError``: ``method``, ``interface``, ``position`` (argument number from
    0, parameter name, or ``"result"``; None for a wrong number of arguments).
    """

    def __init__(
        self,
        path: tuple[Step, ...],
        label: str | None,
        expected: str,
        value: Any,
        method: str,
        interface: str,
        position: int | str | None,
    ) -> None:
        super().__init__(path, label, expected, value)
        self.args = (path, label, expected, value, method, interface, position)
        self.method = method
        self.interface = interface
        self.position = position

    def _subject(self) -> str:
        call = f"{self.interface}.{self.method}"
        if self.position is None:
            return f"call of {call}"
        if self.position == "result":
            return f"result of {call}"
        return f"argument {self.position!r} of {call}"


class GuardDefinitionError(VatDataError, TypeError):
    """A guard is malformed, or an interface guard and the methods that it guards do not agree.

    Fields: ``interface`` (None for the guard of a method that is in no interface yet), ``reason``.
    """

    def __init__(self, interface: str | None, reason: str) -> None:
        super().__init__(interface, reason)
        self.interface = interface
        self.reason = reason

    def __str__(self) -> str:
        return self.reason if self.interface is None else f"interface {self.interface!r}: {self.reason}"


class KeyNotFoundError(VatDataError, KeyError):
    """A store has no such key. Fields: ``key``, ``store`` (its label)."""

    def __init__(self, key: Any, store: str) -> None:
        super().__init__(key, store)
        self.key = key
        self.store = store

    def __str__(self) -> str:
        return f"store {self.store!r} has no key {_short(self.key)}"


class KeyExistsError(VatDataError, KeyError):
    """A store already has the key that should be new. Fields: ``key``, ``store`` (its label)."""

    def __init__(self, key: Any, store: str) -> None:
        super().__init__(key, store)
        self.key = key
        self.store = store

    def __str__(self) -> str:
        return f"store {self.store!r} already has key {_short(self.key)}; use set() to replace its value"


class KeyTooLargeError(VatDataError, ValueError):
    """A key is longer than a store can hold. Fields: ``size_bytes``, ``limit_bytes``, ``store``."""

    def __init__(self, size_bytes: int, limit_bytes: int, store: str) -> None:
        super().__init__(size_bytes, limit_bytes, store)
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        self.store = store

    def __str__(self) -> str:
        return (
            f"key for store {self.store!r} takes {self.size_bytes} bytes encoded, the limit is {self.limit_bytes}. "
            f"Use a shorter key, a hash of it for example"
        )


class ValueTooLargeError(VatDataError, ValueError):
    """A value is larger than the store accepts. Fields: ``size_bytes``, ``limit_bytes``, ``where``."""

    def __init__(self, size_bytes: int, limit_bytes: int, where: str) -> None:
        super().__init__(size_bytes, limit_bytes, where)
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        self.where = where

    def __str__(self) -> str:
        return (
            f"value for {self.where} takes {self.size_bytes} bytes encoded, the limit is {self.limit_bytes}. "
            f"Split it over several entries, or raise value_limit when opening the store"
        )


class StaleIteratorError(VatDataError, RuntimeError):
    """A store gained a key while an iteration over it was under way. Field: ``store``."""

    def __init__(self, store: str) -> None:
        super().__init__(store)
        self.store = store

    def __str__(self) -> str:
        return (
            f"store {self.store!r} gained a key, or its crank was aborted, since this iteration began. Iterate over "
            f"snapshot() or list(store.keys()) to add while looping"
        )


class LabelInUseError(VatDataError, RuntimeError):
    """A zone label or baggage key was used twice, or reopened as something else. Fields: ``label``, ``reason``."""

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(label, reason)
        self.label = label
        self.reason = reason

    def __str__(self) -> str:
        return f"label {self.label!r}: {self.reason}"


class RevokedError(VatDataError, RuntimeError):
    """A revoked forwarder was used. Field: ``what``."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} has been revoked"


# --- lives of a vat --------------------------------------------------------------------------------------------


class DisconnectedError(VatDataError):
    """The incarnation that had to settle a promise has ended.

    Fields: ``name``, ``upgrade_message``, ``incarnation_number`` (of the incarnation that ended). Equal when the
    fields are, as data is.
    """

    def __init__(
        self,
        incarnation_number: int,
        upgrade_message: str = "vat stopped",
        name: str = "vatUpgraded",
    ) -> None:
        super().__init__(incarnation_number, upgrade_message, name)
        self.name = name
        self.upgrade_message = upgrade_message
        self.incarnation_number = incarnation_number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DisconnectedError) and self.args == other.args

    def __hash__(self) -> int:
        return hash((DisconnectedError, self.args))

    def __str__(self) -> str:
        return f"incarnation {self.incarnation_number} ended before it settled this promise ({self.upgrade_message})"


class VatStartError(VatDataError):
    """A vat could not start. Fields: ``vat``, ``reason``."""

    def __init__(self, vat: str, reason: str) -> None:
        super().__init__(vat, reason)
        self.vat = vat
        self.reason = reason

    def __str__(self) -> str:
        return f"vat {self.vat!r} cannot start: {self.reason}"


class UpgradeError(VatDataError):
    """An upgrade was refused; the old incarnation goes on. Fields: ``vat``, ``reason``; ``__cause__`` says why."""

    def __init__(self, vat: str, reason: str) -> None:
        super().__init__(vat, reason)
        self.vat = vat
        self.reason = reason

    def __str__(self) -> str:
        return f"upgrade of vat {self.vat!r} was refused and its old incarnation goes on: {self.reason}"


class VatTerminatedError(VatDataError):
    """The vat that a call was meant for has been terminated. Fields: ``vat``, ``reason``."""

    def __init__(self, vat: str, reason: str = "") -> None:
        super().__init__(vat, reason)
        self.vat = vat
        self.reason = reason

    def __str__(self) -> str:
        return f"vat {self.vat!r} was terminated" + (f": {self.reason}" if self.reason else "")


class AbandonedReferenceError(VatDataError, ReferenceError):
    """A reference means an object that no incarnation can reach any more. Field: ``what``."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.what} is gone: heap and virtual objects end with their incarnation, and a durable object that "
            f"nothing refers to is deleted. Keep what must survive in durable data"
        )


class RemoteError(VatDataError):
    """An exception of a class that does not travel, raised in another vat or read back from the store.

    Fields: ``class_name``, ``message``.
    """

    def __init__(self, class_name: str, message: str) -> None:
        super().__init__(class_name, message)
        self.class_name = class_name
        self.message = message

    def __str__(self) -> str:
        return f"{self.class_name}: {self.message}"


class UnsettledError(VatDataError, RuntimeError):
    """A call returned a promise that nothing left to run can settle. Fields: ``what``, ``hint`` (may be empty)."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        reason = self.hint or "Something awaits a promise that no one resolves"
        return f"the result of {self.what} cannot settle now: nothing is left to run. {reason}"


class CrankTimeoutError(VatDataError, TimeoutError):
    """A crank ran longer than ``crank_timeout`` allows and was aborted. Fields: ``vat``, ``seconds``."""

    def __init__(self, vat: str, seconds: float) -> None:
        super().__init__(vat, seconds)
        self.vat = vat
        self.seconds = seconds

    def __str__(self) -> str:
        return f"a crank of vat {self.vat!r} ran longer than {self.seconds} s and was aborted"


class AmbientAuthorityError(VatDataError, PermissionError):
    """Code inside a crank reached for the outside world. Fields: ``what`` (the call), ``instead`` (what to use)."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(what, instead)
        self.what = what
        self.instead = instead

    def __str__(self) -> str:
        return (
            f"{self.what} is refused inside a crank: a crank must end by itself, and what it does must be undone "
            f"when it is aborted. {self.instead}"
        )


# --- the store -------------------------------------------------------------------------------------------------


class StoreError(VatDataError, OSError):
    """The store cannot do what was asked. Fields: ``path``, ``reason``."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"store {self.path!r}: {self.reason}"


class StoreLockedError(StoreError):
    """Another writer has the store open. Field besides those of ``StoreError``: ``holder`` (who, as text)."""

    def __init__(self, path: str, holder: str) -> None:
        super().__init__(path, holder)
        self.holder = holder
        self.reason = holder

    def __str__(self) -> str:
        return (
            f"store {self.path!r} is already open for writing by {self.holder}. A store has one writer: close that "
            f"one first, or open this one with readonly=True"
        )


class StoreFullError(StoreError):
    """There is no room for a batch; nothing of it was written, and everything acknowledged is safe."""


class StoreCorruptError(StoreError):
    """Stored bytes are damaged or inconsistent."""


class StoreFormatError(StoreError):
    """The file is not a vatdata store, or one of a format that this version does not read."""


class ReadOnlyStoreError(StoreError):
    """A write was asked of a store that is open for reading, or that the system does not let us write."""


def _short(value: object, limit: int = 200) -> str:
    """Represent *value* in at most *limit* characters, whatever its own repr does."""
    try:
        text = repr(value)
    except Exception as error:  # a repr that raises must not hide the error being reported
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
