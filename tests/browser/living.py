"""The cast after some weeks of use: tables brought in and taken back, news, approvals, changed settings."""

from dataclasses import dataclass
from datetime import timedelta

from common.access import Reach
from common.models import Period
from common.selectors import period_of, today
from common.services import add_day_off, set_policy
from common.transaction import now, work
from imports.services import undo_batch
from quotas.services import set_quota
from territories.models import User
from territories.services import create_person, deactivate
from tests.cast import Cast
from tests.closing import close_period
from tests.imports.tables import Tables, as_admin
from workspace.models import Approval, Event, Invitation, Message
from workspace.services import (
    add_person,
    add_value,
    answer,
    ask_reopening,
    name_stand_in,
    offer_value,
    tell,
)

WRONG = {
    "territories": ("Code | Name | Parent", "N | North | ", "A | Aa | Norht", "EAST-9 |  | EAST"),
    "people": (
        "Name | E-mail | Role | Manager",
        "Ann Baker | ann.x.example | seller | Mona Manger",
        "Bob Carter |  | rep | Mona Manager",
        "Cem Demir | cem@example.com | rep | Mona Manager",
    ),
    "products": (
        "Code | Name | Family | List price",
        "SRV | Server | Hardware | 12.000,5x",
        " | Rack | Hardware | 5",
    ),
    "accounts": ("Name | Owner | Territory", "Fir | Nobody Known | ", "Elm | | Nowhere", "Oak | Rita Rep | "),
    "opportunities": (
        "Name | Account | Owner | Stage | Close date | Amount",
        "Racks | Acron | rep@example.com | Propsal | 31.06.2026 | 12,50,0",
        "Blades | Acorn | rep@example.com | Proposal |  | 5",
    ),
    "quotas": ("Person | 2026-Q9", "Rita Rep | 5"),
    "openings": (
        "Person | Territory | Day | Quarter | Family | Amount",
        "Nobody Known |  |  | 2026-Q1 | Hardware | 100",
        "Rita Rep |  |  | 2026-Q1 | Hardwar | 1,x",
    ),
}
"""For each table of the set-up lines of which none or few can be taken."""


@dataclass(frozen=True)
class Living:
    """What the pages of a living company are about, by id."""

    wrong: dict[str, int]
    applied: int
    stays: int
    undone: int
    invited: int
    left: int
    closed: int
    waiting: int
    answered: int
    acceptance: int


def bring_to_life(cast: Cast) -> Living:
    """What happened in a company, each act done by who may."""
    other = _second_admin(cast)
    batches = _tables(cast)
    quarters = _settings(cast)
    invited, left = _people(cast)
    answered, waiting = _approvals(cast, other, quarters)
    with as_admin(cast.admin):
        acceptance = Approval.objects.filter(kind="quota_accept", approver=cast.rep).latest("pk").pk
    _news(cast)
    return Living(*batches, invited, left, quarters[3].pk, waiting, answered, acceptance)


def _second_admin(cast: Cast) -> User:
    with as_admin(cast.admin):
        return create_person(
            by=cast.admin.pk, email="ben@example.com", name="Ben Admin", role="admin", starts_on=today()
        )


def _settings(cast: Cast) -> list[Period]:
    """Changed settings, days off, lists, four closed quarters and quotas; the quarters."""
    admin, day = cast.admin.pk, today()
    with as_admin(cast.admin):
        running = period_of(day)
        assert running
        quarters = list(Period.objects.filter(kind="quarter", stops_on__lte=running.starts_on))[-4:]
        for quarter in quarters:
            close_period(quarter.pk)
        set_policy(by=admin, name="stalled_after_days", value=45, reason="Our cycles are longer")
        set_policy(by=admin, name="stalled_after_days", value=60, starts_on=day)
        for name, ahead in (("Christmas Day", 34), ("Founders' day", 90)):
            add_day_off(by=admin, on=day + timedelta(days=ahead), name=name)
        add_value(by=admin, name="industry", value="Food and beverages")
        value = add_value(by=admin, name="lost_reason", value="Went to tender")
        offer_value(by=admin, value_id=value.pk, version=value.version, is_offered=False)
        for person, amount in ((cast.rep, 125_000_00), (cast.peer, 98_765_43)):
            set_quota(by=admin, period_id=running.pk, person_id=person.pk, amount_minor=amount)
    return quarters


def _tables(cast: Cast) -> tuple[dict[str, int], int, int, int]:
    """Tables that are wrong, by name; one that is in, one that can't be taken back any more, one that was."""
    tables = Tables(cast.admin)
    stays = tables.bring(
        "people", "Name | E-mail | Role | Manager", "Tom Taken | tom@example.com | rep | Mona Manager"
    )
    undone = tables.bring("products", "Code | Name | Family | List price", "SAW | Saw | Hardware | 100")
    applied = tables.bring("accounts", "Number | Name | Owner", "N-1 | Nine Elms | Tom Taken")
    with as_admin(cast.admin):
        undo_batch(by=cast.admin.pk, batch_id=undone.pk)
    wrong = {name: tables.check(name, *lines).pk for name, lines in WRONG.items()}
    return wrong, applied.pk, stays.pk, undone.pk


def _people(cast: Cast) -> tuple[int, int]:
    """Somebody invited, somebody whose invitation has ended, somebody who left; the first and the last."""
    admin, day, style = cast.admin.pk, today(), {"locale": "en-US", "time_zone": "UTC"}
    with as_admin(cast.admin):
        names = ("Nina Newcomer", "Edgar Late-Bartholomew", "Lena Left")
        nina, edgar, lena = (
            add_person(
                by=admin,
                name=name,
                email=f"{name.split()[0].lower()}@example.com",
                role="rep",
                starts_on=day,
                **style,
            )
            for name in names
        )
        Invitation.objects.filter(user=edgar).update(expires_at=now() - timedelta(days=1))
        deactivate(by=admin, user_id=lena.pk, version=User.objects.get(pk=lena.pk).version, why="left")
        name_stand_in(
            by=admin,
            person_id=cast.manager.pk,
            stand_in_id=cast.other_manager.pk,
            starts_on=day,
            stops_on=day + timedelta(days=14),
            reason="Parental leave",
        )
    return nina.pk, lena.pk


def _approvals(cast: Cast, other: User, quarters: list[Period]) -> tuple[int, int]:
    """What the other administrator asked for: one answered, and the first of two that wait."""
    with as_admin(other):
        asked = [
            ask_reopening(by=other.pk, period_id=quarter.pk, reason="A late order of a customer in the south")
            for quarter in quarters[:3]
        ]
    with as_admin(cast.admin):
        answer(
            by=cast.admin.pk,
            approval_id=asked[0].pk,
            version=asked[0].version,
            is_granted=False,
            answer="Not now",
        )
    return asked[0].pk, asked[1].pk


def _news(cast: Cast) -> None:
    """A few of every kind; a mail that was given up."""
    with work(by=None, why="news", reach=Reach.everything()):
        for person in (cast.admin, cast.rep, cast.director):
            for event in (Event.ACCOUNT_CAME, Event.DEAL_CAME, Event.DEAL_CHANGED):
                tell(
                    event=event,
                    people=[person.pk],
                    key="1",
                    about="Acorn renewal",
                    url="/accounts/",
                    by=cast.peer.pk,
                )
        tell(event=Event.RUN_FAILED, people=[cast.admin.pk], key="1", about="attainment 2026-05-19")
        Message.objects.filter(event=Event.RUN_FAILED).update(
            mail_due_at=now(), mail_taken_at=now(), mail_tries=8, mail_error="550 5.1.1 No such user here"
        )
