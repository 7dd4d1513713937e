"""docs/lessons.md: every lesson has a row, and every row a test that there is."""

from __future__ import annotations

import ast
import re

import pytest
from conftest import ROOT

LESSONS = """
delay, apply_async, countdown, eta, expires, expires without a worker, link, link_error, signatures, groups, chords,
chains, retries with back-off, rate limits, debug_task, sum_two_numbers, track_started, progress, cancel, cancel
without a worker, polling a state, an unknown id, beat in the database, intervals, crontab, crontab with a time zone,
a schedule changed live, results by ORM, results by MGET, AsyncResult from a console, log files, Flower, scaling by
concurrency, scaling by workers, crawler with CSV reports, feedback mailer, photo fetcher, outbox, testing with run,
testing with mocks, testing against a broker, exception mails
"""
HEAD = ("What", "Command or URL", "Test")


def rows() -> list[tuple[str, ...]]:
    """Return the cells of every table, without heads and rules."""
    lines = [line for line in (ROOT / "docs/lessons.md").read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    found = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return [row for row in found if row != HEAD and set(row) != {"---"}]


ROWS = rows()


def missing(reference: str) -> str:
    """Return why a test ``path::name`` is none, or is not always run; empty where it is one."""
    path, _, name = reference.partition("::")
    file = ROOT / path
    if not (file.name.startswith("test_") and file.suffix == ".py" and file.is_file()):
        return f"no test file {path}"
    body = ast.parse(file.read_text(encoding="utf-8")).body
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == name]
    if not (name.startswith("test_") and found):
        return f"no test {name!r} in {path}"
    marks = " ".join(ast.unparse(mark) for mark in found[-1].decorator_list)
    return f"{name} is left out" if re.search(r"\b(skip|skipif|xfail)\b", marks) else ""


def test_every_lesson_has_one_row():
    taught = [row[0] for row in ROWS]
    assert len(taught) == len(set(taught))
    wanted = {" ".join(lesson.split()) for lesson in LESSONS.split(",")}
    assert sorted(wanted - set(taught)) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_a_test_that_there_is(row):
    assert len(row) == len(HEAD)
    assert all(row)
    tests = re.fullmatch(r"`([^`]+)`", row[2])
    assert tests, f"{row[0]}: the last column names one test"
    assert missing(tests[1]) == ""


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("tests/static/test_nowhere.py::test_x", "no test file"),
        ("tests/static/conftest.py::load", "no test file"),
        ("tests/static/test_lessons.py::test_nothing", "no test 'test_nothing'"),
        ("tests/static/test_lessons.py::missing", "no test 'missing'"),
        ("tests/static/test_lessons.py", "no test ''"),
        ("molecule/release/tests/test_10_load.py::test_nothing_fails_in_a_saturated_stack", "test_nothing_fails_in"),
    ],
)
def test_a_test_that_there_is_not_is_found_out(reference, reason):
    assert missing(reference).startswith(reason)
