"""What the pages of insight share: their tabs, what they are asked, and the deals behind a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from common.http import Page, chosen
from common.locale import UNDEFINED, format_number, format_percent
from common.pickers import settled
from common.segments import Segment, segments
from common.selectors import the_organisation
from common.slots import slot_urls
from pipeline.forms.insight import DAYS, PLACE
from pipeline.rules.rates import Likely
from pipeline.selectors.insight import BY, newest_page
from pipeline.selectors.offers import Holders
from territories.selectors.offers import Led

PAGES: dict[str, StrOrPromise] = {
    "pipeline_funnel": gettext_lazy("Funnel"),
    "win_rates": gettext_lazy("Win rates"),
    "hygiene": gettext_lazy("Hygiene"),
    "pipeline_generation": gettext_lazy("Generation"),
    "date_reliability": gettext_lazy("Dates kept"),
}
ABOVE: dict[str, StrOrPromise] = {
    "insight.attach": gettext_lazy("Attach rate"),
}
"""Pages of apps above, by the slot that names them."""
LIST = ("by", "show", "key", "after")


def insight_tabs(query: Mapping[str, str], active: str) -> list[Segment]:
    """The pages of insight; days, territory and owner go along from one to the other."""
    kept = {name: query[name] for name in (*DAYS, *PLACE) if name in query}
    ours = [(reverse(name), label, name == active) for name, label in PAGES.items()]
    theirs = [(url, label, url == active) for slot, label in ABOVE.items() for url in slot_urls(slot)]
    return [
        {"label": label, "url": f"{url}?{urlencode(kept)}" if kept else url, "active": is_active}
        for url, label, is_active in (*ours, *theirs)
    ]


def typed_in(request: HttpRequest) -> str:
    """Where a browser without scripts sent what was typed into the filters: the address with their keys."""
    return settled(request, within=Led(), owner=Holders())


def by_segments(query: Mapping[str, str], by: str, labels: Mapping[str, StrOrPromise] = BY) -> list[Segment]:
    """What the lines are told apart by."""
    return without_list(query, "by", labels, by)


def without_list(
    query: Mapping[str, str], name: str, labels: Mapping[str, StrOrPromise], active: str
) -> list[Segment]:
    """Links that choose another value of a filter, and close the list behind a figure."""
    kept = {key: value for key, value in query.items() if key not in ("show", "key", "stage", "rank")}
    return segments(kept, name, labels, active)


def by_of(query: dict[str, str]) -> str:
    """What the address tells the lines apart by; owners unless it says otherwise. Raises BadQuery."""
    return chosen(query, "by", tuple(BY), "owner")


@dataclass(frozen=True)
class Behind:
    """The deals behind a figure: what the figure is called, how many they are and what they come to."""

    name: str
    deals: int
    minor: int | None
    page: Page[Any]


def behind(name: str, deals: int, minor: int | None, rows: QuerySet[Any], after: str | None) -> Behind:
    """A page of the deals behind a figure."""
    return Behind(name, deals, minor, newest_page(rows, after))


def shown_url(query: Mapping[str, str], show: str, key: str = "") -> str:
    """The page's own address with the deals behind a figure."""
    kept = {name: value for name, value in query.items() if name not in ("show", "key", "after")}
    return f"?{urlencode({**kept, 'show': show, **({'key': key} if key else {})})}#deals"


def in_words(rate: Likely | None) -> str:
    """A likely rate as people say it: 59 % (42–76 %)."""
    if rate is None:
        return UNDEFINED
    low, high = Fraction(rate.low), Fraction(rate.high)
    words = {
        "mean": format_percent(rate.mean, 0),
        "low": format_number(low * 100),
        "high": format_percent(high, 0),
    }
    return _("%(mean)s (%(low)s–%(high)s)") % words


def page_context(query: dict[str, str], name: str, today: date) -> dict[str, Any]:
    """What every page of insight has."""
    return {
        "tabs": insight_tabs(query, name),
        "currency": the_organisation().reporting_currency,
        "today": today,
    }
