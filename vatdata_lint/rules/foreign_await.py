"""VD207: waiting inside a crank for what only the outside world can settle."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vatdata_lint.behavior.functions import own_nodes
from vatdata_lint.behavior.module_view import ModuleView
from vatdata_lint.behavior.vat_code import crank_calls, crank_functions, hidden_call
from vatdata_lint.finding import Finding
from vatdata_lint.rules import ModuleRule

FOREIGN = {
    "asyncio.sleep": "a timer",
    "asyncio.wait_for": "a timer",
    "asyncio.timeout": "a timer",
    "asyncio.timeout_at": "a timer",
    "asyncio.open_connection": "a socket",
    "asyncio.open_unix_connection": "a socket",
    "asyncio.start_server": "a socket",
    "asyncio.start_unix_server": "a socket",
    "asyncio.to_thread": "a thread",
    "asyncio.create_subprocess_exec": "a process",
    "asyncio.create_subprocess_shell": "a process",
    "asyncio.run": "another event loop",
    "aiofiles.open": "a file",
    "aiohttp.ClientSession": "a socket",
    "aiohttp.request": "a socket",
    "aiosqlite.connect": "a database",
    "anyio.connect_tcp": "a socket",
    "anyio.sleep": "a timer",
    "anyio.to_thread.run_sync": "a thread",
    "asyncio.as_completed": "a timer",
    "asyncio.run_coroutine_threadsafe": "another event loop",
    "asyncio.wait": "a timer",
    "asyncio.wrap_future": "a thread",
    "asyncpg.connect": "a socket",
    "asyncpg.create_pool": "a socket",
    "httpx.AsyncClient": "a socket",
    "trio.sleep": "a timer",
    "trio.to_thread.run_sync": "a thread",
    "websockets.connect": "a socket",
}
STREAM_OPENERS = frozenset({"asyncio.open_connection", "asyncio.open_unix_connection"})
STREAM_METHODS = frozenset(
    {"drain", "read", "readexactly", "readline", "readuntil", "start_tls", "wait_closed"}
)
"""What a stream's reader or writer is awaited for."""
STREAMS = frozenset({"asyncio.StreamReader", "asyncio.StreamWriter"})
PROCESS_OPENERS = frozenset({"asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"})
PROCESS_METHODS = frozenset({"communicate", "wait"})


class ForeignAwait(ModuleRule):
    """Waiting inside a crank for a timer, a stream, a thread or another event loop.

    ## Why is this bad?
    A crank runs until nothing inside the vat is ready, and its event loop has no timers, sockets or threads. What
    only the outside world can settle can never settle there: the runtime refuses it, and the message would hang.

    ## What to do
    Use `vat_powers.timer` (it survives restarts too) or a device, and await the promise that a message to it
    gives: `await E(timer).wake_at(when, handler)`. To let others run first, `await asyncio.sleep(0)` is fine.

    ## Known limits
    Missed alarm: awaitables that come from objects whose type is not in sight.
    """

    CODE = "VD207"
    NAME = "foreign-await"
    CATEGORY = "CRANK"
    SUMMARY = "Waiting for a timer, stream or thread, which cannot settle inside a crank"
    VALID = {
        "promises, and a turn for others": """
            import asyncio
            from vatdata_runtime import E, Far

            def build_root_object(vat_powers, vat_parameters, baggage):
                async def pay(purse, others):
                    await asyncio.sleep(0)
                    await asyncio.gather(*(E(other).prepare() for other in others))
                    return await E(purse).withdraw(5)
                return Far("Payer", {"pay": pay})
        """,
        "the host program may wait": """
            import asyncio
            from vatdata_runtime import Far, Kernel

            def build_root_object(vat_powers, vat_parameters, baggage):
                return Far("Root", {})

            async def main():
                with Kernel.open("world.db") as kernel:
                    await asyncio.sleep(1)
        """,
        "a thread of which VD104 tells": """
            import asyncio
            from vatdata_runtime import prepare_exo

            async def build_root_object(vat_powers, vat_parameters, baggage):
                await asyncio.to_thread(prepare_exo, baggage, "Purse", None, {})
        """,
        "no limit of time is set": """
            import asyncio
            from vatdata_runtime import E, Far

            def build_root_object(vat_powers, vat_parameters, baggage):
                async def pay(purse):
                    return await asyncio.wait_for(E(purse).withdraw(5), None)
                return Far("Payer", {"pay": pay})
        """,
    }
    INVALID = {
        "sleep in a method": """
            import asyncio
            from vatdata_runtime import prepare_exo_class

            class Purse:
                async def deposit(this, amount):
                    await asyncio.sleep(1)  # finding
                    this.state.balance += amount

            def build_root_object(vat_powers, vat_parameters, baggage):
                prepare_exo_class(baggage, "Purse", None, lambda: {"balance": 0}, Purse)
        """,
        "what a stream and a process still give": """
            import asyncio
            from vatdata_runtime import Far

            def build_root_object(vat_powers, vat_parameters, baggage):
                async def follow(host, reader: asyncio.StreamReader):
                    first = await reader.readline()  # finding
                    lines, writer = await asyncio.open_connection(host, 80)  # finding
                    async for line in lines:  # finding
                        print(first, line)
                    process = await asyncio.create_subprocess_exec("ls")  # finding
                    return await process.wait()  # finding
                return Far("Follower", {"follow": follow})
        """,
        "a stream, a thread, a limit of time": """
            import asyncio
            from vatdata_runtime import Far

            async def ask(host):
                reader, writer = await asyncio.open_connection(host, 80)  # finding
                await writer.drain()  # finding
                return await asyncio.to_thread(reader.read)  # finding

            async def build_root_object(vat_powers, vat_parameters, baggage):
                async def rate(host):
                    async with asyncio.timeout(5):  # finding
                        return await ask(host)
                return Far("Rates", {"rate": rate})
        """,
    }

    def check(self, module: ModuleView) -> Iterator[Finding]:
        """Yield a finding for each such call, or for the call that leads to one in another module."""
        for call in crank_calls(module):
            what = _foreign(call.module, call.node)
            steps = call.chain
            text = f"{what} waits for"
            if what is None:
                hidden = hidden_call(call.module, call.node, _foreign)
                if hidden is None:
                    continue
                what, further = hidden
                steps = (*steps, *further)
                text = f"this call leads to {what}, which waits for"
            yield self.finding(
                call.module.location(call.node),
                f"{text} {_waited_for(what)}, which a vat does not have while it works on a message, "
                "so it can never go on",
                help="use vat_powers.timer or a device, and await the promise of a message to it",
                chain=steps,
            )
        for running in crank_functions(module):
            for node in own_nodes(running.node):
                if isinstance(node, ast.AsyncFor) and _opened(running.module, node.iter, node) == "a socket":
                    yield self.finding(
                        running.module.location(node),
                        "this loop waits for a socket, which a vat does not have while it works on a message, "
                        "so it can never go on",
                        help="use vat_powers.timer or a device, and await the promise of a message to it",
                        chain=running.chain,
                    )


