"""VD206: blocking input and output inside a crank."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.vat_code import crank_calls, hidden_call
from vatdata_lint.finding import Finding
from vatdata_lint.rules import ModuleRule

HTTP_VERBS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "request", "stream"})
HTTP_CALLS = {
    "requests": HTTP_VERBS | {"Session", "session"},
    "httpx": HTTP_VERBS | {"Client"},
}
OS_CALLS = frozenset(
    {
        *("chmod", "fork", "kill", "link", "listdir", "makedirs", "mkdir", "open", "popen", "read", "remove"),
        *("removedirs", "rename", "renames", "replace", "rmdir", "scandir", "stat", "symlink", "system"),
        *("truncate", "unlink", "utime", "walk", "write"),
    }
)
CALLS = {
    **HTTP_CALLS,
    "bz2": {"open"},
    "codecs": {"open"},
    "concurrent.futures": {"ProcessPoolExecutor", "ThreadPoolExecutor"},
    "ftplib": {"FTP", "FTP_TLS"},
    "getpass": {"getpass"},
    "glob": {"glob", "iglob"},
    "gzip": {"open"},
    "http.client": {"HTTPConnection", "HTTPSConnection"},
    "io": {"open"},
    "multiprocessing": {"Process"},
    "lzma": {"open"},
    "os": OS_CALLS,
    "os.path": {"exists", "getmtime", "getsize", "isdir", "isfile"},
    "psycopg2": {"connect"},
    "select": {"select"},
    "shelve": {"open"},
    "shutil": {"copy", "copy2", "copyfile", "copytree", "make_archive", "move", "rmtree"},
    "signal": {"pause", "sigwait"},
    "smtplib": {"SMTP", "SMTP_SSL"},
    "socket": {"create_connection", "create_server", "getaddrinfo", "gethostbyname", "socket"},
    "sqlite3": {"connect"},
    "tempfile": {"NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile", "mkdtemp", "mkstemp"},
    "subprocess": {"Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "run"},
    "tarfile": {"open"},
    "threading": {"Thread", "Timer"},
    "time": {"sleep"},
    "urllib.request": {"urlopen", "urlretrieve"},
    "urllib3": {"PoolManager", "request"},
    "webbrowser": {"open"},
}
BLOCKING = frozenset(
    {"input", "open", *(f"{module}.{name}" for module, names in CALLS.items() for name in names)}
)
PATH_METHODS = frozenset(
    {
        *(
            "chmod",
            "exists",
            "glob",
            "hardlink_to",
            "is_dir",
            "is_file",
            "iterdir",
            "mkdir",
            "open",
            "read_bytes",
        ),
        *("read_text", "rename", "replace", "rglob", "rmdir", "stat", "symlink_to", "touch", "unlink"),
        *("write_bytes", "write_text"),
    }
)
PATH_STEPS = frozenset(
    {"absolute", "cwd", "expanduser", "home", "joinpath", "resolve", "with_name", "with_stem", "with_suffix"}
)
"""What gives another path."""

PATHS = frozenset(
    {"pathlib.Path.cwd", "pathlib.Path.home", "pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"}
)
KEPT = frozenset(
    {
        *(
            "requests.Session",
            "requests.session",
            "httpx.Client",
            "urllib3.PoolManager",
            "http.client.HTTPConnection",
        ),
        *("http.client.HTTPSConnection", "smtplib.SMTP", "smtplib.SMTP_SSL", "ftplib.FTP", "ftplib.FTP_TLS"),
        *(
            "socket.socket",
            "socket.create_connection",
            "sqlite3.connect",
            "psycopg2.connect",
            "open",
            "io.open",
        ),
        *(
            "subprocess.Popen",
            "concurrent.futures.ThreadPoolExecutor",
            "concurrent.futures.ProcessPoolExecutor",
        ),
    }
)
"""What a module may open when it is imported, and its functions then use."""
_THREAD_EFFECT = "starts a thread"
THREADS = frozenset({"threading.Thread", "threading.Timer", "concurrent.futures.ThreadPoolExecutor"})


class BlockingInCrank(ModuleRule):
    """Blocking input and output, sleeping or threads in code that runs inside a crank.

    ## Why is this bad?
    A crank is atomic: it is committed as a whole or never happened. What it did to the outside, a file written, a
    request sent, cannot be taken back, and after a crash it would be done twice. While it waits, the vat and all
    messages behind it stand still. The runtime refuses ambient input and output with `AmbientAuthorityError`.

    ## What to do
    Register a device with `kernel.register_device` and send it a message: its methods run after the commit. To
    wait, use `vat_powers.timer`. Pass configuration in `vat_parameters` instead of reading a file at the start.

    ## Known limits
    Missed alarm: calls behind methods of foreign objects, and more than three modules away.
    """

    CODE = "VD206"
    NAME = "blocking-in-crank"
    CATEGORY = "CRANK"
    SUMMARY = "Sleep, sockets, requests, processes, threads or file I/O inside a crank"
    VALID = {
        "a thread of which VD104 tells": """
            import threading
            from vatdata_runtime import prepare_exo

            def prepare_purse(baggage):
                return prepare_exo(baggage, "Purse", None, {})

            def build_root_object(vat_powers, vat_parameters, baggage):
                threading.Thread(target=prepare_purse, args=(baggage,)).start()
        """,
        "a device does it": """
            from vatdata_runtime import E, prepare_exo_class

            def build_root_object(vat_powers, vat_parameters, baggage):
                files = vat_powers.devices["files"]

                class Report:
                    async def save(this, text):
                        await E(files).write("report.txt", text)

                prepare_exo_class(baggage, "Report", None, lambda: {}, Report)
        """,
        "code of the host program in the same file": """
            import time
            from vatdata_runtime import Far, open_vat

            def build_root_object(vat_powers, vat_parameters, baggage):
                return Far("Clock", {"wake": lambda time: time.sleep})

            def main():
                with open_vat("clock.db", "clock.py") as vat:
                    time.sleep(1)
                    print(open("log.txt").read())
        """,
        "a device in the same file": """
            import asyncio
            from pathlib import Path
            from vatdata_runtime import E, Far, Kernel

            class Files:
                async def read(self, name):
                    return Path(name).read_text()

            def build_root_object(vat_powers, vat_parameters, baggage):
                files = vat_powers.devices["files"]
                return Far("Root", {"read": lambda name: E(files).read(str(Path("data") / name))})

            def main():
                with Kernel.open("world.db", devices={"files": Files()}) as kernel:
                    kernel.provide_vat("root", build_root_object)
        """,
        "methods that are only named so": """
            from vatdata_runtime import Far

            def build_root_object(vat_powers, vat_parameters, baggage):
                def open(name):
                    return name
                def show(door, time):
                    time.sleep(1)
                    return open(door.open())
                return Far("Door", {"open": open, "show": show})
        """,
    }
    INVALID = {
        "a session of the whole module, and functions in a table": """
            import requests
            from vatdata_runtime import Far

            SESSION = requests.Session()

            def fetch(url):
                return SESSION.get(url)  # finding

            WAYS = {"web": fetch, "none": lambda url: None}

            def build_root_object(vat_powers, vat_parameters, baggage):
                return Far("Pages", {"page": lambda way, url: WAYS[way](url)})
        """,
        "a method sleeps and reads a file": """
            import time
            from pathlib import Path
            from vatdata_runtime import prepare_exo_class

            class Purse:
                def deposit(this, amount):
                    time.sleep(0.1)  # finding
                    this.state.rate = Path("rate.txt").read_text()  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                with open("config.json") as stream:  # finding
                    stream.read()
                prepare_exo_class(baggage, "Purse", None, lambda: {"rate": ""}, Purse)
        """,
        "behind helpers, here and elsewhere": """
            import requests
            from vatdata_runtime import Far
            from audit import record

            def fetch(url):
                return requests.get(url)  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                def rate(currency):
                    record(currency)  # finding
                    return fetch(currency)
                return Far("Rates", {"rate": rate})
            # file: audit.py
            def record(text):
                with open("audit.log", "a") as stream:
                    stream.write(text)
        """,
        "a path kept in a variable, and a temporary folder": """
            import tempfile
            from pathlib import Path
            from vatdata_runtime import prepare_exo_class

            class Report:
                def load(this, name):
                    path = Path("reports") / name
                    return path.with_suffix(".txt").read_text()  # finding

                def export(this):
                    return tempfile.mkdtemp()  # finding

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Report", None, lambda: {}, Report)
        """,
        "a class whose objects the vat makes": """
            from vatdata_runtime import Far

            class Journal:
                def note(self, text):
                    with open("journal.txt", "a") as stream:  # finding
                        stream.write(text)

            def build_root_object(vat_powers, vat_parameters, baggage):
                journal = Journal()
                return Far("Root", {"note": lambda text: journal.note(text)})
        """,
    }

    @classmethod
    def is_of_thread(cls, finding: Finding) -> bool:
        """Say whether a finding of this rule is about a thread, which may have been started for a definition."""
        return finding.code == cls.CODE and _THREAD_EFFECT in finding.message

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each such call, or for the call that leads to one in another module."""
        for call in crank_calls(module):
            what = _blocking(call.module, call.node)
            steps = call.chain
            if what is None:
                hidden = hidden_call(call.module, call.node, _blocking)
                if hidden is None:
                    continue
                what, further = hidden
                steps = (*steps, *further)
                message = f"this call leads to {what}, which {_effect(what)} inside a crank"
            else:
                message = f"{what} {_effect(what)} inside a crank"
            yield self.finding(
                call.module.location(call.node),
                message,
                help="let a device do it (kernel.register_device), or wait with vat_powers.timer",
                chain=steps,
            )


