# Ways around a definition: operators, handlers, jumps and context managers, as programs write them.
import contextlib
import functools
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING
from vatdata_runtime import Far, M, make_durable_zone, prepare_exo, prepare_exo_class, prepare_exo_class_kit, provide

# case: a ternary whose halves define one kind with other behaviour
def build_root_object(vat_powers, vat_parameters, baggage):
    bell = (
        prepare_exo(baggage, "Bell", None, {"ring": lambda this: "RING"})
        if vat_parameters["loud"]
        else prepare_exo(baggage, "Bell", None, {"ring": lambda this: "ring"})
    )
    return Far("Root", {"bell": lambda: bell})

# case: a ternary with one half empty
def build_root_object(vat_powers, vat_parameters, baggage):
    bell = prepare_exo(baggage, "Bell", None, {}) if vat_parameters["loud"] else None  # finding: VD101
    return Far("Root", {"bell": lambda: bell})

# case: a ternary that chooses only the behaviour
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Bell", None, {"ring": (lambda this: 1) if vat_parameters["loud"] else (lambda this: 0)})

# case: the right side of an and
def build_root_object(vat_powers, vat_parameters, baggage):
    vat_parameters["loud"] and prepare_exo(baggage, "Bell", None, {})  # finding: VD101

# case: the left side of an or
def build_root_object(vat_powers, vat_parameters, baggage):
    bell = prepare_exo(baggage, "Bell", None, {}) or vat_parameters["other"]
    return Far("Root", {"bell": lambda: bell})

# case: a default argument of get is always evaluated
def build_root_object(vat_powers, vat_parameters, baggage):
    bell = vat_parameters.get("bell", prepare_exo(baggage, "Bell", None, {}))
    return Far("Root", {"bell": lambda: bell})

# case: a condition in a nested or, two levels down
def build_root_object(vat_powers, vat_parameters, baggage):
    x = vat_parameters["a"] or (vat_parameters["b"] or prepare_exo(baggage, "Bell", None, {}))  # finding: VD101
    return Far("Root", {"x": lambda: x})

# case: a walrus in the test runs always, one behind the and does not
def build_root_object(vat_powers, vat_parameters, baggage):
    if (a := prepare_exo(baggage, "A", None, {})) and vat_parameters["x"]:
        print(a)
    if vat_parameters["x"] and (b := prepare_exo(baggage, "B", None, {})):  # finding: VD101
        print(b)

# case: every case of a match defines it, with a wildcard
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "fast":
            prepare_exo(baggage, "Engine", None, {"go": lambda this: 2})
        case "slow" | "stopped":
            prepare_exo(baggage, "Engine", None, {"go": lambda this: 1})
        case _:
            prepare_exo(baggage, "Engine", None, {"go": lambda this: 0})

# case: a match without a wildcard
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "fast":
            prepare_exo(baggage, "Engine", None, {})  # finding: VD101
        case "slow":
            prepare_exo(baggage, "Engine", None, {})  # finding: VD101

# case: a match whose wildcard raises
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "fast":
            prepare_exo(baggage, "Engine", None, {})
        case "slow":
            prepare_exo(baggage, "Engine", None, {})
        case other:
            raise ValueError(other)

# case: a wildcard with a guard is no wildcard
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "fast":
            prepare_exo(baggage, "Engine", None, {})  # finding: VD101
        case _ if vat_parameters["x"]:
            prepare_exo(baggage, "Engine", None, {})  # finding: VD101

# case: the else of a try is skipped by a handler that goes on
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
    except ValueError:
        limit = 0
    else:
        prepare_exo(baggage, "Limited", None, {"limit": lambda this: limit})  # finding: VD101

# case: after a try whose handler gives a default
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
    except (KeyError, ValueError):
        limit = 0
    prepare_exo(baggage, "Limited", None, {"limit": lambda this: limit})

