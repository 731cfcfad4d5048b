"""The booking form: prefilled from the deal, keeps what was typed, books once."""

from typing import Any

import pytest

from common.access import Reach
from common.models import Period
from common.transaction import work
from pipeline.models import Opportunity
from territories.models import User
from tests.cast import Cast
from tests.orders.test_book import MAY, ledger
from tests.pipeline.selling import put_servers


def rows(prefix: str, *forms: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form's rows as a browser sends them."""
    fields = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": 0}
    fields |= {
        f"{prefix}-{index}-{name}": value for index, row in enumerate(forms) for name, value in row.items()
    }
    return fields


def booking(cast: Cast, **changes: Any) -> dict[str, Any]:
    """A booking of the Acorn deal as it is typed: one licence, 60 % Rita and 40 % Paul."""
    licence = {"product": cast.products["Licence"].pk, "quantity": "1", "amount": "1,000.00"}
    return {
        "booked_on": MAY.isoformat(),
        "purchase_order": "PO-17",
        "motion": "renewal",
        "version": "1",
        **rows("lines", licence, {"product": "", "quantity": "", "amount": ""}),
        **rows(
            "shares",
            {"person": "Rita Rep", "percent": "60"},
            {"person": "peer@example.com", "percent": "40"},
            {"person": "", "percent": ""},
        ),
        **changes,
    }


class TestTheForm:
    def address(self, cast: Cast) -> str:
        return f"/orders/book/?opportunity={cast.deals['Acorn renewal'].pk}"

    def test_it_is_filled_from_the_deal(self, cast: Cast, browse: Any) -> None:
        put_servers(cast)
        page = browse(cast.rep).get(self.address(cast)).content.decode()
        assert "Acorn renewal" in page
        assert 'value="2026-05-20"' in page
        assert 'value="100,000.00"' in page
        assert 'value="Rita Rep"' in page

    def test_booking_leads_to_the_order(self, cast: Cast, browse: Any) -> None:
        answer = browse(cast.rep).post(self.address(cast), booking(cast), follow=True)
        page = answer.content.decode()
        assert answer.status_code == 200, page
        assert [row.amount_minor for row in ledger()] == [600_00, 400_00]
        assert "is booked" in page
        assert "60 % of $1,000.00: your share of Licence (line 1)" in page

    def test_the_shares_are_100_percent_of_the_owner_unless_said_otherwise(
        self, cast: Cast, browse: Any
    ) -> None:
        browse(cast.rep).post(self.address(cast), booking(cast, **rows("shares")))
        assert [(row.person_id, row.amount_minor) for row in ledger()] == [(cast.rep.pk, 1_000_00)]

    def test_a_double_click_books_once(self, cast: Cast, browse: Any) -> None:
        """Fault F-25 of the table in docs/operations.md, of the form; at the same moment: tests/faults."""
        client, form = browse(cast.rep), booking(cast, idempotency_key="one-and-the-same")
        answers = [client.post(self.address(cast), form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0]["Location"] == answers[1]["Location"]
        assert len(ledger()) == 2

    def test_a_closed_period_is_said_beside_the_day_and_nothing_is_lost(
        self, cast: Cast, browse: Any
    ) -> None:
        with work(by=None, why="close the books"):
            Period.objects.filter(code="2026-Q1").update(is_closed=True)
        answer = browse(cast.rep).post(self.address(cast), booking(cast, booked_on="2026-03-31"))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "closed period" in page
        for typed in ("2026-03-31", "PO-17", "1,000.00", "peer@example.com", "60"):
            assert f'value="{typed}"' in page
        assert ledger() == []

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"lines-0-amount": "1000,00"}, "Write it as"),
            ({"lines-0-amount": "-5.00"}, "below zero"),
            ({"lines-0-product": ""}, "which product"),
            ({"lines-0-quantity": "1e3"}, "whole number"),
            ({"shares-1-percent": "39.99"}, "total 99.99 %"),
            ({"shares-1-percent": "40.01"}, "total 100.01 %"),
            ({"shares-1-percent": "150"}, "between 0 and 100 %"),
            ({"shares-1-person": "nobody@example.com"}, "nobody of that name"),
            ({"shares-1-person": "Rita Rep"}, "twice"),
            ({"shares-1-percent": ""}, "how many percent"),
            ({"booked_on": "2026-05-21"}, "never in the future"),
            ({"booked_on": "soon"}, "Write the day as"),
        ],
    )
    def test_what_is_wrong_is_said(self, cast: Cast, browse: Any, changes: dict[str, str], said: str) -> None:
        answer = browse(cast.rep).post(self.address(cast), booking(cast, **changes))
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert ledger() == []

    def test_a_deal_that_was_changed_meanwhile_is_shown_as_it_is_now(self, cast: Cast, browse: Any) -> None:
        with work(by=None, why="an edit", reach=Reach.everything()):
            Opportunity.objects.change(cast.deals["Acorn renewal"].pk, 1, amount_minor=77_700_00)
        client = browse(cast.rep)
        answer = client.post(self.address(cast), booking(cast))
        page = answer.content.decode()
        assert answer.status_code == 412
        assert "$77,700.00" in page
        assert 'value="PO-17"' in page
        assert client.post(self.address(cast), booking(cast, version="2")).status_code == 302

    def test_a_booked_deal_leads_to_its_order(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        order = client.post(self.address(cast), booking(cast))["Location"]
        assert client.get(self.address(cast))["Location"] == order
        again = client.post(self.address(cast), booking(cast))
        assert again.status_code == 409
        assert "already booked" in again.content.decode()

    def test_in_a_dialog_it_answers_with_a_redirect_of_the_page(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        dialog = client.get(self.address(cast), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in dialog
        assert 'id="dialog-title"' in dialog


class TestWithoutADeal:
    def order(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        form = booking(cast, account=str(cast.accounts["Acorn"].pk), currency="USD", **rows("shares"))
        form.pop("version")
        return {**form, **changes}

    def test_the_account_is_chosen(self, cast: Cast, browse: Any) -> None:
        answer = browse(cast.rep).post("/orders/book/", self.order(cast))
        assert answer.status_code == 302
        assert [(row.person_id, row.amount_minor) for row in ledger()] == [(cast.rep.pk, 1_000_00)]

    def test_without_a_script_the_typed_name_is_enough(self, cast: Cast, browse: Any) -> None:
        form = self.order(cast, account="", account_name="acorn")
        assert browse(cast.rep).post("/orders/book/", form).status_code == 302

    def test_an_account_out_of_reach_is_not_there(self, cast: Cast, browse: Any) -> None:
        form = self.order(cast, account=str(cast.accounts["Cedar"].pk))
        assert browse(cast.rep).post("/orders/book/", form).status_code == 404

    def test_amounts_are_read_in_the_chosen_currency(self, cast: Cast, browse: Any) -> None:
        browse(cast.rep).post("/orders/book/", self.order(cast, currency="EUR"))
        assert [(row.amount_minor, row.plan_minor) for row in ledger()] == [(1_000_00, 1_100_00)]

    def test_a_coordinator_books_for_whoever_owns_the_territory(self, cast: Cast, browse: Any) -> None:
        answer = browse(cast.coordinator).post("/orders/book/", self.order(cast), follow=True)
        assert "Credits of people are not part of your role" in answer.content.decode()
        assert [row.person_id for row in ledger()] == [cast.rep.pk]

    def test_a_german_reads_what_shares_total(self, cast: Cast, browse: Any) -> None:
        with work(by=None, why="locale"):
            User.objects.filter(pk=cast.rep.pk).update(locale="de-DE")
        shares = rows("shares", {"person": "Rita Rep", "percent": "50,5"})
        form = self.order(cast, **{"lines-0-amount": "1.000,00"}, **shares)
        page = browse(cast.rep).post("/orders/book/", form).content.decode()
        assert "The shares total 50,5 %. They must total exactly 100 %." in page

    def test_two_of_a_name_are_told_apart_by_their_addresses(self, cast: Cast, browse: Any) -> None:
        with work(by=None, why="a namesake"):
            User.objects.filter(pk=cast.other_rep.pk).update(name="PAUL PEER")
        client = browse(cast.manager)
        suggested = client.get("/orders/book/").content.decode()
        assert '<option value="peer@example.com">Paul Peer</option>' in suggested
        assert '<option value="Rita Rep">rep@example.com</option>' in suggested
        shares = rows("shares", {"person": "Paul Peer", "percent": "100"})
        page = client.post("/orders/book/", self.order(cast, **shares)).content.decode()
        assert "Several people have this name. Write the e-mail address." in page
        shares = rows("shares", {"person": "Other_Rep@example.com", "percent": "100"})
        form = self.order(cast, owner_id="rita  rep", **shares)
        assert client.post("/orders/book/", form).status_code == 302
        assert [row.person_id for row in ledger()] == [cast.other_rep.pk]

    def test_a_person_who_is_not_suggested_can_be_named(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        assert "Oscar Other" not in client.get("/orders/book/").content.decode()
        form = self.order(cast, **rows("shares", {"person": "oscar other", "percent": "100"}))
        assert client.post("/orders/book/", form).status_code == 302
        assert [row.person_id for row in ledger()] == [cast.other_rep.pk]

    def test_a_german_writes_amounts_and_shares_the_german_way(self, cast: Cast, browse: Any) -> None:
        with work(by=None, why="locale"):
            User.objects.filter(pk=cast.rep.pk).update(locale="de-DE")
        shares = rows(
            "shares", {"person": "Rita Rep", "percent": "62,5"}, {"person": "Paul Peer", "percent": "37,5"}
        )
        form = self.order(cast, **{"lines-0-amount": "1.000,00"}, **shares)
        assert browse(cast.rep).post("/orders/book/", form).status_code == 302
        assert [row.amount_minor for row in ledger()] == [625_00, 375_00]


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("rep", 200),
            ("peer", 404),
            ("manager", 200),
            ("director", 200),
            ("other_director", 404),
            ("executive", 403),
        ],
    )
    def test_the_page_of_a_deal(self, cast: Cast, browse: Any, who: str, status: int) -> None:
        address = f"/orders/book/?opportunity={cast.deals['Acorn renewal'].pk}"
        assert browse(getattr(cast, who)).get(address).status_code == status

    def test_an_unknown_filter_is_refused(self, cast: Cast, browse: Any) -> None:
        assert browse(cast.rep).get("/orders/book/?deal=1").status_code == 400
