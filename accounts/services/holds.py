"""Holds: an account stays with a person for a time."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory, Hold
from accounts.selectors.places import territory_on
from accounts.services.merged import refuse_merged
from accounts.services.turns import wait_for_runs
from common.access import seen
from common.dated import make_room_for_all
from common.errors import Refused
from common.locale import format_date
from common.selectors import today
from common.transaction import act, reach
from territories.models import Territory, User
from territories.selectors import owner_of


@act
def hold_account(
    *, by: int, account_id: int, person_id: int, starts_on: date, stops_on: date, reason: str = ""
) -> Hold:
    """Keep a customer with a person until a day, whatever rules and realignments say.

    The person owns the account's territory on the first day. Administrators, and directors within the subtree that
    they lead, where the account is today and on that day. Raises Refused for a person who left or who doesn't own it,
    an end before its start, where somebody holds the account already, where it is planned to go to somebody else before
    the hold ends, and for an account that was merged into another one.
    """
    wait_for_runs()
    account = seen(Account.objects.select_for_update(no_key=True), reach(), account_id)
    for place in (account.territory_id, territory_on(account_id, starts_on)):
        reach().require("account", "assign", {"territory_id": place})
    refuse_merged([account])
    if stops_on <= starts_on:
        raise Refused(_("The end must come after the start."), path="stops_on")
    _check_person(account, person_id, starts_on)
    _check_free(account, starts_on, stops_on)
    _check_planned(account, person_id, starts_on, stops_on)
    span = {"starts_on": starts_on, "stops_on": stops_on}
    return Hold.objects.create(
        account=account, person_id=person_id, reason=reason.strip(), recorded_by_id=by, **span
    )


def _check_person(account: Account, person_id: int, day: date) -> None:
    """Raises Refused unless the person is here and owns the territory in which the account is on the day."""
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise Refused(_("Choose a person who is still here."), path="person_id")
    place = Territory.objects.get(pk=territory_on(account.pk, day))
    owner = owner_of(place.pk, day)
    if owner is None or owner.pk != person.pk:
        message = _(
            "%(person)s doesn't own %(territory)s on %(day)s, where the account is. Its owner: %(owner)s."
        )
        words = {"person": person.name, "territory": place.name, "day": format_date(day)}
        raise Refused(message % {**words, "owner": owner.name if owner else _("nobody")}, path="person_id")


def owns_place(person_id: int | None, account_id: int, day: date) -> bool:
    """Whether a person owns the territory in which an account is on that day."""
    owner = owner_of(territory_on(account_id, day), day)
    return owner is not None and owner.pk == person_id


def pass_holds(*, by: int, person_id: int, successor_id: int | None, why: str) -> int:
    """Give the accounts that somebody holds who leaves to whoever owns their territories then; other holds end today.

    For acts, which checked authority and seated the successor. Says how many went over.
    """
    rows = Hold.objects.filter(person_id=person_id)
    held = list(rows.overlapping(today(), None).order_by("pk"))
    ended = make_room_for_all(rows, today(), why, recorded_by_id=by)
    passed = [
        hold.changed(person_id=successor_id, starts_on=day, recorded_at=ended[hold.pk], recorded_by_id=by)
        for hold in held
        if owns_place(successor_id, hold.account_id, day := max(hold.starts_on, today()))
    ]
    Hold.objects.bulk_create(passed)
    return len(passed)


def _check_free(account: Account, starts_on: date, stops_on: date) -> None:
    """Raises Refused where somebody holds the account on one of the days, and says who and until when."""
    other = (
        Hold.objects.overlapping(starts_on, stops_on).filter(account=account).select_related("person").first()
    )
    if other:
        message = _("%(account)s is held with %(person)s from %(start)s until %(stop)s. End that hold first.")
        days = {"start": format_date(other.starts_on), "stop": format_date(other.stops_on)}
        words = {"account": account.name, "person": other.person.name, **days}
        raise Refused(message % words, path="starts_on", code="hold_one")


def _check_planned(account: Account, person_id: int, starts_on: date, stops_on: date) -> None:
    """Raises Refused where the account is planned to go to a territory of somebody else before the hold ends."""
    rows = AccountTerritory.in_field().overlapping(starts_on, stops_on)
    planned = rows.filter(account=account, starts_on__gt=starts_on).select_related("territory")
    for row in planned.order_by("starts_on"):
        owner = owner_of(row.territory_id, row.starts_on)
        if owner is None or owner.pk != person_id:
            message = _(
                "%(account)s goes to %(territory)s on %(day)s. End the hold by then, or assign the account anew."
            )
            words = {"account": account.name, "territory": row.territory.name}
            raise Refused(
                message % {**words, "day": format_date(row.starts_on)}, path="stops_on", code="planned"
            )


@act
def end_hold(*, by: int, hold_id: int, stops_on: date, reason: str = "") -> Hold | None:
    """End a hold on the first day without it; who may hold the account may. One that has not begun is taken back.

    Raises Refused for a day after its end, Stale where it was changed meanwhile.
    """
    hold: Hold = seen(Hold.objects.select_related("account"), reach(), hold_id)
    reach().require("account", "assign", {"territory_id": hold.account.territory_id})
    why = reason.strip()
    if stops_on > hold.span.stop:
        message = _("It ends on %(day)s already. Choose an earlier day.")
        raise Refused(message % {"day": format_date(hold.stops_on)}, path="stops_on")
    if stops_on > hold.starts_on:
        return hold.replaced(why, stops_on=stops_on, reason=why or hold.reason, recorded_by_id=by)
    if hold.starts_on <= today():
        raise Refused(_("The end must come after the start."), path="stops_on")
    hold.supersede(why)
    return None
