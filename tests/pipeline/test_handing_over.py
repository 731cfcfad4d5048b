"""One deal is handed over: whose it is from now on, with the reason; both are told."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.transaction import work
from pipeline.models import Activity, Opportunity
from pipeline.services import give_opportunity, move_stage
from territories.models import User
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from workspace.models import Message
from workspace.selectors.sentences import sentence


def everything() -> Any:
    return work(by=None, why="look", reach=Reach.everything())


def give(cast: Cast, to: Any, *, by: Any = None, **more: Any) -> Opportunity:
    known = {"opportunity_id": cast.deals["Acorn renewal"].pk, "version": 1, "owner_id": to.pk}
    return give_opportunity(by=(by or cast.manager).pk, **{**known, "reason": "Paul knows Acorn", **more})


@pytest.fixture
def tasks(cast: Cast, acting: Acting) -> None:
    """Rita and Mona have something to do for the deal, and Rita did something."""
    about = {"opportunity": cast.deals["Acorn renewal"], "territory": cast.territories["East 1"]}
    with everything():
        for subject, owner, done in (("Ring", "rep", None), ("Sign", "manager", None), ("Met", "rep", True)):
            Activity.objects.create(
                **about,
                kind="task",
                subject=subject,
                owner=getattr(cast, owner),
                due_on=date(2026, 6, 1),
                done_at="2026-05-01T10:00Z" if done else None,
                done_on="2026-05-01" if done else None,
            )


def owners(cast: Cast) -> dict[str, str]:
    with everything():
        return dict(Activity.objects.values_list("subject", "owner__name"))


def test_it_goes_with_what_its_owner_had_still_to_do(cast: Cast, acting: Acting, tasks: None) -> None:
    with acting(cast.manager):
        deal = give(cast, cast.peer)
    assert (deal.owner_id, deal.version, deal.territory_id) == (
        cast.peer.pk,
        2,
        cast.territories["East 1"].pk,
    )
    assert owners(cast) == {"Ring": "Paul Peer", "Sign": "Mona Manager", "Met": "Rita Rep"}


def test_the_work_stays_where_that_is_wished(cast: Cast, acting: Acting, tasks: None) -> None:
    with acting(cast.manager):
        give(cast, cast.peer, with_activities=False)
    assert owners(cast)["Ring"] == "Rita Rep"


def test_both_are_told_and_the_history_says_why(cast: Cast, acting: Acting, browse: Any) -> None:
    with acting(cast.manager):
        give(cast, cast.peer)
    with everything():
        rows = Message.objects.select_related("by")
        told = {row.person_id: (row.event, sentence(row), row.url) for row in rows}
    page = reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])
    assert told[cast.peer.pk] == ("deal_came", "Mona Manager gave you the deal Acorn renewal.", page)
    said = "Mona Manager handed Acorn renewal over to Paul Peer: Paul knows Acorn."
    # Rita does not read what is her colleague's.
    assert told[cast.rep.pk] == ("deal_changed", said, reverse("opportunity_list"))
    page = browse(cast.manager).get(reverse("opportunity_history", args=[cast.deals["Acorn renewal"].pk]))
    assert "Paul knows Acorn" in page.content.decode()


def test_a_reason_that_ends_with_a_full_stop_is_not_ended_twice(cast: Cast, acting: Acting) -> None:
    with acting(cast.manager):
        give(cast, cast.peer, reason="Near his patch.")
    with everything():
        message = Message.objects.select_related("by").get(person=cast.rep)
        assert sentence(message) == "Mona Manager handed Acorn renewal over to Paul Peer: Near his patch."


class TestRefusals:
    def refused(self, cast: Cast, acting: Acting, kind: Any, to: Any, **more: Any) -> Any:
        by = more.pop("by", cast.manager)
        with acting(by), pytest.raises(kind) as refused:
            give(cast, to, by=by, **more)
        with everything():
            assert Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk).owner_id == cast.rep.pk
        return refused.value

    def test_without_a_reason(self, cast: Cast, acting: Acting) -> None:
        error = self.refused(cast, acting, Refused, cast.peer, reason=" ")
        assert (error.path, str(error.message)) == ("reason", "Say why it goes to somebody else.")

    def test_to_whom_it_belongs(self, cast: Cast, acting: Acting) -> None:
        assert self.refused(cast, acting, Refused, cast.rep).code == "same_owner"

    def test_to_somebody_of_another_team_or_who_left(self, cast: Cast, acting: Acting) -> None:
        self.refused(cast, acting, Forbidden, cast.other_rep)
        with everything():
            User.objects.filter(pk=cast.peer.pk).update(is_active=False)
        assert self.refused(cast, acting, Refused, cast.peer).code == "unknown_person"

    def test_stale_or_closed(self, cast: Cast, acting: Acting) -> None:
        self.refused(cast, acting, Stale, cast.peer, version=9)
        with acting(cast.rep):
            lost = {"stage_id": cast.stages["Lost"].pk, "lost_reason": "Price"}
            move_stage(by=cast.rep.pk, opportunity_id=cast.deals["Acorn renewal"].pk, version=1, **lost)
        assert self.refused(cast, acting, Conflict, cast.peer, version=2).code == "opportunity_closed"

    def test_by_who_may_not_give(self, cast: Cast, acting: Acting) -> None:
        self.refused(cast, acting, Forbidden, cast.peer, by=cast.rep)
        self.refused(cast, acting, Forbidden, cast.peer, by=cast.coordinator)
        self.refused(cast, acting, NotInReach, cast.peer, by=cast.other_manager)
        with everything():
            deal = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
            stood = cast.deals["Acorn renewal"]
            assert (deal.version, deal.territory_id) == (stood.version, stood.territory_id)
            assert not Message.objects.filter(person=cast.peer).exists()


class TestThePage:
    def address(self, cast: Cast) -> str:
        return reverse("opportunity_give", args=[cast.deals["Acorn renewal"].pk])

    def test_two_clicks_hand_it_over_once(self, cast: Cast, browse: Any, tasks: None) -> None:
        client = browse(cast.manager)
        assert 'name="with_activities"' in client.get(self.address(cast)).content.decode()
        form = {"owner_id": cast.peer.pk, "reason": "Holiday", "with_activities": "on", "version": 1}
        answers = [
            client.post(self.address(cast), {**form, "idempotency_key": "one-and-the-same"}) for _ in "12"
        ]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert owners(cast)["Ring"] == "Paul Peer"
        with everything():
            assert Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk).version == 2

    def test_only_who_may_give_finds_it(self, cast: Cast, browse: Any) -> None:
        page = reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])
        assert self.address(cast) in browse(cast.manager).get(page).content.decode()
        assert self.address(cast) not in browse(cast.rep).get(page).content.decode()


def test_a_program_hands_over(cast: Cast, tasks: None) -> None:
    api, path = Api(cast.manager), f"opportunities/{cast.deals['Acorn renewal'].pk}/give/"
    body = {"owner_id": cast.peer.pk, "reason": "Holiday", "with_activities": False}
    done = api.post(path, body, If_Match="1")
    assert (done.status_code, done.json()["owner_id"]) == (200, cast.peer.pk)
    assert owners(cast)["Ring"] == "Rita Rep"
    stale = api.post(path, {**body, "owner_id": cast.rep.pk}, If_Match="1")
    assert stale.status_code == 412
    wrong = api.post(path, {**body, "reason": ""}, If_Match="2")
    assert faults(wrong) == [("blank", "reason")]
