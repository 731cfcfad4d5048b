"""A corporate family with its figures, and accounts that are one, over the API."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, AccountMerge
from common.access import known, seen
from common.api import (
    Endpoint,
    NothingSerializer,
    StrictSerializer,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    only,
    reads,
    version_of,
)
from common.fields import AmountField, DayField, IdField, LineField, WholeField
from common.http import BadQuery, person_id, whole
from common.transaction import reach
from planning.selectors.family import Family, Member, family
from planning.selectors.merging import merging
from planning.services.merging import merge_accounts, undo_merge

STAYS = only("survivor", "The account that stays, by its id.")
SURVIVOR = only("account", "Only what was merged into this account, by its id.")


class FamilyFiguresSerializer(StrictSerializer):
    """Accounts, open pipeline at the plan rate and this fiscal year's order intake; null where that is not seen."""

    accounts = WholeField()
    pipeline = AmountField()
    intake = AmountField(allow_null=True)


class FamilyMemberSerializer(StrictSerializer):
    """One account of a family: by itself, and with all below it as far as the reader sees the rows.

    `more` counts those directly below it that are not listed.
    """

    account_id = IdField(source="account.pk")
    parent_id = IdField(allow_null=True)
    name = LineField(source="account.name")
    own = FamilyFiguresSerializer()
    subtree = FamilyFiguresSerializer(source="all")
    more = WholeField()


class AccountFamilySerializer(StrictSerializer):
    """Those above an account, itself, and those directly below it, from the top down; `year` is that of the intake."""

    year = LineField(source="year.code", allow_null=True, default=None)
    members = FamilyMemberSerializer(many=True)


class MergeEffectSerializer(StrictSerializer):
    """What a merge would give to the account that stays; orders and entries of the books stay where they are."""

    open_deals = WholeField()
    closed_deals = WholeField()
    activities = WholeField()
    contacts = WholeField()
    subsidiaries = WholeField()
    orders = WholeField()
    first_ordered_on = DayField(allow_null=True)


class AskedMergeSerializer(StrictSerializer):
    """The account that stays, and why both are one."""

    survivor_id = IdField()
    reason = LineField(max_length=120)


class AccountMergeSerializer(StrictSerializer):
    """An account that was merged into another one; once undone `kept` counts what stayed, by its kind."""

    id = IdField()
    version = WholeField()
    merged_id = IdField()
    survivor_id = IdField()
    reason = LineField()
    by_id = IdField()
    merged_at = serializers.DateTimeField()
    undone_by_id = IdField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    kept = serializers.SerializerMethodField()

    def get_kept(self, merge: AccountMerge) -> dict[str, int]:
        return {name: len(ids) for name, ids in merge.kept.items() if ids}


class AccountFamilyApi(Endpoint):
    """The corporate family of an account."""

    @reads("account_family", AccountFamilySerializer)
    def get(self, request: Request, pk: int) -> Response:
        whole_family = family(reach(), seen(Account.objects.all(), reach(), pk))
        members = [_member(one) for one in whole_family.members]
        return Response(AccountFamilySerializer(Family(members, whole_family.year)).data)


def _member(one: Member) -> Any:
    """A member with the one above it, which its place in the tree names."""
    above = one.path.split("/")[-2:-1]
    return {**vars(one), "parent_id": int(above[0]) if above else None}


class AccountMergeApi(Endpoint):
    """What merging an account into another one moves, and doing it."""

    asks = known("account_merge", "update")
    filters = ("survivor",)

    @reads("account_merge_effect", MergeEffectSerializer, STAYS)
    def get(self, request: Request, pk: int) -> Response:
        merged, into = seen(Account.objects.all(), reach(), pk), whole(self.query, "survivor")
        if into is None:
            raise BadQuery(
                _("Say into which account, such as %(name)s.") % {"name": "?survivor=7"}, path="survivor"
            )
        return Response(
            MergeEffectSerializer(merging(seen(Account.objects.all(), reach(), into), merged)).data
        )

    @makes("account_merge", AskedMergeSerializer, AccountMergeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        seen(Account.objects.all(), reach(), pk)
        body = body_of(AskedMergeSerializer, request)
        merge = merge_accounts(by=person_id(), merged_id=pk, **body)
        return Response(
            AccountMergeSerializer(seen(AccountMerge.objects.all(), reach(), merge.pk)).data, status=201
        )


class AccountMergeListApi(Endpoint):
    """What was merged into which account, newest first, also what was undone."""

    asks = known("account_merge", "read")
    filters = ("account", "after")

    @lists("account_merge_list", AccountMergeSerializer, SURVIVOR)
    def get(self, request: Request) -> Response:
        rows, account = AccountMerge.objects.all(), whole(self.query, "account")
        rows = rows if account is None else rows.filter(survivor=account)
        return answer_page(rows, ["-id"], self.query.get("after"), AccountMergeSerializer)


class AccountMergeUndoApi(Endpoint):
    """Putting back what a merge moved, where it still stands as the merge left it."""

    asks = known("account_merge", "update")

    @edits("account_merge_undo", NothingSerializer, AccountMergeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        seen(AccountMerge.objects.all(), reach(), pk)
        body_of(NothingSerializer, request)
        merge = undo_merge(by=person_id(), merge_id=pk, version=version_of(request))
        return Response(AccountMergeSerializer(merge).data)
