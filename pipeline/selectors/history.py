"""The history of a deal and its products in words: who changed what when."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import OuterRef, Q, Subquery, Value
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from catalog.models import Product
from common.history import MOST, Change, actor_of, history_of, names_of, people_of
from common.locale import format_date, format_exact, format_money, format_number
from common.transaction import reach, widened
from pipeline.models import Opportunity, StageVisit
from pipeline.selectors.around_history import SHOWN as AROUND
from pipeline.selectors.around_history import around
from pipeline.selectors.deal_merging import merged_in
from pipeline.selectors.qualifying_history import answers, ticks
from pipeline.selectors.sharing import team_history
from territories.models import User
from workspace.models import Comment, Document
from workspace.selectors.documents import told_of_documents
from workspace.selectors.own import own_changes

FIELDS = (
    "name account owner territory stage category category_is_manual motion channel partner partner_rep source "
    "currency price_book amount_minor close_on next_step next_step_on won_reason lost_reason lost_to closed_on "
    "awaits_booking_since own"
).split()
LATEST = 10
Source = Callable[[Opportunity, int | None], Iterable[Change]]


def history(deal: Opportunity, of: str = "", most: int | None = MOST) -> list[Change]:
    """What happened to a deal and to what hangs on it, latest first.

    `of`: of one of its fields or SOURCES alone. `most`: of how many edits of each; None for all.
    """
    changes: list[Change] = []
    if fields := [name for name in FIELDS if of in ("", name)]:
        parts = {"own": own_changes(reach(), "opportunity")}
        told = history_of(deal, fields, deal.currency, {"stage": StageNames(deal).at}, most, parts)
        changes += [change for change in told if change.field or not of]
    there = _there(deal) if of == "" else {of}
    for name, (_label, tell) in SOURCES.items():
        if name in there:
            changes += tell(deal, most)
    return sorted(changes, key=lambda change: change.at, reverse=True)


def told_of() -> dict[str, StrOrPromise]:
    """What a history may be narrowed to: fields of a deal, and what hangs on it."""
    fields: dict[str, Any] = {name: Opportunity._meta.get_field(name) for name in FIELDS}
    named = {name: capfirst(str(field.verbose_name)) for name, field in fields.items()}
    return {**named, **{name: label for name, (label, _tell) in SOURCES.items()}}


class StageNames:
    """What the stages that a deal was in were called, and when."""

    def __init__(self, deal: Opportunity) -> None:
        events, deals = (apps.get_model(f"pipeline.{name}Event") for name in ("Stage", "Opportunity"))
        was_in = deals._default_manager.filter(pgh_obj_id=deal.pk).values("stage_id")
        passed = StageVisit.objects.filter(opportunity=deal).order_by().values("stage_id")
        rows = events._default_manager.filter(Q(pgh_obj_id__in=was_in) | Q(pgh_obj_id__in=passed))
        self.names: dict[int, list[tuple[datetime, str]]] = {}
        for pk, at, name in rows.order_by("pgh_id").values_list("pgh_obj_id", "pgh_created_at", "name"):
            self.names.setdefault(pk, []).append((at, name))

    def at(self, stage_id: int, instant: datetime) -> str:
        """The name of that instant; the first one that is known where it is before that, empty where none is."""
        known = self.names.get(stage_id, [])
        before = [name for at, name in known if at <= instant]
        return before[-1] if before else (known[0][1] if known else "")


def _lines(deal: Opportunity, most: int | None) -> Iterator[Change]:
    """The changes of the deal's lines; one that came to the page without its beginning is told from then on."""
    rows = apps.get_model("pipeline.OpportunityLineEvent")._default_manager.filter(opportunity_id=deal.pk)
    name = Product.objects.filter(pk=OuterRef("product_id")).values("name")
    events = list(reversed(rows.annotate(called=Subquery(name)).order_by("-pgh_id")[:most]))
    products = {event.product_id: event.called or "" for event in events}
    people = people_of(events)
    before: dict[int, Any] = {}
    for event in events:
        words = _words(before.get(event.pgh_obj_id), event, products, deal.currency)
        before[event.pgh_obj_id] = event
        yield Change(**actor_of(event, people), **words)


def _milestones(deal: Opportunity, most: int | None) -> Iterator[Change]:
    """What happened to the deal's close plan: laid down, moved to another day, met, given to somebody, removed."""
    rows = apps.get_model("pipeline.MilestoneEvent")._default_manager.filter(opportunity_id=deal.pk)
    events = list(reversed(rows.order_by("-pgh_id")[:most]))
    if not events:
        return
    people = names_of(User, {pk for event in events for pk in (event.owner_id, event.pgh_context.get("by"))})
    before: dict[int, Any] = {}
    for event in events:
        for words in _milestone(before.get(event.pgh_obj_id), event, people):
            yield Change(**actor_of(event, people), **words)
        before[event.pgh_obj_id] = event


