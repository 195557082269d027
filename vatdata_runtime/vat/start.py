"""The start of an incarnation: one crank that defines every stored kind again, or leaves nothing behind."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import KindsNotPreparedError, MethodsRemovedWarning, StoreCorruptError, VatStartError
from ..passable import FarObject, Remotable, is_promise
from ..patterns import M
from .authority import install_guard
from .border import Border
from .crank_buffer import ReadView
from .identifiers import DURABLE, HEAP, Base, Slot, Space, join_slot
from .incarnation import Incarnation
from .source import Source, call_build, load_build_function
from .stores.open import BAGGAGE_COLLECTION, MAP, make_stored_store, open_collection
from .vat_record import VatRecord
from .watchers import tell_watchers

if TYPE_CHECKING:
    import asyncio

__all__ = ["VatPowers", "baggage_of", "build_root", "new_incarnation", "start_incarnation"]


class VatPowers:
    """What a vat's code is given besides its parameters and baggage.

    Attributes:
        vat_name: the vat's name.
        incarnation: number of this incarnation, from 0.
    """

    __slots__ = ("incarnation", "vat_name")

    def __init__(self, vat_name: str, incarnation: int) -> None:
        self.vat_name = vat_name
        self.incarnation = incarnation


def start_incarnation(
    view: ReadView,
    *,
    vat_number: int,
    name: str,
    path: str,
    source: Source,
    parameters: Any,
    cache_bytes: int,
    value_limit_bytes: int,
    allows_ambient: bool,
    connect: Callable[[Incarnation], Border] | None = None,
) -> tuple[Incarnation, Remotable, Mapping[bytes, bytes | None]]:
    """Run the first crank of the next incarnation of a vat.

    Args:
        connect: called first, inside that crank; what it returns connects the incarnation with other vats, and its
            powers and parameters stand in place of the plain ones.

    Returns:
        The incarnation, its root object, and the delta that its caller has to commit. Until that is committed the
        vat is what it was before.

    Raises:
        KindsNotPreparedError: a stored durable kind was not defined before the build function's result settled.
        VatStartError: the source has no build function, or its result never settles or is no heap remotable.
        Exception: whatever the source or its build function raises, with a note that names the vat.

    Cost: reads the vat's record and the descriptors of its kinds; nothing that grows with the number of instances.
    """
    incarnation = new_incarnation(
        view,
        vat_number=vat_number,
        name=name,
        path=path,
        cache_bytes=cache_bytes,
        value_limit_bytes=value_limit_bytes,
        allows_ambient=allows_ambient,
    )
    try:
        with incarnation.opened:
            root = build_root(incarnation, source, parameters, connect)
            delta = incarnation.end_crank()
        _warn_of_removed_methods(incarnation)
    except BaseException as error:
        incarnation.abort_crank()
        incarnation.loop.close()
        error.add_note(f"while vat {name!r} was starting incarnation {incarnation.number}")
        raise
    return incarnation, root, delta


def new_incarnation(
    view: ReadView,
    *,
    vat_number: int,
    name: str,
    path: str,
    cache_bytes: int,
    value_limit_bytes: int,
    allows_ambient: bool,
) -> Incarnation:
    """Make the memory of a vat's next incarnation, before its first crank. Reads the vat's record."""
    if not allows_ambient:
        install_guard()
    data = view.get(Space.durable(vat_number).meta)
    record = VatRecord.new() if data is None else VatRecord.decode(data, path)
    return Incarnation(
        view,
        vat_number,
        name,
        path,
        record,
        cache_bytes=cache_bytes,
        value_limit_bytes=value_limit_bytes,
        allows_ambient=allows_ambient,
        open_collection=open_collection,
    )


def build_root(
    incarnation: Incarnation,
    source: Source,
    parameters: Any,
    connect: Callable[[Incarnation], Border] | None,
) -> Remotable:
    """Run the build function in the first crank, which is running, and return the root object.

    In a rehearsal kinds that do not fit, come late or are missing stop nothing; they are noted.
    """
    powers: Any = VatPowers(incarnation.name, incarnation.number)
    if connect is not None:
        incarnation.border = connect(incarnation)
        powers, parameters = incarnation.border.powers, incarnation.border.parameters
    incarnation.kinds.load()
    incarnation.defines = True
    baggage = _baggage(incarnation)
    build = load_build_function(source, incarnation.name)
    result = call_build(build, powers, parameters, baggage)
    root = _settle(incarnation, result)
    incarnation.defines = False
    missing = incarnation.kinds.missing
    if missing and incarnation.kinds.rehearsed is None:
        raise KindsNotPreparedError(missing, incarnation.name, incarnation.number)
    _check_root(incarnation, root)
    if not missing:
        tell_watchers(incarnation)
    incarnation.loop.run_until_idle()
    if incarnation.late and incarnation.kinds.rehearsed is None:
        raise incarnation.late[0]
    return root  # type: ignore[no-any-return]  # _check_root has seen to it


def _warn_of_removed_methods(incarnation: Incarnation) -> None:
    for tag, methods in incarnation.kinds.removed_methods.items():
        warnings.warn(
            f"kind {tag!r} of vat {incarnation.name!r} has lost {', '.join(map(repr, methods))}, which its stored "
            f"instances had before incarnation {incarnation.number}; whoever calls them gets an error",
            MethodsRemovedWarning,
            stacklevel=4,
        )


def baggage_of(incarnation: Incarnation) -> Any:
    """Return the baggage of a vat that has started, in a crank of its."""
    return incarnation.marshal.object_at(join_slot(DURABLE, MAP.kind_number, BAGGAGE_COLLECTION))


def _baggage(incarnation: Incarnation) -> Any:
    slot = join_slot(DURABLE, MAP.kind_number, BAGGAGE_COLLECTION)
    if incarnation.number > 0:
        return incarnation.marshal.object_at(slot)
    baggage = make_stored_store(incarnation, MAP, "baggage", M.string(), None, durable=True)
    if incarnation.marshal.zone_of(baggage) != DURABLE or baggage._vatdata_slot != slot:
        raise StoreCorruptError(
            incarnation.path, "the first collection of a vat is its baggage, and is taken"
        )
    # One count that no record holds: baggage is what an incarnation begins with, and is never deleted.
    incarnation.counts.change((Slot(Base(slot)),), 1, DURABLE)
    return baggage


def _settle(incarnation: Incarnation, result: Any) -> Any:
    """Run the loop until the build function's result has settled; the window for definitions closes with it."""
    loop = incarnation.loop
    if inspect.iscoroutine(result):
        result = loop.create_task(result)
    if not is_promise(result):
        return result
    promise: asyncio.Future[Any] = result

    def close_window(_: object) -> None:
        incarnation.defines = False

    promise.add_done_callback(close_window)
    loop.run_until_idle()
    if not promise.done():
        promise.cancel()
        loop.run_until_idle()
        raise VatStartError(
            incarnation.name,
            "its build function awaits something that nothing in the first crank settles. Await only what the vat "
            "itself resolves, and send messages after the build has returned",
        )
    return promise.result()


def _check_root(incarnation: Incarnation, root: object) -> None:
    if isinstance(root, FarObject) or (
        isinstance(root, Remotable) and incarnation.marshal.zone_of(root) == HEAP
    ):
        return
    what = f"{type(root).__name__} {root!r}"[:120]
    raise VatStartError(
        incarnation.name,
        f"its build function returned {what}; the root is a heap object, made with Far(name, methods) or make_exo",
    )
