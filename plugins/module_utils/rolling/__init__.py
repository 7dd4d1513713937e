"""A member of a service takes its turn to be away: others lead meanwhile, and it is whole before the next one goes.

Each module here is a service: ``leads`` whether the member does, ``leave`` hands over and returns what was done in
words, ``join`` waits until the member is whole. Each takes a Host and the service's options.
"""

from . import balancer, etcd, postgres, rabbitmq, redis
from .host import Host, TurnError

__all__ = ["SERVICES", "Host", "TurnError"]

SERVICES = {"balancer": balancer, "etcd": etcd, "postgres": postgres, "rabbitmq": rabbitmq, "redis": redis}
