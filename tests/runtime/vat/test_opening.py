"""Opening a vat: sources, bad input, and two at once."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vatdata_runtime import (
    Far,
    KindsNotPreparedError,
    StoreError,
    StoreFormatError,
    StoreLockedError,
    VatStartError,
    open_vat,
    prepare_exo_class,
)

from .conftest import Lives

GOOD = """
from vatdata_runtime import Far, prepare_exo_class
count = 0
def build_root_object(vat_powers, vat_parameters, baggage):
    global count
    count += 1
    make = prepare_exo_class(baggage, "Thing", None, lambda: {"n": 1}, {"n": lambda this: this.state.n})
    return Far("Root", {"make": make, "count": lambda: count})
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "thing_vat.py"
    source.write_text(GOOD)
    return source


def test_a_source_is_a_path_as_text_or_as_path_object(path: Path, source: Path) -> None:
    for form in (source, str(source)):
        with open_vat(path, form) as vat:
            assert vat.call("count") == 1  # a fresh module for each incarnation
    assert f"vatdata_vat_{source.stem}" not in sys.modules


def test_a_source_is_a_module_or_a_function_in_it(
    path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(source.parent))
    for form in ("thing_vat", "thing_vat:build_root_object"):
        with open_vat(path, form) as vat:
            assert vat.call("count") == 1
    assert "thing_vat" not in sys.modules


def test_a_module_that_the_host_has_imported_stays_the_hosts(
    path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(source.parent))
    import thing_vat  # type: ignore[import-not-found]

    with open_vat(path, "thing_vat") as vat:
        assert vat.call("count") == 1
    assert sys.modules["thing_vat"] is thing_vat
    assert thing_vat.count == 0
    del sys.modules["thing_vat"]


def test_relative_paths_work(path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source.parent)
    with open_vat("store.db", "thing_vat.py") as vat:
        assert vat.call("count") == 1


@pytest.mark.parametrize(
    "form",
    [
        "missing.py",
        "./missing.py",
        "no.such.module",
        "no_such_module",
        "json:missing",
        "json",
        "",
        ".",
        "a:b:c",
    ],
)
def test_a_source_that_cannot_be_found_or_has_no_build_function_is_named(path: Path, form: str) -> None:
    with pytest.raises(VatStartError) as caught:
        open_vat(path, form)
    assert repr(form) in str(caught.value)
    assert caught.value.vat == "main"


@pytest.mark.parametrize("form", [None, 5, b"thing.py", ["thing.py"], object()])
def test_a_source_of_the_wrong_type_is_a_type_error(path: Path, form: Any) -> None:
    with pytest.raises(TypeError, match="source"):
        open_vat(path, form)


def test_a_folder_is_no_source(path: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(VatStartError, match=r"folder\.py"):
        open_vat(path, tmp_path / "folder.py")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x = 1", VatStartError),
        ("def build_root_object(:", SyntaxError),
        ("1/0", ZeroDivisionError),
        ("import no_such_module_at_all", ModuleNotFoundError),
        ("build_root_object = 5", VatStartError),
        ("def build_root_object(): 1/0", ZeroDivisionError),
        ("def build_root_object(): return 5", VatStartError),
        ("def build_root_object(): raise KeyboardInterrupt", KeyboardInterrupt),
        (
            "async def build_root_object():\n  import asyncio\n  await asyncio.get_running_loop().create_future()",
            VatStartError,
        ),
        ("def build_root_object(a, b, c, d): pass", TypeError),
    ],
)
def test_a_source_that_does_not_work_raises_its_own_reason_and_the_store_stays_usable(
    path: Path, source: Path, text: str, error: type[BaseException]
) -> None:
    with open_vat(path, source) as vat:
        vat.call("make")
    bad = source.with_name("bad_vat.py")
    bad.write_text(text)
    with pytest.raises(error) as caught:
        open_vat(path, bad, name="bad")
    assert any("'bad'" in note for note in caught.value.__notes__)
    with open_vat(path, source) as vat:
        assert vat.incarnation == 1


