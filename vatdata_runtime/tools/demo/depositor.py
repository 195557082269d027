"""The child process of the demo: deposits one coin a crank until it is killed, and says each time what was committed.

Run as ``python -m vatdata_runtime.tools.demo.depositor STORE SOURCE OWNER``.
"""

from __future__ import annotations

import sys

from vatdata_runtime import open_vat


def main() -> None:
    """Deposit until the process ends."""
    store, source, owner = sys.argv[1:4]
    with open_vat(store, source) as vat:
        while True:
            balance = vat.call("deposit", owner, 1)
            sys.stdout.write(f"{balance}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
