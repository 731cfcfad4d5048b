"""The booking form: prefilled from the deal, keeps what was typed, books once."""

from typing import Any

from tests.cast import Cast
from tests.conftest import Browser
from tests.orders.test_book import MAY, ledger


def rows(prefix: str, *forms: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form's rows as a browser sends them."""
    fields = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": 0}
    fields |= {f"{prefix}-{index}-{name}": value for index, row in enumerate(forms) for name, value in row.items()}
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
        page = browse(cast.rep).get(self.address(cast)).content.decode()
        assert "Acorn renewal" in page
        assert 'value="2026-05-20"' in page
        assert 'value="100,000.00"' not in page
        assert 'value="10,000,000.00"' in page or 'value="100,000.00"' in page

    def test_booking_leads_to_the_order(self, cast: Cast, browse: Any) -> None:
        answer = browse(cast.rep).post(self.address(cast), booking(cast), follow=True)
        page = answer.content.decode()
        assert answer.status_code == 200, page
        assert [row.amount_minor for row in ledger()] == [600_00, 400_00]
        assert "is booked" in page
        assert "60 % of $1,000.00: your share of line 1" in page
