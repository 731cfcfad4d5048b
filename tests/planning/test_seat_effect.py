"""A seat in the past: what it changes is seen before it is saved, and by itself it moves no credit."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.http import address_of
from common.models import Period
from common.transaction import work
from orders.models import Order
from orders.services import ShareInput, cancel
from pipeline.models import Opportunity
from planning.selectors.seats import Effect, SeatChange, effect_of, effect_of_seat, seat_change
from planning.services import ask_credit, record_seat
from quotas.services import set_quota
from territories.models import Seat, User
from territories.services import end_seat, seat_person
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, SIXTY, ledger, order_of
from tests.planning.test_person_leave import seats_of
from workspace.models import Approval

START, MARCH, APRIL, BOOKED, MAY = (
    date(2025, 1, 1),
    date(2026, 3, 1),
    date(2026, 4, 1),
    date(2026, 4, 10),
    date(2026, 5, 20),
)
URL = reverse("seat_effect")
WHOLE = 100_000_000


@pytest.fixture
def oliver(cast: Cast, acting: Acting) -> User:
    """Oliver owns West 1 instead of Oscar, who sits nowhere; he sold 500.00 there on 10 April."""
    with work(by=None, why="a former owner", reach=Reach.everything()):
        person = User.objects.create(email="oliver@example.com", name="Oliver Old")
        Seat.objects.get(user=cast.other_rep).supersede()
        west_1 = cast.territories["West 1"]
        Seat.objects.create(user=person, territory=west_1, kind="owner", starts_on=START)
    return person


@pytest.fixture
def order(cast: Cast, acting: Acting, oliver: User) -> Order:
    with acting(cast.admin):
        facts = {"by": cast.admin, "booked_on": BOOKED, "amount": 500_00, "owner_id": oliver.pk}
        return order_of(cast, "Cedar", **facts)


def oliver_s(oliver: User) -> Seat:
    seat: Seat = Seat.objects.current().get(user=oliver, kind="owner")
    return seat


def handed(cast: Cast, oliver: User, **changes: Any) -> SeatChange:
    """Oscar takes Oliver's seat from 1 April."""
    facts: dict[str, Any] = {
        "act": "hand_over",
        "seat_id": oliver_s(oliver).pk,
        "user_id": cast.other_rep.pk,
        "territory_id": None,
        "kind": "",
        "starts_on": APRIL,
        "stops_on": None,
        "share": WHOLE,
        "ramp": "",
        "reason": "entered late",
        **changes,
    }
    return seat_change(**facts)


def seated(cast: Cast, **changes: Any) -> SeatChange:
    facts: dict[str, Any] = {
        "user_id": cast.other_rep.pk,
        "territory_id": cast.territories["West 1"].pk,
        "kind": "owner",
        "starts_on": APRIL,
        "stops_on": None,
        "share": WHOLE,
        "ramp": "",
        "reason": "",
        **changes,
    }
    return seat_change("seat", None, **facts)


def said(effect: Effect) -> list[tuple[str, str, str, str, int]]:
    return [
        (
            share.person.name,
            share.place.name,
            share.to_person.name,
            share.to_place.name,
            share.held.amount_minor,
        )
        for row in effect.orders
        for share in row.shares
    ]


