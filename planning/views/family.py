"""A corporate family with its figures, level by level."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from common.access import seen
from common.http import BadQuery, strict_query
from common.selectors import the_organisation
from common.transaction import reach
from planning.selectors.family import Family, family, family_below


@require_safe
def account_family(request: HttpRequest, pk: int) -> HttpResponse:
    """An account with those above it and those directly below it, by themselves and with all below."""
    opened = strict_query(request, "open").get("open", "none")
    if not re.fullmatch(r"none|\d{1,18}(,\d{1,18})*", opened):
        raise BadQuery(_("%(name)s are accounts, such as 1,4.") % {"name": "open"}, path="open")
    account: Account = seen(Account.objects.all(), reach(), pk)
    found = family(reach(), account, [int(one) for one in opened.split(",") if one != "none"])
    return render(request, "planning/account_family.html", {"account": account, **_context(found)})


@require_safe
def account_family_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Those directly below an account, as rows of the tree; `?path=1/4` is its place there."""
    path = strict_query(request, "path").get("path", str(pk))
    if not re.fullmatch(rf"(\d{{1,18}}/){{0,60}}{pk}", path):
        raise BadQuery(_("%(name)s is a place in the tree, such as 1/4.") % {"name": "path"}, path="path")
    account: Account = seen(Account.objects.all(), reach(), pk)
    found = family_below(reach(), account, path)
    return render(request, "planning/_account_family_rows.html", {"account": account, **_context(found)})


def _context(found: Family) -> dict[str, object]:
    return {"family": found, "currency": the_organisation().reporting_currency}
