"""What a kernel stores for timers and devices is shown like everything else."""

from __future__ import annotations

import pytest

from tests.tools.command import vatdata, vatdata_json
from tests.tools.worlds import SLEEPER
from vatdata_runtime import Kernel
from vatdata_runtime.tools.reading import mentions_of, open_reader, why_alive


@pytest.fixture
def sleeping(tmp_path):
    with Kernel.open(tmp_path / "s") as kernel:
        sleeper = kernel.create_vat("sleeper", SLEEPER)
        kernel.call(sleeper.root, "sleep", 4102444800.0)
        kernel.call(sleeper.root, "send", "good night")
        kernel.run()
    return tmp_path / "s"


def test_timers_are_listed_with_their_next_time(sleeping):
    (timer,) = vatdata_json("inspect", "timers", "--store", sleeping)["items"]
    assert (timer["when_utc"], timer["interval"]) == ("2100-01-01T00:00:00.000+00:00", 60)
    assert (timer["handler"], timer["token"]) == ("sleeper:o+d16/1", "token")
    assert "2100-01-01" in vatdata("inspect", "timers", "--store", sleeping).stdout


def test_devices_are_listed_and_calls_to_them_wait_in_the_queue(sleeping):
    assert vatdata_json("inspect", "devices", "--store", sleeping)["items"] == [{"number": 1, "name": "mail"}]
    (message,) = vatdata_json("inspect", "queue", "--store", sleeping)["items"]
    assert (message["target"], message["method"], message["arguments"]) == (
        "device mail",
        "send",
        ["good night"],
    )
    form = vatdata_json("inspect", "--store", sleeping)
    assert (form["timers"], form["devices"], form["queue"]) == (1, ["mail"], 1)


def test_a_handler_is_mentioned_by_its_timer(sleeping):
    with open_reader(sleeping) as reader:
        handler = reader.parse("sleeper:o+d16/1")
        assert "timer" in {found.sort for found in mentions_of(reader, handler)}
        assert why_alive(reader, handler).is_certain


def test_timers_and_devices_survive_a_dump(sleeping, tmp_path):
    vatdata("dump", "--store", sleeping, "--output", tmp_path / "dump.jsonl")
    vatdata("load", tmp_path / "dump.jsonl", "--store", tmp_path / "copy")
    assert (
        vatdata_json("inspect", "timers", "--store", tmp_path / "copy")["items"]
        == (vatdata_json("inspect", "timers", "--store", sleeping)["items"])
    )
