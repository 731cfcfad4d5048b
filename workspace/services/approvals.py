"""Asking for what another decides, answering it, and taking it back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Role, found
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.selectors import today
from common.transaction import act, context, now, reach, widened
from workspace.models import Approval, Event
from workspace.selectors.approvals import (
    addressed_to,
    answer_in_words,
    answerers,
    effects_of,
    kind_of,
    nobody_answers,
    stood_in_for,
    waiting_for,
)
from workspace.services.messages import Told, tell, tell_each

State = Approval.State


@dataclass(frozen=True)
class Asked:
    """What is asked for, of a person or else of the kind's role; `key` is what waits for one answer at a time."""

    key: str
    about: str
    url: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    approver_id: int | None = None


@act
def ask(*, by: int, kind: str, asked: Asked) -> Approval:
    """Ask a person, or else whoever holds the kind's role, to decide something; for acts, which have checked authority.

    They are told, and their stand-ins. Raises Conflict where nobody else could answer, Refused where it waits already.
    """
    approval = _approval(by, kind, asked)
    people = answerers(approval, today())
    if not people:
        raise Conflict(nobody_answers(approval), code="nobody_to_answer")
    approval.save(force_insert=True)
    tell(event=Event.APPROVAL_ASKED, people=people, by=by, **_news(approval))
    return approval


def _approval(by: int, kind: str, asked: Asked) -> Approval:
    role = "" if asked.approver_id else kind_of(kind).role
    return Approval(kind=kind, role=role, asked_by_id=by, asked_at=now(), **vars(asked))


def _page(approval: Approval) -> str:
    return reverse("approval_detail", args=[approval.pk])


def _news(approval: Approval, became: str = "") -> dict[str, Any]:
    """Of what people are told; `became`: of what happened to it afterwards."""
    key = f"approval:{approval.pk}" + (f":{became}" if became else "")
    return {"key": key, "about": approval.about, "url": _page(approval)}


def ask_anew(*, by: int, kind: str, asked: Sequence[Asked], why: str) -> None:
    """Ask many people, each of them something of one kind, in the place of what still waits under the same keys.

    For acts, which have checked authority and locked what they ask about.
    """
    withdraw_waiting(by=by, kind=kind, keys=[one.key for one in asked], why=why)
    made = Approval.objects.bulk_create([_approval(by, kind, one) for one in asked], batch_size=1_000)
    tell_each(
        event=Event.APPROVAL_ASKED, by=by, news=[Told(row.approver_id or 0, **_news(row)) for row in made]
    )


def withdraw_waiting(*, by: int, kind: str, keys: Iterable[str], why: str) -> None:
    """Take back what still waits under these keys, because what it was about has changed; for acts."""
    with widened("approval"):
        _take_back(Approval.objects.filter(kind=kind, key__in=list(keys)), by, why)


def _take_back(rows: QuerySet[Approval], by: int, why: str) -> list[Approval]:
    """Withdraw what still waits of these, and answer just that; who answers several locks them in the same order."""
    waiting = rows.filter(state=State.WAITING).order_by("pk")
    taken = list(waiting.select_for_update(no_key=True))
    closing = _closing(by, State.WITHDRAWN, why)
    Approval.objects.filter(pk__in=[row.pk for row in taken]).update(version=F("version") + 1, **closing)
    return taken


def _closing(by: int, state: str, answer: str) -> dict[str, Any]:
    return {"state": state, "answered_by_id": by, "answered_at": now(), "answer": answer}


@act
def answer(*, by: int, approval_id: int, version: int, is_granted: bool, answer: str = "") -> Approval:
    """Approve or refuse what waits: the person asked, anybody of the role asked, or who stands in for them today.

    Never who asked. A granted one runs its act in the same transaction: where that refuses, nothing is answered.
    A refusal needs its reason. Raises Conflict, naming who was faster, and Stale.
    """
    approval = _answered(
        by=by, approval_id=approval_id, version=version, is_granted=is_granted, answer=answer
    )
    _tell_askers([approval], by, is_granted)
    return approval


@act
def answer_many(
    *, by: int, chosen: Sequence[tuple[int, int]], is_granted: bool, answer: str = ""
) -> list[Approval]:
    """Answer several alike, each read at its version, or none of them: the refusal names those that fail and why."""
    done, failed = [], []
    for pk, version in sorted(chosen):
        try:
            done.append(
                _answered(by=by, approval_id=pk, version=version, is_granted=is_granted, answer=answer)
            )
        except NotInReach:
            raise
        except Refused as refused:
            if refused.path == "answer":
                raise
            failed.append(f"{_name(pk)}: {refused.message}")
    if failed:
        raise Conflict(_("Nothing was answered. %(why)s") % {"why": " ".join(failed)}, path="chosen")
    _tell_askers(done, by, is_granted)
    return done


def _name(pk: int) -> str:
    with widened("approval"):
        return str(Approval.objects.values_list("about", flat=True).get(pk=pk))


@act
def _answered(*, by: int, approval_id: int, version: int, is_granted: bool, answer: str) -> Approval:
    approval, note = _to_answer(by, approval_id), answer.strip()
    if not is_granted and not note:
        message = _("Say why, so that whoever asked knows what to change.")
        raise Refused(message, path="answer", code="reason_needed")
    absent = stood_in_for(approval, by)
    closing = _closing(by, State.GRANTED if is_granted else State.REFUSED, note)
    closing["effect"] = effects_of([approval])[
        approval.pk
    ]  # read before it is done: after it, it has been done
    _close(approval, version, **closing, answered_for_id=absent.pk if absent else None)
    run = kind_of(approval.kind).act
    if is_granted and run:
        run(by=by, approval_id=approval.pk, **approval.payload)
    return approval


