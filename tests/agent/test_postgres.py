"""What a lock that can't be had is recognised by and told as; the sessions themselves are seen on real servers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from cloche_agent import postgres


def failed(**code):
    """Return Django's error over a driver's with that code."""
    driver, error = ValueError("canceling statement"), ValueError("canceling statement")
    vars(driver).update(code)
    error.__cause__ = driver
    return error


@pytest.mark.parametrize("code", [{"sqlstate": "55P03"}, {"pgcode": "55P03"}])
def test_a_lock_timeout(code):
    assert postgres.is_lock_timeout(failed(**code))


@pytest.mark.parametrize("code", [{"sqlstate": "40P01"}, {"pgcode": None}, {}])
def test_another_error(code):
    assert not postgres.is_lock_timeout(failed(**code))


def test_the_one_in_the_way_is_named():
    session = postgres.Session(None, 5, 30)
    assert session.explain() == "could not lock what it changes within 5 s: another session holds it"
    holder = postgres.session(7, "shop", "psql", "idle in transaction", 61)
    session.watch = SimpleNamespace(last=("shop_item", [holder, postgres.session(8, "postgres", "", None, None)]))
    assert session.explain() == (
        "could not lock shop_item within 5 s: another session holds it: "
        "pid 7, user shop, psql, idle in transaction, since 61 s; pid 8, user postgres"
    )


def test_the_key_is_a_positive_bigint():
    assert 0 < postgres.LOCK < 2**63
