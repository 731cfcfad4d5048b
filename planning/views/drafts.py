"""Realignments: drafts of moves, their effect before and after, asking, publishing, taking back."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.selectors import modules
from common.access import found, seen
from common.editing import Edit, conflict_of
from common.history import history_of
from common.http import (
    FORM,
    a_day,
    back_from,
    chosen,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.locale import format_number
from common.pickers import TYPED, suggestions
from common.selectors import today
from common.transaction import reach
from planning.forms.drafts import (
    FORMS,
    AskForm,
    DraftEditForm,
    DraftForm,
    PickedAccountsForm,
    UndoForm,
    VersionForm,
    filled,
)
from planning.models import Draft, Move
from planning.selectors.clashes import clashes_of, waiting_of
from planning.selectors.drafts import RUNNING, drafts, in_words, lines_of, quota_moved
from planning.selectors.effects import behind, summary_of
from planning.selectors.offers import Accounts
from planning.selectors.previews import effect_of
from planning.services import drafts as drafting
from planning.services import realigning
from planning.views.sheets import sheets_of
from workspace.models import Approval
from workspace.selectors.approvals import who_may_answer, who_would_answer

SAID_SO_FAR = tuple(
    f"{name}{more}" for name in ("territory_id", "rule_id", "into_id") for more in ("", TYPED)
)
"""What of a form that is being filled decides what its other fields offer."""


@require_safe
@may("draft", "read")
def draft_list(request: HttpRequest) -> HttpResponse:
    """What is planned, waits for approval, and was published."""
    query = strict_query(request, "after")
    page = page_by_key(drafts(reach()), ["-id"], query.get("after"))
    context = {"page": page, "may_create": bool(reach().relations("draft", "create"))}
    return render(request, "planning/draft_list.html", context)


@FORM
@may("draft", "create")
def draft_create(request: HttpRequest) -> HttpResponse:
    form = DraftForm(sent(request), initial={"starts_on": today() + timedelta(days=1)})
    if draft := perform(form, drafting.create_draft, by=person_id()):
        return redirect("draft_detail", draft.pk)
    return form_page(request, "planning/draft_create.html", form)


@require_safe
@may("draft", "read")
def draft_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What moves from when, what it would change, who else touches the same, and what became of it."""
    strict_query(request)
    mine = reach()
    draft: Draft = seen(Draft.objects.select_related("made_by", "approved_by", "undoes"), mine, pk)
    effect, counters = effect_of(draft, mine), list(draft.undone_by.exclude(state=Draft.State.DROPPED))
    is_open = draft.state == Draft.State.OPEN and mine.allows("draft", "update", draft)
    waiting = Approval.objects.filter(kind=realigning.KIND, key=str(pk), state=Approval.State.WAITING).first()
    context = {
        "draft": draft,
        "lines": lines_of(draft),
        "effect": effect,
        "refused": (draft.preview or {}).get("refused", ""),
        "clashes": clashes_of(draft) if draft.state in RUNNING else [],
        "requests": waiting_of(draft) if draft.state in RUNNING else [],
        "may_change": is_open,
        "answering": who_would_answer(realigning.KIND, person_id(), today()) if is_open else None,
        "may_reopen": draft.state == Draft.State.ASKED and mine.allows("draft", "update", draft),
        "may_undo": draft.state == Draft.State.PUBLISHED
        and not counters
        and mine.allows("draft", "update", draft),
        "counters": counters,
        "kinds": _kinds(),
        "sheets": sheets_of(draft, effect),
        "summary": summary_of(effect.gist) if effect else "",
        "approval": waiting,
        "approvers": who_may_answer(waiting, today()) if waiting else [],
        "history": history_of(draft, ["name", "note", "starts_on", "state", "error"]),
        "today": today(),
    }
    return render(request, "planning/draft_detail.html", context)


