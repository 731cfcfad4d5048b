"""Units, TCV, ACV and ARR beside order intake; with the figures of docs/domain.md."""

from datetime import date
from typing import Any

import pytest

from catalog.models import Family, Product
from common.access import Reach
from common.errors import Refused
from common.importing import Outcome, Row
from common.transaction import work
from orders.models import Order
from orders.rules import Item, Measures, More, amended, measures
from orders.selectors.orders import terms_of
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
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, HALF, MAY, SIXTY, WHOLE, ledger, order_of
from tests.orders.test_changing import OVERLAY, is_sound, line, of
from workspace.models import Message

COLUMNS = ("amount_minor", "units", "tcv_minor", "acv_minor", "arr_minor")


@pytest.fixture
def plan(cast: Cast) -> Product:
    """Something that recurs."""
    with work(by=None, why="a product", reach=Reach.everything()):
        family = Family.objects.create(name="Plans", code="PLANS")
        plan: Product = Product.objects.create(
            name="Plan", code="PLAN", family=family, kind="recurring", currency="USD"
        )
    return plan


def recurring(
    plan: Product, amount: int, term: int | None = None, quantity: int = 1, **more: Any
) -> LineInput:
    return LineInput(plan.pk, quantity, amount, term_months=term, **more)


def rows(since: int = 0) -> list[tuple[int, ...]]:
    """Order intake, units, TCV, ACV and ARR of each entry."""
    return [tuple(getattr(row, name) for name in COLUMNS) for row in ledger()[since:]]


def held(kind: str = "revenue") -> dict[int, tuple[int, ...]]:
    """The same of what each person holds."""
    found: dict[int, tuple[int, ...]] = {}
    for row in ledger():
        if row.kind == kind:
            before = found.get(row.person_id, (0,) * len(COLUMNS))
            more = (getattr(row, name) for name in COLUMNS)
            found[row.person_id] = tuple(map(sum, zip(before, more, strict=True)))
    return found


class TestTheRules:
    @pytest.mark.parametrize(
        ("asked", "come_to"),
        [
            ((300_000_00, 0, 1, 36), (300_000_00, 1, 300_000_00, 100_000_00, 100_000_00)),
            ((60_000_00, 0, 1, 6), (60_000_00, 1, 60_000_00, 60_000_00, 120_000_00)),
            ((1_200_00, 1_000_00, 1, 12), (200_00, 1, 1_200_00, 1_200_00, 1_200_00)),
            ((500_00, 0, 4, None), (500_00, 4, 500_00, 0, 0)),
            ((100, 0, 1, 7), (100, 1, 100, 100, 171)),
            ((1, 0, 1, 24), (1, 1, 1, 1, 1)),
            ((0, 0, 10, 12), (0, 0, 0, 0, 0)),
        ],
    )
    def test_what_a_line_comes_to(self, asked: tuple[Any, ...], come_to: tuple[int, ...]) -> None:
        assert measures(*asked) == Measures(*come_to)

    def test_a_line_with_another_term_ends_and_comes_anew(self) -> None:
        stands = [Item(1, 1, 1_000, term=12)]
        assert amended(stands, [Item(1, 1, 3_000, term=36)]) == (
            [None],
            [More(Item(1, 1, 3_000, term=36), 0, None)],
        )

    def test_a_term_that_is_not_said_stays(self) -> None:
        stays, comes = amended([Item(1, 1, 1_000, term=24)], [Item(1, 2, 1_500)])
        assert (stays, comes) == ([Item(1, 1, 1_000, term=24)], [More(Item(1, 1, 500, term=24), 0, 0)])


