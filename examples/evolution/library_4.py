"""The library, which keeps first and last names apart."""

from vatdata_runtime import Exo, ExoKit, Facet, Far, make_durable_zone, provide_durable_map_store, rename_kind


class Reader(Exo):
    """Someone who borrows books."""

    first_name: str
    last_name: str
    email: str | None = None

    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def sort_name(self) -> str:
        return f"{self.last_name}, {self.first_name}"

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


def split_name(old, from_version):
    """Make the state of version 2 from that of version 1."""
    first_name, _, last_name = old["name"].rpartition(" ")
    return {"first_name": first_name, "last_name": last_name, "email": old.get("email")}


def build_root_object(vat_powers, vat_parameters, baggage):
    zone = make_durable_zone(baggage)
    rename_kind(baggage, "Member", "Reader")
    make_reader = zone.prepare(Reader, version=2, migrate=split_name)
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
        first_name, _, last_name = name.rpartition(" ")
        members.init(number, make_reader(first_name=first_name, last_name=last_name))

    return Far(
        "Library",
        {
            "join": join,
            "sort_names": lambda: sorted(member.sort_name() for member in members.values()),
            "set_email": lambda number, email: members.get(number).set_email(email),
            "emails": lambda: [member.get_email() for member in members.values()],
            "note": lambda number, text: notes.init(number, make_note(text=text)),
            "drop_notes": notes.clear,
            "lend": lambda: desk.get("lender").lend(),
            "lent": lambda: desk.get("counter").count(),
            "names": lambda: [member.full_name() for member in members.values()],
        },
    )
