"""The page of what new pipeline some days brought."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.definitions import named
from common.http import chosen, may, strict_query
from common.locale import format_money_whole
from common.selectors import the_organisation, today
from common.transaction import reach
from pipeline.forms.insight import NAMES, InsightForm, asked_of
from pipeline.selectors.generation import GENERATION_BY, Generated, generated_deals, generation
from pipeline.selectors.insight import Asked, come_to
from pipeline.views.insight import LIST, Behind, behind, by_segments, page_context, shown_url, typed_in

SHOWS = ("all", "first", "first_unvalued", "unvalued")


@require_safe
@may("opportunity", "read")
def pipeline_generation(request: HttpRequest) -> HttpResponse:
    """What new pipeline did we find, and what did it become?"""
    if address := typed_in(request):
        return redirect(address)
    query, day, mine = strict_query(request, *NAMES, *LIST), today(), reach()
    asked, by = asked_of(query, day), chosen(query, "by", tuple(GENERATION_BY), "owner")
    lines = generation(mine, asked, by, day)
    [total] = generation(mine, asked, "", day)
    context = {
        **page_context(query, "pipeline_generation", day),
        "asked": asked,
        "bys": by_segments(query, by, GENERATION_BY),
        "by": GENERATION_BY[by],
        "lines": [(line, _urls(query, line.shown_key)) for line in lines],
        "total": total,
        "total_urls": _urls(query),
        "finding": _finding(total),
        "filters": InsightForm(query, asked, kept=["by"]),
        "behind": _behind(query, asked, by, lines, total),
        "metrics": named("pipeline-generation", "created-value"),
    }
    return render(request, "pipeline/pipeline_generation.html", context)


def _urls(query: Mapping[str, str], key: str = "") -> dict[str, str]:
    """Where the deals behind the figures of a line are listed."""
    return {show: shown_url(query, show, key) for show in SHOWS}


def _finding(total: Generated) -> str:
    currency = the_organisation().reporting_currency
    words = {
        "first": format_money_whole(total.first_minor, currency),
        "now": format_money_whole(total.minor, currency),
    }
    if total.minor > total.first_minor:
        return _("Worth %(first)s on their first days, and more by now: %(now)s.") % words
    if total.minor < total.first_minor:
        return _("Worth %(first)s on their first days, and less by now: %(now)s.") % words
    return _("Worth %(first)s on their first days, and as much by now.") % words


def _behind(
    query: Mapping[str, str], asked: Asked, by: str, lines: Sequence[Generated], total: Generated
) -> Behind | None:
    """The deals behind a line, at their worth now or on their first day; a line that is not there has none."""
    if "show" not in query:
        return None
    show, key = chosen(dict(query), "show", SHOWS, "all"), query.get("key", "")
    line = next((one for one in lines if one.shown_key == key), Generated(key, key)) if key else total
    at_first = show.startswith("first")
    rows = generated_deals(reach(), asked, by if key else "", key, today(), at_first=at_first)
    words = {
        "all": "",
        "first": _("on the first day"),
        "first_unvalued": _("without an amount or a rate on the first day"),
        "unvalued": _("without an amount or a rate now"),
    }
    name = ": ".join(filter(None, [line.label if key else _("All"), words[show]]))
    if show.endswith("unvalued"):
        rows = rows.filter(minor=None)
        return behind(name, *come_to(rows), rows, query.get("after"))
    minor = line.first_minor if at_first else line.minor
    return behind(name, line.deals, minor, rows, query.get("after"))
