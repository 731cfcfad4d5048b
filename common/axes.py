"""The room between a chart's axes: round values on them, where a value stands, lines and names around it.

Places are whole tenths of a pixel, so that no drawing computes with floats.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDE, NARROW = 560, 320
HEIGHT = 240
_GAP = 8
_LETTER = 7
_ABOVE, _BELOW = 10, 26
_STEPS = 5

Write = Callable[[int], str]


@dataclass(frozen=True)
class Frame:
    """The room between the axes of one drawing, from the lowest tick to the highest."""

    width: int
    ticks: Sequence[int]
    write: Write

    @cached_property
    def left(self) -> int:
        return max(len(self.write(tick)) for tick in self.ticks) * _LETTER + _GAP

    @property
    def right(self) -> int:
        return self.width - _GAP

    def y(self, value: int) -> int:
        room = (HEIGHT - _ABOVE - _BELOW) * 10
        return _ABOVE * 10 + (self.ticks[-1] - value) * room // (self.ticks[-1] - self.ticks[0])

    def slot(self, index: int, count: int) -> tuple[int, int]:
        """The left edge and the width of one of `count` equal slots."""
        across = (self.right - self.left) * 10
        return self.left * 10 + across * index // count, across // count


def frame(values: Iterable[int], write: Write, width: int) -> Frame:
    """The room that holds these values and zero."""
    found = [0, *values]
    return Frame(width=width, ticks=ticks(min(found), max(found)), write=write)


def ticks(low: int, high: int) -> list[int]:
    """Round values from at or below `low` to at or above `high`: steps of 1, 2 or 5 times a power of ten.

    Example: 0 to 870 → 0, 200, 400, 600, 800, 1000. Unit: that of the values.
    """
    step = 1
    grow = cycle(((2, 1), (5, 2), (2, 1)))
    while _ceiling(high, step) - low // step > _STEPS:
        times, over = next(grow)
        step = step * times // over
    first, last = low // step, max(_ceiling(high, step), low // step + 1)
    return [count * step for count in range(first, last + 1)]


def tenths(value: int) -> str:
    """A place as SVG writes it: 125 → 12.5"""
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10)
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def grid(room: Frame) -> SafeString:
    """A level line and its figure for every tick."""
    return format_html_join(
        "",
        '<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>'
        '<text x="{1}" dx="-6" y="{3}" dy="4" text-anchor="end">{4}</text>',
        (
            (
                "grid zero" if tick == 0 else "grid",
                room.left,
                room.right,
                tenths(room.y(tick)),
                room.write(tick),
            )
            for tick in room.ticks
        ),
    )


def names(room: Frame, labels: Sequence[str]) -> SafeString:
    """The names under the slots; every second or third only where they would touch."""
    if not labels:
        return SafeString("")
    _start, size = room.slot(0, len(labels))
    every = max(_ceiling((max(map(len, labels)) + 1) * _LETTER * 10, max(size, 1)), 1)
    shown = [(index, label) for index, label in enumerate(labels) if index % every == 0]
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        ((tenths(room.slot(index, len(labels))[0] + size // 2), HEIGHT - 8, label) for index, label in shown),
    )


def level(kind: str, y: int, start: int, end: int, words: str) -> SafeString:
    """A level line from start to end that says its words when pointed at."""
    line = '<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"><title>{4}</title></line>'
    return format_html(line, kind, tenths(start), tenths(end), tenths(y), words)


def picture(title: str, summary: str, size: tuple[int, int], parts: Iterable[SafeString]) -> SafeString:
    """The whole drawing as one image, whose text alternative is the title and the summary."""
    kind = "wide" if size[0] == WIDE else "narrow"
    svg = (
        '<svg class="{0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" '
        'role="img" aria-label="{3}. {4}">{5}</svg>'
    )
    return format_html(svg, kind, *size, title.rstrip("."), summary, joined(parts))


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _ceiling(value: int, step: int) -> int:
    return -(-value // step)