def _foreign(module: ModuleView, call: ast.Call) -> str | None:
    name = module.resolved(call.func)
    if name in FOREIGN:
        return None if _is_harmless(name, call) else f"{name}()"
    if isinstance(call.func, ast.Attribute) and call.func.attr == "run_in_executor":
        return "run_in_executor()"
    if isinstance(call.func, ast.Attribute) and _is_stream(module, call):
        return f"{call.func.attr}()"
    return None


def _is_stream(module: ModuleView, call: ast.Call) -> bool:
    """Say whether a call waits for a stream or process that the same function has opened, or got as a stream."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in STREAM_METHODS | PROCESS_METHODS:
        return False
    opened = _opened(module, function.value, call)
    return opened == ("a socket" if function.attr in STREAM_METHODS else "a process")


def _opened(module: ModuleView, holder: ast.expr, site: ast.AST) -> str | None:
    """Say what a variable waits for: a stream or process that the same function has opened, an annotated stream."""
    scope = module.enclosing(site, (ast.FunctionDef, ast.AsyncFunctionDef))
    if not isinstance(holder, ast.Name) or not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    for argument in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs):
        if argument.arg == holder.id and argument.annotation is not None:
            return "a socket" if module.resolved(argument.annotation) in STREAMS else None
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[target], value=ast.Await(value=ast.Call(func=opener))):
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                if holder.id in {part.id for part in parts if isinstance(part, ast.Name)}:
                    name = module.resolved(opener)
                    if name in STREAM_OPENERS or name in PROCESS_OPENERS:
                        return FOREIGN[name]
            case _:
                pass
    return None


def _waited_for(what: str) -> str:
    name = what.removesuffix("()")
    if name in PROCESS_METHODS:
        return "a process"
    return "a socket" if name in STREAM_METHODS else FOREIGN.get(name, "a thread")


LIMITED = {
    "asyncio.sleep": ("delay", 0),
    "asyncio.timeout": ("delay", 0),
    "asyncio.timeout_at": ("when", 0),
    "asyncio.wait_for": ("timeout", 1),
    "asyncio.wait": ("timeout", None),
    "asyncio.as_completed": ("timeout", None),
}
"""What waits for a timer only when a time is given: its parameter and position."""


def _is_harmless(name: str, call: ast.Call) -> bool:
    """Say whether a call needs no timer: a sleep of zero, a limit of None."""
    if name not in LIMITED:
        return False
    parameter, position = LIMITED[name]
    given = [keyword.value for keyword in call.keywords if keyword.arg == parameter]
    if position is not None and len(call.args) > position:
        given.append(call.args[position])
    if not given:
        return position is None and all(keyword.arg is not None for keyword in call.keywords)
    argument = given[0]
    if not isinstance(argument, ast.Constant):
        return False
    return argument.value == 0 if name == "asyncio.sleep" else argument.value is None
