"""The report as a file."""

import csv
import io
from collections.abc import Iterable

from reports.search import COLUMNS, Repository

# A spreadsheet takes a cell that begins so for a formula and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(repositories: Iterable[Repository]) -> bytes:
    """Return the file: a line of COLUMNS, then one for each repository, in UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(repository[column]) for column in COLUMNS] for repository in repositories)
    return buffer.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
