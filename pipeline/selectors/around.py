"""What is known around a deal: its stakeholders and when they were met, competitors, requirements, concessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from accounts.models import Contact
from common.selectors import fiscal_day, policy, the_organisation, today
from common.transaction import reach, widened
from pipeline.models import (
    ActivityContact,
    Competitor,
    Concession,
    Opportunity,
    Requirement,
    Stakeholder,
)
from pipeline.rules.stakeholders import MEETINGS, StakeholderCoverage, is_met, stakeholder_coverage

MOST_OFFERED = 12
ROLES = Stakeholder.Role.values
MET_BY = ("activity", "activity_contact", "contact")
"""What tells when a stakeholder was met. Whoever reads a deal reads of its stakeholders who they are and the day on
which anybody last met them, so that coverage is one figure; what was done stays where it is."""


def with_last_met(rows: QuerySet[Stakeholder]) -> QuerySet[Any]:
    """The stakeholders, each with `last_met_at`: when somebody last met them on the deal or at its account."""
    here = Q(activity__opportunity=OuterRef("opportunity_id"))
    here |= Q(activity__account=OuterRef("opportunity__account_id"))
    met = ActivityContact.objects.filter(
        here, contact=OuterRef("contact_id"), activity__kind__in=MEETINGS, activity__done_at__isnull=False
    )
    return rows.annotate(
        last_met_at=Subquery(met.order_by("-activity__done_at").values("activity__done_at")[:1])
    )


@dataclass(frozen=True)
class Known:
    """A stakeholder and the day on which they were last met; `is_met`: lately enough to count."""

    row: Stakeholder
    last_met_on: date | None
    is_met: bool


def stakeholders(deal: Opportunity) -> list[Known]:
    """The stakeholders of a deal, those who decide first."""
    return known(deal.stakeholders.filter(is_removed=False))


def known(rows: QuerySet[Stakeholder]) -> list[Known]:
    """These stakeholders with when they were met."""
    company, day, days = the_organisation(), today(), policy("met_within_days")
    with widened(*MET_BY):
        found = list(with_last_met(rows).select_related("contact"))
    found.sort(key=lambda row: (ROLES.index(row.role), row.contact.name.casefold()))
    met = [fiscal_day(row.last_met_at, company) if row.last_met_at else None for row in found]
    return [Known(row, on, is_met(on, day, days)) for row, on in zip(found, met, strict=True)]


@dataclass(frozen=True)
class Offered:
    """The contacts that may be named at once, and whether the account has more of them."""

    rows: list[Contact]
    has_more: bool


def contacts_to_name(
    account_id: int | None, deal_id: int | None = None, besides: Collection[int] = ()
) -> Offered:
    """The first contacts of an account in reach, the stakeholders of the deal before the others."""
    if account_id is None:
        return Offered([], has_more=False)
    named = Stakeholder.objects.filter(contact=OuterRef("pk"), opportunity=deal_id, is_removed=False)
    rows = Contact.objects.visible_to(reach()).filter(account=account_id).exclude(pk__in=besides)
    found = list(rows.order_by(Exists(named).desc(), Lower("name"), "pk")[: MOST_OFFERED + 1])
    return Offered(found[:MOST_OFFERED], has_more=len(found) > MOST_OFFERED)


def name_of(row: Stakeholder) -> str:
    """Who the stakeholder is."""
    with widened(*MET_BY):
        return row.contact.name


def coverage_of(people: Collection[Known]) -> StakeholderCoverage | None:
    """How many of these stakeholders were met lately; None where there is nobody."""
    return stakeholder_coverage([one.last_met_on for one in people], today(), policy("met_within_days"))


def competitors(deal: Opportunity) -> list[Competitor]:
    """The competitors on a deal, the incumbent first."""
    return list(deal.competitors.filter(is_removed=False).order_by("-is_incumbent", "id"))


@dataclass(frozen=True)
class Requirements:
    """What the customer needs: what the business asks for first, then what is technical."""

    rows: list[Requirement]
    states: ClassVar = Requirement.State.choices

    @property
    def met(self) -> int:
        return sum(row.state == Requirement.State.MET for row in self.rows)


def requirements(deal: Opportunity) -> Requirements:
    """The requirements of a deal."""
    return Requirements(list(deal.requirements.filter(is_removed=False).order_by("kind", "id")))


@dataclass(frozen=True)
class Concessions:
    """What was given, the latest first."""

    rows: list[Concession]

    @property
    def worth_minor(self) -> int | None:
        """What all of it is worth in the deal's currency, as far as that is said; None where nothing is."""
        worths = [row.worth_minor for row in self.rows if row.worth_minor is not None]
        return sum(worths) if worths else None

    @property
    def unsaid(self) -> int:
        """Of how many nobody said what they are worth."""
        return sum(row.worth_minor is None for row in self.rows)


def concessions(deal: Opportunity) -> Concessions:
    """The concessions on a deal."""
    return Concessions(list(deal.concessions.filter(is_removed=False).order_by("-given_on", "-id")))
