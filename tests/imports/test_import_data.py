"""A folder of files becomes a company: once, and exactly."""

from datetime import date

from accounts.models import Account, AccountTerritory
from accounts.models import Participant as AccountReader
from common.models import Period
from common.selectors import the_organisation
from forecasts.models import Submission
from imports.models import Batch
from orders.models import Credit, DirtyCell, Order
from orders.rollup import verify_ledger
from pipeline.models import Opportunity, StageVisit
from pipeline.selectors.history import history
from quotas.models import Quota
from quotas.services import run_nightly
from territories.models import Edge, RoleGrant, Seat, Territory, User
from tests.imports.company import FILES, changed, counts, everything
from tests.quotas.conftest import node_intake

CREATED = {
    "rate": 2, "person": 4, "territory": 6, "seat": 4, "family": 1, "product": 2, "account": 3, "stage": 4,
    "opportunity": 4, "order": 3, "quota": 3, "submission": 2,
}  # fmt: skip


def test_everything_comes_in(bring):
    out, err = bring()
    assert err == ""
    assert counts(out) == {entity: [count, 0, 0, 0, 0, 0] for entity, count in CREATED.items()}
    with everything():
        company = the_organisation()
        assert (company.name, company.reporting_currency, company.fiscal_start_month) == (
            "Tiny Traders",
            "EUR",
            4,
        )
        assert Period.objects.get(code="2025-Q1").starts_on == date(2025, 4, 1)
        assert Period.objects.filter(kind="month").count() == 24


def test_the_tree_with_its_people(bring):
    bring()
    with everything():
        parents = {
            edge.child.code: edge.parent and edge.parent.code
            for edge in Edge.objects.select_related("child", "parent")
        }
        assert parents == {
            "ALL": None,
            "NORTH": "ALL",
            "SOUTH": "ALL",
            "N1": "NORTH",
            "N2": "NORTH",
            "S1": "SOUTH",
            "UNASSIGNED": "ALL",
        }
        assert Territory.objects.get(is_unassigned=True).code == "UNASSIGNED"
        seats = {
            (seat.user.name, seat.territory.code, seat.kind)
            for seat in Seat.objects.select_related("user", "territory")
        }
        assert seats == {
            ("Ann", "N1", "owner"),
            ("Bob", "N2", "owner"),
            ("Cem", "S1", "owner"),
            ("Doa", "NORTH", "lead"),
        }
        assert dict(RoleGrant.objects.values_list("user__name", "role"))["Doa"] == "director"
        assert not User.objects.get(name="Ann").has_usable_password()


def test_accounts_with_their_places_parents_and_texts(bring):
    bring()
    with everything():
        seven = Account.objects.get(number="007")
        assert seven.parent is not None
        assert (seven.parent.name, seven.territory.code, seven.employees) == ("Nine", "N1", 12)
        assert seven.annual_revenue_minor == 123_456_789
        assert Account.objects.get(number="NA").employees is None
        assert AccountTerritory.objects.get(account=seven).starts_on == date(2025, 4, 1)


def test_deals_with_the_days_on_which_they_moved(bring):
    bring()
    with everything():
        deals = {deal.number: deal for deal in Opportunity.objects.select_related("stage", "territory")}
        won, lost, running = deals["D1"], deals["D4"], deals["D3"]
        assert (won.state, won.category, won.closed_on, won.amount_minor) == (
            "won",
            "closed",
            date(2025, 5, 5),
            100_000,
        )
        assert (lost.state, lost.closed_on) == ("lost", date(2025, 5, 14))
        assert (running.state, running.category, running.amount_minor, running.closed_on) == (
            "open",
            "commit",
            None,
            None,
        )
        assert running.stage_since_on == date(2025, 5, 1)
        assert won.territory.code == "N1"
        assert [
            (line.product.code, line.quantity, line.price_minor)
            for line in won.lines.select_related("product")
        ] == [("SAW", 1, 100_000)]
        visits = [
            (v.stage.name, v.entered_on.isoformat())
            for v in StageVisit.objects.filter(opportunity=won).select_related("stage")
        ]
        assert visits == [("Talk", "2025-04-10"), ("Offer", "2025-04-20"), ("Won", "2025-05-05")]
        visits = [
            (v.stage.name, v.entered_on.isoformat())
            for v in StageVisit.objects.filter(opportunity=running).select_related("stage")
        ]
        assert visits == [("Talk", "2025-04-12"), ("Offer", "2025-05-01")]


