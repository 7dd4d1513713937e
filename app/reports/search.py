"""The search API of the code host."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from upstream import client
from upstream.text import storable

COLUMNS = ("name", "full_name", "html_url", "description")
#: Ten of the largest pages are all that the code host lets anyone see of a search.
MAX_PAGES = 10

Repository = dict[str, str]


@dataclass(frozen=True)
class Page:
    """Repositories in the order of their stars, each with the COLUMNS; and whether there are no more."""

    repositories: list[Repository]
    is_last: bool


def fetch_page(language: str, number: int) -> Page:
    """Return a page, counted from 1. Raises TemporaryError or PermanentError."""
    size = settings.REPORTS_PAGE_SIZE
    answer = client.get(
        f"{settings.REPORTS_API_URL.rstrip('/')}/search/repositories",
        params={"q": f'language:"{language}"', "sort": "stars", "order": "desc", "per_page": size, "page": number},
        headers=_headers(),
    )
    match answer.json():
        case {"items": list(items)}:
            repositories = [_repository(item, answer) for item in items]
        case _:
            raise answer.malformed()
    return Page(repositories, is_last=len(items) < size or number >= MAX_PAGES)


def _headers() -> dict[str, str]:
    headers = {"Accept": "application/vnd.github+json"}
    if settings.REPORTS_API_TOKEN:
        headers["Authorization"] = f"Bearer {settings.REPORTS_API_TOKEN}"
    return headers


def _repository(item: Any, answer: client.Answer) -> Repository:
    if not isinstance(item, dict):
        raise answer.malformed()
    values = {column: item.get(column) for column in COLUMNS}
    # A repository may go without a description, but not without a name.
    values["description"] = values["description"] or ""
    if not all(isinstance(value, str) for value in values.values()):
        raise answer.malformed()
    return {column: storable(str(value)) for column, value in values.items()}
