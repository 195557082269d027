"""The prepare words: what the runtime calls its definers, its zones and the things that only look like them."""

from __future__ import annotations

import re

__all__ = [
    "AWAIT_FREE",
    "BEHAVIOR_CLASSES",
    "CONSUMERS",
    "DEFINERS",
    "DURABLE_COLLECTIONS",
    "ENTRY_NAMES",
    "GATHERERS",
    "LATER_STARTERS",
    "MAKER_TAKERS",
    "PRIMITIVE_WORDS",
    "RUNTIME_PACKAGE",
    "STABLE_CALLS",
    "UNSTABLE_CALLS",
    "ZONE_DEFINERS",
    "ZONE_MAKERS",
    "is_prepare_word",
    "looks_like_baggage",
    "snake_case",
]

RUNTIME_PACKAGE = "vatdata_runtime"

ENTRY_NAMES = frozenset({"build_root_object", "buildRootObject", "start"})

DEFINERS = {
    "prepare_exo": "exo",
    "prepare_exo_class": "class",
    "prepare_exo_class_kit": "kit",
    "prepare_singleton": "exo",
    "prepare_kind": "class",
    "prepare_kind_multi": "kit",
    "prepare_attenuator_maker": "class",
    "prepare_revocable_maker_kit": "kit",
    "define_durable_kind": "class",
    "define_durable_kind_multi": "kit",
    "define_durable_exo_class": "class",
    "define_durable_exo_class_kit": "kit",
}
"""Name in snake case to the form of the kind; the first argument is a baggage or zone, or a kind handle."""

ZONE_DEFINERS = {"exo": "exo", "exo_class": "class", "exo_class_kit": "kit"}
"""The same for methods of a zone; ``prepare`` needs a look at the receiver and is not here."""

BEHAVIOR_CLASSES = frozenset({"Exo", "ExoKit", "Facet"})

ZONE_MAKERS = {
    "make_heap_zone": "heap",
    "make_virtual_zone": "virtual",
    "make_durable_zone": "durable",
}

DURABLE_COLLECTIONS = frozenset(
    {
        "provide_durable_map_store",
        "provide_durable_set_store",
        "provide_durable_weak_map_store",
        "provide_durable_weak_set_store",
    }
)

MAKER_TAKERS = {"provide": 2, "provide_async": 2, "provide_lazy": 2, "make_once": 1}
"""Position of the maker that runs only while the key is absent."""

LATER_STARTERS = {
    "create_task": 0,
    "ensure_future": 0,
    "run_coroutine_threadsafe": 0,
    "start_soon": 0,
    "start_new_thread": 0,
    "spawn": 0,
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "call_later": 1,
    "call_at": 1,
    "submit": 0,
    "apply_async": 0,
    "run_in_executor": 1,
    "to_thread": 0,
    "run_sync": 0,
    "Timer": 1,
    "add_done_callback": 0,
    "add_signal_handler": 1,
    "register_callback": 0,
    "then": 0,
}
"""Name of what starts another activation to the position of what it starts; the rest are its arguments."""

GATHERERS = frozenset({"gather", "wait", "wait_for", "shield", "as_completed", "staggered_race"})
"""Every coroutine given to these runs in a task of its own."""

CONSUMERS = frozenset(
    {
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "sum",
        "sorted",
        "min",
        "max",
        "deque",
        "collections.deque",
        "statistics.mean",
        "Counter",
        "collections.Counter",
    }
)
"""External callables that run an iterator to its end."""

AWAIT_FREE = frozenset({"provide_all", "provide_singleton", "evaluate_contract"})
"""Awaited calls that read the baggage from the second incarnation on, so they settle inside the crank."""

UNSTABLE_CALLS = {
    "time": "the clock",
    "datetime.datetime.now": "the clock",
    "datetime.datetime.utcnow": "the clock",
    "datetime.datetime.today": "the clock",
    "datetime.date.today": "the clock",
    "uuid.uuid1": "a fresh uuid",
    "uuid.uuid4": "a fresh uuid",
    "uuid.uuid6": "a fresh uuid",
    "uuid.uuid7": "a fresh uuid",
    "uuid.getnode": "the machine",
    "random": "random numbers",
    "secrets": "random numbers",
    "os.urandom": "random numbers",
    "os.environ": "the environment",
    "os.environb": "the environment",
    "os.getenv": "the environment",
    "os.getpid": "the process",
    "os.getppid": "the process",
    "os.getcwd": "the environment",
    "os.getlogin": "the environment",
    "os.uname": "the machine",
    "os.times": "the clock",
    "platform": "the machine",
    "socket.gethostname": "the machine",
    "socket.getfqdn": "the machine",
    "getpass.getuser": "the environment",
    "sys.argv": "the command line",
    "threading.get_ident": "the thread",
    "threading.get_native_id": "the thread",
    "threading.current_thread": "the thread",
    "multiprocessing.current_process": "the process",
    "tempfile": "a temporary name",
    "numpy.random": "random numbers",
    "builtins.id": "an object's id",
    "builtins.hash": "a hash that differs in every process",
    "builtins.input": "what somebody types",
}
"""Dotted name, or module, to what a value from there depends on."""

STABLE_CALLS = frozenset({"time.strptime", "time.struct_time", "platform.__name__", "time.gmtime.__name__"})

PRIMITIVE_WORDS = (
    r"prepare_(?:exo|singleton|kind|attenuator_maker|revocable_maker)|prepare(?:Exo|Singleton|Kind)"
    r"|define_durable_|defineDurable[A-Z]|\.exo(?:_class\w*|Class\w*)?\b|build_root_object|buildRootObject"
    r"|zone\.prepare\b|prepare(?:_\w+|[A-Z]\w*)\([^()]{0,160}(?:baggage|zone\b)"
)
"""Pattern of which a function holds a match when it defines kinds without the help of others, or is an entry."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake_case(name: str) -> str:
    """Turn ``prepareExoClass`` into ``prepare_exo_class``; other spellings stay."""
    return _CAMEL.sub("_", name).lower() if not name.islower() and name[:1].islower() else name


def is_prepare_word(name: str) -> bool:
    """Say whether a name starts with the word "prepare" and goes on: ``prepare_purse``, ``preparePurse``."""
    return bool(re.match(r"_*prepare(_\w|[A-Z])", name))


def looks_like_baggage(name: str) -> bool:
    """Say whether a variable is called as baggages and zones are."""
    plain = snake_case(name).strip("_")
    return plain in ("baggage", "zone", "bag") or plain.endswith(("baggage", "_zone"))
