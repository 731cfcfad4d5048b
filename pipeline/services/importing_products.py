"""Which products a file puts on its deals, and what they make of the amounts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Product
from common.importing import Row
from common.locale import format_money
from pipeline.models import Opportunity, OpportunityLine

Line = tuple[int, int, int]
"""A product, how many of it, and its price each."""


@dataclass(frozen=True)
class Worth:
    """What a row makes of its deal: the line that it puts there, if any; the amount; what the products then come to.

    `stood`: the amount, and what the products came to, before.
    """

    line: Line | None
    amount_minor: int | None
    made_minor: int | None
    stood: tuple[int | None, int | None]

    @property
    def is_made(self) -> bool:
        """Whether products make the amount; what is not known stays so, and what differed before may stay as it was."""
        told, stood = (self.amount_minor, self.made_minor), self.stood
        is_unknown = self.amount_minor is None and stood[0] is None
        return self.made_minor is None or self.amount_minor == self.made_minor or is_unknown or told == stood


class Products:
    """What stands on the deals that are here, read once, and what the rows of a file make of it."""

    def __init__(self, products: Mapping[int, Product], deals: Iterable[Opportunity]) -> None:
        self._products = products
        self._standing: dict[int, list[tuple[Line, int]]] = defaultdict(list)
        lines = OpportunityLine.objects.filter(opportunity__in=deals, is_removed=False)
        for pk, *line, amount in lines.values_list(
            "opportunity_id", "product_id", "quantity", "price_minor", "amount_minor"
        ):
            self._standing[pk].append(((line[0], line[1], line[2]), amount))

    def fault(self, row: Row, before: Opportunity | None) -> tuple[str, str, str] | None:
        """What is wrong with the row: its field, the problem and the remedy."""
        product = self._products.get(row.values.get("product") or 0)
        if product and product.is_bundle:
            remedy = _("Name one of its parts, or put it on the deal by hand.")
            return "product", _("It is a bundle."), remedy
        worth = self.of(row, before)
        if (worth.amount_minor or 0) < 0:
            return "amount", _("It is below zero."), _("A deal is worth zero or more.")
        if not worth.is_made:
            made = {"amount": format_money(worth.made_minor, row.values["currency"])}
            problem = _("Its products make the amount: %(amount)s.") % made
            return "amount", problem, _("Write that amount, or change the products.")
        return None

    def of(self, row: Row, before: Opportunity | None) -> Worth:
        """The amount that the row says; where it says none, that of the price it names, else as it stands."""
        there = self._standing.get(before.pk, []) if before else []
        stood = before.amount_minor if before else None, _sum(there)
        line = self._line(row, there, stood[1])
        made = stood[1] if line is None else _made(line, there)
        amount: int | None = row.values.get("amount")
        is_unknown = "amount" in row.values and row.values.get("price") is None
        if amount is None and line is not None and not is_unknown:
            amount = made
        elif "amount" not in row.values and line is None:
            amount = stood[0]
        return Worth(line, amount, made, stood)

    def _line(self, row: Row, there: list[tuple[Line, int]], made: int | None) -> Line | None:
        """The row's product at the price that it names, else at that of its amount, else at the list price.

        One that the deal has already stays as it is where the row names no price of its own, unless it stands alone as
        a file puts it there: then its price follows the amount.
        """
        product = self._products.get(row.values.get("product") or 0)
        if product is None:
            return None
        quantity, price, amount = (row.values.get(name) for name in ("quantity", "price", "amount"))
        names_price = price is not None and (quantity is not None or price != amount)
        is_here = any(product.pk == line[0] for line, _amount in there)
        if is_here and not names_price and (amount in (None, made) or not _is_plain(there, quantity)):
            return None
        quantity = quantity or 1
        if price is None and amount is not None:
            price = amount // quantity
        if price is None and product.currency == row.values["currency"]:
            price = product.list_price_minor
        return None if price is None else (product.pk, quantity, price)


def _is_plain(there: list[tuple[Line, int]], quantity: int | None) -> bool:
    """Whether one line stands there as a file writes it, without discount or term: of one, where it says no number."""
    ((_product, many, price), amount), *others = there
    return not others and amount == many * price and (quantity is not None or many == 1)


def _made(line: Line, there: list[tuple[Line, int]]) -> int:
    """What a deal comes to with a line: lines that are the same stay as they are, all others go."""
    kept = _sum([one for one in there if one[0] == line])
    return line[1] * line[2] if kept is None else kept


def _sum(lines: list[tuple[Line, Any]]) -> int | None:
    return sum(amount for _line, amount in lines) if lines else None
