"""The board, and the move of a deal that its cards, its menus and the deal's page share."""

from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from common.access import found
from common.errors import Refused, Stale
from common.history import history_of
from common.http import NO_TEXT, address_of, chosen, form_page, perform, person_id, sent, strict_query, whole
from common.pickers import settled
from common.selectors import today
from common.slots import slot_urls
from common.transaction import reach
from pipeline import services
from pipeline.forms.filters import NAMES, FilterForm, filters_of, with_own
from pipeline.forms.opportunities import MoveForm
from pipeline.models import Opportunity, SalesModel, Stage
from pipeline.selectors.board import LANES, Column, board, board_totals, cards, models_to_show
from pipeline.selectors.criteria import left_stage, passed
from pipeline.selectors.offers import Owners
from pipeline.selectors.opportunities import opportunity
from pipeline.views.editable import mark_editable
from pipeline.views.tabs import chips_of, ready_views, tabs_of

BOARD_FILTERS = (*(name for name in NAMES if name not in ("state", "stage")), "model", "lanes")
"""What the board may be asked for, besides filters by own fields and the lanes that are folded (`folded`)."""


@require_safe
def opportunity_board(request: HttpRequest) -> HttpResponse:
    """What is in play, by stage."""
    if address := settled(request, owner=Owners()):
        return redirect(address)
    names = with_own(BOARD_FILTERS)
    query, mine, day = strict_query(request, *names, "folded"), reach(), today()
    models, shown = models_to_show(person_id(), whole(query, "model"))
    lanes = chosen(query, "lanes", ["", *LANES], "")
    found_board = board(mine, filters_of(query), day, shown, lanes)
    cells = [*found_board.columns, *(cell for lane in found_board.lanes for cell in lane.cells)]
    mark_editable(deal for cell in cells for deal in cell.cards)
    filters = FilterForm(query, mine, day, names)
    context = {
        "board": found_board,
        "lanes": lanes,
        "models": [_segment(query, model, shown) for model in models],
        "folded": query.get("folded", "").split(","),
        "filters": filters,
        "chips": chips_of(request, filters),
        **ready_views(request, "opportunity_board", query),
        "tabs": tabs_of("opportunity_board", query),
        "may_create": bool(mine.relations("opportunity", "create")),
        "today": day,
    }
    return render(request, "pipeline/opportunity_board.html", context)


@require_safe
def opportunity_cards(request: HttpRequest) -> HttpResponse:
    """The next cards of a column of the board, to be put below the others."""
    names = [*with_own(BOARD_FILTERS), "folded", "stage", "after"]
    query, mine, day = strict_query(request, *names), reach(), today()
    asked, offered = whole(query, "stage"), Stage.objects.offered().filter(kind=Stage.Kind.OPEN)
    stage: Stage = found((offered.filter(pk=asked) if asked else offered).first())
    page = cards(mine, filters_of(query), day, stage.pk, query.get("after", ""))
    column = Column(stage, page.rows, page.after)
    mark_editable(column.cards)
    return render(request, "pipeline/_cards.html", {"column": column, "today": day, "lanes": ""})


@require_http_methods(["GET", "HEAD", "POST"])
def opportunity_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a deal: a won stage asks for the booking instead, a lost one for its reason.

    `?stage=`: the one that is chosen at first; `?lose=1`: it is lost; `?next=`: where it goes on from there.
    """
    query, mine = strict_query(request, "stage", "lose", "next"), reach()
    deal = opportunity(mine, pk)
    if not mine.allows("opportunity", "book", deal):
        mine.require("opportunity", "update", deal)
    left = left_stage(deal)
    first, loses = whole(query, "stage"), "lose" in query
    form = MoveForm(sent(request), deal=deal, left=left, stage_id=first, loses=loses)
    moved = perform(form, services.move_stage, by=person_id(), opportunity_id=pk)
    if moved is not None:
        return _moved(request, opportunity(mine, pk), left)
    refused: Refused | None = getattr(form, "refusal", None)
    if refused and refused.code == "win_by_booking":
        return booking(request, deal)
    if isinstance(refused, Stale) and _from_card(request):
        return _where_it_is(request, opportunity(mine, pk))
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
    known = with_own(BOARD_FILTERS)
    query = {name: str(value) for name, value in asked.items() if name in known and value}
    if any(NO_TEXT.search(value) for value in query.values()):
        query = {}
    _models, shown = models_to_show(person_id(), whole(query, "model"))
    lanes = query.get("lanes", "") if query.get("lanes") in LANES else ""
    totals = board_totals(reach(), filters_of(query), today(), shown, lanes)
    deal.may_edit = reach().allows("opportunity", "update", deal)  # type: ignore[attr-defined]  # also a lost one
    context = {"moved": [deal], "board": totals, "today": today(), "lanes": lanes}
    return render(request, "pipeline/_moved_card.html", context)


def _where_it_is(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """The card where somebody else put it meanwhile, and who that was."""
    latest = next(iter(history_of(deal, ["version"])), None)
    words = {"by": latest.by if latest else "", "name": deal.name, "stage": deal.stage.name}
    text = _("%(by)s changed %(name)s meanwhile. It is in %(stage)s now.") % words
    answer = _card(request, deal)
    answer.status_code, answer["HX-Reswap"] = Stale.status, "outerHTML"
    return trigger_client_event(answer, "toast", {"text": text, "level": "warning"})


def booking(request: HttpRequest, deal: Opportunity) -> HttpResponse:
    """The booking form: in the dialog over the board, or as a page."""
    return _into_dialog(request, slot_urls("opportunity.win", deal.pk)[0])


def ask_why_lost(request: HttpRequest, deal: Opportunity, stage_id: int) -> HttpResponse:
    """The form that asks why a deal is lost: in the dialog over the list, or as a page."""
    came = address_of(
        reverse("opportunity_move", args=[deal.pk]), {"stage": stage_id, "next": _came_from(request)}
    )
    return _into_dialog(request, came)


def _into_dialog(request: HttpRequest, address: str) -> HttpResponse:
    if not _from_card(request):
        return redirect(address)
    response = render(request, "pipeline/_open_dialog.html", {"address": address})
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog-body", "innerHTML"
    return response


def _from_card(request: HttpRequest) -> bool:
    """Whether a card of the board, or a cell of the list, asks from where it lies."""
    return request.headers.get("HX-Target", "").startswith(("card-", "cell-"))


def _board_of(request: HttpRequest) -> SplitResult:
    """The address of the board on which the card lies; an empty one where the browser's word is no address."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def _came_from(request: HttpRequest) -> str:
    """The page of this site that the move came from, or nothing: named by the form, or where its card lies."""
    lies = _board_of(request) if _from_card(request) else None
    address = (
        urlunsplit(("", "", lies.path, lies.query, ""))
        if lies
        else request.POST.get("next") or request.GET.get("next", "")
    )
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else ""