class TestTheEffect:
    def test_who_takes_a_seat_over_would_have_had_its_credit(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            effect = effect_of(handed(cast, oliver))
            assert said(effect) == [("Oliver Old", "West 1", "Oscar Other", "West 1", 500_00)]
            assert [(row.order.pk, row.closed, row.is_waiting) for row in effect.orders] == [
                (order.pk, "", False)
            ]
            assert [(row.owner.name, row.deals) for row in effect.work] == [("Oscar Other", 1)]

    def test_of_a_split_the_share_of_who_sat_there_moves(
        self, cast: Cast, acting: Acting, oliver: User
    ) -> None:
        with acting(cast.admin):
            shares = [ShareInput(oliver.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
            facts = {"by": cast.admin, "booked_on": BOOKED, "shares": shares, "owner_id": oliver.pk}
            order_of(cast, "Cedar", **facts)
            assert said(effect_of(handed(cast, oliver))) == [
                ("Oliver Old", "West 1", "Oscar Other", "West 1", 600_00)
            ]

    def test_what_is_left_of_an_order_is_what_moves(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            facts = {"by": cast.admin.pk, "order_id": order.pk, "reason": "less"}
            cancel(**facts, version=1, booked_on=date(2026, 5, 5), amount_minor=100_00)
            assert said(effect_of(handed(cast, oliver)))[0][-1] == 400_00
            cancel(**facts, version=2, booked_on=date(2026, 5, 5))
            assert said(effect_of(handed(cast, oliver))) == []

    @pytest.mark.parametrize("day", [date(2026, 4, 11), date(2026, 6, 1)])
    def test_what_was_booked_before_stays(
        self, cast: Cast, acting: Acting, oliver: User, order: Order, day: date
    ) -> None:
        with acting(cast.admin):
            assert said(effect_of(handed(cast, oliver, starts_on=day))) == []

    def test_a_cover_moves_no_figure(self, cast: Cast, acting: Acting, oliver: User, order: Order) -> None:
        with acting(cast.admin):
            change = handed(cast, oliver, stops_on=MAY)
            assert (change.seat.kind, change.ends_old) == ("cover", False)
            assert said(effect_of(change)) == []

    def test_after_a_seat_ended_another_person_is_seated(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            end_seat(by=cast.admin.pk, seat_id=oliver_s(oliver).pk, stops_on=APRIL)
            assert said(effect_of(seated(cast))) == [
                ("Oliver Old", "West 1", "Oscar Other", "West 1", 500_00)
            ]
            assert said(effect_of(seated(cast, kind="overlay"))) == []
            assert said(effect_of(seated(cast, kind="lead"))) == []
            assert said(effect_of(seated(cast, stops_on=date(2026, 4, 5)))) == []

    def test_who_sat_nowhere_is_stamped_where_they_sit(
        self, cast: Cast, acting: Acting, oliver: User
    ) -> None:
        with acting(cast.admin):
            order_of(cast, "Cedar", by=cast.admin, booked_on=BOOKED, owner_id=cast.other_rep.pk)
            east = cast.territories["East"].pk
            assert said(effect_of(seated(cast, territory_id=east, kind="overlay"))) == [
                ("Oscar Other", "Unassigned", "Oscar Other", "East", 1_000_00)
            ]
            assert said(effect_of(seated(cast, territory_id=east, kind="cover", stops_on=MAY))) == [
                ("Oscar Other", "Unassigned", "Oscar Other", "East", 1_000_00)
            ]

    def test_who_sits_elsewhere_takes_their_credit_along(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            facts = {"act": "change", "territory_id": cast.territories["West"].pk, "kind": "owner"}
            change = handed(cast, oliver, **facts, user_id=None)
            assert (change.seat.user, change.ends_old) == (oliver, True)
            assert said(effect_of(change)) == [("Oliver Old", "West 1", "Oliver Old", "West", 500_00)]

    def test_a_seat_that_was_never_theirs_is_gone_from_the_book(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            assert said(effect_of(handed(cast, oliver, starts_on=START))) == [
                ("Oliver Old", "West 1", "Oscar Other", "West 1", 500_00)
            ]

    def test_who_still_sits_there_in_another_seat_keeps_it(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            there = {"territory_id": cast.territories["West 1"].pk, "kind": "overlay", "starts_on": APRIL}
            seat_person(by=cast.admin.pk, user_id=oliver.pk, **there)
            assert said(effect_of(handed(cast, oliver))) == []

    def test_credit_of_another_territory_that_they_own_stays(self, cast: Cast, acting: Acting) -> None:
        """Oscar owns West 1 and takes East 2 over: what he sold in April stays on West 1, where he sits as well.

        Where he only helped on West 1, his credit would have gone where he owns.
        """
        with acting(cast.admin):
            for person, name in ((cast.other_rep, "Cedar"), (cast.peer, "Beech")):
                order_of(cast, name, by=cast.admin, booked_on=BOOKED, owner_id=person.pk)
            taken = ("Paul Peer", "East 2", "Oscar Other", "East 2", 1_000_00)
            assert said(effect_of(handed(cast, cast.peer))) == [taken]
            Seat.objects.current().get(user=cast.other_rep).replaced(kind="overlay")
            assert said(effect_of(handed(cast, cast.peer))) == [
                ("Oscar Other", "West 1", "Oscar Other", "East 2", 1_000_00),
                taken,
            ]

    def test_who_led_there_is_no_owner_before(self, cast: Cast, acting: Acting, oliver: User) -> None:
        """Olga led West 1 for a while: what she sold then is not the new owner's."""
        with acting(cast.admin):
            west_1 = cast.territories["West 1"].pk
            Seat.objects.get(user=cast.other_manager).supersede()
            facts = {"user_id": cast.other_manager.pk, "territory_id": west_1, "kind": "lead"}
            led = seat_person(by=cast.admin.pk, **facts, starts_on=APRIL)
            order_of(cast, "Cedar", by=cast.admin, booked_on=BOOKED, owner_id=cast.other_manager.pk)
            led.supersede()
            assert said(effect_of(handed(cast, oliver))) == []

    def test_former_owners_of_other_days_stay(self, cast: Cast, acting: Acting, oliver: User) -> None:
        """Paul owned West 1 in April for five days, and sold there on 10 April from an overlay that ended too."""
        with acting(cast.admin):
            oliver_s(oliver).supersede()
            west_1 = cast.territories["West 1"].pk
            facts = {"by": cast.admin.pk, "user_id": cast.peer.pk, "territory_id": west_1}
            Seat.objects.get(user=cast.peer).supersede()
            owned = seat_person(**facts, kind="owner", starts_on=APRIL, stops_on=date(2026, 4, 6))
            helped = seat_person(**facts, kind="overlay", starts_on=APRIL)
            order_of(cast, "Cedar", by=cast.admin, booked_on=BOOKED, owner_id=cast.peer.pk)
            owned.supersede()
            helped.supersede()
            assert said(effect_of(seated(cast))) == []

    def test_of_very_many_orders_the_first_are_listed(
        self, cast: Cast, acting: Acting, oliver: User, order: Order, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr("planning.selectors.seats.MOST_LISTED", 1)
        with acting(cast.admin):
            facts = {"by": cast.admin, "booked_on": APRIL, "amount": 1_00, "owner_id": oliver.pk}
            first = order_of(cast, "Cedar", **facts)
            effect = effect_of(handed(cast, oliver))
            assert ([row.order for row in effect.orders], effect.more) == ([first], 1)

    def test_quota_of_the_people_in_open_quarters(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            for period, person, amount in (
                (cast.q1, oliver, 100_00),
                (cast.q2, oliver, 200_00),
                (cast.q2, cast.other_rep, 300_00),
                (cast.q2, cast.peer, 400_00),
            ):
                set_quota(by=cast.admin.pk, period_id=period.pk, person_id=person.pk, amount_minor=amount)
            found = [(row.person.name, row.amount_minor) for row in effect_of(handed(cast, oliver)).quotas]
            assert found == [("Oliver Old", 200_00), ("Oscar Other", 300_00)]
            early = effect_of(handed(cast, oliver, starts_on=MARCH)).quotas
            assert [row.amount_minor for row in early] == [100_00, 200_00, 300_00]


class TestRecording:
    def test_the_seat_alone_moves_nothing(
        self, cast: Cast, acting: Acting, oliver: User, order: Order
    ) -> None:
        before = [row.pk for row in ledger()]
        with acting(cast.admin):
            seat = record_seat(by=cast.admin.pk, change=handed(cast, oliver), orders=[], reason="")
            assert seats_of(oliver) == [("West 1", "owner", START, APRIL)]
            assert seats_of(cast.other_rep) == [("West 1", "owner", APRIL, None)]
            assert seat.reason == "entered late"
            assert not Approval.objects.filter(kind="credit_move").exists()
            assert said(effect_of_seat(seat)) == [("Oliver Old", "West 1", "Oscar Other", "West 1", 500_00)]
        assert [row.pk for row in ledger()] == before

    def test_open_work_passes_at_once(self, cast: Cast, acting: Acting, oliver: User) -> None:
        with acting(cast.admin):
            Opportunity.objects.filter(name="Cedar renewal").update(owner=oliver)
            change = handed(cast, oliver, takes_work=True)
            record_seat(by=cast.admin.pk, change=change, orders=[], reason="")
            assert Opportunity.objects.get(name="Cedar renewal").owner == cast.other_rep

    def test_a_leave_in_the_past(self, cast: Cast, acting: Acting, oliver: User) -> None:
        with acting(cast.admin):
            change = handed(cast, oliver, stops_on=MAY)
            record_seat(by=cast.admin.pk, change=change, orders=[], reason="")
            assert seats_of(oliver) == [("West 1", "owner", START, None)]
            assert seats_of(cast.other_rep) == [("West 1", "cover", APRIL, MAY)]

    def test_another_seat_and_a_new_one(self, cast: Cast, acting: Acting, oliver: User) -> None:
        with acting(cast.admin):
            facts = {"act": "change", "territory_id": cast.territories["West"].pk, "kind": "owner"}
            change = handed(cast, oliver, **facts, share=SIXTY, ramp="0 100")
            seat = record_seat(by=cast.admin.pk, change=change, orders=[], reason="")
            assert (seat.share, seat.ramp) == (SIXTY, "0 100")
            record_seat(by=cast.admin.pk, change=seated(cast, share=FORTY), orders=[], reason="")
            assert seats_of(oliver) == [("West 1", "owner", START, APRIL), ("West", "owner", APRIL, None)]
            assert Seat.objects.current().get(user=cast.other_rep).share == FORTY

    def test_with_orders_another_administrator_is_asked(
        self, cast: Cast, acting: Acting, oliver: User, order: Order, ben: User
    ) -> None:
        with acting(cast.admin):
            facts = {"change": handed(cast, oliver), "orders": [order.pk]}
            with pytest.raises(Refused, match="Say why credit moves"):
                record_seat(by=cast.admin.pk, **facts, reason=" ")
            assert seats_of(cast.other_rep) == []
            seat = record_seat(by=cast.admin.pk, **facts, reason="entered late")
            approval = Approval.objects.get(kind="credit_move")
            assert approval.about == "Credit for Oscar Other's seat on West 1 from Apr 1, 2026"
            assert approval.url == reverse("seat_credit", args=[seat.pk])
            assert [row.is_waiting for row in effect_of_seat(seat).orders] == [True]

    def test_only_orders_that_stand_elsewhere(
        self, cast: Cast, acting: Acting, oliver: User, order: Order, ben: User
    ) -> None:
        with acting(cast.admin):
            seat = record_seat(by=cast.admin.pk, change=handed(cast, oliver), orders=[], reason="")
            ids = {"by": cast.admin.pk, "reason": "late"}
            with pytest.raises(Conflict, match="stands where it would"):
                ask_credit(**ids, seat_id=seat.pk, orders=[order.pk, 999_999])
            with pytest.raises(NotInReach):
                ask_credit(**ids, seat_id=0, orders=[order.pk])
            Period.objects.filter(code="2026-04").update(is_closed=True)
            assert [row.closed for row in effect_of_seat(seat).orders] == ["2026-04"]
            with pytest.raises(Conflict, match="lies in 2026-04, which is closed"):
                ask_credit(**ids, seat_id=seat.pk, orders=[order.pk])

    def test_only_administrators(self, cast: Cast, acting: Acting, oliver: User) -> None:
        with acting(cast.admin):
            change, seat = handed(cast, oliver), oliver_s(oliver)
        for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
            with acting(person):
                with pytest.raises(Forbidden):
                    record_seat(by=person.pk, change=change, orders=[], reason="")
                with pytest.raises(Forbidden):
                    ask_credit(by=person.pk, seat_id=seat.pk, orders=[1], reason="x")


class TestThePages:
    def query(self, cast: Cast, acting: Acting, oliver: User, **changes: Any) -> str:
        with acting(cast.admin):
            seat = oliver_s(oliver).pk
        values = {"act": "hand_over", "seat_id": seat, "user_id": cast.other_rep.pk, "starts_on": APRIL}
        return address_of(URL, {**values, **changes})

    def test_the_form_of_a_hand_over_leads_here_and_saves_nothing(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User, order: Order
    ) -> None:
        with acting(cast.admin):
            seat = oliver_s(oliver).pk
        typed = {"successor_id": cast.other_rep.pk, "starts_on": "2026-04-01", "takes_work": "1"}
        answer = browse(cast.admin).post(reverse("seat_hand_over", args=[seat]), typed)
        expected = self.query(cast, acting, oliver)
        assert answer["Location"] == f"{expected}&takes_work=True"
        with acting(cast.admin):
            assert seats_of(cast.other_rep) == []

    def test_the_forms_of_a_seat_lead_here_and_save_nothing(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User
    ) -> None:
        with acting(cast.admin):
            old = oliver_s(oliver).pk
        west, day = cast.territories["West"].pk, "2026-04-01"
        typed = {"territory_id": west, "kind": "owner", "starts_on": day, "share": "33.5"}
        new = browse(cast.admin).post(reverse("seat_create"), {**typed, "user_id": cast.peer.pk})
        assert new["Location"] == (
            f"{URL}?act=seat&user_id={cast.peer.pk}&territory_id={west}&kind=owner&starts_on={day}&share=33500000"
        )
        changed = browse(cast.admin).post(reverse("seat_change", args=[old]), {**typed, "reason": "a & b"})
        assert changed["Location"] == (
            f"{URL}?act=change&seat_id={old}&territory_id={west}&kind=owner&starts_on={day}&share=33500000"
            "&reason=a+%26+b"
        )
        with acting(cast.admin):
            assert seats_of(oliver) == [("West 1", "owner", START, None)]
        for place in (new, changed):
            assert browse(cast.admin).get(place["Location"]).status_code == 200

    def test_what_is_refused_stays_on_its_form(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User
    ) -> None:
        typed = {"user_id": cast.peer.pk, "territory_id": cast.territories["West 1"].pk, "kind": "owner"}
        answer = browse(cast.admin).post(reverse("seat_create"), {**typed, "starts_on": "2026-04-01"})
        assert answer.status_code == 422
        assert "Oliver Old as owner" in answer.context["form"].errors["starts_on"][0]

    def test_the_page_says_everything_and_saves(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User, order: Order, ben: User
    ) -> None:
        client, url = browse(cast.admin), self.query(cast, acting, oliver, takes_work=True)
        with acting(cast.admin):
            set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=oliver.pk, amount_minor=200_00)
        text = " ".join(client.get(url).content.decode().split())
        for part in (
            "Oscar Other, owner of West 1 from Apr 1, 2026: what would have been otherwise?",
            "The seat of Oliver Old, owner of West 1, ends on Apr 1, 2026.",
            "Open deals and activities pass at once.",
            "Those of Oliver Old pass to Oscar Other when you save; all others stay with who has them.",
            order.number,
            "Oliver Old<small>West 1</small>",
            "Oscar Other<small>West 1</small>",
            "$500.00",
            "Cedar renewal",
            "2026-Q2 $200.00",
            f'name="orders" value="{order.pk}"',
        ):
            assert part in text, part
        refused = client.post(url, {"orders": [order.pk], "reason": ""})
        assert refused.status_code == 422
        assert f'value="{order.pk}" checked' in refused.content.decode()
        assert list(refused.context["form"].errors) == ["reason"]
        answer = client.post(url, {"orders": [order.pk], "reason": "entered late"}, follow=True)
        text = answer.content.decode()
        assert (
            "Oscar Other sits on West 1 from Apr 1, 2026. Another administrator is asked about the credit of 1 order."
            in text
        )
        assert "waits for approval" in text
        with acting(cast.admin):
            approval = Approval.objects.get(kind="credit_move")
        page = browse(ben).get(reverse("approval_detail", args=[approval.pk])).content.decode()
        assert "$500.00 from Oliver Old on West 1 to Oscar Other on West 1." in page
        form = {"version": "1", "is_granted": "grant", "answer": ""}
        assert browse(ben).post(reverse("approval_answer", args=[approval.pk]), form).status_code == 302
        assert [(row.person_id, row.amount_minor) for row in ledger()] == [
            (oliver.pk, 500_00),
            (oliver.pk, -500_00),
            (cast.other_rep.pk, 500_00),
        ]
        with acting(cast.admin):
            seat = Seat.objects.current().get(user=cast.other_rep)
        text = browse(cast.admin).get(reverse("seat_credit", args=[seat.pk])).content.decode()
        assert "None: the credit of every order stands where these seats would have put it." in text

    def test_credit_can_be_asked_for_later(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User, order: Order, ben: User
    ) -> None:
        client = browse(cast.admin)
        saved = client.post(self.query(cast, acting, oliver), {"reason": ""})
        page = client.get(saved["Location"]).content.decode()
        assert "No credit moves." in page
        assert f'name="orders" value="{order.pk}"' in page
        nothing = client.post(saved["Location"], {"reason": "late"})
        assert list(nothing.context["form"].errors) == ["orders"]
        asked = client.post(saved["Location"], {"orders": [order.pk], "reason": "late"}, follow=True)
        assert "Another administrator is asked about the credit of 1 order." in asked.content.decode()

    def test_a_closed_month_is_not_offered_and_said(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User, order: Order
    ) -> None:
        client = browse(cast.admin)
        saved = client.post(self.query(cast, acting, oliver), {"reason": ""})
        with acting(cast.admin):
            Period.objects.filter(code="2026-04").update(is_closed=True)
        text = client.get(saved["Location"]).content.decode()
        assert "stays: 2026-04 is closed" in text
        assert 'name="orders"' not in text
        forged = client.post(saved["Location"], {"orders": [order.pk], "reason": "late"})
        assert forged.status_code == 422

    def test_a_leave_says_that_the_seat_stays(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User
    ) -> None:
        text = browse(cast.admin).get(self.query(cast, acting, oliver, stops_on=MAY)).content.decode()
        assert "The seat of Oliver Old, owner of West 1, stays." in text
        assert "Oscar Other, temporary cover of West 1" in text
        assert "They stay with who has them: a seat in the past passes none." in text
        with acting(cast.admin):
            assert reverse("seat_hand_over", args=[oliver_s(oliver).pk]) in text

    def test_open_deals_are_handed_over_elsewhere(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User
    ) -> None:
        text = browse(cast.admin).get(self.query(cast, acting, oliver)).content.decode()
        there = reverse("territory_detail", args=[cast.territories["West 1"].pk])
        assert f'<a href="{there}">Hand over a seat with its deals</a>' in text

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"act": "steal"}, 400),
            ({"starts_on": ""}, 400),
            ({"starts_on": "soon"}, 400),
            ({"share": "0"}, 400),
            ({"seat_id": 0}, 404),
            ({"seat_id": 999_999}, 404),
            ({"user_id": 999_999}, 404),
            ({"act": "seat"}, 422),
            ({"stops_on": "2026-03-01"}, 422),
            ({"act": "seat", "kind": "owner"}, 404),
        ],
    )
    def test_an_address_that_names_no_seat(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User, changes: dict[str, Any], status: int
    ) -> None:
        assert browse(cast.admin).get(self.query(cast, acting, oliver, **changes)).status_code == status

    def test_what_changed_meanwhile_is_said_on_the_page(
        self, cast: Cast, acting: Acting, browse: Any, oliver: User
    ) -> None:
        west_1 = cast.territories["West 1"].pk
        values = {"act": "seat", "user_id": cast.other_rep.pk, "territory_id": west_1, "kind": "owner"}
        answer = browse(cast.admin).post(address_of(URL, {**values, "starts_on": APRIL}), {"reason": ""})
        assert answer.status_code == 422
        assert "Oliver Old as owner" in answer.content.decode()
