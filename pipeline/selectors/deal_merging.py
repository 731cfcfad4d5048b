"""What goes over when one deal is merged into another one, and which may be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from common.history import Change, actor_of, people_of
from common.locale import format_money
from common.offers import Offer, Option
from common.selectors import today
from common.transaction import reach, widened
from pipeline.models import (
    Activity,
    Competitor,
    Concession,
    Lead,
    Milestone,
    Opportunity,
    Requirement,
    Stakeholder,
    TeamMember,
)
from workspace.models import Comment, Document

BEHIND = ("activity", "comment", "document", "lead")
"""What goes over whoever may read it."""


@dataclass(frozen=True)
class Alike(Offer):
    """The open deals that may be merged with one: of its account and in its currency."""

    deal: int
    page = "deal_suggest"

    @property
    def asks(self) -> Mapping[str, Any]:
        return {"opportunity": self.deal}

    def rows(self) -> QuerySet[Any]:
        mine = reach()
        opened = Opportunity.objects.visible_to(mine).open()
        this = Opportunity.objects.visible_to(mine).filter(pk=self.deal)
        same = {name: this.values(name)[:1] for name in ("account_id", "currency")}
        return opened.filter(account_id=same["account_id"], currency=same["currency"]).exclude(pk=self.deal)

    def options(self, rows: Any, text: str = "") -> list[Option]:
        return [
            Option(str(row.pk), row.name, f"{row.number}, {format_money(row.amount_minor, row.currency)}")
            for row in rows
        ]


def merged_in(deal: Opportunity, most: int | None) -> Iterator[Change]:
    """Which deals were merged into one, for its history; who may read that one is told of all of them."""
    with widened("opportunity"):
        rows = apps.get_model("pipeline.OpportunityEvent")._default_manager.filter(merged_into_id=deal.pk)
        first = rows.order_by("pgh_obj_id", "pgh_id").distinct("pgh_obj_id")
        events = sorted(first, key=lambda event: event.pgh_id, reverse=True)[:most]
    people = people_of(events) if events else {}
    for event in events:
        words = {"name": event.name, "number": event.number}
        said = _now("%(name)s (%(number)s) was merged into this one") % words
        yield Change(**{**actor_of(event, people), "why": ""}, text=said)


@dataclass(frozen=True)
class Part:
    """One kind of what is known of a deal: the rows that go over, and those that the other one has, each with its."""

    name: StrOrPromise
    moving: Sequence[Any]
    doubled: Sequence[tuple[Any, Any]]

    @property
    def model(self) -> type[Model] | None:
        return type(self.moving[0]) if self.moving else None


def parts_of(deal: Opportunity, merged: Opportunity) -> list[Part]:
    """What goes over from `merged` to `deal`, kind by kind, in the order of `KINDS`."""
    with widened(*BEHIND):
        return [_part(name, rows(merged), rows(deal), key) for name, rows, key in KINDS]


def _part(name: StrOrPromise, theirs: Any, ours: Any, key: Callable[[Any], Any] | None) -> Part:
    rows = list(theirs)
    if key is None or not rows:
        return Part(name, rows, [])
    there = {key(row): row for row in ours}
    part = Part(name, moving := [], doubled := [])
    for row in rows:
        twin = there.setdefault(key(row), row)
        if twin is row:
            moving.append(row)
        else:
            doubled.append((row, twin))
    return part


def _standing(model: Any) -> Callable[[Opportunity], Any]:
    return lambda deal: model.objects.filter(opportunity=deal, is_removed=False).order_by("pk")


def _beside(model: Any, **more: Any) -> Callable[[Opportunity], Any]:
    subject = {"subject": Comment.Subject.OPPORTUNITY, **more}
    return lambda deal: model.objects.filter(subject_id=deal.pk, **subject).order_by("pk")


def _team(deal: Opportunity) -> Any:
    return TeamMember.objects.overlapping(today(), None).filter(opportunity=deal).order_by("pk")


KINDS: Sequence[tuple[StrOrPromise, Callable[[Opportunity], Any], Callable[[Any], Any] | None]] = (
    (_("Activities"), lambda deal: Activity.objects.filter(opportunity=deal), None),
    (_("Stakeholders"), _standing(Stakeholder), lambda row: row.contact_id),
    (_("Competitors"), _standing(Competitor), lambda row: row.name.casefold()),
    (_("Requirements"), _standing(Requirement), lambda row: (row.kind, row.text.casefold())),
    (_("Milestones"), _standing(Milestone), lambda row: (row.name.casefold(), row.planned_on)),
    (
        _("Concessions"),
        _standing(Concession),
        lambda row: (row.kind, row.text.casefold(), row.given_on, row.worth_minor),
    ),
    (_("People in the team"), _team, lambda row: row.person_id),
    (_("Documents"), _beside(Document, is_removed=False), lambda row: (row.name, row.url, row.size)),
    (_("Comments"), _beside(Comment), None),
    (_("Leads that became it"), lambda deal: Lead.objects.filter(opportunity=deal), None),
)
"""What is known of a deal: its name, its rows, and what makes two of them the same (None: each is its own)."""
