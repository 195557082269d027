"""A limit on the time of one crank: a thread that interrupts the one that runs vats."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

from ..errors import CrankTimeoutError

__all__ = ["Watchdog"]


class CrankInterrupt(SystemExit):
    """Raised in the middle of a crank that has run too long.

    Tasks pass a ``SystemExit`` on at once, where they keep every other exception as their result.
    """


class Watchdog:
    """Interrupts what runs longer than *seconds* of wall clock.

    Python code is interrupted between two of its instructions; a call into C code only when it returns. It interrupts
    again after as long a time, in case the code has caught the first one.
    """

    def __init__(self, seconds: float) -> None:
        import ctypes  # 3 ms, for programs that limit their cranks

        self._interrupt = ctypes.pythonapi.PyThreadState_SetAsyncExc
        self._interrupt.argtypes = (ctypes.c_ulong, ctypes.py_object)
        self._cancel = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)(
            ("PyThreadState_SetAsyncExc", ctypes.pythonapi)
        )
        self.seconds = seconds
        self._changed = threading.Condition()
        self._thread_id = 0
        self._deadline: float | None = None
        self._has_fired = False
        self._is_closed = False
        self._thread = threading.Thread(target=self._watch, name="vatdata crank timeout", daemon=True)
        self._thread.start()

    @contextmanager
    def limit(self, vat: str) -> Generator[None]:
        """Limit the block.

        Raises:
            CrankTimeoutError: the block ran too long. Whether or not it has noticed, it is to be undone.
        """
        with self._changed:
            self._thread_id = threading.get_ident()
            self._has_fired = False
            self._deadline = monotonic() + self.seconds
            self._changed.notify()
        try:
            yield
        except CrankInterrupt:
            raise CrankTimeoutError(vat, self.seconds) from None
        finally:
            self._disarm()
        if self._has_fired:
            raise CrankTimeoutError(vat, self.seconds)

    def _disarm(self) -> None:
        with self._changed:
            self._deadline = None
            if self._has_fired:
                self._cancel(self._thread_id, None)  # it may not have been raised yet, and must not be later

    def _watch(self) -> None:
        with self._changed:
            while not self._is_closed:
                if self._deadline is None:
                    self._changed.wait()
                elif (left := self._deadline - monotonic()) > 0:
                    self._changed.wait(left)
                else:
                    self._has_fired = True
                    self._deadline = monotonic() + self.seconds
                    self._interrupt(self._thread_id, CrankInterrupt)

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()
