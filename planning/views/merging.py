"""Merging a duplicate into another account, with what moves in view, and undoing it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Account, AccountMerge
from common.access import seen
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.selectors import the_organisation
from common.transaction import reach
from planning.forms.merging import AccountMergeForm, SurvivorForm, UndoMergeForm
from planning.selectors.merging import ended, merges_of, merging, seem_apart, stayed
from planning.services.merging import merge_accounts, undo_merge


@require_http_methods(["GET", "HEAD", "POST"])
@may("account_merge", "update")
def account_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge an account into another one: first which, then what moves, then why."""
    query, merged = strict_query(request, "into", "into_name"), _account(pk)
    choice = SurvivorForm(query or None)
    chosen = choice.cleaned_data["into"] if choice.is_valid() else None
    form = AccountMergeForm(sent(request), initial={"survivor_id": chosen})
    if merge := perform(form, merge_accounts, by=person_id(), merged_id=pk):
        words = {"merged": merged.name, "survivor": merge.survivor.name}
        messages.success(request, _("%(merged)s is merged into %(survivor)s.") % words)
        return redirect("account_detail", merge.survivor_id)
    survivor = _account(chosen) if chosen else None
    effect = merging(survivor, merged) if survivor else None
    shown = survivor.name if survivor else query.get("into_name", "")
    context = {"merged": merged, "choice": choice, "shown": shown, "survivor": survivor, "effect": effect}
    context["seem_apart"] = survivor is not None and seem_apart(survivor, merged)
    context["currency"] = the_organisation().reporting_currency
    return form_page(request, "planning/account_merge.html", form, **context)


@FORM
@may("account_merge", "update")
def account_merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge apart again, once one has read what that means."""
    merge: AccountMerge = seen(AccountMerge.objects.select_related("survivor", "merged"), reach(), pk)
    form = UndoMergeForm(sent(request), initial={"version": merge.version})
    if undone := perform(form, undo_merge, by=person_id(), merge_id=pk):
        said = _("The merge of %(name)s is undone.") % {"name": merge.merged.name}
        if left := stayed(undone):
            words = {"things": ", ".join(left), "name": merge.survivor.name}
            said += " " + _("What was changed since stays with %(name)s: %(things)s.") % words
        if gone := ended(undone):
            text = _(
                "Not begun again, because something else holds now or it is retired or gone: %(things)s."
            )
            said += " " + text % {"things": ", ".join(gone)}
        messages.success(request, said)
        return redirect("account_detail", merge.merged_id)
    return form_page(request, "planning/account_merge_undo.html", form, merge=merge)


@require_safe
@may("account_merge", "update")
def account_merges_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What was merged into an account; a panel of its page."""
    strict_query(request)
    account = _account(pk)
    rows = [(merge, stayed(merge), ended(merge)) for merge in merges_of(account)]
    return render(request, "planning/account_merges_panel.html", {"account": account, "merges": rows})


def _account(pk: int) -> Account:
    account: Account = seen(Account.objects.all(), reach(), pk)
    return account
