"""Pages of the catalogue: everybody reads them, administrators change them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import services
from catalog.forms import FamilyEditForm, FamilyForm, ProductEditForm, ProductForm
from catalog.models import Family, Product
from catalog.selectors import families, products
from common.access import seen
from common.conflict import conflict_of
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
    form = ProductForm(
        sent(request), initial={"currency": the_organisation().reporting_currency, "is_sold": True}
    )
    if product := perform(form, services.create_product, by=person_id(request)):
        messages.success(request, _("%(name)s is in the catalogue.") % {"name": product.name})
        return redirect("product_list")
    return form_page(request, "catalog/product_create.html", form)


@FORM
@may("product", "update")
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    product: Product = seen(Product.objects.all(), reach(), pk)
    form = ProductEditForm(sent(request), initial=_values(product, ProductEditForm))
    perform(form, services.edit_product, by=person_id(request), product_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("Saved."))
        return redirect("product_list")
    context = {
        "product": product,
        "conflict": conflict_of(
            form, lambda: ProductEditForm(initial=_values(product, ProductEditForm)), product
        ),
        "history": history_of(
            product, ["name", "code", "family", "list_price_minor", "currency", "is_sold"], product.currency
        ),
    }
    return form_page(request, "catalog/product_edit.html", form, **context)


@FORM
@may("family", "update")
def family_create(request: HttpRequest) -> HttpResponse:
    form = FamilyForm(sent(request))
    if family := perform(form, services.create_family, by=person_id(request)):
        messages.success(request, _("The family %(name)s is in the catalogue.") % {"name": family.name})
        return redirect("product_list")
    return form_page(request, "catalog/family_create.html", form)


@FORM
@may("family", "update")
def family_edit(request: HttpRequest, pk: int) -> HttpResponse:
    family: Family = seen(Family.objects.all(), reach(), pk)
    form = FamilyEditForm(sent(request), initial=_values(family, FamilyEditForm))
    perform(form, services.edit_family, by=person_id(request), family_id=pk)
    if form.is_bound and not form.errors:
        messages.success(request, _("Saved."))
        return redirect("product_list")
    context = {
        "family": family,
        "conflict": conflict_of(
            form, lambda: FamilyEditForm(initial=_values(family, FamilyEditForm)), family
        ),
        "history": history_of(family, ["name", "code"]),
    }
    return form_page(request, "catalog/family_edit.html", form, **context)


def _values(row: Any, form: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields}
