"""Programs are told of what happened to what their owner may read: signed, again until they answer, and logged."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from common.access import Reach
from common.changes import Place, horizon
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.outgoing import post
from common.transaction import work
from orders.services import LineInput, ShareInput, book
from territories.models import User
from tests.cast import Cast
from tests.workspace.at_once import at_once
from tests.workspace.receiving import ALL, Receiver, register, rename, sent
from workspace.models import Webhook, WebhookDelivery
from workspace.services import webhooks as services
from workspace.services.webhook_sending import forget_deliveries, send_due


class TestTelling:
    def test_a_won_deal_and_its_order_are_told(self, cast: Cast, acting: Any, receiver: Receiver) -> None:
        wanted = ["opportunity.won", "order.booked"]
        hook, _secret = register(acting, cast.rep, receiver.address, *wanted)
        deal = cast.deals["Acorn renewal"]
        with acting(cast.rep):
            order = book(
                by=cast.rep.pk,
                account_id=cast.accounts["Acorn"].pk,
                booked_on=deal.created_on.replace(month=5, day=19),
                currency="USD",
                lines=[LineInput(cast.products["Server"].pk, 1, 100_001)],
                shares=[ShareInput(cast.rep.pk, 100_000_000)],
                motion="new",
                opportunity_id=deal.pk,
                opportunity_version=deal.version,
            )
        (delivery,) = sent()
        assert sorted(receiver.told) == [("opportunity.won", deal.pk), ("order.booked", order.pk)]
        assert (delivery.state, delivery.status, delivery.tries) == ("delivered", 200, 1)
        assert delivery.duration_ms is not None
        body = json.loads(receiver.got[0][1])
        assert set(body) == {"webhook", "delivery", "happenings"}
        assert {key for one in body["happenings"] for key in one} == {"type", "id", "at"}
        assert body["webhook"] == hook.pk
        send_due()
        assert len(receiver.got) == 1

    def test_it_is_signed_as_the_page_about_the_api_says(
        self, cast: Cast, acting: Any, receiver: Receiver
    ) -> None:
        _hook, secret = register(acting, cast.admin, receiver.address)
        rename(acting, cast, "signed")
        sent()
        headers, body = receiver.got[0]
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"

    def test_only_what_its_owner_reads_is_told(self, cast: Cast, acting: Any, receiver: Receiver) -> None:
        register(acting, cast.rep, receiver.address)
        theirs = rename(acting, cast, "theirs")
        rename(acting, cast, "another team's", "Cedar renewal")
        sent()
        assert receiver.told == [("opportunity.changed", theirs)]

    def test_what_happened_before_is_not_told(self, cast: Cast, acting: Any, receiver: Receiver) -> None:
        rename(acting, cast, "before")
        register(acting, cast.admin, receiver.address)
        pk = rename(acting, cast, "after")
        sent()
        assert receiver.told == [("opportunity.changed", pk)]

    def test_who_left_is_told_nothing(self, cast: Cast, acting: Any, receiver: Receiver) -> None:
        register(acting, cast.rep, receiver.address)
        hook, _secret = register(acting, cast.admin, receiver.address, "opportunity.changed")
        with acting(cast.admin):
            User.objects.filter(pk=cast.rep.pk).update(is_active=False)
        rename(acting, cast, "gone")
        assert [one.webhook_id for one in sent()] == [hook.pk]

    def test_what_waited_for_somebody_who_left_is_not_sent(
        self, cast: Cast, acting: Any, receiver: Receiver
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        with acting(cast.admin):
            User.objects.filter(pk=cast.rep.pk).update(is_active=False)
        assert (send_due(), receiver.got) == (0, [])

    def test_what_commits_while_it_is_gathered_is_told_once(
        self, cast: Cast, acting: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        register(acting, cast.admin, receiver.address, "opportunity.changed")
        rename(acting, cast, "before")
        meanwhile = iter(["meanwhile", "and again"])

        def asked_just_before() -> Place:
            end = horizon()
            if name := next(meanwhile, ""):
                at_once(lambda: rename(acting, cast, name))
            return end

        monkeypatch.setattr("workspace.services.webhook_sending.horizon", asked_just_before)
        sent(until=3)
        bodies = [json.loads(body) for _headers, body in receiver.got]
        told = [(one["type"], one["id"], body["delivery"]) for body in bodies for one in body["happenings"]]
        assert len(told) == len(set(told)) == 3


class TestLog:
    def test_what_was_sent_is_sent_again(self, cast: Cast, acting: Any, receiver: Receiver) -> None:
        register(acting, cast.rep, receiver.address)
        pk = rename(acting, cast, "twice")
        (first,) = sent()
        with acting(cast.peer), pytest.raises(NotInReach):
            services.send_delivery_again(by=cast.peer.pk, delivery_id=first.pk)
        with acting(cast.rep):
            services.send_delivery_again(by=cast.rep.pk, delivery_id=first.pk)
        sent(until=2)
        assert receiver.told == [("opportunity.changed", pk)] * 2
        assert receiver.got[0][0]["webhook-id"] != receiver.got[1][0]["webhook-id"]

    def test_a_test_is_sent(self, cast: Cast, acting: Any, receiver: Receiver) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        sent()
        assert receiver.told == [("test", None)]

    def test_one_whose_sender_was_killed_is_sent_again(
        self, cast: Cast, acting: Any, receiver: Receiver, owner: Any, clock: Any
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        owner.execute(
            "UPDATE workspace_webhookdelivery SET tries = 1, due_at = due_at + interval '2 minutes'"
        )
        send_due()
        assert receiver.got == []
        clock.shift(timedelta(minutes=3))
        send_due()
        assert receiver.told == [("test", None)]

    def test_what_was_sent_long_ago_goes(
        self, cast: Cast, acting: Any, receiver: Receiver, owner: Any
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            for _number in range(3):
                services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        owner.execute("UPDATE workspace_webhookdelivery SET made_at = '2026-01-01'")
        owner.execute("UPDATE workspace_webhookdelivery SET state = 'delivered' WHERE id % 2 = 0")
        with work(by=None, why="a test", reach=Reach.everything()), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE salesops_worker")
            forget_deliveries()
            assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"waiting"}

    @pytest.mark.parametrize("why", ["removed", "left"])
    def test_what_waits_for_nobody_goes_too(
        self, cast: Cast, acting: Any, receiver: Receiver, owner: Any, why: str
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
            if why == "removed":
                services.remove_webhook(by=cast.rep.pk, webhook_id=hook.pk, version=hook.version)
        if why == "left":
            with acting(cast.admin):
                User.objects.filter(pk=cast.rep.pk).update(is_active=False)
        owner.execute("UPDATE workspace_webhookdelivery SET made_at = '2026-01-01'")
        with work(by=None, why="a test", reach=Reach.everything()), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE salesops_worker")
            assert forget_deliveries() == 1


class TestSecrets:
    def test_for_a_day_both_secrets_sign(
        self, cast: Cast, acting: Any, receiver: Receiver, clock: Any
    ) -> None:
        hook, first = register(acting, cast.rep, receiver.address)
        with acting(cast.rep):
            second = services.rotate_secret(by=cast.rep.pk, webhook_id=hook.pk, version=hook.version)
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        assert first != second
        sent()
        assert len(receiver.got[0][0]["webhook-signature"].split()) == 2
        clock.shift(timedelta(hours=25))
        with acting(cast.rep):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        sent(until=2)
        assert len(receiver.got[1][0]["webhook-signature"].split()) == 1

    def test_the_database_does_not_hold_them(
        self, cast: Cast, acting: Any, receiver: Receiver, owner: Any
    ) -> None:
        _hook, secret = register(acting, cast.rep, receiver.address)
        for table in ("workspace_webhook", "workspace_webhookevent"):
            owner.execute(f"SELECT count(*), string_agg(row_to_json(t)::text, '') FROM {table} t")
            number, text = owner.fetchone()
            assert number == 1
            assert secret.removeprefix("whsec_") not in text
        assert "salt" not in text


class TestRegistering:
    @pytest.mark.parametrize(
        ("values", "path"),
        [
            ({"name": " "}, "name"),
            ({"address": "ftp://example.com/"}, "address"),
            ({"address": "example.com"}, "address"),
            ({"address": "https://"}, "address"),
            ({"address": "https://example.com:99999/"}, "address"),
            ({"address": "https://me:secret@example.com/"}, "address"),
            ({"address": "https://example.com/#part"}, "address"),
            ({"address": "https://example.com/a b"}, "address"),
            ({"happenings": []}, "happenings"),
            ({"happenings": ["opportunity.eaten"]}, "happenings"),
        ],
    )
    def test_what_is_wrong_is_told(self, cast: Cast, acting: Any, values: dict[str, Any], path: str) -> None:
        good = {"name": "warehouse", "address": "https://example.com/hook", "happenings": ALL}
        with acting(cast.rep), pytest.raises(Refused) as refused:
            services.create_webhook(by=cast.rep.pk, **{**good, **values})
        assert refused.value.path == path

    @override_settings(WEBHOOKS_INSIDE=False)
    def test_a_name_that_leads_inside_is_sent_nothing(self, receiver: Receiver) -> None:
        answer = post(receiver.address, b"{}", {})
        assert (answer.status, receiver.got) == (None, [])
        assert "private network" in answer.error

    def test_one_person_has_twenty_at_most(self, cast: Cast, acting: Any) -> None:
        for _number in range(20):
            register(acting, cast.rep, "https://example.com/hook")
        with pytest.raises(Refused, match="20"):
            register(acting, cast.rep, "https://example.com/hook")

    def test_nobody_touches_another_persons(self, cast: Cast, acting: Any) -> None:
        hook, _secret = register(acting, cast.rep, "https://example.com/hook")
        with acting(cast.manager), pytest.raises(NotInReach):
            services.pause_webhook(by=cast.manager.pk, webhook_id=hook.pk, version=1)
        with acting(cast.admin):
            services.pause_webhook(by=cast.admin.pk, webhook_id=hook.pk, version=1)
        with acting(cast.rep), pytest.raises(Conflict):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        with acting(cast.rep):
            services.remove_webhook(by=cast.rep.pk, webhook_id=hook.pk, version=2)
        with acting(cast.rep), pytest.raises(NotInReach):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)

    def test_an_administrator_stops_it_and_does_not_turn_it_to_themselves(
        self, cast: Cast, acting: Any, browse: Any, receiver: Receiver
    ) -> None:
        hook, _secret = register(acting, cast.rep, receiver.address)
        mine = {"by": cast.admin.pk, "webhook_id": hook.pk}
        with acting(cast.rep):
            services.send_test(by=cast.rep.pk, webhook_id=hook.pk)
        (delivery,) = sent()
        for refused in (
            lambda: services.edit_webhook(version=1, address="https://example.com/admin", **mine),
            lambda: services.rotate_secret(version=1, **mine),
            lambda: services.send_test(**mine),
            lambda: services.send_delivery_again(by=cast.admin.pk, delivery_id=delivery.pk),
        ):
            with acting(cast.admin), pytest.raises(Forbidden):
                refused()
        url = f"/profile/webhooks/{hook.pk}/"
        page = browse(cast.admin).get(url).content.decode()
        assert [f"{url}{part}/" in page for part in ("pause", "remove", "edit", "secret", "test")] == [
            True, True, False, False, False,
        ]  # fmt: skip
        assert "Send again" not in page
        with acting(cast.admin):
            services.pause_webhook(version=1, **mine)
            services.resume_webhook(version=2, **mine)
            services.remove_webhook(version=3, **mine)

    def test_a_webhook_is_made_for_oneself(self, cast: Cast, acting: Any) -> None:
        with acting(cast.rep), pytest.raises(Forbidden):
            services.create_webhook(by=cast.peer.pk, name="x", address="https://example.com/", happenings=ALL)


class TestPages:
    def test_from_the_form_to_the_log(self, cast: Cast, browse: Any, acting: Any, receiver: Receiver) -> None:
        me = browse(cast.rep)
        assert "No webhook yet" in me.get("/profile/webhooks/").content.decode()
        form = {"name": "warehouse", "address": receiver.address, "happenings": ["opportunity.changed"]}
        page = me.post("/profile/webhooks/new/", form, follow=True).content.decode()
        assert "whsec_" in page
        with acting(cast.rep):
            hook: Webhook = Webhook.objects.get()
        url = f"/profile/webhooks/{hook.pk}/"
        assert "whsec_" not in me.get(url).content.decode()
        me.post(f"{url}test/", {})
        sent()
        page = me.get(url).content.decode()
        assert "delivered" in page
        assert ">200<" in page
        assert browse(cast.peer).get(url).status_code == 404
        assert "warehouse" in browse(cast.admin).get("/profile/webhooks/").content.decode()

    def test_a_bad_address_keeps_what_was_typed(self, cast: Cast, browse: Any) -> None:
        form = {"name": "warehouse", "address": "nowhere", "happenings": ["order.booked"]}
        answer = browse(cast.rep).post("/profile/webhooks/new/", form)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="nowhere"' in page
        assert "https://" in page

    def test_it_is_paused_edited_and_removed_with_its_history(
        self, cast: Cast, browse: Any, acting: Any
    ) -> None:
        hook, _secret = register(acting, cast.rep, "https://example.com/hook")
        me, url = browse(cast.rep), f"/profile/webhooks/{hook.pk}/"
        me.post(f"{url}pause/", {"version": 1})
        me.post(f"{url}resume/", {"version": 2})
        form = {
            "version": 3,
            "name": "store",
            "address": "https://example.com/2",
            "happenings": ["order.booked"],
        }
        me.post(f"{url}edit/", form)
        page = me.get(url).content.decode()
        assert "<del>warehouse</del>" in page
        assert "<del>https://example.com/hook</del>" in page
        stale = me.post(f"{url}pause/", {"version": 1}, follow=True).content.decode()
        assert "Somebody else changed this" in stale
        assert "whsec_" in me.post(f"{url}secret/", {"version": 4}, follow=True).content.decode()
        me.post(f"{url}remove/", {"version": 5})
        assert me.get(url).status_code == 404
