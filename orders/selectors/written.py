"""Credits as the lines of a file, each with the two clocks by which it was asked for."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.money import exponent, plain
from common.selectors import the_organisation
from common.transaction import now
from common.written import Cell
from orders.models import BookingEvent, Credit
from orders.selectors.credits import CreditFilter, credits_of, reading
from orders.selectors.known import AsOf

MEASURES = ("booked_minor", "tcv_minor", "acv_minor", "arr_minor", "units")
"""What a credit is beside its order intake at plan rates."""
CLOCK_HEADS = (_("Booked up to"), _("As known at"))
HEADS = (
    _("Entry"), _("Booked on"), _("Kind"), _("Order"), _("Person"), _("Seat"), _("Territory"), _("Product family"),
    _("Currency"), _("Amount"), _("Plan currency"), _("Amount in plan money"), _("At booked rate"), _("TCV"), _("ACV"),
    _("ARR"), _("Units"), _("Customer"), *CLOCK_HEADS,
)  # fmt: skip


def clock_cells(as_of: AsOf) -> list[Cell]:
    """The booking date up to which it counts (empty: all), and when it was known: now, where nothing else is asked."""
    return [as_of.valid_on or "", as_of.known.text if as_of.known else now().isoformat(timespec="seconds")]


def money_cell(minor: int | None, currency: str) -> Cell:
    """An amount as a file writes it; empty where there is none."""
    return "" if minor is None else Decimal(plain(minor, exponent(currency)))


def credits_written(asked: CreditFilter, mine: Reach, most: int) -> list[Sequence[Cell]]:
    """The heads, and of the credits that the list shows the first `most`, newest first."""
    with reading(asked, mine):
        rows = list(credits_of(asked, mine).order_by("-booked_on", "-ledger_seq")[:most])
    return [[str(head) for head in HEADS], *_lines(rows, asked.as_of, mine)]


def _lines(rows: Sequence[Credit], as_of: AsOf, mine: Reach) -> Iterator[Sequence[Cell]]:
    """What others sold where the reader was the owner stands without person, seat and order."""
    events = BookingEvent.objects.filter(pk__in={row.event_id for row in rows})
    numbers = dict(events.values_list("pk", "order__number"))
    clocks, currency = clock_cells(as_of), the_organisation().reporting_currency
    for row in rows:
        is_told = mine.allows("credit", "read", row)
        who = (row.person.name, row.seat.name) if is_told else ("", "")
        own = [row.currency, money_cell(row.amount_minor, row.currency)]
        plan = [currency, money_cell(row.plan_minor, currency)]
        others = [money_cell(getattr(row, name), currency) for name in MEASURES if name != "units"]
        customer = _("new") if row.is_new_business else _("existing")
        order = (is_told and numbers.get(row.event_id)) or ""
        what = (row.get_kind_display(), order, *who, row.territory.name, row.family.name)
        yield [row.ledger_seq, row.booked_on, *what, *own, *plan, *others, row.units, str(customer), *clocks]
