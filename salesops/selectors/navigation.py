"""Which pages the navigation leads a person to."""

from functools import cache

from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.access import Reach, known
from common.selectors import organisation

ENTRIES: list[tuple[StrOrPromise, str, str]] = [
    (_("Home"), "home", "house"),
    (_("Set-up"), "setup", "list-checks"),
    (_("Opportunities"), "opportunity_list", "list"),
    (_("Board"), "opportunity_board", "columns-3"),
    (_("Leads"), "lead_list", "magnet"),
    (_("Accounts"), "account_list", "building-2"),
    (_("Activities"), "activity_list", "phone"),
    (_("Orders"), "order_list", "file-check"),
    (_("Team attainment"), "team_attainment", "gauge"),
    (_("My attainment"), "my_attainment", "target"),
    (_("Forecast call"), "submission_list", "megaphone"),
    (_("Insight"), "pipeline_funnel", "funnel"),
    (_("Pipeline changes"), "pipeline_changes", "chart-no-axes-gantt"),
    (_("Forecast accuracy"), "forecast_accuracy", "crosshair"),
    (_("Quotas"), "quota_list", "flag"),
    (_("Territories"), "territory_workbench", "network"),
    (_("Territories"), "territory_tree", "network"),
    (_("People"), "person_list", "users"),
    (_("Runs"), "run_list", "moon"),
    (_("Settings"), "settings_home", "settings"),
]
OF_USE_TO = {
    "opportunity_board": known("activity", "read"),
}
"""Pages that everybody may open and few need."""
INSTEAD = {"territory_tree": "territory_workbench"}
"""Pages that the navigation shows to those only who may not open another one, from which they are found."""
PARTS = {
    "pipeline_funnel": (
        "win_rates",
        "hygiene",
        "pipeline_generation",
        "date_reliability",
        "attach_rate",
    ),
    "lead_list": ("event_list",),
    "team_attainment": ("measures",),
    "territory_workbench": ("territory_tree", "draft_list"),
    "settings_home": ("calendar", "rate_list", "organisation_edit", "product_list", "batch_list", "setup"),
}
"""Pages that are found from another one, and belong to its entry."""


address_of = cache(reverse)
"""The address of a page by its name; every page asks for all of them."""


@cache
def part_addresses() -> dict[str, str]:
    """The address of each page that belongs to another one's entry, and that entry's own."""
    return {address_of(part): address_of(name) for name, parts in PARTS.items() for part in parts}


def pages_of(theirs: Reach) -> list[StrOrPromise]:
    """The names of the pages that a person finds in the navigation; none without a role."""
    return [label for label, name, _icon in ENTRIES if theirs.roles and is_shown(name, theirs)]


def is_shown(name: str, theirs: Reach) -> bool:
    """Whether the navigation shows a page to whom that reach is."""
    company, asked = organisation(), _asked(name)
    if name == "setup" and company and company.is_set_up:
        return False
    if company is None and name != "setup":  # nothing else can be looked at yet
        return False
    if name in INSTEAD and is_shown(INSTEAD[name], theirs):
        return False
    return asked is None or bool(theirs.relations(*asked))


@cache
def _asked(name: str) -> tuple[str, str] | None:
    """What the page of that name asks of the access table; None where it is everybody's."""
    return OF_USE_TO.get(name) or getattr(resolve(address_of(name)).func, "asks", None)
