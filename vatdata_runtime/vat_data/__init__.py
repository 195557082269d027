"""The vat-data functions: what user code defines kinds and makes stores with, acting on the vat whose crank runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..late import late_names

if TYPE_CHECKING:
    from ..vat.definitions import DefineKindOptions
    from .helpers import (
        can_be_durable,
        ignore_context,
        partial_assign,
        pick_facet,
        register_enum,
    )
    from .kinds import *  # noqa: F403  # naming the deprecated ones here would be reported as a use of them
    from .stores import (
        make_scalar_big_map_store,
        make_scalar_big_set_store,
        make_scalar_big_weak_map_store,
        make_scalar_big_weak_set_store,
        make_scalar_map_store,
        make_scalar_set_store,
        make_scalar_weak_map_store,
        make_scalar_weak_set_store,
        provide,
        provide_durable_map_store,
        provide_durable_set_store,
        provide_durable_weak_map_store,
        provide_durable_weak_set_store,
    )
    from .types import Baggage
    from .watching import (
        provide_promise_watcher,
        watch_promise,
    )
else:
    __getattr__ = late_names(
        __name__,
        {
            "..vat.definitions": ("DefineKindOptions",),
            ".helpers": ("can_be_durable", "ignore_context", "partial_assign", "pick_facet", "register_enum"),
            ".kinds": (
                "define_durable_exo_class",
                "define_durable_exo_class_kit",
                "define_durable_kind",
                "define_durable_kind_multi",
                "define_exo_class",
                "define_exo_class_kit",
                "define_kind",
                "define_kind_multi",
                "define_virtual_exo_class",
                "define_virtual_exo_class_kit",
                "make_exo",
                "make_kind_handle",
                "prepare_exo",
                "prepare_exo_class",
                "prepare_exo_class_kit",
                "prepare_kind",
                "prepare_kind_multi",
                "prepare_singleton",
                "provide_kind_handle",
                "rename_kind",
                "retire_kind",
            ),
            ".stores": (
                "make_scalar_big_map_store",
                "make_scalar_big_set_store",
                "make_scalar_big_weak_map_store",
                "make_scalar_big_weak_set_store",
                "make_scalar_map_store",
                "make_scalar_set_store",
                "make_scalar_weak_map_store",
                "make_scalar_weak_set_store",
                "provide",
                "provide_durable_map_store",
                "provide_durable_set_store",
                "provide_durable_weak_map_store",
                "provide_durable_weak_set_store",
            ),
            ".types": ("Baggage",),
            ".watching": ("provide_promise_watcher", "watch_promise"),
        },
    )

__all__ = [  # noqa: F405  # as above
    "Baggage",
    "DefineKindOptions",
    "can_be_durable",
    "define_durable_exo_class",
    "define_durable_exo_class_kit",
    "define_durable_kind",
    "define_durable_kind_multi",
    "define_exo_class",
    "define_exo_class_kit",
    "define_kind",
    "define_kind_multi",
    "define_virtual_exo_class",
    "define_virtual_exo_class_kit",
    "ignore_context",
    "make_exo",
    "make_kind_handle",
    "make_scalar_big_map_store",
    "make_scalar_big_set_store",
    "make_scalar_big_weak_map_store",
    "make_scalar_big_weak_set_store",
    "make_scalar_map_store",
    "make_scalar_set_store",
    "make_scalar_weak_map_store",
    "make_scalar_weak_set_store",
    "partial_assign",
    "pick_facet",
    "prepare_exo",
    "prepare_exo_class",
    "prepare_exo_class_kit",
    "prepare_kind",
    "prepare_kind_multi",
    "prepare_singleton",
    "provide",
    "provide_durable_map_store",
    "provide_durable_set_store",
    "provide_durable_weak_map_store",
    "provide_durable_weak_set_store",
    "provide_kind_handle",
    "provide_promise_watcher",
    "register_enum",
    "rename_kind",
    "retire_kind",
    "watch_promise",
]
