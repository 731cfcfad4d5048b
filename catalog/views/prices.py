"""Price books, and what products cost in one of them on a day."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from catalog import services
from catalog.forms.prices import BookEditForm, BookForm, PricesForm
from catalog.models import PriceBook
from catalog.selectors import prices as catalogue
from common.access import seen
from common.editing import Edit
from common.forms import take_version
from common.history import history_of
from common.http import (
    FORM,
    a_day,
    address_of,
    form_page,
    may,
    page_by_key,
    perform,
    person_id,
    sent,
    strict_query,
)
from common.selectors import the_organisation, today
from common.transaction import reach

ORDER = ["name_key", "id"]


def _book(pk: int) -> PriceBook:
    book: PriceBook = seen(PriceBook.objects.all(), reach(), pk)
    return book


@require_safe
def price_book_list(request: HttpRequest) -> HttpResponse:
    """Which books of prices are there, and which one is usual?"""
    strict_query(request)
    context = {"books": catalogue.books(), "may_change": reach().allows("price_book", "update")}
    return render(request, "catalog/price_book_list.html", context)


@require_safe
def price_book_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What costs how much in this book on that day?"""
    query = strict_query(request, "q", "on", "after")
    book, day, text = _book(pk), a_day(query, "on") or today(), query.get("q", "")
    rows = catalogue.priced_on(book, day, text, only_priced=True)
    context = {
        "book": book,
        "page": page_by_key(rows, ORDER, query.get("after")),
        "on": day,
        "is_today": day == today(),
        "text": text,
        "history": history_of(book, ["name", "is_usual", "is_retired"]),
        "may_change": reach().allows("price_book", "update"),
    }
    return render(request, "catalog/price_book_detail.html", context)


@FORM
@may("price_book", "update")
def price_book_create(request: HttpRequest) -> HttpResponse:
    form = BookForm(sent(request), initial={"currency": the_organisation().reporting_currency})
    if book := perform(form, services.create_book, by=person_id()):
        messages.success(request, _("The price book %(name)s is here.") % {"name": book.name})
        return redirect("price_book_detail", book.pk)
    return form_page(request, "catalog/price_book_create.html", form)


@FORM
@may("price_book", "update")
def price_book_edit(request: HttpRequest, pk: int) -> HttpResponse:
    book = _book(pk)
    edit = Edit(request, BookEditForm, book, services.edit_book, book_id=pk)
    if edit.is_saved:
        return redirect("price_book_detail", pk)
    return edit.page("catalog/price_book_edit.html", book=book)


@require_http_methods(["GET", "HEAD", "POST"])
@may("price_book", "update")
def price_book_prices(request: HttpRequest, pk: int) -> HttpResponse:
    """Many prices at once, from a day on: a page of products, each with the price that it has then."""
    query = strict_query(request, "q", "on", "after")
    book, day, text = _book(pk), a_day(query, "on") or today(), query.get("q", "")
    rows = catalogue.priced_on(book, day, text, only_priced=False)
    page = page_by_key(rows, ORDER, query.get("after"))
    initial = {"version": book.version, "starts_on": day}
    form = PricesForm(sent(request), book=book, products=page.rows, initial=initial)
    count = perform(form, services.set_prices, by=person_id(), book_id=pk)
    if count is not None:
        words = ngettext("%(count)s price is set.", "%(count)s prices are set.", count)
        messages.success(request, words % {"count": count})
        on = {"on": form.cleaned_data["starts_on"]}
        return redirect(address_of(reverse("price_book_detail", args=[pk]), on))
    if getattr(getattr(form, "refusal", None), "status", None) == STALE:
        take_version(form, book.version)
    context = {"book": book, "page": page, "on": day, "text": text}
    return form_page(request, "catalog/price_book_prices.html", form, **context)


STALE = 412
