"""Rules that say where accounts belong: made, changed, taken out of use. They change no account by themselves."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Coverage, Rule
from accounts.rules import conditions
from accounts.rules.conditions import Faulty, Groups
from accounts.selectors.offers import gathering
from accounts.selectors.rules import matches_all, misfit
from common.access import found
from common.checks import check_text, refuse_unknown
from common.errors import Refused
from common.selectors import today
from common.transaction import act, reach, widened
from territories.models import Edge, Territory

RULE_FIELDS = frozenset(
    {"name", "coverage", "territory_id", "priority", "conditions", "spares_placed", "is_active"}
)


@act
def create_rule(
    *,
    by: int,
    name: str,
    territory_id: int,
    conditions: Any,
    coverage: str = Coverage.FIELD,
    priority: int = 100,
    spares_placed: bool = True,
    is_active: bool = True,
) -> Rule:
    """Say that accounts of which these conditions hold belong to a territory; administrators only.

    `conditions` as JSON (`accounts.rules.conditions`). Nothing moves before the rules are run. Raises Refused for
    conditions that can't be meant or that hold of every account, and for a territory that takes no such accounts.
    """
    reach().require("rule", "update")
    check_text(name, "name")
    groups = _check_conditions(conditions)
    _check_target(coverage, territory_id)
    return Rule.objects.create(
        name=name.strip(),
        coverage=coverage,
        territory_id=territory_id,
        priority=priority,
        conditions=_as_json(groups),
        spares_placed=spares_placed,
        is_active=is_active,
    )


@act
def edit_rule(*, by: int, rule_id: int, version: int, **changes: Any) -> None:
    """Change a rule, or take it out of use; administrators only. Raises as `create_rule`, and Stale.

    What it had placed stays where it is until the rules are run again.
    """
    reach().require("rule", "update")
    refuse_unknown(changes, RULE_FIELDS)
    rule: Rule = found(Rule.objects.filter(pk=rule_id).first())
    if "name" in changes:
        check_text(changes["name"], "name")
    if "conditions" in changes:
        changes["conditions"] = _as_json(_check_conditions(changes["conditions"]))
    if changes.get("is_active", rule.is_active):
        _check_target(changes.get("coverage", rule.coverage), changes.get("territory_id", rule.territory_id))
    Rule.objects.change(rule_id, version, **changes)


def _as_json(groups: Groups) -> Any:
    return conditions.as_json(groups)


def read_conditions(written: Any) -> Groups:
    """Conditions from their JSON. Raises Refused that names place and remedy."""
    try:
        return conditions.read_new(written)
    except Faulty as fault:
        raise Refused(in_words(fault), path="conditions", code="conditions") from fault


def in_words(fault: Faulty) -> str:
    """A fault in conditions, after where it is."""
    what = _(fault.text) % fault.values
    if fault.place:
        where = _("Group %(group)s, condition %(place)s: ") % {"group": fault.group, "place": fault.place}
        return where + what
    return (_("Group %(group)s: ") % {"group": fault.group} if fault.group else "") + what


def _check_conditions(written: Any) -> Groups:
    """Raises Refused for conditions that can't be meant, name an account that there is not, or hold of all accounts."""
    groups = read_conditions(written)
    kinds = (conditions.PARENT, conditions.ACCOUNT)
    named = {pk for group in groups for one in group if one.kind in kinds for pk in one.keys}
    if missing := _missing(named):
        words = _("There is no account %(ids)s. Name accounts by numbers that there are.")
        raise Refused(
            words % {"ids": ", ".join(map(str, missing))}, path="conditions", code="unknown_account"
        )
    if count := matches_all(groups):
        words = _("These conditions hold of every account, of all %(count)s. Narrow them.")
        raise Refused(words % {"count": count}, path="conditions", code="matches_all")
    return groups


def _missing(ids: Collection[int]) -> list[int]:
    """The first of these ids that no account has."""
    with widened("account"):
        return sorted(ids - set(Account.objects.filter(pk__in=ids).values_list("pk", flat=True)))[:5]  # type: ignore[operator]


def _check_target(coverage: str, territory_id: int) -> None:
    """Raises Refused where no account of that coverage can be in the territory, today or later."""
    if coverage not in Coverage.values:
        words = _("A coverage is one of: %(known)s.") % {"known": ", ".join(Coverage.values)}
        raise Refused(words, path="coverage")
    territory: Territory | None = Territory.objects.filter(pk=territory_id).first()
    if territory is None:
        raise Refused(_("Choose a territory of the tree."), path="territory_id")
    if not Edge.objects.overlapping(today(), None).filter(child=territory).exists():
        words = _("%(name)s is retired. Choose a territory of the tree.") % {"name": territory.name}
        raise Refused(words, path="territory_id", code="retired")
    if wrong := misfit(coverage, territory):
        raise Refused(wrong, path="territory_id", code="misfit")
    if Territory.objects.filter(gathering(today()), pk=territory_id).exists():
        words = _(
            "%(name)s gathers the territories below it. Choose one of them: there accounts have their owner."
        )
        raise Refused(words % {"name": territory.name}, path="territory_id", code="gathers")


@act
def lead_rule(*, rule_id: int, territory_id: int) -> None:
    """Let a rule lead to another territory, for an act that has checked it and places the accounts itself.

    Administrators, and the organisation's own jobs.
    """
    reach().require("rule", "update")
    rule = Rule.objects.select_for_update(no_key=True).get(pk=rule_id)
    Rule.objects.change(rule.pk, rule.version, territory_id=territory_id)
