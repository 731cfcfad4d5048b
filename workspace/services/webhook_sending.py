"""What happened goes to webhooks: gathered from the noted changes into deliveries, and each sent until it was taken.

A delivery is taken for two minutes and committed before it is sent, so that one whose sender was killed is sent again:
every happening arrives at least once, and a receiver knows one that came twice by the delivery's id.
"""

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import F, QuerySet
from django.urls import reverse

from common.access import Reach
from common.changes import CURSORS_LIVE, Place, changes_since, horizon
from common.outgoing import Answer, post
from common.selectors import today
from common.transaction import now, work
from territories.selectors import reaches_for
from workspace.models import Event, Webhook, WebhookDelivery
from workspace.rules import webhook_signature, webhook_wait
from workspace.selectors.webhooks import RESOURCES, key_of, told_of
from workspace.services.messages import tell

WHY = "webhooks"
MOST_LOOKED_AT, MOST_TOLD = 1000, 100
# Less than a tick (salesops/celery.py), so that a slow receiver never takes more than one worker from everything else.
MOST_OF_ONE, SECONDS_SENDING = 20, 4
TAKEN_FOR = timedelta(minutes=2)
MOST_FAILURES = 20
KEPT = timedelta(days=30)


def send_due() -> int:
    """Gather what happened and send what is due, the organisation's own job; says how many deliveries were tried.

    Nothing where another sender is at it.
    """
    with _alone() as is_alone:
        if not is_alone:
            return 0
        with work(by=None, why=WHY, reach=Reach.everything()):
            going = list(
                Webhook.objects.filter(is_paused=False, removed_at=None).values_list("pk", flat=True)
            )
        for pk in going:
            _gather(pk)
        with work(by=None, why=WHY, reach=Reach.everything()):
            waited_for = sorted(set(_due().values_list("webhook_id", flat=True)))
        return _send_in_turns(waited_for)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else sends now; whose connection ends lets the next one in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('workspace_webhooks'))")
        is_alone = cursor.fetchone() == (True,)
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('workspace_webhooks'))")


def _send_in_turns(hooks: list[int]) -> int:
    """Send to each webhook one delivery at a turn; says how many were tried.

    One that did not answer, or had its share, is left alone until the next time. Whoever is first may use up the time,
    so another one is each time.
    """
    tried, ends = 0, time.monotonic() + SECONDS_SENDING
    left = random.sample(hooks, len(hooks))
    for _turn in range(MOST_OF_ONE):
        good = []
        for pk in left:
            if time.monotonic() >= ends:
                return tried
            if delivery := _take(pk):
                tried += 1
                good += [pk] if _send(delivery) else []
        left = good
    return tried


def _gather(pk: int) -> None:
    """Make deliveries of what happened since this webhook looked last; of very much the first part."""
    with work(by=None, why=WHY, reach=Reach.everything()):
        rows = Webhook.objects.filter(pk=pk, is_paused=False, removed_at=None).select_related("person")
        hook: Webhook | None = rows.select_for_update(skip_locked=True, of=["self"]).first()
        if hook is None:
            return
        end = horizon()
        # What happened since then in another database is not known here: it goes on from now.
        place = Place(hook.xact, hook.number, hook.home) if hook.home == end.home else end
        kept = changes_since(place, end, RESOURCES).filter(recorded_at__gte=now() - CURSORS_LIVE)
        changes = list(kept[:MOST_LOOKED_AT])
        if not changes and hook.home == end.home:
            return
        theirs = reaches_for([hook.person], today()).get(hook.person_id, Reach.nothing())
        told = told_of(hook, changes, theirs)
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(webhook=hook, happenings=told[start : start + MOST_TOLD], due_at=now())
            for start in range(0, len(told), MOST_TOLD)
        )
        is_more = len(changes) == MOST_LOOKED_AT
        last = Place(changes[-1].xact, changes[-1].pk, end.home) if is_more else place.onto(end)
        Webhook.objects.filter(pk=pk).update(xact=last.xact, number=last.number, home=last.home)


