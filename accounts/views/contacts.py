"""People at a customer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import services
from accounts.forms import ContactEditForm, ContactForm
from accounts.models import Account, Contact
from common.access import seen
from common.editing import Edit
from common.http import FORM, form_page, perform, person_id, sent
from common.transaction import reach


@FORM
def contact_create(request: HttpRequest, pk: int) -> HttpResponse:
    account: Account = seen(Account.objects.all(), reach(), pk)
    reach().require("account", "update", account)
    form = ContactForm(sent(request))
    if contact := perform(form, services.create_contact, by=person_id(), account_id=pk):
        messages.success(request, _("%(name)s is a contact now.") % {"name": contact.name})
        return redirect("account_detail", pk)
    return form_page(request, "accounts/contact_create.html", form, account=account)


@FORM
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    contact: Contact = seen(Contact.objects.select_related("account"), reach(), pk)
    reach().require("account", "update", contact.account)
    edit = Edit(request, ContactEditForm, contact, services.edit_contact, contact_id=pk)
    if edit.is_saved:
        return redirect("account_detail", contact.account_id)
    return edit.page("accounts/contact_edit.html", contact=contact)
