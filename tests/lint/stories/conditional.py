# Ways that skip a definition, and their look-alikes that do not.
from contextlib import contextmanager, suppress
from vatdata_runtime import Far, make_durable_zone, make_heap_zone, prepare_exo, prepare_exo_class, provide

# case: only in one branch
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: only in the else branch
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        pass
    else:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: both branches define one kind through one helper
def prepare_a(baggage, loud):
    return prepare_exo(baggage, "A", None, {"x": lambda this: loud})
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        a = prepare_a(baggage, True)
    else:
        a = prepare_a(baggage, False)
    return Far("Root", {"a": lambda: a})

# case: branches define different kinds
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    else:
        prepare_exo(baggage, "B", None, {})  # finding: VD101

# case: one of three elif branches forgets it
def build_root_object(vat_powers, vat_parameters, baggage):
    mode = vat_parameters["mode"]
    if mode == 1:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    elif mode == 2:
        pass
    else:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: every elif branch and the else define it
def build_root_object(vat_powers, vat_parameters, baggage):
    mode = vat_parameters["mode"]
    if mode == 1:
        prepare_exo(baggage, "A", None, {})
    elif mode == 2:
        prepare_exo(baggage, "A", None, {})
    else:
        prepare_exo(baggage, "A", None, {})

# case: the branch without it raises
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        prepare_exo(baggage, "A", None, {})
    else:
        raise ValueError("no parameters")

# case: a guard that raises through a helper which never returns
def fail(message):
    raise ValueError(message)
def build_root_object(vat_powers, vat_parameters, baggage):
    if not vat_parameters:
        fail("parameters")
    prepare_exo(baggage, "A", None, {})

# case: an early return in front
def build_root_object(vat_powers, vat_parameters, baggage):
    if not vat_parameters:
        return Far("Root", {})
    prepare_exo(baggage, "A", None, {})  # finding: VD101
    return Far("Root", {})

# case: an early return behind
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {})
    if not vat_parameters:
        return Far("Root", {})
    return Far("Root", {"x": print})

# case: an early return after the same kind
def build_root_object(vat_powers, vat_parameters, baggage):
    if not vat_parameters:
        prepare_exo(baggage, "A", None, {})
        return Far("Root", {})
    prepare_exo(baggage, "A", None, {})
    return Far("Root", {"x": print})

# case: a ternary
def build_root_object(vat_powers, vat_parameters, baggage):
    a = prepare_exo(baggage, "A", None, {}) if vat_parameters else None  # finding: VD101
    return Far("Root", {"a": lambda: a})

# case: a ternary with the same kind on both sides
def build_root_object(vat_powers, vat_parameters, baggage):
    a = prepare_exo(baggage, "A", None, {}) if vat_parameters else prepare_exo(baggage, "A", None, {"x": print})
    return Far("Root", {"a": lambda: a})

# case: a ternary among the arguments is fine
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "A", None, {"x": print} if vat_parameters else {})

# case: right of and
def build_root_object(vat_powers, vat_parameters, baggage):
    vat_parameters and prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: right of or
def build_root_object(vat_powers, vat_parameters, baggage):
    a = vat_parameters.get("a") or prepare_exo(baggage, "A", None, {})  # finding: VD101
    return Far("Root", {"a": lambda: a})

# case: left of or
def build_root_object(vat_powers, vat_parameters, baggage):
    a = prepare_exo(baggage, "A", None, {}) or vat_parameters
    return Far("Root", {"a": lambda: a})

# case: or on an argument of a helper
def prepare_wallet(baggage, mint):
    return prepare_exo(baggage, "Wallet", None, {"mint": lambda this: mint})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_wallet(baggage, vat_parameters.get("mint") or prepare_exo(baggage, "Mint", None, {}))  # finding: VD101

# case: the third member of a chained comparison
def build_root_object(vat_powers, vat_parameters, baggage):
    return 0 < vat_parameters["n"] < prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: the second member of a comparison
def build_root_object(vat_powers, vat_parameters, baggage):
    return vat_parameters == prepare_exo(baggage, "A", None, {})

# case: inside an assert
def build_root_object(vat_powers, vat_parameters, baggage):
    assert prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: after an assert
def build_root_object(vat_powers, vat_parameters, baggage):
    assert vat_parameters, "parameters"
    prepare_exo(baggage, "A", None, {})

