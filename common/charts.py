"""Charts drawn as SVG without a script: sizes are attributes, colours are classes of the stylesheet.

Every chart has a title that says the finding, a summary in words and the table of its figures. It is drawn
twice, for a wide and a narrow box, because text in an SVG shrinks with it. Values are whole numbers; the
caller says how one is written, and how on an axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.axes import HEIGHT, NARROW, WIDE, Frame, Write, frame, grid, joined, level, names, picture, tenths

_SERIES = 6
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
class Point:
    """One place on a line; low and high are the edges of its band, None where nothing is known."""

    label: str
    value: int | None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Measured:
    """One figure against its target and, where there is one, against the pace to this day."""

    label: str
    actual: int
    target: int | None
    pace: int | None = None


@dataclass(frozen=True)
class _Words:
    """What a drawing says: its finding, its summary, and how figures are written in it."""

    title: str
    summary: str
    write: Write
    axis: Write


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
        words=_said(measured, write),
        goal=tenths(target * width * 10 // reach),
        kind=_kind(measured),
        size=tenths(min(abs(measured.actual), reach) * width * 10 // reach),
        pace=_pace(measured.pace, reach, width, 4, 4),
    )


def bullets(title: str, summary: str, rows: Sequence[Measured], write: Write) -> Chart:
    """Several figures, each against its own target, one under the other."""
    words = _Words(title, summary, write, write)
    return Chart(
        title=title,
        summary=summary,
        columns=[_("Name"), _("Actual"), _("Target"), _("Pace")],
        rows=[
            [row.label, write(row.actual), _or_dash(row.target, write), _or_dash(row.pace, write)]
            for row in rows
        ],
        wide=_bullet_rows(words, rows, WIDE),
        narrow=_bullet_rows(words, rows, NARROW),
    )


def stacked(
    title: str,
    summary: str,
    series: Sequence[str],
    bars: Sequence[Bar],
    write: Write,
    axis: Write | None = None,
) -> Chart:
    """Bars of several parts with a line where each one's target is; negative parts hang below zero."""
    words = _Words(title, summary, write, axis or write)
    marks = [Mark(_square(f"f{index % _SERIES + 1}"), name) for index, name in enumerate(series)]
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


def band(
    title: str,
    summary: str,
    points: Sequence[Point],
    write: Write,
    axis: Write | None = None,
    target: int | None = None,
) -> Chart:
    """A line over time inside the band it may end in, with the target as a level line where there is one."""
    words = _Words(title, summary, write, axis or write)
    goal = [Mark(_stroke("target"), _("Target"))] if target is not None else []
    return Chart(
        title=title,
        summary=summary,
        columns=[_("Period"), _("Value"), _("Low"), _("High")],
        rows=[
            [one.label, *(_or_dash(value, write) for value in (one.value, one.low, one.high))]
            for one in points
        ],
        wide=_band(words, points, target, WIDE),
        narrow=_band(words, points, target, NARROW),
        legend=[Mark(_stroke("line-1"), _("Value")), Mark(_square("band"), _("Range")), *goal],
    )


