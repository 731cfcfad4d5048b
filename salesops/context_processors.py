"""The frame of every page: the navigation of a role, and the banner that says when the night did not come."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.selectors import organisation, today
from common.transaction import reach
from quotas.selectors.runs import freshness
from salesops.selectors.navigation import ENTRIES, address_of, is_shown, part_addresses
from territories.selectors import administrators
from workspace.selectors.news import MOST_SHOWN, open_count


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    label: StrOrPromise
    url: str
    icon: str
    active: bool


def entries(request: HttpRequest) -> list[Entry]:
    """The pages that this reader may open; the one whose address fits the request's best is marked."""
    if not request.user.is_authenticated:
        return []
    rows = [(label, address_of(name), icon) for label, name, icon in ENTRIES if is_shown(name, reach())]
    places = part_addresses() | {url: url for _label, url, _icon in rows}
    current = places.get(max((one for one in places if _fits(request.path, one)), key=len, default=""))
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
    """That the last night's figures are missing: bad where there are none at all; None where all is well.

    A set-up that goes on leads to the first night by itself.
    """
    night, company = freshness() if request.user.is_authenticated else None, organisation()
    if night is None or not night.is_late:
        return None
    if night.day is None and company is not None and not company.is_set_up:
        return None
    url = reverse("run_list") if reach().allows("run", "start") else ""
    return Banner("warn" if night.day else "bad", night.warning, url, _("Open the runs"))


def quick_entry(request: HttpRequest) -> str:
    """What `n` opens: a deal, for who opens none an activity, for who only reads nothing."""
    if not request.user.is_authenticated or organisation() is None:
        return ""
    for name, target in (("opportunity", "opportunity_create"), ("activity", "activity_create")):
        if reach().relations(name, "create"):
            return reverse(target)
    return ""


def inbox_count() -> str:
    """How much waits in the reader's inbox, as the frame shows it; empty for nothing. A fragment does not ask."""
    me = reach().user_id
    count = open_count(me, today()) if me else 0
    return "99+" if count > MOST_SHOWN else str(count or "")


def has_no_administrator() -> bool:
    """Whether nobody could sign in as administrator yet; asked by the sign-in page only."""
    return not administrators(today()).exists()


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {
        "nav": entries(request),
        "site_banner": late(request),
        "quick_entry": quick_entry(request),
        "inbox_count": inbox_count,
        "has_no_administrator": has_no_administrator,
    }
