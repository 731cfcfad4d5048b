"""What lies between two runs: the events and changes behind it, and that they come to the difference."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from common.models import Run
from common.services import set_rate
from common.transaction import reach
from orders.services import cancel
from quotas.models import LeafCell
from quotas.selectors.differences import Difference, run_detail
from quotas.services import set_quota
from territories.services import move_territory, seat_person
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.quotas.conftest import WHOLE, Sell, everything
from tests.quotas.test_run_detail import text_of

MARCH, APRIL, MAY, JUNE = date(2026, 3, 3), date(2026, 4, 14), date(2026, 5, 12), date(2026, 6, 1)
Night = Callable[..., Run]
Refresh = Callable[[], Run | None]
Browse = Callable[[Any], Browser]


def difference(run: Run, other: int | None = None) -> Difference:
    """As the person reads it who acts."""
    found = run_detail(reach(), run.pk, other).difference
    assert found is not None
    return found


class TestEvents:
    def test_they_are_named_and_come_to_what_the_companys_figure_moved(
        self, cast: Cast, acting: Acting, sell: Sell, night: Night
    ) -> None:
        sell("Acorn", 100_00, MAY)
        first = night()
        shared = sell("Acorn", 40_01, APRIL, {"rep": WHOLE // 2, "peer": WHOLE // 2})
        sell("Beech", 10_00, MARCH, currency="EUR")
        with acting(cast.admin):
            cancel(
                by=cast.admin.pk,
                order_id=shared,
                version=1,
                booked_on=MAY,
                reason="Fewer",
                amount_minor=15_00,
            )
        second = night()
        with acting(cast.admin):
            found = difference(second)
            assert found.before == first
            told = [(one.event.order_id, one.event.kind, one.amount_minor) for one in found.events]
            assert [(kind, amount) for _order, kind, amount in told] == [
                *(("booking", 40_01), ("booking", 11_00), ("cancellation", -15_00))
            ]
            assert told[0][0] == told[2][0] == shared
            quarters = [
                (one.code, one.before_minor, one.now_minor, one.posted_minor) for one in found.quarters
            ]
            assert quarters == [("2026-Q1", 0, 11_00, 11_00), ("2026-Q2", 100_00, 125_01, 25_01)]
            assert all(quarter.is_explained for quarter in found.quarters)
            assert (
                found.moved_minor
                == found.posted_minor
                == sum(one.amount_minor for one in found.events)
                == 36_01
            )
            assert found.changes == []

    def test_overlay_credit_is_no_order_intake_of_the_company(
        self, cast: Cast, acting: Acting, sell: Sell, night: Night, owner: Any
    ) -> None:
        night()
        sell("Acorn", 100_00, MAY)
        second = night()
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE orders_credit SET kind = 'overlay'")
        with acting(cast.admin):
            found = difference(second)
            assert [one.amount_minor for one in found.events] == [0]
            # The figure that was kept is not what the ledger says: the page says so.
            assert [quarter.is_explained for quarter in found.quarters] == [False]

    def test_a_refresh_names_its_events_too(
        self, cast: Cast, acting: Acting, sell: Sell, night: Night, refresh: Refresh
    ) -> None:
        night()
        sell("Acorn", 1_00, MAY)
        refresh()
        sell("Acorn", 2_00, MAY)
        last = refresh()
        assert last is not None
        with acting(cast.admin):
            found = difference(last)
            assert ([one.amount_minor for one in found.events], found.quarters) == ([2_00], [])


class TestChanges:
    def test_each_is_named_with_who_and_from_when(
        self, cast: Cast, acting: Acting, sell: Sell, night: Night, browse: Browse
    ) -> None:
        first, admin, place = night(), cast.admin.pk, cast.territories
        with acting(cast.admin):
            move_territory(
                by=admin, territory_id=place["East 2"].pk, parent_id=place["West Team"].pk, on=JUNE
            )
            on_east = {"user_id": cast.rep.pk, "territory_id": place["East"].pk, "starts_on": JUNE}
            seat_person(by=admin, kind="overlay", **on_east)
            set_quota(by=admin, period_id=cast.q2.pk, amount_minor=500_00, person_id=cast.rep.pk)
            set_rate(by=admin, currency="EUR", kind="booked", value=Decimal("1.3"), starts_on=JUNE)
        second = night()
        with acting(cast.admin):
            found = {
                str(changes.label): {
                    (row.text, row.is_gone, row.starts_on, row.stops_on) for row in changes.rows
                }
                for changes in difference(second).changes
            }
            who = {row.by for changes in difference(second).changes for row in changes.rows}
        start = date(2025, 1, 1)
        assert found == {
            "Tree": {
                ("East 2 below East Team", False, start, JUNE),
                ("East 2 below West Team", False, JUNE, None),
                ("East 2 below East Team", True, start, None),
            },
            "Seats": {("Rita Rep on East: overlay", False, JUNE, None)},
            "Quotas": {("Rita Rep, 2026-Q2, assigned: $500.00", False, cast.q2.starts_on, cast.q2.stops_on)},
            "Rates": {
                ("EUR, booked rate: 1.2", False, start, JUNE),
                ("EUR, booked rate: 1.3", False, JUNE, None),
                ("EUR, booked rate: 1.2", True, start, None),
            },
        }
        assert who == {"Ada Admin"}
        text = text_of(browse(cast.admin), second)
        assert "Changed: Tree" in text
        assert "Rita Rep on East: overlay recorded Jun 1, 2026" in text
        assert re.search(r"Tree [0-9a-f]{12} other", text)
        assert re.search(r"Calendar [0-9a-f]{12} the same", text)
        assert f"Run {first.pk} of May 19, 2026" in text

    def test_what_was_recorded_and_taken_back_in_between_is_no_change(
        self, cast: Cast, acting: Acting, night: Night
    ) -> None:
        night()
        with acting(cast.admin):
            quota = {"by": cast.admin.pk, "period_id": cast.q2.pk, "person_id": cast.rep.pk}
            set_quota(amount_minor=500_00, **quota)
        with acting(cast.admin):
            set_quota(amount_minor=600_00, version=1, reason="More", **quota)
        second = night()
        with acting(cast.admin):
            [quotas] = difference(second).changes
            assert [row.text for row in quotas.rows] == ["Rita Rep, 2026-Q2, assigned: $600.00"]


class TestPage:
    def test_it_shows_the_quarters_and_the_events_with_a_link_to_the_order(
        self, cast: Cast, sell: Sell, night: Night, browse: Browse
    ) -> None:
        night()
        order = sell("Acorn", 100_00, MAY)
        second = night()
        client = browse(cast.executive)
        text = text_of(client, second)
        assert "2026-Q2 $0.00 $100.00 $100.00 $100.00" in text
        assert "booking May 12, 2026 Ada Admin $100.00" in text
        assert "18 invariants held" in text
        page = client.get(reverse("run_detail", args=[second.pk])).content.decode()
        assert reverse("order_detail", args=[order]) in page

    def test_another_run_to_compare_with_is_chosen(
        self, cast: Cast, sell: Sell, night: Night, browse: Browse
    ) -> None:
        runs = [night()]
        for amount in (100_00, 11_00):
            sell("Acorn", amount, MAY)
            runs.append(night())
        client, address = browse(cast.admin), reverse("run_detail", args=[runs[2].pk])
        assert "2026-Q2 $100.00 $111.00 $11.00 $11.00" in text_of(client, runs[2])
        text = text_of(client, runs[2], f"?with={runs[0].pk}")
        assert "2 ledger entries more" in text
        assert "2026-Q2 $0.00 $111.00 $111.00 $111.00" in text
        assert client.get(f"{address}?with={runs[2].pk}").status_code == 404
        assert client.get(f"{address}?with=no").status_code == 400

    def test_cells_that_were_put_right_are_told(
        self, cast: Cast, sell: Sell, night: Night, browse: Browse, owner: Any
    ) -> None:
        sell("Acorn", 100_00, MAY)
        night()
        owner.execute("UPDATE quotas_leafcell SET amount_minor = amount_minor + 1")
        second = night()
        assert "other cells stood and were put right" in text_of(browse(cast.admin), second)
        with everything():
            assert LeafCell.objects.get().amount_minor == 100_00
