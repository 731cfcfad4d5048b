"""The inbox: what waits for a person, and what they were told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.access import seen
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query
from common.policies import POLICIES
from common.selectors import policy
from common.transaction import reach
from workspace import services
from workspace.forms.choices import ChoicesForm
from workspace.models import Message
from workspace.selectors.choices import choices_of
from workspace.selectors.mail import any_unsent, unsent_page
from workspace.selectors.news import in_sentences, news_of, unread
from workspace.views.approvals import approvals_context


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me above, the news below, newest first."""
    query = strict_query(request, "after")
    page = page_by_key(news_of(person_id()), ["-id"], query.get("after"))
    context = {"page": page, "news": in_sentences(page.rows), **approvals_context()}
    context["has_unread"] = unread(person_id()).exists()
    context["unsent"] = bool(reach().relations("message", "list")) and any_unsent()
    return render(request, "workspace/inbox.html", context)


@require_safe
def inbox_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a message is about; it is read then."""
    strict_query(request)
    message: Message = seen(Message.objects.all(), reach(), pk)
    if request.method == "GET":
        services.read_message(person_id=person_id(), message_id=pk)
    return redirect(message.url or "inbox")


@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark all news as read."""
    services.read_all(by=person_id())
    messages.success(request, _("Everything is marked as read."))
    return redirect("inbox")


@FORM
def notification_choices(request: HttpRequest) -> HttpResponse:
    """How one hears of what."""
    form = ChoicesForm(sent(request), initial=choices_of(person_id()))
    perform(form, services.choose, by=person_id())
    if form.is_bound and not form.errors:
        messages.success(request, _("Saved."))
        return redirect("notification_choices")
    hour = POLICIES["digest_hour"].in_words(policy("digest_hour"))
    return form_page(request, "workspace/notification_choices.html", form, hour=hour)


@require_safe
@may("message", "list")
def mail_list(request: HttpRequest) -> HttpResponse:
    """The mails that did not leave, or of which nobody knows."""
    page = unsent_page(strict_query(request, "after").get("after"))
    return render(request, "workspace/mail_list.html", {"page": page})


@require_POST
@may("message", "list")
def mail_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a mail that was given up leave once more."""
    strict_query(request)
    message = services.send_again(by=person_id(), message_id=pk)
    messages.success(request, _("The mail to %(address)s is sent again.") % {"address": message.goes_to})
    return redirect("mail_list")
