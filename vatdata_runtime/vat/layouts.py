"""The layouts of one kind: which ordered sets of fields its records have had, and which they have now."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import StateFieldError
from ..passable import DecodeError
from .descriptors import StoredLayout
from .identifiers import Base
from .state import Layout, State, set_base

if TYPE_CHECKING:
    from .kinds import Kind

__all__ = ["KindLayouts"]

Build = Callable[[Mapping[str, Any]], State]


class KindLayouts:
    """The layouts of a kind, those that the store remembers and those that this incarnation is about to add.

    Attributes:
        stored: the layouts by number, as the store remembers them.
        current: layouts by number whose records are known to be taken as they are.
        builders: what turns fields into a state, by the names of the fields in the order that ``init`` gives them.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.stored: list[StoredLayout] = []
        self.builders: dict[tuple[str, ...], Build] = {}
        self._by_number: dict[int, Layout] = {}
        self.current: dict[int, Layout] = {}
        self._unnumbered: list[Layout] = []  # no record was written in them yet
        self._ghosts: type[State] | None = None

    def forget_shape(self) -> None:
        """Forget the layouts that an earlier, failed definition made: another shape is checked from now on."""
        self.builders.clear()
        self._by_number.clear()
        self.current.clear()
        self._unnumbered.clear()
        self._ghosts = None

    def take(self, layouts: tuple[Any, ...]) -> None:
        """Continue with the layouts that the store knows."""
        self.stored = [StoredLayout(*layout) for layout in layouts]

    def distrust(self) -> None:
        """Have all stored records checked against whatever shape the kind gets next: it has none now."""
        self.stored = [layout._replace(is_checked=False) for layout in self.stored]
        self.current.clear()

    @property
    def described(self) -> tuple[Any, ...]:
        """The layouts as the descriptor keeps them."""
        return tuple(tuple(layout) for layout in self.stored)

    def stale(self) -> dict[int, StoredLayout]:
        """Return the layouts whose records are migrated, or checked for the first time, when they are loaded."""
        kind = self._kind
        stale: dict[int, StoredLayout] = {}
        for number, stored in enumerate(self.stored):
            current = None if kind.shape is None else (kind.version, frozenset(kind.shape), True)
            if self.is_migrated(number) or current not in (
                None,
                (stored.version, frozenset(stored.fields), stored.is_checked),
            ):
                stale[number] = stored
        return stale

    def is_migrated(self, number: int) -> bool:
        """Whether records of a layout are of an older version, and the kind says how they become of this one."""
        kind = self._kind
        return self.stored[number].version < kind.version and kind.migrate is not None

    def numbered(self, number: int) -> Layout:
        """Return the layout that stored records begin with the number of."""
        layout = self._by_number.get(number)
        if layout is None:
            fields = self.stored[number].fields
            shape = self._kind.shape
            if shape is not None and set(fields) - set(shape):
                shape = None  # an older version's fields; only migrate reads them
            layout = self._make(number, fields, shape)
        return layout

    def _make(self, number: int | None, fields: tuple[str, ...], shape: Mapping[str, Any] | None) -> Layout:
        kind = self._kind
        layout = Layout(kind.tag, number, fields, shape, kind)
        # Its classes first: a layout that is found again after Ctrl-C is known in full.
        for cls in layout.classes:
            kind.incarnation.layouts[cls] = (layout, kind)
        if number is None:
            self._unnumbered.append(layout)
        else:
            self._by_number[number] = layout
        return layout

    def of_row(self, row: list[Any]) -> Layout | None:
        """Return the layout of a stored row if its records are taken as they are, None if it is stale.

        Raises:
            DecodeError: it is no row of this kind.
        """
        number: Any = row[0] if row else None
        if type(number) is not int or not 0 <= number < len(self.stored):
            raise DecodeError("it does not begin with a layout number")
        layout = self.current.get(number)
        if layout is None or len(row) != layout.width:
            stored, kind = self.stored[number], self._kind
            if len(row) != 1 + len(stored.fields):
                raise DecodeError("it has another number of fields than its layout")
            if self.is_migrated(number) or (
                kind.shape is not None and stored != (kind.version, tuple(kind.shape), True)
            ):
                return None
            layout = self.current[number] = self.numbered(number)
        return layout

    def for_names(self, names: tuple[str, ...]) -> Layout:
        """Return the layout of instances whose ``init`` gives these fields, in whatever order.

        Raises:
            StateFieldError: a name is no field of the state shape, or cannot be an attribute.
        """
        kind = self._kind
        fields = tuple(kind.shape) if kind.shape is not None else names
        for name in names:
            if name not in fields:
                raise StateFieldError(name, kind.tag, fields, "is not in the state shape")
            if not _can_be_attribute(name):
                raise StateFieldError(str(name), kind.tag, fields, "cannot be a field: use an identifier")
        is_checked = kind.shape is not None
        for number, known in enumerate(self.stored):
            # Records from before there was a shape keep a layout of their own: they are checked when loaded.
            is_same_sort = (known.version, known.is_checked) == (kind.version, is_checked)
            if is_same_sort and set(known.fields) == set(fields):
                return self.numbered(number)
        for layout in self._unnumbered:
            if set(layout.fields) == set(fields):
                return layout
        return self._make(None, fields, kind.shape)

    def ghost(self, base: Base) -> State:
        """Make a state whose record is not loaded."""
        # Any layout will do: a ghost of another layout than its record's forwards to the loaded state.
        cls = self._ghosts
        if cls is None:
            newest = len(self.stored) - 1
            layout = self.for_names(tuple(self._kind.shape or ())) if newest < 0 else self.numbered(newest)
            cls = self._ghosts = layout.classes[0]
        state = cls()
        set_base(state, base)
        return state

    def give_number(self, layout: Layout) -> None:
        """Give a layout its number: a first record is about to be written in it."""
        kind, number = self._kind, len(self.stored)
        # Noted first: Ctrl-C anywhere behind this line aborts the crank, and ``forget_from`` takes back what there is.
        kind.incarnation.note_layout(kind)
        self._by_number[number] = layout
        self._unnumbered.remove(layout)
        layout.take_number(number)
        self.stored.append(StoredLayout(kind.version, layout.fields, kind.shape is not None))

    def forget_from(self, count: int) -> None:
        """Take back the numbers that layouts got in a crank that is being aborted, also where that was interrupted."""
        del self.stored[count:]
        for number in [number for number in self._by_number if number >= count]:
            layout = self._by_number.pop(number)
            self.current.pop(number, None)
            layout.take_number(None)
            if layout not in self._unnumbered:
                self._unnumbered.append(layout)


def _can_be_attribute(name: object) -> bool:
    """Whether source code can write the attribute *name*, spelled so."""
    return (
        type(name) is str
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("__")
        and unicodedata.normalize("NFKC", name) == name
    )
