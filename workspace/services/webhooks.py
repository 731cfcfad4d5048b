"""Webhooks: where programs are told of changes; everybody for what they read themselves."""

import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from common.access import found
from common.changes import horizon
from common.checks import line_of, refuse_unknown
from common.errors import Conflict, Refused, Stale
from common.outgoing import checked_address
from common.transaction import act, now, reach
from workspace.models import Happening, Webhook, WebhookDelivery
from workspace.selectors.webhooks import secret_of

MOST_WEBHOOKS = 20
OLD_SECRET_SIGNS = timedelta(hours=24)
EDITABLE = ("name", "address", "happenings")
TEST = "test"


@act
def create_webhook(*, by: int, name: str, address: str, happenings: Collection[str]) -> tuple[Webhook, str]:
    """Register an address that is told what happens from now on to the rows that one may read; whoever has a role.

    Its secret is given back, to be shown once. Raises Refused on what is missing or wrong, and for one too many.
    """
    reach().require("webhook", "create", {"person_id": by})
    if Webhook.objects.filter(person=by, removed_at=None).count() >= MOST_WEBHOOKS:
        message = _("One person has at most %(most)s webhooks. Remove one first.")
        raise Refused(message % {"most": MOST_WEBHOOKS}, code="too_many")
    values = _checked({"name": name, "address": address, "happenings": happenings})
    place, salt = horizon(), secrets.token_urlsafe(32)
    made: Webhook = Webhook.objects.create(
        person_id=by, salt=salt, xact=place.xact, home=place.home, **values
    )
    return made, secret_of(salt)


@act
def edit_webhook(*, by: int, webhook_id: int, version: int, **changes: Any) -> Webhook:
    """Change its name, its address, or what it is told of: fields of EDITABLE; its owner alone."""
    refuse_unknown(changes, EDITABLE)
    _own(webhook_id, version)
    Webhook.objects.change(webhook_id, version, **_checked(changes))
    return Webhook.objects.get(pk=webhook_id)


@act
def rotate_secret(*, by: int, webhook_id: int, version: int) -> str:
    """Give a webhook another secret, which is given back; for a day both sign. Its owner alone."""
    hook = _own(webhook_id, version)
    salt, until = secrets.token_urlsafe(32), now() + OLD_SECRET_SIGNS
    Webhook.objects.change(webhook_id, version, salt=salt, old_salt=hook.salt, old_until=until)
    return secret_of(salt)


@act
def pause_webhook(*, by: int, webhook_id: int, version: int) -> None:
    """Send nothing to a webhook until it goes on; its owner or an administrator."""
    _webhook(webhook_id, version)
    Webhook.objects.change(webhook_id, version, is_paused=True)


@act
def resume_webhook(*, by: int, webhook_id: int, version: int) -> None:
    """Let a paused webhook go on from where it stopped, with all that happened since; its owner or an administrator."""
    _webhook(webhook_id, version)
    Webhook.objects.change(webhook_id, version, is_paused=False, is_failing=False, failures=0)


@act
def remove_webhook(*, by: int, webhook_id: int, version: int) -> None:
    """Take a webhook away for good; what was sent stays in its log. Its owner or an administrator."""
    _webhook(webhook_id, version)
    Webhook.objects.change(webhook_id, version, removed_at=now(), is_paused=True)


@act
def send_test(*, by: int, webhook_id: int) -> WebhookDelivery:
    """Send a webhook something that happened to nothing, to see whether it answers; its owner alone."""
    return _deliver(_own(webhook_id), [{"type": TEST, "id": None, "at": now().isoformat()}])


@act
def send_delivery_again(*, by: int, delivery_id: int) -> WebhookDelivery:
    """Send once more what was sent; its webhook's owner alone. Raises NotInReach, Forbidden, Conflict."""
    rows = WebhookDelivery.objects.filter(webhook__in=Webhook.objects.visible_to(reach()))
    sent: WebhookDelivery = found(rows.filter(pk=delivery_id).first())
    hook = _own(sent.webhook_id)
    if sent.state == WebhookDelivery.State.WAITING:
        raise Conflict(_("This is still to be sent."), code="waiting")
    return _deliver(hook, sent.happenings)


def _deliver(hook: Webhook, happenings: Any) -> WebhookDelivery:
    if hook.is_paused:
        raise Conflict(_("This webhook is paused. Let it go on first."), code="paused")
    made: WebhookDelivery = WebhookDelivery.objects.create(webhook=hook, happenings=happenings, due_at=now())
    return made


def _own(webhook_id: int, version: int | None = None) -> Webhook:
    """One's own: where it leads and what signs is its owner's. Raises NotInReach, Forbidden, Stale."""
    return _webhook(webhook_id, version, "configure")


def _webhook(webhook_id: int, version: int | None = None, action: str = "update") -> Webhook:
    """One that stands, with which the person may do that. Raises NotInReach, Forbidden, Stale."""
    rows = Webhook.objects.visible_to(reach()).filter(removed_at=None)
    hook: Webhook = found(rows.filter(pk=webhook_id).first())
    reach().require("webhook", action, hook)
    if version not in (None, hook.version):
        raise Stale()
    return hook


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Each value that is there as it is kept. Raises Refused with its path."""
    kept = dict(values)
    if "name" in kept:
        kept["name"] = line_of(kept["name"], "name", 80)
    if "address" in kept:
        kept["address"] = checked_address(line_of(kept["address"], "address", 500))
    if "happenings" in kept:
        chosen = set(kept["happenings"])
        if not chosen or chosen - set(Happening.values):
            message = _("Choose at least one thing to be told of.")
            raise Refused(message, path="happenings", code="unknown_happening")
        kept["happenings"] = [one for one in Happening.values if one in chosen]
    return kept
