"""The values that forms offer: kept by administrators, and what was chosen stays as it was written."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Rule
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from pipeline.models import Competitor, Opportunity
from pipeline.services import move_stage
from tests.calls import Api, faults
from tests.cast import PEOPLE, Cast
from tests.salesops.conftest import plain
from workspace.models import ListValue
from workspace.selectors.lists import offered
from workspace.services import (
    add_value,
    as_listed,
    listed,
    merge_value,
    offer_value,
    place_value,
    rename_value,
)

REASONS, INDUSTRIES = (reverse("list_value_list", args=[name]) for name in ("lost_reason", "industry"))
USUAL = ["Price", "Product fit", "Timing", "Competitor", "No decision", "No budget"]


def now(cast: Cast, acting: Any, name: str = "lost_reason") -> list[str]:
    with acting(cast.rep):
        return offered(name)


def row_of(cast: Cast, acting: Any, value: str) -> ListValue:
    with acting(cast.admin):
        row: ListValue = ListValue.objects.get(value=value)
        return row


def post(client: Any, name: str, row: ListValue, **typed: str) -> Any:
    url = reverse(f"list_value_{name}", args=[row.pk])
    return client.post(url, {"version": str(row.version), **typed}, follow=True)


def test_a_new_company_offers_the_usual_reasons(cast: Cast, acting: Any) -> None:
    assert now(cast, acting) == USUAL
    assert now(cast, acting, "industry") == []


def test_a_value_is_added_renamed_and_moved(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    create = reverse("list_value_create", args=["lost_reason"])
    assert "Legal is offered now." in plain(client.post(create, {"value": " Legal "}, follow=True))
    post(client, "move", row_of(cast, acting, "Legal"), place="6")
    assert now(cast, acting)[-2:] == ["Legal", "No budget"]
    post(client, "move", row_of(cast, acting, "Price"), place="2")
    assert now(cast, acting)[:2] == ["Product fit", "Price"]
    typed = {"value": "Bad timing", "place": "1"}
    assert "Saved." in plain(post(client, "edit", row_of(cast, acting, "Timing"), **typed))
    assert now(cast, acting)[:2] == ["Bad timing", "Product fit"]
    page = plain(client.get(reverse("list_value_edit", args=[row_of(cast, acting, "Bad timing").pk])))
    assert "Value: Timing → Bad timing" in page


def test_a_place_beyond_the_end_is_the_last(cast: Cast, acting: Any) -> None:
    row = row_of(cast, acting, "Price")
    with acting(cast.admin):
        place_value(by=cast.admin.pk, value_id=row.pk, version=row.version, place=99)
    assert now(cast, acting) == [*USUAL[1:], "Price"]


def test_what_is_no_longer_offered_stays_where_it_was_chosen(cast: Cast, acting: Any, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        lost = cast.stages["Lost"].pk
        move_stage(
            by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, stage_id=lost, lost_reason="Price"
        )
    client, row = browse(cast.admin), row_of(cast, acting, "Price")
    assert "no longer offered" in plain(post(client, "offer", row))
    assert now(cast, acting) == USUAL[1:]
    post(client, "edit", row_of(cast, acting, "Price"), value="Too dear", place="1")
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal.pk).lost_reason == "Price"
    post(client, "offer", row_of(cast, acting, "Too dear"), is_offered="1")
    assert now(cast, acting)[0] == "Too dear"


def test_a_deal_is_lost_for_one_of_the_reasons_or_for_any_where_none_is_offered(
    cast: Cast, acting: Any, browse: Any
) -> None:
    client, deal = browse(cast.rep), cast.deals["Acorn renewal"]
    url = reverse("opportunity_move", args=[deal.pk])
    typed = {"stage": cast.stages["Lost"].pk, "version": deal.version, "lost_reason": "Bad weather"}
    assert '<option value="No budget">No budget</option>' in client.get(url).content.decode()
    answer = client.post(url, typed)
    assert (answer.status_code, "Bad weather is not one of the available choices." in plain(answer)) == (
        422,
        True,
    )
    with acting(cast.admin):
        ListValue.objects.update(is_offered=False)
    assert client.post(url, typed).status_code == 302
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal.pk).lost_reason == "Bad weather"


def test_accounts_propose_the_industries_on_offer_or_else_those_of_accounts(
    cast: Cast, acting: Any, browse: Any
) -> None:
    client, url = browse(cast.rep), reverse("account_edit", args=[cast.accounts["Acorn"].pk])
    assert '<option value="Retail"></option>' in client.get(url).content.decode()
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="industry", value="Energy")
    page = client.get(url).content.decode()
    assert ('<option value="Energy"></option>' in page, '<option value="Retail"></option>' in page) == (
        True,
        False,
    )


@pytest.mark.parametrize("value", ["", "   ", "price", "PRICE "])
def test_a_value_is_there_once_and_says_something(cast: Cast, acting: Any, value: str) -> None:
    with pytest.raises(Refused) as refused, acting(cast.admin):
        add_value(by=cast.admin.pk, name="lost_reason", value=value)
    assert refused.value.path == "value"
    row = row_of(cast, acting, "Timing")
    with pytest.raises(Refused), acting(cast.admin):
        rename_value(by=cast.admin.pk, value_id=row.pk, version=row.version, value=value)


def test_of_two_who_change_a_value_the_second_is_told(cast: Cast, acting: Any, browse: Any) -> None:
    row, client = row_of(cast, acting, "Timing"), browse(cast.admin)
    post(client, "edit", row, value="Bad timing", place="3")
    stale = post(client, "edit", row, value="Late", place="3")
    assert (stale.status_code, "Bad timing" in plain(stale)) == (412, True)
    told = "Somebody else changed this after you opened it. Compare and save again."
    assert told in plain(post(client, "move", row, place="1"))
    assert told in plain(post(client, "offer", row))
    with pytest.raises(Stale), acting(cast.admin):
        place_value(by=cast.admin.pk, value_id=row.pk, version=row.version, place=1)


@pytest.mark.parametrize("key", sorted(set(PEOPLE) - {"admin"}))
def test_only_administrators_keep_lists(cast: Cast, acting: Any, browse: Any, key: str) -> None:
    person, row = getattr(cast, key), row_of(cast, acting, "Timing")
    client = browse(person)
    assert [client.get(url).status_code for url in (REASONS, INDUSTRIES)] == [403, 403]
    assert post(client, "move", row, place="1").status_code == 403
    with pytest.raises(Forbidden), acting(person):
        add_value(by=person.pk, name="industry", value="Energy")
    with pytest.raises(Forbidden), acting(person):
        offer_value(by=person.pk, value_id=row.pk, version=row.version, is_offered=False)


def test_a_list_or_value_that_there_is_not(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    assert client.get(reverse("list_value_list", args=["competitors"])).status_code == 404
    assert client.get(reverse("list_value_edit", args=[0])).status_code == 404
    with pytest.raises(NotInReach), acting(cast.admin):
        add_value(by=cast.admin.pk, name="competitors", value="Them")


def test_an_empty_list_says_what_forms_do_then(cast: Cast, browse: Any) -> None:
    assert "Until there is a value, people write what they like" in plain(browse(cast.admin).get(INDUSTRIES))


# ---- merging ----


def lose(cast: Cast, acting: Any, reason: str) -> Opportunity:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        facts = {"by": cast.rep.pk, "opportunity_id": deal.pk, "version": deal.version}
        move_stage(**facts, stage_id=cast.stages["Lost"].pk, lost_reason=reason)
    return deal


def merge(cast: Cast, acting: Any, value: str, other: str) -> int:
    row, into = row_of(cast, acting, value), row_of(cast, acting, other)
    with acting(cast.admin):
        number: int = merge_value(by=cast.admin.pk, value_id=row.pk, version=row.version, into_id=into.pk)
        return number


def test_all_that_holds_a_merged_value_holds_the_other_and_its_history_says_so(
    cast: Cast, acting: Any, browse: Any
) -> None:
    deal, client = lose(cast, acting, "No decision"), browse(cast.admin)
    assert "1 record holds it" in plain(client.get(REASONS))
    answer = post(
        client, "merge", row_of(cast, acting, "No decision"), into_id=str(row_of(cast, acting, "Price").pk)
    )
    assert "Merged. 1 record was changed." in plain(answer)
    assert now(cast, acting) == [value for value in USUAL if value != "No decision"]
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal.pk).lost_reason == "Price"
    history = plain(browse(cast.rep).get(reverse("opportunity_history", args=[deal.pk])))
    assert "Reason for the loss: No decision → Price" in history
    assert "No decision was merged into Price" in history
    assert "No decision means Price" in plain(client.get(REASONS))


def test_whoever_writes_a_merged_value_means_the_other(cast: Cast, acting: Any) -> None:
    merge(cast, acting, "No decision", "Price")
    merge(cast, acting, "Price", "Timing")
    with acting(cast.rep):
        assert listed("lost_reason", "no DECISION", "lost_reason") == "Timing"
        assert [as_listed("lost_reason")(text) for text in ("No decision", "price", "Else")] == [
            "Timing",
            "Timing",
            "Else",
        ]


def test_a_merged_value_is_not_offered_written_or_moved_again(cast: Cast, acting: Any) -> None:
    merge(cast, acting, "No decision", "Price")
    row = row_of(cast, acting, "No decision")
    facts = {"by": cast.admin.pk, "value_id": row.pk, "version": row.version}
    for act, more in (
        (offer_value, {"is_offered": True}),
        (rename_value, {"value": "Poor"}),
        (place_value, {"place": 1}),
        (merge_value, {"into_id": row_of(cast, acting, "Timing").pk}),
    ):
        with pytest.raises(Conflict, match="merged into another value"), acting(cast.admin):
            act(**facts, **more)
    with acting(cast.admin), pytest.raises(IntegrityError), transaction.atomic():
        ListValue.objects.filter(pk=row.pk).update(is_offered=True)


def test_nothing_is_merged_into_what_is_not_offered(cast: Cast, acting: Any, browse: Any) -> None:
    row, into = row_of(cast, acting, "No decision"), row_of(cast, acting, "Price")
    with acting(cast.admin):
        offer_value(by=cast.admin.pk, value_id=into.pk, version=into.version, is_offered=False)
    with pytest.raises(Refused, match="Choose a value that is offered") as refused:
        merge(cast, acting, "No decision", "Price")
    assert (refused.value.path, refused.value.code) == ("into_id", "not_offered")
    page = browse(cast.admin).get(reverse("list_value_merge", args=[row.pk])).content.decode()
    assert ("Timing</option>" in page, "Price</option>" in page) == (True, False)


def test_both_values_are_locked_by_their_ids_before_they_are_merged(cast: Cast, acting: Any) -> None:
    row, into = row_of(cast, acting, "Timing"), row_of(cast, acting, "Price")
    with CaptureQueriesContext(connection) as asked:
        merge(cast, acting, "Timing", "Price")
    (lock,) = [one["sql"] for one in asked if "NO KEY UPDATE" in one["sql"] and "listvalue" in one["sql"]]
    assert f"IN ({row.pk}, {into.pk})" in lock
    assert 'ORDER BY "workspace_listvalue"."id" ASC' in lock


def test_what_records_hold_by_date_or_rules_decide_by_is_not_merged(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for name, value in (("tier", "A"), ("tier", "B"), ("industry", "Banking"), ("industry", "Finance")):
            add_value(by=cast.admin.pk, name=name, value=value)
        conditions = [[{"kind": "industry", "values": ["banking"]}]]
        Rule.objects.create(name="Banks", territory=cast.territories["East 1"], conditions=conditions)
    with pytest.raises(Conflict, match="hold these by date"):
        merge(cast, acting, "A", "B")
    with pytest.raises(Conflict, match="Rules decide by it: Banks"):
        merge(cast, acting, "Banking", "Finance")
    with pytest.raises(Refused, match="another value of the same list"):
        merge(cast, acting, "Finance", "A")


def test_a_deal_with_both_competitors_is_named_a_conflict_and_nothing_changes(
    cast: Cast, acting: Any
) -> None:
    with acting(cast.admin):
        for value in ("Globex", "Globex Inc"):
            add_value(by=cast.admin.pk, name="competitor", value=value)
            Competitor.objects.create(opportunity=cast.deals["Acorn renewal"], name=value)
    with pytest.raises(Conflict, match="hold both Globex Inc and Globex"):
        merge(cast, acting, "Globex Inc", "Globex")
    with acting(cast.admin):
        names = Competitor.objects.order_by("id").values_list("name", flat=True)
        assert list(names) == ["Globex", "Globex Inc"]
    assert row_of(cast, acting, "Globex Inc").is_offered


def test_programs_read_lists_and_administrators_keep_them(cast: Cast) -> None:
    program = Api(cast.admin)
    made = program.post("list-values/", {"list": "tactic", "value": "Letter"}).json()
    assert (made["value"], made["is_offered"], made["merged_into_id"]) == ("Letter", True, None)
    path = f"list-values/{made['id']}/"
    renamed = program.patch(path, {"value": "Post card"}, If_Match="1").json()
    assert (renamed["value"], renamed["version"]) == ("Post card", 2)
    assert program.patch(path, {"is_offered": False}, If_Match="2").json()["is_offered"] is False
    placed = program.post(f"{path}place/", {"place": 1}, If_Match="3")
    assert placed.status_code == 200
    rows = program.get("list-values/?list=tactic").json()
    assert [row["value"] for row in rows][:2] == ["Post card", "Cold call"]
    into = next(row["id"] for row in rows if row["value"] == "E-mail")
    merged = program.post(f"{path}merge/", {"into_id": into}, If_Match=str(rows[0]["version"])).json()
    assert (merged["merged_into_id"], merged["changed"]) == (into, 0)
    assert Api(cast.rep).get("list-values/?list=tactic").status_code == 200
    assert faults(Api(cast.rep).post("list-values/", {"list": "tactic", "value": "Fax"})) == [
        ("forbidden", "")
    ]
    assert program.get("list-values/?list=tunes").status_code == 400