# case: match without a default
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "a":
            prepare_exo(baggage, "A", None, {})  # finding: VD101
        case "b":
            prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: match with a default that defines it too
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "a":
            prepare_exo(baggage, "A", None, {})
        case _:
            prepare_exo(baggage, "A", None, {"x": print})

# case: match whose default raises
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "a" | "b":
            prepare_exo(baggage, "A", None, {})
        case other:
            raise ValueError(other)

# case: match with a guarded default
def build_root_object(vat_powers, vat_parameters, baggage):
    match vat_parameters["mode"]:
        case "a":
            prepare_exo(baggage, "A", None, {})  # finding: VD101
        case other if other:
            prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: in a try whose handler swallows
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    except Exception:
        print("no")

# case: in a try whose handler raises again
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "A", None, {})
    except Exception as error:
        print(error)
        raise

# case: in a try whose handler raises something else
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "A", None, {})
    except KeyError as error:
        raise RuntimeError("start") from error

# case: after a try whose handler swallows
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
    except (KeyError, ValueError):
        limit = 10
    prepare_exo(baggage, "A", None, {"limit": lambda this: limit})

# case: the handler returns
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
    except KeyError:
        return Far("Root", {})
    prepare_exo(baggage, "A", None, {"limit": lambda this: limit})  # finding: VD101
    return Far("Root", {})

# case: in the else of a try that swallows
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
    except KeyError:
        print("none")
    else:
        prepare_exo(baggage, "A", None, {"limit": lambda this: limit})  # finding: VD101

# case: in the else of a try whose handler raises
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
    except KeyError:
        raise ValueError("limit") from None
    else:
        prepare_exo(baggage, "A", None, {"limit": lambda this: limit})

# case: in finally
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        limit = int(vat_parameters["limit"])
    except KeyError:
        limit = 3
    finally:
        prepare_exo(baggage, "A", None, {})
    return limit

# case: in a try with finally only
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "A", None, {})
    finally:
        print("done")

# case: finally that returns swallows the exception
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
    finally:
        return Far("Root", {})

# case: in a handler
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        print(vat_parameters["x"])
    except KeyError:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: in the try and again in the handler
def build_root_object(vat_powers, vat_parameters, baggage):
    try:
        prepare_exo(baggage, "A", None, {"x": vat_parameters["x"]})
    except KeyError:
        prepare_exo(baggage, "A", None, {})

# case: under suppress
def build_root_object(vat_powers, vat_parameters, baggage):
    with suppress(KeyError):
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: after suppress
def build_root_object(vat_powers, vat_parameters, baggage):
    with suppress(KeyError):
        print(vat_parameters["x"])
    prepare_exo(baggage, "A", None, {})

# case: in an ordinary with
def build_root_object(vat_powers, vat_parameters, baggage):
    with vat_powers.lock:
        prepare_exo(baggage, "A", None, {})

# case: in a with of our own that swallows
@contextmanager
def quiet():
    try:
        yield
    except Exception:
        print("ignored")
def build_root_object(vat_powers, vat_parameters, baggage):
    with quiet():
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: in a with of our own that cleans up
@contextmanager
def timed():
    try:
        yield
    finally:
        print("done")
def build_root_object(vat_powers, vat_parameters, baggage):
    with timed():
        prepare_exo(baggage, "A", None, {})

# case: in a class whose exit swallows
class Quiet:
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        return True
def build_root_object(vat_powers, vat_parameters, baggage):
    with Quiet():
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: in a class whose exit does not swallow
class Loud:
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        return False
def build_root_object(vat_powers, vat_parameters, baggage):
    with Loud():
        prepare_exo(baggage, "A", None, {})

# case: in a maker lambda
def build_root_object(vat_powers, vat_parameters, baggage):
    provide(baggage, "a", lambda key: prepare_exo(baggage, "A", None, {}))  # finding: VD101

# case: in a maker of make_once
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.make_once("a", lambda key: zone.exo("A", None, {}))  # finding: VD101

# case: a module function as a maker
def prepare_a(key=None, baggage=None):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    return provide(baggage, "a", lambda key: prepare_a(key, baggage))  # finding: VD101

# case: a maker that uses a kind from outside
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_a = prepare_exo_class(baggage, "A", None, dict, {})
    zone.make_once("a", lambda key: make_a())
    return provide(baggage, "b", lambda key: make_a())

# case: in a branch of a helper
def setup(baggage, flag):
    if flag:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    setup(baggage, vat_parameters)