# case: inside a try whose handlers all raise
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "Limited", None, {})
    except KeyError as error:
        raise ValueError("no limit") from error
    except TypeError:
        raise

# case: inside a try of which one of two handlers goes on
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = vat_parameters["limit"]
        prepare_exo(baggage, "Limited", None, {"limit": lambda this: limit})  # finding: VD101
    except KeyError:
        print("no limit")
    except TypeError:
        raise

# case: the first statement of a try whose handler goes on
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "Limited", None, {})  # finding: VD101
    except Exception:
        pass

# case: try and handler define the same
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
        prepare_exo(baggage, "Limited", None, {"limit": lambda this: limit})
    except ValueError:
        prepare_exo(baggage, "Limited", None, {"limit": lambda this: 0})

# case: in a finally clause
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        print(vat_parameters["x"])
    finally:
        prepare_exo(baggage, "Always", None, {})

# case: a return in finally swallows what skipped it
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        x = vat_parameters["x"]
        prepare_exo(baggage, "A", None, {"x": lambda this: x})  # finding: VD101
    finally:
        return Far("Root", {})

# case: an early return inside the try, with a finally that defines
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        if vat_parameters["x"]:
            return Far("Root", {})
    finally:
        prepare_exo(baggage, "A", None, {})
    return Far("Root", {"a": lambda: 1})

# case: only in a handler
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        print(vat_parameters["x"])
    except KeyError:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: suppress around it
def build_root_object(vat_powers, vat_parameters, baggage):
    with suppress(KeyError):
        x = vat_parameters["x"]
        prepare_exo(baggage, "A", None, {"x": lambda this: x})  # finding: VD101

# case: suppress by its full name, after it, and around something else
def build_root_object(vat_powers, vat_parameters, baggage):
    with contextlib.suppress(KeyError):
        print(vat_parameters["x"])
    prepare_exo(baggage, "A", None, {})

# case: an ordinary context manager
def build_root_object(vat_powers, vat_parameters, baggage):
    with contextlib.redirect_stdout(sys.stderr):
        prepare_exo(baggage, "A", None, {})

# case: a context manager of ours that lets exceptions through
@contextmanager
def timed(label):
    print("begin", label)
    try:
        yield label
    finally:
        print("end", label)
def build_root_object(vat_powers, vat_parameters, baggage):
    with timed("kinds"):
        prepare_exo(baggage, "A", None, {})

# case: a context manager of ours that swallows
@contextmanager
def quiet():
    try:
        yield
    except Exception as error:
        print(error)
def build_root_object(vat_powers, vat_parameters, baggage):
    with quiet():
        x = vat_parameters["x"]
        prepare_exo(baggage, "A", None, {"x": lambda this: x})  # finding: VD101

# case: a class whose exit gives True
class Quiet:
    def __enter__(self):
        return self
    def __exit__(self, kind, value, trace):
        return True
def build_root_object(vat_powers, vat_parameters, baggage):
    with Quiet():
        x = vat_parameters["x"]
        prepare_exo(baggage, "A", None, {"x": lambda this: x})  # finding: VD101

# case: a class whose exit gives None
class Noted:
    def __enter__(self):
        return self
    def __exit__(self, kind, value, trace):
        print(kind)
def build_root_object(vat_powers, vat_parameters, baggage):
    with Noted():
        x = vat_parameters["x"]
        prepare_exo(baggage, "A", None, {"x": lambda this: x})

# case: an assertion holds the definition
def build_root_object(vat_powers, vat_parameters, baggage):
    assert prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: an assertion in front of it
def build_root_object(vat_powers, vat_parameters, baggage):
    assert vat_parameters, "parameters are needed"
    prepare_exo(baggage, "A", None, {})

# case: an early return two levels deep
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters["names"]:
        if name == "stop":
            return Far("Root", {})
    prepare_exo(baggage, "A", None, {})  # finding: VD101
    return Far("Root", {})

