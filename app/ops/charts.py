"""Geometry of the charts: numbers in, coordinates of an SVG out. Pure functions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: The SVG's user units; it is stretched to the page's width, so labels stand beside it and not in it.
WIDTH, HEIGHT = 600, 100


@dataclass(frozen=True)
class Bar:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


def scale_end(largest: float) -> float:
    """Return the next round number (1, 2 or 5 times a power of ten) at or above the largest value; 1 for none."""
    if largest <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= largest)


def bars(values: Sequence[float], end: float, below: Sequence[float] | None = None) -> list[Bar]:
    """Return a bar for each value above zero, standing on the value ``below`` it where one is given."""
    step = WIDTH / len(values)
    floors = below or [0] * len(values)
    return [
        Bar(
            x=round(number * step + step * 0.1, 2),
            y=round(HEIGHT - (value + floor) / end * HEIGHT, 2),
            width=round(step * 0.8, 2),
            height=round(value / end * HEIGHT, 2),
        )
        for number, (value, floor) in enumerate(zip(values, floors, strict=True))
        if value > 0
    ]


def line(values: Sequence[float | None], end: float) -> str:
    """Return the path through the values, broken where there is none; a lonely value becomes a dot."""
    step = WIDTH / len(values)
    path, is_open = [], False
    for number, value in enumerate(values):
        if value is None:
            is_open = False
            continue
        point = f"{number * step + step / 2:.2f} {HEIGHT - value / end * HEIGHT:.2f}"
        # h0: a line of no length, which its round caps make a dot.
        path.append(f"L{point}" if is_open else f"M{point}h0")
        is_open = True
    return "".join(path)
