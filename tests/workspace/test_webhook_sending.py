"""Whose turn it is to be sent to, and what follows where nobody answers or it was paused."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.outgoing import post
from salesops.celery import app
from tests.cast import Cast
from tests.workspace.at_once import at_once
from tests.workspace.receiving import Receiver, hook_now, register, rename, sent
from workspace.models import Event, Message
from workspace.services import webhook_sending as sending
from workspace.services import webhooks as services
from workspace.services.webhook_sending import send_due


class TestTurns:
    def test_one_sender_at_a_time(self, cast: Cast, acting: Any, receiver: Receiver, owner: Any) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        owner.execute("SELECT pg_advisory_lock(hashtext('workspace_webhooks'))")
        assert (send_due(), receiver.got) == (0, [])
        owner.execute("SELECT pg_advisory_unlock(hashtext('workspace_webhooks'))")
        receiver.wait = 0.2
        assert sorted(at_once(send_due, send_due)) == [0, 1]

    def test_a_backlog_has_its_share_and_keeps_nobody_waiting(
        self, cast: Cast, acting: Any, receiver: Receiver
    ) -> None:
        much, little = (register(acting, cast.rep, receiver.address)[0] for _number in range(2))
        with acting(cast.rep):
            for _number in range(25):
                services.send_test(by=cast.rep.pk, webhook_id=much.pk)
            services.send_test(by=cast.rep.pk, webhook_id=little.pk)
        assert send_due() == 21
        hooks = [json.loads(body)["webhook"] for _headers, body in receiver.got]
        assert hooks.index(little.pk) < 2
        assert hooks.count(much.pk) == 20
        assert send_due() == 5

    def test_who_answers_slowly_takes_a_worker_for_less_than_a_tick(
        self, cast: Cast, acting: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tick = app.conf.beat_schedule["webhooks that are due"]["schedule"]
        assert tick > sending.SECONDS_SENDING
        monkeypatch.setattr(sending, "SECONDS_SENDING", 0.2)
        receiver.wait = 0.15
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            for _number in range(5):
                services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        assert send_due() == 2

    def test_where_nothing_happened_nobody_is_looked_up(
        self, cast: Cast, acting: Any, receiver: Receiver
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        rename(acting, cast, "once")
        sent()
        before = hook_now(hook)
        with CaptureQueriesContext(connection) as asked:
            assert send_due() == 0
        assert not [one for one in asked if "territories_seat" in one["sql"] or "UPDATE" in one["sql"][:6]]
        assert hook_now(hook).xact == before.xact


class TestFailing:
    def test_it_is_tried_again_and_then_given_up(
        self, cast: Cast, acting: Any, receiver: Receiver, clock: Any
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address, "opportunity.changed")
        receiver.status = 503
        rename(acting, cast, "refused")
        waits = []
        for number in range(1, 7):
            (delivery,) = sent(until=1)
            assert (delivery.status, delivery.tries) == (503, number)
            if delivery.state == "waiting":
                waits.append(delivery.due_at - delivery.tried_at)
                clock.move_to(delivery.due_at + timedelta(seconds=1))
        hours, minutes = timedelta(hours=1), timedelta(minutes=1)
        assert [round(wait / minutes) * minutes for wait in waits] == [
            minutes, 5 * minutes, 30 * minutes, 2 * hours, 12 * hours,
        ]  # fmt: skip
        assert delivery.state == "given_up"
        now = hook_now(hook)
        assert (now.is_paused, now.is_failing) == (True, True)
        with acting(cast.rep):
            told = Message.objects.get(event=Event.WEBHOOK_PAUSED)
            assert (told.person_id, told.about, told.url) == (
                cast.rep.pk, "warehouse", f"/profile/webhooks/{hook.pk}/",
            )  # fmt: skip

    def test_what_happened_while_it_was_paused_follows(
        self, cast: Cast, acting: Any, receiver: Receiver
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            services.pause_webhook(by=cast.rep.pk, webhook_id=hook.pk, version=hook.version)
        pk = rename(acting, cast, "meanwhile")
        send_due()
        assert receiver.got == []
        with acting(cast.rep):
            services.resume_webhook(by=cast.rep.pk, webhook_id=hook.pk, version=hook.version + 1)
        sent()
        assert receiver.told == [("opportunity.changed", pk)]

    def test_after_a_pause_of_months_the_last_month_follows(
        self, cast: Cast, acting: Any, receiver: Receiver, owner: Any
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address, "opportunity.changed")
        with acting(cast.rep):
            services.pause_webhook(by=cast.rep.pk, webhook_id=hook.pk, version=hook.version)
        rename(acting, cast, "long ago")
        owner.execute("UPDATE common_rowchange SET recorded_at = '2026-04-19T09:00Z'")
        pk = rename(acting, cast, "lately")
        with acting(cast.rep):
            services.resume_webhook(by=cast.rep.pk, webhook_id=hook.pk, version=hook.version + 1)
        sent()
        assert receiver.told == [("opportunity.changed", pk)]
        rename(acting, cast, "and now")
        sent(until=2)
        assert len(receiver.told) == 2

    def test_in_a_database_that_was_restored_elsewhere_it_goes_on_from_now(
        self, cast: Cast, acting: Any, receiver: Receiver, owner: Any
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address, "opportunity.changed")
        rename(acting, cast, "there")
        owner.execute("UPDATE workspace_webhook SET home = 'elsewhere'")
        assert (send_due(), hook_now(hook).home != "elsewhere") == (0, True)
        rename(acting, cast, "here")
        sent()
        assert len(receiver.told) == 1

    def test_after_many_failures_in_a_row_it_is_paused(
        self, cast: Cast, acting: Any, receiver: Receiver, owner: Any
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        owner.execute("UPDATE workspace_webhook SET failures = 19")
        receiver.status = 500
        rename(acting, cast, "the twentieth")
        sent()
        assert hook_now(hook).is_failing

    def test_another_one_need_not_wait_for_one_that_fails(
        self, cast: Cast, acting: Any, receiver: Receiver
    ) -> None:
        bad, _secret = register(acting, cast.admin, "http://127.0.0.1:9/hook", "opportunity.changed")
        good, _secret = register(acting, cast.admin, receiver.address, "opportunity.changed")
        rename(acting, cast, "for both")
        log = {one.webhook_id: one for one in sent(until=2)}
        assert log[good.pk].state == "delivered"
        assert (log[bad.pk].state, log[bad.pk].status) == ("waiting", None)
        assert "refused" in log[bad.pk].error

    def test_a_redirect_is_not_followed(self, cast: Cast, acting: Any, receiver: Receiver) -> None:
        register(acting, cast.rep, receiver.address)
        receiver.status, receiver.leads_to = 302, f"{receiver.address}/elsewhere"
        rename(acting, cast, "led on")
        (delivery,) = sent()
        assert (delivery.state, delivery.status, len(receiver.got)) == ("waiting", 302, 1)

    def test_who_does_not_answer_is_not_waited_for(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("common.outgoing.SECONDS_A_STEP", 0.1)
        receiver.wait = 0.4
        answer = post(receiver.address, b"{}", {})
        assert (answer.status, answer.error) == (None, "It did not answer in time.")
        assert 50 < answer.duration_ms < 400
