"""What can be seen of a kernel from outside: spans, figures, log records."""

from __future__ import annotations

import logging
import subprocess
import sys
import urllib.request
from itertools import pairwise

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, start_http_server

from vatdata_runtime import E, Far, UpgradeError, prepare_exo
from vatdata_runtime.kernel.stats import Totals
from vatdata_runtime.metrics import KernelCollector


@pytest.fixture
def spans():
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider.get_tracer("tests")


def two_vats(world):
    echo = world.vat("echo", say=lambda x: x)

    async def ask(target):
        return await E(target).say("hello")

    return echo, world.vat("asker", ask=ask)


def test_every_crank_is_a_span_linked_to_the_one_that_sent_its_message(world, tracer, spans):
    echo, asker = two_vats(world)
    kernel = world.reopen(tracer=tracer)
    with tracer.start_as_current_span("program") as program:
        kernel.call(asker.root, "ask", echo.root)
    cranks = {span.name: span for span in spans.get_finished_spans()}
    assert list(cranks) == [
        "echo starts",
        "asker starts",
        "asker.ask",
        "echo.say",
        "asker hears of a promise",
        "program",
    ]

    def sender(name):
        (link,) = cranks[name].links
        return link.context.span_id

    assert sender("asker.ask") == program.get_span_context().span_id
    assert sender("echo.say") == cranks["asker.ask"].context.span_id
    assert sender("asker hears of a promise") == cranks["echo.say"].context.span_id
    assert dict(cranks["echo.say"].attributes) == {
        "vatdata.vat": "echo",
        "vatdata.incarnation": 1,
        "vatdata.crank": "message",
        "vatdata.method": "say",
    }


def test_a_crank_that_is_not_kept_is_a_span_with_its_error(world, tracer, spans):
    hanging = world.vat("hanging", spin=lambda: [None for _ in iter(int, 1)])
    kernel = world.reopen(tracer=tracer, crank_timeout=0.2)
    with pytest.raises(Exception, match=r"0\.2"):
        kernel.call(hanging.root, "spin")
    (span,) = [span for span in spans.get_finished_spans() if span.name == "hanging.spin"]
    assert not span.status.is_ok
    assert [event.name for event in span.events] == ["exception"]


def test_without_a_tracer_opentelemetry_is_not_imported(world):
    code = "import sys, vatdata_runtime; print([m for m in sys.modules if m.split('.')[0] in {'opentelemetry', 'prometheus_client'}])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_stats_count_cranks_messages_and_commits(world):
    echo, asker = two_vats(world)
    before = world.kernel.stats()
    world.kernel.call(asker.root, "ask", echo.root)
    after = world.kernel.stats()
    assert after.cranks - before.cranks == 3, "the message, its answer, and the news of it"
    assert after.commits - before.commits == 1, "one batch"
    assert (after.vats, after.failed_vats, after.waiting, after.held_back, after.promises) == (2, 0, 0, 0, 0)
    world.kernel.send(echo.root, "say", 1)
    assert world.kernel.stats().waiting == 1


def test_messages_for_a_vat_that_does_not_run_are_counted(world):
    echo, _ = two_vats(world)
    world.sources["echo"] = lambda *_: 1 / 0
    kernel = world.reopen()
    kernel.send(echo.root, "say", 1)
    kernel.run()
    stats = kernel.stats()
    assert (stats.vats, stats.failed_vats, stats.waiting, stats.held_back) == (1, 1, 0, 1)


def test_calls_of_devices_and_entries_of_the_timer_are_counted(world):
    def build(powers, _parameters, baggage):
        waker = prepare_exo(baggage, "Waker", None, {"wake": lambda this, time: None})

        def go():
            for name in ("mail", "mail", "nowhere"):
                E.send_only(powers.devices[name]).send("hello")
            for when in (1e12, 2e12):
                E.send_only(powers.timer).wake_at(when, waker)

        return Far("Root", {"go": go})

    class Mail:
        async def send(self, text):
            figures.append(world.kernel.stats().device_calls)

    figures = []
    root = world.build("caller", build).root
    world.kernel.register_device("mail", Mail())
    world.kernel.call(root, "go")
    world.kernel.run()
    stats = world.kernel.stats()
    assert max(figures) == 2
    assert (stats.device_calls, stats.device_calls_waiting, stats.timers) == (0, 1, 2)


def test_totals_go_on_over_restarts(world):
    echo, _ = two_vats(world)
    seen = []
    for _ in range(3):
        for _ in range(4):
            world.kernel.call(echo.root, "say", 1)
        world.reopen()
        seen.append(Totals.read(world.kernel._board.store, "").cranks)
    assert seen[0] >= 6
    assert [later - earlier for earlier, later in pairwise(seen)] == [6, 6]


def test_prometheus_scrapes_a_kernel_from_another_thread(world):
    echo, asker = two_vats(world)
    registry = CollectorRegistry()
    registry.register(KernelCollector(world.kernel))
    server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
    try:
        world.kernel.call(asker.root, "ask", echo.root)
        url = f"http://127.0.0.1:{server.server_port}/metrics"
        text = urllib.request.urlopen(url, timeout=10).read().decode()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    label = f'{{store="{world.path}"}}'
    assert f"vatdata_cranks_total{label} {float(world.kernel.stats().cranks)}" in text
    assert f"vatdata_vats{label} 2.0" in text


def test_log_records_name_vat_and_event(world, caplog):
    caplog.set_level(logging.INFO, logger="vatdata.kernel")
    vat = world.vat("echo", say=lambda x: x)
    vat.upgrade()
    with pytest.raises(UpgradeError):
        vat.upgrade(lambda *_: 1 / 0)
    vat.terminate("enough")
    world.build("other", lambda *_: Far("Root", {}))
    world.sources["other"] = lambda *_: 1 / 0
    world.reopen()
    events = [(record.vat, record.event) for record in caplog.records if record.name == "vatdata.kernel"]
    assert events == [
        ("echo", "started"),
        ("echo", "started"),
        ("echo", "upgrade refused"),
        ("echo", "terminated"),
        ("other", "started"),
        ("other", "quarantined"),
    ]
