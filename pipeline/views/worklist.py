"""The worklist of a person, and what is done on one of its lines; elsewhere the same acts are forms of their own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from common.access import found, seen
from common.editing import conflict_of
from common.forms import take_version
from common.http import (
    NO_TEXT,
    address_of,
    back_from,
    chosen,
    form_page,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.locale import format_date
from common.pickers import settled
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.filters import with_own
from pipeline.forms.worklist import (
    CloseDateForm,
    DayForm,
    PressForm,
    StepForm,
    StepLaterForm,
    TaskLaterForm,
    WorkForm,
)
from pipeline.models import Activity, Milestone, Opportunity
from pipeline.selectors import worklist as work
from pipeline.selectors.offers import Owners
from pipeline.selectors.opportunities import begun_with, opportunity, owners
from pipeline.selectors.plans import milestone_in
from pipeline.selectors.targets import own_day
from pipeline.services import plans, putting_off
from pipeline.views.calendar import calendar_part
from pipeline.views.tabs import KEPT, chips_of, tabs_of
from territories.models import User
from workspace.forms.own import own_asked

CARD, LINE = "calendar", "work-"
"""What a fragment asks to replace: the calendar on which a card was dragged, a line of the worklist."""


@dataclass(frozen=True)
class Said:
    """What was done, and how to take it back: the address and the fields of the same act; nothing where it can't be."""

    text: str
    url: str = ""
    fields: Mapping[str, Any] | None = None

    @property
    def sent(self) -> list[tuple[str, Any]]:
        """The fields as a form sends them."""
        plain = (self.fields or {}).items()
        return [
            (name, value.isoformat() if isinstance(value, date) else value or "") for name, value in plain
        ]


@dataclass(frozen=True)
class Act:
    """What can be done on a line, and how it is asked for (`form` below the line, `dialog`, `press`).

    `key`: the one that presses it; nothing where another act of the line has that one.
    """

    key: str
    word: str
    url: str
    how: str = "form"
    version: int = 0


@require_safe
def worklist(request: HttpRequest) -> HttpResponse:
    """What waits for me, for those whom I lead, or for one of them?"""
    if address := settled(request, owner=Owners()):
        return redirect(address)
    names = with_own(KEPT["worklist"])
    query = strict_query(request, *names, "why")
    why, people = chosen(query, "why", ["", *work.REASONS], ""), _whose(query)
    filters = WorkForm(query, reach(), today(), names)
    waits = work.worklist(list(people), today(), why, own_asked(reach(), "opportunity", query))
    context = {
        **_counted(waits, query, why),
        "lines": _lines(waits.items, query),
        "person": _one(people),
        "filters": filters,
        "chips": chips_of(request, filters),
        "tabs": tabs_of("worklist", query),
        "is_own": list(people) == [person_id()],
        "today": today(),
    }
    return render(request, "pipeline/worklist.html", context)


def _whose(query: Mapping[str, str]) -> Mapping[int, User | None]:
    """The people whose worklist it is: the one who is asked for, else those with whom the reader begins.

    One alone comes with who that is. Raises NotInReach.
    """
    owner, led = whole(dict(query), "owner"), begun_with(reach())
    if owner is None and len(led) > 1:
        return dict.fromkeys(led)
    owner = owner or person_id()
    rows = User.objects.all() if owner == person_id() else owners(reach())
    return {owner: found(rows.filter(pk=owner).first())}


def _one(people: Mapping[int, User | None]) -> User | None:
    """The person where it is one alone."""
    return next(iter(people.values())) if len(people) == 1 else None


def _counted(waits: work.Worklist, query: Mapping[str, str], why: str) -> dict[str, Any]:
    """How many wait for each reason, each a way to those alone."""
    address, kept = reverse("worklist"), {name: value for name, value in query.items() if name != "why"}
    parts = [
        ("", _("All"), waits.total),
        *((key, label, waits.counts[key]) for key, label in work.REASONS.items()),
    ]
    counts = [
        {
            "label": label,
            "count": count,
            "url": address_of(address, {**kept, "why": key}),
            "active": key == why,
        }
        for key, label, count in parts
        if count.value or key in ("", why)
    ]
    return {"counts": counts, "is_clear": waits.is_clear}


