"""Writes to three services at once, on a host with the application's libraries: ``python -c SCRIPT write|missing``.

Reads a line of JSON: ``places`` is service to URL. ``write`` prints ``[service, number, moment]``
for each write that was confirmed, until its input ends. ``missing`` gets such numbers as ``confirmed`` and prints
those, by service, that are not there any more; it takes the messages out of the queue.
"""

import contextlib
import json
import os
import sys
import threading
import time
from urllib.parse import unquote, urlsplit

import amqp
import psycopg
import redis

NAME = "kept"
#: Seconds between two writes, and those that one may take.
PAUSE, PATIENCE = 0.1, 3


def database(url):
    patience = {"connect_timeout": PATIENCE, "tcp_user_timeout": PATIENCE * 1000}
    return psycopg.connect(url, autocommit=True, **patience)


def broker(url):
    told = urlsplit(url)
    connection = amqp.Connection(
        host=f"{told.hostname}:{told.port}", userid=told.username, password=unquote(told.password),
        virtual_host=told.path[1:], confirm_publish=True, connect_timeout=PATIENCE, read_timeout=PATIENCE,
        write_timeout=PATIENCE,
    )  # fmt: skip
    connection.connect()
    return connection


def state(url):
    never = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
    return redis.Redis.from_url(url, retry=never, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def into_database(session):
    session.execute(f"CREATE TABLE IF NOT EXISTS {NAME} (n bigint PRIMARY KEY)")
    return lambda n: session.execute(f"INSERT INTO {NAME} VALUES (%s)", [n])


def into_broker(connection):
    channel = connection.channel()
    channel.queue_declare(NAME, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
    return lambda n: channel.basic_publish(amqp.Message(str(n), delivery_mode=2), routing_key=NAME)


def into_state(client):
    return lambda n: client.set(f"celery-task-meta-{NAME}-{n}", n)


def held_by_database(session):
    return {n for (n,) in session.execute(f"SELECT n FROM {NAME}").fetchall()}


def held_by_broker(connection):
    channel, found = connection.channel(), set()
    while message := channel.basic_get(NAME, no_ack=True):
        found.add(int(message.body))
    return found


def held_by_state(client, confirmed):
    values = client.mget([f"celery-task-meta-{NAME}-{n}" for n in confirmed]) if confirmed else []
    return {int(value) for value in values if value}


SERVICES = {
    "postgres": (database, into_database),
    "rabbitmq": (broker, into_broker),
    "redis": (state, into_state),
}


def write(service, place):
    """Write for ever; after a failure over a new connection, as a program does that is started again."""
    opening, into = SERVICES[service]
    number, connection, put = int(time.time() * 1000), None, None
    while True:
        number += 1
        try:
            if connection is None:
                connection = opening(place)
                put = into(connection)
            put(number)
            os.write(1, (json.dumps([service, number, time.time()]) + "\n").encode())
        except Exception as error:
            os.write(2, f"{time.time():.1f} {service}: {type(error).__name__} {error}\n".encode())
            with contextlib.suppress(Exception):
                connection and connection.close()
            connection = None
        time.sleep(PAUSE)


def missing(places, confirmed):
    held = {
        "postgres": held_by_database(database(places["postgres"])),
        "rabbitmq": held_by_broker(broker(places["rabbitmq"])),
        "redis": held_by_state(state(places["redis"]), confirmed["redis"]),
    }
    return {service: sorted(set(confirmed[service]) - held[service]) for service in held}


if __name__ == "__main__":
    told = json.loads(sys.stdin.readline())
    if sys.argv[1] == "missing":
        print(json.dumps(missing(told["places"], told["confirmed"])))
        sys.exit()
    for name, there in told["places"].items():
        threading.Thread(target=write, args=(name, there), daemon=True).start()
    sys.stdin.read()
    os._exit(0)
