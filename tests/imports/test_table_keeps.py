"""A table changes what it names and nothing else; what is new gets what a new row has."""

from datetime import date

import pytest

from catalog.models import Product
from pipeline.models import Opportunity, OpportunityLine, SalesModel
from pipeline.services import start_model
from territories.services.partners import create_partner
from tests.imports.company import everything
from tests.imports.tables import Tables, as_admin, wrong
from tests.pipeline.selling import put_servers


@pytest.fixture
def tables(cast):
    return Tables(cast.admin)


@pytest.fixture
def renewal(cast):
    """A deal in euros that renews something."""
    with as_admin(cast.admin):
        deal = Opportunity.objects.get(number="O-1")
        Opportunity.objects.change(deal.pk, deal.version, currency="EUR", motion="renewal")
        return Opportunity.objects.get(number="O-1")


def facts(number):
    with everything():
        deal = Opportunity.objects.get(number=number)
        lines = OpportunityLine.objects.filter(opportunity=deal, is_removed=False)
        products = list(lines.values_list("product__code", "quantity", "price_minor"))
    return deal.amount_minor, deal.currency, deal.motion, deal.stage.name, deal.stage_since_on, products


HEAD = "Number | Name | Account | Owner | Stage | Close date"
MOVED = "O-1 | Acorn renewal | Acorn | Rita Rep | {stage} | 2026-06-15"


def test_a_deal_that_moves_keeps_its_amount_its_currency_and_its_motion(tables, renewal, cast):
    put_servers(cast)
    before = (10_000_001, "EUR", "renewal", "Negotiation", date(2026, 4, 1), [("SERVER", 40, 250_000)])
    assert facts("O-1") == before
    batch = tables.bring(
        "opportunities",
        HEAD,
        MOVED.format(stage="Proposal"),
        "N-1 | New | Acorn | Rita Rep | Proposal | 2026-07-01",
    )
    assert [batch.counts["opportunity"][name] for name in ("created", "changed")] == [1, 1]
    with everything():
        today = Opportunity.objects.get(number="N-1").created_on
    assert facts("O-1") == (*before[:3], "Proposal", today, before[5])
    assert facts("N-1") == (None, "USD", "new", "Proposal", today, [])


def test_a_table_that_says_where_a_deal_stands_changes_nothing(tables, renewal, cast):
    put_servers(cast)
    for more in ("", " | Product"):
        line = MOVED.format(stage="Negotiation") + (" | Server" if more else "")
        count = tables.check("opportunities", HEAD + more, line).counts["opportunity"]
        assert (count["changed"], count["unchanged"]) == (0, 1)


def test_a_column_that_is_there_says_what_it_says(tables, renewal):
    head, line = f"{HEAD} | Amount | Currency | Motion", MOVED.format(stage="Negotiation")
    tables.bring("opportunities", head, f"{line} |  |  | ")
    assert facts("O-1")[:3] == (None, "USD", "new")
    tables.bring("opportunities", f"{HEAD} | Amount | Product", f"{line} | 500 | Server")
    assert facts("O-1")[0] == 500_00
    assert facts("O-1")[5] == [("SERVER", 1, 500_00)]


