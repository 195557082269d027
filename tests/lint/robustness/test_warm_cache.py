"""After any change to files or settings, a run over a warm cache says byte for byte what a run without one says."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from vatdata_lint import Config, Project

PATHS = (
    "vat.py",
    "kinds.py",
    "kinds.pyi",  # a stub, shadowed by the module
    "kinds/__init__.py",  # a package, which shadows a module of the same name
    "kinds/more.py",
    "src/kinds.py",  # another root for the same name
    "pkg/__init__.py",
    "pkg/kinds.py",
    "pkg/vat.py",
    "pkg/deep/kinds.py",
    "vatdata_runtime.py",  # shadows the runtime itself
    "wait.py",
)

IMPORTS = (
    "from kinds import prepare_all",
    "from kinds import *",
    "import kinds",
    "from kinds.more import prepare_all",
    "from pkg import *",
    "from pkg import kinds",
    "from pkg import prepare_all",
    "import pkg.kinds",
    "from pkg.kinds import prepare_all as prepare_all",
    "from pkg.deep.kinds import *",
    "from . import kinds",
    "from .kinds import prepare_all",
    "from .kinds import *",
    "from ..kinds import prepare_all",
    "try:\n    from kinds import prepare_all\nexcept ImportError:\n    prepare_all = None",
)

DEFINERS = (
    "def prepare_all(baggage):\n    return prepare_exo(baggage, 'A', None, {})",
    "def prepare_all(baggage):\n    if baggage.has('x'):\n        return prepare_exo(baggage, 'A', None, {})",
    "def prepare_all(baggage):\n    return 1",
    "async def prepare_all(baggage):\n    await elsewhere()\n    prepare_exo_class(baggage, 'B', None, dict, {})",
    "prepare_all = print",
    "class kinds:\n    def prepare_all(baggage):\n        for n in baggage:\n            prepare_exo(baggage, n, None, {})",
    "NAMES = ['A', 'B']\ndef prepare_all(baggage):\n    for name in NAMES:\n        prepare_exo(baggage, name, None, {})",
    "STEPS = []\ndef step(fn):\n    STEPS.append(fn)\n    return fn\ndef prepare_all(baggage):\n    for fn in STEPS:\n"
    "        fn(baggage)",
    "from kinds import step\n@step\ndef prepare_all(baggage):\n    return prepare_exo(baggage, 'S', None, {})",
)

EXTRAS = (
    "NAMES.append('C')",
    "STEPS.append(prepare_all)",
    "def begin(vat_powers, vat_parameters, baggage):\n    if vat_parameters:\n        prepare_all(baggage)",
    "class Purse(Exo, name='P'):\n    items: list\n    def init(self):\n        return None\n"
    "    def put(self, x):\n        this.state.items.append(x)",
    "x = (",
)

WAITERS = (
    "async def ready():\n    return 1",
    "async def ready():\n    await elsewhere()",
    "def ready():\n    return elsewhere()",
    "async def ready():\n    await ready()",
    "",
)

ENTRIES = (
    "def build_root_object(vat_powers, vat_parameters, baggage):\n    prepare_all(baggage)",
    "async def build_root_object(vat_powers, vat_parameters, baggage):\n    await ready()\n    prepare_all(baggage)",
    "def build_root_object(vat_powers, vat_parameters, baggage):\n    if vat_parameters:\n        prepare_all(baggage)",
    "def build_root_object(vat_powers, vat_parameters, baggage):\n    kinds.prepare_all(baggage)",
    "def build_root_object(vat_powers, vat_parameters, baggage):\n    pkg.kinds.prepare_all(baggage)",
    "def build_root_object(vat_powers, vat_parameters, baggage):\n    if vat_powers:\n"
    "        prepare_all(baggage)  # vatdata: ignore[VD101] why",
    "from kinds import STEPS\nasync def build_root_object(vat_powers, vat_parameters, baggage):\n    await x\n"
    "    for fn in STEPS:\n        fn(baggage)",
    "SOURCE = 'kinds:begin'\nopen_vat('x.db', SOURCE)",
    "open_vat('x.db', 'pkg/vat.py')\nopen_vat('y.db', 'kinds:begin')",
)

SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"ignore": ["VD101"]},
    {"await-policy": "strict"},
    {"entry-points": ["kinds:begin", "pkg.vat:begin"]},
    {"source-roots": ["src", "."]},
    {"source-roots": ["."]},
    {"extend-exclude": ["pkg"]},
    {"extend-select": ["VD109", "VD902"]},
    {"definers": {"wait.ready": True}},
    {"definers": {"pkg.prepare_all": False}, "prompt-awaitables": ["vat.ready"]},
    {"check-syntax": "never"},
    {"per-file-ignores": {"kinds.py": ["VD1"]}},
)

paths = st.sampled_from(PATHS)
dice = st.integers(0, 2**32).map(Random)


def module(name: str, dice: Random) -> str:
    """Write a module that has something to say under this name: most of these belong together."""
    extra = dice.sample(EXTRAS, dice.choice((0, 0, 0, 1)))
    if name == "wait.py":
        lines = [dice.choice(WAITERS)]
    elif name.endswith("vat.py"):
        lines = ["from wait import ready", *dice.sample(IMPORTS, dice.randint(1, 2)), dice.choice(ENTRIES)]
    elif name.endswith("__init__.py"):
        lines = [*dice.sample(IMPORTS, 1), *extra]
    else:
        lines = [*dice.sample(IMPORTS, dice.choice((0, 0, 1))), dice.choice(DEFINERS), *extra]
    return "\n".join(["from vatdata_runtime import *", *lines, ""])


def told(project: Project) -> str:
    """Return everything that a run says, as text."""
    report = project.check()
    return json.dumps(
        {
            "findings": [finding.to_json() for finding in report.findings],
            "files": report.files_checked,
            "entries": [[entry.qualified_name, entry.how] for entry in report.entries],
            "unresolved": [step.to_json() for step in report.unresolved],
            "kinds": [[kind.name, kind.location.to_json(), kind.entries] for kind in project.kinds()],
            "calls": [[edge.source, edge.target] for edge in project.graph().edges],
        },
        indent=1,
    )


class WarmCache(RuleBasedStateMachine):
    """The folder is the whole model: a run that knows nothing but the files says what must be said."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vatdata-lint-"))
        self.config = Config(root=self.folder)
        self.living = Project(self.folder, self.config)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*.py*") if path.is_file())

    @initialize(dice=dice)
    def begin(self, dice: Random) -> None:
        for name in ("vat.py", "kinds.py", "wait.py", "pkg/__init__.py", "pkg/kinds.py", "pkg/vat.py"):
            self._path(name).write_text(module(name, dice))

    @rule(name=paths, dice=dice)
    def write(self, name: str, dice: Random) -> None:
        self._path(name).write_text(module(name, dice))

    @rule(name=paths, line=st.sampled_from(("", "# a comment", *IMPORTS, *DEFINERS, *EXTRAS)), data=st.data())
    def insert_at_the_top(self, name: str, line: str, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(self._files())) if self._files() else self._path(name)
        before = path.read_text() if path.exists() else ""
        path.write_text(f"{line}\n{before}")

    @rule(data=st.data())
    @precondition(lambda self: self._files())
    def delete(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self._files())).unlink()

    @rule(data=st.data(), name=paths)
    @precondition(lambda self: self._files())
    def move(self, data: st.DataObject, name: str) -> None:
        data.draw(st.sampled_from(self._files())).replace(self._path(name))

    @rule(data=st.data())
    @precondition(lambda self: len(self._files()) > 1)
    def swap(self, data: st.DataObject) -> None:
        first, second = data.draw(st.permutations(self._files()))[:2]
        held = first.read_text()
        first.write_text(second.read_text())
        second.write_text(held)

    @rule(folders=st.permutations(("pkg", "kinds", "src", "new")))
    def rename_a_package(self, folders: list[str]) -> None:
        old, new = (self.folder / name for name in folders[:2])
        if old.is_dir() and not new.exists():
            old.rename(new)

    @rule(values=st.sampled_from(SETTINGS))
    def configure(self, values: dict[str, Any]) -> None:
        self.config = Config.from_mapping(values, root=self.folder)
        self.living = Project(self.folder, self.config)

    @invariant()
    def a_warm_cache_changes_nothing(self) -> None:
        cold = told(Project(self.folder, self.config))
        cache = self.folder / ".vatdata-lint-cache"
        assert told(Project(self.folder, self.config, cache_dir=cache)) == cold, "over the last state's cache"
        assert told(Project(self.folder, self.config, cache_dir=cache)) == cold, "over its own cache"
        assert told(self.living) == cold, "in a process that goes on"


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        WarmCache,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_warm_cache_changes_nothing_after_edits_moves_deletions_and_settings() -> None:
    run(examples=12, steps=12)


@pytest.mark.slow
def test_a_warm_cache_changes_nothing_in_long_stories() -> None:
    run(examples=200, steps=30)


def test_what_is_said_of_a_function_that_calls_itself_does_not_hang_on_who_asked_first(
    tmp_path: Path,
) -> None:
    kinds = """def wire(zone):
    for name in ("a", "b"):
        provide(baggage, "Purse", lambda key: prepare_exo(zone, "Issuer", None, {}))
    wire()
"""
    (tmp_path / "kinds.py").write_text(kinds)
    living = Project(tmp_path, Config(root=tmp_path))
    alone = told(living)
    (tmp_path / "kinds.py").write_text(kinds + "from table import TABLE, run\nfor name in TABLE: pass\n")
    (tmp_path / "table.py").write_text("def run(zone):\n    zone.exo('Mint', None, {})\nTABLE = {'a': run}\n")
    (tmp_path / "user.py").write_text("from kinds import wire\ndef go(baggage):\n    wire(baggage)\n")
    told(living)
    (tmp_path / "kinds.py").write_text(kinds)
    (tmp_path / "table.py").unlink()
    (tmp_path / "user.py").unlink()
    assert told(living) == alone
