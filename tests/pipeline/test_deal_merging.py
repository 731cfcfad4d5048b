"""Two deals that are one: what goes over, what stays, who may, and what leads to the one that stayed."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Contact
from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.selectors import today
from common.transaction import work
from forecasts.selectors import behind
from orders.models import Order
from pipeline.models import (
    Activity,
    Competitor,
    Concession,
    Lead,
    Milestone,
    Opportunity,
    Participant,
    Requirement,
    Stakeholder,
    TeamMember,
)
from pipeline.selectors.board import board
from pipeline.selectors.opportunities import Filters, account_deals, opportunities
from pipeline.services import (
    PartInput,
    create_opportunity,
    edit_opportunity,
    log_activity,
    merge_deals,
    move_stage,
    set_split,
)
from pipeline.services.plans import add_milestone, edit_milestone, meet_milestone
from pipeline.services.team import add_to_team
from salesops.selectors.search import search
from tests.calls import Api, faults
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.winning import won
from tests.pipeline.selling import put_servers
from tests.planning.test_territory_retire_race import at_once, holding, waits
from workspace.models import Comment, Document, Message
from workspace.selectors.comments import comments_of
from workspace.services.comments import add_comment
from workspace.services.documents import add_link, remove_document


@pytest.fixture
def double(cast: Cast, acting: Acting) -> Opportunity:
    """Rita's second deal with Acorn, which is the first one."""
    with acting(cast.rep):
        return create_opportunity(
            by=cast.rep.pk,
            account_id=cast.accounts["Acorn"].pk,
            name="Acorn again",
            amount_minor=5_000_00,
            currency="USD",
            close_on=date(2026, 8, 1),
            stage_id=cast.stages["Qualified"].pk,
        )


def merge(cast: Cast, double: Opportunity, *, by: Any = None, **more: Any) -> Opportunity:
    """Merge the double into the renewal; for inside a transaction."""
    stays = cast.deals["Acorn renewal"].pk
    version = Opportunity.objects.filter(pk=stays).values_list("version", flat=True).first() or 1
    known = {"opportunity_id": stays, "version": version, "other_id": double.pk}
    return merge_deals(by=(by or cast.rep).pk, **{**known, **more})


def everything() -> Any:
    return work(by=None, why="look", reach=Reach.everything())


def known_of(cast: Cast, deal: Opportunity, other: Opportunity) -> None:
    """The same and different things on both deals."""
    ann, bob = (Contact.objects.create(account=cast.accounts["Acorn"], name=name) for name in ("Ann", "Bob"))
    for one, contacts in ((deal, [ann]), (other, [ann, bob])):
        for contact in contacts:
            Stakeholder.objects.create(opportunity=one, contact=contact, role="decides")
        Competitor.objects.create(opportunity=one, name="Rival", is_incumbent=one is deal)
        Requirement.objects.create(opportunity=one, text="Single sign-on")
        day = {"first_planned_on": date(2026, 6, 1), "planned_on": date(2026, 6, 1)}
        Milestone.objects.create(opportunity=one, name="Contract", owner=cast.rep, **day)
    Competitor.objects.create(opportunity=other, name="Incumbent", is_incumbent=True)
    Requirement.objects.create(opportunity=other, text="Hosting in the EU")
    Requirement.objects.create(opportunity=other, text="Dropped", is_removed=True)
    Concession.objects.create(
        opportunity=other, kind="discount", text="5 %", reason="asked", given_on=date(2026, 5, 1)
    )
    task: dict[str, Any] = {
        "kind": "task",
        "account": cast.accounts["Acorn"],
        "territory": cast.territories["East 1"],
    }
    Activity.objects.create(
        **task, subject="Ring", opportunity=other, owner=cast.rep, due_on=date(2026, 6, 1)
    )
    TeamMember.objects.create(
        opportunity=other, person=cast.peer, role="Expert", starts_on=date(2026, 3, 1), recorded_by=cast.rep
    )
    Participant.objects.create(opportunity=other, user=cast.peer, reason="team")
    about = {"subject": "opportunity", "subject_id": other.pk, "by": cast.manager}
    Document.objects.create(**about, name="Offer", url="https://example.com/offer")
    Comment.objects.create(**about, text="Who decides?")
    Lead.objects.create(
        number="L-1", name="Ella", email="e@x.example", owner=cast.rep, territory=task["territory"],
        created_on=date(2026, 5, 1), owned_at="2026-05-01T00:00Z", state="converted",
        closed_on=date(2026, 5, 2), account=task["account"], opportunity=other,
    )  # fmt: skip


