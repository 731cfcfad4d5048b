"""What acts on orders are asked for, lines and shares, and what is refused of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Required, TypedDict

from django.utils.translation import gettext as _

from catalog.models import Product
from common.checks import note_of
from common.errors import Refused
from common.locale import format_share
from common.money import MOST_MINOR, WHOLE_SHARE
from common.policies import WHOLE
from common.selectors import policy
from orders.models import ReviewPoint, SplitShare
from orders.rules import (
    MOST_ADDRESS,
    MOST_PURCHASE_ORDER,
    Measures,
    SplitTotalError,
    measures,
    overlay_credit,
    split_credit,
)
from pipeline.models import Split
from pipeline.rules.lines import MOST_LINES, MOST_MONTHS
from pipeline.services.checks import check_amount, check_item
from territories.models import User
from territories.selectors import today_of

MOST_SHARES = 100
REVENUE = SplitShare.Kind.REVENUE


@dataclass(frozen=True)
class ShareInput:
    """A person's share of credit, in millionths of a percent: 100 % is 100 000 000. `kind`: revenue or overlay."""

    person_id: int
    weight: int
    kind: str = SplitShare.Kind.REVENUE


class PaperWords(TypedDict, total=False):
    """What the papers of an order say beside its purchase order, and the points of the contract review ticked.

    `is_second`: another order of the account has this purchase order too. `accepted_because`: why it is booked although
    something would keep it from that which is the actor's to decide.
    """

    contract_number: str
    signed_on: date | None
    bill_to: str
    ship_to: str
    ticks: Sequence[int]
    is_second: bool
    accepted_because: str


@dataclass(frozen=True)
class LineInput:
    """One line of an order as asked for: its amount in all, in minor units of the order's currency.

    `renewed_minor`: what of it the customer had before. `shares`: a split of its own, which stands instead of the
    order's. `origin_id`: the line that it goes on with, whose credits stay where they are. `term_months`: for how many
    months it recurs; None for a one-off, and where nobody says it: a recurring product then has twelve.
    """

    product_id: int
    quantity: int
    amount_minor: int
    renewed_minor: int = 0
    shares: tuple[ShareInput, ...] = ()
    origin_id: int | None = None
    term_months: int | None = None

    @property
    def intake_minor(self) -> int:
        return self.amount_minor - self.renewed_minor

    @property
    def measures(self) -> Measures:
        return measures(self.amount_minor, self.renewed_minor, self.quantity, self.term_months)


class OrderWords(PaperWords, total=False):
    """What an order says, booked or not: its account, lines, split and papers."""

    account_id: int | None
    booked_on: Required[date]
    currency: Required[str]
    lines: Required[Sequence[LineInput]]
    shares: Required[Sequence[ShareInput]]
    motion: Required[str]
    purchase_order: str
    renews_order_id: int | None


def checked_shares(shares: Sequence[ShareInput], path: str = "shares") -> list[ShareInput]:
    """The shares in the order of their people, revenue first. Raises Refused, with the total where it is not 100 %."""
    named = {(share.kind, share.person_id) for share in shares}
    if not 0 < len(shares) <= MOST_SHARES:
        message = _("A split names at least one person and at most %(most)s.") % {"most": MOST_SHARES}
        raise Refused(message, path=path, code="share_count")
    if len(named) < len(shares):
        message = _("A person stands twice in the split. Give each person one share.")
        raise Refused(message, path=path, code="splitshare_person_once")
    people = {person for _kind, person in named}
    if User.objects.filter(pk__in=people).count() < len(people):
        raise Refused(_("There is no such person."), path=path, code="unknown_person")
    if any(not 0 <= share.weight <= WHOLE_SHARE for share in shares):
        raise Refused(_("A share lies between 0 and 100 %."), path=path, code="share_range")
    try:
        split_credit(0, [share.weight for share in shares if share.kind == REVENUE])
    except SplitTotalError as error:
        message = _("The shares total %(total)s %%. They must total exactly 100 %%.")
        total = {"total": format_share(error.total)}
        raise Refused(message % total, path=path, code="split_total") from error
    return sorted(shares, key=in_order)


def inputs_of(split: Split | None) -> list[ShareInput]:
    """The shares of a deal's split as an order takes them, revenue first; none without one."""
    shares = (
        [ShareInput(part.person_id, part.weight, part.kind) for part in split.parts.all()] if split else []
    )
    return sorted(shares, key=in_order)


def in_order(share: ShareInput) -> tuple[bool, int]:
    """The order in which shares are written and cents given: revenue first, by the people's ids."""
    return share.kind != REVENUE, share.person_id


def with_revenue(named: Sequence[ShareInput], usual: Sequence[ShareInput], owner_id: int) -> list[ShareInput]:
    """The shares that were named, with the usual revenue shares, else all for the owner, where only overlay is."""
    if any(share.kind == REVENUE for share in named):
        return list(named)
    revenue = [share for share in usual if share.kind == REVENUE] or [ShareInput(owner_id, WHOLE_SHARE)]
    return [*revenue, *named]


def splits_of(lines: Sequence[LineInput], common: Sequence[ShareInput]) -> list[list[ShareInput]]:
    """The split of each line: its own revenue and overlay shares where it has any, else those of the order.

    Raises Refused with the path of what is wrong.
    """
    return [split_of(line, common, f"lines.{index}.shares") for index, line in enumerate(lines)]


