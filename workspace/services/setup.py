"""The link by which an installation without an administrator gets its first one."""

import secrets
from datetime import timedelta

from common.errors import Conflict
from common.selectors import today
from common.transaction import act, now, widened
from territories.models import User
from territories.selectors import administrators
from territories.services import create_admin
from workspace.models import SetupLink
from workspace.selectors.setup import LinkState, link_digest, link_state

HOLDS = timedelta(minutes=60)


@act
def make_setup_link() -> str:
    """The secret of a new set-up link, the only one that works from now on; empty where somebody is administrator.

    Only its hash is kept. For who starts the product.
    """
    if administrators(today()).exists():
        return ""
    secret = secrets.token_urlsafe(32)
    with widened("setup_link"):
        SetupLink.objects.filter(used_at=None, expires_at__gt=now()).update(expires_at=now())
        SetupLink.objects.create(digest=link_digest(secret), expires_at=now() + HOLDS)
    return secret


@act
def use_setup_link(*, digest: str, **person: str) -> User:
    """Make the first administrator by a set-up link, once: of two who use it at the same time the second is refused.

    `person`: what `territories.services.create_admin` takes. Raises Conflict, saying why the link does not work.
    """
    state = link_state(digest, is_locked=True)
    if state != LinkState.VALID:
        raise Conflict(state.label, code=f"link_{state}")
    with widened("setup_link"):
        SetupLink.objects.filter(digest=digest).update(used_at=now())
    return create_admin(**person)
