"""Pages of the catalogue: everybody reads them, administrators change them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import services
from catalog.forms import ProductEditForm, ProductForm
from catalog.models import Family, Product
from catalog.selectors import families, products
from common.access import seen
from common.editing import Edit
from common.forms import NamedEditForm, NamedForm
from common.history import history_of
from common.http import FORM, form_page, may, page_by_key, perform, person_id, sent, strict_query, whole
from common.selectors import the_organisation
from common.transaction import reach


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    query = strict_query(request, "q", "family", "after")
    family_id = whole(query, "family")
    page = page_by_key(products(query.get("q", ""), family_id), ["name_key", "id"], query.get("after"))
    context = {
        "page": page,
        "text": query.get("q", ""),
        "family_id": family_id,
        "families": families(),
        "may_change": reach().allows("product", "update"),
    }
    return render(request, "catalog/product_list.html", context)


@FORM
@may("product", "update")
def product_create(request: HttpRequest) -> HttpResponse:
    initial = {"currency": the_organisation().reporting_currency, "is_sold": True}
    form = ProductForm(sent(request), initial=initial)
    if product := perform(form, services.create_product, by=person_id()):
        messages.success(request, _("%(name)s is in the catalogue.") % {"name": product.name})
        return redirect("product_list")
    return form_page(request, "catalog/product_create.html", form)


@FORM
@may("product", "update")
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    product: Product = seen(Product.objects.all(), reach(), pk)
    edit = Edit(request, ProductEditForm, product, services.edit_product, product_id=pk)
    if edit.is_saved:
        return redirect("product_list")
    history = history_of(product, services.PRODUCT_FIELDS, product.currency)
    return edit.page("catalog/product_edit.html", product=product, history=history)


@FORM
@may("family", "update")
def family_create(request: HttpRequest) -> HttpResponse:
    form = NamedForm(sent(request))
    if family := perform(form, services.create_family, by=person_id()):
        messages.success(request, _("The family %(name)s is in the catalogue.") % {"name": family.name})
        return redirect("product_list")
    return form_page(request, "catalog/family_create.html", form)


@FORM
@may("family", "update")
def family_edit(request: HttpRequest, pk: int) -> HttpResponse:
    family: Family = seen(Family.objects.all(), reach(), pk)
    edit = Edit(request, NamedEditForm, family, services.edit_family, family_id=pk)
    if edit.is_saved:
        return redirect("product_list")
    return edit.page(
        "catalog/family_edit.html", family=family, history=history_of(family, services.FAMILY_FIELDS)
    )
