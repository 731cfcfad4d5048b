"""The settings page: every part of the set-up, what it is now, and who changed it last."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from catalog.models import Family, Product
from common.history import names_of
from common.locale import format_date, format_number
from common.models import DayOff, Organisation, Period, Rate, Run, Setting
from common.policies import POLICIES, Group, Policy
from common.selectors import calendar_end, policy, the_organisation
from imports.models import Batch
from imports.rules.steps import STEPS
from pipeline.models import Opportunity, Stage
from pipeline.selectors.opportunities import stalled
from territories.models import Edge, RoleGrant, User
from workspace.models import Invitation, ListValue, StandIn


@dataclass(frozen=True)
class Last:
    """Who changed something last, and when."""

    by: int | None
    at: datetime


@dataclass(frozen=True)
class Line:
    """One setting: its page, what it is now, and who changed it last; `at` None where nobody did."""

    label: StrOrPromise
    url: str
    now: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Section:
    """Settings that belong together."""

    label: StrOrPromise
    lines: list[Line]


Entry = tuple[StrOrPromise, str, str, Last | None]


def sections(today: date) -> list[Section]:
    """Everything that can be set, in the order in which a company sets it up."""
    parts: list[tuple[StrOrPromise, list[Entry]]] = [
        (_("Company"), _company(today)),
        *_policies(today),
        (_("Lists and catalogue"), _lists()),
        (_("People and territories"), _people(today)),
        (_("Tables and imports"), _tables()),
        (_("Nights"), _nights()),
    ]
    ids = {last.by for _label, entries in parts for *_entry, last in entries if last and last.by}
    people = names_of(User, set(ids))
    return [Section(label, [_line(entry, people) for entry in entries]) for label, entries in parts]


def _line(entry: Entry, people: dict[Any, str]) -> Line:
    label, url, now, last = entry
    by = people.get(last.by, _("the product itself")) if last else ""
    return Line(label, url, now, by, last.at if last else None)


def _company(today: date) -> list[Entry]:
    company, end = the_organisation(), calendar_end()
    years = (
        _("until %(day)s") % {"day": format_date(end - timedelta(days=1))} if end else _("no fiscal year yet")
    )
    rated = Rate.objects.current().values("currency").distinct().count()
    following = DayOff.objects.current().filter(starts_on__gte=today).order_by("starts_on").first()
    off = f"{following.name}, {format_date(following.starts_on)}" if following else _("none to come")
    return [
        (
            _("Organisation"),
            reverse("organisation_edit"),
            f"{company.name} · {company.reporting_currency} · {company.time_zone}",
            _changed(Organisation),
        ),
        (_("Fiscal calendar"), reverse("calendar"), years, _changed(Period)),
        (_("Days off"), reverse("day_off_list"), off, _recorded(DayOff)),
        (
            _("Exchange rates"),
            reverse("rate_list"),
            ngettext("%(number)s currency", "%(number)s currencies", rated)
            % {"number": format_number(rated)},
            _recorded(Rate),
        ),
    ]


def _policies(today: date) -> list[tuple[StrOrPromise, list[Entry]]]:
    """The settings by group: what each is, what it is going to be, and the last decision about it."""
    latest = {row.name: row for row in Setting.objects.filter(stops_on=None).order_by("pk")}
    coming = {row.name: row for row in Setting.objects.current().filter(starts_on__gt=today)}
    found: dict[Group, list[Entry]] = {group: [] for group in Group}
    for one in POLICIES.values():
        row, url = latest.get(one.name), reverse("policy_edit", args=[one.name])
        last = Last(row.recorded_by_id, row.recorded_at) if row else None
        found[one.group].append((one.label, url, _now_and_then(one, coming.get(one.name)), last))
    return [(group.label, entries) for group, entries in found.items()]


def _now_and_then(one: Policy, coming: Setting | None) -> str:
    """What the setting is, and what it is going to be."""
    text = one.in_words(policy(one.name))
    if coming is None:
        return text
    words = {"now": text, "day": format_date(coming.starts_on), "then": one.in_words(coming.value)}
    return _("%(now)s, from %(day)s on %(then)s") % words


def _lists() -> list[Entry]:
    stages = Stage.objects.order_by("position").values_list("name", flat=True)
    sold, families = Product.objects.filter(is_sold=True).count(), Family.objects.count()
    words = {"products": format_number(sold), "families": format_number(families)}
    return [
        *(
            (
                name.label,
                reverse("list_value_list", args=[name.value]),
                ", ".join(_offered(name)) or _("what was written before"),
                _changed(ListValue, list=name.value),
            )
            for name in ListValue.List
        ),
        (_("Stages"), reverse("stage_list"), " → ".join(stages) or _("none yet"), _changed(Stage)),
        (
            _("Catalogue"),
            reverse("product_list"),
            _("%(products)s products in %(families)s families") % words,
            _changed(Product),
        ),
    ]


def _offered(name: ListValue.List) -> Iterable[str]:
    return ListValue.objects.filter(list=name, is_offered=True).values_list("value", flat=True)


def _people(today: date) -> list[Entry]:
    nodes, people = Edge.objects.on(today).count(), User.objects.filter(is_active=True).count()
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None).count()
    away = StandIn.objects.overlapping(today, None).count()
    return [
        (
            _("Territories"),
            reverse("territory_tree"),
            ngettext("%(number)s territory", "%(number)s territories", nodes)
            % {"number": format_number(nodes)},
            _recorded(Edge),
        ),
        (
            _("People"),
            reverse("person_list"),
            ngettext("%(number)s person", "%(number)s people", people) % {"number": format_number(people)},
            _recorded(RoleGrant),
        ),
        (
            _("Invitations"),
            reverse("invitation_list"),
            ngettext("%(number)s open", "%(number)s open", waiting) % {"number": format_number(waiting)},
            _invited(),
        ),
        (
            _("Stand-ins"),
            reverse("stand_in_list"),
            ngettext("%(number)s now or later", "%(number)s now or later", away)
            % {"number": format_number(away)},
            _recorded(StandIn),
        ),
    ]


def _tables() -> list[Entry]:
    """The tables by which a company is set up, each with when it was last applied, and everything brought in."""
    applied = Batch.objects.filter(state=Batch.State.APPLIED).exclude(applied_at=None).order_by("pk")
    latest = {batch.table: batch for batch in applied.only("table", "by", "applied_at", "name")}
    entries: list[Entry] = []
    for step in STEPS.values():
        batch = latest.get(step.name)
        last = Last(batch.by_id, batch.applied_at) if batch and batch.applied_at else None
        label = _("Table: %(label)s") % {"label": _(step.title)}
        entries.append((label, reverse("table_import", args=[step.name]), batch.name if batch else "", last))
    imports = ngettext("%(number)s import", "%(number)s imports", len(applied)) % {
        "number": format_number(len(applied))
    }
    return [*entries, (_("Imports"), reverse("batch_list"), imports, None)]


def _nights() -> list[Entry]:
    run = Run.objects.exclude(state=Run.State.ASKED).first()
    now, last = _("none yet"), None
    if run:
        words = {"job": run.job, "day": format_date(run.as_of), "state": run.get_state_display()}
        now = _("%(job)s of %(day)s: %(state)s") % words
        last = Last(run.asked_by_id, run.finished_at or run.started_at)
    return [(_("Runs"), reverse("run_list"), now, last)]


# ---- who changed something last ----


def _changed(model: Any, **columns: Any) -> Last | None:
    """The newest change of rows whose history is kept."""
    kept = model._meta.get_field("history").related_model.objects
    event = kept.filter(**columns).order_by("-pgh_id").first()
    return Last(event.pgh_context.get("by"), event.pgh_created_at) if event else None


def _recorded(model: Any) -> Last | None:
    """The newest recorded row of what holds by days."""
    row = model.objects.order_by("-recorded_at", "-pk").first()
    return Last(row.recorded_by_id, row.recorded_at) if row else None


def _invited() -> Last | None:
    row = Invitation.objects.first()
    return Last(row.by_id, row.made_at) if row else None


# ---- what a change would do ----


def _stalled(days: int, today: date) -> int:
    return Opportunity.objects.open().filter(stalled(today, days)).count()


def _stalled_in_words(value: int | None, today: date) -> str:
    """How many open deals are stalled now, and with another value."""
    now = _stalled(policy("stalled_after_days"), today)
    text = ngettext(
        "%(number)s open opportunity is stalled now", "%(number)s open opportunities are stalled now", now
    ) % {"number": format_number(now)}
    if value is None:
        return f"{text}."
    words = {
        "text": text,
        "value": POLICIES["stalled_after_days"].in_words(value),
        "number": format_number(_stalled(value, today)),
    }
    return _("%(text)s; with %(value)s it would be %(number)s.") % words


EFFECTS: dict[str, Callable[[int | None, date], str]] = {"stalled_after_days": _stalled_in_words}
"""What a change of a setting would do, counted before it is made: a sentence about a value, or about how it is now."""
