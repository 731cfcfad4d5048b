"""What a set-up link is good for."""

import hashlib

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from common.selectors import today
from common.transaction import now, widened
from territories.selectors import administrators
from workspace.models import SetupLink


class LinkState(TextChoices):
    """Whether a set-up link makes the first administrator, or why it does not."""

    VALID = "valid", _("This link makes the first administrator.")
    WRONG = "wrong", _("There is no such link. Copy all of it, from http to the last slash.")
    EXPIRED = "expired", _("This link has expired: one holds for 60 minutes, and only the newest one.")
    USED = "used", _("This link has done its work: somebody is administrator here.")


def link_digest(secret: str) -> str:
    """What is kept of a link: enough to know it again, not to open it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def link_state(digest: str, *, is_locked: bool = False) -> LinkState:
    """What the link of that digest is good for now; `is_locked`: who else uses it waits for this transaction."""
    with widened("setup_link"):
        links = SetupLink.objects.select_for_update() if is_locked else SetupLink.objects.all()
        link = links.filter(digest=digest).first()
    if link is None:
        return LinkState.WRONG
    if link.used_at or administrators(today()).exists():
        return LinkState.USED
    return LinkState.EXPIRED if link.expires_at <= now() else LinkState.VALID
