"""Acts on a whole deal: merging it with another one, cloning it, handing it over."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Stale
from common.forms import take_version
from common.http import FORM, form_page, perform, person_id, sent, strict_query, whole
from common.pickers import suggestions
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.acts import CloneForm, GiveForm, MergeForm, OtherForm
from pipeline.models import Opportunity
from pipeline.selectors.cloning import lines_to_copy
from pipeline.selectors.deal_merging import Alike, parts_of
from pipeline.selectors.opportunities import opportunity

USUAL_DAYS = 90
"""A copy is proposed to close so many days from now."""


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge another deal of the account into this one: first which, then side by side what goes over."""
    query, deal = strict_query(request, "other", "other_text"), _to_edit(pk)
    choice = OtherForm(query or None, deal=deal)
    chosen = choice.cleaned_data["other"] if choice.is_valid() else None
    other = _to_edit(chosen) if chosen else None
    known = {"other_id": other.pk, "other_version": other.version} if other else {}
    form = MergeForm(sent(request), initial={"version": deal.version, **known})
    if perform(form, services.merge_deals, by=person_id(), opportunity_id=pk) is not None:
        words = {"other": other.name if other else "", "deal": deal.name}
        messages.success(request, _("%(other)s is merged into %(deal)s.") % words)
        return redirect("opportunity_detail", pk)
    if other and isinstance(getattr(form, "refusal", None), Stale):
        _read_again(form, deal, other)
    parts = [part for part in parts_of(deal, other) if part.moving or part.doubled] if other else []
    context = {"deal": deal, "choice": choice, "other": other, "parts": parts}
    return form_page(request, "pipeline/opportunity_merge.html", form, **context)


def _read_again(form: MergeForm, deal: Opportunity, other: Opportunity) -> None:
    """After a stale merge: both deals as they are now, whose versions the form then carries."""
    deal.refresh_from_db()
    other.refresh_from_db()
    take_version(form, deal.version)
    form.data["other_version"] = str(other.version)  # type: ignore[index]


@FORM
def opportunity_clone(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a deal like this one."""
    deal = _to_edit(pk)
    proposed = {
        "name": _("%(name)s (copy)") % {"name": deal.name[:150]},
        "close_on": today() + timedelta(days=USUAL_DAYS),
    }
    form = CloneForm(sent(request), initial=proposed)
    clone = perform(form, services.clone_opportunity, by=person_id(), opportunity_id=pk)
    if clone is not None:
        messages.success(request, _("%(name)s is in the pipeline.") % {"name": clone.name})
        return redirect("opportunity_detail", clone.pk)
    _kept, left_out = lines_to_copy(deal, today())
    names = sorted({line.product.name for line in left_out})
    shown = {"deal": deal, "left_out": names, "is_split": deal.splits.exists()}
    return form_page(request, "pipeline/opportunity_clone.html", form, **shown)


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a deal over to somebody else, who is told; `?owner=`: who is proposed."""
    owner = whole(strict_query(request, "owner"), "owner")
    mine, deal = reach(), _to_edit(pk)
    form = GiveForm(sent(request), initial={"version": deal.version, "owner_id": owner})
    given = perform(form, services.give_opportunity, by=person_id(), opportunity_id=pk)
    if given is None:
        return form_page(request, "pipeline/opportunity_give.html", form, deal=deal)
    messages.success(request, _("%(name)s went to its new owner.") % {"name": deal.name})
    is_seen = Opportunity.objects.visible_to(mine).filter(pk=pk).exists()
    return redirect("opportunity_detail", pk) if is_seen else redirect("opportunity_list")


@require_safe
def deal_suggest(request: HttpRequest) -> HttpResponse:
    """The first of what was typed among the deals that may be merged with one."""
    query = strict_query(request, "q", "opportunity")
    return suggestions(request, Alike(whole(query, "opportunity") or 0), query.get("q", ""))


def _to_edit(pk: int) -> Opportunity:
    """A deal that the reader may edit. Raises NotInReach, Forbidden."""
    mine = reach()
    deal = opportunity(mine, pk)
    mine.require("opportunity", "update", deal)
    return deal
