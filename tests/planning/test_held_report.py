"""Who held what when, and as it was known before."""

import re
from datetime import UTC, date, datetime
from typing import Any

from django.urls import reverse

from accounts.models import AccountTerritory, Hold, Rule
from accounts.services import end_hold, hold_account
from common.calendars import Span
from common.transaction import reach
from planning.selectors.held import Asked, held_of_account
from planning.services.drafts import create_draft
from territories.models import Seat
from territories.selectors import book_of_person
from territories.services import end_seat, grant_role, seat_person
from tests.accounts.bundled import module
from tests.accounts.places import MAY, assign_account
from tests.cast import Cast
from tests.salesops.conftest import plain

URL, FILE = reverse("held_report"), reverse("held_csv")
JUNE = date(2026, 6, 1)


def replace_rep(cast: Cast, acting: Any, clock: Any) -> None:
    """On 25 May it is entered that Rita leaves East 1 on 1 June, and Paul owns it half of his time from 10 June on."""
    clock.move_to(datetime(2026, 5, 25, 9, tzinfo=UTC))
    with acting(cast.admin):
        seat = Seat.objects.current().get(user=cast.rep)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=JUNE)
        facts = {"user_id": cast.peer.pk, "territory_id": cast.territories["East 1"].pk, "kind": "owner"}
        seat_person(by=cast.admin.pk, starts_on=date(2026, 6, 10), share=50_000_000, reason="grows", **facts)


def sentences(client: Any, **query: object) -> list[str]:
    return [line.sentence for line in client.get(URL, query).context["lines"]]


