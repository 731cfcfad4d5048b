"""The next step of a deal is done: from its line of the worklist, from its page, or in a form of its own."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.http import perform, person_id, sent, strict_query
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.worklist import StepDoneForm
from pipeline.rules.one_line import kind_of
from pipeline.selectors.opportunities import opportunity
from pipeline.views.worklist import Said, answered, asked


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_step_done(request: HttpRequest, pk: int) -> HttpResponse:
    """A next step is done, and what is next? What was logged stays where the step is taken back."""
    query, deal = strict_query(request, "owner", "back"), opportunity(reach(), pk)
    reach().require("opportunity", "update", deal)
    before = {"next_step": deal.next_step, "next_step_on": deal.next_step_on}
    start = {"kind": kind_of(deal.next_step), "version": deal.version}
    form = StepDoneForm(sent(request), today=today(), initial=start)
    done = perform(form, services.complete_step, by=person_id(), opportunity_id=pk)
    if done is None:
        return asked(request, form, deal, f"deal-{pk}")
    text = _("%(done)s is done. Next for %(name)s: %(step)s.")
    if not done.next_step:
        text = _("%(done)s is done. Say what is next for %(name)s.")
    words = {"done": before["next_step"], "name": done.name, "step": done.next_step}
    undo = {**before, "version": done.version}
    said = Said(text % words, reverse("opportunity_step", args=[pk]), undo)
    return answered(request, query, f"deal-{pk}", said)
