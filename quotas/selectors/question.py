"""What the table of team attainment is asked."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from common.calendars import Span
from common.models import Period
from common.policies import BY_OWNER, BY_SPLIT
from orders.models import Basis
from orders.selectors.credits import CreditFilter
from orders.selectors.known import CURRENT, AsOf


@dataclass(frozen=True)
class Question:
    """What the page asks: of which successive quarters, of which family, by which tree, what stands open, sorted how.

    `period` is the quarter that the address names; the last of `quarters` is the one that figures run up to.
    `is_now`: as organised now, on the day `on`; else as sold. `covers`: with the open pipeline that may still
    come; of a whole company that is a sum of all its open deals, where the rest is read from cells. `as_of`: up to
    which booking date and as known when; cells say what is known now. `is_by_owner`: people by what was booked in their
    territories, or belongs there today; else by what they sold.
    """

    period: Period
    quarters: list[Period]
    on: date
    is_year: bool = False
    family_id: int | None = None
    basis: str = Basis.SEAT
    opened: frozenset[int] | None = None
    sort: str = "-attainment"
    is_now: bool = False
    covers: bool = False
    as_of: AsOf = CURRENT
    is_by_owner: bool = False

    @property
    def rule(self) -> str:
        """The crediting rule that it shows people by."""
        return BY_OWNER if self.is_by_owner else BY_SPLIT

    @property
    def last(self) -> Period:
        return self.quarters[-1]

    @cached_property
    def span(self) -> Span:
        return Span(self.quarters[0].starts_on, self.last.stops_on)

    @cached_property
    def credits(self) -> CreditFilter:
        """The credits that the whole table stands on."""
        whole = self.last if len(self.quarters) == 1 else self.last.parent or self.last
        return CreditFilter(
            whole,
            (self.span,),
            basis=self.basis,
            family_id=self.family_id,
            is_now=self.is_now,
            as_of=self.as_of,
        )

    @cached_property
    def beyond(self) -> list[str]:
        """Of what the figures of nodes are summed beyond the reader's reach; of nothing where a clock narrows them."""
        return ["credit"] if self.as_of.is_now or self.credits.is_months else []

    @property
    def rated_on(self) -> date:
        """The day whose current rates value it: that of what was known, or today."""
        return self.as_of.known.runs_to if self.as_of.known else self.on

    @property
    def due_on(self) -> date:
        """The day up to which it is due what is asked for."""
        return self.as_of.due_on(self.on)
