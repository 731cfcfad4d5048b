"""Coverage reports: gaps and overlaps by day, and who held what when; each also as a file."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.selectors import named
from common.access import found, seen
from common.calendars import Span
from common.http import (
    BadQuery,
    a_day,
    address_of,
    chosen,
    csv_file,
    may,
    page_by_key,
    person_id,
    strict_query,
    whole,
)
from common.pickers import settled
from common.selectors import day_ends_at, policy, today
from common.transaction import reach
from common.written import Cell
from planning.forms.reports import HeldForm
from planning.selectors import coverage, held
from territories.models import Territory, User
from workspace.services.exports import record_export

COVERAGE = ("view", "on", "to", "country", "segment")
HELD = ("person", "territory", "account", "on", "to", "known")
NONE = "-"
"""What an address says of accounts that have no country, or no segment."""
MOST_SHOWN = 200
HELD_HEADS = (
    gettext_lazy("From"), gettext_lazy("To"), gettext_lazy("What"), gettext_lazy("How"), gettext_lazy("Why"),
    gettext_lazy("Recorded by"), gettext_lazy("End recorded by"),
)  # fmt: skip


@require_safe
@may("seat", "list")
def coverage_report(request: HttpRequest) -> HttpResponse:
    """What nobody holds on the days of a window, what two hold, and which accounts that leaves alone."""
    query = strict_query(request, *COVERAGE, "after")
    view, window, sheets = _coverage(query)
    sheet = sheets[view]
    rows, after, more = _part(sheet.rows, query.get("after"))
    context = {
        "query": query,
        "view": view,
        "window": window,
        "sheet": sheet,
        "sheets": sheets,
        "counts": {name: _count(one.rows) for name, one in sheets.items()},
        "lines": [(line.url, list(zip(sheet.heads, line.texts, strict=True))) for line in sheet.told(rows)],
        "after": after,
        "more": more,
        "none": NONE,
        "may_rules": reach().allows("rule", "update"),
    }
    return render(request, "planning/coverage_report.html", context)


@require_safe
@may("seat", "list")
def coverage_csv(request: HttpRequest) -> HttpResponse:
    """The table of the report that is shown, with all of its lines, as a file."""
    query = strict_query(request, *COVERAGE)
    view, window, sheets = _coverage(query)
    return _file("coverage_report", query, f"coverage-{view}-{window.start}", sheets[view].as_rows())


def _file(page: str, query: dict[str, str], name: str, rows: Sequence[Sequence[Cell]]) -> HttpResponse:
    """The heads and lines of a page's table as a file; who took it is kept."""
    asked = address_of("", query).removeprefix("?")
    record_export(by=person_id(), page=page, query=asked, format="csv", rows=len(rows) - 1)
    return csv_file(name, rows)


def _coverage(query: dict[str, str]) -> tuple[str, Span, dict[str, coverage.Sheet]]:
    """Which table of which days an address asks for, and all of them."""
    view = chosen(query, "view", coverage.VIEWS, coverage.SEATS)
    window = _window(query, today(), policy("gaps_ahead_days"))
    country, segment = (_kind(query, name) for name in ("country", "segment"))
    return view, window, coverage.sheets_of(reach(), window, country, segment)


def _kind(query: dict[str, str], name: str) -> str | None:
    value = query.get(name)
    return "" if value == NONE else value


def _window(query: dict[str, str], start: date, days: int) -> Span:
    """The days that a report is about, `on` and `to` among them. Raises BadQuery for a reversed range."""
    first = a_day(query, "on") or start
    last = a_day(query, "to") or first + timedelta(days=days - 1)
    if last < first:
        raise BadQuery(_("The last day comes before the first. Choose a later one."), path="to")
    return Span(first, last + timedelta(days=1))


def _part(rows: Any, after: str | None) -> tuple[Any, str | None, int]:
    """The rows of a page, the key of the next one, and how many a page leaves out that has no next one."""
    if isinstance(rows, QuerySet):
        page = page_by_key(rows, ["name_key", "id"], after)
        return page.rows, page.after, 0
    return rows[:MOST_SHOWN], None, len(rows[MOST_SHOWN:])


def _count(rows: Any) -> int:
    return rows.count() if isinstance(rows, QuerySet) else len(rows)


@require_safe
@may("seat", "list")
def held_report(request: HttpRequest) -> HttpResponse:
    """What a person held on the days of a window, or who held a territory or an account, as known on a day."""
    if address := settled(request, **HeldForm.offers()):
        return redirect(address)
    query = strict_query(request, *HELD)
    subject, lines, window = _held(query)
    context = {
        "query": query,
        "subject": subject,
        "window": window,
        "known": a_day(query, "known"),
        "lines": lines,
        "heads": HELD_HEADS,
        "form": HeldForm(initial=query),
    }
    return render(request, "planning/held_report.html", context)


@require_safe
@may("seat", "list")
def held_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    query = strict_query(request, *HELD)
    _subject, lines, window = _held(query)
    rows: list[list[Cell]] = [[str(head) for head in HELD_HEADS], *(line.cells() for line in lines)]
    return _file("held_report", query, f"held-{window.start}", rows)


def _held(query: dict[str, str]) -> tuple[User | Territory | Account | None, list[held.Held], Span]:
    """Whom or what an address asks about, and the answer. Raises BadQuery where it asks about two at once."""
    year = today().replace(month=1, day=1)
    window = _window(query, year, (date(year.year + 1, 1, 1) - year).days)
    known = a_day(query, "known")
    asked = held.Asked(window, day_ends_at(known) if known else None)
    if len([name for name in HELD[:3] if name in query]) > 1:
        raise BadQuery(_("Choose a person, a territory or an account, one of them."), path="person")
    if pk := whole(query, "person"):
        person: User = found(User.objects.filter(pk=pk).first())
        return person, held.held_by_person(person, asked), window
    if pk := whole(query, "territory"):
        territory: Territory = seen(Territory.objects.all(), reach(), pk)
        return territory, held.held_of_territory(territory, asked), window
    if text := query.get("account"):
        account = _account(text)
        return account, held.held_of_account(reach(), account, asked), window
    return None, [], window


def _account(text: str) -> Account:
    """The account in reach of that number, or of that name where one has it. Raises BadQuery."""
    mine = reach()
    account: Account | None = Account.objects.visible_to(mine).filter(number=text).first()
    names = [] if account else named(mine, text)
    if account is None and len(names) != 1:
        several = _("Several accounts are called %(name)s. Give the number of one.")
        none = _("You see no account with the number or name %(name)s.")
        raise BadQuery((several if names else none) % {"name": text}, path="account")
    return account or Account.objects.get(pk=names[0])
