"""The page of what is missing on open deals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from common.access import Reach
from common.definitions import named
from common.http import address_of, chosen, may, strict_query, whole
from common.locale import format_number
from common.selectors import today
from common.transaction import reach
from pipeline.forms.insight import KINDS, PLACE, InsightForm, asked_of
from pipeline.models import Opportunity
from pipeline.rules.hygiene import TAKES, Check
from pipeline.selectors.hygiene import (
    AT_TOP,
    OPEN,
    SHORT,
    SORTS,
    TOLD_APART,
    Found,
    Line,
    hygiene_lines,
    in_all,
    lacking,
    missing_words,
    said_of,
)
from pipeline.selectors.insight import BY, COLUMNS
from pipeline.views.insight import LIST, by_segments, page_context, shown_url, typed_in

MENDED_BY = {
    Check.CLOSE_DATE: "opportunity_date",
    Check.NEXT_STEP: "opportunity_step",
    Check.NEXT_STEP_DAY: "opportunity_step",
    Check.DECIDER: "stakeholder_add",
    Check.CLOSE_PLAN: "milestone_create",
}
"""The form that mends what is missing, where it is not the deal's own."""
ON_THE_WAY = ("opportunity_date", "opportunity_step")
"""Those that lead back to where they were opened; the others lead to the deal."""
Words = Mapping[Check, StrOrPromise]


@require_safe
@may("opportunity", "read")
def hygiene(request: HttpRequest) -> HttpResponse:
    """What is missing on which deals?"""
    if address := typed_in(request):
        return redirect(address)
    query, day, mine = strict_query(request, *PLACE, *KINDS, *LIST, "sort"), today(), reach()
    asked, by = asked_of(query, day), chosen(query, "by", TOLD_APART, "owner")
    show = chosen(query, "show", ("", *Check, OPEN, AT_TOP), "")
    of, key = {}, whole(query, "key")
    if key is not None:
        of[COLUMNS[by]] = key
    lines = hygiene_lines(mine, asked, by, day, chosen(query, "sort", SORTS, "points"))
    total, page = in_all(lines), lacking(mine, asked, show, day, query.get("after"), **of)
    words = missing_words()
    context = {
        **page_context(query, "hygiene", day),
        "lines": [(line, _cells(query, line, words), _urls(query, line)) for line in lines],
        "total": total,
        "total_cells": _cells(query, total, words),
        "total_urls": _urls(query, total),
        "checks": [(SHORT[check], takes) for check, takes in TAKES.items()],
        "bys": by_segments(query, by, {name: BY[name] for name in TOLD_APART}),
        "by": BY[by],
        "page": page,
        "missing": [(deal, _mends(deal, mine, words, request.get_full_path())) for deal in page.rows],
        "shown": _shown(show, words),
        "is_shown": "show" in query,
        "whose": next((line.label for line in lines if line.key == key), "") if key else "",
        "filters": InsightForm(query, asked, (*PLACE, *KINDS), kept=["by", "sort"]),
        "metrics": named("hygiene", "c-level-contact"),
    }
    return render(request, "pipeline/hygiene.html", context)


def _shown(show: str, words: Words) -> StrOrPromise:
    """What the list of deals is of, where it is not of all on which something is missing."""
    if show in (OPEN, AT_TOP):
        return _("all that are open") if show == OPEN else _("with a C-level contact")
    return words[Check(show)] if show else ""


@dataclass(frozen=True)
class Cell:
    """On how many deals of a line a check does not hold, in words, and where they are listed."""

    words: StrOrPromise
    lacks: int
    url: str


def _cells(query: Mapping[str, str], line: Line, words: Words) -> list[Cell]:
    key = line.shown_key if line.key else ""
    return [Cell(words[check], lacks, shown_url(query, check, key)) for check, lacks in line.lacks.items()]


def _urls(query: Mapping[str, str], line: Line) -> dict[str, str]:
    """Where the deals of a line are listed: all, those on which something is missing, those with a chief officer."""
    key = line.shown_key if line.key else ""
    return {show or "lacking": shown_url(query, show, key) for show in (OPEN, "", AT_TOP)}


def _mends(deal: Any, mine: Reach, words: Words, back: str) -> list[tuple[str, str]]:
    return mending(deal, deal.found, mine.allows("opportunity", "update", deal), words, back)


def mending(
    deal: Opportunity, found: Found, may_edit: bool, words: Words, back: str
) -> list[tuple[str, str]]:
    """What is missing on a deal and what that takes, each with the form that mends it for whoever may edit the deal."""
    day = today()
    return [
        (taken(check, said_of(deal, check, words, day)), _mended_at(deal, check, back) if may_edit else "")
        for check in found.missing
    ]


def _mended_at(deal: Opportunity, check: Check, back: str) -> str:
    """The form in which somebody adds what a check misses."""
    if check is Check.ACTIVITY:
        return f"{reverse('activity_create')}?opportunity={deal.pk}"
    name = MENDED_BY.get(check, "opportunity_edit")
    address = reverse(name, args=[deal.pk])
    return address_of(address, {"back": back}) if name in ON_THE_WAY else address


def taken(check: Check, missing: StrOrPromise) -> str:
    """What is missing, and what it takes: no next step −15."""
    return _("%(missing)s −%(points)s") % {
        "missing": missing,
        "points": format_number(TAKES[check]),
    }
