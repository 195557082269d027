"""A kept corpus leads further in than the seeds do: ``python -m tests.trust.fuzz TARGET --grow`` makes it grow."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from vatdata_runtime.vat.identifiers import decode_number, encode_number

from . import fuzz as fuzzer
from .fuzz import MOST_KEPT, file_of, keep_fewest
from .fuzzing.corpus import FOLDER, Kept, read_corpus, write_corpus
from .fuzzing.coverage import Arcs, arcs_of, fewest
from .fuzzing.grow import Growth, reach_of
from .fuzzing.targets import TARGETS


def expect_none(data: bytes, trouble: BaseException) -> None:
    raise AssertionError(f"{data!r} failed") from trouble


def reach_of_all(target: str, inputs: list[bytes]) -> Arcs:
    return Arcs().union(*(reach_of(target, data) for data in inputs))


def test_a_reading_tells_the_steps_it_took_in_the_code_under_test_and_no_others() -> None:
    short = arcs_of(lambda: decode_number(encode_number(1), 0))
    long = arcs_of(lambda: decode_number(encode_number(2**40), 0))
    assert {path for path, _, _ in short | long} == {"vatdata_runtime/vat/identifiers.py"}
    assert short - long
    assert long - short
    assert arcs_of(lambda: decode_number(encode_number(1), 0)) == short
    assert not arcs_of(lambda: sorted([2, 1]))


def test_what_a_thread_of_the_reading_reaches_is_told_and_nothing_is_traced_afterwards() -> None:
    before = sys.gettrace()

    def in_thread() -> None:
        thread = threading.Thread(target=lambda: encode_number(1))
        thread.start()
        thread.join()

    reached = arcs_of(in_thread)
    # Where a vat has run in this process before, the start of a thread is asked about, and that is reached as well.
    assert {arc for arc in reached if "identifiers" in arc[0]} == arcs_of(lambda: encode_number(1))
    with pytest.raises(ZeroDivisionError):
        arcs_of(lambda: 1 // 0)
    assert sys.gettrace() is before
    assert threading.gettrace() is None


def test_inputs_that_reach_nothing_of_their_own_are_left_out_and_the_telling_ones_come_first() -> None:
    one, two, three, four = (("module.py", number, number) for number in range(4))
    reached = {
        b"both": Arcs({one, two}),
        b"long, both": Arcs({one, two}),
        b"one": Arcs({one}),
        b"three": Arcs({three}),
        b"known": Arcs({four}),
    }
    assert fewest(reached, [four]) == [b"both", b"three"]
    assert fewest({}) == []


def test_a_corpus_grows_from_one_seed_into_what_the_seed_does_not_reach() -> None:
    seed = encode_number(0)
    growth = Growth("number", [seed])
    failed: list[bytes] = []
    found = growth.run(2000, 1, lambda data, _: failed.append(data))
    assert not failed
    chosen = growth.fewest([seed])
    assert 2 <= len(chosen) <= found
    reached = reach_of("number", seed)
    for data in chosen:
        assert not reach_of("number", data) <= reached, "each leads further than those before it"
        reached |= reach_of("number", data)
    assert max(map(len, chosen)) <= 10, "each is small"


def test_a_growth_keeps_what_once_failed_and_chooses_the_others_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fuzzer, "FOLDER", tmp_path)
    write_corpus(file_of("number"), [Kept(b"\x01"), Kept(b"\x02", "2025-01-02: HangError")])
    growth = Growth("number", fuzzer.inputs_of("number"))
    growth.run(500, 1, expect_none)
    write_corpus(file_of("number"), [*read_corpus(file_of("number")), Kept(b"\x03", "found meanwhile")])
    count = keep_fewest("number", growth)
    kept = read_corpus(file_of("number"))
    assert kept[:2] == [Kept(b"\x02", "2025-01-02: HangError"), Kept(b"\x03", "found meanwhile")]
    assert [one.failure for one in kept[2:]] == [""] * count
    assert Kept(b"\x01") not in kept, "it reaches what the seeds reach"


def test_a_corpus_is_a_text_of_one_input_a_line_with_the_remark_of_a_failure_above(tmp_path: Path) -> None:
    path = tmp_path / "value.txt"
    assert read_corpus(path) == []
    write_corpus(
        path, [Kept(b"# no remark\n"), Kept(b"\x00'"), Kept(b"old", "2025-01-02: HangError"), Kept(b"old")]
    )
    assert path.read_text().splitlines()[3:] == [
        "# 2025-01-02: HangError",
        "b'old'",
        "",
        'b"\\x00\'"',
        "b'# no remark\\n'",
    ]
    kept = read_corpus(path)
    assert kept == [Kept(b"old", "2025-01-02: HangError"), Kept(b"\x00'"), Kept(b"# no remark\n")]
    write_corpus(path, kept)
    assert read_corpus(path) == kept
    path.write_text("\n'text'\n")
    with pytest.raises(ValueError, match=r"value\.txt:2 is no input; write it as b'\.\.\.'"):
        read_corpus(path)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_kept_reaches_more_than_the_seeds(target: str) -> None:
    kept = [one.data for one in read_corpus(file_of(target)) if not one.failure]
    assert 0 < len(kept) <= MOST_KEPT
    more = reach_of_all(target, kept) - reach_of_all(target, TARGETS[target].seeds())
    assert len(more) >= len(kept), (
        f"run `python -m tests.trust.fuzz {target} --grow` to keep what reaches more"
    )


def test_all_corpora_together_stay_small_and_have_a_target_each() -> None:
    files = sorted(FOLDER.iterdir())
    assert {path.stem for path in files} == TARGETS.keys()
    assert sum(path.stat().st_size for path in files) < 200_000
