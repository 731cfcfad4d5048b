"""People, their roles, and what forms offer of them."""

from datetime import date

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from common.access import Role
from territories.models import RoleGrant, Seat, User


def grants_of_person(user_id: int) -> QuerySet[RoleGrant]:
    """The roles that a person holds, held and will hold, newest first, as known now; who began and ended each."""
    rows = RoleGrant.objects.current().filter(user_id=user_id)
    return rows.traced("user", "role").order_by("-starts_on", "role")


def administrators(day: date) -> QuerySet[User]:
    """Who is administrator on that day and has a password to sign in with."""
    holders = RoleGrant.objects.on(day).filter(role=Role.ADMIN).values("user_id")
    people = User.objects.filter(pk__in=holders, is_active=True)
    return people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def people_list(day: date, text: str, role: str, *, left: bool = False) -> QuerySet[User]:
    """The people who are here, or who left, by name, each with the roles and seats that hold on the day."""
    rows = User.objects.filter(is_active=not left).annotate(name_key=Lower("name"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if role:
        rows = rows.filter(pk__in=RoleGrant.objects.on(day).filter(role=role).values("user_id"))
    people: QuerySet[User] = rows.prefetch_related(
        Prefetch("role_grants", RoleGrant.objects.on(day).order_by("role"), "roles_now"),
        Prefetch("seats", Seat.objects.on(day).select_related("territory"), "seats_now"),
    )
    return people
