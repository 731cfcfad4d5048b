"""The ways of looking at deals: as a table, a board, a calendar and a worklist, with the same filters and views."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from common.calendars import month_of
from common.http import address_of
from common.segments import Segment
from common.selectors import today
from common.transaction import reach
from pipeline.forms.filters import CALENDAR, NAMES, FilterForm, with_own
from pipeline.selectors.opportunities import led_by

MOMENT = ("after", "open", "folded", "month", "day")
"""What an address says of where its reader just is."""
USUAL = ("state", "open")
"""What a form of filters sends along, and nobody asked for."""
KEPT = {
    "opportunity_list": NAMES,
    "opportunity_board": tuple(name for name in NAMES if name not in ("state", "stage")),
    "opportunity_calendar": CALENDAR,
    "worklist": ("owner",),
}
"""The filters that each of them knows, besides those by own fields."""


def tabs_of(here: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """The four of them, each with what the address asks for and it knows; `here` is marked."""
    labels = {
        "opportunity_list": _("Table"),
        "opportunity_board": _("Board"),
        "opportunity_calendar": _("Calendar"),
        "worklist": _("Worklist"),
    }
    return [
        {
            "label": labels[name],
            "url": address_of(reverse(name), {key: query.get(key) for key in with_own(kept)}).rstrip("?"),
            "active": name == here,
        }
        for name, kept in KEPT.items()
    ]


def chips_of(request: HttpRequest, filters: FilterForm) -> list[dict[str, Any]]:
    """Each filter that is set, in words, and the address without it."""
    return [
        {"label": label, "value": value, "url": _without(request, name)}
        for name, label, value in filters.set_now()
    ]


def _without(request: HttpRequest, name: str) -> str:
    """The page without one filter; without any at all it is the plain page, and not again the view that was open."""
    asked = {key: str(value) for key, value in request.GET.items() if value}
    kept = {
        key: value for key, value in asked.items() if key not in (name, *MOMENT) and (key, value) != USUAL
    }
    return address_of(request.path, kept) if set(kept) - {"view"} else plain_url(request)


def plain_url(request: HttpRequest) -> str:
    """The page as nobody filtered it, also where its reader's usual view opens with it."""
    menu = getattr(request, "saved_views", None)
    return menu.plain_url if menu else request.path


def ready_views(request: HttpRequest, here: str, query: Mapping[str, str]) -> dict[str, list[Segment]]:
    """The views that everybody finds without making them: `whose` deals, and which of these (`ready`)."""
    known = with_own(KEPT[here])
    asked = {name: value for name, value in query.items() if name in known and (name, value) != USUAL}
    shown = {name: value for name, value in query.items() if name not in (*known, *MOMENT)}
    owner, rest = asked.get("owner"), {name: value for name, value in asked.items() if name != "owner"}
    me = str(reach().user_id)

    def link(label: str, filters: Mapping[str, Any], *, active: bool) -> Segment:
        values = {**filters, **shown}
        url = address_of(reverse(here), values) if any(values.values()) else plain_url(request)
        return {"label": label, "url": url, "active": active}

    whose = [
        link(_("Mine"), {**rest, "owner": me}, active=owner == me),
        link(_scope(), rest, active=owner is None),
    ]
    ready = [
        link(label, {**filters, "owner": owner}, active=rest == filters)
        for label, filters in _ready(owner == me)
        if filters.keys() <= set(known)
    ]
    return {"whose": whose, "ready": ready}


def _scope() -> str:
    """All whose deals the reader sees."""
    mine = reach()
    if "org" in mine.relations("opportunity"):
        return _("Everybody's")
    return _("My team's") if len(led_by(mine)) > 1 else _("All")


def _ready(is_mine: bool) -> list[tuple[str, dict[str, str]]]:
    """What the views are called, and which filters they are."""
    month = month_of(today())
    return [
        (_("My open deals") if is_mine else _("Open deals"), {}),
        (_("Closing this month"), {"from": today().isoformat(), "to": month.last_day.isoformat()}),
        (_("Overdue"), {"attention": "overdue"}),
        (_("No next step"), {"attention": "no_next_step"}),
        (_("Stalled"), {"attention": "stalled"}),
    ]