@require_safe
@may("draft", "read")
def draft_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The accounts and deals behind the figures of an effect; `?territory=` or `?person=`: behind those of one row."""
    query, mine = strict_query(request, "territory", "person", "after"), reach()
    draft: Draft = seen(Draft.objects.all(), mine, pk)
    node, person = whole(query, "territory"), whole(query, "person")
    if not (draft.preview or {}).get("ways"):
        return render(request, "planning/draft_rows.html", {"draft": draft, "rows": None})
    rows = found(behind(draft, mine, None if person else node, person))
    after = query.get("after")
    page = page_by_key(rows.accounts(mine), ["name_key", "pk"], after)
    deals, more_deals = ([], 0) if after else rows.deals(mine)
    context = {
        "draft": draft,
        "rows": rows,
        "page": page,
        "accounts": rows.going(page.rows, mine),
        "deals": deals,
        "more_deals": more_deals,
        "of_one": bool(node or person),
    }
    return render(request, "planning/draft_rows.html", context)


def _kinds() -> list[tuple[str, str]]:
    """The kinds of move that this person may put into a draft, each with its word."""
    words = {
        Move.Kind.ACCOUNTS: _("Accounts"),
        Move.Kind.MODULE: _("A module"),
        Move.Kind.SEAT: _("A person"),
        Move.Kind.NODE: _("A territory"),
        Move.Kind.RULE: _("A rule"),
    }
    allowed = [kind for kind in words if drafting.may_move(kind)]
    return [(kind.value, words[kind]) for kind in allowed]


@require_http_methods(["GET", "HEAD", "POST"])
@may("draft", "create")
def draft_accounts(request: HttpRequest) -> HttpResponse:
    """Accounts that were picked go into a draft: the list posts them, and the form that it gets posts them again."""
    strict_query(request)
    picked = [int(text) for text in request.POST.getlist("account") if re.fullmatch("[0-9]{1,18}", text)]
    accounts = modules.picked(reach(), picked)
    is_filled = "starts_on" in request.POST
    initial = {"account": picked, "starts_on": today() + timedelta(days=1)}
    form = PickedAccountsForm(request.POST if is_filled else None, initial=initial, day=today())
    if move := perform(form, drafting.add_accounts, by=person_id()):
        said = _("In %(draft)s now: %(move)s. Nothing moves before it is published.")
        words = {"draft": move.draft.name, "move": in_words(move)}
        messages.success(request, said % words, extra_tags="chosen-done")
        _tell_left_out(request, form, move)
        return redirect("draft_detail", move.draft_id)
    context = {
        "accounts": accounts,
        "back": back_from(request, "account_list"),
        "fresh_key": None if is_filled else uuid.uuid4(),
    }
    return form_page(request, "planning/draft_accounts.html", form, **context)


@require_safe
@may("draft", "read")
def draft_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The way to a draft beside what it brought about; nothing where it is out of the reader's reach."""
    strict_query(request)
    draft = Draft.objects.visible_to(reach()).filter(pk=pk).first()
    return render(request, "planning/_draft_link.html", {"draft": draft})


@FORM
@may("draft", "create")
def draft_edit(request: HttpRequest, pk: int) -> HttpResponse:
    draft: Draft = seen(Draft.objects.all(), reach(), pk)
    edit = Edit(request, DraftEditForm, draft, drafting.edit_draft, draft_id=pk)
    if edit.is_saved:
        return redirect("draft_detail", pk)
    return edit.page("planning/draft_edit.html", draft=draft)


@require_http_methods(["GET", "HEAD", "POST"])
@may("draft", "create")
def move_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a move into a draft; `?kind=` says of what, and what else is said stands in the form already."""
    query = strict_query(request, "kind", *SAID_SO_FAR)
    kind = chosen(query, "kind", list(FORMS), Move.Kind.ACCOUNTS)
    draft: Draft = seen(Draft.objects.all(), reach(), pk)
    form = FORMS[kind](sent(request), day=draft.starts_on, initial=query)
    if move := perform(form, drafting.add_move, by=person_id(), draft_id=pk, kind=kind):
        _tell_left_out(request, form, move)
        return redirect("draft_detail", pk)
    here = f"{reverse('move_create', args=[pk])}?kind={kind}"
    return _move_page(request, form, draft, kind, here)


@require_http_methods(["GET", "HEAD", "POST"])
@may("draft", "create")
def move_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What a move of an open draft says, changed."""
    query = strict_query(request, *SAID_SO_FAR)
    rows = Move.objects.filter(is_removed=False).select_related("draft")
    move: Move = seen(rows, reach(), pk)
    kind, day = FORMS[move.kind], move.draft.starts_on
    form = kind(sent(request), day=day, initial=filled(move) | query)
    if edited := perform(form, drafting.edit_move, by=person_id(), move_id=pk):
        _tell_left_out(request, form, edited)
        return redirect("draft_detail", move.draft_id)
    conflict = conflict_of(form, lambda: kind(day=day, initial=filled(move)), move)
    here = reverse("move_edit", args=[pk])
    return _move_page(request, form, move.draft, move.kind, here, move=move, conflict=conflict)


