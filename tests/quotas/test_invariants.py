"""What must hold before figures are published: each is broken on purpose, and told by its name and place."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from common.errors import Refused
from common.models import Period, Run
from orders.services import cancel
from quotas import rollup
from quotas.models import Publication
from territories.models import User
from tests.cast import Cast
from tests.conftest import Acting
from tests.quotas.conftest import WHOLE, Sell, everything, worker
from workspace.models import Event, Message
from workspace.services import answer, ask_closing
from workspace.services.runs import tell_of_failed_runs

MAY = date(2026, 5, 12)
Night = Callable[..., Run]

SPOIL = """
CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.amount_minor := NEW.amount_minor + 1; RETURN NEW; END $$;
CREATE TRIGGER spoil BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION spoil()
"""
OWNER = """INSERT INTO territories_seat (starts_on, user_id, territory_id, kind, reason)
    SELECT '2026-05-01', other.id, seat.territory_id, 'owner', '' FROM territories_seat seat
    JOIN territories_user rep ON rep.id = seat.user_id AND rep.name = 'Rita Rep'
    JOIN territories_user other ON other.name = 'Oscar Other'"""
PLACE = """INSERT INTO territories_edge (starts_on, child_id, parent_id)
    SELECT '2026-05-01', child_id, parent_id FROM territories_edge WHERE parent_id IS NOT NULL LIMIT 1"""
CIRCLE = """UPDATE territories_edge SET parent_id = (SELECT id FROM territories_territory WHERE name = 'East 1')
    WHERE child_id = (SELECT id FROM territories_territory WHERE name = 'East')"""
OTHER_RATE = """UPDATE orders_credit SET plan_rate_id = (SELECT id FROM common_rate WHERE kind = 'booked')
    WHERE currency = 'EUR'"""
OTHER_PERSON = """UPDATE orders_credit SET person_id = (SELECT id FROM territories_user WHERE name = 'Oscar Other')
    WHERE reverses_id IS NOT NULL"""
SHIFTED = """UPDATE common_period SET stops_on = stops_on + CASE code WHEN '2026-04' THEN 1 ELSE -1 END
    WHERE code IN ('2026-04', '2026-05')"""
"""One day twice, another one not at all: they have as many days as before."""

OPEN_KEY = """INSERT INTO common_idempotencykey (person_id, key, body_hash, headers, answer)
    VALUES (1, 'never-answered', '', '{}', '')"""
DELIVERED = """INSERT INTO workspace_webhookdelivery
    (webhook_id, happenings, state, due_at, tries, tried_at, status, error)
    VALUES (1, '[]', 'delivered', now(), 1, now(), 503, '')"""
MAILED = """INSERT INTO workspace_message
    (person_id, event, key, about, url, mail_error, delivery, count, mail_tries, mailed_at)
    SELECT id, 'run_failed', 'x', '', '', '', 'mail', 1, 0, now() FROM territories_user LIMIT 1"""


@pytest.fixture
def books(cast: Cast, sell: Sell, acting: Acting, night: Night) -> Run:
    """An order shared in the team, one in euros, one taken back, and the night after them."""
    sell("Acorn", 100_00, MAY, {"rep": WHOLE // 2, "peer": WHOLE // 2})
    sell("Beech", 50_00, MAY, currency="EUR")
    gone = sell("Acorn", 30_00, MAY)
    with acting(cast.admin):
        cancel(by=cast.admin.pk, order_id=gone, version=1, booked_on=MAY, reason="Withdrawn")
    return night()


def broken() -> dict[str, list[str]]:
    """What does not hold, each by name, with the places."""
    found: dict[str, list[str]] = {}
    with everything(), worker():
        for invariant in rollup.invariants():
            if places := rollup.broken_places(invariant, None):
                found.setdefault(invariant.name, []).extend(places)
    return found


def test_all_of_them_hold_of_sound_books_and_the_run_says_so(books: Run) -> None:
    assert broken() == {}
    with everything():
        kept = Run.objects.get(pk=books.pk).checks
    assert [check.split(" ")[0] for check in kept] == [
        *(
            "I-01",
            "I-02",
            "I-02",
            "I-05",
            "I-08",
            "I-09",
            "I-10",
            "I-12",
            "I-14",
            "I-15",
            "I-16",
            "I-17",
            "I-18",
            "I-18",
            "I-22",
            "I-23",
            "I-29",
            "I-31",
        )
    ]
    assert kept[3] == (
        "I-05 The shares of an event in order intake, of all its lines or of one of them, total 100 percent."
    )


@pytest.mark.parametrize(
    ("names", "statement"),
    [
        (["I-01", "I-02"], "UPDATE quotas_leafcell SET amount_minor = amount_minor + 1"),
        (["I-01"], "UPDATE quotas_leafcell SET credits = credits + 1"),
        (["I-02"], "UPDATE quotas_nodecell SET amount_minor = 0 WHERE parent_id IS NOT NULL"),
        (["I-02"], "UPDATE quotas_nodecell SET territory_minor = 0 WHERE parent_id IS NULL"),
        (["I-02"], "DELETE FROM quotas_nodecell WHERE parent_id IS NULL"),
        (["I-05"], "UPDATE orders_splitshare SET weight = weight - 1"),
        (["I-08"], OTHER_RATE),
        (["I-01", "I-09"], OTHER_PERSON),
        (["I-09"], "UPDATE orders_credit SET reverses_id = id WHERE reverses_id IS NOT NULL"),
        (["I-01", "I-10"], "DELETE FROM orders_credit WHERE ledger_seq = 1"),
        (["I-10"], "UPDATE orders_ledgerhead SET seq = seq + 1"),
        (["I-14", "I-22"], "UPDATE common_period SET stops_on = stops_on - 1 WHERE code = '2026-05'"),
        (["I-14", "I-22"], "UPDATE common_period SET starts_on = starts_on - 1 WHERE code = '2026-Q2'"),
        (["I-14", "I-22"], SHIFTED),
        (
            ["I-14", "I-22"],
            "UPDATE common_period SET parent_id = NULL WHERE code IN ('2026-07', '2026-08', '2026-09')",
        ),
        (
            ["I-16"],
            "ALTER TABLE common_rate DROP CONSTRAINT rate_ordered; UPDATE common_rate SET stops_on = starts_on",
        ),
        (["I-17"], f"ALTER TABLE territories_seat DROP CONSTRAINT seat_one_owner; {OWNER}"),
        (["I-18"], f"ALTER TABLE territories_edge DROP CONSTRAINT edge_one_parent; {PLACE}"),
        (["I-02", "I-18"], CIRCLE),
        (
            ["I-12", "I-22"],
            "UPDATE common_period SET is_closed = true, closed_seq = 3 WHERE code = '2026-05'",
        ),
        (["I-22"], "UPDATE accounts_account SET name = 'Acme' WHERE name = 'Acorn'"),
        (["I-22"], "UPDATE orders_orderevent SET state = 'cancelled' WHERE pgh_label = 'insert'"),
        (["I-29"], OPEN_KEY),
        (["I-31"], DELIVERED),
        (["I-31"], MAILED),
        (["I-23"], "ALTER TABLE orders_credit DISABLE TRIGGER USER"),
        (["I-23"], "ALTER TABLE territories_seat DISABLE TRIGGER USER"),
    ],
)
def test_each_is_found_broken(books: Run, owner: Any, names: list[str], statement: str) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute(statement)
    assert list(broken()) == names


def test_the_place_is_said_in_words(books: Run, cast: Cast, owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute(
        "UPDATE quotas_leafcell SET amount_minor = amount_minor + 1 WHERE person_id = %s", [cast.peer.pk]
    )
    assert broken()["I-01"] == [
        (
            f"person {cast.peer.pk} in the month from 2026-05-01, revenue: 10502 in the cells, 10500 in the ledger, "
            "in minor units"
        )
    ]
    owner.execute(
        "UPDATE quotas_leafcell SET amount_minor = amount_minor - 1 WHERE person_id = %s", [cast.peer.pk]
    )
    owner.execute("UPDATE quotas_nodecell SET amount_minor = amount_minor - 7 WHERE parent_id IS NULL")
    assert broken()["I-02"] == [
        (
            "territory COMPANY in the month from 2026-05-01, revenue: 15493 by seat and 15500 by territory, but "
            "15500 and 15500 below it, in minor units"
        ),
        (
            "the month from 2026-05-01, revenue: 15493 by seat, 15500 by territory and 15500 in all cells, "
            "in minor units"
        ),
    ]


@pytest.mark.parametrize(("table", "name"), [("quotas_leafcell", "I-01"), ("quotas_nodecell", "I-02")])
def test_a_roll_up_that_adds_up_wrongly_publishes_nothing_and_administrators_are_told(
    books: Run, cast: Cast, sell: Sell, night: Night, owner: Any, browse: Any, table: str, name: str
) -> None:
    """Fault F-33 of the table in docs/operations.md."""
    sell("Cedar", 10_00, date(2026, 4, 14))
    owner.execute(SPOIL.format(table=table))
    with pytest.raises(Refused, match=f"{name} does not hold: .* It is broken at: .*2026-04-01, revenue"):
        night(date(2026, 5, 20))
    with everything():
        assert Publication.objects.get().run_id == books.pk
        failed = Run.objects.get(state="failed")
        assert (failed.checks, failed.totals) == ([], {})
        tell_of_failed_runs()
        told = Message.objects.filter(event=Event.RUN_FAILED).values_list("person__name", "about")
        assert list(told) == [("Ada Admin", "attainment 2026-05-20")]
    page = browse(cast.admin).get(reverse("run_detail", args=[failed.pk])).content.decode()
    assert f"{name} does not hold" in page


def test_two_owners_are_told_though_every_figure_is_right(books: Run, night: Night, owner: Any) -> None:
    owner.execute(f"ALTER TABLE territories_seat DROP CONSTRAINT seat_one_owner; {OWNER}")
    with pytest.raises(Refused, match="I-17 does not hold: A territory has at most one owner a day"):
        night()


def test_no_day_is_passed_over(books: Run, night: Night) -> None:
    with pytest.raises(
        Refused, match=r"I-15 does not hold: .* 2026-05-21, while the last day .* is 2026-05-19"
    ):
        night(date(2026, 5, 21))
    assert [night(date(2026, 5, day)).state for day in (20, 21, 19)] == ["published"] * 3


def test_what_comes_into_a_closed_month_publishes_nothing(
    books: Run, cast: Cast, acting: Acting, sell: Sell, night: Night, owner: Any, ben: User
) -> None:
    """By whom nothing refuses, as an owner of the database can: the next night does."""
    for code in ("2025", "2026-Q1"):
        with acting(cast.admin):
            period = Period.objects.get(code=code)
            asked = ask_closing(by=cast.admin.pk, period_id=period.pk, reason="Done")
        with acting(ben):
            answer(by=ben.pk, approval_id=asked.pk, version=1, is_granted=True, answer="")
    with everything():
        kept = Period.objects.filter(is_closed=True).values_list("closed_seq", flat=True)
        assert (len(kept), {*kept}) == (17 + 4, {5})
    assert broken() == {}
    march = "WHERE code IN ('2026-03', '2026-Q1')"
    owner.execute("SET session_replication_role = replica")
    owner.execute(f"UPDATE common_period SET is_closed = false {march}")
    sell("Acorn", 10_00, date(2026, 3, 31))
    owner.execute(f"UPDATE common_period SET is_closed = true {march}")
    with pytest.raises(
        Refused, match=r"I-12 does not hold: .* at: entry 6 in 2026-03, which was closed at entry 5"
    ):
        night()


def test_history_is_looked_at_a_seventh_a_night(books: Run, owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE accounts_account SET name = 'Acme' WHERE name = 'Acorn' RETURNING id")
    pk = owner.fetchone()[0]
    (history,) = (one for one in rollup.invariants() if one.name == "I-22")
    week = [date(2026, 5, 17) + timedelta(days=day) for day in range(7)]  # from a Sunday on
    with everything(), worker():
        found = [rollup.broken_places(history, None, day) for day in week]
    assert found == [[f"accounts_account {pk}"] if day == pk % 7 else [] for day in range(7)]