def test_a_persons_seats(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    replace_rep(cast, acting, clock)
    client = browse(cast.director)
    assert sentences(client, person=cast.rep.pk) == ["Jan 1, 2025 to May 31, 2026: owner of East 1"]
    assert sentences(client, person=cast.peer.pk) == [
        "From Jan 1, 2025 on: owner of East 2",
        "From Jun 10, 2026 on: owner of East 1, 50% of their time: grows",
    ]
    assert sentences(client, person=cast.peer.pk, on="2026-05-01", to="2026-06-09") == [
        "From Jan 1, 2025 on: owner of East 2"
    ]


def test_as_it_was_known_before(cast: Cast, acting: Any, browse: Any, clock: Any, owner: Any) -> None:
    owner.execute("ALTER TABLE territories_seat DISABLE TRIGGER USER")
    owner.execute("UPDATE territories_seat SET recorded_at = '2026-05-20 12:00+00'")
    replace_rep(cast, acting, clock)
    owner.execute(
        "UPDATE territories_seat SET superseded_at = '2026-05-25 13:00+00' WHERE superseded_at IS NOT NULL"
    )
    owner.execute(
        "UPDATE territories_seat SET recorded_at = '2026-05-25 13:00+00' WHERE recorded_at > '2026-05-21'"
    )
    owner.execute("ALTER TABLE territories_seat ENABLE TRIGGER USER")
    client, place = browse(cast.admin), cast.territories["East 1"].pk
    before = ["From Jan 1, 2025 on: Rita Rep as owner"]
    after = [
        "Jan 1, 2025 to May 31, 2026: Rita Rep as owner",
        "Jun 1, 2026 to Jun 9, 2026: nobody",
        "From Jun 10, 2026 on: Paul Peer as owner, 50% of their time: grows",
    ]
    assert sentences(client, territory=place, known="2026-05-19") == ["Jan 1, 2026 to Dec 31, 2026: nobody"]
    assert sentences(client, territory=place, known="2026-05-20") == before
    assert sentences(client, territory=place, known="2026-05-24") == before
    assert sentences(client, territory=place, known="2026-05-25") == after
    assert sentences(client, territory=place) == after


def test_unassigned_is_held_by_nobody_on_purpose(cast: Cast, browse: Any) -> None:
    assert sentences(browse(cast.admin), territory=cast.territories["Unassigned"].pk) == []


def test_an_account_with_who_owned_it_and_why(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    replace_rep(cast, acting, clock)
    module(cast, acting, "Acorn", on=date(2026, 7, 1))
    with acting(cast.admin):
        assign_account(
            by=cast.admin.pk,
            account_id=cast.accounts["Acorn"].pk,
            territory_id=cast.territories["West 1"].pk,
            starts_on=date(2026, 7, 1),
            reason="closer",
        )
        Hold.objects.create(
            account=cast.accounts["Acorn"],
            person=cast.rep,
            starts_on=date(2026, 5, 1),
            stops_on=JUNE,
            reason="contract",
        )
    told = [
        "Jan 1, 2025 to May 31, 2026: in East 1, owned by Rita Rep: by hand",
        "May 1, 2026 to May 31, 2026: held by Rita Rep: contract",
        "Jun 1, 2026 to Jun 9, 2026: in East 1, owned by nobody: by hand",
        "Jun 10, 2026 to Jun 30, 2026: in East 1, owned by Paul Peer: by hand",
        "From Jul 1, 2026 on: in West 1, owned by Oscar Other: by hand: closer",
        "From Jul 1, 2026 on: in the module Key accounts: named",
    ]
    client = browse(cast.admin)
    assert sentences(client, account="A-1") == sentences(client, account="acorn") == told
    assert sentences(client, account="A-1", on="2026-07-01") == told[4:]
    assert sentences(client, account="A-1", on="2026-06-05", to="2026-06-06") == [told[2]]


def test_what_ended_it_is_not_why_it_began(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    east_2, acorn = cast.territories["East 2"].pk, cast.accounts["Acorn"].pk
    days = {"starts_on": date(2026, 6, 1), "stops_on": date(2026, 9, 1)}
    with acting(cast.admin):
        facts = {"user_id": cast.rep.pk, "territory_id": east_2, "kind": "overlay", "reason": "knows them"}
        seat = seat_person(by=cast.admin.pk, starts_on=JUNE, **facts)
        hold = hold_account(
            by=cast.admin.pk, account_id=acorn, person_id=cast.rep.pk, reason="contract", **days
        )
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 7, 1), reason="Spring 2027")
        end_hold(by=cast.admin.pk, hold_id=hold.pk, stops_on=date(2026, 7, 1), reason="Spring 2027")
    client, on = browse(cast.admin), {"on": "2026-06-01", "to": "2026-06-30"}
    sat = "Jun 1, 2026 to Jun 30, 2026: overlay of East 2: knows them"
    assert sat in sentences(client, person=cast.rep.pk, **on)
    assert "Rita Rep as overlay: knows them" in " ".join(sentences(client, territory=east_2, **on))
    assert "held by Rita Rep: contract" in " ".join(sentences(client, account="A-1", **on))


def test_a_rule_is_named_with_its_version(cast: Cast, acting: Any) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.admin):
        rule = Rule.objects.create(name="West", territory=cast.territories["West 1"], priority=10)
        specialist = {"coverage": "specialist", "cause": "rule", "cause_version": 3, "starts_on": JUNE}
        row = {"account": acorn, "territory": cast.territories["West 1"]}
        AccountTerritory.objects.create(**row, **specialist, cause_id=rule.pk)
        AccountTerritory.objects.create(**row, **specialist | {"coverage": "partner"}, cause_id=0)
        held = held_of_account(reach(), acorn, Asked(Span(JUNE, date(2026, 7, 1))))
    assert [(one.what, one.how, one.cause) for one in held] == [
        ("in East 1", "owned by Rita Rep", "by hand"),
        ("in West 1 (partner)", "owned by Oscar Other", "by rule"),
        ("in West 1 (specialist)", "owned by Oscar Other", "by rule West, version 3"),
    ]


def test_the_file_has_the_same_lines(cast: Cast, acting: Any, browse: Any, clock: Any) -> None:
    replace_rep(cast, acting, clock)
    answer = browse(cast.director).get(FILE, {"person": cast.peer.pk})
    assert answer.content.decode("utf-8-sig").split("\r\n") == [
        "From,To,What,How,Why,Recorded by,End recorded by",
        "2025-01-01,,owner of East 2,,,,",
        "2026-06-10,,owner of East 1,50% of their time,grows,Ada Admin,",
        "",
    ]


def test_one_is_asked_about_and_it_is_in_reach(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.director)
    assert client.get(URL, {"person": cast.rep.pk, "account": "A-1"}).status_code == 400
    assert client.get(URL, {"account": "Cedar"}).status_code == 400
    assert client.get(URL, {"person": 0}).status_code == 200
    assert client.get(URL, {"person": 999_999}).status_code == 404
    assert client.get(URL, {"territory": 999_999}).status_code == 404
    assert "Choose one of them" in client.get(URL).content.decode()
    assert "Nothing on these days" in client.get(URL, {"person": cast.admin.pk}).content.decode()
    assert browse(cast.rep).get(URL).status_code == 403


