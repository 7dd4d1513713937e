"""The canvases, as one would write them: each function returns a signature that is not yet sent."""

from datetime import datetime

from celery import Signature, chain, chord, group

from canvas.tasks import add, divide, fail_first, mul, report_failure, save, take_turn, xsum


def countdown_demo(x: int, y: int, countdown: int) -> Signature:
    """The sum, begun after so many seconds."""
    return add.s(x, y).set(countdown=countdown)


def eta_demo(x: int, y: int, eta: datetime) -> Signature:
    """The sum, begun at a moment."""
    return add.s(x, y).set(eta=eta)


def expires_demo(x: int, y: int, expires: int, countdown: int) -> Signature:
    """The sum, unless no worker has begun it within ``expires`` seconds; with a longer countdown none can."""
    signature = add.s(x, y).set(expires=expires)
    return signature.set(countdown=countdown) if countdown else signature


def link_demo(x: int, y: int, z: int) -> Signature:
    """The sum, and when it succeeds a callback that adds z to it."""
    signature = add.s(x, y)
    signature.link(add.s(z))
    return signature


def link_error_demo(x: int, y: int) -> Signature:
    """The quotient, with one callback for its success and another for its failure."""
    signature = divide.s(x, y)
    signature.link(mul.s(10))
    signature.link_error(report_failure.s())
    return signature


def chain_demo(x: int, y: int) -> Signature:
    """Add, multiply the sum by ten, save the product."""
    return chain(add.s(x, y), mul.s(10), save.s())


def chain_failure_demo(x: int) -> Signature:
    """A chain whose first task fails; the others never run."""
    return chain(divide.s(x, 0), mul.s(10), save.s())


def group_demo(count: int) -> Signature:
    """Sums side by side."""
    return group(add.s(i, i) for i in range(count))


def group_failure_demo(x: int, count: int) -> Signature:
    """Divisions by 0, 1, 2 …: the first fails, the others don't mind."""
    return group(divide.s(x, i) for i in range(count))


def chord_demo(count: int) -> Signature:
    """Sums side by side, and the sum of them all."""
    return chord((add.s(i, i) for i in range(count)), xsum.s())


def chord_failure_demo(x: int) -> Signature:
    """One division by zero in the header fails the body; an error callback on the body hears of it."""
    body = xsum.s()
    body.link_error(report_failure.s())
    return chord([divide.s(x, 1), divide.s(x, 0)], body)


def fan_demo(x: int, y: int) -> Signature:
    """All three in one: a chain, within it a group that becomes a chord's header, then a chain's last task."""
    return chain(add.s(x, y), group(mul.s(2), mul.s(3), mul.s(4)), xsum.s(), save.s())


def retry_demo(failures: int) -> Signature:
    """A task that fails so many times first, tried again after 1, 2 and 4 s."""
    return fail_first.s(failures)


def rate_limit_demo(count: int) -> Signature:
    """Tasks that take turns, ten a minute on each worker."""
    return group(take_turn.s(i) for i in range(count))
