"""The lives of one vat over one store: starts, restarts, upgrades and crashes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..kernel.embedded import Vat, open_vat
from ..tools.verify import verify
from ..vat.source import Source

__all__ = ["Crash", "Lives"]


class Crash:
    """A crash that is to come.

    Attributes:
        step: at which step of the storage, counted from 1.
        happened: whether the block got that far.
        at: name of that step, None if it did not.
    """

    def __init__(self, step: int) -> None:
        self.step = step
        self.happened = False
        self.at: str | None = None

    def __repr__(self) -> str:
        return f"<Crash at step {self.step}: {self.at if self.happened else 'not reached'}>"


class _ProcessDiedError(BaseException):
    """Raised where the process is to have died. No ``except Exception`` stops it, as none would stop a kill."""


class Lives:
    """One vat over one store, through as many incarnations as a test needs.

        with Lives("bank.py") as lives:
            with lives.vat.crank() as bank:
                bank.open_purse("alice").deposit(5)
            lives.crash()
            lives.upgrade("bank_2.py")
            assert lives.vat.call("balance", "alice") == 5

    A crash is real as far as the store goes: the next life begins with the bytes that were in the file, and nothing was
    closed. The store is verified whole at the end.

    Args:
        source: code of the first incarnation, started at once; None to call ``start`` later.
        folder: where the store is made; None for a temporary folder that is removed at the end.
        options: as for ``open_vat``, in every life.
    """

    def __init__(
        self, source: Source | None = None, folder: str | os.PathLike[str] | None = None, **options: Any
    ) -> None:
        self._temporary = tempfile.mkdtemp(prefix="vatdata-") if folder is None else None
        self._folder = Path(self._temporary or folder or ".")
        self._vat: Vat | None = None
        self._source: Source | None = None
        self._options = options
        self._crash: Crash | None = None
        self._dead: Path | None = None  # the file as the process that died has left it
        self._steps = 0
        self._files = 0
        self.path = self._folder / "store.db"
        if source is not None:
            self.start(source)

    @property
    def vat(self) -> Vat:
        """The vat that runs.

        Raises:
            RuntimeError: none does.
        """
        if self._vat is None:
            raise RuntimeError("no incarnation runs: start(source) begins one")
        return self._vat

    # --- lives

    def start(self, source: Source, **options: Any) -> Vat:
        """Stop the vat if it runs, and start the next incarnation from *source*; an upgrade, if that is other code.

        Args:
            source: as for ``open_vat``.
            options: replace those of the earlier lives.

        Raises: as ``open_vat``; the store is as it was then, and ``restart`` goes on with the code before.
        """
        self.stop()
        self._options = {**self._options, **options}
        try:
            vat = open_vat(self.path, source, on_step=self._note_step, **self._options)
        except _ProcessDiedError:
            # The file may be upgraded already: only this code is sure to start from it.
            self._source = source
            raise
        self._source, self._vat = source, vat
        return vat

    def restart(self) -> Vat:
        """Stop the vat, and start the next incarnation from the same code, loaded anew."""
        if self._source is None:
            raise RuntimeError("nothing was started yet: start(source) begins the first incarnation")
        return self.start(self._source)

    def upgrade(self, source: Source) -> Vat:
        """Start the next incarnation from other code; if it is refused, that before again, and raise why.

        Raises: as ``open_vat``.
        """
        try:
            return self.start(source)
        except Exception:
            if self._source is not None:
                self.restart()
            raise

    def stop(self) -> None:
        """Close the vat in order. What is in memory only is gone."""
        vat, self._vat = self._vat, None
        if vat is not None:
            vat.close()

    # --- crashes

    def crash(self) -> Vat:
        """Go on as if the process had died now: with the file as it is, nothing closed; then start the same code."""
        return self._go_on_with(self._copy_file())

    def _go_on_with(self, file: Path) -> Vat:
        self.stop()
        self.path = file
        return self.restart()

    @contextmanager
    def crash_at(self, step: int) -> Generator[Crash]:
        """Let the process die at a step of the storage inside the block, and start the same code again.

        If that step is one of a start or upgrade, the code that was about to start is the one that starts.

        To try every step, count up until one is not reached:

            for step in itertools.count(1):
                with lives.crash_at(step) as crash:
                    lives.vat.call("deposit", 5)
                assert lives.vat.call("balance") in (before, before + 5)
                if not crash.happened:
                    break

        Args:
            step: which of the steps that the block takes, from 1: applying a crank, writing, committing, …
        """
        crash = self._crash = Crash(step)
        self._steps = 0
        try:
            yield crash
        except BaseException:
            if not crash.happened:
                raise
            # Whatever the code has made of it: the process is dead.
        finally:
            self._crash = None
        if self._dead is not None:
            dead, self._dead = self._dead, None
            self._go_on_with(dead)

    def _note_step(self, name: str) -> None:
        crash = self._crash
        if crash is None:
            return
        self._steps += 1
        if self._steps == crash.step:
            crash.happened, crash.at = True, name
            self._dead = self._copy_file()
        if crash.happened:
            raise _ProcessDiedError(f"the process dies at step {crash.step}, {name}")

    def _copy_file(self) -> Path:
        self._files += 1
        return Path(shutil.copyfile(self.path, self._folder / f"after_crash_{self._files}.db"))

    # --- the end

    def differences(self) -> list[str]:
        """Stop the vat and verify the store; returns what is not as it should be, as text."""
        self.stop()
        return [finding.text for finding in verify(str(self.path))] if self.path.exists() else []

    def close(self) -> None:
        """Stop the vat, verify the store, and remove it if it was temporary.

        Raises:
            AssertionError: the store is not whole.
        """
        try:
            differences = self.differences()
        finally:
            if self._temporary is not None:
                shutil.rmtree(self._temporary, ignore_errors=True)
        if differences:
            raise AssertionError("the store is not whole:\n" + "\n".join(differences))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        self.stop()  # the error of the block says more than what it has left behind
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
