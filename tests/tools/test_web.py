"""``vatdata inspect --web``: pages over real HTTP, on real stores, in a real browser."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import signal
import subprocess
import threading
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.runtime.test_large_store import fill
from tests.tools.command import COMMAND
from vatdata_runtime import (
    E,
    Far,
    Kernel,
    prepare_exo_class,
    provide_durable_map_store,
    provide_durable_weak_map_store,
)
from vatdata_runtime.store.snapshot import Snapshot
from vatdata_runtime.tools.web.server import InspectorServer

EVIL = "<script>alert(1)</script>\"'&"


def build_shop(powers, _parameters, baggage):
    make = prepare_exo_class(
        baggage, "Purse", None, lambda owner, other: {"owner": owner, "other": other}, {"get": lambda this: 1}
    )
    purses = provide_durable_map_store(baggage, "purses")
    seen = provide_durable_weak_map_store(baggage, "seen")

    def fill(first, last):
        other = None
        for n in range(first, last):
            other = make(f"owner {n}" if n else EVIL, other)
            purses.init(n, other)
        seen.init(other, EVIL)

    async def wake():
        await E(powers.timer).wake_at(2e9, purses.get(0), EVIL)
        E.send_only(powers.devices["mail"]).send(EVIL)

    return Far("Shop", {"fill": fill, "get": purses.get, "wake": wake})


def build_office(_powers, _parameters, baggage):
    kept = provide_durable_map_store(baggage, "kept")
    return Far("Office", {"keep": kept.init})


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "shop.db"
    with Kernel.open(path) as kernel:
        shop, office = kernel.create_vat("shop", build_shop), kernel.create_vat("office <1>", build_office)
        kernel.call(shop.root, "fill", 0, 120)
        kernel.call(office.root, "keep", "first", kernel.call(shop.root, "get", 0))
        kernel.call(shop.root, "wake")
    return path


@pytest.fixture
def server(store):
    with InspectorServer(str(store)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def get(server, path, *, host=None, method="GET"):
    """Ask for a page below the token; returns status, headers and text."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    headers = {} if host is None else {"Host": host}
    connection.request(method, path if path.startswith("/") else f"/{server.token}/{path}", headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), text


