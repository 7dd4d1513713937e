"""The services whose members take turns.

Each is a module here: ``leads`` whether the member does, ``leave`` hands over and returns what was done in words,
``join`` waits until the member is whole. Each takes a Host and the service's options.
"""

from __future__ import annotations

from ansible.module_utils.rolling import balancer, etcd, postgres, rabbitmq, redis

SERVICES = {"balancer": balancer, "etcd": etcd, "postgres": postgres, "rabbitmq": rabbitmq, "redis": redis}
