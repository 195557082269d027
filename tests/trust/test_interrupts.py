"""Ctrl-C in the middle of the runtime itself. Every point: ``python -m tests.trust.interrupts``."""

from __future__ import annotations

import pytest

from tests.support.processes import run_python

from .interrupts import FORMS

INTERRUPTED = """
import logging, sys
from tests.trust.interrupts import interrupt_all

logging.disable()
form, first, every = sys.argv[1], *map(int, sys.argv[2:])
count, failed = interrupt_all(form, first, every, print)
print(count, failed)
"""


@pytest.mark.parametrize("form", FORMS)
def test_an_interrupt_leaves_the_data_before_the_crank_or_after_it_and_the_vat_goes_on(form: str) -> None:
    ended = run_python(INTERRUPTED, form, 11, 83)
    assert ended.returncode == 0, ended.stderr
    count, failed = map(int, ended.stdout.splitlines()[-1].split())
    assert failed == 0, ended.stdout
    assert count > 10


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", range(1, 11))
def test_an_interrupt_at_any_point_leaves_the_data_before_the_crank_or_after_it(
    form: str, first: int
) -> None:
    ended = run_python(INTERRUPTED, form, first, 10)
    assert ended.stdout.splitlines()[-1].split()[1:] == ["0"], ended.stdout + ended.stderr
