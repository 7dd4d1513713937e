"""An AMQP client for tests, run on the host under test, where it finds python3-pika."""

import inspect
import json
from typing import Any

from testinfra.host import Host

Step = tuple[str, dict[str, Any]]


def session(request: dict[str, Any]) -> dict[str, Any]:
    """Run steps (method of a pika channel, its keyword arguments) over one connection; runs on the host under test."""
    import pika

    answers: list[Any] = []
    try:
        credentials = pika.PlainCredentials(request["user"], request["password"])
        place = (request["address"], request["port"], request["vhost"])
        limits = {"socket_timeout": 5, "blocked_connection_timeout": 10}
        connection = pika.BlockingConnection(pika.ConnectionParameters(*place, credentials, **limits))
        channel = connection.channel()
        for method, arguments in request["steps"]:
            answer = getattr(channel, method)(**arguments)
            if method == "basic_get":
                frame, properties, body = answer
                headers = json.loads(json.dumps((properties and properties.headers) or {}, default=str))
                answer = frame and {"body": body.decode(), "tag": frame.delivery_tag, "headers": headers}
            answers.append(answer if method == "basic_get" else None)
        connection.close()
    except Exception as error:  # the test names the one it expects
        return {"answers": answers, "error": f"{type(error).__name__}: {error}"}
    return {"answers": answers, "error": ""}


class Client:
    """One user's way into one virtual host of the broker on a host."""

    def __init__(
        self, host: Host, user: str, password: str, vhost: str = "", *, address: str = "127.0.0.1", port: int = 5672
    ):
        self._host = host
        self._access = {"user": user, "password": password, "vhost": vhost or user, "address": address, "port": port}

    def run(self, *steps: Step) -> tuple[list[Any], str]:
        """Return the answers of the steps (a dict or None for each) and the error that ended them, or ""."""
        request = json.dumps({**self._access, "steps": steps})
        source = (
            "import json, sys\nfrom typing import Any\n"
            + inspect.getsource(session)
            + "\nprint(json.dumps(session(json.loads(sys.argv[1]))))"
        )
        answer = json.loads(self._host.check_output("timeout 60 python3 -c %s %s", source, request))
        return answer["answers"], answer["error"]

    def publish(self, key: str, body: str, exchange: str = "") -> str:
        """Publish with confirm and wait for the broker's word; return the error, or ""."""
        return self.run(
            ("confirm_delivery", {}), ("basic_publish", {"exchange": exchange, "routing_key": key, "body": body})
        )[1]

    def drain(self, queue: str) -> list[dict[str, Any]]:
        """Take every message from a queue, at most 20: their bodies and headers."""
        answers, error = self.run(*[("basic_get", {"queue": queue, "auto_ack": True})] * 20)
        assert not error, error
        return [answer for answer in answers if answer]

    def declare(self, exchange: str, *queues: str) -> None:
        """Declare a topic exchange and quorum queues bound to it by their names, as the application would."""
        steps: list[Step] = [("exchange_declare", {"exchange": exchange, "exchange_type": "topic", "durable": True})]
        for queue in queues:
            steps += [
                ("queue_declare", {"queue": queue, "durable": True, "arguments": {"x-queue-type": "quorum"}}),
                ("queue_bind", {"queue": queue, "exchange": exchange, "routing_key": queue}),
                ("queue_purge", {"queue": queue}),
            ]
        error = self.run(*steps)[1]
        assert not error, error
