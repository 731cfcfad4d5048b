"""The steps of the sales cycle."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.http import may, strict_query
from pipeline.models import Stage


@require_safe
@may("stage", "list")
def stage_list(request: HttpRequest) -> HttpResponse:
    """The stages in their order, and how many deals are in each; they are changed by an import alone."""
    strict_query(request)
    stages = Stage.objects.annotate(deals=Count("opportunities", filter=Q(opportunities__state="open")))
    return render(request, "pipeline/stage_list.html", {"stages": stages.order_by("position")})
