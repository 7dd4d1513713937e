"""Every fault, in the order in which `bin/drill` goes through them; each is made anew for each drill."""

from collections.abc import Callable

from drills.fault import Fault
from drills.faults import broker, clock, delays, power, services, supervision, workers

FAULTS: dict[str, Callable[[], Fault]] = {
    make.__name__.replace("_", "-"): make
    for make in [
        workers.pool_child_killed,
        workers.worker_killed,
        workers.worker_cut_off,
        workers.poison_task,
        supervision.workers_restarted,
        supervision.supervisor_restarted,
        supervision.supervisord_killed,
        delays.delayed,
        delays.workers_down_across_eta,
        clock.beat_down,
        broker.queue_deleted,
        broker.rabbitmq_down,
        broker.memory_alarm,
        broker.disk_alarm,
        services.redis_down,
        services.postmaster_killed,
        power.power_cut,
    ]
}
