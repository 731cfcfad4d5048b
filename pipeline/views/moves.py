"""The board, and the move of a deal that its cards, its menus and the deal's page share."""

from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.errors import Refused
from common.http import FORM, NO_TEXT, form_page, perform, person_id, sent, strict_query
from common.pickers import settled
from common.selectors import today
from common.slots import slot_urls
from common.transaction import reach
from pipeline import services
from pipeline.forms.filters import NAMES, FilterForm, filters_of
from pipeline.forms.opportunities import MoveForm
from pipeline.models import Opportunity
from pipeline.selectors.board import board, board_totals
from pipeline.selectors.offers import Owners
from pipeline.selectors.opportunities import opportunity

BOARD_FILTERS = tuple(name for name in NAMES if name not in ("state", "stage"))


@require_safe
def opportunity_board(request: HttpRequest) -> HttpResponse:
    """What is in play, by stage."""
    if address := settled(request, owner=Owners()):
        return redirect(address)
    query, mine, day = strict_query(request, *BOARD_FILTERS), reach(), today()
    context = {
        "columns": board(mine, filters_of(query), day),
        "filters": FilterForm(query, mine, day, BOARD_FILTERS),
        "may_edit": bool(mine.relations("opportunity", "update")),
        "may_create": bool(mine.relations("opportunity", "create")),
        "today": day,
    }
    return render(request, "pipeline/opportunity_board.html", context)


@FORM
def opportunity_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a deal: a won stage asks for the booking instead, a lost one for its reason."""
    mine = reach()
    deal = opportunity(mine, pk)
    if not mine.allows("opportunity", "book", deal):
        mine.require("opportunity", "update", deal)
    form = MoveForm(sent(request), initial={"stage": deal.stage_id, "version": deal.version})
    moved = perform(form, services.move_stage, by=person_id(), opportunity_id=pk)
    if moved is not None:
        return _moved(request, opportunity(mine, pk))
    refused: Refused | None = getattr(form, "refusal", None)
    if refused and refused.code == "win_by_booking":
        return _book(request, deal)
    return form_page(request, "pipeline/opportunity_move.html", form, deal=deal, next=_came_from(request))


def _moved(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """The card where a card was moved, else the page that the move came from."""
    if _from_card(request):
        return _card(request, deal)
    messages.success(
        request, _("%(name)s is now in %(stage)s.") % {"name": deal.name, "stage": deal.stage.name}
    )
    return redirect(_came_from(request) or reverse("opportunity_detail", args=[deal.pk]))


def _card(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """The card as it now is, and the heads of all columns, for the board's own filters."""
    asked = QueryDict(_board_of(request).query)
    query = {name: str(value) for name, value in asked.items() if name in BOARD_FILTERS and value}
    if any(NO_TEXT.search(value) for value in query.values()):
        query = {}
    columns = board_totals(reach(), filters_of(query), today())
    context = {"deal": deal, "columns": columns, "may_edit": True, "today": today()}
    return render(request, "pipeline/_moved_card.html", context)


def _book(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """The booking form: in the dialog over the board, or as a page."""
    address = slot_urls("opportunity.win", deal.pk)[0]
    if not _from_card(request):
        return redirect(address)
    response = render(request, "pipeline/_open_dialog.html", {"address": address})
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog-body", "innerHTML"
    return response


def _from_card(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target", "").startswith("card-")


def _board_of(request: HttpRequest) -> SplitResult:
    """The address of the board on which the card lies; an empty one where the browser's word is no address."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def _came_from(request: HttpRequest) -> str:
    """The page of this site that the move came from, or nothing: named by the form, or where its card lies."""
    lies = _board_of(request) if _from_card(request) else None
    address = urlunsplit(("", "", lies.path, lies.query, "")) if lies else request.POST.get("next", "")
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else ""
