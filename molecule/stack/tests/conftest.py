"""The two applications of the stack."""

import pytest
from stack import Application


@pytest.fixture
def garden() -> Application:
    """The sample application."""
    return Application("garden")


@pytest.fixture
def orchard() -> Application:
    """The same source under another name, beside it."""
    return Application("orchard")


@pytest.fixture(params=["garden", "orchard"])
def application(request: pytest.FixtureRequest) -> Application:
    """Each of them in turn."""
    return Application(request.param)
