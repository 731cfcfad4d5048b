"""What is known of a customer: goals, strategy, financials, challenges."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.forms import ProfileForm
from accounts.models import Account, Topic
from accounts.selectors.profiles import FRESH_DAYS, profile_of
from common.access import seen
from common.http import chosen, form_page, perform, person_id, sent, strict_query
from common.selectors import today
from common.transaction import reach


@require_safe
def account_profile_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a customer, how fresh it is, and what was known before; a panel of its page."""
    strict_query(request)
    account: Account = seen(Account.objects.all(), reach(), pk)
    context = {
        "account": account,
        "known": profile_of(pk, today()),
        "fresh_days": FRESH_DAYS,
        "may_edit": not account.merged_into_id and reach().allows("account", "update", account),
    }
    return render(request, "accounts/account_profile_panel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def account_profile_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what is known of one topic by now; it begins with what was written last."""
    topic = chosen(strict_query(request, "topic"), "topic", Topic.values, Topic.GOALS)
    account: Account = seen(Account.objects.all(), reach(), pk)
    reach().require("account", "update", account)
    text = next(one.text for one in profile_of(pk, today()) if one.topic == topic)
    form = ProfileForm(sent(request), initial={"text": text, "as_of": today()})
    if perform(form, services.write_profile, by=person_id(), account_id=pk, topic=topic):
        messages.success(request, _("Saved."))
        return redirect("account_detail", pk)
    context = {"account": account, "topic": Topic(topic)}
    return form_page(request, "accounts/account_profile_edit.html", form, **context)
