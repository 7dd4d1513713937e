"""What a pending operation does to the code that still runs: it keeps reading and writing the schema it knows.

Unsafe is what may make one of its statements fail: a table or column that goes or changes its name, a column that it
does not fill and that must not be null, a rule that it does not know (a unique or check constraint: its writes were
never made to keep it), a type that may not hold what it writes or is rewritten under an exclusive lock, and SQL that
nobody but its author can judge. Author's verdict: a line comment that begins with ``-- safe`` inside that SQL.
Of tables and columns that the same plan makes, the running code knows nothing, so most of it does not matter there.
"""

from collections.abc import Callable
from typing import Any

from cloche_agent import raw_sql
from cloche_agent.columns import Column, fills_itself, type_change


class Judge:
    """Judges the operations of a plan one after the other, each against the state before it."""

    def __init__(self, connection: Any, state: Any) -> None:
        self.connection, self.state = connection, state
        self.app = ""
        self.new_models: set[tuple[str, str]] = set()
        self.new_fields: set[tuple[str, str, str]] = set()

    def migration(self, migration: Any) -> list[str]:
        """Return why the migration is unsafe, and move the state behind it."""
        self.app = migration.app_label
        reasons: list[str] = []
        for operation in migration.operations:
            reasons += self.operation(operation)
            operation.state_forwards(self.app, self.state)
        return reasons

    def operation(self, operation: Any) -> list[str]:
        """Return why the operation is unsafe; the state stays."""
        for ancestor in type(operation).__mro__:
            if ancestor.__name__ in _HARMLESS:
                return []
            if judge := _JUDGES.get(ancestor.__name__):
                return judge(self, operation) if self._concerns(operation) else []
        if type(operation).__module__.startswith("django."):
            return []
        return [f"{type(operation).__name__} can't be judged"]

    def _concerns(self, operation: Any) -> bool:
        """Whether the operation touches this database at all, as its routers and the model's options say."""
        from django.db import router

        name = getattr(operation, "model_name", None) or getattr(operation, "old_name", None)
        name = (name or getattr(operation, "name", None) or "").lower()
        model = self.state.models.get((self.app, name))
        if model and (model.options.get("proxy") or model.options.get("managed") is False):
            return False
        hints = getattr(operation, "hints", {})
        return router.allow_migrate(self.connection.alias, self.app, model_name=name or None, **hints)

    # --- tables ---------------------------------------------------------------------------------------------------

    def create_model(self, operation: Any) -> list[str]:
        """A table that nobody knows yet."""
        self.new_models.add((self.app, operation.name.lower()))
        return []

    def delete_model(self, operation: Any) -> list[str]:
        """A table that goes."""
        if self._is_new(operation.name):
            return []
        return [f"removes the table {self._table(operation.name)}, which the running code still uses"]

    def rename_model(self, operation: Any) -> list[str]:
        """A table under another name."""
        if self._is_new(operation.old_name):
            self.new_models.add((self.app, operation.new_name.lower()))
            return []
        old = self._table(operation.old_name)
        if self._model(operation.old_name).options.get("db_table"):
            return []
        return [f"renames the table {old}, which the running code still uses"]

    def alter_table(self, operation: Any) -> list[str]:
        """A table under another name, by its option."""
        old = self._table(operation.name)
        new = operation.table or f"{self.app}_{operation.name.lower()}"
        if self._is_new(operation.name) or old == new:
            return []
        return [f"renames the table {old} to {new}, which the running code does not know"]

    def order_with_respect_to(self, operation: Any) -> list[str]:
        """The column `_order`, which comes or goes."""
        if self._is_new(operation.name):
            return []
        had = self._model(operation.name).options.get("order_with_respect_to")
        if bool(had) == bool(operation.order_with_respect_to):
            return []
        column = f"{self._table(operation.name)}._order"
        if had:
            return [f"removes the column {column}, which the running code still uses"]
        return [f"adds the column {column} NOT NULL, which the running code does not fill"]

    # --- columns --------------------------------------------------------------------------------------------------

    def add_field(self, operation: Any) -> list[str]:
        """A column that the running code does not fill."""
        model, name = operation.model_name.lower(), operation.name
        self.new_fields.add((self.app, model, name))
        column = self._column(model, name, operation.field)
        if self._is_new(model) or not column.name or fills_itself(operation.field):
            return []
        return [f"adds the column {column} NOT NULL without a database default, which the running code does not fill"]

    def remove_field(self, operation: Any) -> list[str]:
        """A column that goes."""
        if self._is_new(operation.model_name, operation.name):
            return []
        column = self._column(operation.model_name, operation.name)
        if column.name:
            return [f"removes the column {column}, which the running code still uses"]
        if column.is_own_table:
            return [f"removes the table of {column.label}, which the running code still uses"]
        return []

    def rename_field(self, operation: Any) -> list[str]:
        """A column under another name."""
        model, old, new = operation.model_name.lower(), operation.old_name, operation.new_name
        if self._is_new(model, old):
            self.new_fields.add((self.app, model, new))
            return []
        field = self._field(model, old)
        before, after = self._column(model, old), self._column(model, new, field)
        if before.name == after.name and not (before.is_own_table and not field.db_table):
            return []
        return [f"renames {before.what} to {after.label}, which the running code does not know"]

    def alter_field(self, operation: Any) -> list[str]:
        """A column that changes: its name, its type, what it may hold."""
        model, name, new = operation.model_name.lower(), operation.name, operation.field
        old = self._field(model, name)
        before, after = self._column(model, name), self._column(model, name, new)
        if self._is_new(model):
            return []
        if not before.name or not after.name:
            return [] if before == after else [f"turns {before.what} into {after.what}"]
        own = (self.app, model, name) in self.new_fields
        if own:
            if old.null and not new.null and not fills_itself(new):
                return [f"makes the column {after} NOT NULL, which the running code does not fill"]
            return []
        reasons = []
        if before.name != after.name:
            reasons.append(f"renames {before.what} to {after.label}, which the running code does not know")
        if old.null and not new.null:
            reasons.append(f"makes the column {after} NOT NULL, where the running code may still write nulls")
        elif not new.null and fills_itself(old) and not fills_itself(new):
            reasons.append(f"drops the database default of {after}, on which the running code relies")
        if change := type_change(old, new, before.name, self.connection):
            reasons.append(f"{change} of the column {after}, which the running code still writes")
        if new.unique and not old.unique:
            reasons.append(f"makes {after} unique, which the running code does not keep")
        return reasons

    # --- rules ----------------------------------------------------------------------------------------------------

    def unique_together(self, operation: Any) -> list[str]:
        """Sets of fields that must be unique from now on."""
        if self._is_new(operation.name):
            return []
        had = {tuple(fields) for fields in self._model(operation.name).options.get("unique_together") or ()}
        return [
            f"makes ({', '.join(fields)}) of {self._table(operation.name)} unique, which the running code does not keep"
            for fields in sorted(set(map(tuple, operation.unique_together)) - had)
            if not self._stays_null(operation.name, fields)
        ]

    def add_constraint(self, operation: Any) -> list[str]:
        """A rule for rows."""
        constraint = operation.constraint
        # A CHECK or an expression can't be told to hold for the rows that the running code writes.
        fields = getattr(constraint, "fields", ()) if getattr(constraint, "nulls_distinct", None) is not False else ()
        if self._is_new(operation.model_name) or self._stays_null(operation.model_name, fields):
            return []
        table = self._table(operation.model_name)
        return [f"adds the constraint {constraint.name} to {table}, which the running code does not keep"]

    # --- the author's own -----------------------------------------------------------------------------------------

    def run_sql(self, operation: Any) -> list[str]:
        """SQL, which only its author can judge."""
        first = raw_sql.unvouched(operation.sql)
        return [f"runs SQL that can't be judged ({first}); a line `-- safe: reason` vouches for it"] if first else []

    def separate(self, operation: Any) -> list[str]:
        """Only what happens to the database counts; Django plays it over the state before, too."""
        before, reasons = self.state, []
        self.state = before.clone()
        try:
            for part in operation.database_operations:
                reasons += self.operation(part)
                part.state_forwards(self.app, self.state)
        finally:
            self.state = before
        return reasons

    # --- looking up -----------------------------------------------------------------------------------------------

    def _model(self, name: str) -> Any:
        return self.state.models[self.app, name.lower()]

    def _table(self, name: str) -> str:
        return self._model(name).options.get("db_table") or f"{self.app}_{name.lower()}"

    def _field(self, model: str, name: str) -> Any:
        return self._model(model).fields[name]

    def _column(self, model: str, name: str, field: Any = None) -> Column:
        return Column.of(self._table(model), name, field or self._field(model, name))

    def _is_new(self, model: str, field: str | None = None) -> bool:
        key = (self.app, model.lower())
        return key in self.new_models or (*key, field) in self.new_fields

    def _stays_null(self, model: str, fields: Any) -> bool:
        """Whether the running code leaves one of them null, so that no two of its rows are the same."""
        known = self._model(model).fields
        own = [known[name] for name in fields if name in known and (self.app, model.lower(), name) in self.new_fields]
        return any(field.null and not fills_itself(field, by_null=False) for field in own)


_JUDGES: dict[str, Callable[[Judge, Any], list[str]]] = {
    "CreateModel": Judge.create_model,
    "DeleteModel": Judge.delete_model,
    "RenameModel": Judge.rename_model,
    "AlterModelTable": Judge.alter_table,
    "AlterOrderWithRespectTo": Judge.order_with_respect_to,
    "AddField": Judge.add_field,
    "RemoveField": Judge.remove_field,
    "RenameField": Judge.rename_field,
    "AlterField": Judge.alter_field,
    "AlterUniqueTogether": Judge.unique_together,
    "AddConstraint": Judge.add_constraint,
    "RunSQL": Judge.run_sql,
    "SeparateDatabaseAndState": Judge.separate,
}
# RunPython writes through models, to a schema that the running code can use; the rest leaves tables as they are.
_HARMLESS = {"RunPython", "RemoveConstraint", "AddIndex", "RemoveIndex", "RenameIndex", "AlterModelOptions"}
