"""Figures of a kernel for Prometheus.

    from prometheus_client import REGISTRY, start_http_server
    from vatdata_runtime.metrics import KernelCollector

    REGISTRY.register(KernelCollector(kernel))
    start_http_server(9100)

Needs ``vatdata[metrics]``. Figures are read when they are asked for; the kernel itself does nothing for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .kernel.kernel import Kernel

__all__ = ["KernelCollector"]

_GAUGES = {
    "vats": "vats that run",
    "failed_vats": "vats that could not start",
    "waiting": "messages and notifications in the queue",
    "held_back": "messages that wait for a vat that does not run",
    "promises": "promises between vats that something still asks about",
    "device_calls": "calls of registered devices that have begun or are to be made",
    "device_calls_waiting": "calls of devices that are not registered",
    "timers": "entries of the timer",
    "last_batch": "entries of the last commit",
}
_COUNTERS = {
    "cranks": "cranks that were kept",
    "reads": "look-ups in the store",
    "scanned": "entries that scans of the store gave out",
    "writes": "keys that commits wrote",
    "deletes": "keys that commits deleted",
    "bytes_written": "bytes of keys and values that commits wrote",
    "commits": "commits",
    "commit_seconds": "time that commits took",
}


class KernelCollector(Collector):
    """Gives the figures of ``Kernel.stats`` to a registry, as ``vatdata_…`` with the store's path as label.

    Args:
        kernel: an open kernel; scrapes may come from any thread.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def collect(self) -> Iterator[Metric]:
        """Yield one metric for each figure."""
        stats, labels = self._kernel.stats(), (self._kernel.path,)
        for name, meaning in _GAUGES.items():
            gauge = GaugeMetricFamily(f"vatdata_{name}", meaning, labels=("store",))
            gauge.add_metric(labels, getattr(stats, name))
            yield gauge
        for name, meaning in _COUNTERS.items():
            counter = CounterMetricFamily(f"vatdata_{name}", meaning, labels=("store",))
            counter.add_metric(labels, getattr(stats, name))
            yield counter