def test_orders_are_in_the_ledger_as_if_they_had_been_booked(bring):
    bring()
    with everything():
        assert verify_ledger().is_sound
        rows = [
            (
                str(c.event.order),
                c.person.name,
                c.seat.code,
                c.territory.code,
                c.amount_minor,
                c.booked_minor,
                c.plan_minor,
            )
            for c in Credit.objects.select_related("event__order", "person", "seat", "territory")
        ]
        assert rows == [
            ("R1", "Ann", "N1", "N1", 80_000, 80_000, 80_000),
            ("R1", "Ann", "N1", "N1", 20_000, 20_000, 20_000),
            ("R2", "Cem", "S1", "S1", 200_050, 190_048, 180_045),
            ("R3", "Bob", "N2", "S1", 1, 1, 1),
        ]
        order = Order.objects.get(number="R2")
        assert (order.opportunity_id, order.is_new_business, order.territory.code) == (
            Opportunity.objects.get(number="D2").pk,
            True,
            "S1",
        )
        assert Account.objects.get(number="NA").first_ordered_on == date(2025, 5, 6)
        assert AccountReader.objects.filter(account__number="NA", user__name="Bob").exists()
        assert DirtyCell.objects.count() == 3
        source = Order.objects.get(number="R1").events.get().source
        assert source == "orders.csv row 2"


def test_quotas_of_months_add_up_to_quarters_and_a_dash_is_no_quota(bring):
    bring()
    with everything():
        rows = set(Quota.objects.values_list("person__name", "period__code", "amount_minor"))
        assert rows == {("Ann", "2025-Q1", 650_000), ("Ann", "2025-Q2", 400_000), ("Bob", "2025-Q2", 500_000)}


def test_calls_stand_on_the_day_they_were_made(bring):
    bring()
    with everything():
        call = Submission.objects.earliest("submitted_at")
        assert (call.node.code, call.period.code, call.amount_minor) == ("N1", "2025-Q1", 90_000)
        assert call.submitted_at.isoformat() == "2025-05-12T10:00:00+00:00"


def test_the_night_reads_what_came_in(bring, empty_worker):
    bring()
    empty_worker(lambda: run_nightly(as_of=date(2025, 7, 31)))
    with everything():
        north, q1 = Territory.objects.get(code="NORTH"), Period.objects.get(code="2025-Q1")
        assert node_intake(north.pk, q1) == 100_000


def test_the_same_files_again_change_nothing_and_name_their_batch(bring):
    bring()
    out, _ = bring()
    with everything():
        batch = Batch.objects.get()
        assert out.strip() == f"These files were already applied as batch {batch.pk}; nothing changed."
        assert Credit.objects.count() == 4


def test_the_same_rows_in_another_file_are_all_unchanged(bring):
    bring()
    out, _ = bring(calls=FILES["calls.csv"] + "\n")
    assert counts(out) == {entity: [0, 0, count, 0, 0, 0] for entity, count in CREATED.items()}
    with everything():
        assert Credit.objects.count() == 4
        assert set(Opportunity.objects.values_list("version", flat=True)) == {1}
        assert StageVisit.objects.count() == 9


def test_what_differs_is_changed_and_keeps_its_history(bring):
    bring()
    with everything():
        visits = StageVisit.objects.count()
    deals = (
        FILES["deals.csv"].replace("Bob,Offer,-", 'Bob,Lost,"1.500"').replace("Seven axes", "Seven new axes")
    )
    accounts = FILES["accounts.csv"].replace(",12,", ",13,")
    out, _ = bring(deals=deals, accounts=accounts, **changed("targets", "Bob,-,-,-,5", "Bob,-,-,-,6"))
    assert counts(out)["opportunity"] == [0, 2, 2, 0, 0, 0]
    assert counts(out)["account"] == [0, 1, 2, 0, 0, 0]
    assert counts(out)["quota"] == [0, 1, 2, 0, 0, 0]
    with everything():
        deal = Opportunity.objects.get(number="D3")
        assert (deal.state, deal.amount_minor, deal.closed_on, deal.version) == (
            "lost",
            150_000,
            date(2025, 6, 30),
            2,
        )
        assert [line.price_minor for line in deal.lines.filter(is_removed=False)] == [150_000]
        assert StageVisit.objects.count() == visits + 1
        assert Quota.objects.filter(person__name="Bob").count() == 2
        assert any(change.field for change in history(deal))


def test_a_category_set_by_hand_stays_when_the_stage_stays(bring):
    bring()
    with everything():
        Opportunity.objects.filter(number="D3").update(category="best_case", category_is_manual=True)
    bring(**changed("deals", "Nine saws", "Nine big saws"))
    with everything():
        deal = Opportunity.objects.get(number="D3")
        assert (deal.name, deal.category, deal.category_is_manual) == ("Nine big saws", "best_case", True)


def test_a_dry_run_counts_the_same_and_applies_nothing(bring):
    dry, _ = bring(dry_run=True)
    with everything():
        assert not User.objects.exists()
        assert not Batch.objects.exists()
    out, _ = bring()
    assert counts(dry) == counts(out)
    assert dry.startswith("Nothing was applied")
