"""The command ``vatdata-lsp``."""

from __future__ import annotations

import argparse
import gc
import logging
import subprocess
import sys
from collections.abc import Sequence

from vatdata_lsp.worker.launch import launch

__all__ = ["main"]

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve one editor over standard input and output until it says goodbye; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="vatdata-lsp",
        description="Language server of vatdata: shows in editors what vatdata-lint finds.",
    )
    parser.add_argument("--stdio", action="store_true", help="standard input and output (the default)")
    parser.add_argument("--tcp", metavar="HOST:PORT", help="serve one client over TCP, for debugging")
    parser.add_argument("--log-file", metavar="FILE", help="write the log there instead of standard error")
    parser.add_argument(
        "--verbose", action="store_true", help="log what the server does, not only what fails"
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    options = parser.parse_args(arguments)
    address = _address(options.tcp) if options.tcp else None
    if options.tcp and address is None:
        parser.error(f"--tcp: expected HOST:PORT, found {options.tcp!r}")
    logging.basicConfig(
        filename=options.log_file,
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    launched = None if options.version else _launch_early()
    gc.disable()  # collections would take a seventh of the imports, and find nothing: all of it stays
    from vatdata_lsp.assembly import create_server  # pygls takes a while to import: not before --help
    from vatdata_lsp.server import server_version

    if options.version:
        sys.stdout.write(f"vatdata-lsp {server_version()}\n")
        return 0
    server = create_server(launched)
    gc.freeze()
    gc.enable()
    if address is not None:
        server.start_tcp(*address)
    else:
        server.start_io()
    return 0


def _launch_early() -> subprocess.Popen[bytes] | None:
    """Launch the worker before this process imports its half: both imports take as long as a short check.

    Waiting for `initialize` would have the first findings wait for the worker's imports behind the server's.
    """
    try:
        return launch()
    except OSError as error:
        logger.warning("the analysis process could not be started yet: %s", error)
        return None


def _address(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    return (host, int(port)) if host and port.isdigit() else None


if __name__ == "__main__":
    sys.exit(main())