def _milestone(before: Any, after: Any, owners: Mapping[Any, str]) -> Iterator[dict[str, Any]]:
    """What an edit changed, one thing at a time."""
    name = {"name": after.name}
    if after.is_removed:
        yield {"text": _("Removed the milestone %(name)s") % name}
        return
    if before is None:
        planned = {**name, "day": format_date(after.planned_on)}
        yield {"text": _("Added the milestone %(name)s for %(day)s") % planned}
        return
    if after.name != before.name:
        yield {"field": _("Milestone"), "before": before.name, "after": after.name}
    if after.met_on != before.met_on:
        met = _("met %(day)s") % {"day": format_date(after.met_on)} if after.met_on else _("not met")
        yield {"field": after.name, "before": _("not met") if after.met_on else _("met"), "after": met}
    if after.planned_on != before.planned_on:
        days = {"before": format_date(before.planned_on), "after": format_date(after.planned_on)}
        yield {"field": _("Milestone %(name)s") % name, **days}
    if after.owner_id != before.owner_id:
        whose = {"before": owners.get(before.owner_id, ""), "after": owners.get(after.owner_id, "")}
        yield {"field": _("Milestone %(name)s") % name, **whose}


def _words(before: Any, after: Any, products: Mapping[Any, str], currency: str) -> dict[str, Any]:
    product, now = products.get(after.product_id, ""), _quantity(after, currency)
    if after.is_removed:
        return {"text": _("Removed %(product)s") % {"product": product}}
    if before is None:
        return {"text": _("Added %(product)s: %(line)s") % {"product": product, "line": now}}
    return {"field": product, "before": _quantity(before, currency), "after": now}


def _quantity(event: Any, currency: str) -> str:
    """How many at which price, and what else was agreed; of a bundle's line, what of its price is the line's."""
    if event.part_minor is not None:
        part = {"part": format_money(event.part_minor, currency), "number": format_number(event.quantity)}
        return _("%(number)s for %(part)s of a bundle") % part
    price = format_money(event.price_minor, currency)
    said = _("%(quantity)s at %(price)s") % {"quantity": format_number(event.quantity), "price": price}
    if event.discount:
        said = _("%(line)s less %(discount)s %%") % {"line": said, "discount": format_exact(event.discount)}
    if event.term_months:
        said = _("%(line)s for %(months)s months") % {"line": said, "months": event.term_months}
    return said


def _team(deal: Opportunity, most: int | None) -> Iterable[Change]:
    """Of which there are few: all of it."""
    return team_history(deal)


def _documents(deal: Opportunity, most: int | None) -> Iterable[Change]:
    return told_of_documents(DEAL, deal.pk, most)


def _there(deal: Opportunity) -> set[str]:
    """The SOURCES that have something to tell of a deal, by one query."""
    documents = Document.objects.filter(subject=DEAL, subject_id=deal.pk).order_by()
    rows = [
        documents.values_list(Value("documents"))[:1],
        *(
            apps.get_model(f"pipeline.{model}")
            ._default_manager.filter(**{MERGED if model == "OpportunityEvent" else "opportunity_id": deal.pk})
            .values_list(Value(name))
            .order_by()[:1]
            for name, models in KEPT_IN.items()
            for model in models
        ),
    ]
    with widened("opportunity", "document"):
        return {name for (name,) in rows[0].union(*rows[1:])}


DEAL = Comment.Subject.OPPORTUNITY
MERGED = "merged_into_id"
KEPT_IN = {
    "lines": ["OpportunityLineEvent"],
    "criteria": ["TickEvent"],
    "answers": ["AnswerEvent"],
    "around": [f"{name}Event" for name in AROUND],
    "team": ["Split", "TeamMember"],
    "milestones": ["MilestoneEvent"],
    "merged": ["OpportunityEvent"],
}
SOURCES: dict[str, tuple[StrOrPromise, Source]] = {
    "lines": (gettext_lazy("Products"), _lines),
    "criteria": (gettext_lazy("Exit criteria"), ticks),
    "answers": (gettext_lazy("Questions"), answers),
    "around": (gettext_lazy("Stakeholders, competitors, requirements, concessions"), around),
    "team": (gettext_lazy("Team and credit"), _team),
    "milestones": (gettext_lazy("Close plan"), _milestones),
    "documents": (gettext_lazy("Documents"), _documents),
    "merged": (gettext_lazy("Merged opportunities"), merged_in),
}
"""What hangs on a deal and tells its own part of the history, by its name in addresses."""
