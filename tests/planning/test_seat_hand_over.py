"""A seat goes to another person in one form: the old ends, the new begins, and open work passes on the day."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.models import Period
from common.transaction import work
from pipeline.models import Activity, Lead, Opportunity
from pipeline.services import disqualify_lead
from planning.models import HandOver
from planning.selectors.handover import planned_hand_overs
from planning.services import Handed, apply_due_hand_overs, drop_hand_over, hand_over_seat
from planning.tasks import apply_hand_overs
from quotas.models import Quota
from quotas.services import set_quota
from territories.models import Seat, User
from territories.selectors import reach_for
from territories.services import end_seat, pass_seat, seat_person
from tests.cast import Cast
from tests.pipeline.leads import a_lead
from tests.planning.test_person_leave import seats_of, task
from tests.workspace.at_once import at_once
from workspace.models import Message

MAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 1), date(2026, 7, 1)
START = date(2025, 1, 1)


def seat_of(person: User) -> Seat:
    seat: Seat = Seat.objects.current().get(user=person)
    return seat


def hand(cast: Cast, person: User, to: User, on: date = MAY, **changes: Any) -> Handed:
    facts = {"seat_id": seat_of(person).pk, "successor_id": to.pk, "starts_on": on, **changes}
    return hand_over_seat(by=cast.admin.pk, **facts)


def owner_of(name: str) -> str:
    return str(Opportunity.objects.get(name=name).owner.name)


def killed() -> None:
    """A worker that ends after it did its work and before it could commit."""
    with work(by=None, why="killed", reach=Reach.everything()):
        assert apply_due_hand_overs(today=JUNE) == 1
        raise KeyboardInterrupt


def told(person: User) -> list[tuple[str, str]]:
    with work(by=None, why="look", reach=Reach.everything()):
        rows = Message.objects.filter(person=person).order_by("event")
        return list(rows.values_list("event", "about"))


class TestForGood:
    def test_open_leads_there_pass_and_stay_on_the_territory(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        mine, ended = a_lead(acting, cast.rep), a_lead(acting, cast.rep, anyway_reason="for the test")
        with acting(cast.rep):
            disqualify_lead(by=cast.rep.pk, lead_id=ended.pk, version=1, reason="No need")
        url = reverse("seat_hand_over", args=[seat_of(cast.rep).pk])
        page = " ".join(browse(cast.admin).get(url).content.decode().split())
        assert "<li><div>Open leads</div><span>1</span></li>" in page
        with acting(cast.admin):
            hand(cast, cast.rep, cast.peer)
            rows = Lead.objects.order_by("pk").values_list("owner__name", "territory__name", "touched_at")
            assert list(rows) == [("Paul Peer", "East 1", None), ("Rita Rep", "East 1", ended.touched_at)]
        assert ("lead_came", str(mine)) in told(cast.peer)

    def test_from_today_all_passes_at_once(self, cast: Cast, acting: Any) -> None:
        task(cast, cast.rep)
        task(cast, cast.rep, done_at=datetime(2026, 5, 1, tzinfo=UTC), done_on=date(2026, 5, 1))
        with acting(cast.admin):
            handed = hand(cast, cast.rep, cast.coordinator, ramp="0 50 100", reason=" moved on ")
            assert seats_of(cast.rep) == [("East 1", "owner", START, MAY)]
            assert seats_of(cast.coordinator) == [("East 1", "owner", MAY, None)]
            assert (handed.seat.ramp, handed.seat.reason) == ("0 50 100", "moved on")
            assert handed.work is not None
            assert (handed.work.state, handed.work.deals, handed.work.activities) == ("done", 1, 1)
            assert owner_of("Acorn renewal") == "Cora Coordinator"
            assert Activity.objects.get(done_at=None).owner == cast.coordinator
            assert Activity.objects.exclude(done_at=None).get().owner == cast.rep
        came = ("seat_came", "East 1 from May 20, 2026 on, with 1 account")
        assert told(cast.coordinator) == [("deal_came", "Acorn renewal"), came]
        went = "East 1 goes from Rita Rep to Cora Coordinator on May 20, 2026, with 1 account"
        assert told(cast.rep) == [("seat_went", went)]

    def test_on_a_later_day_open_work_passes_then_and_once(self, cast: Cast, acting: Any, clock: Any) -> None:
        with acting(cast.admin):
            handed = hand(cast, cast.rep, cast.coordinator, JUNE)
            assert handed.work is not None
            assert handed.work.state == "planned"
            assert owner_of("Acorn renewal") == "Rita Rep"
            assert [row.pk for row in planned_hand_overs(cast.rep.pk)] == [handed.work.pk]
            assert [row.pk for row in planned_hand_overs(cast.coordinator.pk)] == [handed.work.pk]
        came = ("seat_came", "East 1 from Jun 1, 2026 on, with 1 account")
        assert told(cast.coordinator) == [came]
        apply_hand_overs()
        with acting(cast.admin):
            assert owner_of("Acorn renewal") == "Rita Rep"
        clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
        assert (apply_hand_overs(), apply_hand_overs()) == (1, 0)
        with acting(cast.admin):
            assert owner_of("Acorn renewal") == "Cora Coordinator"
            row = HandOver.objects.get()
            assert (row.state, row.deals, row.activities, row.version) == ("done", 1, 0, 2)
            assert planned_hand_overs(cast.rep.pk) == []
        assert told(cast.coordinator) == [("deal_came", "Acorn renewal"), came]

    def test_the_worker_may_do_it_by_its_own_role(self, cast: Cast, acting: Any, clock: Any) -> None:
        with acting(cast.admin):
            hand(cast, cast.rep, cast.coordinator, JUNE)
        clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE salesops_worker")
            try:
                assert apply_hand_overs() == 1
            finally:
                cursor.execute("SET ROLE salesops_web")

    def test_one_that_was_killed_in_the_middle_is_done_whole_the_next_time(
        self, cast: Cast, acting: Any, clock: Any
    ) -> None:
        with acting(cast.admin):
            hand(cast, cast.rep, cast.coordinator, JUNE)
        clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
        with pytest.raises(KeyboardInterrupt):
            killed()
        with acting(cast.admin):
            assert owner_of("Acorn renewal") == "Rita Rep"
            assert HandOver.objects.get().state == "planned"
        assert apply_hand_overs() == 1

    def test_open_work_may_stay(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            handed = hand(cast, cast.rep, cast.coordinator, takes_work=False)
            assert handed.work is None
            assert owner_of("Acorn renewal") == "Rita Rep"
            assert not HandOver.objects.exists()

    def test_only_what_lies_on_the_territory_passes_and_from_a_lead_what_lies_below(
        self, cast: Cast, acting: Any
    ) -> None:
        with acting(cast.admin):
            Opportunity.objects.filter(name="Cedar renewal").update(owner=cast.manager)
            Opportunity.objects.filter(name="Beech renewal").update(owner=cast.manager)
            hand(cast, cast.rep, cast.coordinator)
            assert owner_of("Cedar renewal") == "Mona Manager"
            handed = hand(cast, cast.manager, cast.executive)
            assert handed.work is not None
            assert (handed.work.deals, owner_of("Beech renewal")) == (1, "Eve Executive")
            assert owner_of("Cedar renewal") == "Mona Manager"

    def test_the_new_seat_has_kind_share_and_end_of_the_old(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            old = seat_of(cast.rep)
            old.replaced(share=60_000_000, stops_on=JULY)
            new = hand(cast, cast.rep, cast.coordinator, JUNE).seat
            assert (new.kind, new.share, new.starts_on, new.stops_on) == ("owner", 60_000_000, JUNE, JULY)

    def test_a_seat_to_come_passes_from_its_first_day(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            west = {"territory_id": cast.territories["West"].pk, "kind": "owner", "starts_on": JUNE}
            seat = seat_person(by=cast.admin.pk, user_id=cast.executive.pk, **west)
            hand_over_seat(
                by=cast.admin.pk, seat_id=seat.pk, successor_id=cast.coordinator.pk, starts_on=JUNE
            )
            assert seats_of(cast.executive) == []
            assert seats_of(cast.coordinator) == [("West", "owner", JUNE, None)]


class TestWithoutTheSeat:
    """Open work passes with the seat: without it, it stays."""

    @pytest.mark.parametrize("what", ["dropped", "passed on", "moved", "left"])
    def test_a_seat_that_is_not_there_on_the_day(
        self, cast: Cast, acting: Any, clock: Any, what: str
    ) -> None:
        with acting(cast.admin):
            seat = hand(cast, cast.rep, cast.coordinator, JUNE).seat
            ids = {"by": cast.admin.pk, "seat_id": seat.pk}
            if what == "dropped":
                assert end_seat(**ids, stops_on=JUNE) is None
            elif what == "passed on":
                pass_seat(**ids, user_id=cast.executive.pk, starts_on=JUNE)
            elif what == "moved":
                seat.supersede()
                seat_person(
                    by=cast.admin.pk,
                    user_id=cast.coordinator.pk,
                    territory_id=seat.territory_id,
                    kind="owner",
                    starts_on=JULY,
                )
            else:
                User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
            assert planned_hand_overs(cast.rep.pk) == []
        clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
        assert apply_hand_overs() == 0
        with acting(cast.admin):
            assert HandOver.objects.get().state == "dropped"
            assert owner_of("Acorn renewal") == "Rita Rep"

    def test_a_seat_whose_end_was_changed_still_is_that_seat(
        self, cast: Cast, acting: Any, clock: Any
    ) -> None:
        with acting(cast.admin):
            seat = hand(cast, cast.rep, cast.coordinator, JUNE).seat
            end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=JULY)
        clock.move_to(datetime(2026, 6, 2, 9, tzinfo=UTC))
        assert apply_hand_overs() == 1

    def test_it_is_taken_back_alone(self, cast: Cast, acting: Any, clock: Any) -> None:
        with acting(cast.admin):
            row = hand(cast, cast.rep, cast.coordinator, JUNE).work
            assert row is not None
            ids = {"by": cast.admin.pk, "hand_over_id": row.pk}
            with pytest.raises(Stale):
                drop_hand_over(**ids, version=9)
            drop_hand_over(**ids, version=1)
            with pytest.raises(Conflict, match="It has passed already, or was taken back"):
                drop_hand_over(**ids, version=2)
            assert seats_of(cast.coordinator) == [("East 1", "owner", JUNE, None)]
        clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
        assert apply_hand_overs() == 0


def quotas(cast: Cast) -> list[tuple[str, str, int]]:
    """Whose quota of which quarter is how much."""
    rows = Quota.objects.current().order_by("person__name", "period__starts_on")
    return list(rows.values_list("person__name", "period__code", "amount_minor"))


@pytest.fixture
def _asked(cast: Cast, acting: Any) -> None:
    """Rita carries 910.00 in the quarter of 91 days that runs, and 500.00 in the one that is over."""
    with acting(cast.admin):
        for period, amount in ((cast.q1, 500_00), (cast.q2, 910_00)):
            set_quota(by=cast.admin.pk, period_id=period.pk, person_id=cast.rep.pk, amount_minor=amount)


@pytest.mark.usefixtures("_asked")
class TestQuota:
    """It stays with the person, or follows the territory by the days that are left."""

    def test_it_stays_unless_it_is_said(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            hand(cast, cast.rep, cast.coordinator, JUNE)
            assert quotas(cast) == [("Rita Rep", "2026-Q1", 500_00), ("Rita Rep", "2026-Q2", 910_00)]

    def test_it_follows_the_territory_from_the_day_on(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            hand(cast, cast.rep, cast.coordinator, JUNE, quota="territory", reason="moves on")
            assert quotas(cast) == [
                ("Cora Coordinator", "2026-Q2", 300_00),  # 30 of 91 days
                ("Rita Rep", "2026-Q1", 500_00),
                ("Rita Rep", "2026-Q2", 610_00),
            ]
            assert Quota.objects.current().get(person=cast.coordinator).reason == "moves on"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            (
                {"quota": "territory", "stops_on": JULY},
                "Quota follows a territory with its owner's or lead's seat",
            ),
            ({"quota": "accounts"}, "In a hand-over quota stays, or follows the territory."),
            ({"quota": "gift"}, "In a hand-over quota stays, or follows the territory."),
        ],
    )
    def test_what_is_refused(self, cast: Cast, acting: Any, changes: dict[str, Any], said: str) -> None:
        with acting(cast.admin):
            with pytest.raises(Refused, match=said) as refusal:
                hand(cast, cast.rep, cast.coordinator, JUNE, **changes)
            assert refusal.value.path == "quota"
            assert seats_of(cast.rep) == [("East 1", "owner", START, None)]

    def test_of_an_overlay_s_seat_and_of_several_seats_it_stays(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            west = {"territory_id": cast.territories["West 1"].pk, "starts_on": START}
            helps = seat_person(by=cast.admin.pk, user_id=cast.rep.pk, kind="overlay", **west)
            given = {"by": cast.admin.pk, "successor_id": cast.coordinator.pk, "starts_on": JUNE}
            with pytest.raises(Refused, match="with its owner's or lead's seat"):
                hand_over_seat(seat_id=helps.pk, quota="territory", **given)
            north = {"territory_id": cast.territories["West"].pk, "starts_on": START}
            seat_person(by=cast.admin.pk, user_id=cast.rep.pk, kind="owner", **north)
            owned = Seat.objects.current().get(user=cast.rep, territory__name="East 1")
            with pytest.raises(Refused, match="Rita Rep has several seats and one quota") as refusal:
                hand_over_seat(seat_id=owned.pk, quota="territory", **given)
            assert refusal.value.path == "quota"
            assert ("Rita Rep", "2026-Q2", 910_00) in quotas(cast)

    def test_the_page_shows_the_amounts_before_it_is_done(self, cast: Cast, browse: Any, acting: Any) -> None:
        client, seat = browse(cast.admin), seat_of(cast.rep).pk
        path = reverse("seat_hand_over", args=[seat])
        typed = {"successor_id": cast.coordinator.pk, "starts_on": "2026-06-01", "quota": "territory"}
        shown = client.post(path, typed)
        said = "2026-Q2: $300.00 goes to Cora Coordinator, $610.00 stays with Rita Rep."
        assert shown.status_code == 200
        assert shown.context["said"] == [said]
        words = "Nothing is handed over yet. Read this, then press “Hand over” again, or choose otherwise."
        assert words in shown.content.decode()
        with acting(cast.admin):
            assert seats_of(cast.coordinator) == []
        other = client.post(path, {**typed, "starts_on": "2026-06-30", "seen": said})
        assert other.context["said"] == [
            "2026-Q2: $10.00 goes to Cora Coordinator, $900.00 stays with Rita Rep."
        ]
        assert client.post(path, {**typed, "seen": said}).status_code == 302
        with acting(cast.admin):
            assert ("Cora Coordinator", "2026-Q2", 300_00) in quotas(cast)

    def test_another_change_of_the_seat_is_named_before_it_is_done(
        self, cast: Cast, browse: Any, acting: Any
    ) -> None:
        """Paul takes East 1 on 1 July; Cora may have it until then, and both stand."""
        july = date(2026, 7, 1)
        with acting(cast.admin):
            pass_seat(by=cast.admin.pk, seat_id=seat_of(cast.rep).pk, user_id=cast.peer.pk, starts_on=july)
            seat = Seat.objects.current().get(user=cast.rep, territory__name="East 1")
        client, path = browse(cast.admin), reverse("seat_hand_over", args=[seat.pk])
        typed = {"successor_id": cast.coordinator.pk, "starts_on": "2026-06-01"}
        said = "From Jul 1, 2026 on Paul Peer is planned for this seat. That stands; this change holds until then."
        assert client.post(path, typed).context["said"] == [said]
        assert client.post(path, {**typed, "seen": said}).status_code == 302
        with acting(cast.admin):
            seats = (
                Seat.objects.current().filter(territory__name="East 1", kind="owner").order_by("starts_on")
            )
            spans = [(row.user.name, row.starts_on, row.stops_on) for row in seats.select_related("user")]
        assert spans[1:] == [
            ("Cora Coordinator", date(2026, 6, 1), july),
            ("Paul Peer", july, None),
        ]

    def test_who_has_none_is_not_asked(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.admin)
        pages = {
            person.name: client.get(reverse("seat_hand_over", args=[seat_of(person).pk]))
            for person in (cast.rep, cast.peer)
        }
        assert {name: "quota" in page.context["form"].fields for name, page in pages.items()} == {
            "Rita Rep": True,
            "Paul Peer": False,
        }
        assert 'name="quota"' not in pages["Paul Peer"].content.decode()

    def test_on_a_past_day_it_is_shown_with_what_that_changes(
        self, cast: Cast, browse: Any, acting: Any
    ) -> None:
        client, seat = browse(cast.admin), seat_of(cast.rep).pk
        typed = {"successor_id": cast.coordinator.pk, "starts_on": "2026-05-01", "quota": "territory"}
        answer = client.post(reverse("seat_hand_over", args=[seat]), typed)
        assert answer.status_code == 302
        page = client.get(answer["Location"])
        said = "2026-Q2: $610.00 goes to Cora Coordinator, $300.00 stays with Rita Rep."
        assert said in page.content.decode()
        assert client.post(answer["Location"], {}).status_code == 302
        with acting(cast.admin):
            assert ("Cora Coordinator", "2026-Q2", 610_00) in quotas(cast)


class TestForATime:
    def test_the_old_seat_stays_and_the_other_covers(self, cast: Cast, acting: Any, clock: Any) -> None:
        with acting(cast.admin):
            handed = hand(cast, cast.rep, cast.peer, JUNE, stops_on=JULY)
            assert seats_of(cast.rep) == [("East 1", "owner", START, None)]
            assert seats_of(cast.peer) == [
                ("East 2", "owner", START, None),
                ("East 1", "cover", JUNE, JULY),
            ]
            assert handed.seat.share == 100_000_000
        clock.move_to(datetime(2026, 6, 1, 9, tzinfo=UTC))
        assert apply_hand_overs() == 1
        with acting(cast.admin):
            assert owner_of("Acorn renewal") == "Paul Peer"
        clock.move_to(datetime(2026, 7, 1, 9, tzinfo=UTC))
        assert apply_hand_overs() == 0
        with acting(cast.admin):
            assert owner_of("Acorn renewal") == "Paul Peer"
        with work(by=None, why="reach"):
            assert reach_for(cast.peer, JULY).nodes == {cast.territories["East 2"].pk}

    def test_for_a_lead_open_work_below_passes_and_no_lead_does(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            Opportunity.objects.filter(name="Beech renewal").update(owner=cast.manager)
            handed = hand(cast, cast.manager, cast.other_manager, stops_on=JULY)
            assert handed.work is not None
            assert handed.work.deals == 1
        with work(by=None, why="reach"):
            mine = reach_for(cast.other_manager, MAY)
            assert cast.territories["East Team"].pk in mine.nodes - mine.territories

    def test_a_cover_ends_with_the_seat_at_the_latest(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            seat_of(cast.rep).replaced(stops_on=JULY)
            with pytest.raises(Refused, match="The seat itself ends on Jul 1, 2026") as refusal:
                hand(cast, cast.rep, cast.peer, JUNE, stops_on=date(2026, 7, 2))
            assert refusal.value.path == "stops_on"
            hand(cast, cast.rep, cast.peer, JUNE, stops_on=JULY)


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"to": "rep"}, "successor_id", "Choose somebody else: they have this seat."),
        ({"to": "gone"}, "successor_id", "Choose a person who is still here."),
        ({"on": date(2024, 12, 31)}, "starts_on", "This seat begins on Jan 1, 2025"),
        ({"on": JUNE, "stops_on": JUNE}, "stops_on", "Choose a later day"),
        ({"on": date(2024, 12, 31), "stops_on": JUNE}, "starts_on", "This seat begins on Jan 1, 2025"),
        ({"stops_on": JUNE, "ramp": "0 100"}, "ramp", "Leave it empty"),
        ({"ramp": "0 50"}, "ramp", "ends with 100"),
    ],
)
def test_what_is_wrong_and_where(
    cast: Cast, acting: Any, changes: dict[str, Any], path: str, said: str
) -> None:
    with acting(cast.admin):
        to = getattr(cast, changes.pop("to", "coordinator"), User(pk=0))
        with pytest.raises(Refused, match=said) as refusal:
            hand(cast, cast.rep, to, **changes)
        assert refusal.value.path == path
        assert seats_of(cast.rep) == [("East 1", "owner", START, None)]
        assert not HandOver.objects.exists()


def test_a_day_in_a_closed_period_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        Period.objects.filter(code="2026-Q1").update(is_closed=True)
        for until in (None, JULY):
            with pytest.raises(Conflict, match="Choose Apr 1, 2026 or a later day") as refusal:
                hand(cast, cast.rep, cast.coordinator, date(2026, 3, 1), stops_on=until)
            assert refusal.value.path == "starts_on"


def test_only_administrators(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        seat, row = seat_of(cast.rep), hand(cast, cast.peer, cast.coordinator, JUNE).work
        with pytest.raises(NotInReach):
            hand_over_seat(by=cast.admin.pk, seat_id=0, successor_id=cast.peer.pk, starts_on=MAY)
    assert row is not None
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person):
            with pytest.raises(Forbidden):
                hand_over_seat(by=person.pk, seat_id=seat.pk, successor_id=cast.peer.pk, starts_on=MAY)
            with pytest.raises(Forbidden):
                drop_hand_over(by=person.pk, hand_over_id=row.pk, version=1)


class TestThePage:
    def url(self, cast: Cast, acting: Any, person: User) -> str:
        with acting(cast.admin):
            return reverse("seat_hand_over", args=[seat_of(person).pk])

    def typed(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        return {"successor_id": cast.coordinator.pk, "starts_on": "2026-06-01", "takes_work": "1", **changes}

    def test_it_lists_what_goes_with_the_seat(self, cast: Cast, browse: Any, acting: Any) -> None:
        task(cast, cast.rep)
        with acting(cast.admin):
            for period in (cast.q1, cast.q2):
                set_quota(by=cast.admin.pk, period_id=period.pk, person_id=cast.rep.pk, amount_minor=500_00)
            deal = cast.deals["Acorn renewal"]
            for number in range(6):
                Opportunity.objects.create(
                    **{
                        name: getattr(deal, name)
                        for name in "account owner territory stage category close_on".split()
                    },
                    name=f"Deal {number}",
                    number=f"D-{number}",
                    currency="EUR",
                    amount_minor=None if number else 10_00,
                    created_on=MAY,
                    stage_since_on=MAY,
                )
        page = browse(cast.admin).get(self.url(cast, acting, cast.rep)).content.decode()
        text = " ".join(page.split())
        assert "Accounts<small>stay with the territory</small></div><span>1</span>" in text
        assert "<span>7 · €10.00 · $100,000.01</span>" in text
        assert "Acorn renewal" in text
        assert "Deal 3" in text
        assert "Deal 4" not in text
        assert "and 2 more" in text
        assert "Activities to be done</div><span>1</span>" in text
        assert "<span>2026-Q2 $500.00</span>" in text
        assert "2026-Q1" not in text

    def test_nothing_to_hand_over_is_said(self, cast: Cast, browse: Any, acting: Any) -> None:
        text = browse(cast.admin).get(self.url(cast, acting, cast.manager)).content.decode()
        assert text.count("<small>none</small>") == 2

    def test_one_press(self, cast: Cast, browse: Any, acting: Any) -> None:
        client, path = browse(cast.admin), self.url(cast, acting, cast.rep)
        answer = client.post(path, self.typed(cast), follow=True)
        assert answer.redirect_chain == [
            (reverse("territory_detail", args=[cast.territories["East 1"].pk]), 302)
        ]
        text = answer.content.decode()
        assert (
            "Cora Coordinator sits on East 1 from Jun 1, 2026. Open deals and activities pass on that day."
            in text
        )

    def test_what_passed_at_once_is_counted(self, cast: Cast, browse: Any, acting: Any) -> None:
        path = self.url(cast, acting, cast.rep)
        text = browse(cast.admin).post(path, self.typed(cast, starts_on="2026-05-20"), follow=True).content
        assert "Handed over: open deals 1, activities 0." in text.decode()

    def test_what_stays_is_not_counted(self, cast: Cast, browse: Any, acting: Any) -> None:
        path, typed = self.url(cast, acting, cast.rep), self.typed(cast, takes_work="")
        text = browse(cast.admin).post(path, typed, follow=True).content.decode()
        assert "Cora Coordinator sits on East 1 from Jun 1, 2026.<" in text.replace("</p>", "<")

    def test_what_is_refused_comes_back_as_it_was_typed(self, cast: Cast, browse: Any, acting: Any) -> None:
        path, typed = self.url(cast, acting, cast.rep), self.typed(cast, stops_on="2026-06-01")
        answer = browse(cast.admin).post(path, typed)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {
            "stops_on": ["The end must come after the start. Choose a later day."]
        }
        past = browse(cast.admin).post(path, self.typed(cast, starts_on="2024-06-01"))
        assert list(past.context["form"].errors) == ["starts_on"]

    def test_of_two_administrators_at_once_one_is_told(
        self, cast: Cast, browse: Any, acting: Any, ben: User
    ) -> None:
        path = self.url(cast, acting, cast.rep)
        one, other = browse(cast.admin), browse(ben)
        answers = at_once(
            lambda: one.post(path, self.typed(cast)),
            lambda: other.post(path, self.typed(cast, successor_id=cast.executive.pk)),
        )
        first, second = sorted(answer.status_code for answer in answers)
        assert first == 302
        assert second in (404, 409, 412, 422)
        with acting(cast.admin):
            assert Seat.objects.current().filter(kind="owner", starts_on=JUNE).count() == 1
            assert HandOver.objects.count() == 1

    def test_a_seat_that_ended_meanwhile_is_not_found(self, cast: Cast, browse: Any, acting: Any) -> None:
        path = self.url(cast, acting, cast.rep)
        with acting(cast.admin):
            end_seat(by=cast.admin.pk, seat_id=seat_of(cast.rep).pk, stops_on=JUNE)
        assert browse(cast.admin).get(path).status_code == 404

    def test_the_day_proposed_is_one_of_the_seat(self, cast: Cast, browse: Any, acting: Any) -> None:
        with acting(cast.admin):
            west = {"territory_id": cast.territories["West"].pk, "kind": "owner", "starts_on": JULY}
            seat_person(by=cast.admin.pk, user_id=cast.executive.pk, **west)
        page = browse(cast.admin).get(self.url(cast, acting, cast.executive))
        assert page.context["form"]["starts_on"].value() == "2026-07-01"
