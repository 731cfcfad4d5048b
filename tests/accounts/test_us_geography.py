"""The places of a whole country as accounts, placed by state and by how their codes begin: none is lost.

Needs the real files in ../shared/data, and skips where they are missing. What is expected is counted from the file
itself, in plain Python.
"""

import csv
import gzip
import io
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Account, AccountTerritory, Rule
from accounts.selectors.previews import preview
from territories.models import Edge, Territory
from tests.accounts.ruled import START, is_in, rule, run
from tests.cast import Cast

pytestmark = pytest.mark.slow
TODAY = date(2026, 5, 20)
SPARED = ("AK", "HI", "PR")
"""States without a rule."""
BAY = ("940", "941", "943", "944", "945", "946", "947", "948", "949", "950", "951")
NEW_YORK_CITY = ("100", "101", "102", "103", "104", "110", "111", "112", "113", "114", "116")
NORTH_EAST = ("CT", "MA", "ME", "NH", "NY", "RI", "VT")


@pytest.fixture(scope="module")
def places() -> list[dict[str, str]]:
    """The file, read plainly."""
    file = settings.BASE_DIR.parent / "shared" / "data" / "us-geography" / "us_zip_centroids.csv.gz"
    if not Path(file).is_file():
        pytest.skip(f"there is no {file}")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def expected(place: dict[str, str]) -> str:
    """Where the place belongs, as a person reads the rules."""
    if place["zip"][:3] in BAY:
        return "Bay"
    if place["zip"][:3] in NEW_YORK_CITY:
        return "New York City"
    return "Unassigned" if place["state"] in SPARED else f"State {place['state']}"


def bring(owner: Any, places: list[dict[str, str]]) -> None:
    """The places as accounts of *Unassigned*, past all triggers: their history is nobody's question here."""
    owner.execute("SELECT id FROM territories_territory WHERE is_unassigned")
    nobody = owner.fetchone()[0]
    lines = io.StringIO()
    for one in places:
        name, number = f"{one['city']} {one['zip']}", f"Z-{one['zip']}"
        lines.write(
            "\t".join(["1", name, number, "", one["city"], one["state"], "US", one["zip"], str(nobody)])
            + "\n"
        )
    lines.seek(0)
    owner.execute("SET session_replication_role = replica")
    columns = "version, name, number, industry, town, region, country, postcode, territory_id"
    owner.copy_expert(f"COPY accounts_account ({columns}) FROM STDIN", lines)
    owner.execute("SET session_replication_role = origin")
    owner.execute("ANALYZE accounts_account")


@pytest.fixture
def country(cast: Cast, acting: Any, owner: Any, places: list[dict[str, str]]) -> dict[str, Territory]:
    """The places as accounts of *Unassigned*, a territory for each state, two for cities, and the rules."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # as the worker has it
    bring(owner, places)
    by, nodes = cast.admin, {}
    states = sorted({place["state"] for place in places} - set(SPARED))
    with acting(by):
        for name in ("Bay", "New York City", "North East", *(f"State {state}" for state in states)):
            nodes[name] = Territory.objects.create(name=name, code=name.upper())
            Edge.objects.create(child=nodes[name], parent=cast.territories["West"], starts_on=START)
        rule(by, "Bay", nodes["Bay"], is_in("postcode", *BAY), priority=10)
        rule(by, "New York City", nodes["New York City"], is_in("postcode", *NEW_YORK_CITY), priority=10)
        for state in states:
            rule(by, f"State {state}", nodes[f"State {state}"], is_in("region", state.lower()), priority=20)
        rule(by, "North East", nodes["North East"], is_in("region", *NORTH_EAST), priority=20)
    return nodes


def test_every_place_is_somewhere_and_where_a_reader_of_the_rules_expects_it(
    cast: Cast, acting: Any, places: list[dict[str, str]], country: dict[str, Territory]
) -> None:
    assert len(places) == 42_735
    wanted = {f"Z-{place['zip']}": expected(place) for place in places}
    with acting(cast.admin):
        found = preview(TODAY)
        names: dict[int | None, str] = {None: "", **dict(Territory.objects.values_list("pk", "name"))}
        came = {names[pk]: moves.count for pk, moves in found.effects[0].came.items()}
        conflicts = {(one.decides.pk, one.other.pk): one.count for one in found.conflicts}
        rules = dict(Rule.objects.values_list("name", "pk"))
    sums = Counter(wanted.values())
    assert came == {name: count for name, count in sums.items() if name != "Unassigned"}

    in_conflict: dict[tuple[int, int], int] = defaultdict(int)
    for place in places:
        if place["state"] in NORTH_EAST and expected(place) == f"State {place['state']}":
            in_conflict[rules[f"State {place['state']}"], rules["North East"]] += 1
    assert conflicts == in_conflict
    assert [one.name for one in found.unmatched] == []

    done = run(acting, cast.admin, TODAY)
    assert (done.state, done.counts["moved"]) == ("done", sum(sums.values()) - sums["Unassigned"])
    with acting(cast.admin):
        rows = AccountTerritory.objects.on(TODAY).filter(account__number__startswith="Z-")
        placed = dict(rows.values_list("account__number", "territory__name"))
        assert len(placed) == rows.count()  # once each
        now = dict(Account.objects.filter(number__startswith="Z-").values_list("number", "territory__name"))
        assert now == wanted
        assert {number: placed.get(number, "Unassigned") for number in wanted} == wanted
    assert run(acting, cast.admin, TODAY).counts["rows"] == 0
