"""Figures as people read them."""

from django import template

register = template.Library()

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


@register.filter
def duration(seconds: float | None) -> str:
    """Return seconds in the unit that fits: ``850 ms``, ``1.5 s``, ``12 min``, ``3 h``; ``unknown`` for None."""
    if seconds is None:
        return "unknown"
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.3g} s"


@register.filter
def mebibytes(kibibytes: int | None) -> str:
    """Return KiB as ``85 MiB``; ``unknown`` for None."""
    return "unknown" if kibibytes is None else f"{kibibytes / 1024:.0f} MiB"


@register.filter
def grouped(count: float) -> str:
    """Return a count as ``12,345``; one below ten keeps its fraction."""
    return f"{count:,.0f}" if count >= 10 else f"{count:g}"
