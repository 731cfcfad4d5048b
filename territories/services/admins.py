"""The administrator of an installation that has none."""

from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext as _

from common.access import Role
from common.errors import Conflict
from common.selectors import today
from common.transaction import act
from territories.models import RoleGrant, User
from territories.selectors import administrators
from territories.services.people import check_profile, choose_password


@act
def create_admin(
    *, email: str, name: str, password: str, time_zone: str = "UTC", locale: str = "en-US"
) -> User:
    """Make the administrator of an installation in which nobody is; who holds the set-up link or a shell asks for it.

    Whoever is known by that address, such as the last one who left, comes back with the new password and keeps their
    name. Of two who ask at once, by a link or a shell, the second is refused. Raises Conflict where somebody is
    administrator, Refused where the password is too easy.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('first administrator'))")
    day = today()
    if there := administrators(day).first():
        message = _("%(name)s (%(email)s) is administrator here, and adds others under People.")
        raise Conflict(message % {"name": there.name, "email": there.email}, code="has_admin")
    check_profile({"name": name, "time_zone": time_zone, "locale": locale})
    style = {"name": name.strip(), "time_zone": time_zone, "locale": locale}
    person, _is_new = User.objects.get_or_create(email=email.strip().lower(), defaults=style)
    if not person.is_active:
        User.objects.change(person.pk, person.version, is_active=True)
    choose_password(by=person.pk, password=password)
    if not RoleGrant.objects.on(day).filter(user=person, role=Role.ADMIN).exists():
        # The company, which may come later, may live in a zone where it still is yesterday.
        yesterday = day - timedelta(days=1)
        RoleGrant.objects.create(user=person, role=Role.ADMIN, starts_on=yesterday, recorded_by=person)
    return User.objects.get(pk=person.pk)
