"""What the tests of rules share: accounts and rules made in one line, and three ways to say which rule decides."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from accounts.models import Account, AccountTerritory, Rule, RuleRun
from accounts.rules.asking import Facts
from accounts.rules.conditions import key_of, postcode_of
from accounts.rules.deciding import Ruling
from accounts.selectors.previews import preview
from accounts.services.rules import create_rule
from accounts.services.runs import ask_run, run_waiting
from territories.models import Territory

START = date(2025, 1, 1)
JUNE = date(2026, 6, 1)


def is_in(kind: str, *values: Any) -> dict[str, Any]:
    return {"kind": kind, "values": list(values)}


def between(kind: str, least: Any = None, most: Any = None) -> dict[str, Any]:
    return {"kind": kind, "from": least, "to": most}


def account(name: str, place: Territory | None = None, cause: str = "import", **facts: Any) -> Account:
    """An account that has been in a territory since 2025 by that cause; without a territory in none."""
    nobody = Territory.objects.get(is_unassigned=True)
    made = Account.objects.create(name=name, number=name.upper(), territory=place or nobody, **facts)
    if place:
        AccountTerritory.objects.create(account=made, territory=place, starts_on=START, cause=cause)
    return made


def rule(by: Any, name: str, territory: Territory, *groups: Any, priority: int = 100, **more: Any) -> Rule:
    """A rule; each group a condition or a list of them."""
    written = [group if isinstance(group, list) else [group] for group in groups]
    return create_rule(
        by=by.pk, name=name, territory_id=territory.pk, conditions=written, priority=priority, **more
    )


def run(acting: Any, by: Any, day: date) -> RuleRun:
    """Preview, ask, and let the worker do it."""
    with acting(by):
        asked = ask_run(by=by.pk, starts_on=day, digest=preview(day).digest)
    assert run_waiting()
    with acting(by):
        return RuleRun.objects.get(pk=asked.pk)


def places(day: date, coverage: str = "field") -> dict[str, str]:
    """Account → territory on a day."""
    rows = AccountTerritory.objects.on(day).filter(coverage=coverage)
    return dict(rows.values_list("account__name", "territory__name"))


def facts_of(account: Account) -> Facts:
    keys: list[Any] = [key_of(account.country), key_of(account.region), postcode_of(account.postcode)]
    keys += [key_of(account.industry), key_of(account.segment), key_of(account.tier)]
    return Facts._make([account.pk, *keys, account.employees, account.annual_revenue_minor])


def naive(facts: Facts, rulings: Iterable[Ruling], below: Mapping[int, Iterable[int]]) -> list[Ruling]:
    """The rules that match, in the order in which they decide, each asked in the plainest way."""
    found = [
        ruling
        for ruling in rulings
        if any(all(_holds(one, facts, below) for one in group) for group in ruling.groups)
    ]
    return sorted(found, key=lambda one: (one.priority, one.pk))


def _holds(one: Any, facts: Facts, below: Mapping[int, Iterable[int]]) -> bool:
    if one.kind == "postcode":
        return any(facts.postcode.startswith(postcode_of(value)) for value in one.values)
    if one.kind == "postcode_range":
        least, most = postcode_of(one.least), postcode_of(one.most)
        return len(facts.postcode) >= len(least) and least <= facts.postcode[: len(least)] <= most
    if one.kind == "account":
        return facts.pk in one.values
    if one.kind == "parent":
        return any(facts.pk in below[parent] for parent in one.values)
    if one.kind in ("employees", "annual_revenue"):
        value = getattr(facts, one.kind)
        return value is not None and (one.least or 0) <= value and (one.most is None or value <= one.most)
    return getattr(facts, one.kind) in {key_of(value) for value in one.values}
