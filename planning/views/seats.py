"""A seat passes to another person; a seat in the past is recorded. Administrators only."""

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common.access import found
from common.errors import Refused
from common.http import (
    FORM,
    BadQuery,
    a_day,
    address_of,
    form_page,
    may,
    perform,
    person_id,
    sent,
    strict_query,
)
from common.locale import format_date, format_number, format_percent
from common.money import WHOLE_SHARE
from common.selectors import the_organisation, today
from common.transaction import rehearsed
from planning import services
from planning.forms.seats import CreditForm, DropHandOverForm, HandOverForm, PastSeatForm
from planning.models import HandOver, QuotaPolicy
from planning.selectors.handover import goes_with, may_follow, planned_hand_overs, sits_already
from planning.selectors.quota_cuts import cuts_of, quota_in_words
from planning.selectors.seats import (
    Effect,
    SeatChange,
    effect_of,
    effect_of_seat,
    planned_after,
    seat_change,
)
from territories.models import Seat, User


@require_http_methods(["GET", "HEAD", "POST"])
@may("seat", "update")
def seat_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes with this seat, who takes it, and from when on? `?on=` fills in the day."""
    day = a_day(strict_query(request, "on"), "on") or today()
    rows = Seat.objects.current().select_related("user", "territory")
    seat: Seat = found(rows.filter(pk=pk).first())
    initial = {"starts_on": max(day, seat.starts_on), "takes_work": "1"}
    goes = goes_with(seat)
    form = HandOverForm(sent(request), initial=initial, person=seat.user, has_quota=may_follow(seat, goes))
    if form.is_bound and form.is_valid() and form.cleaned_data["starts_on"] < today():
        with rehearsed():
            is_possible = perform(form, services.hand_over_seat, by=person_id(), seat_id=pk) is not None
        if is_possible:
            return redirect(_effect_page(pk, form.cleaned_data))
    elif _is_seen(request, form, seat) and (
        handed := perform(form, services.hand_over_seat, by=person_id(), seat_id=pk)
    ):
        messages.success(request, _said(handed))
        return redirect("territory_detail", seat.territory_id)
    context = {"seat": seat, "goes": goes, "currency": the_organisation().reporting_currency}
    context["said"] = _said_before(form, seat)
    return form_page(request, "planning/seat_hand_over.html", form, **context)


def _is_seen(request: HttpRequest, form: HandOverForm, seat: Seat) -> bool:
    """Whether nothing is to be said before it is done, or it was; else the page is sent again with it."""
    said = _said_before(form, seat)
    if not said or request.POST.getlist("seen") == said:
        return True
    form.data = request.POST.copy()
    form.data.pop("idempotency_key", None)
    request.POST = form.data  # type: ignore[assignment]
    return False


def _said_before(form: HandOverForm, seat: Seat) -> list[str]:
    """What is read before a valid form is done: the successor's other seats, another change of this seat that is
    planned for later, and what quota goes with it."""
    if not (form.is_bound and form.is_valid()):
        return []
    planned = planned_after(seat.territory_id, seat.kind, form.cleaned_data["starts_on"])
    return [*filter(None, [_sits(form, seat), planned]), *_quota_goes(form.cleaned_data, seat)]


def _quota_goes(asked: dict[str, Any], seat: Seat) -> list[str]:
    """Each quota that follows the territory, with what of it goes; nothing where the act will refuse it."""
    to = User.objects.filter(pk=asked["successor_id"]).first()
    if asked.get("quota") != QuotaPolicy.TERRITORY or to is None:
        return []
    try:
        return quota_in_words(cuts_of(seat.user_id, asked["starts_on"]), seat.user.name, to.name)
    except Refused:
        return []


def _sits(form: HandOverForm, seat: Seat) -> str:
    """Where the successor sits already, and what share of their time that is with this seat; nothing where nowhere."""
    asked = form.cleaned_data
    seats, share = sits_already(seat, asked["successor_id"], asked["starts_on"])
    if not seats:
        return ""
    words = {
        "name": seats[0].user.name,
        "seats": ", ".join(f"{one.territory.name} ({one.get_kind_display()})" for one in seats),
        "share": format_percent(Fraction(share, WHOLE_SHARE)),
    }
    text = _("%(name)s already sits on %(seats)s; with this seat that is %(share)s of working time.")
    return text % words


def _effect_page(pk: int, asked: dict[str, Any]) -> str:
    """Where one sees what a hand-over in the past changes, before it is saved."""
    known = {name: value for name, value in asked.items() if name != "successor_id"}
    values = {"act": "hand_over", "seat_id": pk, "user_id": asked["successor_id"], **known}
    return address_of(reverse("seat_effect"), values)


def _said(handed: services.Handed) -> str:
    """Who sits where from when on, and what becomes of the open work."""
    seat, work = handed
    words = {"name": seat.user.name, "territory": seat.territory.name, "day": format_date(seat.starts_on)}
    said = _("%(name)s sits on %(territory)s from %(day)s.") % words
    if work is None:
        return said
    if work.state == HandOver.State.PLANNED:
        return f"{said} {_('Open deals and activities pass on that day.')}"
    counts = {"deals": format_number(work.deals), "activities": format_number(work.activities)}
    return f"{said} {_('Handed over: open deals %(deals)s, activities %(activities)s.') % counts}"


@require_http_methods(["GET", "HEAD", "POST"])
@may("seat", "update")
def seat_effect(request: HttpRequest) -> HttpResponse:
    """What does a seat in the past change? It is recorded from here."""
    change = _asked(strict_query(request, *PastSeatForm.base_fields))
    effect = effect_of(change)
    form = CreditForm(sent(request), orders=_offered(effect))
    if seat := perform(form, services.record_seat, by=person_id(), change=change):
        messages.success(request, _recorded(seat, len(form.cleaned_data["orders"])))
        return redirect("seat_credit", seat.pk)
    return _effect(request, form, change.seat, effect, change)


def _asked(query: dict[str, str]) -> SeatChange:
    form = PastSeatForm(query)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadQuery(str(errors[0]), path=name)
    return seat_change(**form.cleaned_data)


def _offered(effect: Effect) -> list[int]:
    return [row.order.pk for row in effect.orders if row.is_offered]


def _recorded(seat: Seat, asked: int) -> str:
    words = {"name": seat.user.name, "territory": seat.territory.name, "day": format_date(seat.starts_on)}
    said = _("%(name)s sits on %(territory)s from %(day)s.") % words
    return f"{said} {_moves(asked)}"


def _moves(asked: int) -> str:
    """What becomes of credit."""
    if not asked:
        return _("No credit moves.")
    message = ngettext(
        "Another administrator is asked about the credit of %(count)d order.",
        "Another administrator is asked about the credit of %(count)d orders.",
        asked,
    )
    return message % {"count": asked}


def _effect(
    request: HttpRequest, form: CreditForm, seat: Seat, effect: Effect, change: SeatChange | None = None
) -> HttpResponse:
    currency = the_organisation().reporting_currency
    context = {
        "seat": seat,
        "effect": effect,
        "change": change,
        "currency": currency,
        "chosen": form.chosen(),
    }
    context["cuts"] = _cuts_of_change(change) if change else []
    return form_page(request, "planning/seat_effect.html", form, **context)


def _cuts_of_change(change: SeatChange) -> list[str]:
    """What quota goes with a seat in the past that is to be recorded; nothing where the act will refuse it."""
    asked = {"successor_id": change.seat.user_id, "starts_on": change.seat.starts_on, "quota": change.quota}
    return _quota_goes(asked, change.old) if change.old else []


@FORM
@may("seat", "update")
def seat_credit(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose credit would this seat have changed? Another administrator is asked about what is chosen."""
    rows = Seat.objects.current().select_related("user", "territory")
    seat: Seat = found(rows.filter(pk=pk).first())
    effect = effect_of_seat(seat)
    form = CreditForm(sent(request), orders=_offered(effect))
    if perform(form, services.ask_credit, by=person_id(), seat_id=pk):
        messages.success(request, _moves(len(form.cleaned_data["orders"])))
        return redirect("seat_credit", pk)
    return _effect(request, form, seat, effect)


@require_safe
@may("seat", "update")
def hand_over_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The open work that is to pass from or to a person, for their page."""
    strict_query(request)
    found(User.objects.filter(pk=pk).first())
    return render(
        request, "planning/_hand_over_panel.html", {"rows": planned_hand_overs(pk), "person_id": pk}
    )


@FORM
@may("seat", "update")
def hand_over_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Open work stays that was to pass on a day to come."""
    people = HandOver.objects.select_related("giver", "taker", "territory")
    row: HandOver = found(people.filter(pk=pk).first())
    form = DropHandOverForm(sent(request), initial={"version": row.version})
    if perform(form, services.drop_hand_over, by=person_id(), hand_over_id=pk):
        messages.success(request, _("It is taken back: open work stays with who has it."))
        return redirect("person_detail", row.giver_id)
    return form_page(request, "planning/hand_over_drop.html", form, row=row)
