"""The tables of the set-up: pasted or chosen, checked at once, brought in whole. Administrators, and directors where
they draft.
"""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.access import found
from common.errors import Conflict
from common.http import may, person_id, strict_query, whole
from common.written import as_csv, as_workbook
from imports import services
from imports.forms import TableApplyForm, TableFileForm, TableTextForm
from imports.models import Batch
from imports.rules.sheets import OLD_OFFICE, WORKBOOK
from imports.rules.steps import STEPS, Step
from imports.selectors.batches import Answer, applied_since, batch_rows, draft_of, told_faults
from imports.selectors.known import Known
from imports.selectors.samples import sample_of
from imports.services.tables import check_may

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
@may("import_batch", "draft")
def table_import(request: HttpRequest, table: str) -> HttpResponse:
    """One table: what it takes, what it would do, and the one button that brings it in."""
    step, query = _step(table), strict_query(request, "batch")
    if request.method == "POST":
        return _apply(request, step) if request.POST.get("action") == "apply" else _check(request, step)
    batch = None
    if pk := whole(query, "batch"):
        own = Batch.objects.filter(pk=pk, by_id=person_id(), table=table, state=Batch.State.CHECKED)
        batch = found(own.first())
    return _page(request, step, batch)


def _step(table: str) -> Step:
    """The table of that name, for who may bring it in."""
    step: Step = found(STEPS.get(table))
    check_may(table, person_id())
    return step


def _check(request: HttpRequest, step: Step) -> HttpResponse:
    """What was pasted or chosen, looked at; nothing of it is written."""
    is_file, most = bool(request.FILES), step.most_lines
    form: Any = (
        TableFileForm(request.POST, request.FILES, most=most) if is_file else TableTextForm(request.POST)
    )
    if not form.is_valid():
        return _page(request, step, None, form=form, status=422)
    if "file" in form.cleaned_data:
        name, content = form.cleaned_data["file"]
        is_book = content.startswith((WORKBOOK, OLD_OFFICE)) or name.lower().endswith((".xlsx", ".xls"))
        way = "xlsx" if is_book else "csv"
    else:
        name, content, way = "", form.cleaned_data["text"].encode(), "pasted"
    try:
        batch = services.check_table(by=person_id(), table=step.name, content=content, name=name, way=way)
    except Conflict as refusal:
        return _page(request, step, None, form=form, said=refusal.message, status=409)
    return _page(request, step, batch, form=form)


def _apply(request: HttpRequest, step: Step) -> HttpResponse:
    form = TableApplyForm(request.POST)
    if not form.is_valid():
        message = _("The page did not say which table it showed. Nothing was brought in; check it again.")
        return _page(request, step, None, said=message, status=422)
    pk = form.cleaned_data["batch"]
    try:
        batch = services.apply_table(by=person_id(), batch_id=pk, shown=form.cleaned_data["shown"])
    except Conflict as refusal:
        before = found(batch_rows().filter(pk=pk).first())
        if before.state != Batch.State.CHECKED:
            messages.info(request, str(refusal.message))
            return redirect("batch_detail", pk)
        meanwhile = applied_since(step.name, before.started_at, pk)
        again = services.look_again(by=person_id(), batch_id=pk)
        return _page(request, step, again, refusal=refusal, meanwhile=meanwhile, status=409)
    if draft_id := draft_of(batch):
        messages.success(request, _("Drafted. Nothing moves yet; look at its effect."))
        return redirect("draft_detail", draft_id)
    messages.success(request, _("%(what)s: all of it is in.") % {"what": Answer(batch).what})
    return redirect("batch_detail", batch.pk)


def _page(
    request: HttpRequest, step: Step, batch: Batch | None, *, form: Any = None, status: int = 200, **more: Any
) -> HttpResponse:
    """The page, or its answer alone where a script asks for it."""
    faults, lines = told_faults(batch) if batch else ([], [])
    answer = Answer(batch) if batch else None
    pasted = bytes(batch.content).decode() if batch and batch.style["way"] == "pasted" else ""
    text_form = form if isinstance(form, TableTextForm) else TableTextForm(initial={"text": pasted})
    file_form = form if isinstance(form, TableFileForm) else TableFileForm(most=step.most_lines)
    context = {
        "step": step,
        "open_stages": Known().open_stages() if step.entity == "opportunity" else [],
        "answer": answer,
        "lines": lines,
        "faults": faults,
        "heading": answer.heading if answer else "",
        "text_form": text_form,
        "file_form": file_form,
        "told_fields": [text_form["text"], file_form["file"]],
        # The look and the bringing in are two acts, each with a key of its own.
        "fresh_key": uuid.uuid4(),
        **more,
    }
    is_part = bool(request.headers.get("HX-Request"))
    return render(
        request,
        "imports/_table_answer.html" if is_part else "imports/table_import.html",
        context,
        status=status,
    )


@require_safe
@may("import_batch", "draft")
def table_sample(request: HttpRequest, table: str, kind: str) -> HttpResponse:
    """A sample of a table that fits this installation, as a file."""
    strict_query(request)
    step = _step(table)
    rows = sample_of(step, Known())
    content, kind_of = (
        (as_csv(rows), "text/csv; charset=utf-8") if kind == "csv" else (as_workbook(rows), XLSX_TYPE)
    )
    headers = {"Content-Disposition": f'attachment; filename="{step.name}.{kind}"'}
    return HttpResponse(content, content_type=kind_of, headers=headers)
