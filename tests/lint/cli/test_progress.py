"""Progress is shown to a person who waits, and to nobody else."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from vatdata_lint import progress as module
from vatdata_lint.progress import progress


class Terminal(io.StringIO):
    """Standard error as a terminal that says when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, first_sign_s: float) -> Terminal:
    """Put a terminal in place of standard error; not in a fixture, since pytest's capture comes after those."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(module, "FIRST_SIGN_S", first_sign_s)
    monkeypatch.setattr(module, "NEXT_SIGN_S", 0.001)
    return stream


def test_work_that_takes_long_shows_a_line_that_is_wiped_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch, 0.001)
    with progress("checking"):
        assert terminal.written.wait(10)
    assert "checking (0 s)" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_the_line_is_wiped_after_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch, 0.001)
    with pytest.raises(ValueError, match="broken"), progress("checking"):
        assert terminal.written.wait(10)
        raise ValueError("broken")
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_quick_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch, 60.0)
    with progress("checking"):
        pass
    assert terminal.getvalue() == ""


def test_nothing_is_shown_where_it_is_not_wanted_or_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_SIGN_S", 0.0)
    before = threading.active_count()
    with progress("checking", wanted=False):
        assert threading.active_count() == before
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress("checking"):
        assert threading.active_count() == before