class TestBooking:
    def test_three_years_of_300000(self, cast: Cast, acting: Acting, plan: Product) -> None:
        with acting(cast.rep):
            order_of(cast, lines=[recurring(plan, 300_000_00, 36)])
        assert rows() == [(300_000_00, 1, 300_000_00, 100_000_00, 100_000_00)]
        assert is_sound()

    def test_something_recurring_has_a_year_unless_said_otherwise(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        with acting(cast.rep):
            order = order_of(cast, lines=[recurring(plan, 600_00), line(cast, "Server", 2, 100_00)])
            assert [one.term_months for one in order.lines.all()] == [12, None]
        assert rows() == [(600_00, 1, 600_00, 600_00, 600_00), (100_00, 2, 100_00, 0, 0)]

    def test_something_else_recurs_where_a_term_is_typed(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, lines=[line(cast, "Licence", 1, 200_00, term_months=24)])
        assert rows() == [(200_00, 1, 200_00, 100_00, 100_00)]

    @pytest.mark.parametrize("term", [0, 121])
    def test_a_term_is_1_to_120_months(self, cast: Cast, acting: Acting, plan: Product, term: int) -> None:
        with acting(cast.rep), pytest.raises(Refused) as refusal:
            order_of(cast, lines=[recurring(plan, 600_00, term)])
        assert (refusal.value.path, refusal.value.code) == ("lines.0.term_months", "term_range")

    def test_the_parts_of_a_split_add_up_in_every_measure(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
        with acting(cast.rep):
            order_of(cast, lines=[recurring(plan, 100_01, 36, quantity=3)], shares=shares)
        assert held() == {
            cast.rep.pk: (60_01, 2, 60_01, 20_00, 20_00),
            cast.peer.pk: (40_00, 1, 40_00, 13_34, 13_34),
        }

    def test_money_is_converted_at_the_plan_rate_once_per_entry(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        with acting(cast.rep):
            order_of(cast, currency="EUR", lines=[recurring(plan, 300_03, 36)])
            order_of(cast, lines=[recurring(plan, 100_00, 36)])
        assert rows() == [(300_03, 1, 330_03, 110_01, 110_01), (100_00, 1, 100_00, 33_33, 33_33)]

    def test_overlay_shares_have_their_own_ratio(self, cast: Cast, acting: Acting, plan: Product) -> None:
        shares = [ShareInput(cast.rep.pk, WHOLE), ShareInput(cast.peer.pk, HALF, OVERLAY)]
        with acting(cast.rep):
            order_of(cast, lines=[recurring(plan, 240_00, 24, quantity=2)], shares=shares)
        assert held()[cast.rep.pk] == (240_00, 2, 240_00, 120_00, 120_00)
        assert held("overlay") == {cast.peer.pk: (120_00, 1, 120_00, 60_00, 60_00)}

    def test_a_line_of_0_has_no_entry(self, cast: Cast, acting: Acting, plan: Product) -> None:
        with acting(cast.rep):
            order_of(cast, lines=[recurring(plan, 0)])
        assert rows() == []


class TestFiles:
    def brought(self, cast: Cast, acting: Acting, plan: Product, *terms: int | None) -> Outcome:
        """The outcome of a file of orders of so many months each."""
        order = {
            "account": "Acorn",
            "opportunity": None,
            "owner": "Rita Rep",
            "booked_on": MAY,
            "currency": "USD",
            "motion": "new",
            "product": plan.code,
            "quantity": 2,
            "amount": 240_00,
        }
        rows = [
            Row("orders.csv", place, {**order, "number": f"F-{place}", "term_months": term})
            for place, term in enumerate(terms, 2)
        ]
        with acting(cast.admin):
            return apply_import(by=cast.admin.pk, entity="order", rows=rows)

    def test_a_file_says_the_term_or_leaves_it_out(self, cast: Cast, acting: Acting, plan: Product) -> None:
        assert self.brought(cast, acting, plan, 24, None).created == 2
        assert rows() == [(240_00, 2, 240_00, 120_00, 120_00), (240_00, 2, 240_00, 240_00, 240_00)]

    @pytest.mark.parametrize("term", [0, 121])
    def test_a_term_that_no_line_has_is_rejected(
        self, cast: Cast, acting: Acting, plan: Product, term: int
    ) -> None:
        outcome = self.brought(cast, acting, plan, term)
        assert [(one.column, outcome.created) for one in outcome.rejects] == [("term_months", 0)]


class TestRenewal:
    def renewed(self, cast: Cast, acting: Acting, plan: Product, amount: int, renewed: int) -> Order:
        with acting(cast.rep):
            first = order_of(cast, lines=[recurring(plan, 1_000_00)])
            lines = [recurring(plan, amount, renewed_minor=renewed)]
            return order_of(cast, lines=lines, motion="renewal", renews_order_id=first.pk)

    def test_it_is_worth_the_whole_contract(self, cast: Cast, acting: Acting, plan: Product) -> None:
        self.renewed(cast, acting, plan, 1_200_00, 1_000_00)
        assert rows(1) == [(200_00, 1, 1_200_00, 1_200_00, 1_200_00)]

    def test_also_where_it_adds_nothing(self, cast: Cast, acting: Acting, plan: Product) -> None:
        order = self.renewed(cast, acting, plan, 900_00, 900_00)
        assert rows(1) == [(0, 1, 900_00, 900_00, 900_00)]
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator))
        assert rows(2) == [(0, -1, -900_00, -900_00, -900_00)]
        assert is_sound()

    def test_of_a_part_that_is_cancelled_what_was_renewed_stays(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        order = self.renewed(cast, acting, plan, 1_200_00, 1_000_00)
        with acting(cast.coordinator):
            cancel(**of(order, cast.coordinator, amount_minor=50_00))
            cancel(**of(order, cast.coordinator))
        assert rows(2) == [
            (-50_00, 0, -50_00, -50_00, -50_00),
            (-150_00, -1, -1_150_00, -1_150_00, -1_150_00),
        ]


class TestWhoTakes:
    """Of a renewal that adds nothing credit is in the other measures alone."""

    def renewed(self, cast: Cast, acting: Acting, plan: Product, *people: Any) -> Order:
        shares = [ShareInput(person.pk, WHOLE // len(people)) for person in people]
        with acting(cast.rep):
            first = order_of(cast, lines=[recurring(plan, 1_200_000_00)])
            lines = [recurring(plan, 1_200_000_00, quantity=2, renewed_minor=1_200_000_00)]
            return order_of(cast, lines=lines, shares=shares, motion="renewal", renews_order_id=first.pk)

    def test_nobody_moves_a_contract_to_themselves(self, cast: Cast, acting: Acting, plan: Product) -> None:
        order = self.renewed(cast, acting, plan, cast.rep)
        mine = [ShareInput(cast.director.pk, WHOLE)]
        anew = {"cause": "split", "lines": [recurring(plan, 1_200_000_00, renewed_minor=1_200_000_00)]}
        for act, more in ((split_anew, {}), (correct, anew)):
            with acting(cast.director), pytest.raises(Refused, match="to themselves") as refused:
                act(**of(order, cast.director), shares=mine, **more)
            assert refused.value.code == "own_gain"
        assert rows(1) == [(0, 2, 1_200_000_00, 1_200_000_00, 1_200_000_00)]

    def test_a_director_takes_none_of_it_from_whom_they_do_not_lead(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        order = self.renewed(cast, acting, plan, cast.rep, cast.other_rep)
        wish = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
        with acting(cast.director), pytest.raises(Refused, match="Oscar Other would have less") as refused:
            split_anew(**of(order, cast.director, shares=wish))
        assert refused.value.code == "share_lowered"

    def test_who_has_another_part_of_it_is_told(self, cast: Cast, acting: Acting, plan: Product) -> None:
        order = self.renewed(cast, acting, plan, cast.rep)
        with acting(cast.coordinator):
            split_anew(**of(order, cast.coordinator, shares=[ShareInput(cast.peer.pk, WHOLE)]))
        with work(by=None, why="look", reach=Reach.everything()):
            told = set(Message.objects.filter(event="credit_changed").values_list("person_id", flat=True))
        assert told == {cast.rep.pk, cast.peer.pk}


@pytest.fixture
def shared(cast: Cast, acting: Acting, plan: Product) -> Order:
    """300.03 euros for three years and a server for 100.00, of two people."""
    shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
    lines = [recurring(plan, 300_03, 36, quantity=3), line(cast, "Server", 1, 100_00)]
    with acting(cast.rep):
        return order_of(cast, currency="EUR", lines=lines, shares=shares)


class TestChanging:
    BEFORE = ((240_02, 3, 264_02, 66_01, 66_01), (160_01, 1, 176_01, 44_00, 44_00))

    def test_before(self, cast: Cast, shared: Order) -> None:
        assert tuple(held().values()) == self.BEFORE

    @pytest.mark.parametrize("parts", [(None,), (100_00, None), (133_34, 133_34, 133_35), (1, 2, 3, None)])
    def test_cancelled_whole_nothing_is_left(
        self, cast: Cast, acting: Acting, shared: Order, parts: tuple[int | None, ...]
    ) -> None:
        with acting(cast.coordinator):
            for part in parts:
                cancel(**of(shared, cast.coordinator, amount_minor=part))
        assert set(held().values()) == {(0, 0, 0, 0, 0)}
        assert is_sound()

    def test_half_of_it_is_half_of_every_amount(self, cast: Cast, acting: Acting, shared: Order) -> None:
        with acting(cast.coordinator):
            cancel(**of(shared, cast.coordinator, amount_minor=200_01))
        assert held() == {
            cast.rep.pk: (120_01, 3, 132_01, 33_01, 33_01),
            cast.peer.pk: (80_01, 1, 88_01, 22_00, 22_00),
        }

    def test_the_order_of_cancellations_does_not_matter(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        ends = []
        for parts in ((70_00, 30_01), (30_01, 70_00), (100_01,)):
            since, shares = len(ledger()), [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
            with acting(cast.rep):
                order = order_of(cast, lines=[recurring(plan, 200_03, 18)], shares=shares)
            with acting(cast.coordinator):
                for part in parts:
                    cancel(**of(order, cast.coordinator, amount_minor=part))
            ends.append([sum(column) for column in zip(*rows(since), strict=True)])
        assert ends == [[100_02, 1, 100_02, 66_68, 66_68]] * 3

    def test_an_amendment_takes_and_adds_lines(self, cast: Cast, acting: Acting, plan: Product) -> None:
        with acting(cast.rep):
            order = order_of(
                cast, lines=[recurring(plan, 1_000_00, 24, quantity=10), line(cast, "Server", 1, 50_00)]
            )
        with acting(cast.coordinator):
            amend(**of(order, cast.coordinator, lines=[recurring(plan, 1_400_00, quantity=14)]))
            assert [one.term_months for one in terms_of(order).lines] == [24, 24]
        assert rows(2) == [(-50_00, -1, -50_00, 0, 0), (400_00, 4, 400_00, 200_00, 200_00)]

    def test_of_a_line_that_is_worth_nothing_now_no_unit_is_left(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        with acting(cast.rep):
            order = order_of(cast, lines=[recurring(plan, 600_00, 12, 10), line(cast, "Server", 1, 50_00)])
        with acting(cast.coordinator):
            wish = [recurring(plan, 0, quantity=10), line(cast, "Server", 1, 50_00)]
            amend(**of(order, cast.coordinator, lines=wish))
        assert rows(2) == [(-600_00, -10, -600_00, -600_00, -600_00)]
        assert is_sound()

    def test_another_term_ends_the_line_and_begins_one(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        with acting(cast.rep):
            order = order_of(cast, lines=[recurring(plan, 1_000_00, 12)])
        with acting(cast.coordinator):
            amend(**of(order, cast.coordinator, lines=[recurring(plan, 2_400_00, 24)]))
        assert rows(1) == [
            (-1_000_00, -1, -1_000_00, -1_000_00, -1_000_00),
            (2_400_00, 1, 2_400_00, 1_200_00, 1_200_00),
        ]

    def test_a_new_split_moves_every_measure(self, cast: Cast, acting: Acting, shared: Order) -> None:
        with acting(cast.coordinator):
            split_anew(**of(shared, cast.coordinator, shares=[ShareInput(cast.manager.pk, WHOLE)]))
            assert [one.term_months for one in terms_of(shared).lines] == [36, None]
        assert held() == {
            cast.rep.pk: (0, 0, 0, 0, 0),
            cast.peer.pk: (0, 0, 0, 0, 0),
            cast.manager.pk: (400_03, 4, 440_03, 110_01, 110_01),
        }

    def test_another_day_moves_all_of_it(self, cast: Cast, acting: Acting, shared: Order) -> None:
        with acting(cast.coordinator):
            book_on_another_day(**of(shared, cast.coordinator, booked_on=date(2026, 4, 7)))
        sums = {day: [0] * len(COLUMNS) for day in (date(2026, 4, 7), date(2026, 5, 12))}
        for row in ledger():
            for place, name in enumerate(COLUMNS):
                sums[row.booked_on][place] += getattr(row, name)
        assert list(sums.values()) == [[400_03, 4, 440_03, 110_01, 110_01], [0] * 5]

    def test_a_correction_keeps_the_term_unless_another_one_is_said(
        self, cast: Cast, acting: Acting, plan: Product
    ) -> None:
        with acting(cast.rep):
            order = order_of(cast, lines=[recurring(plan, 300_00, 36)])
        with acting(cast.coordinator):
            for anew in (recurring(plan, 360_00), recurring(plan, 360_00, 12)):
                correct(**of(order, cast.coordinator, lines=[anew], shares=[], cause="amount"))
        assert rows() == [
            (300_00, 1, 300_00, 100_00, 100_00),
            (-300_00, -1, -300_00, -100_00, -100_00),
            (360_00, 1, 360_00, 120_00, 120_00),
            (-360_00, -1, -360_00, -120_00, -120_00),
            (360_00, 1, 360_00, 360_00, 360_00),
        ]


class TestFromBefore:
    """Entries from before the measures were kept have none, and never get a part of them."""

    @pytest.fixture
    def old(self, cast: Cast, acting: Acting, owner: Any) -> Order:
        with acting(cast.rep):
            order = order_of(cast, amount=100_00)
        owner.execute("ALTER TABLE orders_credit DISABLE TRIGGER USER")
        owner.execute("UPDATE orders_credit SET units = 0, tcv_minor = 0")
        owner.execute("ALTER TABLE orders_credit ENABLE TRIGGER USER")
        return order

    def test_a_part_taken_back_has_none(self, cast: Cast, acting: Acting, old: Order) -> None:
        with acting(cast.coordinator):
            cancel(**of(old, cast.coordinator, amount_minor=40_00))
            split_anew(**of(old, cast.coordinator, shares=[ShareInput(cast.peer.pk, WHOLE)]))
        assert rows() == [
            (100_00, 0, 0, 0, 0),
            (-40_00, 0, 0, 0, 0),
            (-60_00, 0, 0, 0, 0),
            (60_00, 0, 0, 0, 0),
        ]

    def test_the_hash_of_an_entry_without_them_is_what_it_was(
        self, cast: Cast, owner: Any, old: Order
    ) -> None:
        owner.execute("SELECT orders_credit_text(c) FROM orders_credit c")
        assert len(owner.fetchone()[0].split("|")) == 20


def test_no_source_reads_as_measures(cast: Cast, acting: Acting, plan: Product, owner: Any) -> None:
    with acting(cast.rep):
        order_of(cast, lines=[recurring(plan, 360_00, 36)])
    owner.execute("SELECT orders_credit_text(c) FROM orders_credit c")
    measured = owner.fetchone()[0]
    owner.execute("ALTER TABLE orders_credit DISABLE TRIGGER USER")
    owner.execute("UPDATE orders_credit SET units = 0, tcv_minor = 0, acv_minor = 0, arr_minor = 0")
    owner.execute("SELECT orders_credit_text(c) FROM orders_credit c")
    source = measured.removeprefix(owner.fetchone()[0])
    assert source.endswith("1|36000|12000|12000")
    owner.execute("UPDATE orders_credit SET source = %s", [source])
    owner.execute("ALTER TABLE orders_credit ENABLE TRIGGER USER")
    assert not is_sound()


def test_the_hash_covers_every_measure(cast: Cast, acting: Acting, plan: Product, owner: Any) -> None:
    with acting(cast.rep):
        order_of(cast, lines=[recurring(plan, 360_00, 36)])
    for name in COLUMNS[1:]:
        owner.execute("ALTER TABLE orders_credit DISABLE TRIGGER USER")
        owner.execute(f"UPDATE orders_credit SET {name} = {name} + 1")
        assert not is_sound()
        owner.execute(f"UPDATE orders_credit SET {name} = {name} - 1")
        owner.execute("ALTER TABLE orders_credit ENABLE TRIGGER USER")
        assert is_sound()
