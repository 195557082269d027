"""A vat whose objects the tests use directly, reopened at will."""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path
from typing import Any

from vatdata_runtime import (
    Far,
    Vat,
    define_virtual_exo_class,
    define_virtual_exo_class_kit,
    open_vat,
    prepare_exo_class,
    prepare_exo_class_kit,
)

FIELDS = ("a", "b")


class NodeMethods:
    def get(this, name):
        return getattr(this.state, name)

    def set(this, name, value):
        setattr(this.state, name, value)

    def touch(this):
        this.state.a = this.state.a


def no_fields(**fields):
    return {name: fields.get(name) for name in FIELDS}


class World:
    """A store with one vat in it; ``make`` has its makers by zone and shape.

    Attributes:
        vat: the running vat.
        baggage: its baggage, for use inside cranks.
        make: makers by ``(zone, "node")`` and ``(zone, "kit")``.
    """

    vat: Vat
    baggage: Any

    def __init__(self, path: Path, **options: Any) -> None:
        self.path = path
        self.options = options
        self.make: dict[tuple[str, str], Any] = {}
        gc.freeze()  # what the test process holds is not searched at each collection
        self.open()

    def open(self) -> None:
        self.vat = open_vat(self.path, self.build, durability="relaxed", **self.options)

    def build(self, powers, parameters, baggage):
        self.baggage = baggage
        facets = {"left": NodeMethods, "right": NodeMethods}
        self.make = {
            ("durable", "node"): prepare_exo_class(baggage, "Node", None, no_fields, NodeMethods),
            ("durable", "kit"): prepare_exo_class_kit(baggage, "Kit", None, no_fields, facets),
            ("virtual", "node"): define_virtual_exo_class("VNode", None, no_fields, NodeMethods),
            ("virtual", "kit"): define_virtual_exo_class_kit("VKit", None, no_fields, facets),
        }
        return Far("root", {"ping": lambda: None})

    def restart(self) -> None:
        self.vat.close()
        self.baggage = None
        self.make = {}
        self.open()

    def crank(self):
        return self.vat.crank()

    @contextlib.contextmanager
    def aborted_crank(self):
        """Run a crank whose block succeeds, and abort it."""
        with contextlib.suppress(_Abort), self.vat.crank() as root:
            yield root
            raise _Abort

    @property
    def incarnation(self):
        return self.vat._incarnation

    @property
    def view(self):
        return self.vat._store

    def records(self) -> dict[bytes, bytes]:
        """All keys and values of the vat, committed."""
        found = dict(self.view.scan(b"\x02", b"\x04"))
        self.view.release()
        return found

    def count(self, sort: str, zone: str = "durable") -> int:
        """Number of records of one sort (a letter) in a zone."""
        incarnation = self.incarnation
        space = incarnation.durable if zone == "durable" else incarnation.virtual
        prefix = space.prefix + sort.encode()
        return sum(1 for key in self.records() if key.startswith(prefix))

    def close(self) -> None:
        self.vat.close()
        gc.unfreeze()


class _Abort(Exception):
    pass
