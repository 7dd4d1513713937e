"""The queues of this application, by name. Every application has a vhost of its own, so they carry no prefix."""

EXCHANGE = "garden"
QUEUES = ("default", "slow", "mail")
DEFAULT_QUEUE = QUEUES[0]
