"""The drill-down as organised now: the credits that belong on a node today, and who is told what of them."""

import re
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.urls import reverse

from common.access import Reach
from common.calendars import Span
from common.transaction import reach, work
from orders.models import Credit
from orders.selectors.credits import CreditFilter, CreditTotal, credit_page, credit_total
from orders.selectors.organised import credit_tree
from orders.services import OpeningInput, ShareInput, post_opening
from territories.models import Edge, Seat
from territories.services import end_seat, seat_person
from tests.accounts.places import assign_account
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import FORTY, MAY, SIXTY, order_of
from tests.orders.test_credit_list import page_of, plain

FIRST_OF_MAY = date(2026, 5, 1)
MONTH = Span(FIRST_OF_MAY, date(2026, 6, 1))
APRIL = Span(date(2026, 4, 1), FIRST_OF_MAY)


def told(cast: Cast, acting: Acting, who: str, **asked: Any) -> CreditTotal:
    with acting(getattr(cast, who)):
        return credit_total(CreditFilter(cast.q2, is_now=True, **asked), reach())


def listed(cast: Cast, acting: Acting, who: str, **asked: Any) -> list[int]:
    with acting(getattr(cast, who)):
        rows = credit_page(CreditFilter(cast.q2, is_now=True, **asked), reach(), None).rows
        return [row.plan_minor for row in rows]


def moved(cast: Cast, acting: Acting, account: str, where: str) -> None:
    place = {"account_id": cast.accounts[account].pk, "territory_id": cast.territories[where].pk}
    with acting(cast.admin):
        assign_account(by=cast.admin.pk, starts_on=date(2026, 5, 18), **place)


@pytest.fixture
def went_west(cast: Cast, acting: Acting) -> None:
    """Rita sold 100.00 on 14 April in East 1; since 1 May she owns West, where she sold 30.00 on 12 May."""
    with acting(cast.admin):
        order_of(cast, by=cast.admin, amount=100_00, booked_on=date(2026, 4, 14))
        seat = Seat.objects.current().get(user=cast.rep)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=FIRST_OF_MAY)
        place = {"user_id": cast.rep.pk, "territory_id": cast.territories["West"].pk, "kind": "owner"}
        seat_person(by=cast.admin.pk, starts_on=FIRST_OF_MAY, **place)
        shares = [ShareInput(cast.rep.pk, 100_000_000)]
        order_of(cast, by=cast.admin, amount=30_00, owner_id=cast.rep.pk, shares=shares)


@pytest.mark.usefixtures("went_west")
class TestBySeat:
    def test_a_person_counts_where_they_sit_today(self, cast: Cast, acting: Acting) -> None:
        east, west = cast.territories["East"].pk, cast.territories["West"].pk
        assert told(cast, acting, "executive", node_id=east).figure_minor == 0
        assert told(cast, acting, "executive", node_id=west).figure_minor == 130_00
        assert listed(cast, acting, "executive", node_id=west, is_alone=True) == [30_00, 100_00]
        below = cast.territories["West Team"].pk
        assert told(cast, acting, "executive", node_id=below).figure_minor == 0

    def test_who_leads_the_person_is_told_their_months_and_nothing_narrower(
        self, cast: Cast, acting: Acting
    ) -> None:
        west: dict[str, Any] = {"node_id": cast.territories["West"].pk}
        rita = {**west, "person_id": cast.rep.pk}
        for asked in (west, rita):
            total = told(cast, acting, "other_director", **asked)
            assert (total.plan_minor, total.count, total.beyond_minor, total.beyond_count) == (
                30_00,
                1,
                100_00,
                1,
            )
            assert told(cast, acting, "other_director", days=(APRIL,), **asked).beyond_minor == 100_00
            assert told(cast, acting, "other_director", days=(MONTH,), **asked).beyond_minor == 0
        narrow: list[dict[str, Any]] = [
            {**rita, "days": (Span(date(2026, 4, 14), date(2026, 4, 15)),)},
            {**rita, "is_out": True},
            {"person_id": cast.rep.pk},
        ]
        for asked in narrow:
            assert told(cast, acting, "other_director", **asked).beyond_minor == 0

    def test_who_leads_neither_the_person_nor_the_place_is_told_their_own_rows(
        self, cast: Cast, acting: Acting, browse: Any
    ) -> None:
        west = {"node_id": cast.territories["West"].pk}
        for who, asked, figure in (
            ("director", west, 130_00),
            ("director", {**west, "person_id": cast.rep.pk}, 130_00),
            ("other_manager", west, 0),
            ("other_rep", west, 0),
            ("rep", west, 130_00),
        ):
            total = told(cast, acting, who, **asked)
            assert (total.figure_minor, total.beyond_count) == (figure, 0), who
        page = plain(page_of(browse(cast.other_manager), f"?node={west['node_id']}&tree=now&period=2026-Q2"))
        assert "No credit here" in page


