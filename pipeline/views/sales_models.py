"""Sales models: kept by administrators, changed as a whole, with every version kept."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.editing import Edit
from common.errors import Refused, Stale
from common.forms import take_version
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from pipeline import services
from pipeline.forms.sales_models import (
    DefinitionForm,
    ModelCreateForm,
    ModelEditForm,
    ModelRetireForm,
    ModelUsualForm,
    draft_of,
)
from pipeline.models import SalesModel
from pipeline.selectors import sales_models as models
from pipeline.selectors.model_words import in_words
from pipeline.selectors.sales_models import Review
from pipeline.services.sales_models import review_model


@require_safe
@may("sales_model", "list")
def sales_model_list(request: HttpRequest) -> HttpResponse:
    """The ways in which the company sells, and how many deals go each of them."""
    strict_query(request)
    rows = models.sales_models()
    counts = models.open_deals([stage.pk for model in rows for stage in model.stages.all()])
    lines = [
        {
            "model": model,
            "stages": model.stages.all(),
            "deals": sum(counts.get(stage.pk, 0) for stage in model.stages.all()),
        }
        for model in rows
    ]
    return render(request, "pipeline/sales_model_list.html", {"lines": lines})


@FORM
@may("sales_model", "update")
def sales_model_create(request: HttpRequest) -> HttpResponse:
    form = ModelCreateForm(sent(request))
    if model := perform(form, services.start_model, by=person_id()):
        messages.success(request, _("%(name)s takes deals now. Make it yours.") % {"name": model.name})
        return redirect("sales_model_detail", model.pk)
    return form_page(request, "pipeline/sales_model_create.html", form)


@FORM
@may("sales_model", "update")
def sales_model_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A sales model as one form: its rows go up and down, and one press shows what publishing changes."""
    model = models.sales_model(pk)
    form = DefinitionForm(sent(request), model=model, draft=draft_of(*models.definition_of(model)))
    if form.do == "publish" and perform(form, services.publish_model, by=person_id(), model_id=pk):
        messages.success(request, _("%(name)s is published.") % {"name": model.name})
        return redirect("sales_model_detail", pk)
    if form.do in ("review", "publish") and form.is_bound:
        return _review(request, model, form)
    return _definition(request, model, form)


def _review(request: HttpRequest, model: SalesModel, form: DefinitionForm) -> HttpResponse:
    """What would change; the form again where it can't be published as it is."""
    if isinstance(getattr(form, "refusal", None), Stale):
        model.refresh_from_db()
        take_version(form, model.version)
    review = _reviewed(form, model)
    if review is None:
        return _definition(request, model, form)
    context = {
        "model": model,
        "review": review,
        "changes": in_words(review.differences),
        "emptied": [(held, form.moves.get(held.stage.pk, "")) for held in review.emptied],
        "fresh_key": uuid.uuid4(),
    }
    return form_page(request, "pipeline/sales_model_review.html", form, **context)


def _reviewed(form: DefinitionForm, model: SalesModel) -> Review | None:
    """The review of what was typed, also where publishing it was just refused; None where it has faults."""
    if not hasattr(form, "refusal"):
        return perform(form, review_model, by=person_id(), model_id=model.pk)
    try:
        return review_model(by=person_id(), model_id=model.pk, **form.told())
    except Refused:
        return None


def _definition(request: HttpRequest, model: SalesModel, form: DefinitionForm) -> HttpResponse:
    counts = models.open_deals([stage.pk for stage in model.stages.offered()])
    context = {"model": model, "deals": counts, "fresh_key": uuid.uuid4()}
    return form_page(request, "pipeline/sales_model_detail.html", form, **context)


@FORM
@may("sales_model", "update")
def sales_model_edit(request: HttpRequest, pk: int) -> HttpResponse:
    model = models.sales_model(pk)
    edit = Edit(request, ModelEditForm, model, services.rename_model, model_id=pk)
    if edit.is_saved:
        return redirect("sales_model_detail", pk)
    return edit.page("pipeline/sales_model_edit.html", model=model)


@require_POST
@may("sales_model", "update")
def sales_model_usual(request: HttpRequest, pk: int) -> HttpResponse:
    """Let new deals begin in this one."""
    return _changed(request, pk, ModelUsualForm(request.POST), services.make_usual)


@require_POST
@may("sales_model", "update")
def sales_model_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it take no new deals, or take them again."""
    return _changed(request, pk, ModelRetireForm(request.POST), services.retire_model)


def _changed(request: HttpRequest, pk: int, form: forms.Form, act: Callable[..., Any]) -> HttpResponse:
    """Back to the list, with what was refused above it."""
    models.sales_model(pk)
    if not perform(form, act, by=person_id(), model_id=pk):
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect("sales_model_list")


@require_safe
@may("sales_model", "list")
def sales_model_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed from version to version, by whom and why."""
    strict_query(request)
    model = models.sales_model(pk)
    lines = [(told.version, in_words(told.differences)) for told in models.versions(model)]
    context = {"model": model, "versions": lines}
    return render(request, "pipeline/sales_model_versions.html", context)


@require_safe
@may("sales_model", "list")
def sales_model_version(request: HttpRequest, pk: int) -> HttpResponse:
    """What one version said."""
    strict_query(request)
    told = models.version_of(pk)
    model, changes = told.version.sales_model, in_words(told.differences)
    context = {"model": model, "version": told.version, "changes": changes}
    return render(request, "pipeline/sales_model_version.html", context)
