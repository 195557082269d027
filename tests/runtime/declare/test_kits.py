"""Kits as classes: facets share the state and see each other."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tests.runtime.zones.conftest import ZoneLives
from vatdata_runtime import (
    ExoKit,
    Facet,
    GuardDefinitionError,
    GuardError,
    PatternMismatchError,
    StateFieldError,
    Zone,
)


class Counter(ExoKit):
    count: int = 0

    class up(Facet):
        STEP: ClassVar[int] = 1

        def increment(self) -> int:
            self.state.count += self.STEP
            return self._read()

        def reader(self) -> Counter.reader:
            reader: Counter.reader = self.facets.reader
            return reader

        def me(self) -> Any:
            return [self, self.facets.up is self.facets["up"]]

        def wrong(self) -> None:
            self.count = 1  # type: ignore[attr-defined]  # what is tested

        def wrong_field(self) -> None:
            self.state.total = 1

        def _read(self) -> int:
            read: int = self.facets.reader.read()
            return read

    class reader(Facet):
        def read(self) -> int:
            count: int = self.state.count
            return count


class Resetting(Counter, name="ResettingCounter"):
    resets: int = 0

    class up(Counter.up):
        def increment(self) -> int:
            return 10 * super().increment()

    class reset(Facet):
        def reset(self) -> int:
            self.state.count = 0
            self.state.resets += 1
            resets: int = self.state.resets
            return resets


def test_the_maker_returns_the_facets_over_one_state(zones: ZoneLives):
    def script(zone: Zone) -> None:
        make = zone.prepare(Counter)
        kit, other = make(), make(count=5)
        assert kit.up.increment() == 1
        assert kit["reader"].read() == 1
        assert other.reader.read() == 5
        assert list(kit) == ["up", "reader"]
        assert kit.up.reader() is kit.reader
        assert kit.up.me() == (kit.up, True)

    zones.run(script)


def test_facets_have_their_own_methods_only(zones: ZoneLives):
    def script(zone: Zone) -> None:
        kit = zone.prepare(Counter)()
        for facet, names in (
            (kit.up, ("read", "_read", "state", "facets")),
            (kit.reader, ("increment", "state")),
        ):
            for name in names:
                assert not hasattr(facet, name), name
        with pytest.raises(GuardError, match=r"Counter up\.increment"):
            kit.up.increment(5)
        assert isinstance(kit.up, Counter.up)
        assert not isinstance(kit.up, Counter.reader)

    zones.run(script)


def test_fields_are_those_of_the_kit(zones: ZoneLives):
    def script(zone: Zone) -> None:
        make: Any = zone.prepare(Counter)
        with pytest.raises(PatternMismatchError):
            make("x")
        with pytest.raises(TypeError):
            make(total=1)
        with pytest.raises(AttributeError, match=r"self\.state\.count"):
            make().up.wrong()
        with pytest.raises(StateFieldError):
            make().up.wrong_field()

    zones.run(script)


def test_a_facet_may_have_properties_over_the_state(zones: ZoneLives):
    class Meter(ExoKit):
        metres: float = 0.0

        class inches(Facet):
            @property
            def length(self) -> float:
                metres: float = self.state.metres
                return metres * 40.0

            @length.setter
            def length(self, inches: float) -> None:
                self.state.metres = inches / 40.0

            def add(self, inches: float) -> float:
                self.length += inches
                return self.length

            def wrong(self) -> None:
                self.metres = 1.0  # type: ignore[attr-defined]  # what is tested

        class reader(Facet):
            def read(self) -> Any:
                return self.state.metres

    def script(zone: Zone) -> None:
        kit = zone.prepare(Meter)()
        assert kit.inches.add(20.0) == 20.0
        assert kit.reader.read() == 0.5
        with pytest.raises(AttributeError, match=r"self\.state\.metres"):
            kit.inches.wrong()

    zones.run(script)


def test_a_kit_inherits_fields_and_facets(zones: ZoneLives):
    def script(zone: Zone) -> None:
        kit = zone.prepare(Resetting)(3)
        assert kit.up.increment() == 40
        assert kit.reset.reset() == 1
        assert kit.reader.read() == 0
        assert list(kit) == ["up", "reader", "reset"]

    zones.run(script)


def test_kits_survive_with_their_facets(durable: ZoneLives):
    def script(zone: Zone) -> dict[str, Any]:
        return {"make": zone.prepare(Counter), "kept": zone.map_store("kept")}

    durable.start(script)
    with durable.crank() as here:
        kit = here.make()
        here.kept.init("up", kit.up)
        here.kept.init("reader", kit.reader)
        kit.up.increment()
    durable.start(script)
    with durable.crank() as here:
        assert here.kept.get("up").increment() == 2
        assert here.kept.get("up").reader() is here.kept.get("reader")


def test_calling_a_kit_or_a_facet_says_how_to_make_one():
    with pytest.raises(TypeError, match=r"zone\.prepare\(Counter\)"):
        Counter(1)
    with pytest.raises(TypeError, match="maker of their kit"):
        Counter.up()


class OneFacet(ExoKit):
    class only(Facet): ...


class WithMethod(ExoKit):
    class a(Facet): ...

    class b(Facet): ...

    def method(self) -> None: ...


class WithFacetField(ExoKit):
    class a(Facet):
        n: int

    class b(Facet): ...


@pytest.mark.parametrize(
    ("cls", "text"), [(OneFacet, "two facets"), (WithMethod, "'method'"), (WithFacetField, "'n'")]
)
def test_what_makes_no_kit_is_refused(zones: ZoneLives, cls: Any, text: str):
    def script(zone: Zone) -> None:
        with pytest.raises(GuardDefinitionError, match=text):
            zone.prepare(cls)

    zones.run(script)
