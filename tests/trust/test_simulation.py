"""The simulator's short form. The long one: ``python -m tests.trust.simulate --seeds 10000``."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from tests.support.processes import ROOT, environment

from .simulate import run_seeds
from .simulation import model as model_module
from .simulation.plan import Plan
from .simulation.trace import Event

SEEDS = 200


def test_whatever_breaks_and_wherever_the_model_of_the_vats_holds(capsys: pytest.CaptureFixture[str]) -> None:
    failed, happened = run_seeds(range(SEEDS), processes=2)
    assert failed == [], f"python -m tests.trust.simulate --seed {failed[0]} --say\n{capsys.readouterr().out}"
    for what in ("fault: kill", "fault: power", "fault: full disk", "fault: bad disk", "interrupt"):
        assert happened[what] >= SEEDS // 10, f"{what} came up too rarely to say anything: {happened}"
    assert happened["cranks"] > 20 * SEEDS


@pytest.mark.parametrize("seed", [12, 150])
def test_a_seed_replays_exactly_in_any_process(seed: int) -> None:
    digests = set()
    for hash_seed in ("1", "2"):
        ended = subprocess.run(
            [sys.executable, "-m", "tests.trust.simulate", "--seed", str(seed)],
            cwd=ROOT,
            env=environment() | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        found = re.match(rf"seed {seed} holds \(([0-9a-f]+)\)", ended.stdout)
        assert found, ended.stdout
        digests.add(found[1])
    assert len(digests) == 1


def test_a_seed_that_fails_is_told_with_the_command_that_repeats_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from . import simulate

    monkeypatch.setattr(simulate, "run_seed", lambda seed, say: (seed, "AssertionError: lost", Counter(), ""))
    assert simulate.main(["--seed", "7"]) == 1
    assert "AssertionError: lost" in capsys.readouterr().out


# The model itself must notice each sort of fault: what it accepts is what the simulator proves.


def played(*events: tuple[object, ...]) -> model_module.Model:
    """A model of two vats after these events; operations of messages 1 to 3 are known."""
    plan = Plan(0)
    for operations in ((("make", "vat0.0", "node", 5),), (("read", "vat0.0"),), ()):
        plan.new_message("perform", operations)
    world = model_module.Model(plan)
    state = world_state()
    for name in ("vat0", "vat1"):
        world.apply((Event("started", name, (0, 1, state)),))
    for what, vat, *details in events:
        world.apply((Event(str(what), str(vat), tuple(details)),))
    return world


def world_state() -> dict[str, object]:
    from .simulation.contents import VatContents

    return VatContents("empty").state()


SENT = (("sent", "vat0", 1), ("sent", "vat0", 2), ("sent", "vat0", 3))
MADE = ("performed", "vat0", 1, (True,))


@pytest.mark.parametrize(
    ("events", "what"),
    [
        ((*SENT, MADE, MADE), "not on its way"),
        ((*SENT, ("performed", "vat1", 1, (True,))), "arrives at"),
        ((*SENT, ("performed", "vat0", 3, ())), "has overtaken 1"),
        ((*SENT, MADE, ("performed", "vat0", 2, ((6, None, None),))), r"\(5, None, None\)"),
        ((*SENT, MADE, ("performed", "vat0", 2, ())), "carried out to its end"),
        ((*SENT, MADE, ("started", "vat0", 1, 1, world_state())), "things of vat0"),
        ((("started", "vat0", 2, 1, world_state()),), "incarnation of vat0"),
        ((*SENT, MADE, ("collected", "vat0", 0, frozenset(), "some vats")), "1 are needed"),
        ((*SENT, MADE, ("collected", "vat0", 2, frozenset(), "cycles")), "found 2, expected 1"),
        ((("answered", "vat0", 3, True, 1),), "for which it does not wait"),
    ],
)
def test_the_model_refuses(events: tuple[tuple[object, ...], ...], what: str) -> None:
    with pytest.raises(AssertionError, match=what):
        played(*events)


def test_the_model_refuses_messages_that_never_arrive() -> None:
    with pytest.raises(AssertionError, match="never arrived"):
        played(*SENT).check_quiet(0.0, {})
