"""The board, and the move of a deal that its cards, its menus and the deal's page share."""

from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from common.errors import Refused
from common.http import FORM, NO_TEXT, address_of, form_page, perform, person_id, sent, strict_query, whole
from common.pickers import settled
from common.selectors import today
from common.slots import slot_urls
from common.transaction import reach
from pipeline import services
from pipeline.forms.filters import NAMES, FilterForm, filters_of
from pipeline.forms.opportunities import MoveForm
from pipeline.models import Opportunity, SalesModel, Stage
from pipeline.selectors.board import board, board_totals, models_to_show
from pipeline.selectors.criteria import left_stage, passed
from pipeline.selectors.offers import Owners
from pipeline.selectors.opportunities import opportunity

BOARD_FILTERS = (*(name for name in NAMES if name not in ("state", "stage")), "model")


@require_safe
def opportunity_board(request: HttpRequest) -> HttpResponse:
    """What is in play, by stage."""
    if address := settled(request, owner=Owners()):
        return redirect(address)
    query, mine, day = strict_query(request, *BOARD_FILTERS), reach(), today()
    models, shown = models_to_show(person_id(), whole(query, "model"))
    context = {
        "columns": board(mine, filters_of(query), day, shown),
        "models": [_segment(query, model, shown) for model in models],
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
    left = left_stage(deal)
    form = MoveForm(sent(request), deal=deal, left=left)
    moved = perform(form, services.move_stage, by=person_id(), opportunity_id=pk)
    if moved is not None:
        return _moved(request, opportunity(mine, pk), left)
    refused: Refused | None = getattr(form, "refusal", None)
    if refused and refused.code == "win_by_booking":
        return _book(request, deal)
    return form_page(request, "pipeline/opportunity_move.html", form, deal=deal, next=_came_from(request))


def _segment(query: dict[str, str], model: SalesModel, shown: int | None) -> dict[str, Any]:
    """The board of a sales model, as the reader has filtered it."""
    url = address_of(reverse("opportunity_board"), {**query, "model": model.pk})
    return {"label": model.name, "url": url, "active": model.pk == shown}


def _moved(request: HttpRequest, deal: Opportunity, left: Stage) -> HttpResponse:
    """The card where a card was moved, else the page that the move came from."""
    unmet = "; ".join(asked.criterion.text for asked in passed(deal, left, deal.stage) if not asked.is_met)
    warning = _("%(name)s went on without: %(criteria)s.") % {"name": deal.name, "criteria": unmet}
    if _from_card(request):
        said = {"text": warning, "level": "warning"}
        card = _card(request, deal)
        return trigger_client_event(card, "toast", said) if unmet else card
    if unmet:
        messages.warning(request, warning)
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
    _models, shown = models_to_show(person_id(), whole(query, "model"))
    columns = board_totals(reach(), filters_of(query), today(), shown)
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
