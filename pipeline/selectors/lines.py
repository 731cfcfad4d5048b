"""What stands on a deal: products, and bundles with the lines that they became."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Product
from pipeline.models import Opportunity, OpportunityLine
from pipeline.rules.lines import line_tax


@dataclass(frozen=True)
class Entry:
    """What a person put on a deal as one: a product with its line, or a bundle with the lines of its parts."""

    lines: list[OpportunityLine]

    @property
    def is_bundle(self) -> bool:
        return self.lines[0].bundle_id is not None

    @property
    def product(self) -> Product:
        """The product, or the bundle."""
        return self.lines[0].bundle or self.lines[0].product

    @property
    def shown_parts(self) -> list[OpportunityLine]:
        """The lines of a bundle's parts."""
        return self.lines if self.is_bundle else []

    @property
    def quantity(self) -> int:
        return self.lines[0].bundle_quantity or self.lines[0].quantity

    @property
    def price_minor(self) -> int:
        """The price of one of it."""
        return self.lines[0].price_minor

    @property
    def discount(self) -> Decimal:
        """In percent."""
        return self.lines[0].discount

    @property
    def term_months(self) -> int | None:
        return next((line.term_months for line in self.lines if line.term_months), None)

    @property
    def recurs(self) -> bool:
        """Whether it may have a term: as its kind was when it was written."""
        recurring = any(line.kind == Product.Kind.RECURRING for line in self.lines)
        is_asked = not self.is_bundle or self.product.kind == Product.Kind.RECURRING
        return recurring and (is_asked or self.term_months is not None)

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def tax(self) -> Decimal | None:
        """In percent of the amount."""
        return self.lines[0].tax

    @property
    def tax_minor(self) -> int:
        """For the customer's sake; it is in no amount."""
        return line_tax(self.amount_minor, self.tax)


def entries(deal: Opportunity) -> list[Entry]:
    """What stands on the deal, in the order in which it came."""
    rows = deal.lines.filter(is_removed=False).select_related("product", "bundle")
    return grouped(rows.order_by("pk"))


def grouped(lines: Iterable[OpportunityLine]) -> list[Entry]:
    """Lines as entries: those that came with one bundle are one."""
    found: list[Entry] = []
    bundles: dict[int, Entry] = {}
    for line in lines:
        if line.bundle_number in bundles:
            bundles[line.bundle_number].lines.append(line)
            continue
        entry = Entry([line])
        found.append(entry)
        if line.bundle_number is not None:
            bundles[line.bundle_number] = entry
    return found
