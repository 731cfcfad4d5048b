"""Makes the demo company in an empty installation, and renews its people's password."""

import secrets
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils.translation import gettext as _

from common.access import Reach
from common.errors import Refused
from common.selectors import organisation
from common.transaction import work
from salesops.demo.company import SIZES, Company, found
from salesops.demo.load import FILLED, write
from territories.models import Territory, User


def fresh_password() -> str:
    """A password of this installation; it is kept nowhere but in the people's hashes."""
    return secrets.token_urlsafe(12)


def seed(*, number: int, size: str, today: date, password: str) -> Company:
    """Make the demo company of that size as of that day. Runs as the schema's owner.

    Raises Refused in production and where the installation already has a company.
    """
    company = found(SIZES[size], today)
    with work(by=None, why=f"demo company, {size}, seed {number}", reach=Reach.everything()):
        _require_empty()
        write(company, SIZES[size], number, password)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(FILLED)}")
    return company


def _require_empty() -> None:
    if settings.IS_PRODUCTION:
        raise Refused(_("The demo company is not for production. Import your own company instead."))
    if organisation() or User.objects.exists() or Territory.objects.exists():
        raise Refused(_("This installation already has a company. Use an empty database."))


def renew_password(password: str) -> int:
    """Give every demo person a new password; returns how many there are. Raises Refused for a real company."""
    with work(by=None, why="new demo password", reach=Reach.everything()):
        company = organisation()
        if company is None or not company.is_demo:
            raise Refused(_("This installation has no demo company."))
        return User.objects.update(password=make_password(password))
