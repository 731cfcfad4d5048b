"""Realignments over the API: drafted, filled with moves, looked at, asked for, taken back."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from common.access import known, seen
from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    acts,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    reads,
    version_of,
)
from common.fields import (
    DayField,
    IdField,
    LineField,
    OneOfField,
    TextField,
    WholeField,
    refused,
)
from common.http import person_id
from common.transaction import reach
from planning.api.effects import EffectSerializer, effect_told
from planning.models import Draft, Move, QuotaPolicy
from planning.selectors.drafts import drafts
from planning.selectors.previews import effect_of
from planning.services import drafts as drafting
from planning.services import realigning
from planning.services.drafts import MOST_ACCOUNTS
from territories.models import Seat

ACCOUNTS = ("account_ids", "into_id", "open_work", "stays_until", "quota")
NAMES: dict[str, tuple[str, ...]] = {
    Move.Kind.NODE: ("territory_id", "into_id"),
    Move.Kind.SEAT: ("territory_id", "seat_kind", "person_id", "open_work", "stays_until", "quota"),
    Move.Kind.ACCOUNTS: ACCOUNTS,
    Move.Kind.MODULE: ("module_id", *ACCOUNTS[1:]),
    Move.Kind.RULE: ("rule_id", "into_id", "open_work", "stays_until"),
}
"""What a move of each kind says, beside its reason."""


class DraftSerializer(StrictSerializer):
    """A realignment: moves that take effect together on `starts_on`. `error` says why publishing it failed."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(max_length=120)
    note = TextField(max_length=1000, required=False, allow_blank=True)
    starts_on = DayField()
    state = OneOfField(choices=Draft.State.choices, read_only=True)
    made_by_id = IdField(read_only=True)
    undoes_id = IdField(read_only=True, allow_null=True)
    approved_by_id = IdField(read_only=True, allow_null=True)
    previewed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    published_at = serializers.DateTimeField(read_only=True, allow_null=True)
    error = LineField(read_only=True)


