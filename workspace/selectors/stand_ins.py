"""Who answers for whom while they are away."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from common.dated import DatedQuerySet
from territories.models import RoleGrant, User
from workspace.models import StandIn


def absent_for(person_id: int, day: date) -> QuerySet[StandIn, dict[str, int]]:
    """The ids of the people for whom somebody stands in on a day."""
    rows = StandIn.objects.on(day).filter(stand_in=person_id, person__is_active=True)
    return rows.values("person")


def stand_ins_of(people: Iterable[int], day: date) -> QuerySet[StandIn, dict[str, int]]:
    """The ids of those who stand in for these people on a day."""
    return StandIn.objects.on(day).filter(person__in=people).values("stand_in")


def able_to_stand_in(person_id: int, day: date) -> QuerySet[User]:
    """The colleagues who may stand in for somebody: those who hold one of their roles on that day."""
    grants = RoleGrant.objects.on(day)
    roles = grants.filter(user=person_id).values("role")
    holders = grants.filter(role__in=roles).exclude(user=person_id).values("user")
    return User.objects.filter(pk__in=holders, is_active=True)


def roles_of(person_id: int, day: date) -> list[str]:
    """The roles that somebody holds on a day, in words."""
    grants = RoleGrant.objects.on(day).filter(user=person_id).order_by("role")
    return [grant.get_role_display() for grant in grants]


def stand_ins_for(person_id: int) -> DatedQuerySet:
    """Who stands, stood and will stand in for somebody, newest first."""
    rows: DatedQuerySet = StandIn.objects.current().filter(person=person_id)
    return rows.select_related("stand_in").order_by("-starts_on")


def standing_in(person_id: int, day: date) -> DatedQuerySet:
    """For whom somebody stands in now or later."""
    rows: DatedQuerySet = StandIn.objects.overlapping(day, None).filter(stand_in=person_id)
    return rows.select_related("person").order_by("starts_on")
