"""The catalogue as a tree with its products, and one product: its prices over time, its parts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import services
from catalog.forms.products import FILTERS, FilterForm, PartsForm, ProductEditForm, ProductForm
from catalog.models import Product
from catalog.selectors import products as catalogue
from catalog.selectors.prices import prices_of
from common.access import seen
from common.editing import Edit, conflict_of
from common.history import history_of
from common.http import (
    FORM,
    chosen,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
    whole,
)
from common.selectors import the_organisation, today
from common.transaction import reach

SHOWN = "name code family kind tier vendor list_price_minor currency is_bundle retired_on".split()
IS_SOLD = {"": None, "sold": True, "retired": False}


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """What do we sell, in which family, at which list price?"""
    query = strict_query(request, *FILTERS, "after")
    filters = catalogue.Filters(
        text=query.get("q", ""),
        family_id=whole(query, "family"),
        kind=chosen(query, "kind", ["", *Product.Kind.values], ""),
        tier=chosen(query, "tier", ["", *Product.Tier.values], ""),
        vendor=query.get("vendor", ""),
        is_sold=IS_SOLD[chosen(query, "state", list(IS_SOLD), "")],
    )
    context = {
        "page": page_by_key(catalogue.products(filters), ["name_key", "id"], query.get("after")),
        "filters": FilterForm(query),
        "family_id": filters.family_id,
        "tree": catalogue.family_tree(),
        "may_change": reach().allows("product", "update"),
    }
    return render(request, "catalog/product_list.html", context)


def _product(pk: int) -> Product:
    product: Product = seen(Product.objects.select_related("family"), reach(), pk)
    return product


@require_safe
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is it, and what does it cost where and when?"""
    strict_query(request)
    product, day = _product(pk), today()
    parts = catalogue.parts_of([pk])[pk]
    context = {
        "product": product,
        "is_sold": product.is_sold_on(day),
        "prices": prices_of(product),
        "bundle": catalogue.bundle_shown(product, parts) if product.is_bundle else None,
        "held_by": catalogue.bundles_with(product),
        "history": history_of(product, SHOWN, product.currency),
        "may_change": reach().allows("product", "update"),
        "today": day,
    }
    return render(request, "catalog/product_detail.html", context)


@FORM
@may("product", "update")
def product_create(request: HttpRequest) -> HttpResponse:
    initial = {"currency": the_organisation().reporting_currency}
    form = ProductForm(sent(request), initial=initial)
    if product := perform(form, services.create_product, by=person_id()):
        messages.success(request, _("%(name)s is in the catalogue.") % {"name": product.name})
        return redirect("product_detail", product.pk)
    return form_page(request, "catalog/product_create.html", form)


@FORM
@may("product", "update")
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    product = _product(pk)
    edit = Edit(request, ProductEditForm, product, services.edit_product, product_id=pk)
    if edit.is_saved:
        return redirect("product_detail", pk)
    return edit.page("catalog/product_edit.html", product=product)


@FORM
@may("product", "update")
def product_parts(request: HttpRequest, pk: int) -> HttpResponse:
    """What a bundle is made of; with parts a product becomes one."""
    product, parts = _product(pk), catalogue.parts_of([pk])[pk]
    form = PartsForm(sent(request), bundle=product, parts=parts)
    if perform(form, services.set_parts, by=person_id(), product_id=pk):
        messages.success(request, _("Saved."))
        return redirect("product_detail", pk)
    conflict = conflict_of(form, lambda: form, product)
    context = {"product": product, "formset": form.parts, "saved": parts, "conflict": conflict}
    return form_page(request, "catalog/product_parts.html", form, **context)
