"""What may be sent to the canvases, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from canvas.inputs import Integer, Moment, Name, parse_values
from canvas.kinds import KINDS, parse
from core.http import BadInput

NUMBER = Integer("count", "How many", 3, 2, 10)


@pytest.mark.parametrize(("value", "meant"), [("2", 2), (10, 10), ("-0", None), (1, None), (11, None), ("x", None)])
def test_a_number_is_within_its_bounds(value, meant):
    if meant is None:
        with pytest.raises(BadInput, match="count must be a whole number from 2 to 10"):
            NUMBER.parse(value)
    else:
        assert NUMBER.parse(value) == meant


@pytest.mark.parametrize("value", [True, None, 3.0, "3.0", "", " 3", "3\n", "٣", [3], "1" * 5000, 10**400])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(BadInput):
        NUMBER.parse(value)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T11:04:05+08:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_is_utc_where_it_says_nothing_else(value, meant):
    moment = Moment("eta", "Moment").parse(value)
    assert moment == meant
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize("value", ["", "soon", None, 5, True, "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59"])
def test_what_is_no_near_moment_is_refused(value):
    with pytest.raises(BadInput, match="eta must be"):
        Moment("eta", "Moment").parse(value)


def test_a_moment_lies_at_most_an_hour_ahead():
    field = Moment("eta", "Moment")
    assert field.parse((timezone.now() + timedelta(minutes=59)).isoformat())
    with pytest.raises(BadInput, match="at most an hour ahead"):
        field.parse((timezone.now() + timedelta(minutes=61)).isoformat())
    assert field.parse(field.initial) > timezone.now()


@pytest.mark.parametrize("value", [" Hand fork ", "O'Neill's no. 2"])
def test_a_name_is_taken_without_blanks_around_it(value):
    assert Name("name", "Name", "x").parse(value) == value.strip()


@pytest.mark.parametrize("value", ["", "  ", "x" * 51, "<b>", "a\nb", None, 5])
def test_what_is_no_name_is_refused(value):
    with pytest.raises(BadInput, match="name must be"):
        Name("name", "Name", "x").parse(value)


def test_what_is_left_out_has_its_initial_value():
    assert parse_values((NUMBER, Name("name", "Name", "Rake")), {"count": "5", "other": "x"}) == {
        "count": 5,
        "name": "Rake",
    }


@pytest.mark.parametrize("fields", [{}, {"kind": ""}, {"kind": "nonsense"}, {"kind": ["add"]}, {"kind": None}])
def test_an_unknown_kind_is_refused_with_those_that_there_are(fields):
    with pytest.raises(BadInput, match=r"kind must be one of add, .*chord"):
        parse(fields)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_can_be_started_as_it_is_offered(name):
    kind, values = parse({"kind": name})
    assert kind.name == name
    assert kind.make(**values)
    assert list(values) == [parameter.name for parameter in kind.parameters]