def _to_answer(by: int, approval_id: int) -> Approval:
    """What this person may answer. Raises NotInReach, Conflict where it is answered, else Forbidden."""
    with widened("approval"):
        # Read last, so that whoever finds it answered meanwhile is told by whom.
        waits = waiting_for(by, today()).filter(pk=approval_id).exists()
        is_seen = waits or addressed_to(by, today()).filter(pk=approval_id).exists()
        approval = _read(approval_id)
    if waits:
        return approval
    if not (is_seen or reach().allows("approval", "read", approval)):
        raise NotInReach()
    if approval.asked_by_id == by:
        raise Forbidden(_("Nobody answers what they asked for themselves."))
    if approval.state != State.WAITING:
        raise Conflict(answer_in_words(approval), code="answered")
    raise Forbidden(_("This is for somebody else to answer."))


def _read(approval_id: int) -> Approval:
    people = ("asked_by", "approver", "answered_by", "answered_for")
    approval: Approval = found(Approval.objects.select_related(*people).filter(pk=approval_id).first())
    return approval


def _close(approval: Approval, version: int, **changes: Any) -> None:
    """Close what still waits at that version. Raises Conflict, naming who was faster, else Stale."""
    with widened("approval"):
        try:
            Approval.objects.filter(state=State.WAITING).change(approval.pk, version, **changes)
        except Stale:
            latest = _read(approval.pk)
            if latest.state == State.WAITING:
                raise
            raise Conflict(answer_in_words(latest), code="answered") from None


def _tell_askers(answered: Sequence[Approval], by: int, is_granted: bool) -> None:
    by_asker: dict[int, list[Approval]] = defaultdict(list)
    for approval in answered:
        by_asker[approval.asked_by_id].append(approval)
    news = [Told(asker, **_news_of(rows, is_granted)) for asker, rows in by_asker.items()]
    tell_each(event=Event.APPROVAL_ANSWERED, by=by, news=news)


def _news_of(rows: Sequence[Approval], is_granted: bool) -> dict[str, Any]:
    """Of one answer the thing itself, of several alike the first one and how many there are."""
    became = _became(rows, is_granted)
    if len(rows) == 1:
        return _news(rows[0], became)
    key, url = f"approvals:{context().request_id}:{became}", reverse("inbox")
    return {"key": key, "about": rows[0].about, "url": url, "count": len(rows)}


def _became(rows: Sequence[Approval], is_granted: bool) -> str:
    """The answer as the end of a message's key, from which its sentence says what was answered."""
    if not is_granted:
        return "refused"
    return "accepted" if all(kind_of(row.kind).is_acceptance for row in rows) else "granted"


@act
def withdraw(*, by: int, approval_id: int, version: int) -> Approval:
    """Take back what one asked for, before it is answered. Raises Conflict where somebody answered, and Stale."""
    approval: Approval = found(Approval.objects.filter(pk=approval_id, asked_by=by).first())
    _close(approval, version, **_closing(by, State.WITHDRAWN, ""))
    return approval


def settle(*, by: int, user_id: int, why: str) -> None:
    """Let nothing wait for a person who left, or be asked by them; part of an act that checked authority.

    What was asked of them passes to the administrators, who are told. What only they could have answered, what nobody
    else is left to answer and what they asked for is withdrawn, and told to who asked.
    """
    theirs = Q(approver=user_id) | Q(asked_by=user_id) | ~Q(role="")
    rows = Approval.objects.filter(theirs, state=State.WAITING).order_by("pk")
    over = [row.pk for row in rows.select_for_update(no_key=True) if not _goes_on(row, user_id)]
    taken = _take_back(Approval.objects.filter(pk__in=over), by, why)
    news = [Told(row.asked_by_id, **_news(row, "left")) for row in taken if row.asked_by_id != user_id]
    tell_each(event=Event.APPROVAL_ANSWERED, by=by, news=news)


def _goes_on(row: Approval, user_id: int) -> bool:
    """Whether somebody can answer it without the person who left; what was asked of them by name then passes on."""
    passes = row.approver_id == user_id and kind_of(row.kind).is_delegable
    if passes:
        row.approver_id, row.role = None, Role.ADMIN
    people = set() if user_id in (row.asked_by_id, row.approver_id) else answerers(row, today())
    if people and passes:
        Approval.objects.change(row.pk, row.version, approver_id=None, role=Role.ADMIN)
        tell(event=Event.APPROVAL_ASKED, people=people, by=row.asked_by_id, **_news(row, "passed"))
    return bool(people)


def check_granted(*, by: int, approval_id: int, kind: str, payload: dict[str, Any]) -> None:
    """That the running transaction granted just this: what an act asks that takes a second person.

    A grant serves once, in the transaction of its answer. Raises Forbidden for anything else.
    """
    with widened("approval"):
        rows = Approval.objects.filter(pk=approval_id, kind=kind, payload=payload, state=State.GRANTED)
        is_granted = rows.filter(answered_by=by, answered_at=now()).exclude(asked_by=by).exists()
    if not is_granted:
        raise Forbidden(_("This takes the approval of a second person."))
