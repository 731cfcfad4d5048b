"""Makes the demo company in an empty installation, and renews its people's password."""

import secrets
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils.translation import gettext as _

from common.access import Reach, Role
from common.errors import Refused
from common.selectors import organisation
from common.transaction import work
from salesops.demo.company import found
from salesops.demo.facts import SIZES
from salesops.demo.load import write
from territories.models import Territory, User


def seed(*, number: int, size: str, today: date) -> str:
    """Make the demo company of that size as of that day, and answer its people's password. Runs as the schema's owner.

    The password is kept nowhere but in the people's hashes.
    Raises Refused in production and where the installation already has a company.
    """
    company, password = found(SIZES[size], today), secrets.token_urlsafe(12)
    with work(by=None, why=f"demo company, {size}, seed {number}", reach=Reach.everything()):
        _require_empty()
        write(company, SIZES[size], number, password)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return password


def _refuse_production() -> None:
    if settings.IS_PRODUCTION:
        raise Refused(_("The demo company is not for production. Set up your own company instead."))


def _require_empty() -> None:
    _refuse_production()
    if not is_untouched():
        raise Refused(_("This installation already has a company, or people of one. Use an empty database."))


def is_untouched() -> bool:
    """Whether nobody has begun anything in this installation."""
    return not (organisation() or User.objects.exists() or Territory.objects.exists())


def renew_password() -> str:
    """Give every demo person a new password, and answer it; not in production, nor for another company."""
    _refuse_production()
    password = secrets.token_urlsafe(12)
    with work(by=None, why="new demo password", reach=Reach.everything()):
        company = organisation()
        if company is None or not company.is_demo:
            raise Refused(_("This installation has no demo company."))
        User.objects.update(password=make_password(password))
    return password


def log_ins() -> list[tuple[str, str, str]]:
    """Role, e-mail address and name of one person of each role: the first who still is there."""
    with work(by=None, why="demo log-ins", reach=Reach.everything()):
        people = User.objects.filter(is_active=True, role_grants__superseded_at=None).order_by("-pk")
        firsts = {row[0]: row for row in people.values_list("role_grants__role", "email", "name")}
        return [firsts[role] for role in Role]
