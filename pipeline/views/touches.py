"""Which accounts were touched lately, and which are neglected."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from common.access import seen
from common.http import chosen, may, strict_query, whole
from common.selectors import policy, the_organisation, today
from common.transaction import reach
from pipeline.forms.activity_lists import TOUCH_FILTERS, TouchFilterForm, touch_filters_of
from pipeline.selectors.insight import come_to
from pipeline.selectors.touches import ALL, NEGLECTED, TOUCHED, Shown, touch_lines, touch_page, worth_deals
from pipeline.views.insight import Behind, behind, shown_url

WORTHS = ("won", "open")


@require_safe
@may("activity", "read")
def touch_list(request: HttpRequest) -> HttpResponse:
    """By territory how many accounts are neglected, and which."""
    query, mine, day = strict_query(request, *TOUCH_FILTERS, "show", "key", "after"), reach(), today()
    filters, show = touch_filters_of(query), chosen(query, "show", ("", *WORTHS), "")
    lines = touch_lines(mine, filters, day)
    page = touch_page(mine, filters, day, None if show else query.get("after"), is_valued=True)
    context = {
        "lines": lines,
        "sums": [
            ((ALL, _("Accounts")), sum(line.accounts for line in lines)),
            ((TOUCHED, _("Touched")), sum(line.touched for line in lines)),
            ((NEGLECTED, _("Neglected")), sum(line.neglected for line in lines)),
        ],
        "page": page,
        "rows": [(row, _urls(query, row)) for row in page.rows],
        "currency": the_organisation().reporting_currency,
        "behind": _behind(query, show) if show else None,
        "filters": TouchFilterForm(query, mine),
        "asked": filters,
        "usual_days": policy("neglected_after_days", day),
        "senior_days": policy("seniors_met_days", day),
        "may_log": bool(mine.relations("activity", "create")),
    }
    return render(request, "pipeline/touch_list.html", context)


def _urls(query: dict[str, str], row: Shown) -> dict[str, str]:
    """Where the deals are listed that make up what an account is worth."""
    return {name: shown_url(query, name, str(row.account.pk)) for name in WORTHS}


def _behind(query: dict[str, str], show: str) -> Behind:
    """The deals behind what an account is worth. Raises NotInReach."""
    account: Any = seen(Account.objects.all(), reach(), whole(query, "key") or 0)
    rows = worth_deals(reach(), show, account.pk, today())
    words = {"won": _("%(account)s: won in the last 12 months"), "open": _("%(account)s: open pipeline")}
    return behind(words[show] % {"account": account.name}, *come_to(rows), rows, query.get("after"))
