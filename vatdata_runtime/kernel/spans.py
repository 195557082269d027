"""Spans for OpenTelemetry: one for each crank, linked to the crank or program that sent what it is about.

Only a kernel that is opened with a tracer imports this module, and with it OpenTelemetry. Where a message came from is
noted beside it in memory, so a message that waits over a restart has no link.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import Link, SpanContext, SpanKind, Tracer, get_current_span

from .messages import Delivery, Notification

__all__ = ["Spans"]


class Spans:
    """Makes the spans of one kernel.

    Args:
        tracer: where they are recorded.

    Attributes:
        origin: context of the crank that runs or is being carried out, for what it sends.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self.origin: SpanContext | None = None

    @contextmanager
    def crank(self, vat: str, incarnation: int, entry: Delivery | Notification) -> Generator[None]:
        """Record the crank of a message or notification; an exception of the block is recorded with it."""
        if isinstance(entry, Delivery):
            name, sort = f"{vat}.{entry.message.method}", "message"
            attributes: dict[str, str | int] = {"vatdata.method": entry.message.method}
        else:
            name, sort = f"{vat} hears of a promise", "notification"
            attributes = {"vatdata.promise": entry.promise}
        links = [] if entry.origin is None else [Link(entry.origin)]
        with self._tracer.start_as_current_span(
            name,
            kind=SpanKind.CONSUMER,
            links=links,
            attributes={
                "vatdata.vat": vat,
                "vatdata.incarnation": incarnation,
                "vatdata.crank": sort,
                **attributes,
            },
        ) as span:
            self.origin = span.get_span_context()
            yield

    @contextmanager
    def start(self, vat: str) -> Generator[None]:
        """Record the first crank of an incarnation."""
        with self._tracer.start_as_current_span(
            f"{vat} starts", attributes={"vatdata.vat": vat, "vatdata.crank": "start"}
        ) as span:
            self.origin = span.get_span_context()
            yield

    def take_up_host(self) -> None:
        """Let what is sent now come from the span that the program is in, if it is in one."""
        context = get_current_span().get_span_context()
        self.origin = context if context.is_valid else None
