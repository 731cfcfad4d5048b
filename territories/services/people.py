"""People and the roles that they hold."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from babel import Locale, UnknownLocaleError
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.access import Role, found
from common.checks import refuse_unknown
from common.errors import Conflict, Refused
from common.selectors import today
from common.transaction import act, reach
from territories.models import RoleGrant, User

PROFILE_FIELDS = frozenset({"name", "work_location", "locale", "time_zone"})
PERSON_FIELDS = frozenset({"name", "email", "work_location", "work_calendar_id", "locale", "time_zone"})


@act
def create_person(*, by: int, email: str, name: str, role: str, starts_on: date, **style: str) -> User:
    """Add a person with a role from a day on; administrators only. `style`: locale, time_zone.

    They have no password: an invitation lets them choose one. Raises Refused where the address is taken.
    """
    reach().require("user", "update")
    check_profile({"name": name, **style})
    person = User(email=email.strip().lower(), name=name.strip(), **style)
    person.set_unusable_password()
    person.save(force_insert=True)
    grant_role(by=by, user_id=person.pk, role=role, starts_on=starts_on)
    return person


@act
def choose_password(*, by: int, password: str) -> None:
    """Give oneself a password, which ends one's sessions. Raises Refused where it is too easy."""
    person: User = found(User.objects.filter(pk=by, is_active=True).first())
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), path="password", code="password") from error
    person.set_password(password)
    person.save(update_fields=["password"])


@act
def edit_person(*, by: int, user_id: int, version: int, **changes: Any) -> User:
    """Change what is known of a person: PERSON_FIELDS; administrators only. Answers the person as they were.

    Another e-mail address is another way in: it ends their sessions and the links that the old one was sent.
    Raises Refused where the address is taken, Stale where the person changed meanwhile.
    """
    reach().require("user", "update")
    person: User = found(User.objects.filter(pk=user_id).first())
    refuse_unknown(changes, PERSON_FIELDS)
    if "email" in changes:
        changes["email"] = changes["email"].strip().lower()
    check_profile(changes if changes.get("name") != person.name else {**changes, "name": ""})
    User.objects.change(user_id, version, **changes)
    if changes.get("email", person.email) != person.email:
        EmailAddress.objects.filter(user_id=user_id).update(email=changes["email"])
    return person


@act
def edit_profile(*, by: int, version: int, **changes: Any) -> None:
    """Change one's own name, work location, locale or time zone. Raises Stale where it changed meanwhile."""
    refuse_unknown(changes, PROFILE_FIELDS)
    check_profile(changes)
    User.objects.change(by, version, **changes)


def check_profile(values: dict[str, Any]) -> None:
    if "@" in values.get("name", ""):
        raise Refused(_("A name is no e-mail address: people are found by both."), path="name")
    if "time_zone" in values and values["time_zone"] not in available_timezones():
        raise Refused(_("There is no time zone of that name."), path="time_zone")
    try:
        Locale.parse(values.get("locale", "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise Refused(_("There is no locale of that name."), path="locale") from error


@act
def grant_role(
    *, by: int, user_id: int, role: str, starts_on: date, stops_on: date | None = None
) -> RoleGrant:
    """Give a person a role on a range of days; administrators only. Roles add up."""
    reach().require("role_grant", "update")
    found(User.objects.filter(pk=user_id).first())
    if role not in Role.values:
        raise Refused(_("A role is one of: %(roles)s.") % {"roles": ", ".join(Role.values)}, path="role")
    return RoleGrant.objects.create(
        user_id=user_id, role=role, starts_on=starts_on, stops_on=stops_on, recorded_by_id=by
    )


@act
def end_role(*, by: int, grant_id: int, stops_on: date) -> RoleGrant | None:
    """End a role on its first day without it; administrators only. Raises Stale where it was replaced meanwhile.

    A role that begins today or later is taken back by ending it on its first day. The last administrator stays one.
    """
    reach().require("role_grant", "update")
    lock_admins()
    grant: RoleGrant = found(RoleGrant.objects.filter(pk=grant_id).first())
    ended = None
    if stops_on <= grant.starts_on and grant.starts_on >= today():
        grant.supersede()
    else:
        ended = grant.replaced(stops_on=stops_on, recorded_by_id=by)
    if grant.role == Role.ADMIN:
        need_admin(max(stops_on, today()))
    return ended


@act
def change_role(*, by: int, grant_id: int, role: str, starts_on: date) -> RoleGrant:
    """Let a person hold another role in the place of one, from a day on; administrators only.

    The old one ends on that day, the new one ends when the old one would have. The last administrator stays one.
    """
    reach().require("role_grant", "update")
    grant: RoleGrant = found(RoleGrant.objects.current().filter(pk=grant_id).first())
    if role == grant.role:
        raise Refused(_("They hold that role already. Choose another one."), path="role")
    if grant.stops_on and grant.stops_on <= starts_on:
        message = _("The old role ends before that day. Give the new one for itself.")
        raise Refused(message, path="starts_on")
    end_role(by=by, grant_id=grant_id, stops_on=starts_on)
    return grant_role(by=by, user_id=grant.user_id, role=role, starts_on=starts_on, stops_on=grant.stops_on)


def lock_admins() -> None:
    """Let two who take that role from each other wait for each other here; the second one finds the last one."""
    list(RoleGrant.objects.current().filter(role=Role.ADMIN).order_by("pk").select_for_update())


def need_admin(day: date) -> None:
    """Raises Conflict where nobody who is still here is administrator from that day on without an end."""
    lasting = RoleGrant.objects.on(day).filter(role=Role.ADMIN, stops_on=None, user__is_active=True)
    if not lasting.exists():
        raise Conflict(_("Somebody has to be administrator. Give the role to another person first."))
