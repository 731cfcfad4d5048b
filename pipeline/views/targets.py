"""How many activities people did beside what is asked of them, and asking it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.access import Reach
from common.http import chosen, form_page, may, perform, person_id, sent, strict_query, whole
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.activity_lists import KindForm, TargetForm, target_people
from pipeline.models import Activity
from pipeline.selectors.targets import (
    MOST_PEOPLE,
    PERS,
    Line,
    people_with_targets,
    sums,
    target_history,
    target_lines,
    target_now,
    teams,
)
from territories.models import User


@require_safe
@may("activity_target", "read")
def target_list(request: HttpRequest) -> HttpResponse:
    """My own day, month and year beside my targets, and by team those of each of my people."""
    query, mine = strict_query(request, "kind"), reach()
    kind = chosen(query, "kind", ["", *Activity.Kind.values], "")
    people = list(people_with_targets(mine)[: MOST_PEOPLE + 1])
    lines = target_lines(mine, people[:MOST_PEOPLE], kind)
    may_set = bool(mine.relations("activity_target", "update"))
    context = {
        "teams": [(team, [(line, _cells(mine, line)) for line in team.lines]) for team in teams(lines)],
        "is_several": len(lines) > 1,
        "sums": sums(lines),
        "kind": kind,
        "filters": KindForm(query),
        "has_more": len(people) > MOST_PEOPLE,
        "may_set": may_set,
    }
    return render(request, "pipeline/target_list.html", context)


def _cells(mine: Reach, line: Line) -> list[tuple[str, Any, bool]]:
    """A person's figures, each with per what it is asked, and whether the reader may ask it."""
    may_edit = mine.allows("activity_target", "update", {"person_id": line.person.pk})
    return [(per, figure, may_edit) for per, figure in zip(PERS, line.figures, strict=True)]


@require_http_methods(["GET", "HEAD", "POST"])
@may("activity_target", "update")
def target_set(request: HttpRequest) -> HttpResponse:
    """Ask so many activities of somebody from a day on; in a cell of the list, from today on, until what is planned."""
    query, mine = strict_query(request, "person", "kind", "per"), reach()
    person, kind = whole(query, "person"), chosen(query, "kind", ["", *Activity.Kind.values], "")
    per, people = chosen(query, "per", PERS, "day"), target_people(mine)
    asked = next((one for one in people if one.pk == person), None)
    given: dict[str, Any] = {"person_id": person, "kind": kind, "per": per, "starts_on": today()}
    if asked and "per" in query:
        given["number"] = target_now(mine, asked, kind, per)
    form = TargetForm(sent(request), people=people, initial=given)
    is_cell = request.headers.get("HX-Target", "").startswith("cell-")
    template = "pipeline/_target_cell_form.html" if is_cell else "pipeline/target_set.html"
    shown = {"asked": asked, "history": target_history(mine, asked.pk) if asked and not is_cell else []}
    if not form.is_bound or not form.is_valid():
        return form_page(request, template, form, **shown)
    set_ = perform(form, services.set_target, by=person_id(), until_planned=is_cell)
    if form.errors:
        return form_page(request, template, form, **shown)
    if is_cell and asked:
        return _row(request, mine, asked, kind)
    messages.success(request, _("The target is set.") if set_ else _("The target has ended."))
    return redirect("target_list")


def _row(request: HttpRequest, mine: Reach, person: User, kind: str) -> HttpResponse:
    """The person's row as it now is."""
    [line] = target_lines(mine, [person], kind)
    context = {"line": line, "cells": _cells(mine, line), "kind": kind}
    answer = render(request, "pipeline/_target_row.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#target-{person.pk}", "outerHTML"
    return answer