def _blocking(module: ModuleView, call: ast.Call) -> str | None:
    name = module.resolved(call.func)
    if name in BLOCKING:
        return f"{name}()"
    if isinstance(call.func, ast.Attribute) and call.func.attr in PATH_METHODS:
        if _is_path(module, call.func.value):
            return f"Path.{call.func.attr}()"
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name | ast.Attribute):
        return _use_of_kept(module, call.func)
    return None


def _use_of_kept(module: ModuleView, method: ast.Attribute) -> str | None:
    """Say what is called of something that a module has opened when it was imported: ``SESSION.get()``."""
    found = module.definition(method.value)
    if found is None or not isinstance(found.node, ast.Call):
        return None
    if found.module.enclosing(found.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) is not None:
        return None  # making it is told already
    made = found.module.resolved(found.node.func)
    return f"{made}().{method.attr}()" if made in KEPT else None


def _is_path(module: ModuleView, value: ast.expr, depth: int = 6) -> bool:
    """Say whether an expression is surely a path that may reach the disk: made by ``Path``, or from such a one."""
    if isinstance(value, ast.Attribute) and value.attr == "parent":
        return _is_path(module, value.value, depth - 1)
    found = module.definition(value) if depth else None
    if found is None:
        return False
    match found.node:
        case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in PATH_STEPS:
            return found.module.resolved(found.node.func) in PATHS or _is_path(found.module, base, depth - 1)
        case ast.Call(func=made):
            return found.module.resolved(made) in PATHS
        case ast.BinOp(left=base, op=ast.Div()):
            return _is_path(found.module, base, depth - 1)
        case _:
            return False


def _effect(what: str) -> str:
    if what == "time.sleep()":
        return "stops the whole vat"
    return _THREAD_EFFECT if what.removesuffix("()") in THREADS else "reaches outside the vat"
