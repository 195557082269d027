"""When a kernel may be used: by its own thread, while it is open, and not from inside a crank."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

from ..errors import ReadOnlyStoreError, StoreError

__all__ = ["TurnGuard"]


class TurnGuard:
    """Refuses what would use a kernel at the wrong time.

    Args:
        path: the store's path, for messages.
        is_readonly: whether nothing may be written.
        failure_of: returns why the store is behind what memory holds, None while it is not.
        on_running: called before cranks run.
        on_interrupt: called with what ends the running of cranks and is no ``Exception``, such as Ctrl-C, and whether
            it may have come at any point of a larger change.

    Attributes:
        is_closed: set when the kernel is closed.
    """

    def __init__(
        self,
        path: str,
        *,
        is_readonly: bool,
        failure_of: Callable[[], BaseException | None],
        on_running: Callable[[], None],
        on_interrupt: Callable[[BaseException, bool], None],
    ) -> None:
        self.path = path
        self.is_readonly = is_readonly
        self.is_closed = False
        self._failure_of = failure_of
        self._on_running = on_running
        self._on_interrupt = on_interrupt
        self._thread = threading.get_ident()
        self._is_running = False

    @contextmanager
    def running(self, *, is_change: bool = False) -> Generator[None]:
        """Mark the time in which cranks run: nothing may be asked of the kernel from inside them.

        Args:
            is_change: vats come, go or are searched, which Ctrl-C leaves half done in memory.
        """
        self._is_running = True
        try:
            self._on_running()
            yield
        except Exception:
            raise
        except BaseException as error:
            self._on_interrupt(error, is_change)
            raise
        finally:
            self._is_running = False

    def require_idle(self, *, writes: bool = False) -> None:
        """Refuse the use of a kernel now.

        Args:
            writes: whether what is asked may write.

        Raises:
            StoreError: it is closed, or a commit has failed.
            RuntimeError: another thread has opened it, or it is running a crank.
            ReadOnlyStoreError: it cannot write.
        """
        if (
            self._is_running
            or self.is_closed
            or threading.get_ident() != self._thread
            or self._failure_of() is not None
            or (writes and self.is_readonly)
        ):
            self._refuse(writes)

    def _refuse(self, writes: bool) -> None:
        path = self.path
        if self.is_closed:
            raise StoreError(path, "is closed: open the kernel again")
        if threading.get_ident() != self._thread:
            raise RuntimeError(
                f"the kernel on {path!r} belongs to the thread that opened it; call it from there"
            )
        if self._is_running:
            raise RuntimeError(
                f"the kernel on {path!r} is running a crank. Inside a vat use E(target).method() and await the result"
            )
        if writes and self.is_readonly:
            raise ReadOnlyStoreError(
                path, "is open for reading only. Open it without readonly=True to run vats"
            )
        failure = self._failure_of()
        if failure is not None:
            raise StoreError(
                path, "failed, and memory is ahead of it. Close the kernel and open it again"
            ) from failure
