"""The library, which calls its members readers."""

from vatdata_runtime import Exo, ExoKit, Facet, Far, make_durable_zone, provide_durable_map_store, rename_kind


class Reader(Exo):
    """Someone who borrows books."""

    name: str
    email: str | None = None

    def full_name(self) -> str:
        return self.name

    def set_email(self, email: str) -> None:
        self.email = email

    def get_email(self) -> str | None:
        return self.email


class Note(Exo):
    """A remark about a reader."""

    text: str

    def read(self) -> str:
        return self.text


class Desk(ExoKit):
    """Where books are lent."""

    lent: int = 0

    class lender(Facet):
        def lend(self) -> int:
            self.state.lent += 1
            return self.state.lent

    class counter(Facet):
        def count(self) -> int:
            return self.state.lent


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    rename_kind(baggage, "Member", "Reader")
    make_reader = zone.prepare(Reader)
    make_note = zone.prepare(Note)
    make_desk = zone.prepare(Desk)
    members = provide_durable_map_store(baggage, "members")
    notes = provide_durable_map_store(baggage, "notes")
    desk = provide_durable_map_store(baggage, "desk")
    if not desk.has("lender"):
        kit = make_desk()
        desk.init("lender", kit.lender)
        desk.init("counter", kit.counter)

    def join(number, name):
        members.init(number, make_reader(name=name))

    return Far(
        "Library",
        {
            "join": join,
            "set_email": lambda number, email: members.get(number).set_email(email),
            "emails": lambda: [member.get_email() for member in members.values()],
            "note": lambda number, text: notes.init(number, make_note(text=text)),
            "drop_notes": notes.clear,
            "lend": lambda: desk.get("lender").lend(),
            "lent": lambda: desk.get("counter").count(),
            "names": lambda: [member.full_name() for member in members.values()],
        },
    )
