"""The frame of every page: the navigation of a role, and the banner that says when the night did not come."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.access import Reach
from common.transaction import reach

STAFF = ("rep", "manager", "director", "admin", "executive")
LEADS = ("manager", "director", "admin", "executive")
ENTRIES: list[tuple[StrOrPromise, str, str, tuple[str, ...]]] = [
    (_("Home"), "home", "house", (*STAFF, "coordinator")),
    (_("Opportunities"), "opportunity_list", "list", (*STAFF, "coordinator")),
    (_("Board"), "opportunity_board", "columns-3", STAFF),
    (_("Accounts"), "account_list", "building-2", (*STAFF, "coordinator")),
    (_("Orders"), "order_list", "file-check", (*STAFF, "coordinator")),
    (_("Team attainment"), "team_attainment", "gauge", LEADS),
    (_("My attainment"), "my_attainment", "target", ("rep", "manager", "director")),
    (_("Forecast call"), "submission_list", "megaphone", ("rep", "manager", "director")),
    (_("Forecast accuracy"), "forecast_accuracy", "crosshair", STAFF),
    (_("Quotas"), "quota_list", "flag", ("director", "admin", "executive")),
    (_("Territories"), "territory_tree", "network", (*STAFF, "coordinator")),
    (_("People"), "person_list", "users", ("admin",)),
    (_("Catalogue"), "product_list", "package", ("admin",)),
    (_("Calendar and rates"), "calendar", "calendar-days", ("admin",)),
    (_("Runs"), "run_list", "moon", ("admin", "executive")),
]


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    label: StrOrPromise
    url: str
    icon: str
    active: bool


def entries(request: HttpRequest) -> list[Entry]:
    """The pages of this reader's roles, the current one marked."""
    if not request.user.is_authenticated:
        return []
    return [entry for entry in (_entry(request, reach(), *row) for row in ENTRIES) if entry]


def _entry(
    request: HttpRequest, mine: Reach, label: StrOrPromise, name: str, icon: str, roles: tuple[str, ...]
) -> Entry | None:
    if not mine.has_role(*roles):
        return None
    url = reverse(name)
    return Entry(label, url, icon, request.path == url or (url != "/" and request.path.startswith(url)))


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {"nav": entries(request)}
