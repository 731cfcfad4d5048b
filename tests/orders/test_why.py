"""Why a credit is what it is: what each sentence rests on, as it was known when the credit was posted."""

from datetime import date
from typing import Any

import pytest

from accounts.models import AccountTerritory, Cause, Rule
from common.access import Reach
from common.transaction import reach, work
from orders.models import Credit
from orders.selectors.credits import CreditRow, explained
from orders.services import LineInput, ShareInput, cancel, correct, split_anew
from pipeline.models import Split, SplitPart
from territories.models import Seat
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, MAY, SIXTY, order_of


def rows() -> list[CreditRow]:
    return explained(list(Credit.objects.order_by("ledger_seq").named()), reach())


def parts(row: CreditRow) -> dict[str, str]:
    return {part.name: part.text for part in row.why.parts}


def split(cast: Cast, day: date, *shares: tuple[Any, int]) -> None:
    deal = cast.deals["Acorn renewal"]
    with work(by=cast.rep.pk, why="split", reach=Reach.everything()):
        made = Split.objects.create(opportunity=deal, starts_on=day, by=cast.rep)
        SplitPart.objects.bulk_create(
            SplitPart(split=made, person=person, weight=weight) for person, weight in shares
        )


def won(cast: Cast, **changes: Any) -> Any:
    deal = cast.deals["Acorn renewal"]
    deal.refresh_from_db()
    known = {"opportunity_id": deal.pk, "opportunity_version": deal.version}
    return order_of(cast, **known, **changes)


