"""What the tests of an exchange share."""

from collections.abc import Iterator

import pytest
from signed import Signed


@pytest.fixture(scope="session")
def signed() -> Iterator[Signed]:
    """What Django's key has signed before the first exchange: a session, and a link."""
    return Signed.made()
