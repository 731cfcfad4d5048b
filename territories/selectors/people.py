"""People, their roles, and what forms offer of them."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from common.access import Role
from common.transaction import once
from territories.models import RoleGrant, Seat, User


@once
def people_choices() -> list[tuple[int, str]]:
    """The people who are here, by name."""
    return as_choices(User.objects.filter(is_active=True))


def as_choices(people: Iterable[User]) -> list[tuple[int, str]]:
    """People as a form offers them: two of one name are told apart by their address."""
    return [(person.pk, f"{person.name} · {person.email}") for person in people]


def grants_of_person(user_id: int) -> QuerySet[RoleGrant]:
    """The roles that a person holds, held and will hold, newest first, as known now."""
    rows = RoleGrant.objects.current().filter(user_id=user_id)
    return rows.select_related("recorded_by").order_by("-starts_on", "role")


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
