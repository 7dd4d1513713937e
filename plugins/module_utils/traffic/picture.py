"""The hosts of an environment and who talks to whom, drawn."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from .flows import Flow
from .rows import Line, Row, lines, rows
from .stacks import Stack, stacks

#: Lengths in user units, which a browser shows as pixels.
WIDTH, GAP, MARGIN, OUTSIDE = 260, 110, 20, 110
TOP, BETWEEN, HEAD, HOST, ROW = 78, 22, 12, 18, 26
NAMESPACE = "http://www.w3.org/2000/svg"
STYLE = """
  svg { --page: #fff; --host: #f6f8fa; --box: #fff; --edge: #d1d9e0; --text: #1f2328; --quiet: #59636e;
    --web: #1a7f37; --rabbitmq: #9a6700; --postgres: #0969da; --redis: #cf222e;
    font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif }
  @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --host: #151b23; --box: #0d1117; --edge: #3d444d; --text: #f0f6fc; --quiet: #9aa3ad;
      --web: #3fb950; --rabbitmq: #d29922; --postgres: #58a6ff; --redis: #f85149 } }
  text { fill: var(--text); font-size: 12px }
  .title { font-size: 16px; font-weight: 600 } .name { font-weight: 600 } .quiet { fill: var(--quiet) }
  .right { text-anchor: end } .host, .row { fill: var(--host); stroke: var(--edge) } .row { fill: var(--box) }
  .line { fill: none; stroke-width: 1.5; stroke: var(--web) } .rabbitmq { stroke: var(--rabbitmq) }
  .postgres { stroke: var(--postgres) } .redis { stroke: var(--redis) }
"""


class Box(NamedTuple):
    """A stack in its place: left and top edge, height, and its lines."""

    stack: Stack
    rows: list[Row]
    x: int
    y: int
    height: int

    def middle(self, row: int) -> int:
        """Return the height at which a line of the box is reached."""
        return self.y + HEAD + HOST * len(self.stack.hosts) + ROW * row + ROW // 2 + 4


def picture(title: str, groups: dict[str, list[str]], addresses: dict[str, str], found: list[Flow]) -> str:
    """Return the SVG document; `addresses`: host to the address that others see, empty where there is none."""
    boxes = _placed(stacks(groups), found)
    bottom = max((box.y + box.height for box in boxes), default=TOP) + MARGIN
    right = max((box.x + WIDTH for box in boxes), default=OUTSIDE) + MARGIN
    hosts = sum(len(box.stack.hosts) for box in boxes)
    ssh = " ".join(str(port) for flow in found if flow.target == "all" for port in flow.ports)
    document = [
        f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {right} {bottom}" width="{right}" height="{bottom}" role="img">',
        f"<title>{escape(title)}: hosts, services and ports</title>",
        f"<desc>{escape(_words(found))}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect width="{right}" height="{bottom}" fill="var(--page)"/>',
        _text(MARGIN, 32, f"{title}: {hosts} host{'s' if hosts != 1 else ''}", "title"),
        _text(MARGIN, 54, f"Operators reach each by ssh ({ssh}). Every other open port is shown.", "quiet"),
        *_outside(boxes),
        *(_line(line, boxes) for line in lines([box.stack for box in boxes], found)),
        *(part for box in boxes for part in _box(box, addresses)),
        "</svg>",
    ]
    return "\n".join(document) + "\n"


def _placed(found: list[Stack], flows: list[Flow]) -> list[Box]:
    columns = sorted({stack.tier for stack in found})
    heights = dict.fromkeys(columns, TOP)
    boxes = []
    for stack in found:
        content = rows(stack, flows)
        height = 2 * HEAD + HOST * len(stack.hosts) + ROW * len(content)
        x = MARGIN + OUTSIDE + GAP + columns.index(stack.tier) * (WIDTH + GAP)
        boxes.append(Box(stack, content, x, heights[stack.tier], height))
        heights[stack.tier] += height + BETWEEN
    return boxes


def _box(box: Box, addresses: dict[str, str]) -> list[str]:
    parts = [f'<rect class="host" x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="8"/>']
    for number, host in enumerate(box.stack.hosts):
        y = box.y + HEAD + HOST * number + 10
        parts.append(_text(box.x + 12, y, host, "name"))
        parts.append(_text(box.x + WIDTH - 12, y, addresses.get(host) or "", "quiet right"))
    for number, row in enumerate(box.rows):
        y = box.middle(number)
        parts.append(
            f'<rect class="row" x="{box.x + 8}" y="{y - ROW // 2 + 2}" width="{WIDTH - 16}" height="{ROW - 4}" rx="4"/>'
        )
        parts.append(_text(box.x + 16, y + 4, row.text))
        parts.append(_text(box.x + WIDTH - 16, y + 4, _numbers(row.ports), "quiet right"))
    return parts


def _outside(boxes: list[Box]) -> list[str]:
    if not boxes:
        return []
    return [
        f'<rect class="host" x="{MARGIN}" y="{TOP}" width="{OUTSIDE}" height="40" rx="8"/>',
        _text(MARGIN + 14, TOP + 25, "Browsers", "name"),
    ]


def _line(line: Line, boxes: list[Box]) -> str:
    box, row = boxes[line.target[0]], line.target[1]
    end_x, end_y = box.x + 8, box.middle(row)
    if line.source is None:
        start_x, start_y = MARGIN + OUTSIDE, TOP + 20
    else:
        source = boxes[line.source[0]]
        start_x, start_y = source.x + WIDTH - 8, source.middle(line.source[1])
        if source.x >= box.x:
            # Not to the right of it: around the outside of the column.
            end_x = box.x + WIDTH - 8
    bend = GAP * 0.6
    back = bend if end_x > box.x + 8 else -bend
    path = f"M{start_x} {start_y} C{start_x + bend:g} {start_y} {end_x + back:g} {end_y} {end_x} {end_y}"
    return f'<path class="line {line.group}" d="{path}"/>'


def _numbers(ports: tuple[int, ...]) -> str:
    """Return ports as they come, three and more in a row as the first and the last."""
    found: list[list[int]] = []
    for port in ports:
        if found and port == found[-1][-1] + 1:
            found[-1].append(port)
        else:
            found.append([port])
    texts = (f"{run[0]}-{run[-1]}" if len(run) > 2 else " ".join(map(str, run)) for run in found)
    return " ".join(texts)


def _words(found: list[Flow]) -> str:
    ways = ((flow, _numbers(flow.ports) or flow.protocol) for flow in found)
    return "; ".join(f"{flow.source} to {flow.target} on {way} ({flow.what})" for flow, way in ways)


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{named}>{escape(text)}</text>' if text else ""
