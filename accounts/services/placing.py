"""What has to hold before accounts are put into a territory."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Coverage, Hold
from accounts.selectors.placing import Placing, placing, some_of
from accounts.selectors.rules import misfit
from accounts.services.merged import refuse_merged
from accounts.services.turns import wait_for_runs
from common.errors import Forbidden, NotInReach, Refused
from common.locale import format_date
from common.services import refuse_closed
from common.transaction import reach
from territories.models import Territory
from territories.services.tree import check_stays


def check_placing(
    *, account_ids: Collection[int], territory_id: int, starts_on: date, coverage: str
) -> Placing:
    """What assigning the accounts does, once it is sure that it may be done: all of them or none.

    For acts and for what shows their effect; the accounts stay locked until the act's end. Administrators, and
    directors within the subtree that they lead: both where an account was to be and where it goes.

    Raises NotInReach for one id out of reach, Forbidden for one outside of that subtree, Refused where the territory
    is not in the tree from that day on, is no place for that coverage or one account is held or was merged into another
    one, Conflict for a closed period.
    """
    wanted = set(account_ids)
    wait_for_runs()
    rows = Account.objects.visible_to(reach()).filter(pk__in=wanted).order_by("pk")
    accounts = list(rows.select_for_update(no_key=True))
    if not wanted or len(accounts) < len(wanted):
        raise NotInReach()
    if not reach().relations("account", "assign"):
        raise Forbidden()
    refuse_merged(accounts)
    refuse_closed(starts_on, "starts_on")
    territory = check_stays(territory_id, starts_on)
    _check_coverage(territory, coverage)
    found = placing(accounts, territory, starts_on, coverage)
    check_authority(found)
    _check_moves(found)
    return found


def _check_coverage(territory: Territory, coverage: str) -> None:
    """Raises Refused for the field in an overlay, and for specialists and partners anywhere else."""
    if coverage not in Coverage.values:
        raise Refused(_("A coverage is field, specialist or partner."), path="coverage")
    if wrong := misfit(coverage, territory):
        is_field = coverage == Coverage.FIELD
        code, path = ("overlay", "coverage") if is_field else ("no_overlay", "territory_id")
        raise Refused(wrong, path=path, code=code)


def check_authority(found: Placing) -> None:
    """Raises Forbidden where a territory that loses or gets an account is not the person's to assign in."""

    def may(territory_id: int) -> bool:
        # By the territory alone: a specialist's seat on an account gives no right over its place in the field.
        return reach().allows("account", "assign", {"territory_id": territory_id})

    if not may(found.territory.pk):
        message = _("%(name)s is not among the territories that you lead. Ask an administrator.")
        raise Forbidden(message % {"name": found.territory.name}, path="territory_id")
    foreign = [account.name for account in found.accounts if not all(map(may, found.left(account)))]
    if foreign:
        message = _("You assign accounts within the territories that you lead, and not: %(names)s.")
        raise Forbidden(message % {"names": some_of(foreign)})


def _check_moves(found: Placing) -> None:
    """Raises Refused where accounts are held, and where all of them are there already."""
    if found.held:
        raise Refused(_held_in_words(found.held), code="held")
    if not found.moving:
        message = ngettext(
            "The account is in that territory on that day already.",
            "These accounts are in that territory on that day already.",
            len(found.accounts),
        )
        raise Refused(message, path="territory_id")


def _held_in_words(held: Collection[Hold]) -> str:
    """*Acorn with Rita Rep until 30 Jun 2026*, for each that is held, and what to do."""
    each = _("%(account)s with %(person)s until %(day)s")
    said = [
        each % {"account": hold.account.name, "person": hold.person.name, "day": format_date(hold.stops_on)}
        for hold in held
    ]
    message = _("Held: %(said)s. End the hold, leave the account out, or choose a territory of that person.")
    return message % {"said": some_of(said)}