def test_what_is_known_goes_over_where_it_is_not_there_already(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    renewal = cast.deals["Acorn renewal"]
    with everything():
        known_of(cast, renewal, double)
    with acting(cast.rep):
        merge(cast, double)
    with everything():
        assert [row.contact.name for row in renewal.stakeholders.all()] == ["Ann", "Bob"]
        rivals = {row.name: row.is_incumbent for row in renewal.competitors.all()}
        assert rivals == {"Rival": True, "Incumbent": False}
        assert [row.text for row in renewal.requirements.all()] == ["Single sign-on", "Hosting in the EU"]
        assert [row.name for row in renewal.milestones.all()] == ["Contract"]
        assert [row.text for row in renewal.concessions.all()] == ["5 %"]
        assert [row.subject for row in renewal.activities.all()] == ["Ring"]
        (member,) = renewal.team.all()
        assert (member.person_id, member.role, member.starts_on) == (cast.peer.pk, "Expert", today())
        assert Document.objects.get(subject_id=renewal.pk).name == "Offer"
        said = Comment.objects.get(subject_id=renewal.pk)
        assert (said.text, said.by_id) == ("Who decides?", cast.manager.pk)
        assert [lead.name for lead in renewal.leads.all()] == ["Ella"]
        assert renewal.participants.filter(user=cast.peer).exists()


def test_what_only_the_double_says_of_the_same_thing_goes_over(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    renewal, day = cast.deals["Acorn renewal"], date(2026, 6, 1)
    with everything():
        for deal, is_first in ((renewal, True), (double, False)):
            Competitor.objects.create(opportunity=deal, name="Rival", is_incumbent=not is_first)
            plan = {"opportunity": deal, "owner": cast.rep, "first_planned_on": day, "planned_on": day}
            Milestone.objects.create(**plan, name="Demo", met_on=None if is_first else date(2026, 5, 4))
            Milestone.objects.create(**plan, name="Offer", met_on=date(2026, 5, 5) if is_first else None)
    with acting(cast.rep):
        merge(cast, double)
    with everything():
        assert [(row.name, row.is_incumbent) for row in renewal.competitors.all()] == [("Rival", True)]
        met = {row.name: row.met_on for row in renewal.milestones.all()}
        assert met == {"Demo": date(2026, 5, 4), "Offer": date(2026, 5, 5)}


def test_a_competitor_that_was_taken_off_is_left_as_it_was(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    with everything():
        Competitor.objects.create(opportunity=cast.deals["Acorn renewal"], name="Rival", is_incumbent=True)
        gone = Competitor.objects.create(opportunity=double, name="Old", is_incumbent=True, is_removed=True)
    with acting(cast.rep):
        merge(cast, double)
    with everything():
        gone.refresh_from_db()
        assert (gone.is_incumbent, gone.version) == (True, 1)


def test_comments_of_both_stand_in_the_order_in_which_they_were_said(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    said = [
        (double, "first", "2026-05-01T10:00Z"),
        (cast.deals["Acorn renewal"], "then", "2026-05-02T10:00Z"),
    ]
    with everything():
        for deal, text, at in said:
            about = {"subject": "opportunity", "subject_id": deal.pk, "by": cast.rep}
            Comment.objects.create(**about, text=text, at=at)
    with acting(cast.rep):
        merge(cast, double)
        told = comments_of("opportunity", cast.deals["Acorn renewal"].pk)
        assert [written.comment.text for written in told] == ["first", "then"]


def test_nothing_is_said_or_put_beside_one_that_was_merged(
    cast: Cast, acting: Acting, browse: Any, double: Opportunity
) -> None:
    place = {"subject": "opportunity", "subject_id": double.pk}
    link = {**place, "kind": "other", "url": "https://example.com/offer"}
    with acting(cast.rep):
        for _turn in range(2):  # of two that are the same one stays behind
            kept = add_link(by=cast.rep.pk, **link)
        merge(cast, double)
    acts: list[Any] = [
        lambda: add_comment(by=cast.rep.pk, **place, text="Hello"),
        lambda: add_link(by=cast.rep.pk, **link),
        lambda: remove_document(by=cast.rep.pk, document_id=kept.pk, version=1),
    ]
    for act in acts:
        with acting(cast.rep), pytest.raises(Conflict) as refused:
            act()
        assert str(refused.value.message) == "Acorn again was merged into Acorn renewal. Open that one."
    answer = browse(cast.rep).post(reverse("comment_create", args=["opportunity", double.pk]), {"text": "Hi"})
    assert answer.status_code == 409
    assert "Acorn again was merged into Acorn renewal. Open that one." in answer.content.decode()
    kept_there = {"kind": "other", "url": "https://example.com/a"}
    answer = Api(cast.rep).post(f"documents/opportunity/{double.pk}/", kept_there)
    assert (answer.status_code, faults(answer)) == (409, [("merged", "")])


def test_the_one_that_stays_is_named_only_to_who_sees_it(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    with everything():
        Opportunity.objects.filter(pk=double.pk).update(
            owner=cast.other_rep, territory=cast.territories["West 1"]
        )
    with acting(cast.admin):
        merge(cast, double, by=cast.admin)
    with acting(cast.other_manager), pytest.raises(Conflict) as refused:
        add_comment(by=cast.other_manager.pk, subject="opportunity", subject_id=double.pk, text="Hello")
    assert str(refused.value.message) == "Acorn again was merged into another one. Open that one."


def test_the_one_that_stays_keeps_its_fields_and_lines(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    put_servers(cast)
    with acting(cast.rep):
        stays = merge(cast, double)
    assert (stays.name, stays.amount_minor, stays.stage_id) == (
        "Acorn renewal",
        10_000_001,
        cast.stages["Negotiation"].pk,
    )
    assert (stays.close_on, stays.state, stays.version) == (date(2026, 6, 15), "open", 2)
    with everything():
        assert [line.quantity for line in stays.lines.all()] == [40]


def test_the_other_leaves_lists_board_search_and_totals(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    with acting(cast.rep) as context:
        merge(cast, double)
        mine = context.reach
        for state in ({}, {"state": "open"}):
            rows = opportunities(mine, Filters(state, "", ""), today())
            assert [deal.name for deal in rows] == ["Acorn renewal"]
        assert [deal.name for deal in account_deals(mine, cast.accounts["Acorn"].pk)] == ["Acorn renewal"]
        assert [
            hit.name for group in search(mine, "acorn") for hit in group.hits if "/opportunities/" in hit.url
        ] == ["Acorn renewal"]
        columns = board(mine, Filters({"state": "open"}, "", ""), today()).columns
        assert sum(column.count or 0 for column in columns) == 1
        assert sum(behind(mine, cast.q2, today()).by_category.values()) == 10_000_001
        assert (
            sum(behind(mine, cast.q2.__class__.objects.get(code="2026-Q3"), today()).by_category.values())
            == 0
        )
    rows = Api(cast.rep).get("opportunities/").json()["results"]
    assert [row["name"] for row in rows] == ["Acorn renewal"]


def test_its_page_leads_to_the_one_that_stays_with_a_note(
    cast: Cast, acting: Acting, browse: Any, double: Opportunity
) -> None:
    with acting(cast.rep):
        merge(cast, double)
    answer = browse(cast.rep).get(reverse("opportunity_detail", args=[double.pk]), follow=True)
    stays = reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])
    assert answer.redirect_chain == [(stays, 302)]
    assert f"Acorn again ({double.number}) was merged into this opportunity." in answer.content.decode()
    read = Api(cast.rep).get(f"opportunities/{double.pk}/").json()
    assert (read["state"], read["merged_into_id"]) == ("gone", cast.deals["Acorn renewal"].pk)


def test_nothing_is_done_with_one_that_was_merged(cast: Cast, acting: Acting, double: Opportunity) -> None:
    with acting(cast.rep):
        merge(cast, double)
        version = Opportunity.objects.get(pk=double.pk).version
    known = {"by": cast.rep.pk, "opportunity_id": double.pk}
    acts: list[Any] = [
        lambda: edit_opportunity(**known, version=version, name="Other"),
        lambda: move_stage(**known, version=version, stage_id=cast.stages["Proposal"].pk),
        lambda: move_stage(**known, version=version, stage_id=cast.stages["Lost"].pk, lost_reason="Price"),
        lambda: log_activity(**known, kind="call", subject="Hello"),
        lambda: merge(cast, double),
    ]
    for act in acts:
        with acting(cast.rep), pytest.raises(Conflict, match="was merged into another one") as refused:
            act()
        assert refused.value.code == "opportunity_merged"


def test_both_owners_are_told_and_the_one_who_lost_theirs_reads_the_one_that_stays(
    cast: Cast, acting: Acting, double: Opportunity
) -> None:
    with everything():
        Opportunity.objects.filter(pk=double.pk).update(owner=cast.peer)
    with acting(cast.manager):
        merge(cast, double, by=cast.manager)
    with everything():
        told = Message.objects.filter(event="deal_changed").values_list("person_id", "about")
        assert set(told) == {(cast.rep.pk, "Acorn renewal"), (cast.peer.pk, "Acorn again")}
    with acting(cast.peer) as context:
        assert Opportunity.objects.visible_to(context.reach).filter(name="Acorn renewal").exists()


class TestRefusals:
    def refused(self, cast: Cast, acting: Acting, other: Opportunity, kind: Any, **more: Any) -> Any:
        with acting(cast.admin), pytest.raises(kind) as refused:
            merge(cast, other, by=cast.admin, **more)
        with everything():
            assert not Opportunity.objects.filter(state="gone").exists()
        return refused.value

    def test_of_another_account(self, cast: Cast, acting: Acting) -> None:
        error = self.refused(cast, acting, cast.deals["Beech renewal"], Refused)
        assert (error.code, error.path) == ("other_account", "other_id")
        assert str(error.message).startswith("These two are with different accounts.")

    def test_in_another_currency(self, cast: Cast, acting: Acting, double: Opportunity) -> None:
        with everything():
            Opportunity.objects.filter(pk=double.pk).update(currency="EUR")
        error = self.refused(cast, acting, double, Refused)
        assert (error.code, str(error.message)) == (
            "other_currency",
            "Acorn again is in EUR, and this one is in USD. Change one of them first.",
        )

    def test_closed(self, cast: Cast, acting: Acting, double: Opportunity) -> None:
        lost = {"state": "lost", "closed_on": date(2026, 5, 1)}
        with everything():
            Opportunity.objects.filter(pk=double.pk).update(**lost)
        assert self.refused(cast, acting, double, Conflict).code == "opportunity_closed"

    def test_with_itself(self, cast: Cast, acting: Acting) -> None:
        assert self.refused(cast, acting, cast.deals["Acorn renewal"], Refused).code == "same"

    def test_stale(self, cast: Cast, acting: Acting, double: Opportunity) -> None:
        self.refused(cast, acting, double, Stale, version=9)
        self.refused(cast, acting, double, Stale, other_version=9)
        with acting(cast.rep):
            for deal in (double, cast.deals["Acorn renewal"]):
                now = Opportunity.objects.get(pk=deal.pk)
                stood = (deal.version, None, deal.amount_minor, deal.stage_id)
                assert (now.version, now.merged_into_id, now.amount_minor, now.stage_id) == stood

    def test_of_somebody_else(self, cast: Cast, acting: Acting, double: Opportunity) -> None:
        with acting(cast.peer), pytest.raises(NotInReach):
            merge(cast, double, by=cast.peer, opportunity_id=cast.deals["Beech renewal"].pk, version=1)
        with acting(cast.coordinator), pytest.raises(Forbidden):
            merge(cast, double, by=cast.coordinator)


class TestAtOnce:
    def test_a_deal_that_is_booked_meanwhile_is_not_merged(
        self, cast: Cast, acting: Acting, owner: Any, db: str, double: Opportunity
    ) -> None:
        """Booking holds the deal when the merger comes, which then finds it won."""

        def book() -> None:
            with acting(cast.manager):
                won(cast, by=cast.manager)

        def join() -> None:
            with acting(cast.rep):
                merge(cast, double)

        with holding(db, "SELECT FROM orders_ledgerhead FOR UPDATE") as ledger:
            booking, failed = at_once(book)
            waits(owner)
            merging, refused = at_once(join)
            waits(owner, 2)
            ledger.rollback()
            booking.join(timeout=30)
            merging.join(timeout=30)
        assert (failed, [type(error) for error in refused]) == ([], [Stale])
        with everything():
            assert (Order.objects.count(), Opportunity.objects.filter(state="gone").count()) == (1, 0)

    def test_a_deal_that_is_merged_meanwhile_is_not_booked(
        self, cast: Cast, acting: Acting, owner: Any, db: str, double: Opportunity
    ) -> None:
        cast.deals["Acorn again"] = double

        def book() -> None:
            with acting(cast.manager):
                won(cast, "Acorn again", by=cast.manager)

        with acting(cast.rep):
            merge(cast, double)
            booking, refused = at_once(book)
            waits(owner)
        booking.join(timeout=30)
        assert [type(error) for error in refused] == [Stale]
        with everything():
            assert (Order.objects.count(), Opportunity.objects.filter(state="gone").count()) == (0, 1)

    @pytest.mark.parametrize("noted", ["milestone", "its name", "met", "person", "activity"])
    def test_what_is_noted_meanwhile_does_not_end_on_the_merged_one(
        self, cast: Cast, acting: Acting, owner: Any, double: Opportunity, noted: str
    ) -> None:
        known: dict[str, Any] = {"by": cast.rep.pk, "opportunity_id": double.pk}
        day = date(2026, 6, 1)
        with acting(cast.rep):
            there = add_milestone(**known, name="Offer", planned_on=day)
            add_milestone(
                **{**known, "opportunity_id": cast.deals["Acorn renewal"].pk}, name="Offer", planned_on=day
            )
        of_it = {"by": cast.rep.pk, "milestone_id": there.pk, "version": 1}
        acts: dict[str, Any] = {
            "milestone": lambda: add_milestone(**known, name="Demo", planned_on=day),
            "its name": lambda: edit_milestone(**of_it, name="Other"),
            "met": lambda: meet_milestone(**of_it),
            "person": lambda: add_to_team(**known, person_id=cast.peer.pk),
            "activity": lambda: log_activity(**known, kind="call", subject="Hello"),
        }

        def note() -> None:
            with acting(cast.rep):
                acts[noted]()

        with acting(cast.rep):
            merge(cast, double)
            noting, refused = at_once(note)
            waits(owner)
        noting.join(timeout=30)
        assert [str(error.message) for error in refused] == [
            "This opportunity was merged into another one. Go on with that one."
        ]
        with everything():
            assert [(row.name, row.met_on) for row in double.milestones.all()] == [("Offer", None)]
            assert not double.team.exists()
            assert not double.activities.exists()

    def test_two_that_are_merged_into_each_other_end_as_one(
        self, cast: Cast, acting: Acting, owner: Any, double: Opportunity
    ) -> None:
        renewal = cast.deals["Acorn renewal"]

        def other_way() -> None:
            with acting(cast.manager):
                known = {"opportunity_id": double.pk, "version": double.version, "other_id": renewal.pk}
                merge_deals(by=cast.manager.pk, **known)

        with acting(cast.rep):
            merge(cast, double)
            second, refused = at_once(other_way)
            waits(owner)
        second.join(timeout=30)
        assert [type(error) for error in refused] == [Stale]
        with everything():
            assert Opportunity.objects.open().filter(account=cast.accounts["Acorn"]).count() == 1


class TestThePage:
    def address(self, cast: Cast) -> str:
        return reverse("opportunity_merge", args=[cast.deals["Acorn renewal"].pk])

    def test_the_other_is_chosen_among_those_of_the_account(
        self, cast: Cast, browse: Any, double: Opportunity
    ) -> None:
        page = browse(cast.manager).get(self.address(cast)).content.decode()
        assert f"Acorn again · {double.number}, $5,000.00" in page
        assert "Beech renewal" not in page

    def test_it_shows_both_side_by_side_and_merges_once(
        self, cast: Cast, browse: Any, acting: Acting, double: Opportunity
    ) -> None:
        with everything():
            known_of(cast, cast.deals["Acorn renewal"], double)
        client, address = browse(cast.rep), f"{self.address(cast)}?other={double.pk}"
        page = client.get(address).content.decode()
        for words in ("$5,000.00", "$100,000.01", "Is merged", "Stays", "Stakeholders", "1 is there already"):
            assert words in page, words
        form = {
            "version": 1,
            "other_id": double.pk,
            "other_version": 1,
            "idempotency_key": "one-and-the-same",
        }
        answers = [client.post(address, form) for _turn in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        with everything():
            stays = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
            assert (stays.version, stays.requirements.filter(is_removed=False).count()) == (2, 2)

    def test_a_stale_page_shows_both_as_they_are_now_and_can_be_sent_again(
        self, cast: Cast, browse: Any, double: Opportunity
    ) -> None:
        with everything():
            Opportunity.objects.change(double.pk, 1, amount_minor=7_700_00)
        client, address = browse(cast.rep), f"{self.address(cast)}?other={double.pk}"
        answer = client.post(address, {"version": 1, "other_id": double.pk, "other_version": 1})
        assert answer.status_code == 412
        assert "$7,700.00" in answer.content.decode()
        assert 'name="other_version" value="2"' in answer.content.decode()

    def test_one_that_cannot_be_chosen_is_said(self, cast: Cast, browse: Any) -> None:
        page = browse(cast.rep).get(f"{self.address(cast)}?other={cast.deals['Beech renewal'].pk}")
        assert "This can&#x27;t be chosen here" in page.content.decode()

    def test_the_history_of_the_one_that_stays_tells(
        self, cast: Cast, browse: Any, acting: Acting, double: Opportunity
    ) -> None:
        with acting(cast.rep):
            merge(cast, double)
        page = browse(cast.rep).get(reverse("opportunity_history", args=[cast.deals["Acorn renewal"].pk]))
        assert f"Acorn again ({double.number}) was merged into this one" in page.content.decode()


class TestTheApi:
    def test_a_program_merges_once(self, cast: Cast, double: Opportunity) -> None:
        api, path = Api(cast.rep), f"opportunities/{cast.deals['Acorn renewal'].pk}/merge/"
        body = {"opportunity_id": double.pk}
        assert faults(api.post(path, body))[0][1] == "If-Match"
        same = {"If_Match": "1", "Idempotency_Key": "one-and-the-same"}
        answers = [api.post(path, body, **same) for _turn in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert answers[0].json()["version"] == 2

    def test_what_is_not_alike_is_refused_with_its_place(self, cast: Cast) -> None:
        path = f"opportunities/{cast.deals['Acorn renewal'].pk}/merge/"
        body = {"opportunity_id": cast.deals["Beech renewal"].pk}
        answer = Api(cast.manager).post(path, body, If_Match="1")
        assert (answer.status_code, faults(answer)) == (422, [("other_account", "other_id")])
        foreign = Api(cast.rep).post(path, body, If_Match="1")
        assert foreign.status_code == 404


class TestCredit:
    """Rita's double is shared with Paul, whom she does not lead; Mona leads both."""

    @pytest.fixture
    def shared(self, cast: Cast, acting: Acting, double: Opportunity) -> Opportunity:
        return self.split(cast, acting, double, {"rep": 60, "peer": 40})

    def split(
        self, cast: Cast, acting: Acting, deal: Opportunity, shares: dict[str, int], **more: Any
    ) -> Opportunity:
        parts = [PartInput(getattr(cast, name).pk, share * 1_000_000) for name, share in shares.items()]
        by, day = more.pop("by", cast.rep), more.pop("on", today())
        with acting(by):
            deal.refresh_from_db()
            known = {"opportunity_id": deal.pk, "version": deal.version, "starts_on": day}
            set_split(by=by.pk, **known, revenue=parts, **more)
            deal.refresh_from_db()
        return deal

    def refused(self, cast: Cast, acting: Acting, double: Opportunity, by: Any = None) -> tuple[str, str]:
        with acting(by or cast.rep), pytest.raises(Refused) as refused:
            merge(cast, double, by=by)
        with everything():
            assert not Opportunity.objects.filter(state="gone").exists()
        return str(refused.value.message), refused.value.code

    def test_nobody_loses_credit_whom_the_actor_does_not_lead(
        self, cast: Cast, acting: Acting, shared: Opportunity
    ) -> None:
        words = "Paul Peer has 40 % of Acorn again and nothing here. Set the split of the opportunity that stays first."
        assert self.refused(cast, acting, shared) == (words, "credit_lowered")
        assert self.refused(cast, acting, shared, cast.admin) == (words, "credit_lowered")
        renewal = cast.deals["Acorn renewal"]
        self.split(cast, acting, renewal, {"rep": 70, "peer": 30})
        words = "Paul Peer has 40 % of Acorn again and 30 % here. Set the split of the opportunity that stays first."
        assert self.refused(cast, acting, shared) == (words, "credit_lowered")

    def test_with_as_much_on_the_one_that_stays_it_is_merged(
        self, cast: Cast, acting: Acting, shared: Opportunity
    ) -> None:
        self.split(cast, acting, cast.deals["Acorn renewal"], {"rep": 50, "peer": 50})
        with acting(cast.rep):
            assert merge(cast, shared).state == "open"

    def test_whoever_leads_them_merges(self, cast: Cast, acting: Acting, shared: Opportunity) -> None:
        with acting(cast.manager):
            assert merge(cast, shared, by=cast.manager).state == "open"

    def test_a_split_to_come_counts_and_one_of_the_past_does_not(
        self, cast: Cast, acting: Acting, double: Opportunity
    ) -> None:
        renewal, later = cast.deals["Acorn renewal"], date(2026, 7, 1)
        self.split(cast, acting, double, {"peer": 100}, on=later)
        assert self.refused(cast, acting, double)[1] == "credit_lowered"
        self.split(cast, acting, renewal, {"peer": 100}, on=later)
        with acting(cast.rep):
            assert merge(cast, double).state == "open"

    def test_one_that_lowers_it_later_counts(self, cast: Cast, acting: Acting, shared: Opportunity) -> None:
        renewal, later = cast.deals["Acorn renewal"], {"on": date(2026, 7, 1), "reason": "his part is done"}
        self.split(cast, acting, renewal, {"peer": 100})
        self.split(cast, acting, renewal, {"rep": 100}, by=cast.manager, **later)
        assert self.refused(cast, acting, shared)[1] == "credit_lowered"

    @pytest.mark.parametrize("waits_on", ["the one that stays", "the other"])
    def test_while_a_split_waits_neither_is_merged(
        self, cast: Cast, acting: Acting, double: Opportunity, waits_on: str
    ) -> None:
        deal = double if waits_on == "the other" else cast.deals["Acorn renewal"]
        self.split(cast, acting, deal, {"rep": 60, "other_rep": 40})
        self.split(cast, acting, deal, {"rep": 100}, reason="he left it")
        message, code = self.refused(cast, acting, double)
        assert (
            message == f"A change of the split of {deal.name} waits for Olga Other. Rita Rep can withdraw it."
        )
        assert code == "split_waits"
