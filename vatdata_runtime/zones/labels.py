"""The rules of labels, the same in every zone: each is used once an incarnation, and a failure uses none."""

from __future__ import annotations

import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import KeyTooLargeError, LabelInUseError
from ..passable import encode_key, freeze
from ..vat.stores.entries import KEY_LIMIT_BYTES
from .baggage import handle_key, singleton_key

if TYPE_CHECKING:
    from ..vat.identifiers import Slot
    from ..vat.incarnation import Incarnation

__all__ = ["Labels", "check_label", "exo_names", "kind_names", "labels_of_baggage", "own_name"]


def own_name(label: str) -> tuple[str, ...]:
    """Names that a store, a sub-zone or a value uses up: the label."""
    return (label,)


def kind_names(label: str) -> tuple[str, ...]:
    """Names that a class or a kit uses up: the key of its handle."""
    return (handle_key(label),)


def exo_names(label: str) -> tuple[str, ...]:
    """Names that a single exo uses up: the keys of its kind's handle and of the instance."""
    return (handle_key(label), singleton_key(label))


class Labels:
    """The names that one zone, or all zones over one baggage, have used in this incarnation."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    @contextmanager
    def claim(
        self, incarnation: Incarnation, where: str, label: object, names: tuple[str, ...]
    ) -> Generator[None]:
        """Use up *names* for what is made inside the block; if it raises, they and all that it wrote are free again.

        They are used up while the block runs, so that what it calls cannot use them either, and free again when the
        crank is aborted.

        Args:
            incarnation: the one whose crank runs.
            where: the zone, for messages.
            label: what the user gave; ``check_label`` has seen it.
            names: the keys that belong to the label.

        Raises:
            LabelInUseError: one of them is in use; nothing changes.
        """
        for name in names:
            if name in self._used:
                key = "" if name == label else f" (its key {name!r})"
                raise LabelInUseError(
                    str(label),
                    f"already used in {where} in this incarnation{key}. Keep what the first use returned, or take "
                    f"another label",
                )
        with incarnation.undo.savepoint():
            incarnation.on_abort(lambda: self._used.difference_update(names))
            self._used.update(names)
            yield


def check_label(label: object, where: str) -> str:
    """Return *label* if it can be one in every zone.

    Raises:
        TypeError: it is no text, or empty.
        NotPassableError: it holds a lone surrogate.
        KeyTooLargeError: a key made of it would be longer than stores accept.
    """
    if not isinstance(label, str) or not label:
        raise TypeError(f"a label in {where} is text that is not empty, not {label!r}")
    text: str = freeze(label)
    longest = exo_names(text)[0]
    size = len(encode_key(longest, _no_ordinal))
    if size > KEY_LIMIT_BYTES:
        raise KeyTooLargeError(size, KEY_LIMIT_BYTES, where)
    return text


def _no_ordinal(_key: object) -> int:
    raise AssertionError("a label is text, which mentions no remotable")


_of_baggage: weakref.WeakKeyDictionary[Incarnation, dict[Slot, Labels]] = weakref.WeakKeyDictionary()


def labels_of_baggage(incarnation: Incarnation, slot: Slot) -> Labels:
    """Return the labels used in a baggage: the same for every zone object over it, in this incarnation."""
    return _of_baggage.setdefault(incarnation, {}).setdefault(slot, Labels())
