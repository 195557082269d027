"""``vatdata repl``: lines of Python inside a vat, each a crank."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import termios
import time

import pytest

from tests.tools.command import COMMAND
from vatdata_runtime import Kernel, open_vat

BANK = """
from vatdata_runtime import Far, E, prepare_exo_class, provide, provide_durable_map_store

def build_root_object(powers, parameters, baggage):
    make = prepare_exo_class(baggage, "Purse", None, lambda: {"n": 0}, {
        "add": lambda this, by: setattr(this.state, "n", this.state.n + by),
        "get": lambda this: this.state.n,
    })
    purse = provide(baggage, "purse", lambda _: make())
    async def later():
        return "later"
    return Far("Bank", {"purse": lambda: purse, "add": purse.add, "total": purse.get, "later": later})
"""


@pytest.fixture
def bank(tmp_path):
    (tmp_path / "bank.py").write_text(BANK)
    with open_vat(tmp_path / "bank.db", str(tmp_path / "bank.py")) as vat:
        vat.call("add", 5)
    return tmp_path


def repl(folder, lines, *options):
    return subprocess.run(
        [*COMMAND, "repl", "--store", str(folder / "bank.db"), *options],
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def total(folder):
    with open_vat(folder / "bank.db", str(folder / "bank.py")) as vat:
        return vat.call("total")


def source(folder):
    return ("--source", str(folder / "bank.py"))


def test_lines_use_objects_directly_and_names_last(bank):
    done = repl(bank, "p = root.purse()\np\np.get() + 1\n_ * 2\nsorted(baggage.keys())\n", *source(bank))
    first, *others = done.stdout.splitlines()
    assert "Purse" in first, done.stderr
    assert others[:2] == ["6", "12"]
    assert "'purse'" in others[2]
    assert done.returncode == 0


def test_without_write_nothing_is_kept_and_later_lines_see_earlier_ones(bank):
    done = repl(bank, "root.add(10)\nroot.total()\n", *source(bank))
    assert done.stdout == "15\n"
    assert total(bank) == 5


def test_with_write_each_line_is_committed(bank):
    assert repl(bank, "root.add(10)\n", "--write", *source(bank)).returncode == 0
    assert total(bank) == 15


def test_a_line_that_raises_is_undone_and_told_without_frames_of_the_tool(bank):
    done = repl(bank, "(root.add(10), 1 / 0)\nroot.total()\n", "--write", *source(bank))
    assert "ZeroDivisionError: division by zero\n(the crank was undone)\n5\n" in done.stdout
    assert "console.py" not in done.stdout
    assert done.returncode == 1


def test_blocks_of_lines_and_awaits_work(bank):
    done = repl(
        bank, "for n in range(3):\n    root.add(n)\n\nroot.total()\nawait root.later()\n", *source(bank)
    )
    assert done.stdout == "8\n'later'\n", done.stderr


def test_a_mistake_in_a_line_is_told(bank):
    done = repl(bank, "root.(\n1 + 1\n", *source(bank))
    assert "SyntaxError" in done.stdout
    assert done.stdout.endswith("2\n")
    assert done.returncode == 1


def test_reading_works_beside_a_program_that_has_the_store_open_and_writing_is_refused(bank):
    with open_vat(bank / "bank.db", str(bank / "bank.py")) as vat:
        assert repl(bank, "root.total()\n", *source(bank)).stdout == "5\n"
        refused = repl(bank, "root.total()\n", "--write", *source(bank))
        assert refused.returncode == 2
        assert "StoreLockedError" in refused.stderr
        vat.call("add", 1)
    assert total(bank) == 6


def test_a_vat_of_a_kernel_is_known_by_its_name_and_its_messages_are_sent(bank):
    with Kernel.open(bank / "world.db") as kernel:
        kernel.create_vat("left", str(bank / "bank.py"))
        kernel.create_vat("right", str(bank / "bank.py"))
    (bank / "bank.db").unlink()
    (bank / "world.db").rename(bank / "bank.db")
    assert repl(bank, "root.total()\n", "--vat", "left").stdout == "0\n"
    lines = "root.add(3)\nroot.total()\n1 / 0\nroot.total()\n"
    assert repl(bank, lines, "--vat", "left", "--write").stdout.splitlines()[0] == "3"
    unknown = repl(bank, "", "--vat", "middle")
    assert unknown.returncode == 2
    assert "middle" in unknown.stderr
    several = repl(bank, "")
    assert several.returncode == 2
    with Kernel.open(bank / "bank.db") as kernel:
        assert [kernel.call(vat.root, "total") for vat in kernel.vats.values()] == [3, 0]


def test_a_vat_whose_code_the_store_does_not_know_needs_it(bank):
    done = repl(bank, "")
    assert done.returncode == 2
    assert "name it with --source" in done.stderr


def test_a_terminal_gets_a_banner_and_ctrl_c_and_ctrl_d_leave_a_whole_store(bank):
    leader, follower = pty.openpty()
    command = [*COMMAND, "repl", "--store", str(bank / "bank.db"), "--write"]
    env = os.environ | {"HOME": str(bank), "TERM": "dumb", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [*command, *source(bank)],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=env,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(follower)
    seen = ""

    def expect(text, press=b""):
        """Read until *text* comes; press keys whenever nothing else comes, as a person would."""
        nonlocal seen
        end = time.monotonic() + 60
        while text not in seen:
            assert time.monotonic() < end, seen
            ready, _, _ = select.select([leader], [], [], 1)
            if ready:
                seen += os.read(leader, 4096).decode()
            else:
                os.write(leader, press)
        seen = seen[seen.index(text) + len(text) :]

    try:
        expect("each line is committed")
        expect(">>> ")
        os.write(leader, b"root.add(1); root.total()\n")
        expect("6")
        expect(">>> ")
        expect("(given up)", press=b"\x03")
        os.write(leader, b"while True: pass\n\n")
        expect("the crank was undone", press=b"\x03")
        expect(">>> ")
        os.write(leader, b"\x04")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    assert (bank / ".vatdata_history").exists()
    assert total(bank) == 6