def _tell_left_out(request: HttpRequest, form: forms.Form, move: Move) -> None:
    """How many accounts that were named are where the move leads already, and are not part of it."""
    if count := len(set(form.cleaned_data.get("account_ids", ())).difference(move.account_ids)):
        words = ngettext(
            "%(count)s account is in %(into)s on that day already, and was left out.",
            "%(count)s accounts are in %(into)s on that day already, and were left out.",
            count,
        )
        into = move.into.name if move.into else ""
        messages.info(request, words % {"count": format_number(count), "into": into})


def _move_page(
    request: HttpRequest, form: forms.Form, draft: Draft, kind: str, here: str, **more: Any
) -> HttpResponse:
    """The form of a move; what moves the same already it leads to."""
    twin = getattr(getattr(form, "refusal", None), "twin", None)
    context = {"draft": draft, "here": here, "kind_name": Move.Kind(kind).label, **more}
    if twin:
        context |= {"twin": twin, "twin_words": in_words(twin)}
    return form_page(request, "planning/move_form.html", form, **context)


@require_safe
@may("draft", "create")
def draft_account_suggest(request: HttpRequest) -> HttpResponse:
    """The first accounts of what was typed, each with where it is; `?on=`: on that day and later."""
    query = strict_query(request, "q", "on")
    return suggestions(request, Accounts(a_day(query, "on")), query.get("q", ""))


@require_POST
@may("draft", "create")
def move_remove(request: HttpRequest, pk: int) -> HttpResponse:
    move = drafting.remove_move(by=person_id(), move_id=pk)
    return redirect("draft_detail", move.draft_id)


@require_POST
@may("draft", "create")
def draft_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Work out what a draft would change."""
    return _acted(request, pk, realigning.preview_draft)


@require_POST
@may("draft", "create")
def draft_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    return _acted(request, pk, drafting.drop_draft)


@require_POST
@may("draft", "create")
def draft_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Work on a draft again that waits for approval."""
    return _acted(request, pk, realigning.reopen_draft)


def _acted(request: HttpRequest, pk: int, act: Callable[..., Any]) -> HttpResponse:
    """Back to the draft, with what was refused above it."""
    seen(Draft.objects.all(), reach(), pk)
    form: forms.Form = VersionForm(request.POST)
    perform(form, act, by=person_id(), draft_id=pk)
    for errors in form.errors.values():
        messages.error(request, str(errors[0]))
    return redirect("draft_detail", pk)


@FORM
@may("draft", "create")
def draft_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a second person to publish a draft."""
    draft: Draft = seen(Draft.objects.all(), reach(), pk)
    form = AskForm(sent(request), initial={"version": draft.version})
    if approval := perform(form, realigning.ask_publishing, by=person_id(), draft_id=pk):
        messages.success(request, _("%(about)s waits for a second person.") % {"about": approval.about})
        return redirect("draft_detail", pk)
    effect = effect_of(draft, reach())
    summary = summary_of(effect.gist) if effect else ""
    return form_page(request, "planning/draft_ask.html", form, draft=draft, effect=effect, summary=summary)


@FORM
@may("draft", "create")
def draft_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft the counter-moves of a published realignment."""
    draft: Draft = seen(Draft.objects.all(), reach(), pk)
    form = UndoForm(sent(request), initial={"starts_on": max(today(), draft.starts_on)})
    if counter := perform(form, realigning.undo_draft, by=person_id(), draft_id=pk):
        link = reverse("draft_detail", args=[counter.pk])
        messages.success(request, _("%(name)s is drafted. Look at its effect.") % {"name": counter.name})
        return redirect(link)
    has_quota = quota_moved(draft)
    return form_page(request, "planning/draft_undo.html", form, draft=draft, has_quota=has_quota)
