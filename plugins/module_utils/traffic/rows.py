"""What stands in the boxes of the picture, and between which lines of them connections run."""

from __future__ import annotations

from typing import NamedTuple

from .flows import OUTSIDE, Flow
from .stacks import Stack

#: Group to what runs there; connections that programs open start at the last.
NAMES = {
    "balancer": ("HAProxy",),
    "web": ("nginx", "Gunicorn"),
    "worker": ("Celery workers",),
    "beat": ("Celery beat",),
    "flower": ("Flower",),
    "rabbitmq": ("RabbitMQ",),
    "postgres": ("PostgreSQL",),
    "redis": ("Redis",),
}
#: What is not opened by the programs of its source, but by the server that stands before them.
_BY_SERVER = ("sites", "certificates", "RabbitMQ's pages")
#: Of a service, what is reached on further ports.
_FURTHER = {"RabbitMQ's pages": "RabbitMQ's pages", "who leads": "Patroni", "members": "its members"}


class Row(NamedTuple):
    """A line of a box: what runs, and the ports on which it is reached."""

    group: str
    text: str
    ports: tuple[int, ...] = ()


class Line(NamedTuple):
    """Connections between two lines of boxes, each ``(number of the box, number of the line)``; None: from outside."""

    source: tuple[int, int] | None
    target: tuple[int, int]
    group: str


def rows(stack: Stack, found: list[Flow]) -> list[Row]:
    """Return the lines of a box: what its hosts run, and a further one for each further set of ports of it."""
    lines = []
    for group in stack.groups:
        doors = dict.fromkeys(
            (_further(flow), flow.ports) for flow in found if flow.target == group and flow.what != "certificates"
        )
        first, *further = NAMES[group]
        lines.append(Row(group, first, next((ports for text, ports in doors if not text), ())))
        lines += [Row(group, text) for text in further]
        lines += [Row(group, text, ports) for text, ports in doors if text]
    return lines


def lines(boxes: list[Stack], found: list[Flow]) -> list[Line]:
    """Return the connections between boxes; what stays within one is not among them."""
    content = [rows(box, found) for box in boxes]
    drawn: dict[Line, None] = {}
    for flow in found:
        if flow.what in ("members", "certificates") or flow.protocol == "vrrp" or flow.target == "all":
            continue
        for there, target in _ends(content, flow):
            if flow.source in OUTSIDE:
                drawn[Line(None, (there, target), flow.target)] = None
                continue
            for here, box in enumerate(boxes):
                if here != there and flow.source in box.groups:
                    drawn[Line((here, _start(content[here], flow)), (there, target), flow.target)] = None
    return list(drawn)


def _further(flow: Flow) -> str:
    return f"keepalived: {flow.what}" if flow.protocol == "vrrp" else _FURTHER.get(flow.what, "")


def _ends(content: list[list[Row]], flow: Flow) -> list[tuple[int, int]]:
    text = _further(flow) or NAMES[flow.target][0]
    return [
        (number, place)
        for number, box in enumerate(content)
        for place, row in enumerate(box)
        if (row.group, row.text) == (flow.target, text)
    ]


def _start(content: list[Row], flow: Flow) -> int:
    places = [place for place, row in enumerate(content) if row.group == flow.source]
    named = len(NAMES[flow.source])
    return places[0] if flow.what in _BY_SERVER else places[named - 1]
