"""The frame of every page: the navigation of a role, and the banner that says when the night did not come."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.transaction import reach
from quotas.selectors import late_banner

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
    """The pages of this reader's roles; the one whose address fits the request's best is marked."""
    if not request.user.is_authenticated:
        return []
    mine = reach()
    rows = [(label, reverse(name), icon) for label, name, icon, roles in ENTRIES if mine.has_role(*roles)]
    current = max((url for _label, url, _icon in rows if _fits(request.path, url)), key=len, default="")
    return [Entry(label, url, icon, url == current) for label, url, icon in rows]


def _fits(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


@dataclass(frozen=True)
class Banner:
    """A sentence above every page; who can do something about it also gets the page where."""

    level: str
    text: str
    url: str
    label: StrOrPromise


def late(request: HttpRequest) -> Banner | None:
    """That the last night's figures are missing: bad where there are none at all; None where all is well."""
    night = late_banner(timezone.now()) if request.user.is_authenticated else None
    if night is None:
        return None
    url = reverse("run_list") if reach().allows("run", "start") else ""
    return Banner("warn" if night.as_of else "bad", night.text, url, _("Open the runs"))


def quick_entry(request: HttpRequest) -> str:
    """What `n` opens: a deal, for who opens none an activity, for who only reads nothing."""
    if not request.user.is_authenticated:
        return ""
    for name, target in (("opportunity", "opportunity_create"), ("activity", "activity_create")):
        if reach().relations(name, "create"):
            return reverse(target)
    return ""


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {"nav": entries(request), "site_banner": late(request), "quick_entry": quick_entry(request)}
