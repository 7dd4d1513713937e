"""The queues of this application, and what runs on each. It has a vhost of its own, so they carry no prefix."""

EXCHANGE = "garden"
QUEUES = ("default", "slow", "mail")
DEFAULT_QUEUE = QUEUES[0]

#: By task name; what no pattern matches goes to the default queue, and a queue named when publishing wins.
TASK_ROUTES = {
    # Rate-limited: those that wait for their turn are held by the worker, and would fill the places of everyone
    # else's. This queue's worker takes few messages ahead.
    "canvas.take_turn": {"queue": "slow"},
    # Mail waits for mail servers, and never behind anything else.
    "feedback.*": {"queue": "mail"},
    "reports.send_ready_mail": {"queue": "mail"},
    # Minutes of waiting for other people's servers, which must not hold up the short tasks.
    "photos.*": {"queue": "slow"},
    "reports.*": {"queue": "slow"},
}
