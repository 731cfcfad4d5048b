"""What was brought in: the list of imports, one of them, and its files; directors see the drafts of their own."""

from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from common.access import seen
from common.http import csv_file, may, page_by_key, person_id, strict_query
from common.transaction import reach
from imports.models import Batch
from imports.rules.steps import STEPS
from imports.selectors.batches import Answer, batch_rows, draft_of
from workspace.services.exports import record_export

SHOWN = 200


@require_safe
@may("import_batch", "create")
def batch_list(request: HttpRequest) -> HttpResponse:
    """Every import, newest first."""
    query = strict_query(request, "after")
    page = page_by_key(batch_rows(), ["-id"], query.get("after"))
    return render(request, "imports/batch_list.html", {"page": page, "steps": STEPS})


@require_safe
@may("import_batch", "read")
def batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: what it brought, who and when, what was refused, and the way back."""
    strict_query(request)
    rows = Batch.objects.defer("content").annotate(size=Length("content"))
    rows = rows.select_related("by", "undone_by")
    batch: Batch = seen(rows, reach(), pk)
    context = {
        "batch": batch,
        "step": STEPS.get(batch.table),
        "answer": Answer(batch),
        "draft_id": draft_of(batch),
        "rejects": batch.rejects[:SHOWN],
    }
    return render(request, "imports/batch_detail.html", context)


@require_safe
@may("import_batch", "read")
def batch_original(request: HttpRequest, pk: int) -> HttpResponse:
    """What was pasted or chosen, as it came; a browser saves it and shows nothing of it."""
    strict_query(request)
    batch: Batch = seen(Batch.objects.exclude(content=b""), reach(), pk)
    name = batch.name or f"{batch.table}.tsv"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(bytes(batch.content), content_type="application/octet-stream", headers=headers)


@require_safe
@may("import_batch", "read")
def batch_rejects(request: HttpRequest, pk: int) -> HttpResponse:
    """Every cell that is wrong, as a CSV file."""
    strict_query(request)
    batch: Batch = seen(Batch.objects.defer("content"), reach(), pk)
    names = ("line", "column", "cell", "value", "problem", "remedy")
    rows = [list(names), *([reject.get(name, "") for name in names] for reject in batch.rejects)]
    kept = {"page": "batch_rejects", "query": f"import={batch.pk}", "format": "csv"}
    record_export(by=person_id(), rows=len(rows) - 1, **kept)
    return csv_file(f"rejects-{batch.pk}", rows)
