"""The loop that reads lines, runs each in a crank, and says what came of it."""

from __future__ import annotations

import ast
import codeop
import inspect
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any, TextIO

from ...vat.ambient import current
from .sessions import Session

__all__ = ["Console"]


class Console:
    """An interactive session.

    Names that a line defines are there for the lines that follow. ``root`` and ``baggage`` are set anew in each crank;
    ``_`` is the last value. A line may await.

    Args:
        session: where the lines run.
        read: returns the next line for a prompt; raises ``EOFError`` at the end.
        out: where values go.
    """

    def __init__(self, session: Session, read: Callable[[str], str], out: TextIO) -> None:
        self._session = session
        self._read = read
        self._out = out
        self._compile = codeop.CommandCompiler()
        self._compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self.names: dict[str, Any] = {"__name__": "__repl__"}
        self.failures = 0

    def run(self) -> None:
        """Read and run until the input ends. Ctrl-C gives up the line that is typed or runs."""
        lines: list[str] = []
        while True:
            try:
                if self._take_line(lines):
                    return
            except KeyboardInterrupt:
                self._say("\n(given up)")
                lines.clear()

    def _take_line(self, lines: list[str]) -> bool:
        """Read one line more, and run the lines if they are whole. Returns whether the input has ended."""
        try:
            lines.append(self._read("... " if lines else ">>> "))
        except EOFError:
            if lines:
                self._run_lines([*lines, ""])
            return True
        if self._run_lines(lines):
            lines.clear()
        return False

    def _run_lines(self, lines: list[str]) -> bool:
        """Run what was typed if it is whole. Returns whether it was."""
        try:
            code = self._compile("\n".join(lines), "<repl>", "single")
        except (SyntaxError, ValueError, OverflowError) as error:
            self.failures += 1
            self._say("".join(traceback.format_exception_only(error)).rstrip())
            return True
        if code is None:
            return False
        try:
            self._session.run(lambda root, baggage: self._execute(code, root, baggage))
        except KeyboardInterrupt:
            self._say("interrupted: the crank was undone")
        except Exception as error:
            self.failures += 1
            self._say_error(error)
        return True

    def _execute(self, code: types.CodeType, root: Any, baggage: Any) -> None:
        self.names.update(root=root, baggage=baggage)
        before, sys.displayhook = sys.displayhook, self._show
        try:
            run = types.FunctionType(code, self.names)
            result = run()
            if code.co_flags & inspect.CO_COROUTINE:
                memory = current("repl")
                task = memory.spawn(result)
                memory.loop.run_until_idle()
                if task.done():
                    task.result()
                else:
                    self._say("(not settled in this crank: keep the promise in a name, and look again later)")
        finally:
            sys.displayhook = before

    def _show(self, value: object) -> None:
        if value is not None:
            self.names["_"] = value
            self._say(repr(value))

    def _say_error(self, error: Exception) -> None:
        # The frames of the tool itself say nothing to who has typed the line.
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != "<repl>":
            trace = trace.tb_next
        self._say("".join(traceback.format_exception(type(error), error, trace)).rstrip())
        self._say("(the crank was undone)")

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)