class MoveSerializer(StrictSerializer):
    """One move of a realignment; what its kind does not need is left out.

    *node*: `territory_id` goes below `into_id`. *seat*: `person_id`, or nobody, takes the seat. *accounts*, *module*,
    *rule*: these go to `into_id`; of accounts one reads those in reach.
    """

    id = IdField(read_only=True)
    kind = OneOfField(choices=Move.Kind.choices)
    territory_id = IdField(required=False, allow_null=True)
    into_id = IdField(required=False, allow_null=True)
    person_id = IdField(required=False, allow_null=True)
    seat_kind = OneOfField(choices=[(kind.value, kind.label) for kind in Seat.LASTING], required=False)
    module_id = IdField(required=False, allow_null=True)
    rule_id = IdField(required=False, allow_null=True)
    account_ids = serializers.ListField(child=IdField(), required=False, max_length=MOST_ACCOUNTS)
    open_work = OneOfField(choices=Move.OpenWork.choices, required=False)
    stays_until = DayField(required=False, allow_null=True)
    quota = OneOfField(choices=QuotaPolicy.choices, required=False)
    reason = LineField(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError for what a move of that kind does not say."""
        kind = attrs["kind"]
        message = _("A move of this kind has no %(name)s. It has: %(known)s.")
        words = ", ".join(NAMES[kind])
        wrong = {
            name: refused(message % {"name": name, "known": words}, "not_of_kind").detail
            for name in attrs
            if name not in ("kind", "reason", *NAMES[kind])
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        _check_quota(kind, attrs.get("quota", QuotaPolicy.PERSON))
        if attrs.get("stays_until") and attrs.get("open_work") != Move.OpenWork.UNTIL:
            message = _('Open work stays until a day only where open_work is "until".')
            raise serializers.ValidationError({"stays_until": refused(message, "not_until").detail})
        return attrs


def _check_quota(kind: str, quota: str) -> None:
    """Raises ValidationError for what does not become of quota on a move of that kind."""
    fits = {QuotaPolicy.PERSON, QuotaPolicy.TERRITORY if kind == Move.Kind.SEAT else QuotaPolicy.ACCOUNTS}
    if quota not in fits:
        message = _("On a move of this kind quota is one of: %(known)s.")
        said = message % {"known": ", ".join(sorted(fits))}
        raise serializers.ValidationError({"quota": refused(said, "quota_of_kind").detail})


class DraftDetailSerializer(DraftSerializer):
    """A realignment with its moves and the effect that was last looked at; `refused` says why it can't be made."""

    moves = serializers.SerializerMethodField()
    effect = serializers.SerializerMethodField()
    refused = serializers.SerializerMethodField()

    @extend_schema_field(MoveSerializer(many=True))
    def get_moves(self, draft: Draft) -> Any:
        moves = list(draft.moves.filter(is_removed=False).order_by("pk"))
        named = {pk for move in moves for pk in move.account_ids}
        rows = Account.objects.visible_to(reach()).filter(pk__in=named)
        in_reach = set(rows.values_list("pk", flat=True)) if named else set()
        for move in moves:
            move.account_ids = [pk for pk in move.account_ids if pk in in_reach]
        return [_told(move) for move in moves]

    @extend_schema_field(EffectSerializer(allow_null=True))
    def get_effect(self, draft: Draft) -> Any:
        return effect_told(effect_of(draft, reach()))

    def get_refused(self, draft: Draft) -> str:
        return str((draft.preview or {}).get("refused", ""))


def _told(move: Move) -> dict[str, Any]:
    """What a move says, without what its kind has not."""
    names = ("id", "kind", *NAMES[move.kind], "reason")
    return {name: value for name, value in MoveSerializer(move).data.items() if name in names}


class ReasonSerializer(StrictSerializer):
    """Why a realignment is to be published."""

    reason = LineField(max_length=200, required=False, allow_blank=True)


class UndoSerializer(StrictSerializer):
    """From which day on a realignment is taken back."""

    starts_on = DayField()


def _draft(pk: int) -> Draft:
    return seen(drafts(reach()), reach(), pk)  # type: ignore[no-any-return]


def _answer(pk: int, status: int = 200) -> Response:
    return Response(DraftDetailSerializer(_draft(pk)).data, status=status)


class DraftListApi(Endpoint):
    """The realignments in reach, newest first, and a new one."""

    asks = known("draft", "read")
    filters = ("after",)

    @lists("realignment_list", DraftSerializer)
    def get(self, request: Request) -> Response:
        return answer_page(drafts(reach()), ["-id"], self.query.get("after"), DraftSerializer)

    @makes("realignment_create", DraftSerializer, DraftDetailSerializer)
    def post(self, request: Request) -> Response:
        draft = drafting.create_draft(by=person_id(), **body_of(DraftSerializer, request))
        return _answer(draft.pk, 201)


class DraftApi(Endpoint):
    """One realignment."""

    asks = known("draft", "read")

    @reads("realignment_detail", DraftDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(pk)

    @edits("realignment_edit", DraftSerializer, DraftDetailSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        _draft(pk)
        changes = body_of(DraftSerializer, request, partial=True)
        drafting.edit_draft(by=person_id(), draft_id=pk, version=version_of(request), **changes)
        return _answer(pk)


class DraftMoveApi(Endpoint):
    """Putting a move into a realignment, which is then to be looked at anew."""

    asks = known("draft", "create")

    @makes("realignment_add_move", MoveSerializer, DraftDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _draft(pk)
        drafting.add_move(by=person_id(), draft_id=pk, **body_of(MoveSerializer, request))
        return _answer(pk, 201)


class MoveRemoveApi(Endpoint):
    """Taking a move out of its realignment."""

    asks = known("draft", "create")

    @acts("realignment_remove_move", NothingSerializer, DraftDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body_of(NothingSerializer, request)
        return _answer(drafting.remove_move(by=person_id(), move_id=pk).draft_id)


class DraftActApi(Endpoint):
    """An act on a realignment as it was read."""

    asks = known("draft", "create")
    takes: type[StrictSerializer] = NothingSerializer

    def acted(self, act: Callable[..., Any], request: Request, pk: int) -> Response:
        _draft(pk)
        body = body_of(self.takes, request)
        act(by=person_id(), draft_id=pk, version=version_of(request), **body)
        return _answer(pk)


class DraftPreviewApi(DraftActApi):
    """Working out what a realignment would change."""

    @edits("realignment_preview", NothingSerializer, DraftDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.acted(realigning.preview_draft, request, pk)


class DraftAskApi(DraftActApi):
    """Asking a second person to publish a realignment that was looked at."""

    takes = ReasonSerializer

    @edits("realignment_ask", ReasonSerializer, DraftDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.acted(realigning.ask_publishing, request, pk)


class DraftReopenApi(DraftActApi):
    """Taking back that a realignment was to be published."""

    @edits("realignment_reopen", NothingSerializer, DraftDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.acted(realigning.reopen_draft, request, pk)


class DraftDropApi(DraftActApi):
    """Giving a realignment up."""

    @edits("realignment_drop", NothingSerializer, DraftDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.acted(drafting.drop_draft, request, pk)


class DraftUndoApi(Endpoint):
    """Drafting the counter-moves of a published realignment; they are looked at and published like any other."""

    asks = known("draft", "create")

    @makes("realignment_undo", UndoSerializer, DraftDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        _draft(pk)
        counter = realigning.undo_draft(by=person_id(), draft_id=pk, **body_of(UndoSerializer, request))
        return _answer(counter.pk, 201)