def test_as_sold_a_person_is_never_told_apart(cast: Cast, acting: Acting) -> None:
    """Rita sold in East 1, which went west; she herself sits in East Team today."""
    with acting(cast.rep):
        order_of(cast, amount=70_00)
    with work(by=None, why="move", reach=Reach.everything()):
        edge = Edge.objects.get(child=cast.territories["East 1"]).replaced(stops_on=date(2026, 5, 18))
        west = cast.territories["West Team"]
        Edge.objects.create(child=edge.child, parent=west, starts_on=date(2026, 5, 18))
        seat = Seat.objects.get(user=cast.rep).replaced(stops_on=date(2026, 5, 18))
        place = {"territory": cast.territories["East Team"], "kind": "owner", "starts_on": date(2026, 5, 18)}
        Seat.objects.create(user=seat.user, **place)
    east = {"node_id": cast.territories["East"].pk}
    with acting(cast.director):
        assert cast.rep.pk in reach().people
        assert credit_total(CreditFilter(cast.q2, **east), reach()).beyond_minor == 70_00
        assert credit_total(CreditFilter(cast.q2, person_id=cast.rep.pk, **east), reach()).figure_minor == 0
    assert told(cast, acting, "director", person_id=cast.rep.pk, **east).beyond_minor == 70_00


class TestByTerritory:
    def test_a_credit_in_reach_is_a_row_of_a_node_that_one_leads_and_of_no_other(
        self, cast: Cast, acting: Acting
    ) -> None:
        """Mona may read Rita's 40 % and not the order: where its account is today is hers to know in East alone."""
        with acting(cast.admin):
            shares = [ShareInput(cast.other_rep.pk, SIXTY), ShareInput(cast.rep.pk, FORTY)]
            order_of(cast, "Cedar", by=cast.admin, shares=shares)
        west_1 = {"node_id": cast.territories["West 1"].pk, "basis": "territory"}
        east_2 = {"node_id": cast.territories["East 2"].pk, "basis": "territory"}
        assert told(cast, acting, "manager", **west_1).figure_minor == 0
        assert listed(cast, acting, "manager", **west_1) == []
        moved(cast, acting, "Cedar", "East 2")
        total = told(cast, acting, "manager", **east_2)
        assert (total.plan_minor, total.beyond_minor, total.beyond_count) == (400_00, 600_00, 1)
        assert listed(cast, acting, "manager", **east_2) == [400_00]
        assert listed(cast, acting, "other_manager", **west_1) == []
        assert told(cast, acting, "executive", **east_2).figure_minor == 1_000_00

    def test_an_opening_entry_is_a_row_of_its_territory(self, cast: Cast, acting: Acting) -> None:
        entry = {"person_id": cast.rep.pk, "family_id": cast.families["Software"].pk, "currency": "USD"}
        with acting(cast.admin):
            post_opening(
                by=cast.admin.pk,
                entries=[OpeningInput(booked_on=MAY, amount_minor=9_00, source="a file", **entry)],
            )
        east_1 = {"node_id": cast.territories["East 1"].pk, "basis": "territory"}
        for who in ("manager", "director", "executive"):
            assert listed(cast, acting, who, **east_1) == [9_00]
            assert told(cast, acting, who, **east_1) == CreditTotal(9_00, 1)

    def test_a_node_that_is_gone_has_nothing_and_unassigned_has_it(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.rep):
            order_of(cast, amount=70_00)
        with work(by=None, why="retire", reach=Reach.everything()):
            Edge.objects.get(child=cast.territories["East 1"]).replaced(stops_on=date(2026, 5, 19))
        for basis in ("seat", "territory"):
            gone = {"node_id": cast.territories["East 1"].pk, "basis": basis}
            for more in ({}, {"is_alone": True}):
                assert told(cast, acting, "executive", **gone, **more).figure_minor == 0
            nobody = {"node_id": cast.territories["Unassigned"].pk, "basis": basis}
            assert told(cast, acting, "executive", **nobody).figure_minor == 70_00


class TestThePage:
    def test_it_is_named_kept_and_paged(self, cast: Cast, acting: Acting, browse: Any) -> None:
        with acting(cast.rep):
            for _ in range(51):
                order_of(cast, amount=1_01)
        client, node = browse(cast.manager), cast.territories["East 1"].pk
        for basis, words in (("seat", "by seat"), ("territory", "by territory")):
            query = f"?period=2026-Q2&node={node}&basis={basis}&tree=now"
            first = page_of(client, query)
            assert f"East 1, {words} · as organised now" in plain(first)
            assert '<input type="hidden" name="tree" value="now"' in first
            assert "Total of all 51 credits $51.51" in plain(first)
            following = re.search(r'rel="next" href="([^"]+)"', first)
            assert following
            assert page_of(client, following[1].replace("&amp;", "&")).count("A share of") + 1 == 1

    def test_an_address_says_what_the_filter_says(self, cast: Cast) -> None:
        node = cast.territories["East"].pk
        for chosen in (CreditFilter(cast.q2, is_now=True), CreditFilter(cast.q2, node_id=node, is_now=True)):
            assert "tree=now" in chosen.query
            assert CreditFilter.of(dict(parse_qsl(chosen.query)), cast.q2) == chosen
        assert "tree" not in CreditFilter(cast.q2, node_id=node).query

    def test_a_tree_that_is_not_known_is_refused(self, cast: Cast, browse: Any) -> None:
        assert browse(cast.rep).get(reverse("credit_list"), {"tree": "then"}).status_code == 400


def test_before_there_was_a_tree_nothing_hangs_in_it(cast: Cast, acting: Acting) -> None:
    with acting(cast.rep):
        order_of(cast, amount=70_00)
    with acting(cast.executive):
        tree = credit_tree(date(2024, 1, 1))
        assert (tree.parents, tree.places) == ({}, {})
        assert not Credit.objects.filter(tree.belonging("seat", [cast.territories["East 1"].pk])).exists()
