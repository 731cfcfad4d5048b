"""Who took which list out of the product as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.http import may, strict_query
from workspace.selectors.exports import export_page


@require_safe
@may("export", "list")
def export_list(request: HttpRequest) -> HttpResponse:
    """Every list that was taken, the newest first."""
    page = export_page(strict_query(request, "after").get("after"))
    return render(request, "workspace/export_list.html", {"page": page})