class TestAnAmountThatProductsMake:
    @pytest.fixture
    def sold(self, cast):
        """40 servers at 2,500.00, which make the renewal's amount."""
        put_servers(cast)
        with as_admin(cast.admin):
            deal = Opportunity.objects.get(number="O-1")
            Opportunity.objects.change(deal.pk, deal.version, amount_minor=10_000_000)

    @pytest.mark.parametrize("amount", ["100000.01", "5", ""])
    def test_another_one_is_refused_in_its_cell(self, tables, sold, amount):
        new = "N-1 | New | Acorn | Rita Rep | Proposal | 2026-07-01 | 7"
        line = f"{MOVED.format(stage='Negotiation')} | {amount}"
        batch = tables.check("opportunities", f"{HEAD} | Amount", new, line)
        remedy = "Write that amount, or change the products."
        assert wrong(batch) == [(3, "Amount", "Its products make the amount: $100,000.00.", remedy)]
        assert facts("O-1")[0] == 10_000_000

    def test_what_was_exported_comes_back_and_changes_nothing(self, tables, sold):
        before, line = facts("O-1"), f"{MOVED.format(stage='Negotiation')} | 100000.00"
        for head, cells in (("Amount", ""), ("Amount | Product", " | Server")):
            batch = tables.check("opportunities", f"{HEAD} | {head}", line + cells)
            assert (wrong(batch), batch.counts["opportunity"]["unchanged"]) == ([], 1)
        moved = line.replace("Negotiation", "Proposal")
        tables.bring("opportunities", f"{HEAD} | Amount | Product", f"{moved} | Server")
        assert (facts("O-1")[0], facts("O-1")[3], facts("O-1")[5]) == (before[0], "Proposal", before[5])

    def test_an_amount_with_a_product_is_its_price(self, tables, sold):
        line = f"{MOVED.format(stage='Negotiation')} | 70000 | Licence"
        tables.bring("opportunities", f"{HEAD} | Amount | Product", line)
        assert (facts("O-1")[0], facts("O-1")[5]) == (7_000_000, [("LICENCE", 1, 7_000_000)])


def test_a_product_keeps_the_currency_that_the_table_does_not_name(tables, cast):
    with as_admin(cast.admin):
        server = Product.objects.get(code="SERVER")
        Product.objects.change(server.pk, server.version, currency="EUR")
    tables.bring(
        "products",
        "Code | Name | Family | List price",
        "SERVER | Big server | Hardware | 7",
        "R | Rack | Hardware | 8",
    )
    with everything():
        rows = Product.objects.filter(code__in=["SERVER", "R"]).order_by("code")
        assert list(rows.values_list("code", "name", "list_price_minor", "currency")) == [
            ("R", "Rack", 800, "USD"), ("SERVER", "Big server", 700, "EUR"),
        ]  # fmt: skip


def test_a_table_names_channel_partner_source_and_sales_model(tables, cast):
    with as_admin(cast.admin):
        create_partner(by=cast.admin.pk, name="Resellers")
        start_model(by=cast.admin.pk, name="Small", template="small")
    head = f"{HEAD} | Sales model | Channel | Partner | Source"
    tables.bring(
        "opportunities",
        head,
        "N-1 | One | Acorn | Rita Rep | new | 2026-07-01 | small | Partner | Resellers | referral",
        "N-2 | Two | Acorn | Rita Rep | Proposal | 2026-07-01 |  |  |  | ",
    )
    with everything():
        rows = Opportunity.objects.filter(number__startswith="N-").order_by("number")
        told = rows.values_list(
            "stage__sales_model__name", "stage__name", "channel", "partner__name", "source"
        )
        usual = SalesModel.objects.get(is_usual=True).name
        assert list(told) == [
            ("Small", "New", "partner", "Resellers", "Referral"),
            (usual, "Proposal", "direct", None, ""),
        ]
    # A table without these columns leaves them, and finds the stage in the deal's own sales model.
    tables.bring("opportunities", HEAD, "N-1 | One | Acorn | Rita Rep | Contacted | 2026-07-02")
    with everything():
        assert told.all()[0] == ("Small", "Contacted", "partner", "Resellers", "Referral")


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ("Tiny |  | ", "Sales model", "There is no such sales model."),
        (" | shop | ", "Channel", "The word is not known here."),
        (" | partner | ", "Partner", "Say through which partner."),
        (" |  | Nobody", "Partner", "There is no such partner."),
    ],
)
def test_a_wrong_way_of_selling_is_named_by_its_column(tables, cast, cells, column, said):
    line = f"N-1 | One | Acorn | Rita Rep | Proposal | 2026-07-01 | {cells}"
    (told,) = wrong(tables.check("opportunities", f"{HEAD} | Sales model | Channel | Partner", line))
    assert told[:3] == (2, column, said)
