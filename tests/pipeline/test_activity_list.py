"""The list of activities: done and planned, by filter, with totals per kind that are its rows; the API beside it."""

from datetime import date
from typing import Any

from pipeline.models import Activity
from pipeline.services import log_activity
from tests.calls import Api, faults
from tests.cast import Cast
from tests.salesops.conftest import plain

LIST = "/activities/"


def log(cast: Cast, acting: Any, who: str = "rep", **values: Any) -> Activity:
    person = getattr(cast, who)
    account = {"rep": "Acorn", "manager": "Acorn", "peer": "Beech", "other_rep": "Cedar"}[who]
    about = {"account_id": cast.accounts[account].pk} if "opportunity_id" not in values else {}
    with acting(person):
        return log_activity(by=person.pk, **{"kind": "call", "subject": "Talk", **about, **values})


def subjects(client: Any, **query: Any) -> list[str]:
    page = client.get(LIST, query)
    assert page.status_code == 200, query
    return [row.subject for row in page.context["page"].rows]


def test_what_was_done_stands_by_its_day_in_reach(cast: Cast, acting: Any, browse: Any) -> None:
    log(cast, acting, subject="Today")
    log(cast, acting, subject="Before", kind="note", done_on=date(2026, 5, 18))
    log(cast, acting, subject="Long ago", done_on=date(2026, 4, 19))
    log(cast, acting, "peer", subject="Of Paul", done_on=date(2026, 5, 19))
    log(cast, acting, "other_rep", subject="Foreign")
    manager, rep = browse(cast.manager), browse(cast.rep)
    assert subjects(manager) == ["Today", "Of Paul", "Before"]
    assert subjects(rep) == ["Today", "Before"]
    assert subjects(rep, **{"from": "2026-04-01", "to": "2026-05-18"}) == ["Before", "Long ago"]
    for query, found in (
        ({"kind": "note"}, ["Before"]),
        ({"owner": cast.peer.pk}, ["Of Paul"]),
        ({"account": cast.accounts["Acorn"].pk}, ["Today", "Before", "Long ago"]),
        ({"owner": cast.other_rep.pk}, []),
    ):
        assert subjects(manager, **query) == found
    page = manager.get(LIST)
    assert "3 activities" in plain(page)
    assert [(label, number) for _kind, label, number in page.context["kinds"].lines] == [
        ("Phone call", 2),
        ("Note", 1),
    ]
    for query in (
        {"kind": "fax"},
        {"state": "lost"},
        {"from": "2026-05-02", "to": "2026-05-01"},
        {"deal": "x"},
    ):
        assert manager.get(LIST, query).status_code == 400


def test_what_is_planned_stands_by_when_it_is_due(cast: Cast, acting: Any, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    log(cast, acting, subject="Later", done=False, due_on=date(2026, 6, 1))
    log(cast, acting, subject="Sooner", done=False, due_on=date(2026, 5, 1), opportunity_id=deal)
    client = browse(cast.rep)
    assert subjects(client, state="planned") == ["Sooner", "Later"]
    assert subjects(client, state="planned", deal=deal) == ["Sooner"]
    page = client.get(LIST, {"state": "planned"}).content.decode()
    assert "Add to calendar: Sooner" in page
    assert "Mark as done: Later" in page


def test_the_list_goes_on_from_page_to_page(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.rep):
        for number in range(51):
            about = {"account_id": cast.accounts["Acorn"].pk, "done_on": date(2026, 5, 1 + number % 19)}
            log_activity(by=cast.rep.pk, kind="call", subject=f"{number}", **about)
    client = browse(cast.rep)
    first = client.get(LIST)
    rest = subjects(client, after=first.context["page"].after)
    shown = [row.subject for row in first.context["page"].rows]
    assert (len(shown), len(rest), len({*shown, *rest})) == (50, 1, 51)
    assert first.context["kinds"].total == 51


def test_programs_log_list_and_complete(cast: Cast) -> None:
    api = Api(cast.rep)
    typed = {"kind": "visit", "subject": "See them", "done": False, "due_on": "2026-05-21", "at": "14:00"}
    typed["account_id"] = cast.accounts["Acorn"].pk
    made = api.post("activities/", typed)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert (made.json()["at"], made.json()["version"], made.json()["done_on"]) == ("14:00", 1, None)
    assert api.get(f"activities/{pk}/").json() == made.json()
    listed = api.get("activities/?state=planned").json()["results"]
    assert [row["id"] for row in listed] == [pk]
    path, body = f"activities/{pk}/complete/", {"outcome": "Liked it"}
    assert [api.post(path, body).status_code, api.post(path, body, If_Match="7").status_code] == [428, 412]
    done = api.post(path, body, If_Match="1").json()
    assert (done["is_done"], done["done_on"], done["outcome"]) == (True, "2026-05-20", "Liked it")
    assert Api(cast.other_rep).get(f"activities/{pk}/").status_code == 404
    assert faults(api.post("activities/", {**typed, "at": "25:00"})) == [("hour_format", "at")]
    assert faults(api.post("activities/", {**typed, "account_id": cast.accounts["Cedar"].pk})) == [
        ("not_found", "")
    ]
    assert faults(api.get("activities/?kind=fax")) == [("bad_query", "kind")]


def test_programs_read_targets_and_touches(cast: Cast, acting: Any) -> None:
    manager, rep = Api(cast.manager), Api(cast.rep)
    asked = {"person_id": cast.rep.pk, "per": "day", "number": 5, "starts_on": "2026-05-15"}
    assert manager.post("activity-targets/", asked).json() == {"is_asked": True}
    assert rep.post("activity-targets/", asked).status_code == 403
    log(cast, acting)
    rows = {row["person_id"]: row for row in manager.get("activity-targets/").json()["results"]}
    assert rows[cast.rep.pk]["month"] == {
        "start": "2026-05-01", "last": "2026-05-31", "actual": 1, "target": None, "expected": 20,
    }  # fmt: skip
    found = manager.get("touches/?state=all").json()["results"]
    assert [(row["account_id"], row["last_on"], row["is_neglected"]) for row in found] == [
        (cast.accounts["Beech"].pk, None, True),
        (cast.accounts["Acorn"].pk, "2026-05-20", False),
    ]
