"""Seating people and ending seats. Administrators only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.access import found
from common.http import (
    FORM,
    a_day,
    address_of,
    chosen,
    form_page,
    may,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.locale import format_date
from common.money import WHOLE_SHARE
from common.selectors import today
from common.slots import slot_urls
from common.transaction import rehearsed
from territories import services
from territories.forms import ChangeSeatForm, EndSeatForm, SeatForm
from territories.models import Seat
from territories.selectors import plans_of_territory


@require_http_methods(["GET", "HEAD", "POST"])
@may("seat", "update")
def seat_create(request: HttpRequest) -> HttpResponse:
    """Seat a person; `?territory=`, `?kind=`, `?person=` and `?on=` fill the form, and what was planned for that seat
    does.
    """
    query = strict_query(request, "territory", "person", "kind", "on")
    form = SeatForm(sent(request), initial=_planned(query))
    if page := _shown_before(form, services.seat_person, "seat"):
        return redirect(page)
    if seat := perform(form, services.seat_person, by=person_id()):
        words = {"name": seat.user.name, "territory": seat.territory.name, "day": format_date(seat.starts_on)}
        messages.success(request, _("%(name)s sits on %(territory)s from %(day)s.") % words)
        return redirect("territory_detail", seat.territory_id)
    return form_page(request, "territories/seat_create.html", form)


def _planned(query: dict[str, str]) -> dict[str, Any]:
    """What the form starts with: what the address says, and the first plan for such a seat of that territory."""
    kind, day = chosen(query, "kind", ["", *Seat.Kind.values], ""), a_day(query, "on")
    tomorrow = today() + timedelta(days=1)
    filled = {
        "territory_id": whole(query, "territory"),
        "user_id": whole(query, "person"),
        "share": WHOLE_SHARE,
    }
    plans = plans_of_territory(filled["territory_id"] or 0, today())
    plan = (plans.filter(kind=kind) if kind else plans).first()
    if plan is None:
        return {**filled, "kind": kind or Seat.Kind.OWNER, "starts_on": day or tomorrow}
    begins = day or max(plan.stops_on or plan.starts_on, tomorrow)
    return {**filled, "kind": plan.kind, "starts_on": begins, "ramp": plan.ramp}


def _shown_before(form: Form, act: Callable[..., Any], name: str, **ids: int) -> str:
    """The page that says what a seat in the past changes, before it is saved; empty for one that the form refuses,
    and for one of today or later.

    The act is done and taken back, so that what forbids it is said beside its field.
    """
    pages = slot_urls("seat.past") if form.is_bound and form.is_valid() else []
    if not pages or form.cleaned_data["starts_on"] >= today():
        return ""
    with rehearsed():
        if perform(form, act, by=person_id(), **ids) is None:
            return ""
    return address_of(pages[0], {"act": name, **ids, **form.cleaned_data})


@FORM
@may("seat", "update")
def seat_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another seat in the place of this one, from a day on."""
    seat: Seat = found(Seat.objects.current().filter(pk=pk).select_related("user", "territory").first())
    initial = {
        "territory_id": seat.territory_id,
        "kind": seat.kind,
        "starts_on": max(today() + timedelta(days=1), seat.starts_on),
        "share": seat.share,
    }
    form = ChangeSeatForm(sent(request), initial=initial, seat=seat)
    if page := _shown_before(form, services.change_seat, "change", seat_id=pk):
        return redirect(page)
    if new := perform(form, services.change_seat, by=person_id(), seat_id=pk):
        words = {"name": seat.user.name, "territory": new.territory.name, "day": format_date(new.starts_on)}
        messages.success(request, _("%(name)s sits on %(territory)s from %(day)s.") % words)
        return redirect("person_detail", seat.user_id)
    return form_page(request, "territories/seat_change.html", form, seat=seat)


@FORM
@may("seat", "update")
def seat_end(request: HttpRequest, pk: int) -> HttpResponse:
    seat: Seat = found(Seat.objects.filter(pk=pk).select_related("user", "territory").first())
    form = EndSeatForm(sent(request), initial={"stops_on": seat.stops_on or today() + timedelta(days=1)})
    perform(form, services.end_seat, by=person_id(), seat_id=pk)
    if form.is_bound and not form.errors:
        words = {"name": seat.user.name, "territory": seat.territory.name}
        messages.success(request, _("The end of %(name)s's seat on %(territory)s is recorded.") % words)
        return redirect("territory_detail", seat.territory_id)
    return form_page(request, "territories/seat_end.html", form, seat=seat)
