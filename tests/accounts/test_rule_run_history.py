"""What the history of an account says of a run that was taken back."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AccountTerritory, RuleRun
from accounts.selectors.places import placed
from accounts.tasks import apply_due_assignments
from common.calendars import Span
from common.transaction import reach
from planning.selectors.held import Asked, held_of_account
from tests.accounts.ruled import JUNE, START, account, is_in, rule, run
from tests.accounts.test_rule_run_back import take_back
from tests.cast import Cast
from tests.salesops.conftest import plain

TODAY, JULY = date(2026, 5, 20), date(2026, 7, 1)


@pytest.fixture
def alder(company: Cast, acting: Any) -> Cast:
    """Alder, by hand in East 1 since 2025, which a rule leads to Finance."""
    with acting(company.admin):
        made = account("Alder", company.territories["East 1"], "manual", tier="A")
        rule(company.admin, "Tier A", company.territories["Finance"], is_in("tier", "A"), spares_placed=False)
    company.accounts["Alder"] = made
    return company


def history(cast: Cast, acting: Any) -> list[tuple[str, date, date | None, str]]:
    with acting(cast.admin):
        rows = placed(reach(), cast.accounts["Alder"].pk)
        return [(one.row.territory.name, one.row.starts_on, one.row.stops_on, str(one.cause)) for one in rows]


def test_before_its_day_there_is_nothing_to_tell(alder: Cast, acting: Any, browse: Any) -> None:
    """One row from its first day on, as if there had been no run; what was known meanwhile is kept."""
    done = run(acting, alder.admin, JUNE)
    assert [row[0] for row in history(alder, acting)] == ["Finance", "East 1"]
    take_back(acting, alder.admin, done, JUNE)
    assert history(alder, acting) == [("East 1", START, None, "by hand")]
    text = plain(browse(alder.admin).get(reverse("account_detail", args=[alder.accounts["Alder"].pk])))
    assert "taken back" not in text
    with acting(alder.admin):
        rows = AccountTerritory.objects.filter(account=alder.accounts["Alder"])
        assert rows.count() == 4  # the first one, its part before June, the rule's, and the first one again
        at = RuleRun.objects.get(pk=done.pk).written_at
        known = rows.known_at(at).order_by("starts_on").values_list("territory__name", "starts_on")
        assert list(known) == [("East 1", START), ("Finance", JUNE)]


def test_on_its_day_too(alder: Cast, acting: Any) -> None:
    done = run(acting, alder.admin, TODAY)
    take_back(acting, alder.admin, done, TODAY)
    assert history(alder, acting) == [("East 1", START, None, "by hand")]


def test_what_was_there_in_between_is_told_in_the_reader_s_words(
    alder: Cast, acting: Any, browse: Any, clock: Any
) -> None:
    done = run(acting, alder.admin, TODAY)
    take_back(acting, alder.admin, done, JULY)
    assert history(alder, acting) == [
        ("East 1", JULY, None, "by hand"),
        ("Finance", TODAY, JULY, "by rule"),
        ("East 1", START, TODAY, "by hand"),
    ]
    with acting(alder.admin):
        rows = AccountTerritory.objects.current().filter(account=alder.accounts["Alder"])
        assert set(rows.values_list("reason", flat=True)) == {"", "Tier A"}
    page = reverse("account_detail", args=[alder.accounts["Alder"].pk])
    said = "here again: the run of the rules from May 20, 2026 was taken back"
    html = browse(alder.admin).get(page).content.decode()
    assert f'<a href="{reverse("rule_run_detail", args=[done.pk])}">{said}</a>' in html
    clock.move_to(datetime(2026, 7, 2, 9, tzinfo=UTC))
    apply_due_assignments()
    theirs = browse(alder.rep).get(page).content.decode()  # it is in her territory again
    assert said in theirs
    assert reverse("rule_run_detail", args=[done.pk]) not in theirs
    with acting(alder.admin):
        asked = Asked(Span(START, date(2027, 1, 1)))
        causes = [one.cause for one in held_of_account(reach(), alder.accounts["Alder"], asked)]
    assert causes == [
        "by hand",
        "by rule Tier A, version 1: Tier A",
        "by hand; here again, as the run of the rules from May 20, 2026 was taken back",
    ]


def test_only_what_began_again_names_the_run(alder: Cast, acting: Any) -> None:
    done = run(acting, alder.admin, TODAY)
    take_back(acting, alder.admin, done, JULY)
    with acting(alder.admin):
        back = {one.row.starts_on: one.back for one in placed(reach(), alder.accounts["Alder"].pk)}
    assert back == {JULY: done, TODAY: None, START: None}


def test_what_changed_before_the_day_meanwhile_stays_two_rows(alder: Cast, acting: Any) -> None:
    """The days before the run were put right since: they are not what the run had cut off."""
    done = run(acting, alder.admin, JUNE)
    with acting(alder.admin):
        row = AccountTerritory.objects.current().get(account=alder.accounts["Alder"], stops_on=JUNE)
        row.replaced(territory_id=alder.territories["East 2"].pk)
    take_back(acting, alder.admin, done, JUNE)
    assert [row[:3] for row in history(alder, acting)] == [
        ("East 1", JUNE, None),
        ("East 2", START, JUNE),
    ]
