"""Quick entry of an activity, and its completion."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.access import seen
from common.http import (
    FORM,
    back_from,
    done_in_place,
    form_page,
    may,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.transaction import reach
from pipeline import services
from pipeline.forms.activities import ActivityForm, CompleteForm
from pipeline.models import Activity, Lead, Opportunity
from pipeline.selectors.leads import lead
from pipeline.selectors.opportunities import account_of, opportunity


@require_http_methods(["GET", "HEAD", "POST"])
@may("activity", "create")
def activity_create(request: HttpRequest) -> HttpResponse:
    """What was done, or is to be done, and the next step."""
    mine, query = reach(), strict_query(request, "account", "opportunity", "lead", "back")
    about = {name: whole(query, name) for name in ("opportunity", "lead")}
    about |= account_of(mine, whole(query, "account"))
    form = ActivityForm(sent(request), mine=mine, initial=about)
    activity = perform(form, services.log_activity, by=person_id())
    said = _("%(subject)s is noted.") % {"subject": activity.subject} if activity else ""
    if activity is not None and request.headers.get("HX-Request") and not request.GET:
        return done_in_place(said, _back(activity).url, _("Open it"))
    if activity is not None:
        messages.success(request, said)
        return redirect(back_from(request, "home")) if "back" in query else _back(activity)
    may_create = bool(mine.relations("opportunity", "create"))
    context = {"deal": _deal(form), "lead": _lead(form), "may_create": may_create}
    return form_page(request, "pipeline/activity_create.html", form, **context)


@require_safe
@may("activity", "create")
def activity_with(request: HttpRequest) -> HttpResponse:
    """The contacts of an account to tick, for the form of an activity in which it was chosen just now."""
    about = {"account": whole(strict_query(request, "account"), "account")}
    form = ActivityForm(mine=reach(), initial=about)
    form.auto_id = "dialog_%s"
    return render(request, "pipeline/_with.html", {"form": form})


@FORM
def activity_complete(request: HttpRequest, pk: int) -> HttpResponse:
    """A planned activity is done, and what came of it."""
    activity: Activity = seen(Activity.objects.all(), reach(), pk)
    reach().require("activity", "update", activity)
    form = CompleteForm(sent(request), initial={"version": activity.version, "outcome": activity.outcome})
    named = list(activity.contacts.all())
    form.offer_at(activity.account_id, activity.opportunity_id, [contact.pk for contact in named])
    done = perform(form, services.complete_activity, by=person_id(), activity_id=pk)
    if done is not None:
        messages.success(request, _("%(subject)s is done.") % {"subject": done.subject})
        return _back(done)
    return form_page(request, "pipeline/activity_complete.html", form, activity=activity, named=named)


def _deal(form: ActivityForm) -> Opportunity | None:
    """The deal that the activity is about, where one was given."""
    given = form["opportunity"]
    return opportunity(reach(), int(given.value())) if given.value() and not given.errors else None


def _lead(form: ActivityForm) -> Lead | None:
    """The lead that the activity is about, where one was given."""
    given = form["lead"]
    return lead(reach(), int(given.value())) if given.value() and not given.errors else None


def _back(activity: Activity) -> HttpResponseRedirect:
    if activity.lead_id and not activity.account_id:
        return redirect("lead_detail", activity.lead_id)
    if activity.opportunity_id:
        return redirect("opportunity_detail", activity.opportunity_id)
    return redirect("account_detail", activity.account_id)
