"""Leads: who takes them up, what is asked of them, who has them, and how they end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Contact, Lookup
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from pipeline.models import Activity, SalesEvent
from pipeline.services import (
    LeadExists,
    complete_activity,
    create_event,
    create_lead,
    disqualify_lead,
    edit_lead,
    give_lead,
    log_activity,
    reopen_lead,
)
from territories.models import Partner
from tests.cast import Cast
from tests.pipeline.leads import ELLA, a_lead, read
from workspace.models import Message


def minute(at: Any) -> Any:
    """The clock of the tests runs on."""
    return at and at.replace(second=0, microsecond=0)


def test_a_lead_is_its_finders_and_lies_where_they_sit(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.rep, source="referral", tactic="cold CALL")
    assert (lead.owner_id, lead.territory_id) == (cast.rep.pk, cast.territories["East 1"].pk)
    assert (lead.number, lead.state, lead.origin) == (f"LEAD-{lead.pk}", "open", "self")
    assert (lead.source, lead.tactic) == ("Referral", "Cold call")
    assert (minute(lead.owned_at), lead.touched_at) == (datetime(2026, 5, 20, 9, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": " ", "company": ""}, "name"),
        ({"email": "", "phone": " "}, "email"),
        ({"email": "ella at dogwood"}, "email"),
        ({"web_domain": "dogwood"}, "web_domain"),
        ({"source": "Gossip"}, "source"),
        ({"tactic": "Spam"}, "tactic"),
        ({"origin": "heaven"}, "origin"),
        ({"origin": "partner"}, "partner_id"),
        ({"origin": "event"}, "event_id"),
        ({"origin": "partner", "partner_id": 987654}, "partner_id"),
        ({"name": "Ella\u202e"}, "name"),
        ({"colour": "red"}, "colour"),
        ({"owner_id": 987654}, "owner_id"),
    ],
)
def test_what_is_wrong_is_named(cast: Cast, acting: Any, changes: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as refused:
        a_lead(acting, cast.rep, **changes)
    assert refused.value.path == path


def test_a_partners_lead_names_the_partner_and_their_own_representative(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        ours, other = Partner.objects.create(name="Ours"), Partner.objects.create(name="Other")
        rep = other.reps.create(name="Rolf")
    with pytest.raises(Refused) as refused:
        a_lead(acting, cast.rep, origin="partner", partner_id=ours.pk, partner_rep_id=rep.pk)
    assert refused.value.path == "partner_rep_id"
    lead = a_lead(acting, cast.rep, origin="partner", partner_id=other.pk, partner_rep_id=rep.pk)
    assert (lead.partner_id, lead.partner_rep_id) == (other.pk, rep.pk)


class TestDuplicates:
    @pytest.mark.parametrize(
        "same",
        [
            {"email": "ELLA@dogwood.example", "phone": "", "company": ""},
            {"email": "", "phone": "0049 (0)30 555-01", "company": ""},
            {"email": "x@y.example", "phone": "", "company": "DOGWOOD, Inc."},
        ],
    )
    def test_an_own_open_lead_is_named(self, cast: Cast, acting: Any, same: dict[str, str]) -> None:
        lead = a_lead(acting, cast.rep)
        with pytest.raises(LeadExists) as refused:
            a_lead(acting, cast.rep, name="Somebody", **same)
        assert str(refused.value.message).startswith(f"Here already: Ella Fischer ({lead.number}).")
        one_more = a_lead(acting, cast.rep, name="Somebody", anyway_reason="another office", **same)
        assert one_more.pk != lead.pk

    def test_of_anothers_one_learns_only_that_somebody_is_here_and_it_is_on_record(
        self, cast: Cast, acting: Any
    ) -> None:
        a_lead(acting, cast.other_rep)
        with pytest.raises(LeadExists) as refused:
            a_lead(acting, cast.rep)
        said = str(refused.value.message)
        assert (
            said == "Somebody like this is here that you don't see. To add another one all the same, say why."
        )
        with acting(cast.admin):
            assert list(Lookup.objects.values_list("person__name", "name", "has_found")) == [
                ("Rita Rep", "Dogwood GmbH", True),
                ("Oscar Other", "Dogwood GmbH", False),
            ]

    def test_contacts_and_accounts_are_looked_at_too(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            Contact.objects.create(account=cast.accounts["Acorn"], name="Ann", email="ann@acorn.example")
            Contact.objects.create(account=cast.accounts["Cedar"], name="Cleo", phone="(030) 777 88")
        with pytest.raises(LeadExists) as refused:
            a_lead(acting, cast.rep, company="", email="Ann@Acorn.example")
        assert "Ann, Acorn" in str(refused.value.message)
        with pytest.raises(LeadExists) as refused:
            a_lead(acting, cast.rep, company="", email="", phone="030 77788")
        assert "Cleo" not in str(refused.value.message)
        with pytest.raises(LeadExists) as refused:
            a_lead(acting, cast.rep, company="Acorn Ltd")
        assert "Acorn (A-1)" in str(refused.value.message)

    def test_who_asks_too_often_is_told_to_wait(self, cast: Cast, acting: Any) -> None:
        for number in range(30):
            a_lead(acting, cast.rep, company="", phone="", email=f"{number}@one.example")
        with pytest.raises(Conflict) as refused:
            a_lead(acting, cast.rep, company="", phone="", email="31@one.example")
        assert refused.value.code == "too_many_lookups"

    def test_what_has_ended_is_no_duplicate(self, cast: Cast, acting: Any) -> None:
        lead = a_lead(acting, cast.rep)
        with acting(cast.rep):
            disqualify_lead(by=cast.rep.pk, lead_id=lead.pk, version=1, reason="No need")
        assert a_lead(acting, cast.rep).pk != lead.pk


class TestGiving:
    def test_the_new_owner_is_told_and_the_clock_starts_anew(
        self, cast: Cast, acting: Any, clock: Any
    ) -> None:
        lead = a_lead(acting, cast.rep)
        with acting(cast.rep):
            log_activity(by=cast.rep.pk, kind="call", subject="Rang Ella", lead_id=lead.pk, next_step="Write",
                         next_step_on=datetime(2026, 5, 22, tzinfo=UTC).date())  # fmt: skip
        clock.move_to(datetime(2026, 5, 21, 9, tzinfo=UTC))
        with acting(cast.manager):
            given = give_lead(by=cast.manager.pk, lead_id=lead.pk, version=1, owner_id=cast.peer.pk)
        assert (minute(given.owned_at), given.touched_at) == (datetime(2026, 5, 21, 9, tzinfo=UTC), None)
        assert given.territory_id == cast.territories["East 2"].pk
        with acting(cast.peer):
            assert list(Message.objects.values_list("event", "about")) == [("lead_came", "Ella Fischer")]
            rows = Activity.objects.filter(lead=lead).order_by("id").values_list("subject", "owner__name")
            assert list(rows) == [("Rang Ella", "Rita Rep"), ("Write", "Paul Peer")]
        with acting(cast.rep), pytest.raises(NotInReach):
            edit_lead(by=cast.rep.pk, lead_id=lead.pk, version=2, name="Mine again")

    def test_a_rep_gives_to_nobody_else_and_a_manager_only_below(self, cast: Cast, acting: Any) -> None:
        lead = a_lead(acting, cast.rep)
        for giver, taker in ((cast.rep, cast.peer), (cast.manager, cast.other_rep)):
            with acting(giver), pytest.raises(Forbidden):
                give_lead(by=giver.pk, lead_id=lead.pk, version=1, owner_id=taker.pk)
        with acting(cast.rep), pytest.raises(Forbidden):
            create_lead(by=cast.rep.pk, owner_id=cast.peer.pk, **ELLA, anyway_reason="for you")


class TestTouching:
    def test_the_first_thing_done_counts_and_a_plan_does_not(
        self, cast: Cast, acting: Any, clock: Any
    ) -> None:
        lead = a_lead(acting, cast.rep)
        with acting(cast.rep):
            plan = log_activity(
                by=cast.rep.pk,
                kind="call",
                subject="Ring",
                lead_id=lead.pk,
                done=False,
                due_on=lead.created_on,
            )
        assert read(acting, cast.rep, lead).touched_at is None
        clock.move_to(datetime(2026, 5, 20, 10, tzinfo=UTC))
        with acting(cast.rep):
            complete_activity(by=cast.rep.pk, activity_id=plan.pk, version=1)
        clock.move_to(datetime(2026, 5, 20, 11, tzinfo=UTC))
        with acting(cast.rep):
            log_activity(by=cast.rep.pk, kind="email", subject="Wrote", lead_id=lead.pk)
        touched = read(acting, cast.rep, lead)
        assert (minute(touched.touched_at), touched.version) == (datetime(2026, 5, 20, 10, tzinfo=UTC), 1)

    @pytest.mark.parametrize("who", ["peer", "other_rep", "other_manager"])
    def test_nobody_logs_for_a_lead_out_of_reach(self, cast: Cast, acting: Any, who: str) -> None:
        lead, person = a_lead(acting, cast.rep), getattr(cast, who)
        with acting(person), pytest.raises(NotInReach):
            log_activity(by=person.pk, kind="call", subject="Rang", lead_id=lead.pk)


class TestEnding:
    def test_a_reason_of_the_list_ends_it_and_it_may_be_opened_again(
        self, cast: Cast, acting: Any, clock: Any
    ) -> None:
        lead = a_lead(acting, cast.rep)
        with acting(cast.rep), pytest.raises(Refused) as refused:
            disqualify_lead(by=cast.rep.pk, lead_id=lead.pk, version=1, reason="Bored")
        assert refused.value.path == "reason"
        with acting(cast.rep):
            ended = disqualify_lead(by=cast.rep.pk, lead_id=lead.pk, version=1, reason="no budget")
            assert (ended.state, ended.reason) == ("disqualified", "No budget")
            with pytest.raises(Conflict):
                edit_lead(by=cast.rep.pk, lead_id=lead.pk, version=2, name="Other")
        clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
        with acting(cast.rep):
            again = reopen_lead(by=cast.rep.pk, lead_id=lead.pk, version=2)
            assert (again.state, again.reason, again.closed_on) == ("open", "", None)
            assert minute(again.owned_at) == datetime(2026, 6, 1, 9, tzinfo=UTC)
            with pytest.raises(Conflict):
                reopen_lead(by=cast.rep.pk, lead_id=lead.pk, version=3)

    @pytest.mark.parametrize("who", ["peer", "other_rep", "other_director"])
    def test_anothers_lead_is_not_there(self, cast: Cast, acting: Any, who: str) -> None:
        lead, person = a_lead(acting, cast.rep), getattr(cast, who)
        for act, more in (
            (edit_lead, {"name": "X"}),
            (give_lead, {"owner_id": person.pk}),
            (disqualify_lead, {"reason": "No need"}),
            (reopen_lead, {}),
        ):
            with acting(person), pytest.raises(NotInReach):
                act(by=person.pk, lead_id=lead.pk, version=1, **more)

    def test_an_executive_reads_and_changes_nothing(self, cast: Cast, acting: Any) -> None:
        lead = a_lead(acting, cast.rep)
        with acting(cast.executive), pytest.raises(Forbidden):
            edit_lead(by=cast.executive.pk, lead_id=lead.pk, version=1, name="X")
        with acting(cast.rep), pytest.raises(Stale):
            edit_lead(by=cast.rep.pk, lead_id=lead.pk, version=7, name="X")


def test_an_edit_keeps_what_the_lead_is(cast: Cast, acting: Any) -> None:
    lead = a_lead(acting, cast.rep)
    with acting(cast.rep):
        event = create_event(
            by=cast.rep.pk, name="Fair", starts_on=lead.created_on, ends_on=lead.created_on, currency="USD"
        )
        changed = edit_lead(
            by=cast.rep.pk, lead_id=lead.pk, version=1, origin="event", event_id=event.pk, town=" Ulm "
        )
        assert (changed.origin, changed.event_id, changed.town, changed.version) == (
            "event",
            event.pk,
            "Ulm",
            2,
        )
        with pytest.raises(Refused) as refused:
            edit_lead(by=cast.rep.pk, lead_id=lead.pk, version=2, email="", phone="")
        assert refused.value.code == "lead_can_be_reached"
        assert SalesEvent.objects.get().owner_id == cast.rep.pk
