"""Who talks to whom on which port: worked out once, from the groups, for the hosts' firewalls and for the picture."""

from .flows import Flow, flows
from .picture import picture
from .ports import opened

__all__ = ["Flow", "flows", "opened", "picture"]