class Links(HTMLParser):
    """Collects addresses and elements of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]


def test_every_page_that_links_lead_to_can_be_shown_and_nothing_of_the_store_becomes_code(server):
    todo, seen = [f"/{server.token}/"], set()
    while todo and len(seen) < 400:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        status, headers, text = get(server, path)
        assert status == 200, (path, text)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        if not headers["Content-Type"].startswith("text/html"):
            continue
        page = Links(text)
        assert page.tags.count("script") <= (1 if path == f"/{server.token}/" else 0), path
        assert "<script>alert" not in text
        for link in page.links:
            assert link.startswith((f"/{server.token}/", "#")), link
            if link.startswith("/"):
                todo.append(link)
    sections = {path.split("/")[2].partition("?")[0] for path in seen}
    assert {"list", "object", "entries", "baggage", "why", "style.css", "live.js"} <= sections
    assert len(seen) > 200


def test_an_object_shows_state_neighbours_and_who_mentions_it(server):
    _, _, text = get(server, "object/shop:o%2Bd16%2F2?referrers=yes")
    assert "&#x27;owner 1&#x27;" in text
    assert "shop:o+d16/1" in text, "what it mentions"
    assert "shop:o+d16/3" in text, "who mentions it"
    assert "value of 1" in text
    assert "<svg" in text


def test_numbers_that_equal_truth_are_numbers(server):
    _, _, text = get(server, "entries/shop:o%2Bd2%2F2")
    keys = re.findall(r'<tr><td><span class="value-text">(\w+)</span>', text)
    assert keys[:3] == ["0", "1", "2"]


def test_long_listings_come_in_pages(server):
    _, _, text = get(server, "list/objects")
    refs = set(re.findall(r"shop:o\+d16/(\d+)", text))
    path = "list/objects"
    pages = 0
    while match := re.search(r'href="([^"]+)" rel="next"', text):
        path = match[1].replace("&amp;", "&")
        _, _, text = get(server, path)
        refs |= set(re.findall(r"shop:o\+d16/(\d+)", text))
        pages += 1
    assert pages == 2
    assert {int(number) for number in refs} == set(range(1, 121))


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/", None),
        ("/wrong/", None),
        ("/wrong/live.json", None),
        ("", "evil.example"),
        ("", "127.0.0.1"),
        ("", "localhost.evil.example:80"),
    ],
)
def test_without_the_token_or_with_another_host_nothing_is_shown(server, path, host):
    status, _, text = get(server, path, host=host)
    assert status == 403
    assert "shop" not in text


def test_what_is_not_there_is_told(server):
    for path in (
        "nothing",
        "list/nothing",
        "object/shop:o%2Bd16%2F999",
        "object/nonsense",
        "baggage/nobody",
        "a/b/c",
    ):
        status, _, text = get(server, path)
        assert status == 404, path
        assert "Not found" in text
    assert get(server, "", method="POST")[0] == 501
    assert get(server, "", method="HEAD")[2] == ""


@pytest.mark.parametrize(
    "path",
    [
        "list/objects?after=garbage",
        "list/objects?after=1.99999999999999999999999.1",
        "list/queue?after=zz",
        "entries/shop:o%2Bd2%2F2?after=%ff%fe",
        "entries/shop:o%2Bd16%2F1",
        "list/objects?vat=nobody",
        "list/objects?kind=999",
        "object/%ff%00",
        "object/shop:o%2Bd16/99999999999999999999999999999",
        "why/shop:o%2Bd99/1",
        "find?ref=%0d%0aX-Header:1",
        "find",
        "%2e%2e/%2e%2e/etc/passwd",
        "../style.css",
    ],
)
def test_an_address_that_makes_no_sense_gets_an_answer_and_does_no_harm(server, path):
    status, headers, _ = get(server, path)
    assert status in (200, 303, 404)
    assert "X-Header" not in headers
    assert get(server, "live.json")[0] == 200


PAGES = (
    "",
    "live.json",
    "list/kinds",
    "list/objects",
    "list/collections",
    "object/main:o%2Bd16%2F1",
    "baggage/main",
)


def test_pages_of_a_large_store_read_no_more_than_those_of_a_small_one(tmp_path, monkeypatch):
    read: Counter[str] = Counter()
    scan, look_up = Snapshot.scan, Snapshot.get

    def counted_scan(self, *args, **options):
        for entry in scan(self, *args, **options):
            read[page] += 1
            yield entry

    def counted_get(self, key):
        read[page] += 1
        return look_up(self, key)

    monkeypatch.setattr(Snapshot, "scan", counted_scan)
    monkeypatch.setattr(Snapshot, "get", counted_get)
    counts = []
    for objects in (200, 5_000):
        path = tmp_path / f"{objects}.db"
        fill(path, objects)
        read.clear()
        with InspectorServer(str(path)) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            for page in PAGES:
                assert get(server, page)[0] == 200, page
            server.shutdown()
            thread.join()
        counts.append(dict(read))
    small, large = counts
    assert large == small
    assert small["list/objects"] > 50


def test_a_reference_is_found_by_the_search_field(server):
    status, headers, _ = get(server, "find?ref=shop:o%2Bd16/7")
    assert status == 303
    assert get(server, headers["Location"])[0] == 200


def test_figures_follow_a_live_kernel_in_another_process_whose_store_is_not_changed(store):
    with Kernel.open(store, sources={"shop": build_shop, "office <1>": build_office}) as kernel:
        process = subprocess.Popen(
            [*COMMAND, "inspect", "--store", str(store), "--web"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().strip())

        def objects():
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
            connection.request("GET", f"{address.path}live.json")
            found = json.loads(connection.getresponse().read())["objects"]
            connection.close()
            return found

        assert objects() == "120"
        kernel.call(kernel.get_vat("shop").root, "fill", 200, 210)
        assert objects() == "130"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "Traceback" not in errors


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_the_pages(server, tmp_path, scheme):
    assert CHROMIUM is not None
    for name, path in (
        ("overview", ""),
        ("objects", "list/objects"),
        ("object", "object/shop:o%2Bd16%2F2?referrers=yes"),
        ("why", "why/shop:o%2Bd16%2F2"),
        ("baggage", "baggage/shop"),
        ("queue", "list/queue"),
        ("error", "object/shop:o%2Bd16%2F999"),
    ):
        picture = tmp_path / f"{name}_{scheme}.png"
        command = [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=1280,900",
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            f"--screenshot={picture}",
            f"{server.address}{path}",
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size > 15_000, "more than an empty page"


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_the_overview_keeps_its_figures_fresh_under_its_own_policy(server):
    assert CHROMIUM is not None
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=9000",
        "--dump-dom",
    ]
    done = subprocess.run([*command, server.address], check=True, capture_output=True, text=True, timeout=60)
    assert "Live, as of" in done.stdout
