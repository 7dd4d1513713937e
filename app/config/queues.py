"""The queues of this application, and what runs on each. It has a vhost of its own, so they carry no prefix."""

EXCHANGE = "garden"
QUEUES = ("default", "slow", "mail")
DEFAULT_QUEUE = QUEUES[0]

#: By task name; what no pattern matches goes to the default queue, and a queue named when publishing wins.
TASK_ROUTES = {
    # Mail waits for mail servers, and never behind anything else.
    "feedback.*": {"queue": "mail"},
    # Minutes of waiting for other people's servers, which must not hold up the short tasks.
    "photos.*": {"queue": "slow"},
    "reports.*": {"queue": "slow"},
}