def test_of_two_of_one_name_the_number_is_asked(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        twin = cast.accounts["Beech"]
        type(twin).objects.change(twin.pk, twin.version, name="Acorn")
    page = browse(cast.admin).get(URL, {"account": "Acorn"})
    assert page.status_code == 400
    assert "Several accounts are called Acorn." in page.content.decode()


def test_who_began_it_and_who_ended_it_are_two(cast: Cast, acting: Any, browse: Any) -> None:
    acorn, west, east = cast.accounts["Acorn"], cast.territories["West 1"].pk, cast.territories["East 2"].pk
    with acting(cast.admin):
        seat_of_nina = {"territory_id": east, "kind": "overlay", "starts_on": JUNE, "reason": "knows them"}
        seat = seat_person(by=cast.admin.pk, user_id=cast.rep.pk, **seat_of_nina)
        place = {"account_id": acorn.pk, "starts_on": JUNE}
        assign_account(by=cast.admin.pk, territory_id=east, **place)
        grant_role(by=cast.admin.pk, user_id=cast.executive.pk, role="admin", starts_on=MAY)
    with acting(cast.executive):
        end_seat(by=cast.executive.pk, seat_id=seat.pk, stops_on=date(2026, 7, 1), reason="enough")
        place = {"account_id": acorn.pk, "starts_on": date(2026, 8, 1)}
        assign_account(by=cast.executive.pk, territory_id=west, **place)
    client = browse(cast.admin)

    def told(**query: Any) -> list[tuple[str, str, str]]:
        lines = client.get(URL, query).context["lines"]
        return [(line.what, line.recorded_by, line.ended_by) for line in lines]

    both = ("Ada Admin", cast.executive.name)
    assert ("overlay of East 2", *both) in told(person=cast.rep.pk)
    assert ("Rita Rep as overlay", *both) in told(territory=east)
    assert told(account="A-1")[1:] == [("in East 2", *both), ("in West 1", cast.executive.name, "")]
    assert (
        f",Ada Admin,{cast.executive.name}\r\n" in client.get(FILE, {"person": cast.rep.pk}).content.decode()
    )
    page = plain(client.get(reverse("account_detail", args=[acorn.pk])))
    assert re.search(rf"East 2 .* Ada Admin its end [^,]+, 2026, [^,]+, {cast.executive.name}", page)
    book = [(line.text, line.by, line.mark) for line in book_of(cast, acting)]
    assert ("Overlay of East 2, from Jun 1, 2026 on: knows them", "Ada Admin", "") in book
    assert ("Overlay of East 2, ends on Jul 1, 2026: enough", cast.executive.name, "") in book


def book_of(cast: Cast, acting: Any) -> Any:
    with acting(cast.admin):
        return book_of_person(cast.rep)


def test_a_realignment_is_a_link_for_who_may_read_it(cast: Cast, acting: Any, browse: Any) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=JUNE)
        rule = Rule.objects.create(name="West", territory=cast.territories["West 1"], priority=10)
        place = {"account_id": acorn.pk, "by": cast.admin.pk}
        cause = {"cause": "realignment", "cause_id": draft.pk}
        assign_account(territory_id=cast.territories["East 2"].pk, starts_on=JUNE, **cause, **place)
        cause = {"cause": "rule", "cause_id": rule.pk, "cause_version": 1}
        assign_account(
            territory_id=cast.territories["East Team"].pk, starts_on=date(2026, 7, 1), **cause, **place
        )
    page, link = reverse("draft_detail", args=[draft.pk]), reverse("draft_link", args=[draft.pk])
    for person, is_told in ((cast.admin, True), (cast.executive, True), (cast.director, False)):
        client = browse(person)
        lines = client.get(URL, {"account": "A-1"}).context["lines"]
        drafts = [line.source for line in lines if line.source and line.source.url == page]
        assert [source.name for source in drafts] == (["Spring"] if is_told else [])
        fragment = client.get(link)
        assert fragment.status_code == 200
        assert (f'<a href="{page}">Spring</a>' in fragment.content.decode()) is is_told
    sources = [line.source for line in browse(cast.admin).get(URL, {"account": "A-1"}).context["lines"]]
    assert ("West", reverse("rule_detail", args=[rule.pk])) in sources
    detail = reverse("account_detail", args=[acorn.pk])
    assert f'hx-get="{link}"' in browse(cast.admin).get(detail).content.decode()
    assert link not in browse(cast.manager).get(detail).content.decode()
