"""Charts drawn as SVG without a script: sizes are attributes, colours are classes of the stylesheet.

Every chart has a title that says the finding, a summary in words and the table of its figures. It is drawn
twice, for a wide and a narrow box, because text in an SVG shrinks with it. Values are whole numbers; the
caller says how one is written, and how on an axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.axes import HEIGHT, NARROW, WIDE, Frame, Write, frame, grid, joined, level, names, picture, tenths

COLOURS = ("f1", "f2", "f3")
"""The classes of the series of a chart, where their colours mean nothing."""
_DASH = "—"


@dataclass(frozen=True)
class Mark:
    """One entry of a legend: the mark as it is drawn, and what it stands for."""

    mark: SafeString
    label: str


@dataclass(frozen=True)
class Chart:
    """A finished chart: its finding, its figures as a table, and the drawing in two widths."""

    title: str
    summary: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    wide: SafeString
    narrow: SafeString
    legend: Sequence[Mark] = ()


@dataclass(frozen=True)
class Bar:
    """One bar of a stack: a part per series, and the target it is compared with."""

    label: str
    parts: Sequence[int]
    target: int | None = None


@dataclass(frozen=True)
class Measured:
    """One figure against its target and, where there is one, against the pace to this day."""

    label: str
    actual: int
    target: int | None
    pace: int | None = None
    done_at: int = 100
    """The percentage of the target from which it counts as reached."""


@dataclass(frozen=True)
class _Words:
    """What a drawing says: its finding, its summary, and how figures are written in it."""

    title: str
    summary: str
    write: Write
    axis: Write
    colours: Sequence[str] = COLOURS

    def colour(self, index: int) -> str:
        return self.colours[index % len(self.colours)]


def bullet(measured: Measured, write: Write) -> SafeString:
    """A bar against its target, for a row of a table or a tile; a small tick marks the pace.

    The bar stops at the edge, the figure beside it does not. Without a target above zero there is nothing
    to compare with and nothing is drawn.
    """
    target = measured.target or 0
    if target <= 0:
        return SafeString("")
    width, reach = 112, max(target * 5 // 4, target + 1)
    return format_html(
        '<svg class="bullet" viewBox="0 0 {width} 12" preserveAspectRatio="none" '
        'role="img" aria-label="{words}">'
        '<rect class="track" width="{goal}" height="8" y="2" rx="2"/>'
        '<rect class="bar {kind}" width="{size}" height="8" y="2" rx="2"/>{pace}'
        '<rect class="pace" x="{goal}" width="2" height="12"/></svg>',
        width=width,
        words=_said(measured, target, write),
        goal=tenths(target * width * 10 // reach),
        kind=_kind(measured, target),
        size=tenths(min(abs(measured.actual), reach) * width * 10 // reach),
        pace=_pace(measured.pace, reach, width),
    )


def fall(
    before: int, after: int, levels: Sequence[int], *, is_level: bool = False, is_good: bool = False
) -> SafeString:
    """A bar of a waterfall in a row of a table, from the level before a step to the one after it.

    `levels`: all that the waterfall passes; `is_level`: a bar from zero, such as its start and its end; `is_good`: a
    step down that is good all the same. The figure stands beside it, so screen readers pass the drawing over.
    """
    low, high = min(0, *levels), max(0, *levels)
    reach = max(high - low, 1)
    left, right = sorted((before, after))
    start = (left - low) * 10_000 // reach
    size = max((right - low) * 10_000 // reach - start, 20)
    return format_html(
        '<svg class="bullet fall" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar {}" x="{}" y="1" width="{}" height="10"/></svg>',
        "" if is_level else "minus" if after < before and not is_good else "done",
        tenths(start),
        tenths(size),
    )


def interval(low: float, mean: float, high: float) -> SafeString:
    """A range between 0 and 1 in a row of a table, with a mark where it most likely is.

    The figures stand beside it, so screen readers pass the drawing over.
    """
    left, middle, right = (round(share * 1000) for share in (low, mean, high))
    return format_html(
        '<svg class="bullet fall" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="1000" height="8" y="2" rx="2"/>'
        '<rect class="bar" x="{}" y="2" width="{}" height="8"/>'
        '<rect class="pace" x="{}" width="8" height="12"/></svg>',
        left,
        max(right - left, 8),
        max(middle - 4, 0),
    )


def stacked(
    title: str,
    summary: str,
    series: Sequence[str],
    bars: Sequence[Bar],
    write: Write,
    axis: Write | None = None,
    colours: Sequence[str] = COLOURS,
) -> Chart:
    """Bars of several parts with a line where each one's target is; negative parts hang below zero.

    `colours`: the class of each series, where its colour says whether it is good or bad.
    """
    words = _Words(title, summary, write, axis or write, colours)
    marks = [Mark(_square(words.colour(index)), name) for index, name in enumerate(series)]
    return Chart(
        title=title,
        summary=summary,
        columns=[_("Period"), *series, _("Total"), _("Target")],
        rows=[
            [bar.label, *map(write, bar.parts), write(sum(bar.parts)), _or_dash(bar.target, write)]
            for bar in bars
        ],
        wide=_stacks(words, series, bars, WIDE),
        narrow=_stacks(words, series, bars, NARROW),
        legend=[*marks, Mark(_stroke("target"), _("Target"))],
    )


def _stacks(words: _Words, series: Sequence[str], bars: Sequence[Bar], width: int) -> SafeString:
    highs = [sum(part for part in bar.parts if part > 0) for bar in bars]
    lows = [sum(part for part in bar.parts if part < 0) for bar in bars]
    room = frame([*highs, *lows, *(bar.target or 0 for bar in bars)], words.axis, width)
    drawn = [_stack(room, bar, series, words, room.slot(index, len(bars))) for index, bar in enumerate(bars)]
    parts = [grid(room), *drawn, names(room, [bar.label for bar in bars])]
    return picture(words.title, words.summary, (width, HEIGHT), parts)


def _stack(room: Frame, bar: Bar, series: Sequence[str], words: _Words, slot: tuple[int, int]) -> SafeString:
    size = min(slot[1] * 6 // 10, 560)
    left = slot[0] + (slot[1] - size) // 2
    up, down = 0, 0
    pieces = []
    for index, (name, part) in enumerate(zip(series, bar.parts, strict=True)):
        base = up if part >= 0 else down
        up, down = (up + part, down) if part >= 0 else (up, down + part)
        spread = (room.y(max(base, base + part)), room.y(min(base, base + part)))
        said = f"{bar.label}, {name}: {words.write(part)}"
        pieces.append(_piece(words.colour(index), (left, size), spread, said))
    if bar.target is not None:
        said = f"{bar.label}, {_('Target')}: {words.write(bar.target)}"
        pieces.append(level("target", room.y(bar.target), left - 60, left + size + 60, said))
    return joined(pieces)


def _piece(colour: str, across: tuple[int, int], spread: tuple[int, int], words: str) -> SafeString:
    return format_html(
        '<rect class="seg {}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        colour,
        tenths(across[0]),
        tenths(spread[0]),
        tenths(across[1]),
        tenths(spread[1] - spread[0]),
        words,
    )


def _pace(value: int | None, reach: int, width: int) -> SafeString:
    if value is None or value <= 0:
        return SafeString("")
    x = tenths(min(value, reach) * width * 10 // reach)
    return format_html('<rect class="pace" x="{}" y="4" width="2" height="4"/>', x)


def _kind(measured: Measured, target: int) -> str:
    if measured.actual < 0:
        return "minus"
    return "done" if target * measured.done_at <= measured.actual * 100 else ""


def _square(kind: str) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 12 12" aria-hidden="true"><rect class="{}" width="12" height="12" rx="2"/></svg>',
        kind,
    )


def _stroke(kind: str) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 12 12" aria-hidden="true"><line class="{}" x1="0" x2="12" y1="6" y2="6"/></svg>',
        kind,
    )


def _said(measured: Measured, target: int, write: Write) -> str:
    parts = [f"{measured.label}: {write(measured.actual)}", f"{_('Target')} {write(target)}"]
    if measured.pace is not None:
        parts.append(f"{_('Pace')} {write(measured.pace)}")
    return ", ".join(parts)


def _or_dash(value: int | None, write: Write) -> str:
    return _DASH if value is None else write(value)