def _lines(items: Iterable[work.Waiting], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each thing with what the reader can do about it from its line."""
    return [{"item": item, "acts": list(_acts(item, query))} for item in items]


def _acts(item: work.Waiting, query: Mapping[str, str]) -> Iterable[Act]:
    """Each act with its key, for those who may."""
    mine, row = reach(), item.row
    about = {"deal": "opportunity", "lead": "lead", "task": "activity"}[item.kind]

    def to(name: str, pk: int = row.pk) -> str:
        return address_of(reverse(name, args=[pk]), {"owner": query.get("owner")}).rstrip("?")

    may = mine.allows(about, "update", row)
    if item.kind == "deal" and may:
        yield Act("e", _("Next step"), to("opportunity_step"))
        yield Act("d", _("Close date"), to("opportunity_date"))
    if item.kind != "task" and mine.relations("activity", "create"):
        back = address_of(reverse("worklist"), {"owner": query.get("owner")}).rstrip("?")
        values = {about: row.pk, "back": back}
        yield Act("l", _("Log a call"), address_of(reverse("activity_create"), values), "dialog")
    for milestone in item.milestones:
        if may or milestone.owner_id == person_id():
            yield Act("x", _("Met"), to("milestone_done", milestone.pk), "press", milestone.version)
    if item.kind == "deal" and may and row.next_step and mine.relations("activity", "create"):
        yield Act("" if item.milestones else "x", _("Step done"), to("opportunity_step_done"))
    if item.kind == "task" and may:
        yield Act("x", _("Done"), to("activity_done"), "press", row.version)
        yield Act("s", _("Put off"), to("activity_later"))
    if "step_due" in item.reasons and may:
        yield Act("s", _("Put off"), to("opportunity_later"))


# ---- acts on a deal ----


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Another close date, from the worklist, the calendar or a form."""
    said = _("%(name)s closes on %(day)s.")
    return _edited(
        request, pk, CloseDateForm, lambda deal: said % {"name": deal.name, "day": format_date(deal.close_on)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_step(request: HttpRequest, pk: int) -> HttpResponse:
    """What is to be done next on a deal."""
    said = _("Next for %(name)s: %(step)s.")
    return _edited(request, pk, StepForm, lambda deal: said % {"name": deal.name, "step": deal.next_step})


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_later(request: HttpRequest, pk: int) -> HttpResponse:
    """The next step of a deal is put off to another day."""
    said = _("The next step of %(name)s is due on %(day)s.")
    return _edited(
        request,
        pk,
        StepLaterForm,
        lambda deal: said % {"name": deal.name, "day": format_date(deal.next_step_on)},
    )


def _edited(
    request: HttpRequest, pk: int, kind: type[DayForm], said: Callable[[Opportunity], str]
) -> HttpResponse:
    """One field of a deal, by the service that edits deals."""
    query, deal = strict_query(request, "owner", "back"), opportunity(reach(), pk)
    reach().require("opportunity", "update", deal)
    names = [name for name in kind.base_fields if name != "version"]
    before = {name: getattr(deal, name) for name in names}
    form = kind(sent(request), today=today(), initial={**before, "version": deal.version})
    done = perform(form, services.edit_opportunity, by=person_id(), opportunity_id=pk)
    if done is None:
        return asked(request, form, deal, f"deal-{pk}")
    is_same = done.version == deal.version
    undo = {} if is_same else {**before, "version": done.version}
    text = _("Nothing changed.") if is_same else said(done)
    return answered(request, query, f"deal-{pk}", Said(text, request.path, undo))


# ---- acts on a task and a milestone ----


@require_http_methods(["GET", "HEAD", "POST"])
def activity_later(request: HttpRequest, pk: int) -> HttpResponse:
    """A task is put off to another day."""
    query, task = strict_query(request, "owner", "back"), _task(pk)
    before = {"due_on": task.due_on, "version": task.version}
    form = TaskLaterForm(sent(request), today=own_day(task.owner), initial=before)
    done = perform(form, putting_off.put_off_activity, by=person_id(), activity_id=pk)
    if done is None:
        return asked(request, form, task, f"task-{pk}")
    text = _("%(subject)s is due on %(day)s.") % {"subject": done.subject, "day": format_date(done.due_on)}
    return answered(
        request, query, f"task-{pk}", Said(text, request.path, {**before, "version": done.version})
    )


@require_POST
def activity_done(request: HttpRequest, pk: int) -> HttpResponse:
    """A task is done, by one press. With a lead it ends that the lead is untouched, which is not taken back."""
    query, task = strict_query(request, "owner", "back"), _task(pk)
    form = PressForm(request.POST)
    done = perform(form, services.complete_activity, by=person_id(), activity_id=pk)
    if done is None:
        return _pressed_in_vain(request, query, form, f"task-{pk}")
    undo = None if task.lead_id else {"version": task.version + 1}
    url = reverse("activity_reopen", args=[pk])
    return answered(
        request, query, f"task-{pk}", Said(_("%(subject)s is done.") % {"subject": task}, url, undo)
    )


@require_POST
def activity_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """A task was not done after all."""
    query, form = strict_query(request, "owner", "back"), PressForm(request.POST)
    done = perform(form, putting_off.reopen_activity, by=person_id(), activity_id=pk)
    if done is None:
        return _pressed_in_vain(request, query, form, f"task-{pk}")
    return answered(request, query, f"task-{pk}", Said(_("%(subject)s is not done.") % {"subject": done}))


@require_POST
def milestone_done(request: HttpRequest, pk: int) -> HttpResponse:
    """A milestone was met today, by one press; or, to take that back, it was not (`?again=1`)."""
    query = strict_query(request, "owner", "back", "again")
    milestone, form = milestone_in(reach(), pk), PressForm(request.POST)
    act: Callable[..., Milestone] = plans.meet_milestone
    said = _("%(name)s is met.")
    if "again" in query:
        act, said = plans.reopen_milestone, _("%(name)s is not met.")
    key = f"deal-{milestone.opportunity_id}"
    done = perform(form, act, by=person_id(), milestone_id=pk)
    if done is None:
        return _pressed_in_vain(request, query, form, key)
    may_undo = reach().allows("opportunity", "update", milestone.opportunity) and "again" not in query
    undo = {"version": done.version} if may_undo else None
    return answered(
        request, query, key, Said(said % {"name": milestone.name}, f"{request.path}?again=1", undo)
    )


def _task(pk: int) -> Activity:
    task: Activity = seen(Activity.objects.all(), reach(), pk)
    reach().require("activity", "update", task)
    return task


# ---- answers ----


def asked(request: HttpRequest, form: DayForm, row: Any, key: str) -> HttpResponse:
    """The form: below its line, in the dialog, or a page; as it came back where it was refused."""
    blank = type(form)(today=form.today, initial=form.initial)
    conflict = conflict_of(form, lambda: _saved(blank, row), row) if form.is_bound else None
    if conflict:
        take_version(form, row.version)
    context = {"row": row, "key": key, "conflict": conflict, "next": back_from(request, "worklist")}
    context["undo_key"] = uuid4()
    if not request.headers.get("HX-Target", "").startswith((LINE, "form-")):
        return form_page(request, "pipeline/worklist_act.html", form, **context)
    answer = form_page(request, "pipeline/_work_form.html", form, **context)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#form-{key}", "innerHTML"
    return answer


def _saved(form: DayForm, row: Any) -> DayForm:
    form.initial = {name: getattr(row, name) for name in form.fields if hasattr(row, name)}
    return form


def answered(request: HttpRequest, query: Mapping[str, str], key: str, said: Said) -> HttpResponse:
    """The line as it now is with what was said, the calendar as it now is, or the page that one came from."""
    target = request.headers.get("HX-Target", "")
    if target == CARD:
        answer = calendar_part(request)
        return trigger_client_event(answer, "toast", {"level": "success", "text": said.text})
    if not target.startswith(LINE):
        messages.success(request, said.text)
        return redirect(back_from(request, "worklist"))
    return _line(request, query, key, said)


def _line(
    request: HttpRequest, query: Mapping[str, str], key: str, said: Said | None, error: str = ""
) -> HttpResponse:
    """A line as it still waits, or that it does not any more; what was said, and the counts of one person's list.

    Those of a team's stay as they were until the page is read again.
    """
    kind, pk = key.split("-")
    people, asked = _whose(query), _asked_for(request)
    item = work.waiting(list(people), today(), kind, int(pk))
    counted: dict[str, Any] = {"counts": []}
    if len(people) == 1:
        waits = work.worklist(list(people), today(), own=own_asked(reach(), "opportunity", asked))
        counted = _counted(waits, asked, asked.get("why", ""))
    context = {
        **counted,
        "item": item,
        "acts": list(_acts(item, query)) if item else [],
        "key": key,
        "said": said,
        "undo_key": uuid4(),
        "error": error,
        "person": _one(people),
        "today": today(),
    }
    return render(request, "pipeline/_work_answer.html", context)


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """What the page that the line stands on was narrowed to."""
    asked = dict(parse_qsl(request.headers.get("HX-Current-URL", "").partition("?")[2]))
    known = {"why": work.REASONS, **dict.fromkeys(with_own(KEPT["worklist"]))}
    return {
        name: value
        for name, value in asked.items()
        if name in known and (name != "why" or value in work.REASONS) and not NO_TEXT.search(value)
    }


def _pressed_in_vain(
    request: HttpRequest, query: Mapping[str, str], form: PressForm, key: str
) -> HttpResponse:
    """A press that was refused: the line as it now is, and why."""
    why = next((str(errors[0]) for errors in form.errors.values()), _("Not done."))
    if request.headers.get("HX-Target", "").startswith(LINE):
        return _line(request, query, key, None, why)
    messages.error(request, why)
    return redirect(back_from(request, "worklist"))