# case: an early return before one and after another
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    if vat_parameters["short"]:
        return Far("Root", {})
    prepare_exo(baggage, "B", None, {})  # finding: VD101
    return Far("Root", {})

# case: a way that exits the process
def build_root_object(vat_powers, vat_parameters, baggage):
    if not vat_parameters:
        sys.exit("no parameters")
    prepare_exo(baggage, "A", None, {})

# case: the same test twice covers both
def build_root_object(vat_powers, vat_parameters, baggage):
    fast = vat_parameters["fast"]
    if fast:
        prepare_exo(baggage, "A", None, {"f": lambda this: 1})
    if not fast:
        prepare_exo(baggage, "A", None, {"f": lambda this: 2})

# case: two tests of different things do not
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["fast"]:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    if vat_parameters["slow"]:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: constants decide
DEBUG = False
def build_root_object(vat_powers, vat_parameters, baggage):
    if True:
        prepare_exo(baggage, "A", None, {})
    if False:
        prepare_exo(baggage, "B", None, {})
    if TYPE_CHECKING:
        prepare_exo(baggage, "C", None, {})
    else:
        prepare_exo(baggage, "D", None, {})
    if DEBUG:
        prepare_exo(baggage, "E", None, {})  # finding: VD101

# case: the condition is inside the helper
def prepare_tracer(baggage, enabled):
    if enabled:
        return prepare_exo(baggage, "Tracer", None, {})  # finding: VD101
    return None
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_tracer(baggage, vat_parameters["trace"])

# case: the condition is outside of a chain of three helpers
def inner(bag):
    return prepare_exo(bag, "Deep", None, {})
def middle(bag):
    return [inner(bag)]
def outer(bag):
    return {"deep": middle(bag)}
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["deep"]:
        outer(baggage)  # finding: VD101

# case: the condition is in the middle of the chain
def inner(bag):
    return prepare_exo(bag, "Deep", None, {})
def middle(bag, on):
    if on:
        inner(bag)  # finding: VD101
def outer(bag, on):
    middle(bag, on)
def build_root_object(vat_powers, vat_parameters, baggage):
    outer(baggage, vat_parameters["deep"])