def split_of(line: LineInput, common: Sequence[ShareInput], path: str) -> list[ShareInput]:
    """The split of one line. Raises Refused."""
    own = {share.kind for share in line.shares}
    if not own:
        return list(common)
    return checked_shares([*line.shares, *(share for share in common if share.kind not in own)], path)


def shared_out(intake: int, split: Sequence[ShareInput]) -> list[tuple[ShareInput, int]]:
    """What each share of a line's split is worth: revenue by largest remainder, overlay each on its own."""
    revenue = [share for share in split if share.kind == REVENUE]
    parts = split_credit(intake, [share.weight for share in revenue])
    beside = [share for share in split if share.kind != REVENUE]
    return [
        *zip(revenue, parts, strict=True),
        *((share, overlay_credit(intake, share.weight)) for share in beside),
    ]


def measures_out(line: Measures, split: Sequence[ShareInput]) -> list[tuple[ShareInput, Measures]]:
    """What each share of a line's split is worth in every measure, each shared on its own so that the parts add up."""
    columns = zip(*(shared_out(value, split) for value in line), strict=True)
    return [(parts[0][0], Measures(*(part for _share, part in parts))) for parts in columns]


def checked_lines(
    lines: Sequence[LineInput], day: date, kept: Collection[int] = (), *, least: int = 1
) -> dict[int, int]:
    """Each line's product and its family; `kept` are products that may stay although they are no longer sold:
    what the deal offered, what the order had. `least`: 0 where a line may be a higher price alone.

    Raises Refused with the path of what is wrong.
    """
    if not 0 < len(lines) <= MOST_LINES:
        message = _("An order has at least one line and at most %(most)s.") % {"most": MOST_LINES}
        raise Refused(message, path="lines", code="line_count")
    products = Product.objects.in_bulk({line.product_id for line in lines})
    for index, line in enumerate(lines):
        path = f"lines.{index}"
        check_item(line.product_id, line.quantity or 1 - least, path, products)
        check_amount(line.amount_minor, f"{path}.amount")
        if not 0 <= line.renewed_minor <= line.amount_minor:
            message = _("What is renewed of a line is a part of its amount.")
            raise Refused(message, path=f"{path}.renewed", code="renewed_range")
        if line.term_months is not None and not 1 <= line.term_months <= MOST_MONTHS:
            message = _("A term is between 1 and %(most)s months.") % {"most": MOST_MONTHS}
            raise Refused(message, path=f"{path}.term_months", code="term_range")
        if products[line.product_id].is_bundle and line.product_id not in kept:
            message = _("This is a bundle. An order has lines of its parts.")
            raise Refused(message, path=f"{path}.product_id", code="bundle")
        if not (products[line.product_id].is_sold_on(day) or line.product_id in kept):
            message = _("This product is no longer sold.")
            raise Refused(message, path=f"{path}.product_id", code="not_sold")
    check_total(sum(line.amount_minor for line in lines))
    return {product.pk: product.family_id for product in products.values()}


def check_renewed(is_renewal: bool, lines: Sequence[LineInput], booked_on: date) -> None:
    """Raises Refused where a part of a line is renewed although the order renews nothing, or counts in full."""
    if not any(line.renewed_minor for line in lines):
        return
    if not is_renewal:
        message = _("Say which order this renews: what is renewed of a line was in it.")
        raise Refused(message, path="renews_order_id", code="required")
    if policy("renewals_count", booked_on) == WHOLE:
        message = _("By Settings a renewal counts in full: nothing of a line is renewed.")
        raise Refused(message, path="lines", code="renewals_count")


def check_total(total: int, path: str = "lines") -> None:
    """Raises Refused for lines that together are more than one amount can be."""
    if total >= MOST_MINOR:
        message = _("An order's lines total at most 12 digits before the decimals. Book several orders.")
        raise Refused(message, path=path, code="amount_range")


def checked_papers(by: int, purchase_order: str, words: PaperWords) -> dict[str, Any]:
    """The papers as they are kept; what was not said is empty. Raises Refused with the path of what is wrong."""
    signed_on = words.get("signed_on")
    if signed_on and signed_on > today_of(by):
        message = _("A contract was signed today or earlier, never in the future.")
        raise Refused(message, path="signed_on", code="date_range")
    _check_ticks(words.get("ticks") or ())
    number = words.get("contract_number") or ""
    return {
        "purchase_order": note_of(purchase_order, "purchase_order", MOST_PURCHASE_ORDER),
        "contract_number": note_of(number, "contract_number", MOST_PURCHASE_ORDER),
        "signed_on": signed_on,
        "bill_to": note_of(words.get("bill_to") or "", "bill_to", MOST_ADDRESS, is_long=True),
        "ship_to": note_of(words.get("ship_to") or "", "ship_to", MOST_ADDRESS, is_long=True),
    }


def _check_ticks(ticks: Collection[int]) -> None:
    """Raises Refused for what never was a point of the contract review; one that was taken off may stay ticked."""
    named = set(ticks)
    if named and ReviewPoint.objects.filter(pk__in=named).count() < len(named):
        raise Refused(_("There is no such point of the review."), path="ticks", code="unknown_point")
