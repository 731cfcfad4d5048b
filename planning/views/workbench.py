"""The territory workbench: the tree of a day as a table, opened to any level, searched, and moved about in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from common.access import found, seen
from common.definitions import named
from common.http import BadQuery, a_day, chosen, may, strict_query, whole
from common.locale import UNDEFINED, format_money, format_number, format_percent
from common.models import Period
from common.selectors import the_organisation, today
from common.transaction import reach
from planning.selectors import workbench as selectors
from planning.selectors.workbench import Question, Row, Workbench
from quotas.rules import RolledUp, over_assignment
from quotas.selectors.doubled import quota_notes
from territories.models import Seat, Territory

QUERY = ("on", "open", "q", "kind", "vacant", "empty", "below")
SWITCH = ("", "1")


@require_safe
@may("territory", "list")
def territory_workbench(request: HttpRequest) -> HttpResponse:
    """Who sells where on a day, and what is there."""
    query = strict_query(request, *QUERY)
    return render(request, "planning/territory_workbench.html", _context(query))


@require_safe
@may("territory", "list")
def territory_workbench_found(request: HttpRequest) -> HttpResponse:
    """The table alone, for the page to put in as somebody types; the address of the page follows."""
    query = strict_query(request, *QUERY)
    answer = render(request, "planning/_workbench_found.html", _context(query))
    answer["HX-Replace-Url"] = _address(query)
    return answer


@require_safe
@may("territory", "list")
def territory_workbench_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows below one territory, for the page to put in."""
    query = strict_query(request, *QUERY)
    question = _question(query)
    below = found(selectors.rows_below(reach(), question, pk))
    context = {
        "lines": _lines(below, question, _closed(question)),
        "hidden": _Hidden(below.rows[0].path[:-1], below.hidden[pk]) if below.hidden else None,
        "may_move": reach().allows("edge", "update"),
        "may_realign": bool(reach().relations("draft", "read")),
    }
    return render(request, "planning/_workbench_rows.html", context)


@require_safe
@may("territory", "list")
def territory_figures_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What lies in a territory today with all below it: the figures of its row; a panel of its pages."""
    strict_query(request)
    question = Question(today())
    bench = found(selectors.row_of(reach(), question, pk))
    writer = _Writer(bench, question)
    line = writer.line(bench.rows[0])
    context = {
        "row": line.row,
        "below": bench.below,
        "cells": zip(_figures(bench), line.cells, strict=True),
        "branch": f"{reverse('territory_tree')}?below={pk}",
        "bench": f"{writer.home}{writer.opened(line.row.path[:-1])}#t{pk}",
    }
    return render(request, "planning/territory_figures_panel.html", context)


def _figures(bench: Workbench) -> list[str]:
    """What the figures of a row are called."""
    quarter = bench.quarter.code if bench.quarter else ""
    return [_("Accounts"), f"{_('Quota')} {quarter}".strip(), _("Open pipeline")]


@require_safe
@may("edge", "update")
def territory_workbench_acts(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be done with one territory: the menu of its row."""
    query = strict_query(request, "on")
    day = a_day(query, "on") or today()
    territory: Territory = seen(Territory.objects.all(), reach(), pk)
    seats = (
        Seat.objects.on(day).filter(territory=territory).select_related("user").order_by("kind", "user__name")
    )
    back = _back(request, day)
    closed = selectors.closed_until(day)
    is_offered = not (territory.is_unassigned or closed)
    context = {
        "territory": territory,
        "back": back,
        "acts": _acts(territory, seats, day, back) if is_offered else [],
        "closed": closed,
        "day": day,
        "is_today": day == today(),
    }
    return render(request, "planning/territory_workbench_acts.html", context)


class Act(NamedTuple):
    """One line of the menu."""

    url: str
    label: str
    icon: str


def _acts(territory: Territory, seats: Iterable[Seat], day: date, back: str) -> list[Act]:
    """What can be done with a territory, each at its address, which says the day that is shown where it is not today;
    a form that can leads back here.
    """
    pk, on = territory.pk, {} if day == today() else {"on": day.isoformat()}
    over = _("Hand over the seat of %(name)s")

    def address(name: str, *args: int, **query: Any) -> str:
        asked = urlencode({**query, **on})
        return reverse(name, args=args) + (f"?{asked}" if asked else "")

    return [
        Act(address("territory_move", pk, back=back), _("Move"), "move"),
        Act(address("territory_rename", pk, back=back), _("Rename"), "pencil"),
        Act(address("seat_create", territory=pk), _("Seat a person"), "user-plus"),
        *(
            Act(address("seat_hand_over", seat.pk), over % {"name": seat.user.name}, "user-check")
            for seat in seats
        ),
        Act(address("territory_create", parent=pk), _("New territory below it"), "plus"),
        Act(address("territory_split", pk, back=back), _("Split"), "split"),
        Act(address("territory_merge", pk, back=back), _("Merge into another"), "merge"),
        Act(address("territory_retire", pk, back=back), _("Retire"), "archive"),
    ]


