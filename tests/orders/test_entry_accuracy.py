"""How accurately and how soon orders are entered, with the orders behind each figure."""

import csv
import io
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Refused
from common.importing import Row
from common.services import add_day_off, create_work_calendar
from common.transaction import work
from orders.models import BookingEvent, Order
from orders.selectors import accuracy
from orders.services import (
    LineInput,
    ShareInput,
    amend,
    apply_import,
    book_on_another_day,
    cancel,
    correct,
    split_anew,
)
from territories.models import User
from tests.calls import Api
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import order_of
from tests.orders.test_order_cancel import correction
from tests.orders.test_own_columns import LINE
from tests.orders.test_queue import kept
from tests.planning.test_draft_statements import statements
from tests.salesops.conftest import plain
from tests.stamps import Stamps, stamps
from workspace.models import Export

__all__ = ["stamps"]

ADDRESS = "/orders/accuracy/"


def day(number: int) -> date:
    return date(2026, 5, number)


def put_right(cast: Cast, acting: Acting, order: Order, cause: str) -> None:
    with acting(cast.coordinator):
        correct(
            by=cast.coordinator.pk,
            order_id=order.pk,
            version=Order.objects.get(pk=order.pk).version,
            booked_on=day(20),
            reason="wrong",
            cause=cause,
            lines=[LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
            shares=[],
        )


def moved(cast: Cast, acting: Acting, order: Order, to: date) -> None:
    with acting(cast.coordinator):
        version = Order.objects.get(pk=order.pk).version
        known = {"by": cast.coordinator.pk, "order_id": order.pk, "version": version}
        book_on_another_day(**known, booked_on=to, reason="signed then")


@pytest.fixture
def five(cast: Cast, acting: Acting, stamps: Stamps) -> list[Order]:
    """The example of the page: the first has a wrong amount and split, the second a wrong day, the third was changed
    at the customer's request. Entered by Rita on 20 May.
    """
    orders = []
    for _number in range(5):
        with acting(cast.rep):
            orders.append(order_of(cast, booked_on=day(20)))
    stamps(datetime(2026, 5, 20, 9, tzinfo=UTC))
    put_right(cast, acting, orders[0], "amount")
    put_right(cast, acting, orders[0], "split")
    moved(cast, acting, orders[1], day(19))
    put_right(cast, acting, orders[2], "request")
    return orders


def lines(cast: Cast, acting: Acting, who: Any) -> dict[str, accuracy.Line]:
    with acting(who) as context:
        return {line.name: line for line in accuracy.Entries(context.reach, cast.q2.span).lines}


class TestAccuracy:
    def test_the_example(self, cast: Cast, acting: Acting, five: list[Order]) -> None:
        line = lines(cast, acting, cast.rep)["Rita Rep"]
        assert (line.orders, line.right, line.accuracy) == (5, 3, Fraction(3, 5))
        assert [(str(cause), number) for cause, number in line.errors] == [
            ("amount", 1),
            ("date", 1),
            ("split", 1),
        ]

    @pytest.mark.parametrize("cause", ["amount", "product", "customer", "date", "split", "price", "other"])
    def test_every_cause_but_a_request_is_an_error(
        self, cast: Cast, acting: Acting, five: list[Order], cause: str
    ) -> None:
        put_right(cast, acting, five[4], cause)
        line = lines(cast, acting, cast.rep)["Rita Rep"]
        assert (line.right, line.by_cause[cause]) == (2, 2 if cause in ("amount", "date", "split") else 1)

    def test_what_people_do_later_is_no_error(self, cast: Cast, acting: Acting, five: list[Order]) -> None:
        licence = cast.products["Licence"].pk
        known = {"by": cast.coordinator.pk, "order_id": five[4].pk, "booked_on": day(20), "reason": "later"}
        with acting(cast.coordinator):
            amend(**known, version=1, lines=[LineInput(licence, 2, 1_500_00)])
        with acting(cast.coordinator):
            half = [ShareInput(cast.rep.pk, 50_000_000), ShareInput(cast.peer.pk, 50_000_000)]
            split_anew(**known, version=2, shares=half)
        with acting(cast.coordinator):
            cancel(**known, version=3)
        line = lines(cast, acting, cast.rep)["Rita Rep"]
        assert (line.orders, line.right) == (5, 3)

    def test_files_and_corrections_without_a_cause_count_nowhere(
        self, cast: Cast, acting: Acting, five: list[Order]
    ) -> None:
        with acting(cast.admin):
            row = Row("orders.csv", 2, {**LINE, "number": "F-1"})
            assert apply_import(by=cast.admin.pk, entity="order", rows=[row]).created == 1
        with work(by=cast.admin.pk, why="with a seat", reach=Reach.everything()):
            facts = {"kind": "correction", "booked_on": day(20), "amount_minor": 0, "by": cast.admin}
            BookingEvent.objects.create(order=five[4], **facts)
        found = lines(cast, acting, cast.admin)
        assert {name: (line.orders, line.right) for name, line in found.items()} == {"Rita Rep": (5, 3)}

    def test_other_periods_have_other_orders(self, cast: Cast, acting: Acting, five: list[Order]) -> None:
        moved(cast, acting, five[3], date(2026, 3, 31))
        with acting(cast.rep) as context:
            first, second = (
                accuracy.Entries(context.reach, quarter.span).total for quarter in (cast.q1, cast.q2)
            )
        assert (first.orders, first.right, second.orders, second.right) == (1, 0, 4, 2)

    def test_nothing_entered_is_undefined(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep) as context:
            line = accuracy.Entries(context.reach, cast.q2.span).total
        assert (line.orders, line.accuracy, line.in_time, line.days) == (0, None, None, None)

    def test_a_correction_needs_a_cause_that_there_is(
        self, cast: Cast, acting: Acting, five: list[Order]
    ) -> None:
        with pytest.raises(Refused) as refusal:
            put_right(cast, acting, five[4], "luck")
        assert refusal.value.path == "cause"


class TestTime:
    @pytest.fixture
    def four(self, cast: Cast, acting: Acting, stamps: Stamps) -> list[Order]:
        """The example of the page: booked on Friday 8 May, entered on that day, on Monday, Tuesday and Wednesday."""
        orders = []
        for number in (8, 11, 12, 13):
            with acting(cast.rep):
                orders.append(order_of(cast, booked_on=day(8)))
            stamps(datetime(2026, 5, number, 15, tzinfo=UTC))
        return orders

    def days(self, cast: Cast, acting: Acting) -> list[int]:
        with acting(cast.rep) as context:
            found = accuracy.Entries(context.reach, cast.q2.span)
            orders = list(found.orders("all", None).order_by("pk"))
            return [found.told([order])[order.pk][0] for order in orders]

    def test_the_example(self, cast: Cast, acting: Acting, four: list[Order]) -> None:
        line = lines(cast, acting, cast.rep)["Rita Rep"]
        assert self.days(cast, acting) == [0, 1, 2, 3]
        assert (line.late, line.in_time, line.days) == (1, Fraction(3, 4), Fraction(3, 2))

    def test_a_day_off_of_everybody_does_not_count(
        self, cast: Cast, acting: Acting, four: list[Order]
    ) -> None:
        with acting(cast.admin):
            add_day_off(by=cast.admin.pk, on=day(11), name="a holiday")
        assert self.days(cast, acting) == [0, 1, 1, 2]

    def test_a_persons_own_calendar_counts(self, cast: Cast, acting: Acting, four: list[Order]) -> None:
        with acting(cast.admin):
            calendar = create_work_calendar(
                by=cast.admin.pk, name="Sunday to Thursday", weekdays=[6, 0, 1, 2, 3]
            )
            User.objects.filter(pk=cast.rep.pk).update(work_calendar=calendar)
        assert self.days(cast, acting) == [0, 1, 2, 3]  # Sunday instead of Friday
        with acting(cast.admin):
            add_day_off(by=cast.admin.pk, on=day(10), name="a local day", calendar_id=calendar.pk)
        assert self.days(cast, acting) == [0, 0, 1, 2]

    def test_the_day_of_entry_is_that_of_the_organisation(
        self, cast: Cast, acting: Acting, stamps: Stamps
    ) -> None:
        """At 2 o'clock UTC on Tuesday it is Monday evening in New York."""
        with acting(cast.rep):
            order_of(cast, booked_on=day(11))
        stamps(datetime(2026, 5, 12, 2, tzinfo=UTC))
        assert self.days(cast, acting) == [0]

    def test_an_order_on_its_right_day_is_measured_from_that(
        self, cast: Cast, acting: Acting, four: list[Order]
    ) -> None:
        moved(cast, acting, four[0], day(4))
        moved(cast, acting, four[3], day(14))
        assert self.days(cast, acting) == [4, 1, 2, 0]


class TestHandedIn:
    @pytest.fixture
    def booked(self, cast: Cast, acting: Acting, stamps: Stamps, clock: Any) -> Order:
        """Rita hands in on 20 May what was ordered then; Cora books it a week later."""
        with acting(cast.rep):
            asked = kept(cast, booked_on=day(20))
        clock.shift(7 * 24 * 3600)
        with acting(cast.coordinator):
            order = order_of(
                cast, by=cast.coordinator, booked_on=day(20), request_id=asked.pk, request_version=1
            )
        stamps(datetime(2026, 5, 27, 15, tzinfo=UTC))
        return order

    @pytest.mark.parametrize("who", ["rep", "manager", "coordinator", "executive"])
    def test_it_counts_to_who_handed_it_in_and_when(
        self, cast: Cast, acting: Acting, booked: Order, who: str
    ) -> None:
        put_right(cast, acting, booked, "amount")
        found = lines(cast, acting, getattr(cast, who))
        assert {name: (line.orders, line.right, line.late, line.days) for name, line in found.items()} == {
            "Rita Rep": (1, 0, 0, Fraction(0))
        }

    def test_its_row_says_the_same(self, cast: Cast, browse: Any, booked: Order) -> None:
        client = browse(cast.executive)
        page = plain(client.get(ADDRESS, {"show": "all", "key": cast.rep.pk}))
        assert f"{booked.number} Acorn $1,000.00 May 20, 2026 May 20, 2026 0 —" in page
        assert "None of these orders." in plain(client.get(ADDRESS, {"show": "late"}))

    def test_a_draft_that_was_never_handed_in_counts_to_who_booked_it(
        self, cast: Cast, acting: Acting, stamps: Stamps, clock: Any
    ) -> None:
        with acting(cast.rep):
            asked = kept(cast, booked_on=day(20), is_draft=True)
        clock.shift(7 * 24 * 3600)
        with acting(cast.rep):
            order_of(cast, booked_on=day(20), request_id=asked.pk, request_version=1)
        stamps(datetime(2026, 5, 27, 15, tzinfo=UTC))
        line = lines(cast, acting, cast.rep)["Rita Rep"]
        assert (line.orders, line.late, line.days) == (1, 1, Fraction(5))


class TestWhoSeesWhom:
    @pytest.fixture
    def each(self, cast: Cast, acting: Acting) -> None:
        """One order each of Rita, Paul and Oscar, and one that Cora entered for Rita."""
        for who, account in (("rep", "Acorn"), ("peer", "Beech"), ("other_rep", "Cedar")):
            person = getattr(cast, who)
            with acting(person):
                order_of(cast, account, by=person)
        with acting(cast.coordinator):
            order_of(cast, by=cast.coordinator, owner_id=cast.rep.pk)

    @pytest.mark.parametrize(
        ("who", "names"),
        [
            ("rep", ["Rita Rep"]),
            ("manager", ["Paul Peer", "Rita Rep"]),
            ("director", ["Paul Peer", "Rita Rep"]),
            ("other_director", ["Oscar Other"]),
            ("coordinator", ["Cora Coordinator", "Oscar Other", "Paul Peer", "Rita Rep"]),
            ("admin", ["Cora Coordinator", "Oscar Other", "Paul Peer", "Rita Rep"]),
        ],
    )
    @pytest.mark.usefixtures("each")
    def test_lines(self, cast: Cast, acting: Acting, who: str, names: list[str]) -> None:
        found = lines(cast, acting, getattr(cast, who))
        assert sorted(found) == names
        assert all(line.orders == 1 for line in found.values())


class TestThePage:
    def test_figures_lead_to_their_orders(
        self, cast: Cast, browse: Any, five: list[Order], acting: Acting, stamps: Stamps
    ) -> None:
        with acting(cast.peer):
            order_of(cast, "Beech", by=cast.peer)
        stamps(datetime(2026, 5, 20, 15, tzinfo=UTC))
        client = browse(cast.manager)
        assert reverse("entry_accuracy") == ADDRESS
        page = plain(client.get(ADDRESS))
        rita = "Rita Rep 60.0% 5 3 wrong amount: 1 , wrong date: 1 , wrong split: 1 100.0% 0 0.0"
        assert rita in page
        assert "Paul Peer 100.0% 1 1 — 0.0% 1 6.0" in page
        assert "Total 66.7% 6 4" in page
        behind = {
            show: [
                row["order"].pk
                for row in client.get(ADDRESS, {"show": show, "key": cast.rep.pk}).context["rows"]
            ]
            for show in ("all", "right", "late", "amount", "date", "product")
        }
        assert {show: len(rows) for show, rows in behind.items()} == {
            "all": 5,
            "right": 3,
            "late": 0,
            "amount": 1,
            "date": 1,
            "product": 0,
        }
        assert behind["amount"] == [five[0].pk]
        late = plain(client.get(ADDRESS, {"show": "late"}))
        assert "Orders · entered late" in late
        assert "None of these orders." in plain(client.get(ADDRESS, {"show": "price"}))
        assert "Orders: Rita Rep · wrong amount" in plain(
            client.get(ADDRESS, {"show": "amount", "key": cast.rep.pk})
        )

    def test_another_period_and_nobody(self, cast: Cast, browse: Any, five: list[Order]) -> None:
        page = plain(browse(cast.rep).get(ADDRESS, {"period": "2026-Q1"}))
        assert "Nobody in your reach entered an order of this period." in page
        assert "Orders booked from Jan 1, 2026 to Mar 31, 2026" in page

    @pytest.mark.parametrize("query", [{"period": "2026-Q9"}, {"show": "luck"}, {"key": "x"}, {"who": "me"}])
    def test_a_broken_address_is_refused(self, cast: Cast, browse: Any, query: dict[str, str]) -> None:
        assert browse(cast.rep).get(ADDRESS, query).status_code == 400

    def test_the_list_of_orders_leads_there(self, cast: Cast, browse: Any) -> None:
        assert ADDRESS in browse(cast.rep).get("/orders/").content.decode()

    def test_a_correction_without_a_cause_comes_back(
        self, cast: Cast, browse: Any, five: list[Order]
    ) -> None:
        address = f"/orders/{five[4].pk}/correct/"
        refused = browse(cast.coordinator).post(address, correction(cast, cause="", booked_on="2026-05-20"))
        assert refused.status_code == 422
        assert "Say what was wrong" in plain(refused)
        form = correction(cast, cause="product", booked_on="2026-05-20")
        page = plain(browse(cast.coordinator).post(address, form, follow=True))
        assert "Wrong product · two people" in page


class TestSummed:
    def test_every_figure_leads_to_as_many_orders(
        self, cast: Cast, acting: Acting, five: list[Order], stamps: Stamps
    ) -> None:
        """Rita's five in time, and three more of hers and Paul's, late or not, one of them cancelled."""
        for who, account, booked in (("rep", "Acorn", 8), ("peer", "Beech", 11), ("peer", "Beech", 18)):
            with acting(getattr(cast, who)):
                order_of(cast, account, by=getattr(cast, who), booked_on=day(booked))
        stamps(datetime(2026, 5, 20, 15, tzinfo=UTC))
        with acting(cast.manager) as context:
            found = accuracy.Entries(context.reach, cast.q2.span)
            for line in (*found.lines, found.total):
                figures = {"all": line.orders, "right": line.right, "late": line.late, **line.by_cause}
                shown = {show: found.orders(show, line.key).count() for show in accuracy.SHOWS}
                assert shown == {**dict.fromkeys(accuracy.SHOWS, 0), **figures}
            assert [(line.name, line.orders, line.late, line.days) for line in found.lines] == [
                ("Rita Rep", 6, 1, Fraction(0)),
                ("Paul Peer", 2, 1, Fraction(9, 2)),
            ]
            assert (found.total.orders, found.total.late, found.total.days) == (8, 2, Fraction(1, 2))

    def test_many_orders_are_as_few_statements(
        self, cast: Cast, acting: Acting, browse: Any, five: list[Order]
    ) -> None:
        client = browse(cast.manager)
        with acting(cast.peer):
            order_of(cast, "Beech", by=cast.peer, booked_on=day(4))
        client.get(ADDRESS, {"show": "late"})
        few, _found = statements(lambda: client.get(ADDRESS, {"show": "late"}))
        for number in range(8):
            with acting(cast.peer):
                order_of(cast, "Beech", by=cast.peer, booked_on=day(4 + number % 5))
        put_right(cast, acting, five[4], "price")
        many, _found = statements(lambda: client.get(ADDRESS, {"show": "late"}))
        assert many == few


class TestFileAndApi:
    def test_the_file_has_every_line_and_the_total(self, cast: Cast, browse: Any, five: list[Order]) -> None:
        client = browse(cast.manager)
        assert "/orders/accuracy/file/?period=2026-Q2" in client.get(
            ADDRESS, {"period": "2026-Q2", "show": "late"}
        ).content.decode().replace("&amp;", "&")
        answer = client.get("/orders/accuracy/file/", {"period": "2026-Q2"})
        assert answer["Content-Disposition"] == 'attachment; filename="entry-accuracy-2026-Q2.csv"'
        lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [line["Entered by"] for line in lines] == ["Rita Rep", "Total"]
        for line in lines:
            known = line.pop("As known at")
            assert known.startswith("2026-05-20T")
            line.pop("Entered by")
            assert line == {
                "Quarter": "2026-Q2",
                "Orders": "5",
                "Without correction": "3",
                "Entry accuracy": "60.0%",
                "wrong amount": "1",
                "wrong product": "0",
                "wrong customer": "0",
                "wrong date": "1",
                "wrong split": "1",
                "price agreement": "0",
                "other": "0",
                "In time": "100.0%",
                "Late": "0",
                "Median of days": "0.0",
            }
        with work(by=None, why="a look", reach=Reach.everything()):
            kept = Export.objects.get()
        assert (kept.person_id, kept.page, kept.query, kept.rows) == (
            cast.manager.pk,
            "entry_accuracy",
            "period=2026-Q2",
            2,
        )

    def test_a_program_reads_the_same(self, cast: Cast, five: list[Order]) -> None:
        answer = Api(cast.manager).get("insight/entry-accuracy/?period=2026-Q2").json()
        figures = {
            "orders": 5,
            "right": 3,
            "accuracy": "0.600000",
            "by_cause": [{"cause": cause, "orders": 1} for cause in ("amount", "date", "split")],
            "late": 0,
            "in_time": "1.000000",
            "median_days": "0.000000",
        }
        rita = {"person_id": cast.rep.pk, "name": "Rita Rep", **figures}
        total = {"person_id": None, "name": "", **figures}
        assert answer == {"period": "2026-Q2", "results": [rita], "total": total}
        empty = Api(cast.other_rep).get("insight/entry-accuracy/").json()
        assert empty["results"] == []
        assert (empty["total"]["accuracy"], empty["total"]["median_days"]) == (None, None)
        assert Api(cast.rep).get("insight/entry-accuracy/?period=2026-Q9").status_code == 400