def test_a_path_that_cannot_be_a_store_is_refused(tmp_path: Path, source: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a store" * 1000)
    for bad, error in [
        (tmp_path / "missing folder" / "store.db", StoreError),
        (tmp_path, StoreFormatError),
        (text, StoreFormatError),
    ]:
        with pytest.raises(error, match=re.escape(bad.name)):
            open_vat(bad, source)
    assert text.read_text() == "not a store" * 1000


def test_a_second_open_of_one_store_is_refused_and_the_first_goes_on(path: Path, source: Path) -> None:
    with open_vat(path, source) as vat:
        with pytest.raises(StoreLockedError):
            open_vat(path, source)
        with pytest.raises(StoreLockedError):
            open_vat(str(path), source)
        assert vat.call("count") == 1
    with open_vat(path, source) as vat:
        assert vat.incarnation == 1


def test_a_second_process_is_refused_and_told_who_has_the_store(path: Path, source: Path) -> None:
    code = "import sys; from vatdata_runtime import open_vat; open_vat(sys.argv[1], sys.argv[2])"
    with open_vat(path, source) as vat:
        ended = subprocess.run(
            [sys.executable, "-c", code, str(path), str(source)],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PYTHONPATH": str(Path(__file__).parents[3])},
            check=False,
        )
        assert ended.returncode != 0
        assert "StoreLockedError" in ended.stderr
        assert vat.call("count") == 1


def test_a_failed_open_leaves_the_store_free(path: Path, source: Path) -> None:
    with open_vat(path, source):
        pass
    for _ in range(3):
        with pytest.raises(KindsNotPreparedError):
            open_vat(path, lambda: Far("R", {}))
    with open_vat(path, source) as vat:
        assert vat.incarnation == 1


@pytest.mark.parametrize(
    "options",
    [{"durability": "none"}, {"ambient": "maybe"}, {"map_size": -1}, {"cache_bytes": -1}, {"cache_bytes": "1"},
     {"value_limit": 0}, {"value_limit": -5}, {"collect_every": 0}, {"collect_every": -1}, {"collect_every": 1.5}],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused_before_anything_is_made(
    path: Path, source: Path, options: Any
) -> None:
    with pytest.raises((ValueError, TypeError), match=next(iter(options))):
        open_vat(path, source, **options)
    assert not path.exists()


def test_an_unknown_option_is_a_type_error(path: Path, source: Path) -> None:
    with pytest.raises(TypeError):
        open_vat(path, source, cashe_bytes=5)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["", None, 5, "x" * 201])
def test_a_vats_name_is_text_of_some_length(path: Path, source: Path, name: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="name"):
        open_vat(path, source, name=name)


@pytest.mark.parametrize("parameters", [object(), lambda: 1, {1: 2}])
def test_parameters_are_data(path: Path, source: Path, parameters: Any) -> None:
    with pytest.raises(TypeError):
        open_vat(path, source, parameters=parameters)


def test_several_vats_can_live_in_one_store_by_turns(path: Path, source: Path) -> None:
    for turn in range(2):
        for name in ("alice", "bob"):
            with open_vat(path, source, name=name) as vat:
                assert (vat.name, vat.incarnation) == (name, turn)
                vat.call("make")


def test_durability_relaxed_and_crank_keep_what_was_committed(path: Path, source: Path) -> None:
    for durability in ("relaxed", "crank", "group"):
        with open_vat(path, source, durability=durability) as vat:  # type: ignore[arg-type]
            vat.call("make")


def test_an_incarnation_that_is_over_can_be_freed(lives: Lives) -> None:
    import weakref

    def setup(baggage: Any) -> dict[str, Any]:
        return {"make": prepare_exo_class(baggage, "Thing", None, lambda: {"n": 1}, {"n": lambda this: 1})}

    vat = lives.start(setup)
    vat.call("make")
    gone = weakref.ref(vat._incarnation)
    del vat
    lives.stop()
    lives._setup = None
    gc.collect()
    assert gone() is None


def test_a_vat_that_ran_within_another_does_not_keep_it(tmp_path: Path, source: Path) -> None:
    import weakref

    with open_vat(tmp_path / "inner.db", source) as inner:
        with open_vat(tmp_path / "outer.db", source) as outer:
            gone = weakref.ref(outer._incarnation)
            with outer.crank():
                inner.call("make")
        del outer
        gc.collect()
        assert gone() is None
