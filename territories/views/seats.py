"""Seating people and ending seats. Administrators only."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.access import found
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query, whole
from common.locale import format_date
from common.selectors import today
from territories import services
from territories.forms import ChangeSeatForm, EndSeatForm, SeatForm
from territories.models import Seat


@require_http_methods(["GET", "HEAD", "POST"])
@may("seat", "update")
def seat_create(request: HttpRequest) -> HttpResponse:
    """Seat a person; `?territory=` and `?person=` fill the form."""
    query = strict_query(request, "territory", "person")
    initial = {
        "territory_id": whole(query, "territory"),
        "user_id": whole(query, "person"),
        "starts_on": today() + timedelta(days=1),
        "kind": Seat.Kind.OWNER,
    }
    form = SeatForm(sent(request), initial=initial)
    if seat := perform(form, services.seat_person, by=person_id()):
        words = {"name": seat.user.name, "territory": seat.territory.name, "day": format_date(seat.starts_on)}
        messages.success(request, _("%(name)s sits on %(territory)s from %(day)s.") % words)
        return redirect("territory_detail", seat.territory_id)
    return form_page(request, "territories/seat_create.html", form)


@FORM
@may("seat", "update")
def seat_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another seat in the place of this one, from a day on."""
    seat: Seat = found(Seat.objects.current().filter(pk=pk).select_related("user", "territory").first())
    initial = {
        "territory_id": seat.territory_id,
        "kind": seat.kind,
        "starts_on": max(today() + timedelta(days=1), seat.starts_on),
    }
    form = ChangeSeatForm(sent(request), initial=initial)
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
