"""The roles that a person holds, as tests ask for them."""

from datetime import date

from territories.models import RoleGrant, User


def roles_of(person: User, day: date) -> list[str]:
    """The names of the roles held on that day, in order."""
    return sorted(RoleGrant.objects.on(day).filter(user=person).values_list("role", flat=True))
