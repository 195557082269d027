# Definitions in behaviour that was given to a definer.
from vatdata_runtime import Exo, Far, make_durable_zone, prepare_exo, prepare_exo_class, prepare_exo_class_kit

# case: a method in a dict
def build_root_object(vat_powers, vat_parameters, baggage):
    def note(this):
        return prepare_exo(baggage, "Note", None, {})  # finding: VD106
    prepare_exo(baggage, "Book", None, {"note": note})

# case: a lambda method
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Book", None, {"note": lambda this: prepare_exo(baggage, "Note", None, {})})  # finding: VD106

# case: a class as a bag of methods
def build_root_object(vat_powers, vat_parameters, baggage):
    class Book:
        def note(this):
            return prepare_exo(baggage, "Note", None, {})  # finding: VD106
    prepare_exo_class(baggage, "Book", None, dict, Book)

# case: a module class as a bag of methods
class Book:
    def note(this):
        return prepare_exo(this.state.baggage, "Note", None, {})  # finding: VD106
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Book", None, dict, Book)

# case: init
def init_book(baggage):
    kind = prepare_exo(baggage, "Page", None, {})  # finding: VD106
    return {"kind": kind}
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(baggage, "Book", None, init_book, {})

# case: finish and migrate
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class(
        baggage, "Book", None, dict, {},
        finish=lambda context: prepare_exo(baggage, "Page", None, {}),  # finding: VD106
        version=2,
        migrate=lambda old, version: prepare_exo(baggage, "Cover", None, {}),  # finding: VD106
    )

# case: a facet method
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo_class_kit(baggage, "Book", None, dict, {
        "reader": {"read": lambda this: prepare_exo(baggage, "Page", None, {})},  # finding: VD106
        "writer": {"write": lambda this, text: None},
    })

# case: a helper in a method
def prepare_note(baggage):
    return prepare_exo(baggage, "Note", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    prepare_exo(baggage, "Book", None, {"note": lambda this: prepare_note(baggage)})  # finding: VD106

# case: a condition inside a method stays behaviour
def build_root_object(vat_powers, vat_parameters, baggage):
    def note(this, flag):
        if flag:
            return prepare_exo(baggage, "Note", None, {})  # finding: VD106
        return None
    prepare_exo(baggage, "Book", None, {"note": note})

# case: a declarative class
class Book(Exo):
    title: str
    def note(self, baggage):
        return prepare_exo(baggage, "Note", None, {})  # finding: VD106
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.prepare(Book)

# case: a method of zone.exo
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    zone.exo("Book", None, {"note": lambda this: zone.exo("Note", None, {})})  # finding: VD106

# case: a method that uses stores and makers
def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    make_note = zone.exo_class("Note", None, dict, {})
    zone.exo("Book", None, {
        "note": lambda this: make_note(),
        "shelf": lambda this: zone.sub_zone("x").map_store("shelf"),
        "temp": lambda this: zone.detached().map_store("temp"),
    })

# case: first defined and written in a method, defined again at start
def prepare_zcf(baggage):
    return prepare_exo(baggage, "Zcf", None, {})
def build_root_object(vat_powers, vat_parameters, baggage):
    if baggage.has("zcf"):
        prepare_zcf(baggage)
    def install(this):
        zcf = prepare_zcf(baggage)
        baggage.init("zcf", zcf)
        return zcf
    return prepare_exo(baggage, "Zoe", None, {"install": install})
