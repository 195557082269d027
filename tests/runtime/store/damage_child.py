"""Uses of damaged copies of a store, each in a process of its own, since LMDB itself may die of them.

Run as ``python -m tests.runtime.store.damage_child GOOD SCRATCH`` with one JSON list a line on standard input: the
bits to flip (offset in bits) and the length to cut the file to, or null. For each, one line of JSON comes out: what
``verify_file`` said, and how the use of the copy ended.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from vatdata_runtime.errors import StoreError
from vatdata_runtime.store import open_store, verify_file

SIGNALLED = "signal"


def use(path: Path, expected: dict[bytes, bytes], history: bytes, trusted: bool) -> str:
    """Read everything in both ways, write, and read again; say what a caller would notice.

    Args:
        history: the sound file, free pages included.
        trusted: verify had nothing to say, so that nothing at all may be wrong, now or after the writing.
    """
    with open_store(path, durability="relaxed") as store:
        outcome = "clean"
        for key, value in expected.items():
            found = store.get(key)
            if found is None:
                outcome = "absent"
            elif found != value:
                return "WRONG value"
        seen = dict(store.scan(b""))
        if seen != expected:
            if not seen.items() <= expected.items():
                return "WRONG entry"
            outcome = "absent"
        delta = {b"new": b"n"} | {key: value[::-1] for key, value in list(expected.items())[::2]}
        store.apply(delta)
        store.commit()
        rewritten = expected | delta
        seen = dict(store.scan(b""))
        for key, value in seen.items() - rewritten.items():
            if key + value not in history:
                return "WRONG entry after a commit"
            outcome = "lost write"
        if not seen.keys() >= rewritten.keys():
            outcome = "absent"
        if trusted and (outcome != "clean" or verify_file(str(path))):
            return "WRONG although verified"
    return outcome


def in_child(path: Path, expected: dict[bytes, bytes], history: bytes, trusted: bool) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, use(path, expected, history, trusted).encode())
        except StoreError as error:
            os.write(writing, type(error).__name__.encode())
        except BaseException as error:  # every end of the child is a result
            os.write(writing, f"WRONG: {error!r}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        outcome = pipe.read()
    _, status = os.waitpid(child, 0)
    return outcome if os.WIFEXITED(status) else SIGNALLED


def main(good: Path, scratch: Path) -> None:
    raw = good.read_bytes()
    with open_store(good, readonly=True) as store:
        expected = dict(store.scan(b""))
    for line in sys.stdin:
        bits, length = json.loads(line)
        damaged = bytearray(raw)
        for bit in bits:
            damaged[bit // 8] ^= 1 << bit % 8
        scratch.write_bytes(damaged[:length])
        try:
            problems = verify_file(str(scratch))
        except StoreError as error:
            problems = [type(error).__name__]
        outcome = in_child(scratch, expected, raw, not problems)
        print(json.dumps({"problems": problems, "outcome": outcome}), flush=True)
        for leftover in scratch.parent.glob(f"{scratch.name}*"):
            leftover.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
