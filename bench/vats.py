"""The vats that are measured: their code is what a user of the runtime would write."""

from __future__ import annotations

import time
from typing import Any

from vatdata_runtime import E, Far, M, prepare_exo_class, provide_durable_map_store

NodeI = M.interface("Node", {"bump": M.call(M.int()).returns(M.int()), "count": M.call().returns(M.int())})


def build(_powers: Any, _parameters: Any, baggage: Any) -> Any:
    """A vat with one kind of four fields, one of them a reference, registered in a map, and a map of texts."""

    class Node:
        def bump(this, by):
            this.state.count += by
            return this.state.count

        def count(this):
            return this.state.count

        def read_often(this, count):
            state = this.state
            begin = time.process_time()
            for _ in range(count):
                state.count  # noqa: B018  # the read is what is timed
            return (time.process_time() - begin) / count * 1e6

    def init(n, reference, name=None):
        return {"count": n, "name": name or f"node {n}", "score": 0.5, "reference": reference}

    make = prepare_exo_class(baggage, "Node", None, init, Node)
    make_guarded = prepare_exo_class(
        baggage, "Guarded", NodeI, init, {"bump": Node.bump, "count": Node.count}
    )
    nodes = provide_durable_map_store(baggage, "nodes")
    texts = provide_durable_map_store(baggage, "texts")
    if not nodes.has(-1):
        nodes.init(-1, make_guarded(-1, None))
    kept = []

    def fill(low, high):
        reference = nodes.get(-1)
        for n in range(low, high):
            nodes.init(n, make(n, reference))

    def fill_named(low, high, name):
        for n in range(low, high):
            nodes.init(n, make(n, None, name))

    def per_operation(operations, run):
        begin = time.process_time()
        for item in operations:
            run(item)
        return (time.process_time() - begin) / len(operations) * 1e6

    def scan(starts):
        begin = time.process_time()
        for start in starts:
            for number, _ in enumerate(texts.entries(M.gte(start))):
                if number == 999:
                    break
        return (time.process_time() - begin) / len(starts) * 1e6

    def insert(pairs):
        for key, value in pairs:
            texts.init(key, value)

    def keep(order):
        kept[:] = [nodes.get(n) for n in order]
        for node in kept:
            node.count()

    def call_many(count):
        call = nodes.get(-1).bump
        begin = time.process_time()
        for _ in range(count):
            call(1)
        return (time.process_time() - begin) / count * 1e6

    return Far(
        "Root",
        {
            "fill": fill,
            "fill_named": fill_named,
            "insert": insert,
            "keep": keep,
            "scan": scan,
            "call_many": call_many,
            "read": lambda order: per_operation(order, lambda n: nodes.get(n).count()),
            "read_kept": lambda: per_operation(kept, lambda node: node.count()),
            "read_often": lambda count: nodes.get(0).read_often(count),
            "look_up": lambda keys: per_operation(keys, texts.get),
            "one": lambda: nodes.get(-1).bump(1),
        },
    )


def build_sender(_powers: Any, _parameters: Any, _baggage: Any) -> Any:
    """A vat that sends many messages in one crank, or awaits as many answers."""

    def tell(other, count):
        for _ in range(count):
            E.send_only(other).one()

    async def ask(other, count):
        for promise in [E(other).one() for _ in range(count)]:
            await promise

    return Far("Sender", {"tell": tell, "ask": ask})