def _due() -> QuerySet[WebhookDelivery]:
    """What is to be sent now; nothing to somebody who left."""
    return WebhookDelivery.objects.filter(
        state=WebhookDelivery.State.WAITING,
        due_at__lte=now(),
        webhook__is_paused=False,
        webhook__removed_at=None,
        webhook__person__is_active=True,
    )


def _take(pk: int) -> WebhookDelivery | None:
    """The next delivery that is due to a webhook, taken for a while and counted as tried."""
    with work(by=None, why=WHY, reach=Reach.everything()):
        rows = _due().filter(webhook=pk).order_by("due_at", "id").select_related("webhook")
        taken: WebhookDelivery | None = rows.select_for_update(skip_locked=True, of=["self"]).first()
        if taken:
            taken.tries, taken.tried_at = taken.tries + 1, now()
            changes = {"due_at": now() + TAKEN_FOR, "tries": taken.tries, "tried_at": taken.tried_at}
            WebhookDelivery.objects.filter(pk=taken.pk).update(**changes)
        return taken


def _send(delivery: WebhookDelivery) -> bool:
    """Send a delivery and note what became of it; says whether it was taken."""
    hook = delivery.webhook
    told = {"webhook": hook.pk, "delivery": delivery.pk, "happenings": delivery.happenings}
    body, at = json.dumps(told).encode(), int(time.time())
    salts = [hook.salt, *([hook.old_salt] if hook.old_until and hook.old_until > now() else [])]
    signatures = " ".join(webhook_signature(key_of(salt), delivery.pk, at, body) for salt in salts)
    headers = {"webhook-id": str(delivery.pk), "webhook-timestamp": str(at), "webhook-signature": signatures}
    answer = post(hook.address, body, headers)
    with work(by=None, why=WHY, reach=Reach.everything()):
        _note(delivery, answer)
    return answer.is_good


def _note(delivery: WebhookDelivery, answer: Answer) -> None:
    said = {"status": answer.status, "error": answer.error[:200], "duration_ms": answer.duration_ms}
    rows, hooks = (
        WebhookDelivery.objects.filter(pk=delivery.pk),
        Webhook.objects.filter(pk=delivery.webhook_id),
    )
    if answer.is_good:
        rows.update(state=WebhookDelivery.State.DELIVERED, **said)
        hooks.exclude(failures=0).update(failures=0)
        return
    wait = webhook_wait(delivery.tries)
    again = {"due_at": now() + wait} if wait else {"state": WebhookDelivery.State.GIVEN_UP}
    rows.update(**again, **said)
    hooks.update(failures=F("failures") + 1)
    _pause_failing(delivery.webhook_id, has_given_up=wait is None)


def _pause_failing(pk: int, *, has_given_up: bool) -> None:
    """Pause a webhook of which a delivery was given up, or that failed very often in a row, and tell its owner."""
    hook: Webhook = Webhook.objects.select_for_update(no_key=True).get(pk=pk)
    if hook.is_paused or not (has_given_up or hook.failures >= MOST_FAILURES):
        return
    Webhook.objects.change(pk, hook.version, is_paused=True, is_failing=True)
    url, key = reverse("webhook_detail", args=[pk]), f"{pk} {hook.version}"
    tell(event=Event.WEBHOOK_PAUSED, people=[hook.person_id], key=key, about=hook.name, url=url)


def forget_deliveries() -> int:
    """Remove what was sent more than a month ago, or waits for somebody who left; the organisation's own job."""
    old = WebhookDelivery.objects.filter(made_at__lt=now() - KEPT)
    waits = {
        "state": WebhookDelivery.State.WAITING,
        "webhook__removed_at": None,
        "webhook__person__is_active": True,
    }
    return old.exclude(**waits).delete()[0]
