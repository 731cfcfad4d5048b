"""People and their roles, brought in from files, and taken back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from common.access import Role
from common.dated import record_all
from common.errors import Conflict, Refused
from common.importing import Outcome, Row, refusals
from common.selectors import today
from common.staging import merge, new_ids
from common.undoing import Made, created, put_back, take_out, take_out_recorded
from territories.models import RoleGrant, User
from territories.services.people import check_profile, lock_admins, need_admin

PERSON = ["id", "password", "is_active", "email", "name", "locale", "time_zone"]


class People:
    """The people of a file, who is here already, and what has to be written; people who are here stay locked."""

    def __init__(self, by: int | None, rows: Sequence[Row]) -> None:
        self.by = by
        emails = {row.values["email"].lower() for row in rows}
        known = User.objects.filter(email__in=emails).order_by("pk").select_for_update(no_key=True)
        self.people = {person.email: person for person in known}
        grants = RoleGrant.objects.current().filter(user__in=self.people.values()).order_by("starts_on")
        ends = grants.values_list("user__email", "role", "stops_on")
        self.until = {(email, role): stops_on or date.max for email, role, stops_on in ends}
        self.ids = iter(new_ids("territories_user", len(emails) - len(self.people)))
        self.written: dict[str, User] = {}
        self.grants: list[RoleGrant] = []
        self.refusal_of = refusals(lambda **style: check_profile(style))

    def bring(self, rows: Sequence[Row], outcome: Outcome) -> None:
        for row in rows:
            outcome.write(row, self._person, "person")
        staged = ([getattr(one, name) for name in PERSON] for one in self.written.values())
        merge("territories_user", PERSON, staged, once=("password", "is_active"))
        record_all(self.grants)

    def _person(self, row: Row) -> str:
        values = {name: value for name, value in row.values.items() if value}
        values["email"], role, starts_on = (
            values["email"].lower(),
            values.pop("role"),
            values.pop("starts_on"),
        )
        self._check(values)
        person = self.people.get(values["email"])
        kind = "unchanged"
        if person is None:
            kind = "created"
            person = User(pk=next(self.ids), password=make_password(None), email=values["email"])
        elif any(getattr(person, name) != value for name, value in values.items()):
            kind = "changed"
        if kind != "unchanged":
            for name, value in values.items():
                setattr(person, name, value)
            self.people[person.email] = self.written[person.email] = person
        if self.until.get((person.email, role), date.min) <= starts_on:
            self.until[person.email, role] = date.max
            grant = RoleGrant(user_id=person.pk, role=role, starts_on=starts_on, recorded_by_id=self.by)
            self.grants.append(grant)
            kind = "created" if kind == "created" else "changed"
        return kind

    def _check(self, values: dict[str, Any]) -> None:
        """Raises Refused for an address, a zone or a locale that is none; names are taken as the file has them."""
        try:
            validate_email(values["email"])
        except ValidationError as error:
            raise Refused(_("It is not an e-mail address."), path="email") from error
        style = {name: values[name] for name in ("locale", "time_zone") if name in values}
        if refusal := self.refusal_of(**style):
            raise refusal


def undo_people(made: Made) -> None:
    """Somebody who was here stays on record: they are deactivated, not undone."""
    # Locked first, so that nobody signs in meanwhile.
    new = User.objects.filter(pk__in=created(made, User)).order_by("pk").select_for_update(of=("self",))
    if names := [person.name for person in new if person.last_login][:3]:
        message = _("%(names)s signed in already. Deactivate whom you brought in by mistake.")
        raise Conflict(message % {"names": ", ".join(names)}, code="signed_in")
    lock_admins()
    grants = take_out_recorded(made, RoleGrant)
    if any(grant.role == Role.ADMIN for grant in grants):
        need_admin(today())
    put_back(made, User)
    take_out(made, User)