# case: a helper that fails by raising on one way
def checked(bag, limit):
    if limit < 0:
        raise ValueError(limit)
    return prepare_exo(bag, "Checked", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    checked(baggage, vat_parameters["limit"])

# case: a swallowed failure of the helper skips the rest
def checked(limit):
    if limit < 0:
        raise ValueError(limit)
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        checked(vat_parameters["limit"])
        prepare_exo(baggage, "Checked", None, {})  # finding: VD101
    except ValueError:
        print("negative")
    prepare_exo(baggage, "Other", None, {})

# case: continue in a loop over a constant skips a member
KINDS = ("A", "B", "C")
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in KINDS:
        if name in vat_parameters["off"]:
            continue
        prepare_exo(baggage, name, None, {})  # finding: VD101

# case: a has guard without the first definition
def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("tracer"):
        prepare_exo(baggage, "Tracer", None, {})  # finding: VD101

# case: a has guard, and the other branch defines it too
def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("settings"):
        make = prepare_exo_class(baggage, "Settings", None, lambda: {}, {})
    else:
        make = prepare_exo_class(baggage, "Settings", None, lambda: {}, {})
        baggage.init("settings", make())

# case: negated has guard only
def build_root_object(vat_powers, vat_parameters, baggage):
    if not baggage.has("settings"):
        make = prepare_exo_class(baggage, "Settings", None, lambda: {}, {})  # finding: VD101
        baggage.init("settings", make())

# case: the in operator is the same guard
def build_root_object(vat_powers, vat_parameters, baggage):
    if "settings" not in baggage:
        make = prepare_exo_class(baggage, "Settings", None, lambda: {}, {})  # finding: VD101
        baggage.init("settings", make())

# case: the maker of provide defines it
def build_root_object(vat_powers, vat_parameters, baggage):
    provide(baggage, "settings", lambda key: prepare_exo_class(baggage, "Settings", None, lambda: {}, {})())  # finding: VD101

# case: the maker of provide is a named function
def build_root_object(vat_powers, vat_parameters, baggage):
    def first(key):
        make = prepare_exo_class(baggage, "Settings", None, lambda: {}, {})
        return make()
    provide(baggage, "settings", first)  # finding: VD101

# case: the maker of provide only uses what is defined outside
def build_root_object(vat_powers, vat_parameters, baggage):
    make = prepare_exo_class(baggage, "Settings", None, lambda: {}, {})
    settings = provide(baggage, "settings", lambda key: make())
    return Far("Root", {"settings": lambda: settings})

# case: make_once with a definition in the maker
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.make_once("settings", lambda key: zone.exo("Settings", None, {}))  # finding: VD101

# case: make_once with a helper of the module as the maker
def make_settings(zone):
    return zone.exo("Settings", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.make_once("settings", lambda _key: make_settings(zone))  # finding: VD101

# case: an argument of provide that is not the maker
def build_root_object(vat_powers, vat_parameters, baggage):
    helper = provide(baggage, "x", lambda key: 1) + len([prepare_exo(baggage, "A", None, {})])
    return Far("Root", {"x": lambda: helper})

# case: all parts of a chained comparison, the last may be skipped
def build_root_object(vat_powers, vat_parameters, baggage):
    ok = 0 < vat_parameters["x"] < len([prepare_exo(baggage, "A", None, {})])  # finding: VD101
    return Far("Root", {"ok": lambda: ok})

# case: an exit stack does not swallow
def build_root_object(vat_powers, vat_parameters, baggage):
    with ExitStack() as stack:
        stack.enter_context(contextlib.nullcontext())
        prepare_exo(baggage, "A", None, {})

# case: a conditional expression chooses the baggage's helper
def one(bag):
    return prepare_exo(bag, "One", None, {})
def two(bag):
    return prepare_exo(bag, "Two", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    (one if vat_parameters["x"] else two)(baggage)  # finding: VD101

# case: a conditional expression chooses between spellings of one kind
def plain(bag):
    return prepare_exo(bag, "One", None, {"f": lambda this: 1})
def fancy(bag):
    return prepare_exo(bag, "One", None, {"f": lambda this: 2})
def build_root_object(vat_powers, vat_parameters, baggage):
    make = fancy if vat_parameters["x"] else plain
    return Far("Root", {"x": make(baggage)})

# case: a return value of a helper decides nothing about the definition in it
def has_a(bag):
    prepare_exo(bag, "A", None, {})
    return True
def build_root_object(vat_powers, vat_parameters, baggage):
    if has_a(baggage):
        print("a")

# case: a test that may not be reached
def has_a(bag):
    prepare_exo(bag, "A", None, {})
    return True
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"] and has_a(baggage):  # finding: VD101
        print("a")

# case: an elif test is skipped when the if was true
def has_a(bag):
    prepare_exo(bag, "A", None, {})
    return True
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        print("x")
    elif has_a(baggage):  # finding: VD101
        print("a")

# case: del, raise and pass in the other branch
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    else:
        del vat_parameters

# case: a nested if whose every leaf defines it
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters["x"]:
        if vat_parameters["y"]:
            prepare_exo(baggage, "A", None, {"f": lambda this: 1})
        else:
            prepare_exo(baggage, "A", None, {"f": lambda this: 2})
    else:
        prepare_exo(baggage, "A", None, {"f": lambda this: 3})

# case: keyword arguments hold definitions
def build_root_object(vat_powers, vat_parameters, baggage):
    parts = dict(a=prepare_exo(baggage, "A", None, {}), b=vat_parameters["x"] and prepare_exo(baggage, "B", None, {}))  # finding: VD101
    return Far("Root", {"parts": lambda: list(parts)})