# case: the call of a helper is in a branch
def setup(baggage):
    prepare_exo(baggage, "A", None, {})
    prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if vat_parameters:
        setup(baggage)  # finding: VD101

# case: the call of a local function is in a branch
def build_root_object(vat_powers, vat_parameters, baggage):
    def setup():
        prepare_exo(baggage, "A", None, {})
    if vat_parameters:
        setup()  # finding: VD101

# case: heap zones may do as they like
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_heap_zone()
    if vat_parameters:
        zone.exo("A", None, {})
    return zone.exo("B", None, {})

# case: two tests of one unchanged flag
def build_root_object(vat_powers, vat_parameters, baggage):
    fast = vat_parameters["fast"]
    if fast:
        prepare_exo(baggage, "A", None, {"x": print})
    print("between")
    if not fast:
        prepare_exo(baggage, "A", None, {})

# case: literal conditions
def build_root_object(vat_powers, vat_parameters, baggage):
    if True:
        prepare_exo(baggage, "A", None, {})
    while True:
        prepare_exo(baggage, "B", None, {})
        break

# case: has with an else that defines it as well
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("a"):
        a = prepare_a(baggage)
    else:
        a = prepare_a(baggage)
        baggage.init("a", a)
    return Far("Root", {})

# case: only when the baggage is empty
def build_root_object(vat_powers, vat_parameters, baggage):
    if not baggage.has("a"):
        baggage.init("a", prepare_exo(baggage, "A", None, {}))  # finding: VD101
    return baggage.get("a")

# case: defined again when present, first defined and written by a later message
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("a"):
        prepare_a(baggage)
    def create():
        a = prepare_a(baggage)
        baggage.init("a", a)
        return a
    return Far("Root", {"create": create})

# case: defined again when present, but never written
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("a"):
        prepare_a(baggage)  # finding: VD101
    return Far("Root", {})

# case: a break in an unrolled loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        if vat_parameters.get(name):
            break
        prepare_exo(baggage, name, None, {})  # finding: VD101

# case: a continue in an unrolled loop
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in ("A", "B"):
        if name in vat_parameters:
            continue
        prepare_exo(baggage, name, None, {})  # finding: VD101

# case: the else of a loop with a break
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters:
        if name == "x":
            break
    else:
        prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: the else of a loop without a break
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters:
        print(name)
    else:
        prepare_exo(baggage, "A", None, {})

# case: after a loop that may return
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in vat_parameters:
        if name == "stop":
            return None
    prepare_exo(baggage, "A", None, {})  # finding: VD101

# case: the walrus in a condition runs
def build_root_object(vat_powers, vat_parameters, baggage):
    if (a := prepare_exo(baggage, "A", None, {})) and vat_parameters:
        print(a)

# case: one of two functions
def prepare_a(baggage):
    return prepare_exo(baggage, "A", None, {})
def prepare_b(baggage):
    return prepare_exo(baggage, "B", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare = prepare_a if vat_parameters else prepare_b
    prepare(baggage)  # finding: VD101

# case: a filter in a comprehension over a literal
def build_root_object(vat_powers, vat_parameters, baggage):
    return [prepare_exo(baggage, n, None, {}) for n in ("A", "B") if n in vat_parameters]  # finding: VD101

# case: short-circuit of any
def build_root_object(vat_powers, vat_parameters, baggage):
    return any(prepare_exo(baggage, n, None, {}) for n in ("A", "B"))  # finding: VD101

# case: a callback that a helper calls only sometimes
def maybe(flag, run):
    if flag:
        run()
def build_root_object(vat_powers, vat_parameters, baggage):
    maybe(vat_parameters, lambda: prepare_exo(baggage, "A", None, {}))  # finding: VD101

# case: a callback that a helper calls always
def always(run):
    print("before")
    return run()
def build_root_object(vat_powers, vat_parameters, baggage):
    always(lambda: prepare_exo(baggage, "A", None, {}))

# case: a helper judged in its branch and called in another
def inner(baggage, flag):
    if flag:
        prepare_exo(baggage, "A", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    inner(baggage, 1)
    prepare_exo(baggage, "B", None, {})

# case: defined again when present, first defined by a message in words of its own
def build_root_object(vat_powers, vat_parameters, baggage):
    def start_loans():
        make_loan = prepare_exo_class(baggage, "Loan", None, dict, {})
        baggage.init("loans", make_loan())
    if baggage.has("loans"):
        prepare_exo_class(baggage, "Loan", None, dict, {})
    return Far("Root", {"start_loans": start_loans})
