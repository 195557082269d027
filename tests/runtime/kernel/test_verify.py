"""What verification finds in the kernel's own records, and what a kernel says that meets it."""

from __future__ import annotations

import pytest

from vatdata_runtime import E, Far, StoreCorruptError
from vatdata_runtime.kernel.device_names import STORED_DEVICES
from vatdata_runtime.kernel.run_queue import STORED_MESSAGES
from vatdata_runtime.kernel.timer import STORED_TIMERS
from vatdata_runtime.store import open_store
from vatdata_runtime.tools.verify import verify
from vatdata_runtime.vat.identifiers import Space, encode_number


@pytest.fixture
def stored(world):
    """A store in which a call of a device waits and a timer is set."""

    def build(powers, _parameters, _baggage):
        def begin():
            E.send_only(powers.devices["mail"]).send("hello")
            E.send_only(powers.timer).wake_at(2e9, root)

        root = Far("Root", {"begin": begin, "wake": lambda _: None})
        return root

    world.kernel.call(world.build("vat", build).root, "begin")
    world.kernel.run()
    world.close()
    assert list(verify(str(world.path))) == []
    return world


def change(world, prefix, old, new):
    """Replace bytes in the one record with a prefix; None deletes it."""
    with open_store(world.path) as store:
        ((key, data),) = store.scan(prefix, prefix + b"\xff")
        store.apply({key: None if new is None else data.replace(old, new)})
        store.commit()
    return [finding.text for finding in verify(str(world.path))]


def test_a_call_of_a_device_that_the_store_does_not_know_is_found_and_refused(stored):
    (text,) = change(stored, STORED_DEVICES, b"", None)
    assert "leads to device 1, of which the store knows nothing" in text
    with pytest.raises(
        StoreCorruptError, match="device 1 is mentioned, and the table of devices has no such number"
    ):
        stored.kernel.run()
    stored.kernel.__exit__(SystemExit, None, None)
    stored._kernel = None


@pytest.mark.parametrize(("prefix", "what"), [(STORED_MESSAGES, "message"), (STORED_TIMERS, "timer")])
def test_what_leads_to_a_vat_that_the_store_does_not_know_is_found(stored, prefix, what):
    own = b"i\x00d" if what == "message" else b"i\x01h"
    (text,) = change(stored, prefix, own, own[:1] + b"\x09" + own[2:])
    assert what in text
    assert "leads to vat 9, of which the store knows nothing" in text


def test_a_count_for_a_name_without_its_form_is_found(stored):
    with open_store(stored.path) as store:
        store.apply({Space.durable(1).count + b"i\x01h": encode_number(1)})
        store.commit()
    (text,) = [finding.text for finding in verify(str(stored.path))]
    assert "is counted more often than it is mentioned" in text