def spark(values: Sequence[int], label: str) -> SafeString:
    """A line without axes for a row of a table; its label says what it shows in words."""
    if not values:
        return SafeString("")
    low, high = min(values), max(values)
    rise, steps = max(high - low, 1), max(len(values) - 1, 1)
    places = [
        (tenths(20 + index * 920 // steps), tenths(20 + (high - value) * 200 // rise))
        for index, value in enumerate(values)
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 96 24" role="img" aria-label="{}">'
        '<polyline class="line-1" points="{}"/><circle class="f1" cx="{}" cy="{}" r="2.5"/></svg>',
        label,
        " ".join(f"{x},{y}" for x, y in places),
        *places[-1],
    )


def _stacks(words: _Words, series: Sequence[str], bars: Sequence[Bar], width: int) -> SafeString:
    highs = [sum(part for part in bar.parts if part > 0) for bar in bars]
    lows = [sum(part for part in bar.parts if part < 0) for bar in bars]
    room = frame([*highs, *lows, *(bar.target or 0 for bar in bars)], words.axis, width)
    drawn = [
        _stack(room, bar, series, words.write, room.slot(index, len(bars))) for index, bar in enumerate(bars)
    ]
    parts = [grid(room), *drawn, names(room, [bar.label for bar in bars])]
    return picture(words.title, words.summary, (width, HEIGHT), parts)


def _stack(room: Frame, bar: Bar, series: Sequence[str], write: Write, slot: tuple[int, int]) -> SafeString:
    size = min(slot[1] * 6 // 10, 560)
    left = slot[0] + (slot[1] - size) // 2
    up, down = 0, 0
    pieces = []
    for index, (name, part) in enumerate(zip(series, bar.parts, strict=True)):
        base = up if part >= 0 else down
        up, down = (up + part, down) if part >= 0 else (up, down + part)
        spread = (room.y(max(base, base + part)), room.y(min(base, base + part)))
        pieces.append(_piece(index, (left, size), spread, f"{bar.label}, {name}: {write(part)}"))
    if bar.target is not None:
        said = f"{bar.label}, {_('Target')}: {write(bar.target)}"
        pieces.append(level("target", room.y(bar.target), left - 60, left + size + 60, said))
    return joined(pieces)


def _piece(index: int, across: tuple[int, int], spread: tuple[int, int], words: str) -> SafeString:
    return format_html(
        '<rect class="seg f{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        index % _SERIES + 1,
        tenths(across[0]),
        tenths(spread[0]),
        tenths(across[1]),
        tenths(spread[1] - spread[0]),
        words,
    )


def _band(words: _Words, points: Sequence[Point], target: int | None, width: int) -> SafeString:
    known = [value for one in points for value in (one.value, one.low, one.high) if value is not None]
    room = frame([*known, target or 0], words.axis, width)
    slots = [room.slot(index, len(points)) for index in range(len(points))]
    places = [(start + size // 2, one) for (start, size), one in zip(slots, points, strict=True)]
    parts = [
        grid(room),
        _range(room, places),
        _path(room, places, words.write),
        names(room, [p.label for p in points]),
    ]
    if target is not None:
        parts.append(level("target", room.y(target), *room.edges, f"{_('Target')}: {words.write(target)}"))
    return picture(words.title, words.summary, (width, HEIGHT), parts)


def _range(room: Frame, places: Sequence[tuple[int, Point]]) -> SafeString:
    known = [(x, one.low, one.high) for x, one in places if one.low is not None and one.high is not None]
    upper = [f"{tenths(x)},{tenths(room.y(high))}" for x, _low, high in known]
    lower = [f"{tenths(x)},{tenths(room.y(low))}" for x, low, _high in reversed(known)]
    return format_html('<polygon class="band" points="{}"/>', " ".join([*upper, *lower]))


def _path(room: Frame, places: Sequence[tuple[int, Point]], write: Write) -> SafeString:
    """Lines between neighbours that both have a value: a gap in the figures stays a gap."""
    lines = format_html_join(
        "",
        '<line class="line-1" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        (
            (tenths(x), tenths(room.y(one.value)), tenths(further), tenths(room.y(following.value)))
            for (x, one), (further, following) in pairwise(places)
            if one.value is not None and following.value is not None
        ),
    )
    dots = format_html_join(
        "",
        '<circle class="dot-1" cx="{}" cy="{}" r="3.5"><title>{}: {}</title></circle>',
        (
            (tenths(x), tenths(room.y(one.value)), one.label, write(one.value))
            for x, one in places
            if one.value is not None
        ),
    )
    return joined([lines, dots])


def _bullet_rows(words: _Words, rows: Sequence[Measured], width: int) -> SafeString:
    reach = max([1, *(abs(row.actual) for row in rows), *(row.target or 0 for row in rows)]) * 21 // 20 + 1
    drawn = [_bullet_row(row, words.write, (index * 44, width - 4), reach) for index, row in enumerate(rows)]
    return picture(words.title, words.summary, (width, max(len(rows), 1) * 44), drawn)


def _bullet_row(row: Measured, write: Write, place: tuple[int, int], reach: int) -> SafeString:
    top, room = place
    goal = max(row.target or 0, 0)
    return format_html(
        '<g class="bullet"><title>{words}</title><text x="0" y="{text}">{label}</text>'
        '<text x="{room}" y="{text}" text-anchor="end">{figure}</text>'
        '<rect class="track" y="{bar}" width="{goal}" height="12" rx="2"/>'
        '<rect class="bar {kind}" y="{bar}" width="{size}" height="12" rx="2"/>{pace}{target}</g>',
        words=_said(row, write),
        text=top + 14,
        label=row.label,
        room=room,
        figure=write(row.actual),
        bar=top + 22,
        goal=tenths(goal * room * 10 // reach),
        kind=_kind(row),
        size=tenths(abs(row.actual) * room * 10 // reach),
        pace=_pace(row.pace, reach, room, top + 25, 6),
        target=_pace(row.target, reach, room, top + 20, 16),
    )


def _pace(value: int | None, reach: int, width: int, top: int, height: int) -> SafeString:
    if value is None or value <= 0:
        return SafeString("")
    x = tenths(min(value, reach) * width * 10 // reach)
    return format_html('<rect class="pace" x="{}" y="{}" width="2" height="{}"/>', x, top, height)


def _kind(measured: Measured) -> str:
    if measured.actual < 0:
        return "minus"
    return "done" if measured.target is not None and 0 < measured.target <= measured.actual else ""


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


def _said(measured: Measured, write: Write) -> str:
    parts = [f"{measured.label}: {write(measured.actual)}"]
    if measured.target is not None:
        parts.append(f"{_('Target')} {write(measured.target)}")
    if measured.pace is not None:
        parts.append(f"{_('Pace')} {write(measured.pace)}")
    return ", ".join(parts)


def _or_dash(value: int | None, write: Write) -> str:
    return _DASH if value is None else write(value)
