"""The panel of team and credit on a deal's page, and its forms."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from pipeline.models import Opportunity, Split
from pipeline.services import PartInput, add_to_team, set_split
from tests.cast import Cast
from tests.pages import parsed
from workspace.models import Approval

TODAY = date(2026, 5, 20)


@pytest.fixture
def page(cast: Cast) -> str:
    return reverse("opportunity_split", args=[cast.deals["Acorn renewal"].pk])


def panel(cast: Cast, browse: Any, person: Any) -> str:
    answer = browse(person).get(reverse("opportunity_team", args=[cast.deals["Acorn renewal"].pk]))
    assert answer.status_code == 200
    return parsed(answer.content.decode()).text


def typed(revenue: list[tuple[Any, str]], overlay: Any = (), **more: Any) -> dict[str, Any]:
    """What the form sends, each person by the key of the picker or by their name."""
    data: dict[str, Any] = {"version": 1, "starts_on": "2026-05-20", "reason": "", **more}
    for name, rows in (("revenue", revenue), ("overlay", overlay)):
        data |= {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": 0}
        for index, (person, percent) in enumerate(rows):
            data |= {f"{name}-{index}-person_id": person.pk, f"{name}-{index}-percent": percent}
    return data


def test_the_deals_page_loads_the_panel(cast: Cast, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    page = browse(cast.rep).get(reverse("opportunity_detail", args=[deal])).content.decode()
    assert f'hx-get="{reverse("opportunity_team", args=[deal])}"' in page


def test_without_a_team_and_a_split(cast: Cast, browse: Any) -> None:
    text = panel(cast, browse, cast.rep)
    assert "Nobody besides the owner." in text
    assert "Rita Rep $100,000.01 100 %" in text
    assert "Without a split the owner gets all of it." in text
    assert "Change the split" in text
    assert "Change the split" not in panel(cast, browse, cast.executive)


def test_the_team_and_the_shares(cast: Cast, acting: Any, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        add_to_team(by=cast.rep.pk, opportunity_id=deal, person_id=cast.peer.pk, role="Presales")
        parts = [PartInput(cast.rep.pk, 33_333_333), PartInput(cast.peer.pk, 66_666_667)]
        beside = [PartInput(cast.manager.pk, 12_500_000)]
        set_split(
            by=cast.rep.pk,
            opportunity_id=deal,
            version=1,
            starts_on=TODAY,
            revenue=parts,
            overlay=beside,
            reason="Paul sells it",
        )
    text = panel(cast, browse, cast.rep)
    assert "Paul Peer Presales · since May 20, 2026" in text
    assert "Paul Peer $66,666.67 66.666667 %" in text
    assert "Rita Rep $33,333.34 33.333333 %" in text
    assert "Mona Manager overlay $12,500.00 12.5 %" in text
    assert "since May 20, 2026 · Paul sells it" in text
    assert "On other days" in text
    assert "Feb 2, 2026 until May 20, 2026 · Without a split the owner gets all of it." in text


def test_somebody_comes_to_the_team(cast: Cast, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    client = browse(cast.rep)
    add = reverse("team_add", args=[deal])
    first = client.get(add).content.decode()
    assert '<datalist id="team-roles">' in first
    answer = client.post(add, {"person_id": cast.other_rep.pk, "role": "Presales", "starts_on": "2026-05-20"})
    assert answer.status_code == 302
    assert "Oscar Other Presales" in panel(cast, browse, cast.rep)
    assert "Oscar Other Presales" in panel(cast, browse, cast.other_rep)
    again = client.post(add, {"person_id": cast.other_rep.pk, "role": "", "starts_on": "2026-05-20"})
    assert again.status_code == 422
    assert "This person is in the team already." in again.content.decode()


def test_the_role_changes_and_the_work_ends(cast: Cast, acting: Any, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        member = add_to_team(by=cast.rep.pk, opportunity_id=deal, person_id=cast.peer.pk)
    client = browse(cast.rep)
    role = reverse("team_role", args=[deal, member.pk])
    assert client.post(role, {"role": "Delivery", "starts_on": "2026-06-01"}).status_code == 302
    assert "Paul Peer Delivery · from Jun 1, 2026 on" in panel(cast, browse, cast.rep)
    assert client.get(role).status_code == 404
    with acting(cast.rep):
        member = Opportunity.objects.get(pk=deal).team.current().get(role="Delivery")
    assert (
        client.post(reverse("team_end", args=[deal, member.pk]), {"stops_on": "2026-06-01"}).status_code
        == 302
    )
    assert "Delivery" not in panel(cast, browse, cast.rep)


def test_a_split_is_saved(cast: Cast, browse: Any, acting: Any, page: str) -> None:
    client = browse(cast.rep)
    form = client.get(page).content.decode()
    assert 'data-sum="revenue" data-whole="100"' in form
    assert 'name="revenue-0-percent" value="100"' in form
    answer = client.post(page, typed([(cast.rep, "60"), (cast.peer, "40")], [(cast.manager, "110")]))
    assert "A share lies between 0 and 100 %." in answer.content.decode()
    answer = client.post(page, typed([(cast.rep, "60"), (cast.peer, "40")], [(cast.manager, "10")]))
    assert answer.status_code == 302
    with acting(cast.rep):
        assert Split.objects.get().parts.count() == 3


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (("60", "39.99"), "The shares total 99.99 %. They must total exactly 100 %."),
        (("60", "40.01"), "The shares total 100.01 %. They must total exactly 100 %."),
        (("60", "x"), "Look at the shares: something there is missing or wrong."),
        (("60", ""), "Say how many percent this person gets."),
        (("100", "0.0000001"), "Look at the shares: something there is missing or wrong."),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    cast: Cast, browse: Any, page: str, shares: tuple[str, str], words: str
) -> None:
    rows = list(zip((cast.rep, cast.peer), shares, strict=True))
    answer = browse(cast.rep).post(page, typed(rows))
    assert answer.status_code == 422
    text = parsed(answer.content.decode()).text
    assert words in text
    assert 'value="60"' in answer.content.decode() or shares[0] == "100"


def test_the_same_person_twice_is_said_in_that_row(cast: Cast, browse: Any, page: str) -> None:
    answer = browse(cast.rep).post(page, typed([(cast.rep, "60"), (cast.peer, "20"), (cast.rep, "20")]))
    assert answer.status_code == 422
    root = parsed(answer.content.decode())
    lines = [one for one in root.walk() if "data-line" in one.attributes]
    marked = [index for index, one in enumerate(lines) if "stands twice here" in one.text]
    assert marked == [2]


def test_a_total_is_said_in_its_group(cast: Cast, browse: Any, page: str) -> None:
    answer = browse(cast.rep).post(page, typed([(cast.rep, "60"), (cast.peer, "39.99")]))
    root = parsed(answer.content.decode())
    groups = {one.attributes["data-lines"]: one.text for one in root.walk() if "data-lines" in one.attributes}
    assert "The shares total 99.99 %." in groups["revenue"]
    assert "The shares total" not in groups["overlay"]


def test_a_nobody_is_refused(cast: Cast, browse: Any, page: str) -> None:
    data = typed([(cast.rep, "60"), (cast.peer, "40")]) | {"revenue-1-person_id": "999999"}
    answer = browse(cast.rep).post(page, data)
    assert answer.status_code == 422
    assert "chosen here" in parsed(answer.content.decode()).text


def test_what_waits_is_told_on_the_page(cast: Cast, acting: Any, browse: Any, page: str) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        parts = [PartInput(cast.rep.pk, 60_000_000), PartInput(cast.other_rep.pk, 40_000_000)]
        set_split(by=cast.rep.pk, opportunity_id=deal, version=1, starts_on=TODAY, revenue=parts)
    client = browse(cast.rep)
    wanted = typed([(cast.rep, "90"), (cast.other_rep, "10")], version=2)
    missing = client.post(page, wanted)
    assert "Say why, because the share of Oscar Other goes down." in missing.content.decode()
    answer = client.post(page, wanted | {"reason": "He left it"})
    assert answer.status_code == 302
    told = parsed(client.get(reverse("opportunity_detail", args=[deal])).content.decode()).text
    assert "Olga Other is asked. Until the answer the split stays as it is." in told
    for person, opens in ((cast.rep, True), (cast.manager, False)):
        text = panel(cast, browse, person)
        assert "A change waits for Olga Other" in text
        assert "Rita Rep 90 % instead of 60 %, Oscar Other 10 % instead of 40 %." in text
        assert "Asked by Rita Rep" in text
        assert "Change the split" not in text
        assert ("Open the request" in text) is opens
    with acting(cast.rep):
        approval = Approval.objects.get(kind="split_change")
    inbox = browse(cast.other_manager)
    request = inbox.get(reverse("approval_detail", args=[approval.pk]))
    assert "Rita Rep 90 % instead of 60 %" in request.content.decode()
    waits = client.post(page, typed([(cast.rep, "50"), (cast.other_rep, "50")], version=2))
    assert waits.status_code == 409
    words = "A change of the split of Acorn renewal waits for Olga Other. Rita Rep can withdraw it."
    assert words in waits.content.decode()


def test_a_stale_form_shows_what_is_saved_now(cast: Cast, acting: Any, browse: Any, page: str) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.manager):
        parts = [PartInput(cast.rep.pk, 70_000_000), PartInput(cast.peer.pk, 30_000_000)]
        set_split(
            by=cast.manager.pk, opportunity_id=deal, version=1, starts_on=TODAY, revenue=parts, reason="Paul"
        )
    client = browse(cast.rep)
    answer = client.post(page, typed([(cast.rep, "60"), (cast.peer, "40")]))
    assert answer.status_code == 412
    text = parsed(answer.content.decode()).text
    assert "Mona Manager changed this at" in text
    assert "Saved now: Rita Rep 70 % Paul Peer 30 %" in text
    assert 'name="version" value="2"' in answer.content.decode()
    assert client.post(page, typed([(cast.rep, "60"), (cast.peer, "40")], version=2)).status_code == 302


def test_the_booking_form_starts_with_the_split_of_today(cast: Cast, acting: Any, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"].pk
    with acting(cast.rep):
        parts = [PartInput(cast.rep.pk, 60_000_000), PartInput(cast.peer.pk, 40_000_000)]
        set_split(by=cast.rep.pk, opportunity_id=deal, version=1, starts_on=TODAY, revenue=parts)
    client = browse(cast.rep)
    book = f"{reverse('order_book')}?opportunity={deal}"
    form = client.get(book).content.decode()
    assert 'name="shares-0-person" value="Rita Rep"' in form
    assert 'name="shares-1-percent" value="40"' in form
    shares: dict[str, object] = {
        "shares-TOTAL_FORMS": 2,
        "shares-INITIAL_FORMS": 2,
        "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0,
    }
    shares |= {"shares-0-person": "Rita Rep", "shares-0-percent": "60"}
    shares |= {"shares-1-person": "Paul Peer", "shares-1-percent": "40"}
    line = {"lines-0-product": cast.products["Licence"].pk, "lines-0-quantity": 1, "lines-0-amount": "1000"}
    data = {**shares, **line, "booked_on": "2026-05-19", "motion": "new", "version": 2}
    assert client.post(book, data).status_code == 302
    with acting(cast.admin):
        order = Opportunity.objects.get(pk=deal).order
        # The booking date is the day before the split, and what the form showed is credited.
        credited = order.events.get().shares.values_list("person_id", "weight")
        assert dict(credited) == {cast.rep.pk: 60_000_000, cast.peer.pk: 40_000_000}