class TestTheShare:
    def test_no_split(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast)
            assert parts(rows()[0])["share"] == "no split: the owner gets 100 %"

    def test_typed(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)])
            assert parts(rows()[0])["share"] == "typed with the booking"

    def test_the_split_in_force_with_its_version(self, cast: Cast, acting: Acting) -> None:
        split(cast, date(2026, 4, 1), (cast.rep, 100_000_000))
        split(cast, date(2026, 5, 1), (cast.rep, SIXTY), (cast.peer, FORTY))
        split(cast, date(2026, 6, 1), (cast.peer, 100_000_000))
        with acting(cast.rep):
            won(cast)
        with acting(cast.rep):
            share = parts(rows()[0])["share"]
        assert share.startswith("split of the deal from May 1, 2026, version 2, recorded ")

    def test_a_split_recorded_after_the_booking_is_not_named(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            won(cast)
        split(cast, date(2026, 4, 1), (cast.rep, 100_000_000))
        with acting(cast.rep):
            assert parts(rows()[0])["share"] == "no split: the owner gets 100 %"

    def test_a_correction_has_its_own(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        with acting(cast.coordinator):
            correct(
                by=cast.coordinator.pk,
                order_id=order.pk,
                version=1,
                booked_on=date(2026, 5, 19),
                reason="two people",
                cause="split",
                lines=[LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
                shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)],
            )
        with acting(cast.rep):
            first, back, new = rows()
        assert parts(back)["share"] == parts(first)["share"] == "no split: the owner gets 100 %"
        assert parts(new)["share"] == "typed with the correction of May 19, 2026"
        assert parts(new)["event"].startswith("correction (two people), entered ")
        assert parts(back)["rule"] == "by split, at the rates of what is taken back"


class TestTheTerritory:
    @pytest.fixture
    def order(self, cast: Cast, acting: Acting) -> Any:
        with acting(cast.rep):
            return order_of(cast)

    def told(self, cast: Cast, acting: Acting) -> str:
        with acting(cast.rep):
            return parts(rows()[0])["territory"]

    def placed(self, cast: Cast, **changes: Any) -> AccountTerritory:
        """Put Acorn anew into East 1 from the day on which it is there."""
        account = cast.accounts["Acorn"]
        with work(by=None, why="place", reach=Reach.everything()):
            row = AccountTerritory.in_field().current().get(account=account)
            new: AccountTerritory = row.replaced(**changes)
            return new

    def test_by_a_rule_and_its_version(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="rule", reach=Reach.everything()):
            rule = Rule.objects.create(name="Enterprise", territory=cast.territories["East 1"])
        self.placed(cast, cause=Cause.RULE, cause_id=rule.pk, cause_version=3, starts_on=date(2026, 2, 1))
        with acting(cast.rep):
            order_of(cast)
        told = self.told(cast, acting)
        assert told == "East 1, by the rule Enterprise, version 3, from Feb 1, 2026"

    def test_by_hand_with_the_reason(self, cast: Cast, acting: Acting) -> None:
        self.placed(cast, recorded_by_id=cast.admin.pk, reason="asked for", starts_on=date(2026, 2, 1))
        with acting(cast.rep):
            order_of(cast)
        assert self.told(cast, acting) == "East 1, by hand by Ada Admin from Feb 1, 2026 (asked for)"

    @pytest.mark.parametrize("cause", [Cause.IMPORT, Cause.REALIGNMENT])
    def test_otherwise(self, cast: Cast, acting: Acting, cause: Cause) -> None:
        self.placed(cast, cause=cause, starts_on=date(2026, 2, 1))
        with acting(cast.rep):
            order_of(cast)
        assert self.told(cast, acting) == f"East 1, {cause.label} from Feb 1, 2026"

    def test_what_moved_it_since_does_not_count(self, cast: Cast, acting: Acting, order: Any) -> None:
        before = self.told(cast, acting)
        self.placed(
            cast, recorded_by_id=cast.admin.pk, reason="later", territory_id=cast.territories["West 1"].pk
        )
        assert self.told(cast, acting) == before
        assert before.startswith("East 1, by hand from ")


class TestTheSum:
    """Minus entries, and those of a new split, say what they are of, to the cent."""

    @pytest.fixture
    def order(self, cast: Cast, acting: Acting) -> Any:
        """67,121.00 shared 60 and 40, of which 10,000.01 is cancelled; then all of it is Rita's."""
        with acting(cast.rep):
            shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.peer.pk, FORTY)]
            order = order_of(cast, amount=67_121_00, shares=shares)
        about = {"by": cast.coordinator.pk, "order_id": order.pk, "booked_on": date(2026, 5, 19)}
        with acting(cast.coordinator):
            cancel(**about, version=1, reason="fewer", amount_minor=10_000_01)
            whole = [ShareInput(cast.rep.pk, 100_000_000)]
            split_anew(**about, version=2, reason="as agreed", shares=whole)
            cancel(**about, version=3, reason="late")
        return order

    def told(self, person: Any, acting: Acting) -> list[tuple[int, str]]:
        """The amounts of their entries after the booking, and what their sentence ends in."""
        with acting(person):
            return [(row.credit.amount_minor, row.why.lead.rpartition(": ")[2]) for row in rows()[1:]]

    def test_of_a_share(self, cast: Cast, acting: Acting, order: Any) -> None:
        assert self.told(cast.rep, acting) == [
            (-6_000_01, "60 % of -$10,000.01, booked May 19, 2026"),
            (22_848_40, "100 % of $57,120.99 less $34,272.59 so far, booked May 19, 2026"),
            (-57_120_99, "100 % of -$57,120.99, booked May 19, 2026"),
        ]

    def test_of_all_that_somebody_had(self, cast: Cast, acting: Acting, order: Any) -> None:
        assert self.told(cast.peer, acting) == [
            (-4_000_00, "40 % of -$10,000.01, booked May 19, 2026"),
            (-22_848_40, "all of $22,848.40 so far, booked May 19, 2026"),
        ]

    def test_of_a_correction(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order = order_of(cast)
        with acting(cast.coordinator):
            correct(
                by=cast.coordinator.pk,
                order_id=order.pk,
                version=1,
                booked_on=MAY,
                reason="typed wrong",
                cause="amount",
                lines=[LineInput(cast.products["Licence"].pk, 1, 900_00)],
                shares=[],
            )
        (back, _said), _new = self.told(cast.rep, acting)
        assert (back, _said) == (-1_000_00, "all of $1,000.00 so far, booked May 12, 2026")

    def test_an_order_out_of_reach_tells_none(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            shares = [ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)]
            order = order_of(cast, shares=shares)
        with acting(cast.coordinator):
            cancel(by=cast.coordinator.pk, order_id=order.pk, version=1, booked_on=MAY, reason="late")
        with acting(cast.other_manager):
            assert [row.why.lead for row in rows()] == [
                "A share of an order that is not in your reach, booked May 12, 2026",
                "Taken back from an order that is not in your reach, booked May 12, 2026",
            ]


def test_the_seat_of_the_day_and_the_rates(cast: Cast, acting: Acting) -> None:
    with acting(cast.rep):
        order_of(cast, currency="EUR")
    with work(by=None, why="leave", reach=Reach.everything()):
        Seat.objects.current().get(user=cast.rep).replaced(stops_on=date(2026, 5, 1))
    with acting(cast.rep):
        told = parts(rows()[0])
    assert told["seat"].startswith("East 1, owner from ")
    plan, booked = told["rate"].split(", booked rate")
    assert plan.startswith("plan rate 1.10 from ")
    assert booked.startswith(" 1.20 from ")


def test_in_the_reporting_currency_there_is_no_rate(cast: Cast, acting: Acting) -> None:
    with acting(cast.rep):
        order_of(cast)
        row = rows()[0]
    assert parts(row)["rate"] == "none, the amount is in the reporting currency"
    assert row.why.text.startswith(
        "100 % of $1,000.00: your share of Licence (line 1), booked May 12, 2026; Event: "
    )
    assert row.why.text.endswith("; Rule: by split: each line by its shares, to the cent.")


def test_an_order_out_of_reach_tells_nothing_but_seat_and_rate(cast: Cast, acting: Acting) -> None:
    with acting(cast.rep):
        order_of(
            cast,
            currency="EUR",
            shares=[ShareInput(cast.rep.pk, SIXTY), ShareInput(cast.other_rep.pk, FORTY)],
        )
    with acting(cast.other_manager):
        (row,) = rows()
    assert set(parts(row)) == {"territory", "seat", "rate", "rule"}
    assert parts(row)["territory"] == "out of territory, for an account of East 1"


def test_a_page_costs_as_many_queries_as_a_row(
    cast: Cast, acting: Acting, django_assert_num_queries: Any
) -> None:
    with acting(cast.rep):
        order = order_of(cast)
        for amount in range(5):
            order_of(cast, amount=1_00 + amount)
    with acting(cast.coordinator):
        cancel(by=cast.coordinator.pk, order_id=order.pk, version=1, booked_on=MAY, reason="late")
    with acting(cast.rep):
        found = list(Credit.objects.named())
        with django_assert_num_queries(11):
            assert len([row.why.text for row in explained(found, reach())]) == 7
        with django_assert_num_queries(6):
            explained(found[:1], reach())
