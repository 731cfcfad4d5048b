"""What somebody with another one's log-in, or with odd input, does not get."""

from datetime import date

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Forbidden, Refused
from common.shown_once import COOKIE
from common.transaction import work
from orders.models import Participant
from orders.selectors.people import people_named
from orders.services import LineInput, ShareInput, book
from quotas.services import set_quota
from territories.models import User
from territories.selectors import reach_for
from territories.services import edit_profile, seat_person
from tests.calls import Api
from tests.orders.test_order_book import booking

MAY = date(2026, 5, 20)
WHOLE = 100_000_000


def order_by(cast, person, **changes):
    given = {
        "account_id": cast.accounts["Acorn"].pk,
        "booked_on": MAY,
        "currency": "USD",
        "motion": "renewal",
        "lines": [LineInput(cast.products["Licence"].pk, 1, 100_00)],
        "shares": [],
    }
    return book(by=person.pk, **{**given, **changes})


def test_help_in_a_territory_makes_nobody_its_managers_report(cast, acting):
    with acting(cast.admin):
        place = cast.territories["East 1"].pk
        helper = {"user_id": cast.other_rep.pk, "territory_id": place, "kind": "overlay"}
        seat_person(by=cast.admin.pk, starts_on=MAY, **helper)
    with work(by=None, why="a look", reach=Reach.everything()):
        assert cast.other_rep.pk not in reach_for(cast.manager, MAY).people
        assert place in reach_for(cast.other_rep, MAY).nodes


def test_an_order_is_given_to_nobody_outside_ones_team(cast, acting):
    with acting(cast.manager), pytest.raises(Forbidden):
        order_by(cast, cast.manager, owner_id=cast.other_rep.pk)
    with acting(cast.manager):
        assert order_by(cast, cast.manager, owner_id=cast.peer.pk).owner_id == cast.peer.pk


def test_a_share_of_nothing_opens_nothing(cast, acting):
    shares = [ShareInput(cast.rep.pk, WHOLE), ShareInput(cast.other_rep.pk, 0)]
    with acting(cast.coordinator):
        order = order_by(cast, cast.coordinator, shares=shares)
    with work(by=None, why="a look", reach=Reach.everything()):
        readers = Participant.objects.filter(order=order).values_list("user_id", flat=True)
        assert list(readers) == [cast.rep.pk]


def test_an_address_names_its_person_whatever_others_call_themselves(cast, acting):
    with acting(cast.rep), pytest.raises(Refused, match="A name is no e-mail address"):
        edit_profile(by=cast.rep.pk, version=cast.rep.version, name="peer@example.com")
    with work(by=None, why="an older name", reach=Reach.everything()):
        User.objects.filter(pk=cast.rep.pk).update(name="peer@example.com")
        assert people_named(["peer@example.com"]) == {"peer@example.com": [cast.peer.pk]}


def test_nobody_sets_the_quota_of_their_own_territory(cast, acting):
    asked = {"period_id": cast.q2.pk, "amount_minor": 100}
    with acting(cast.director):
        with pytest.raises(Forbidden):
            set_quota(by=cast.director.pk, territory_id=cast.territories["East"].pk, **asked)
        set_quota(by=cast.director.pk, territory_id=cast.territories["East Team"].pk, **asked)


def test_who_has_no_role_today_sees_no_page(cast, browse, owner):
    client = browse(cast.rep)
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM territories_rolegrant WHERE user_id = %s", [cast.rep.pk])
    for address in ("/", "/territories/", "/catalogue/", "/calendar/", "/profile/"):
        answer = client.get(address)
        assert (answer.status_code, b"no role here today" in answer.content) == (403, True)
    assert client.post("/sign-in/logout/").status_code == 302


def test_a_secret_is_shown_to_the_one_who_made_it_alone(cast, browse):
    client = browse(cast.admin)
    assert client.post("/profile/tokens/new/", {"name": "x", "scopes": "read", "days": 9}).status_code == 302
    made = client.cookies[COOKIE].value
    other = browse(cast.rep)
    other.cookies[COOKIE] = made
    page = other.get("/profile/tokens/")
    assert (page.status_code, page.context["secret"]) == (200, "")


def test_a_key_counts_for_its_own_address_alone(cast, browse):
    client, address = browse(cast.rep), "/orders/book/?opportunity="
    form = booking(cast, idempotency_key="one-key-for-two-deals")
    first, second = cast.deals["Acorn renewal"].pk, cast.deals["Beech renewal"].pk
    assert client.post(f"{address}{first}", form).status_code == 302
    assert client.post(f"{address}{second}", form).status_code == 422


@pytest.mark.parametrize("following", ["foo", "opportunity_detail", "home", "//elsewhere.example/"])
def test_a_move_goes_on_to_a_page_and_to_nothing_else(cast, browse, following):
    deal = cast.deals["Acorn renewal"]
    form = {"stage": cast.stages["Proposal"].pk, "version": 1, "next": following}
    answer = browse(cast.rep).post(reverse("opportunity_move", args=[deal.pk]), form)
    assert (answer.status_code, answer["Location"]) == (302, reverse("opportunity_detail", args=[deal.pk]))


@pytest.mark.parametrize("board", ["http://[", "http://testserver/opportunities/board/?q=%00"])
def test_a_card_moves_whatever_page_the_browser_names(cast, browse, board):
    deal = cast.deals["Acorn renewal"]
    form = {"stage": cast.stages["Proposal"].pk, "version": 1}
    headers = {"HX-Request": "true", "HX-Target": f"card-{deal.pk}", "HX-Current-URL": board}
    answer = browse(cast.rep).post(reverse("opportunity_move", args=[deal.pk]), form, headers=headers)
    assert (answer.status_code, f'id="card-{deal.pk}"' in answer.content.decode()) == (200, True)


def test_a_quota_form_that_names_no_quota_carries_no_version(cast, browse, acting):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, amount_minor=100, person_id=cast.rep.pk)
    form = {
        "period_id": cast.q2.pk,
        "assignee": f"person:{cast.rep.pk}",
        "amount_minor": "2.00",
        "version": "999",
    }
    assert browse(cast.admin).post(reverse("quota_set"), form).status_code == 422


def test_a_filter_by_nobody_finds_nothing(cast, browse):
    client = browse(cast.rep)
    for query in ({"owner": "0"}, {"stage": "0"}):
        assert client.get(reverse("opportunity_list"), query).context["page"].rows == []


def test_a_form_of_a_hundred_million_rows_is_refused_at_no_cost(cast, browse):
    address = reverse("opportunity_lines", args=[cast.deals["Acorn renewal"].pk])
    form = {"version": 1, "lines-TOTAL_FORMS": 99_999_999, "lines-INITIAL_FORMS": 0}
    answer = browse(cast.rep).post(address, form)
    assert answer.status_code == 422
    assert len(answer.content) < 300_000


def test_a_token_without_a_role_is_told_so(cast, owner):
    api = Api(cast.rep)
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM territories_rolegrant WHERE user_id = %s", [cast.rep.pk])
    assert api.get("accounts/").status_code == 403
