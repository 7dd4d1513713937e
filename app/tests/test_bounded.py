"""Questions asked side by side."""

import threading
import time

import pytest

from core import bounded
from core.bounded import NoAnswer, ask


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(bounded, "_latest", {})


def test_questions_are_asked_at_the_same_time():
    together = threading.Barrier(3)
    answers = ask({str(n): lambda: together.wait(5) for n in range(3)}, 5)
    assert sorted(answer.value for answer in answers.values()) == [0, 1, 2]


def test_an_error_is_an_answer_and_leaves_the_others_alone():
    answers = ask({"bad": lambda: 1 / 0, "good": lambda: 1}, 5)
    assert isinstance(answers["bad"].error, ZeroDivisionError)
    assert (answers["good"].value, answers["good"].error) == (1, None)


def test_one_that_hangs_is_given_up_and_waited_for_by_the_next_who_ask():
    release, asked = threading.Event(), []

    def hang():
        asked.append(1)
        release.wait(10)
        return "late"

    began = time.monotonic()
    for _ in range(2):
        assert isinstance(ask({"x": hang}, 0.1)["x"].error, NoAnswer)
    assert time.monotonic() - began < 2
    release.set()
    assert ask({"x": hang}, 5)["x"].value == "late"
    assert len(asked) == 1


def test_an_answer_serves_while_it_is_fresh():
    numbers = iter(range(9))

    def count(fresh):
        return ask({"x": lambda: next(numbers)}, 5, fresh)["x"].value

    assert [count(60), count(60), count(0), count(60)] == [0, 0, 1, 1]
