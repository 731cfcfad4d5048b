"""The page of win rates."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.charts import interval
from common.definitions import named
from common.http import address_of, chosen, may, strict_query, whole
from common.locale import UNDEFINED, format_money_whole, format_number, format_percent
from common.money import round_half_away
from common.selectors import the_organisation, today
from common.transaction import reach
from pipeline.forms.insight import NAMES, InsightForm, asked_of
from pipeline.rules.rates import PROVISIONAL_BELOW, UNKNOWN, Prior
from pipeline.selectors.insight import BY, SEVERAL, UNSAID, Asked, Tally, rates_now, tallies
from pipeline.selectors.win_rate_rows import CREATED_IN
from pipeline.selectors.win_rates import (
    AGES,
    CLOSED,
    CREATED,
    Cohort,
    Pace,
    WinLine,
    cohorts,
    counted,
    pace,
    ranked_after,
    reasons,
    usual,
    win_lines,
)
from pipeline.views.insight import (
    LIST,
    by_of,
    by_segments,
    in_words,
    page_context,
    shown_url,
    typed_in,
    without_list,
)
from pipeline.views.win_rate_rows import PACE, SHOWS, behind_of

METRICS = ("win-rate", "created-win-rate", "likely-win-rate", "sales-cycle", "sales-velocity")


@require_safe
@may("opportunity", "read")
def win_rates(request: HttpRequest) -> HttpResponse:
    """How often do we win, with whom, against whom?"""
    if address := typed_in(request):
        return redirect(address)
    query, day, mine = strict_query(request, *NAMES, "basis", "rank", *LIST), today(), reach()
    asked, by = asked_of(query, day), by_of(query)
    basis = chosen(query, "basis", (CLOSED, CREATED), CLOSED)
    prior, rates = usual(by, day) if basis == CLOSED else None, rates_now(day)
    lines = win_lines(mine, asked, by, basis, day, prior)
    [total] = tallies(counted(mine, asked, basis), "", rates)
    page, beyond = ranked_after(lines, whole(query, "rank") or 0)
    closed = total if basis == CLOSED else tallies(counted(mine, asked, CLOSED), "", rates)[0]
    context = {
        **page_context(query, "win_rates", day),
        "asked": asked,
        "is_closed": basis == CLOSED,
        "bases": without_list(query, "basis", {CLOSED: _("Closed"), CREATED: _("Created")}, basis),
        "bys": by_segments(query, by),
        "by": BY[by],
        "is_several": by in SEVERAL,
        "lines": [(line, _likely(line), _urls(query, line.tally)) for line in page],
        "provisional_below": PROVISIONAL_BELOW,
        "leans_on": _leans_on(prior) if prior else "",
        "beyond": beyond and address_of("", {**query, "rank": str(beyond)}),
        "total": total,
        "total_urls": _urls(query),
        "finding": _finding(total, basis),
        **_speed(pace(mine, asked, closed, day)),
        "speed_urls": {name: shown_url(query, name) for name in PACE},
        "cohorts": [(one, *_cohort(query, one)) for one in cohorts(mine, asked, day)],
        "ages": AGES,
        "reasons": _reasons(query, asked),
        "filters": InsightForm(query, asked, kept=["basis", "by"]),
        "behind": behind_of(query, asked, basis, by, [line.tally for line in lines], total),
        "metrics": named(*METRICS),
    }
    return render(request, "pipeline/win_rates.html", context)


def _speed(found: Pace) -> dict[str, Any]:
    """Sales cycle and velocity in words, and how fast it is."""
    currency = the_organisation().reporting_currency
    a_day = {"velocity_by_count": found.by_count, "velocity_by_value": found.by_value}
    words = {
        name: UNDEFINED if value is None else format_money_whole(round_half_away(value), currency)
        for name, value in a_day.items()
    }
    cycle = UNDEFINED if found.cycle is None else _("%(days)s days") % {"days": format_number(found.cycle)}
    return {**words, "cycle": cycle, "pace": found}


def _urls(query: Mapping[str, str], line: Tally | None = None) -> dict[str, str]:
    key = line.shown_key if line else ""
    return {show: shown_url(query, show, key) for show in SHOWS}


def _finding(total: Tally, basis: str) -> str:
    words = {
        "count": format_percent(total.by_count, 0),
        "value": format_percent(total.by_value, 0),
    }
    if not total.deals:
        return (
            _("Nothing was decided in these days.")
            if basis == CLOSED
            else _("Nothing was created in these days.")
        )
    if basis == CLOSED:
        return _("Of what was decided %(count)s was won by count, %(value)s by value.") % words
    return (
        _("Of what was created %(count)s is won by count, %(value)s by value; the rest may follow.") % words
    )


def _leans_on(prior: Prior) -> str:
    """At what a likely rate begins, and as how many deals that weighs."""
    words = {"share": format_percent(prior.share, 0), "deals": format_number(prior.weight)}
    if prior == UNKNOWN:
        return (
            _(
                "“Likely” leans on %(share)s, worth %(deals)s deals: fewer than 10 were decided in the company "
                "in the last four quarters, too few to say what is usual."
            )
            % words
        )
    return (
        _(
            "“Likely” leans on what is usual in the company, %(share)s in the last four quarters, worth %(deals)s "
            "deals: the fewer of a line were decided, the more."
        )
        % words
    )


def _likely(line: WinLine) -> tuple[str, str]:
    """What a rate can be taken for in words, and the range drawn; nothing of created ones."""
    if line.likely is None:
        return "", ""
    drawn = interval(line.likely.low, float(line.likely.mean), line.likely.high)
    return in_words(line.likely), drawn


def _cohort(query: Mapping[str, str], one: Cohort) -> tuple[dict[str, str], list[tuple[Any, str]]]:
    """Where the deals of a quarter of creation are listed; each of its shares with where the deals won so fast are."""
    urls = {what: shown_url(query, what, one.period.code) for what in CREATED_IN}
    return urls, [(share, urls[f"within_{age}"]) for share, age in zip(one.shares, AGES, strict=True)]


def _reasons(query: Mapping[str, str], asked: Asked) -> Sequence[tuple[str, Any]]:
    """Why deals were won and lost, and to whom, each with where they are; a list without anything said is left out."""
    titles = {
        "won_reason": _("Why we won"),
        "lost_reason": _("Why we lost"),
        "lost_to": _("To whom we lost"),
    }
    found = [(column, reasons(reach(), asked, column, today())) for column in titles]
    return [
        (titles[column], [(row, shown_url(query, column, row.text or UNSAID)) for row in rows])
        for column, rows in found
        if any(row.text for row in rows)
    ]
