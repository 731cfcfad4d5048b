"""A territory's load: the work of its accounts against the time of those who own it, and what they could buy."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from django.urls import reverse

from accounts.bulk import write_places
from accounts.models import Account
from accounts.services import classify_accounts, create_account, set_coverage_model, set_norm, set_potential
from common.models import Period
from common.services import set_policy
from common.transaction import reach
from planning.selectors.workload import capacities, workload_below
from territories.models import Seat
from territories.services import end_seat
from tests.cast import Cast

TODAY = date(2026, 5, 20)


def fill(cast: Cast, accounts: int = 40) -> None:
    """East 1 with so many accounts, all of one segment and tier: 12 touches of 90 minutes a year."""
    here = cast.territories["East 1"].pk
    fields = {"territory_id": here, "country": "US"}
    rows = [Account(name=f"Fir {n}", number=f"F-{n}", **fields) for n in range(accounts - 1)]
    made = Account.objects.bulk_create(rows)
    write_places((row.pk, here, TODAY, cast.admin.pk) for row in made)
    ids = [cast.accounts["Acorn"].pk, *(row.pk for row in made)]
    classify_accounts(by=cast.admin.pk, account_ids=ids, starts_on=TODAY, segment="Enterprise", tier="A")
    norm = {"segment": "Enterprise", "tier": "A", "touches": 12, "minutes": 90}
    set_norm(by=cast.admin.pk, starts_on=TODAY, **norm)
    set_coverage_model(by=cast.admin.pk, segment="Enterprise", way="inside", starts_on=TODAY)


def test_the_vector(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        fill(cast)
        found = workload_below(reach(), cast.territories["East 1"].pk, TODAY)
        assert [found.hours, found.capacity_hours, found.load] == [720, 1080, Fraction(2, 3)]
        assert (found.work.missing, found.ways) == (0, [("inside", 40)])


def test_the_capacity_follows_settings_ramp_and_share(cast: Cast, acting: Any, clock: Any) -> None:
    east = cast.territories["East 1"].pk
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="working_hours", value=1600)
        set_policy(by=cast.admin.pk, name="selling_percent", value=50)
        assert capacities([east], TODAY) == {east: 800 * 60}
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        seat.replaced(share=50_000_000, starts_on=date(2026, 5, 1), ramp="0 25 50 100")
        days = (date(2026, 5, 20), date(2026, 5, 31), date(2026, 6, 1), date(2026, 7, 31), date(2026, 9, 1))
        found = [capacities([east], day)[east] / 60 for day in days[:1]]
        assert found == [0]
    clock.move_to(datetime(2026, 9, 1, 9, tzinfo=UTC))
    with acting(cast.admin):
        assert [capacities([east], day)[east] / 60 for day in days[1:]] == [0, 100, 200, 400]


def test_a_parent_adds_up_what_lies_below(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        fill(cast, 2)
        team = workload_below(reach(), cast.territories["East Team"].pk, TODAY)
        assert (team.work.minutes, team.work.accounts, team.work.missing) == (2 * 12 * 90, 3, 1)
        assert [team.capacity_hours, team.load] == [2160, Fraction(36, 2160)]
        assert team.ways == [("inside", 2), ("", 1)]


def test_potential_and_what_is_missing(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        create_account(by=cast.admin.pk, name="Dogwood", territory_id=cast.territories["East 1"].pk)
        year = Period.objects.get(code="2026")
        set_potential(
            by=cast.admin.pk, account_id=cast.accounts["Acorn"].pk, family_id=cast.families["Hardware"].pk,
            year_id=year.pk, amount_minor=500_00, as_of=TODAY,
        )  # fmt: skip
        found = workload_below(reach(), cast.territories["East Team"].pk, TODAY)
        assert (found.potential_minor, found.potential.missing, found.year) == (500_00, 2, year)
        assert (found.hours, found.load) == (None, None)
        empty = workload_below(reach(), cast.territories["West"].pk, TODAY)
        assert empty.potential_minor is None


def test_nobody_there_and_no_fiscal_year(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.admin):
        fill(cast, 1)
        seat = Seat.objects.current().get(user=cast.rep, kind="owner")
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=TODAY)
        found = workload_below(reach(), cast.territories["East 1"].pk, TODAY)
        assert [found.capacity_hours, found.hours, found.load] == [None, 18, None]
        later = workload_below(reach(), cast.territories["East 1"].pk, date(2040, 1, 1))
        assert (later.year, later.potential_minor) == (None, None)


def test_the_panel_says_what_is_missing_and_no_load_to_who_sees_a_part(
    cast: Cast, acting: Any, browse: Any
) -> None:
    with acting(cast.admin):
        fill(cast, 1)
        create_account(by=cast.admin.pk, name="Dogwood", territory_id=cast.territories["East 1"].pk)
    url = reverse("territory_workload_panel", args=[cast.territories["East 1"].pk])
    team = reverse("territory_workload_panel", args=[cast.territories["East Team"].pk])
    rep = browse(cast.rep)
    for page, words in ((url, "1.7%"), (url, "without 1 account that has no norm"), (url, "1,080 h a year"),
                        (team, "You see a part of its accounts only.")):  # fmt: skip
        assert words in rep.get(page).content.decode()
    assert "there is no work" in browse(cast.other_rep).get(url).content.decode()
    assert "Norms" in browse(cast.admin).get(url).content.decode()
    assert "Norms" not in rep.get(url).content.decode()
