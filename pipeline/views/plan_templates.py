"""Templates of close plans: kept by administrators."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.errors import Stale
from common.forms import take_version
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from pipeline.forms.plans import PlanTemplateForm, PlanTemplateRetireForm, StepsForm
from pipeline.selectors.plans import plan_template, plan_templates
from pipeline.services import plan_templates as templates


@require_safe
@may("plan_template", "update")
def plan_template_list(request: HttpRequest) -> HttpResponse:
    """The templates with their steps."""
    strict_query(request)
    return render(request, "pipeline/plan_template_list.html", {"templates": plan_templates()})


@FORM
@may("plan_template", "update")
def plan_template_create(request: HttpRequest) -> HttpResponse:
    form = PlanTemplateForm(sent(request))
    if template := perform(form, templates.create_plan_template, by=person_id()):
        return redirect("plan_template_detail", template.pk)
    return form_page(request, "pipeline/plan_template_create.html", form)


@FORM
@may("plan_template", "update")
def plan_template_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A template as one form: its steps go up and down, and one press saves them all."""
    template = plan_template(pk)
    form = StepsForm(sent(request), template=template)
    if form.do == "save" and perform(form, templates.set_plan_template, by=person_id(), template_id=pk):
        messages.success(request, _("Saved."))
        return redirect("plan_template_list")
    if isinstance(getattr(form, "refusal", None), Stale):
        template = plan_template(pk)
        take_version(form, template.version)
    context = {"plan": template, "fresh_key": uuid.uuid4()}
    return form_page(request, "pipeline/plan_template_detail.html", form, **context)


@require_POST
@may("plan_template", "update")
def plan_template_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a template no longer, or again."""
    plan_template(pk)
    form = PlanTemplateRetireForm(request.POST)
    if not perform(form, templates.retire_plan_template, by=person_id(), template_id=pk):
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect("plan_template_list")
