"""The demo, told step by step on a real store: start, calls, a kill, a restart, a refused upgrade, a good one."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from ...errors import KindsNotPreparedError
from ...kernel.embedded import Vat, open_vat

__all__ = ["tell"]

_HERE = Path(__file__).parent
_V1, _FORGETS, _V2 = (str(_HERE / name) for name in ("bank_v1.py", "bank_forgets.py", "bank_v2.py"))


class DemoFailedError(Exception):
    """The demo did not see what it promises to show."""


def tell(console: Console, *, pause_s: float) -> None:
    """Tell the story; *pause_s* seconds between its steps.

    Raises:
        DemoFailedError: something was lost, or an upgrade was not refused.
    """
    with tempfile.TemporaryDirectory(prefix="vatdata-demo-") as folder:
        store = str(Path(folder) / "bank.db")
        console.print(
            Panel("Durable objects that survive crashes, restarts and code upgrades", title="vatdata")
        )
        _start(console, store)
        time.sleep(pause_s)
        acknowledged = _kill(console, store)
        time.sleep(pause_s)
        _restart(console, store, acknowledged)
        time.sleep(pause_s)
        _refuse(console, store)
        time.sleep(pause_s)
        _upgrade(console, store, acknowledged)


def _step(console: Console, number: int, title: str) -> None:
    console.print(f"\n[bold cyan]{number}.[/] [bold]{title}[/]")


def _show(console: Console, vat: Vat) -> dict[str, Any]:
    balances = dict(vat.call("balances").items())
    table = Table("owner", "balance", title=f"incarnation {vat.incarnation}", title_justify="left")
    for owner, balance in balances.items():
        table.add_row(owner, str(balance))
    console.print(table)
    return balances


def _start(console: Console, store: str) -> None:
    _step(console, 1, "A vat starts from a file; each call is one crank, and one commit")
    with open_vat(store, _V1) as vat:
        vat.call("open_purse", "alice")
        vat.call("open_purse", "bob")
        vat.call("deposit", "bob", 40)
        _show(console, vat)
        console.print("An exception aborts the crank of a [italic]with[/] block, as if it had never run:")
        try:
            with vat.crank() as bank:
                bank.deposit("bob", 2)
                raise RuntimeError("change of mind")
        except RuntimeError as error:
            console.print(f"   raised {error!r}")
        if _show(console, vat)["bob"] != 40:
            raise DemoFailedError("an aborted crank left something behind")


def _kill(console: Console, store: str) -> int:
    _step(
        console, 2, "A second process deposits coin by coin for alice, and is killed in the middle (SIGKILL)"
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "vatdata_runtime.tools.demo.depositor", store, _V1, "alice"],
        stdout=subprocess.PIPE,
        text=True,
    )
    acknowledged = 0
    assert child.stdout is not None  # it was asked for
    try:
        for line in child.stdout:
            acknowledged = int(line)
            if acknowledged >= 100:
                break
    finally:
        child.kill()
        rest, _ = child.communicate()
    for line in rest.split():
        acknowledged = max(acknowledged, int(line))
    if child.returncode != -signal.SIGKILL:
        raise DemoFailedError(f"the depositing process ended by itself, with exit code {child.returncode}")
    console.print(f"   it had said {acknowledged} times that a deposit was committed")
    return acknowledged


def _restart(console: Console, store: str, acknowledged: int) -> None:
    _step(console, 3, "Restart: nothing that was acknowledged is lost")
    with open_vat(store, _V1) as vat:
        balance = _show(console, vat)["alice"]
    # The last line may not have left the killed process, so one crank more than it said may be there.
    if not acknowledged <= balance <= acknowledged + 1:
        raise DemoFailedError(f"{acknowledged} deposits were acknowledged, {balance} are there")


def _refuse(console: Console, store: str) -> None:
    _step(console, 4, "An upgrade to code that forgets the stored kind is refused, before it can do harm")
    try:
        open_vat(store, _FORGETS).close()
    except KindsNotPreparedError as error:
        console.print(Panel(str(error), title="KindsNotPreparedError", border_style="red"))
    else:
        raise DemoFailedError("code that forgets a stored kind was accepted")


def _upgrade(console: Console, store: str, acknowledged: int) -> None:
    _step(console, 5, "An upgrade to code that defines it again: old data, new behaviour")
    with open_vat(store, _V2) as vat:
        for line in vat.call("describe"):
            console.print(f"   {line}")
        if vat.call("balances")["alice"] < acknowledged:
            raise DemoFailedError("the upgrade lost deposits")
    console.print("\n[bold green]Everything that was acknowledged is there.[/]")