def _context(query: dict[str, str]) -> dict[str, Any]:
    question = _question(query)
    bench = selectors.workbench(reach(), question)
    closed = _closed(question)
    lines = _lines(bench, question, closed)
    return {
        "question": question,
        "today": today(),
        "bench": bench,
        "lines": lines,
        "has_shared": any(cell.notes for line in lines for cell in line.cells),
        "kinds": Territory.Kind.choices,
        "may_move": reach().allows("edge", "update"),
        "may_realign": bool(reach().relations("draft", "read")),
        "is_today": question.on == today(),
        "closed": closed,
        "branch": Territory.objects.filter(pk=question.below).first() if question.below else None,
        "metrics": named("quota", "assigned-quota", "rolled-up-quota", "over-assignment"),
    }


def _closed(question: Question) -> Period | None:
    """What is closed, so that no act begins on the day that is shown; of no matter for who does none."""
    return selectors.closed_until(question.on) if reach().allows("edge", "update") else None


def _question(query: dict[str, str]) -> Question:
    return Question(
        on=a_day(query, "on") or today(),
        opened=_opened(query),
        text=query.get("q", "").strip(),
        kind=chosen(query, "kind", ["", *Territory.Kind.values], ""),
        is_vacant=bool(chosen(query, "vacant", SWITCH, "")),
        is_empty=bool(chosen(query, "empty", SWITCH, "")),
        below=whole(query, "below"),
    )


def _opened(query: dict[str, str]) -> frozenset[int] | None:
    """The territories that stand open; None where the address does not say."""
    if "open" not in query:
        return None
    try:
        parts = [] if query["open"] == "none" else query["open"].split(",")
        return frozenset(whole({"open": part}, "open") or 0 for part in parts)
    except BadQuery:
        raise BadQuery(_("open is a list of territories, such as 4,7, or none."), path="open") from None


def _address(query: Mapping[str, str]) -> str:
    """The page itself with these filters."""
    asked = urlencode(query, safe=",")
    return reverse("territory_workbench") + (f"?{asked}" if asked else "")


def _back(request: HttpRequest, day: date) -> str:
    """The workbench as it stands behind the menu; else the one of that day."""
    home, lies = reverse("territory_workbench"), request.headers.get("HX-Current-URL", "")
    _site, sign, asked = lies.partition(f"{home}?")
    return home + (f"?{asked}" if sign else "" if day == today() else f"?on={day.isoformat()}")


class Cell(NamedTuple):
    """A figure with the address of what makes it; below it, small, what lies in the territory alone, a mark, notes."""

    text: str
    url: str = ""
    small: str = ""
    small_url: str = ""
    mark: str = ""
    notes: Sequence[str] = ()


class _Hidden:
    """How many more territories lie below one than are listed."""

    def __init__(self, above: tuple[int, ...], number: int) -> None:
        self.path, self.level, self.number = "/".join(map(str, (*above, "more"))), len(above), number


@dataclass
class Line:
    """A row of the table with its cells, and the addresses that open it and what can be done with it."""

    row: Row
    path: str
    below: str
    url: str
    cells: list[Cell]
    toggle: str = ""
    children: str = ""
    toggles: str = ""
    acts: str = ""
    acts_on: str = ""
    move: str = ""
    vacant: str = ""
    vacant_url: str = ""
    tree: str = ""
    hidden: _Hidden | None = None


