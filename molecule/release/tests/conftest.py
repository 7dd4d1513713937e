"""What the tests of a release share."""

from collections.abc import Iterator

import pytest
import versions
from kit import Site, current, deploy


@pytest.fixture
def site() -> Site:
    """The application as a client sees it."""
    return Site()


@pytest.fixture
def source() -> Iterator[None]:
    """The pristine source, never released before; pristine again afterwards."""
    versions.pristine()
    yield
    versions.pristine()


@pytest.fixture
def live(source) -> str:
    """The id of a release that is live; one of another test may have had tasks of its own."""
    deploy("-e", '{"release_allow": ["removed_tasks"]}')
    return current()
