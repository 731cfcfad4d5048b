"""Where one's programs are told of changes, what was sent to them, and what became of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.access import found
from common.editing import Edit
from common.history import Change, history_of
from common.http import FORM, form_page, page_by_key, perform, person_id, sent, strict_query
from common.shown_once import forget, show_once, take_secret
from common.transaction import reach
from workspace.forms.webhooks import WebhookEditForm, WebhookForm, WebhookVersionForm
from workspace.models import Webhook, WebhookDelivery
from workspace.selectors.webhooks import deliveries_of, webhooks
from workspace.services import webhooks as services

HISTORY = ("name", "address", "happenings", "is_paused", "old_until")


@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    """One's own webhooks; an administrator sees everybody's."""
    strict_query(request)
    return render(request, "workspace/webhook_list.html", {"hooks": webhooks(reach()), "me": person_id()})


@FORM
def webhook_create(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(sent(request))
    if made := perform(form, services.create_webhook, by=person_id()):
        hook, secret = made
        return show_once(request, redirect("webhook_detail", hook.pk), secret)
    return form_page(request, "workspace/webhook_create.html", form)


@require_safe
def webhook_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook with its log; the secret of one just made is shown here once."""
    query = strict_query(request, "after")
    hook, secret = _hook(pk), take_secret(request)
    page = page_by_key(deliveries_of(hook), ["-id"], query.get("after"))
    is_mine = reach().allows("webhook", "configure", hook)
    context = {"hook": hook, "page": page, "secret": secret, "entries": _told(hook), "is_mine": is_mine}
    response = render(request, "workspace/webhook_detail.html", context)
    return forget(response) if secret else response


@FORM
def webhook_edit(request: HttpRequest, pk: int) -> HttpResponse:
    hook = _own(pk)
    edit = Edit(request, WebhookEditForm, hook, services.edit_webhook, webhook_id=pk)
    if edit.is_saved:
        return redirect("webhook_detail", pk)
    return edit.page("workspace/webhook_edit.html", hook=hook)


@FORM
def webhook_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret, once one has read what that means."""
    hook = _own(pk)
    form = WebhookVersionForm(sent(request), initial={"version": hook.version})
    if secret := perform(form, services.rotate_secret, by=person_id(), webhook_id=pk):
        return show_once(request, redirect("webhook_detail", pk), secret)
    return form_page(request, "workspace/webhook_rotate.html", form, hook=hook)


@FORM
def webhook_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Taking it away, once one has read what that means."""
    hook = _hook(pk)
    form = WebhookVersionForm(sent(request), initial={"version": hook.version})
    perform(form, services.remove_webhook, by=person_id(), webhook_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("Nothing is sent to %(name)s any more.") % {"name": hook.name})
        return redirect("webhook_list")
    return form_page(request, "workspace/webhook_remove.html", form, hook=hook)


@require_POST
def webhook_pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _pressed(request, pk, services.pause_webhook, _("Nothing is sent until it goes on."))


@require_POST
def webhook_resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _pressed(request, pk, services.resume_webhook, _("It goes on; what happened meanwhile follows."))


@require_POST
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Something that happened to nothing leaves within seconds."""
    _hook(pk)
    services.send_test(by=person_id(), webhook_id=pk)
    messages.success(request, _("A test is on its way; its answer stands in the log within seconds."))
    return redirect("webhook_detail", pk)


@require_POST
def webhook_delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent leaves once more."""
    sent_again: WebhookDelivery = services.send_delivery_again(by=person_id(), delivery_id=pk)
    messages.success(request, _("It is on its way once more."))
    return redirect("webhook_detail", sent_again.webhook_id)


def _pressed(request: HttpRequest, pk: int, act: Callable[..., Any], done: str) -> HttpResponse:
    """An act at a press, on the version that the page showed."""
    _hook(pk)
    form: Form = WebhookVersionForm(request.POST)
    perform(form, act, by=person_id(), webhook_id=pk)
    if form.errors:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    else:
        messages.success(request, done)
    return redirect("webhook_detail", pk)


def _told(hook: Webhook) -> list[Change]:
    """Its history; what it is told of by the names that programs read."""
    return history_of(hook, HISTORY, called={"happenings": lambda names, _at: ", ".join(names)})


def _hook(pk: int) -> Webhook:
    hook: Webhook = found(webhooks(reach()).filter(pk=pk).first())
    return hook


def _own(pk: int) -> Webhook:
    """One's own; an administrator is told that another's is not theirs to change."""
    hook = _hook(pk)
    reach().require("webhook", "configure", hook)
    return hook
