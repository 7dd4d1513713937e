"""Laptops and hosts behave alike: what runs in compose is what the roles set up, and each difference has its reason."""

from pathlib import Path

import pytest
from parity import Row, compare, load_reasons, table, unused_reasons
from readers import read


@pytest.fixture(scope="module")
def rows(sides, pytestconfig) -> list[Row]:
    """Every setting of both sides; the table is written where asked for."""
    rows = compare(read(sides[0]), read(sides[1]), load_reasons())
    if path := pytestconfig.getoption("--table"):
        Path(path).write_text(table(rows), encoding="utf-8")
    return rows


def test_every_component_has_the_same_version(rows):
    different = {row.setting: (row.lab, row.compose) for row in rows if row.component == "versions" and not row.equal}
    assert different == {}


def test_every_other_difference_has_a_reason(rows):
    unexplained = [f"{r.component}: {r.setting} = {r.lab} | {r.compose}" for r in rows if not r.explained]
    assert unexplained == [], "\n".join(unexplained)


def test_no_reason_is_left_over(rows):
    assert unused_reasons(rows, load_reasons()) == []


def test_enough_was_compared(rows):
    """An empty reading would agree with everything."""
    counts = {component: sum(row.component == component for row in rows) for component in {r.component for r in rows}}
    assert all(count >= 3 for count in counts.values()), counts
    assert len(rows) > 300