class _Writer:
    """Writes rows; what all of them share is found once."""

    def __init__(self, bench: Workbench, question: Question, closed: Period | None = None) -> None:
        self.bench, self.question = bench, question
        self.may_move = reach().allows("edge", "update")
        self.closed = closed
        self.currency = the_organisation().reporting_currency
        nodes = [row.node for row in bench.rows]
        self.notes = quota_notes(bench.quarter, nodes) if bench.quarter else {}
        self.day = {} if question.on == today() else {"on": question.on.isoformat()}
        self.on = f"?{urlencode(self.day)}" if self.day else ""
        self.kinds = {kind.value: str(kind.label) for kind in Territory.Kind}
        self.toggles, self.acts_on = _("What lies below %(name)s"), _("What to do with %(name)s")
        self.here = _("%(figure)s here")
        self.home, self.accounts = reverse("territory_workbench"), reverse("account_list")
        self.deals, self.team = reverse("opportunity_list"), reverse("team_attainment")
        self.detail, self.move = (reverse(name, args=[0]) for name in ("territory_detail", "territory_move"))

    def line(self, row: Row) -> Line:
        cells = [self._accounts(row), self._quota(row), self._pipeline(row)]
        small = f"{self.kinds[row.kind]} · {row.code}"
        line = Line(row, "/".join(map(str, row.path)), small, _of(self.detail, row), cells)
        if self.may_move and not row.is_unassigned:
            line.acts, line.acts_on = (
                f"{self.home}{row.node}/acts/{self.on}",
                self.acts_on % {"name": row.name},
            )
            line.move = "" if self.closed else f"{_of(self.move, row)}{self.on}"
        if row.vacant_below:
            words = ngettext("%(number)s vacant below", "%(number)s vacant below", row.vacant_below)
            line.vacant = words % {"number": format_number(row.vacant_below)}
            line.vacant_url = f"{self.home}?{urlencode({**self.day, 'vacant': 1, 'below': row.node})}"
        if row.above:
            line.tree = f"{self.opened(row.path)}#t{row.node}"
        if row.has_below and not self.question.is_search:
            line.toggle = self.opened(row.path[:-1] if row.is_open else row.path)
            line.children = f"{self.home}{row.node}/rows/{self.on}"
            line.toggles = self.toggles % {"name": row.name}
        if number := self.bench.hidden.get(row.node):
            line.hidden = _Hidden(row.path, number)
        return line

    def opened(self, path: tuple[int, ...]) -> str:
        return "?" + urlencode({**self.day, "open": ",".join(map(str, path)) or "none"}, safe=",")

    def _cell(self, address: str, row: Row, figures: Iterable[int], write: Callable[[int], str]) -> Cell:
        """What lies in a territory with all below it, and in itself where both are not the same; each with its list."""
        below, own = figures
        lists = [
            f"{address}?{place}={row.node}{self.on.replace('?', '&')}" for place in ("within", "territory")
        ]
        cell = Cell(write(below), lists[0 if row.has_below else 1] if below else "")
        if not own or not row.has_below:
            return cell
        return cell._replace(small=self.here % {"figure": write(own)}, small_url=lists[1])

    def _accounts(self, row: Row) -> Cell:
        return self._cell(self.accounts, row, (row.accounts_below, row.accounts), format_number)

    def _pipeline(self, row: Row) -> Cell:
        if row.pipeline_below is None or row.pipeline is None:
            return Cell(UNDEFINED)
        figures = row.pipeline_below, row.pipeline
        return self._cell(self.deals, row, figures, lambda minor: format_money(minor, self.currency))

    def _quota(self, row: Row) -> Cell:
        quarter, amount, notes = self.bench.quarter, row.quota.counted, self.notes.get(row.node, ())
        if quarter is None or amount is None:
            return Cell(UNDEFINED, notes=notes)
        opened = urlencode({"period": quarter.code, "open": ",".join(map(str, row.path))}, safe=",")
        cell = Cell(format_money(amount, self.currency), f"{self.team}?{opened}", notes=notes)
        return cell._replace(**self._rolled_up(row.quota))

    def _rolled_up(self, quota: RolledUp) -> dict[str, str]:
        """What the quotas directly below come to where it is another amount, and by how much it is more or less."""
        if quota.assigned is None:
            return {"small": _("rolled up")}
        if quota.rolled_up is None or quota.rolled_up == quota.assigned:
            return {}
        small = {
            "small": _("rolled up %(amount)s") % {"amount": format_money(quota.rolled_up, self.currency)}
        }
        over = over_assignment(quota.rolled_up, quota.assigned)
        if over is None:
            return small
        words = _("%(over)s over-assigned") if over > 0 else _("%(over)s under-assigned")
        return {**small, "mark": words % {"over": format_percent(abs(over))}}


def _of(address: str, row: Row) -> str:
    """The address of a row's own page, out of that of a territory with the number 0."""
    return address.replace("/0/", f"/{row.node}/")


def _lines(bench: Workbench, question: Question, closed: Period | None) -> list[Line]:
    writer = _Writer(bench, question, closed)
    return [writer.line(row) for row in bench.rows]
