"""The ledger: opening entries, and the credits behind a figure."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.models import Family
from common.access import found
from common.calendars import Span
from common.definitions import Metric, named
from common.errors import Refused
from common.http import (
    FORM,
    a_period,
    chosen,
    csv_file,
    form_page,
    may,
    perform,
    person_id,
    sent,
    strict_query,
)
from common.locale import format_date, format_number
from common.selectors import running_quarter, today
from common.transaction import reach
from orders import services
from orders.forms.filters import CreditFilterForm
from orders.forms.openings import OpeningForm
from orders.models import Basis
from orders.selectors.credits import NOBODY, CreditFilter, credit_page, credit_total, shown
from orders.selectors.people import suggested_people
from orders.selectors.periods import period_codes
from orders.selectors.unrated import unrated
from orders.selectors.written import MEASURES, credits_written
from orders.views.clocks import clocks
from territories.models import Territory, User
from workspace.services.exports import MOST_ROWS, record_export

ASKED = (*CreditFilter.NAMES, "show")
"""In the address: which credits, and whether every measure stands beside their order intake."""


@FORM
@may("order", "opening")
def opening_create(request: HttpRequest) -> HttpResponse:
    """Bring in one person's order intake from before the product was in use."""
    form = OpeningForm(sent(request))
    if perform(form, services.post_opening, by=person_id()) is not None:
        messages.success(request, _("The opening entry is posted."))
        return redirect("opening_create")
    return form_page(request, "orders/opening_create.html", form, people=suggested_people(reach()))


@require_safe
@may("credit", "read")
def credit_list(request: HttpRequest) -> HttpResponse:
    """Which credits make this figure?"""
    query, mine = strict_query(request, *ASKED, "after"), reach()
    asked = CreditFilter.of(query, a_period(query) or running_quarter())
    page = credit_page(asked, mine, query.get("after"))
    in_all = chosen(query, "show", ("", "measures"), "") == "measures"
    context = {
        "asked": asked,
        "note": _note(asked),
        "page": page,
        "rows": shown(asked, page.rows, mine),
        "with_measures": in_all,
        "total": credit_total(asked, mine, MEASURES if in_all else ()),
        **_filters(asked, query),
        "metrics": _metrics(asked),
    }
    return render(request, "orders/credit_list.html", context)


@require_safe
@may("credit", "read")
def credit_csv(request: HttpRequest) -> HttpResponse:
    """The same credits as a file, each with the two clocks; who took it is kept."""
    query = strict_query(request, *ASKED)
    asked = CreditFilter.of(query, a_period(query) or running_quarter())
    rows = credits_written(asked, reach(), MOST_ROWS + 1)
    if len(rows) > MOST_ROWS + 1:
        raise Refused(
            _("A file has at most %(most)s rows.") % {"most": format_number(MOST_ROWS)}, code="too_many"
        )
    record_export(by=person_id(), page="credit_list", query=asked.query, format="csv", rows=len(rows) - 1)
    return csv_file(f"credits-{asked.period.code}", rows)


def _filters(asked: CreditFilter, query: dict[str, str]) -> dict[str, Any]:
    """The form of filters: the two clocks are folded until one of them is set."""
    codes = period_codes(asked.period, today())
    form = CreditFilterForm(periods=codes, initial={**query, "period": asked.period.code})
    return clocks(form, asked.as_of, query)


def _metrics(asked: CreditFilter) -> dict[str, Metric]:
    """What the page opens the definitions of."""
    is_needed = {
        "as-organised-now": asked.is_now,
        "as-known-at": not asked.as_of.is_now,
        "crediting-rule": asked.owner_id is not None,
    }
    return named("order-intake", *(name for name, needed in is_needed.items() if needed))


def _note(asked: CreditFilter) -> str:
    """The filter in words. Raises NotInReach for a person, a node or a family that there is not."""
    models = ((Territory, asked.node_id), (User, asked.person_id), (Family, asked.family_id))
    named = {model: found(model.objects.filter(pk=pk).first()) for model, pk in models if pk is not None}
    words = [asked.period.code, *map(_words, asked.days), *_owner_words(asked.owner_id)]
    for model, row in named.items():
        words.append(f"{row.name}, {Basis(asked.basis).label}" if model is Territory else row.name)
    if asked.is_now:
        words.append(_("as organised now"))
    return " · ".join([*words, *asked.as_of.words])


def _owner_words(owner_id: int | None) -> list[str]:
    """Who the owner was that it counts for. Raises NotInReach for a person that there is not."""
    if owner_id is None:
        return []
    if owner_id == NOBODY:
        return [_("in territories that nobody owned")]
    owner = found(User.objects.filter(pk=owner_id).first())
    return [_("%(person)s, by territory owner") % {"person": owner.name}]


def _words(span: Span) -> str:
    days = {"first": format_date(span.start), "last": format_date(span.last_day)}
    return _("%(first)s to %(last)s") % days if span.days > 1 else days["first"]


@require_safe
def rates_missing_panel(request: HttpRequest) -> HttpResponse:
    """The currencies that lack a rate, and which of the reader's deals are therefore in no sum."""
    strict_query(request)
    may_enter = reach().allows("rate", "update")
    context = {"missing": unrated(reach()), "today": today(), "may_enter": may_enter}
    return render(request, "orders/_rates_missing_panel.html", context)
