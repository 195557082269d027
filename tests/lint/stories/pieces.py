# Work done in pieces: generators that are asked for a part, stacks of contexts, errors kept for later, parts of lists.
import functools
from contextlib import ExitStack, contextmanager
from itertools import islice
from vatdata_runtime import Far, prepare_exo, prepare_exo_class

# case: a generator that is asked for its first member only
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = kinds(baggage)  # finding: VD105
    purse = next(steps)
    return Far("Root", {"purse": lambda: purse})

# case: a generator that is asked for all of its members one by one
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = kinds(baggage)
    purse = next(steps)
    mint = next(steps)
    return Far("Root", {"purse": lambda: purse, "mint": lambda: mint})

# case: a generator whose rest is collected
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    steps = kinds(baggage)
    purse = next(steps)
    rest = list(steps)
    return Far("Root", {"purse": lambda: purse, "rest": lambda: rest})

# case: the first two of three
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
    yield prepare_exo(baggage, "Vault", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    purse, mint = islice(kinds(baggage), 2)  # finding: VD105
    return Far("Root", {"purse": lambda: purse, "mint": lambda: mint})

# case: the first two of two
def kinds(baggage):
    yield prepare_exo(baggage, "Purse", None, {})
    yield prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    purse, mint = islice(kinds(baggage), 2)
    return Far("Root", {"purse": lambda: purse, "mint": lambda: mint})

# case: a stack of contexts enters one that defines
@contextmanager
def kinds_of(baggage):
    purse = prepare_exo(baggage, "Purse", None, {})
    try:
        yield purse
    finally:
        prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    with ExitStack() as stack:
        purse = stack.enter_context(kinds_of(baggage))
    if vat_parameters:
        with ExitStack() as stack:
            stack.enter_context(kinds_of(baggage.get("child")))  # finding: VD101
    return Far("Root", {"purse": lambda: purse})

# case: errors are collected and raised together
def prepare_purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})
def prepare_mint(baggage):
    return prepare_exo(baggage, "Mint", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    errors = []
    for prepare in (prepare_purse, prepare_mint):
        try:
            prepare(baggage)
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup("not prepared", errors)

# case: errors are collected and only told of
def prepare_purse(baggage):
    return prepare_exo(baggage, "Purse", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    errors = {}
    for prepare in (prepare_purse,):
        try:
            prepare(baggage)  # finding: VD101
        except Exception as error:
            errors[prepare.__name__] = error
    if errors:
        print(errors)

# case: a list that a caller hands in may be empty
def prepare_all(baggage, names):
    if names:
        prepare_exo(baggage, "Purse", None, {})  # finding: VD101
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_all(baggage, ["x"])

# case: parts of fixed lists
NAMES = ("Purse", "Mint", "Vault")
def build_root_object(vat_powers, vat_parameters, baggage):
    for name in NAMES[:2]:
        prepare_exo(baggage, name, None, {})
    for name in NAMES[::2]:
        prepare_exo(baggage, name, None, {})  # finding: VD107
    for name in NAMES[:vat_parameters["many"]]:
        prepare_exo(baggage, "Extra" + name, None, {})  # finding: VD102

# case: a variable of the module is asked again, without a baggage
_kinds = None
class Kinds:
    def __init__(self, baggage):
        self.purse = prepare_exo(baggage, "Purse", None, {})
def kinds_of(baggage=None):
    global _kinds
    if _kinds is None:
        _kinds = Kinds(baggage)
    return _kinds
def build_root_object(vat_powers, vat_parameters, baggage):
    kinds_of(baggage)
    return Far("Root", {"purse": lambda: kinds_of().purse})
