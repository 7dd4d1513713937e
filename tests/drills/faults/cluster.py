"""Faults of the issue's table that need several hosts: named here until each is a class in a module beside this one."""

LATER = (
    "a whole worker host killed",
    "RabbitMQ's leader killed, paused, cut off, rolling restart",
    "Redis' primary killed",
    "PostgreSQL's leader killed, paused, returning",
    "a web host killed",
    "the balancer with the address killed",
)
