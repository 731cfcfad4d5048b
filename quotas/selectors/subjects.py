"""Whose figure it is that was known otherwise: what it was at any instant, and what was recorded since."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db.models import Sum

from common.access import Reach
from common.dated import Dated
from common.models import Period
from common.transaction import widened
from orders.models import Credit, CreditQuerySet
from orders.selectors.credits import CreditFilter
from orders.selectors.known import AsOf, Known
from quotas.models import Quota
from quotas.rules import sum_known
from quotas.selectors.known import PlanBook, below_tops, node_sums, people_known
from quotas.selectors.plan import own_quotas
from quotas.selectors.question import Question
from territories.models import Edge, Seat


class Subject(ABC):
    """Whose figure it is: a team's, by its top nodes, or one person's. Says what it was as known at an instant.

    `MOVING`: which rows of the plan say where a credit counts.
    """

    MOVING: type[Dated] = Edge
    is_told_whole = False
    """Whether the reader is told what all of it comes to, also what they do not see one by one; between two instants
    that could be a single credit.
    """

    def __init__(self, mine: Reach, question: Question, known: Known) -> None:
        self.mine, self.question, self.known = mine, question, known

    @abstractmethod
    def intake(self, as_of: AsOf) -> int:
        """Order intake by those clocks."""

    @abstractmethod
    def quota(self, at: datetime | None) -> int | None:
        """What was asked, as known at that instant; None: now."""

    @abstractmethod
    def credits(self) -> list[CreditFilter]:
        """Those that make it, as known now."""

    @abstractmethod
    def changes(self) -> list[Dated]:
        """What was recorded or ended since of the plan that it stands on."""


class PersonSubject(Subject):
    """One person's own figure."""

    def __init__(self, mine: Reach, question: Question, known: Known, person_id: int) -> None:
        super().__init__(mine, question, known)
        self.person_id = person_id

    def intake(self, as_of: AsOf) -> int:
        return people_known([self.person_id], self.question.span, as_of)[self.person_id]

    def quota(self, at: datetime | None) -> int | None:
        asked = own_quotas([self.person_id], self.question.quarters, at)
        return sum_known(one.get(self.person_id) for one in asked)

    def credits(self) -> list[CreditFilter]:
        return [replace(self.question.credits, person_id=self.person_id, as_of=valid_now(self.question))]

    def changes(self) -> list[Dated]:
        span, since = self.question.span, self.known.at
        seats = Seat.objects.touching(span.start, span.stop).filter(user=self.person_id)
        quotas = Quota.objects.filter(person=self.person_id, period__in=self.question.quarters)
        rows: list[Dated] = [*seats, *quotas]
        return [row for row in rows if _is_newer(row, since)]


class OwnerSubject(PersonSubject):
    """One person's own figure by territory owner: of what counts for them, whoever sold it.

    All of it is the person's to know; another reader is told what is in their reach.
    """

    MOVING = Seat

    def __init__(self, mine: Reach, question: Question, known: Known, person_id: int) -> None:
        super().__init__(mine, question, known, person_id)
        self.is_told_whole = person_id == mine.user_id

    def intake(self, as_of: AsOf) -> int:
        [asked] = self.credits()
        with widened(*(["credit"] if self.is_told_whole else [])):
            return minor_of(replace(asked, as_of=as_of).narrow(Credit.objects.all()))

    def credits(self) -> list[CreditFilter]:
        return [replace(self.question.credits, owner_id=self.person_id, as_of=valid_now(self.question))]


class TeamSubject(Subject):
    """What the top rows of a team's table come to, as sold."""

    def __init__(self, mine: Reach, question: Question, known: Known, tops: Collection[int] | None) -> None:
        super().__init__(mine, question, known)
        self.tops = tops
        nodes = None if tops is None else below_tops(tops, question.quarters, known.at, None)
        self.book = PlanBook(question.quarters, known.at, nodes)

    def intake(self, as_of: AsOf) -> int:
        asked = self.question
        sums = node_sums(self._roots(as_of), asked.quarters, as_of, asked.basis, asked.family_id)
        is_whole = self.tops is None
        return sum(
            minor
            for found in sums.values()
            for above, _place, minor in found
            if above is None or not is_whole
        )

    def _roots(self, as_of: AsOf) -> Collection[int]:
        if self.tops is not None:
            return self.tops
        span = self.question.span
        rows = Edge.objects.known(as_of.known_at).touching(span.start, span.stop).filter(parent=None)
        return set(rows.values_list("child_id", flat=True))

    def quota(self, at: datetime | None) -> int | None:
        return sum_known(
            asked.counted
            for quarter in self.question.quarters
            for node, asked in self.book.rolled(quarter, self.question.family_id, at).items()
            if node in self._tops_on(quarter, at)
        )

    def _tops_on(self, quarter: Period, at: datetime | None) -> Collection[int]:
        if self.tops is not None:
            return self.tops
        return {node for node, above in self.book.parents(quarter.last_day, at).items() if above is None}

    def credits(self) -> list[CreditFilter]:
        asked = replace(self.question.credits, as_of=valid_now(self.question))
        return [asked] if self.tops is None else [replace(asked, node_id=node) for node in self.tops]

    def changes(self) -> list[Dated]:
        rows: list[Dated] = [*self.book.edges, *self.book.seats, *self.book.quotas]
        return [row for row in rows if _is_newer(row, self.known.at)]


class TeamNowSubject(TeamSubject):
    """The same as organised now: what was known then hangs under today's tree, which so explains nothing."""

    def intake(self, as_of: AsOf) -> int:
        with widened("booking_event", "order", "account"):
            return sum(
                minor_of(replace(one, as_of=as_of).narrow(Credit.objects.all())) for one in self.credits()
            )


def minor_of(rows: CreditQuerySet) -> int:
    """What these credits come to."""
    return int(rows.order_by().aggregate(minor=Sum("plan_minor", default=0))["minor"])


def valid_now(question: Question) -> AsOf:
    """The same booking dates, as known now."""
    return AsOf(question.as_of.valid_on)


def _is_newer(row: Dated, at: datetime) -> bool:
    return row.recorded_at > at or bool(row.superseded_at and row.superseded_at > at)
