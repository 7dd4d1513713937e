"""Columns of fields that belong to no model class: their names, their types, whether the database fills them."""

import re
from dataclasses import dataclass
from typing import Any

_SIZED = re.compile(r"(?P<type>[a-z ]+)(?:\((?P<sizes>[\d, ]+)\))?")


@dataclass(frozen=True)
class Column:
    """A field in a table; ``name`` is None where it has no column there (many to many)."""

    table: str
    field: str
    name: str | None
    #: Many to many without a model of its own in between: a table that the field makes.
    is_own_table: bool = False

    @classmethod
    def of(cls, table: str, name: str, field: Any) -> "Column":
        """Return the column of a state's field, which does not know its own name."""
        if field.many_to_many:
            return cls(table, name, None, is_own_table=getattr(field.remote_field, "through", None) is None)
        named = field.clone()
        named.set_attributes_from_name(name)
        return cls(table, name, named.get_attname_column()[1])

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def label(self) -> str:
        """The column's name, or the field's where it has none."""
        return f"{self.table}.{self.name or self.field}"

    @property
    def what(self) -> str:
        """The column or the table that the field stands for."""
        return f"the column {self}" if self.name else f"the relation {self.label}"


def fills_itself(field: Any, *, by_null: bool = True) -> bool:
    """Whether an insert that does not name the column succeeds."""
    from django.db.models import NOT_PROVIDED

    # db_default came with Django 5.0.
    has_default = getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED
    return (by_null and field.null) or has_default or getattr(field, "generated", False)


def type_change(old: Any, new: Any, name: str, connection: Any) -> str:
    """Return what happens to a column's type in words, or nothing where all that fitted still fits as it stands."""
    if old.is_relation and new.is_relation:
        return "" if _target(old) == _target(new) else f"changes the target ({_target(old)} to {_target(new)})"
    before, after = _type(old, name, connection), _type(new, name, connection)
    if before == after:
        checks = [field.db_check(connection) for field in (_named(old, name), _named(new, name))]
        return f"adds a check ({checks[1]})" if checks[1] and checks[0] != checks[1] else ""
    was, becomes = _SIZED.fullmatch(before), _SIZED.fullmatch(after)
    if was and becomes and _is_text(was["type"]) and _is_text(becomes["type"]):
        if not becomes["sizes"] or (was["sizes"] and int(was["sizes"]) <= int(becomes["sizes"])):
            return ""
        return f"narrows the type ({before} to {after})"
    if was and becomes and was["type"] == becomes["type"] and was["sizes"] and becomes["sizes"]:
        (digits, places), (more, same) = _pair(was["sizes"]), _pair(becomes["sizes"])
        if digits <= more and places == same:
            return ""
    return f"changes the type ({before} to {after})"


def _is_text(name: str) -> bool:
    # Between these PostgreSQL rewrites nothing; char(n) pads.
    return name in {"varchar", "text"}


def _pair(sizes: str) -> tuple[int, int]:
    digits, _, places = sizes.partition(",")
    return int(digits), int(places or 0)


def _named(field: Any, name: str) -> Any:
    named = field.clone()
    named.set_attributes_from_name(name)
    return named


def _type(field: Any, name: str, connection: Any) -> str:
    if field.is_relation:
        return f"key of {_target(field)}"
    return _named(field, name).db_type(connection) or type(field).__name__


def _target(field: Any) -> str:
    target = field.remote_field.model
    return (target if isinstance(target, str) else target._meta.label).lower()
