"""Opening entries: order intake from before the product was in use."""

from datetime import date
from typing import Any

import pytest

from common.access import Reach
from common.errors import Conflict, Forbidden, Refused
from common.models import Period
from common.transaction import reach, work
from orders.models import Credit, DirtyCell
from orders.rollup import verify_ledger
from orders.selectors.credits import explained
from orders.services import OpeningInput, post_opening
from tests.cast import Cast
from tests.conftest import Acting
from tests.orders.test_book import ledger
from tests.orders.test_credit_list import why


def entry(cast: Cast, **changes: Any) -> OpeningInput:
    values = {
        "person_id": cast.rep.pk,
        "family_id": cast.families["Software"].pk,
        "booked_on": date(2026, 2, 28),
        "currency": "EUR",
        "amount_minor": 250_00,
        "source": "opening.csv line 12",
        **changes,
    }
    return OpeningInput(**values)


def typed(cast: Cast, **changes: str) -> dict[str, Any]:
    return {
        "person_id": "Rita Rep",
        "booked_on": "2026-02-28",
        "family_id": cast.families["Software"].pk,
        "amount_minor": "250.00",
        "currency": "USD",
        "motion": "renewal",
        "source": "old system, report 7",
        **changes,
    }


class TestTheAct:
    def test_it_is_credit_of_its_own_kind_that_names_its_source(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            post_opening(by=cast.admin.pk, entries=[entry(cast)])
        (row,) = ledger()
        assert (row.kind, row.amount_minor, row.plan_minor) == ("opening", 250_00, 275_00)
        assert (row.source, row.seat.name, row.territory.name) == ("opening.csv line 12", "East 1", "East 1")

    def test_the_person_reads_where_it_comes_from(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            post_opening(by=cast.admin.pk, entries=[entry(cast)])
        with acting(cast.rep):
            (row,) = explained(list(Credit.objects.all()), reach())
        said = why(row)
        assert said.startswith(
            "Order intake from before the start, from opening.csv line 12, booked Feb 28, 2026."
        )
        assert "Seat East 1, owner from Jan 1, 2025" in said
        assert "plan rate 1.10 from Jan 1, 2025" in said

    def test_a_territory_of_its_own(self, cast: Cast, acting: Acting) -> None:
        west = cast.territories["West 1"].pk
        with acting(cast.admin):
            post_opening(by=cast.admin.pk, entries=[entry(cast, territory_id=west)])
            cells = list(DirtyCell.objects.values_list("seat__name", "territory__name", "month_on"))
        assert cells == [("East 1", "West 1", date(2026, 2, 1))]

    def test_it_is_part_of_a_sound_ledger(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin):
            entries = [entry(cast), entry(cast, amount_minor=-50_00, currency="USD")]
            post_opening(by=cast.admin.pk, entries=entries)
        with work(by=None, why="verify", reach=Reach.everything()):
            assert verify_ledger().is_sound

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"person_id": 0}, "person_id"),
            ({"family_id": 0}, "family_id"),
            ({"amount_minor": 0}, "amount_minor"),
            ({"amount_minor": 10**15}, "amount_minor"),
            ({"motion": "gift"}, "motion"),
            ({"currency": "XXX"}, "currency"),
            ({"booked_on": date(2026, 6, 1)}, "booked_on"),
        ],
    )
    def test_what_is_wrong_and_where(
        self, cast: Cast, acting: Acting, changes: dict[str, Any], path: str
    ) -> None:
        with acting(cast.admin), pytest.raises(Refused) as refused:
            post_opening(by=cast.admin.pk, entries=[entry(cast, **changes)])
        assert refused.value.path == path

    def test_a_source_is_asked_for(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.admin), pytest.raises(Refused):
            post_opening(by=cast.admin.pk, entries=[entry(cast, source=" ")])

    def test_a_closed_period_stays_closed(self, cast: Cast, acting: Acting) -> None:
        with work(by=None, why="close the books"):
            Period.objects.filter(code="2026-Q1").update(is_closed=True)
        with acting(cast.admin), pytest.raises(Conflict):
            post_opening(by=cast.admin.pk, entries=[entry(cast)])

    def test_only_admins(self, cast: Cast, acting: Acting) -> None:
        with acting(cast.director), pytest.raises(Forbidden):
            post_opening(by=cast.director.pk, entries=[entry(cast)])


class TestThePage:
    def test_it_posts_what_was_typed(self, cast: Cast, browse: Any) -> None:
        answer = browse(cast.admin).post("/orders/opening/", typed(cast), follow=True)
        assert "The opening entry is posted" in answer.content.decode()
        assert [(row.amount_minor, row.motion, row.is_new_business) for row in ledger()] == [
            (250_00, "renewal", False)
        ]

    def test_a_wrong_amount_comes_back_with_what_was_typed(self, cast: Cast, browse: Any) -> None:
        answer = browse(cast.admin).post("/orders/opening/", typed(cast, amount_minor="250,00"))
        assert answer.status_code == 422
        assert 'value="250,00"' in answer.content.decode()

    def test_others_are_told_that_it_is_not_their_page(self, cast: Cast, browse: Any) -> None:
        assert browse(cast.rep).get("/orders/opening/").status_code == 403
