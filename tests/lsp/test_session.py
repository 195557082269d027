"""When checks begin and reports are made, on a clock that jumps to whatever happens next."""

from __future__ import annotations

import asyncio
import selectors
from concurrent.futures import Future
from dataclasses import replace

import pytest
from lsprotocol import types as t
from vatdata_lsp.client import Client
from vatdata_lsp.features import progress
from vatdata_lsp.session import QUIET_S, Session
from vatdata_lsp.settings import Settings
from vatdata_lsp.worker.client import SupersededError
from vatdata_lsp.worker.messages import CheckReply, RuleInfo

PATH = "/vat.py"


class JumpingSelector(selectors.SelectSelector):
    """Waits for nothing: the clock goes to the moment that would have been waited for."""

    now = 0.0

    def select(self, timeout=None):
        events = super().select(0)
        if not events and timeout:
            self.now += timeout
        return events


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = JumpingSelector()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


class SlowWorker:
    """Takes a given time for a check, and gives one up at once."""

    timeout_s = 0.0

    def __init__(self, check_s: float) -> None:
        self.check_s = check_s
        self.begun: list[float] = []
        self.completed = 0
        self._given_up = asyncio.Event()
        self.revision = lambda: 0

    async def describe(self):
        return (RuleInfo("VD101", "conditional-prepare", "", True, "", ""),)

    async def check(self, folders, texts, *, fresh=False):
        self.begun.append(asyncio.get_running_loop().time())
        self._given_up.clear()
        try:
            await asyncio.wait_for(self._given_up.wait(), self.check_s)
        except TimeoutError:
            self.completed += 1
            return CheckReply((), False, (), (), 1, self.check_s)
        raise SupersededError

    def supersede(self) -> None:
        self._given_up.set()


class Typist:
    """A session whose worker takes a given time, the revisions that were reported, and when."""

    def __init__(self, check_s: float) -> None:
        self.session = Session(Client.of(t.ClientCapabilities()), lambda text, is_error: None)
        self.worker = self.session.worker = SlowWorker(check_s)
        self.reports: list[tuple[int, float]] = []
        self.session.listeners.append(
            lambda changed: self.reports.append((self.session.revision, self.session_time()))
        )

    def session_time(self) -> float:
        return asyncio.get_running_loop().time()

    async def settle(self) -> None:
        """Begin, let all that is due happen, and forget it."""
        self.session.configure(Settings(), {})
        await asyncio.sleep(10)
        self.reports.clear()
        self.worker.begun.clear()
        self.worker.completed = 0

    async def edits(self, gaps: list[float]) -> float:
        """Edit, wait, edit again; return when the last edit was made."""
        for gap in gaps:
            await asyncio.sleep(gap)
            self.session.touch(PATH)
        return self.session_time()


def run(scenario, check_s: float):
    async def whole():
        typist = Typist(check_s)
        await typist.settle()
        await scenario(typist)

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(whole())


@pytest.mark.parametrize("check_s", [0.001, 0.01, 0.02, 0.04, 0.09, 0.5])
def test_nine_edits_fifty_milliseconds_apart_give_one_report_and_one_completed_check(check_s):
    async def scenario(typist):
        await typist.edits([0.05] * 9)
        await asyncio.sleep(10)
        assert typist.worker.completed == 1
        assert [revision for revision, _ in typist.reports] == [typist.session.revision]

    run(scenario, check_s)


@pytest.mark.parametrize("check_s", [0.001, 0.02, 0.5])
def test_edits_of_a_burst_may_come_late_by_half_of_their_distance(check_s):
    async def scenario(typist):
        await typist.edits([1.0, 0.05, 0.075, 0.03, 0.075, 0.025, 0.07, 0.01, 0.075])
        await asyncio.sleep(10)
        assert typist.worker.completed == 1
        assert [revision for revision, _ in typist.reports] == [typist.session.revision]

    run(scenario, check_s)


@pytest.mark.parametrize(("check_s", "within_s"), [(0.0, QUIET_S), (0.03, QUIET_S), (0.1, 0.1)])
def test_a_single_edit_is_reported_as_soon_as_a_burst_can_be_ruled_out(check_s, within_s):
    async def scenario(typist):
        edited = await typist.edits([1.0])
        await asyncio.sleep(10)
        ((_, reported),) = typist.reports
        assert reported - edited == pytest.approx(within_s, abs=0.001)

    run(scenario, check_s)


def test_whoever_asks_does_not_wait_for_the_end_of_a_burst():
    async def scenario(typist):
        edited = await typist.edits([0.05, 0.05])
        assert await typist.session.current()
        assert typist.session_time() - edited < 0.025

    run(scenario, 0.02)


def test_whoever_types_without_end_gets_checks_that_are_completed():
    async def scenario(typist):
        asking = asyncio.ensure_future(typist.session.current())
        await typist.edits([0.3] * 12)
        assert typist.worker.completed >= 4
        assert await asking

    run(scenario, 0.4)


def test_a_check_that_the_user_cancels_is_not_reported_and_the_next_edit_brings_another():
    async def scenario(typist):
        await typist.edits([1.0])
        asking = asyncio.ensure_future(typist.session.current())
        await asyncio.sleep(0.2)
        typist.session.cancel_check()
        assert not await asking
        await asyncio.sleep(10)
        assert typist.reports == []
        await typist.edits([0.0])
        assert await typist.session.current()

    run(scenario, 0.5)


class Shown:
    """Stands for the server's ways to show progress; keeps what was asked for."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.work_done_progress = self
        self.tokens: dict[str, Future[None]] = {}
        self.said: list[str] = []

    def spawn(self, work):
        return asyncio.ensure_future(work)

    async def create_async(self, token: str) -> None:
        self.tokens[token] = Future()

    def begin(self, token: str, value: t.WorkDoneProgressBegin) -> None:
        self.said.append("begin")

    def end(self, token: str, value: t.WorkDoneProgressEnd) -> None:
        self.said.append("end")


@pytest.mark.parametrize(("check_s", "said"), [(0.4, []), (0.6, ["begin", "end"])])
def test_a_check_is_shown_only_when_it_takes_longer_than_half_a_second(check_s, said):
    async def scenario(typist):
        typist.session.client = replace(typist.session.client, progress=True)
        shown = Shown(typist.session)
        progress.register(shown)
        await typist.edits([1.0])
        await asyncio.sleep(10)
        assert shown.said == said

    run(scenario, check_s)
