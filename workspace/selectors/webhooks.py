"""Webhooks, what was sent to them, and what of a change one of them is told."""

import base64
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from common.access import Reach, table
from common.models import RowChange
from workspace.models import Happening, Webhook, WebhookDelivery
from workspace.rules import happenings_of

PREFIX = "whsec_"
RESOURCES = tuple(sorted({happening.partition(".")[0] for happening in Happening.values}))


def key_of(salt: str) -> bytes:
    """The key that signs: made of the salt and the installation's secret key; the database alone does not give it."""
    return salted_hmac("workspace.webhook", salt, algorithm="sha256").digest()


def secret_of(salt: str) -> str:
    """The key as its owner keeps it."""
    return PREFIX + base64.b64encode(key_of(salt)).decode()


def webhooks(mine: Reach) -> QuerySet[Webhook]:
    """The webhooks that stand and that the reader may see: their own, and everybody's for administrators."""
    return Webhook.objects.visible_to(mine).filter(removed_at=None).select_related("person").order_by("id")


def deliveries_of(hook: Webhook) -> QuerySet[WebhookDelivery]:
    """What was sent to a webhook, or waits to be, the newest first."""
    return WebhookDelivery.objects.filter(webhook=hook).order_by("-id")


def told_of(hook: Webhook, changes: Sequence[RowChange], theirs: Reach) -> list[dict[str, Any]]:
    """What happened that the webhook is to be told of: what it asked for, of rows that its owner may read now."""
    ids: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        ids[change.resource].add(change.row_id)
    seen = {resource: _seen(resource, pks, theirs) for resource, pks in ids.items()}
    asked = set(hook.happenings)
    return [
        {
            "type": happening,
            "id": change.row_id,
            "at": change.recorded_at.isoformat(),
        }
        for change in changes
        if change.row_id in seen[change.resource]
        for happening in happenings_of(change.resource, change.kind, change.became)
        if happening in asked
    ]


def _seen(resource: str, ids: set[int], theirs: Reach) -> set[int]:
    model = table()[resource].model_class()
    rows = model._default_manager.filter(theirs.q(model), pk__in=ids)
    return set(rows.values_list("pk", flat=True))
