"""What two moves of one realignment would both take along."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from accounts.models import Account, AccountTerritory, Cause, ModuleMember
from accounts.selectors.placing import some_of
from common.transaction import reach
from planning.models import Move


def unseen_of(move: Move) -> list[int]:
    """The accounts that a move names and that the reader no longer sees, or that were merged."""
    if not move.account_ids:
        return []
    seen = Account.objects.visible_to(reach()).filter(pk__in=move.account_ids, merged_into=None)
    return sorted(set(move.account_ids).difference(seen.values_list("pk", flat=True)))


def taken_along(moves: Sequence[Move], day: date) -> list[set[int]]:
    """The accounts that each of these moves takes along on that day, as far as the running act sees them: those that it
    names, those of its module, or those that its rule placed.
    """
    members: dict[int, set[int]] = defaultdict(set)
    placed: dict[tuple[int, str], set[int]] = defaultdict(set)
    if modules := {move.module_id for move in moves if move.kind == Move.Kind.MODULE}:
        rows = ModuleMember.objects.on(day).filter(module__in=modules)
        for module, account in rows.values_list("module_id", "account_id"):
            members[module].add(account)
    if rules := {move.rule_id for move in moves if move.kind == Move.Kind.RULE}:
        there = AccountTerritory.objects.on(day).filter(cause=Cause.RULE, cause_id__in=rules)
        for rule, coverage, account in there.values_list("cause_id", "coverage", "account_id"):
            placed[rule, coverage].add(account)

    def taken(move: Move) -> set[int]:
        if move.kind == Move.Kind.MODULE:
            return members[move.module_id or 0]
        return (
            placed[move.rule_id or 0, move.coverage] if move.kind == Move.Kind.RULE else set(move.account_ids)
        )

    return [taken(move) for move in moves]


def twin_of(move: Move, day: date) -> tuple[Move, str] | None:
    """The first other move of the draft that moves the same, and what that is by name: the same territory, seat or
    rule, or accounts for the same coverage, whichever way each move names them.
    """
    rows = Move.objects.filter(draft=move.draft_id, is_removed=False).exclude(pk=move.pk)
    others = list(
        rows.select_related("draft", "territory", "into", "person", "module", "rule").order_by("pk")
    )
    [taken] = taken_along([move], day)
    theirs = taken_along(others, day) if taken else [taken] * len(others)
    for other, accounts in zip(others, theirs, strict=True):
        if other.kind == move.kind and _subject(other) == _subject(move) is not None:
            return other, _named(other)
        if other.coverage == move.coverage and (both := taken & accounts):
            return other, names_of(both)
    return None


def _subject(move: Move) -> tuple[int | str | None, ...] | None:
    """The one thing that a move is about, if it is about one."""
    if move.kind in (Move.Kind.NODE, Move.Kind.SEAT):
        return move.territory_id, move.seat_kind
    if move.kind == Move.Kind.ACCOUNTS:
        return None
    return move.module_id, move.rule_id


def _named(move: Move) -> str:
    return str(move.territory or move.module or move.rule)


def names_of(ids: Collection[int]) -> str:
    """Some of these accounts by name, and how many more there are."""
    named = Account.objects.filter(pk__in=list(ids)).order_by("name_key", "pk")
    return some_of(named.values_list("name", flat=True))
