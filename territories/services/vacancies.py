"""Vacancies: from when a seat is open, when somebody is to sit there, and how they begin."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common.access import found
from common.errors import Refused, Stale
from common.said import Said
from common.transaction import act, reach
from territories import rules
from territories.models import Seat, Territory, Vacancy
from territories.selectors import in_words
from territories.services.tree import check_in_tree


@act
def plan_vacancy(
    *,
    by: int,
    territory_id: int,
    kind: str,
    starts_on: date,
    planned_on: date | None = None,
    ramp: str = "",
    reason: str = "",
) -> Vacancy:
    """Say from when an owner's or a lead's seat is open, and when somebody is to come; administrators only.

    Once somebody is seated there, the plan ends. It moves no figure. Raises Refused while somebody sits there, or where
    the seat has a plan on one of these days.
    """
    reach().require("vacancy", "update")
    territory = check_in_tree(territory_id, starts_on)
    check_seatable(territory)
    if kind not in Seat.LASTING:
        message = _("Owners and leads are planned: nobody has to help or to cover.")
        raise Refused(message, path="kind", code="seat_kind")
    plan = Vacancy(territory=territory, kind=kind, ramp=kept_ramp(ramp), reason=reason.strip())
    plan.starts_on, plan.stops_on, plan.recorded_by_id = starts_on, planned_on, by
    _check(plan)
    plan.save(force_insert=True)
    return plan


@act
def change_vacancy(
    *,
    by: int,
    vacancy_id: int,
    starts_on: date,
    planned_on: date | None = None,
    ramp: str = "",
    reason: str = "",
) -> Vacancy:
    """Plan a vacancy otherwise; administrators only. Raises what `plan_vacancy` does, and Stale."""
    reach().require("vacancy", "update")
    plan: Vacancy = found(Vacancy.objects.filter(pk=vacancy_id).first())
    if plan.superseded_at:
        raise Stale()
    check_in_tree(plan.territory_id, starts_on, "starts_on")
    changes: dict[str, Any] = {"starts_on": starts_on, "stops_on": planned_on, "ramp": kept_ramp(ramp)}
    _check(Vacancy(territory_id=plan.territory_id, kind=plan.kind, **changes), beside=plan.pk)
    return plan.replaced(reason=reason.strip(), recorded_by_id=by, **changes)


@act
def drop_vacancy(*, by: int, vacancy_id: int, reason: str = "") -> Vacancy:
    """Take a plan back; the vacancy stays where nobody sits. Administrators only. Raises Stale."""
    reach().require("vacancy", "update")
    plan: Vacancy = found(Vacancy.objects.filter(pk=vacancy_id).first())
    plan.supersede(reason.strip())
    return plan


def _check(plan: Vacancy, beside: int = 0) -> None:
    if plan.stops_on and plan.stops_on <= plan.starts_on:
        message = _("Somebody comes after the seat is open. Choose a later day, or leave it empty.")
        raise Refused(message, path="planned_on", code="vacancy_ordered")
    seats = Seat.objects.overlapping(plan.starts_on, plan.stops_on)
    sits = seats.filter(territory_id=plan.territory_id, kind=plan.kind).order_by("starts_on")
    if first := sits.select_related("user").first():
        message = _(
            "Somebody sits there on one of these days: %(seat)s. Choose days on which the seat is empty."
        )
        raise Refused(message % {"seat": in_words(first)}, path="starts_on", code="seat_taken")
    others = Vacancy.objects.overlapping(plan.starts_on, plan.stops_on).exclude(pk=beside)
    if others.filter(territory_id=plan.territory_id, kind=plan.kind).exists():
        message = _("This seat is planned to be vacant on one of these days already. Change that plan.")
        raise Refused(message, path="starts_on", code="vacancy_one")


def end_plans(seat: Seat) -> None:
    """End what was planned for a seat that somebody now has; part of an act that checked authority."""
    plans = Vacancy.objects.overlapping(seat.starts_on, seat.stops_on)
    for plan in plans.filter(territory_id=seat.territory_id, kind=seat.kind):
        if plan.starts_on < seat.starts_on:
            plan.replaced(_("filled"), stops_on=seat.starts_on, recorded_by_id=seat.recorded_by_id)
        else:
            plan.supersede(_("filled"))


def check_seatable(territory: Territory) -> None:
    """Raises Refused for *Unassigned*."""
    if territory.is_unassigned:
        message = _("%(name)s keeps what belongs to nobody; nobody sits there.")
        raise Refused(message % {"name": territory.name}, path="territory_id")


def kept_ramp(text: str) -> str:
    """A ramp as it is kept. Raises Refused for a text that is none."""
    try:
        return rules.ramp(text)
    except Said as said:
        raise Refused(_(said.text) % said.values, path="ramp", code="ramp") from said
