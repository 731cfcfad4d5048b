"""What is said before a press: who would answer, what changes most, what is wrong with a split."""

import pytest
from django.urls import reverse

from accounts.models import Account
from planning.services.realigning import ask_publishing
from quotas.services import set_quota
from territories.models import Seat
from tests.accounts.places import add_accounts
from tests.planning.acts import account
from tests.planning.test_account_merge import merge
from tests.planning.test_realignment import acorn_west, look, moved
from tests.planning.test_territory_split import typed
from tests.salesops.conftest import plain
from workspace.models import Approval

NOBODY = "Nobody else is admin, so nobody could answer. Give that role to a second person first."
NEW = {"name": "New", "code": "NEW", "places": "", "numbers": "A-1"}


def test_many_accounts_say_at_once_that_nobody_could_answer(cast, browse):
    chosen = [str(pk) for pk in add_accounts(cast, 26)]
    page = plain(browse(cast.admin).post(reverse("accounts_assign"), {"account": chosen}))
    assert NOBODY in page
    assert NOBODY not in plain(browse(cast.admin).post(reverse("accounts_assign"), {"account": chosen[:25]}))


def test_many_accounts_say_at_once_who_would_answer(cast, browse, ben):
    chosen = [str(pk) for pk in add_accounts(cast, 26)]
    page = plain(browse(cast.admin).post(reverse("accounts_assign"), {"account": chosen}))
    assert "So many accounts move once another administrator approves: Ben Boss." in page


def test_a_draft_says_who_could_approve_it_or_that_nobody_could(cast, acting, browse):
    draft = moved(cast, acting, **acorn_west(cast))
    assert NOBODY in plain(browse(cast.admin).get(reverse("draft_detail", args=[draft.pk])))


def test_a_draft_names_who_could_approve_it(cast, acting, browse, ben):
    draft = moved(cast, acting, **acorn_west(cast))
    assert "Can approve it, once you ask Ben Boss" in plain(
        browse(cast.admin).get(reverse("draft_detail", args=[draft.pk]))
    )


def test_who_approves_a_realignment_reads_its_biggest_changes_on_its_page_first(cast, acting, browse, ben):
    draft = moved(cast, acting, **acorn_west(cast))
    with acting(cast.admin):
        ask_publishing(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    approval = look(lambda: Approval.objects.get(kind="realignment"))
    client, url = browse(ben), reverse("approval_detail", args=[approval.pk])
    inbox = client.get(reverse("inbox")).content.decode()
    assert f'href="{url}">Look and approve' in inbox
    assert f'id="grant-{approval.pk}"' not in inbox
    lines = {line.name: line.note for line in client.get(url).context["lines"]}
    money = "Open pipeline $100,000.01 → $0.00"
    assert lines["East 1"] == f"Accounts 1 → 0 · {money}"
    assert lines["West 1"] == "Accounts 1 → 2 · Open pipeline $100,000.03 → $200,000.04"
    assert lines["Oscar Other"].startswith("Accounts 1 → 2")
    assert len(lines) <= 10
    page = plain(client.get(url))
    assert "The biggest changes" in page
    assert (
        f'<a class="button primary" href="{approval.url}">See its effect</a>'
        in client.get(url).content.decode()
    )


def test_what_is_wrong_with_a_part_is_said_above_and_leads_to_its_field(cast, browse):
    client, url = browse(cast.admin), reverse("territory_split", args=[cast.territories["East 1"].pk])
    text = client.post(url, typed({**NEW, "numbers": "12"})).content.decode()
    said = (
        '<a href="#id_parts-0-numbers">Account numbers</a>: No account here: 12. Correct it or leave it out.'
    )
    assert said in text
    assert 'id="id_parts-0-numbers"' in text
    assert "Correct the parts." not in text


def test_what_somebody_typed_is_no_markup_there(cast, browse):
    client, url = browse(cast.admin), reverse("territory_split", args=[cast.territories["East 1"].pk])
    assert "<b>12" not in client.post(url, typed({**NEW, "numbers": "<b>12"})).content.decode()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("East", "It has no accounts of its own: its 2 accounts lie in territories below it"),
        ("West", "It has no accounts of its own: its 1 account lies in a territory below it."),
        ("East 1", "which take its 1 account?"),
    ],
)
def test_a_split_of_what_lies_above_says_where_the_accounts_are(cast, browse, name, said):
    url = reverse("territory_split", args=[cast.territories[name].pk])
    assert said in plain(browse(cast.admin).get(url))


def test_a_merged_account_has_no_territory(cast, acting, browse):
    with acting(cast.admin):
        merge(cast)
    page = plain(browse(cast.admin).get(reverse("account_detail", args=[cast.accounts["Cedar"].pk])))
    assert "Territory today none: it is merged" in page


def test_a_merge_shows_both_side_by_side_and_warns_of_strangers(cast, acting, browse):
    with acting(cast.admin):
        twin = account(cast, "Acorn Inc", "East 1", town="Bern", industry="Steel")
    client, warned = browse(cast.admin), "Nothing says that these are one"
    url, acorn = reverse("account_merge", args=[twin.pk]), cast.accounts["Acorn"].pk
    page = plain(client.get(url, {"into": acorn}))
    assert warned not in page
    assert "Name Acorn Inc Acorn" in page
    assert "Town Bern —" in page
    cedar = cast.accounts["Cedar"].pk
    assert warned in plain(client.get(url, {"into": cedar}))
    look(lambda: Account.objects.filter(pk__in=[twin.pk, cedar]).update(web_domain="one.example"))
    assert warned not in plain(client.get(url, {"into": cedar}))


def test_a_past_list_can_be_moved_to_another_day_and_offers_no_acts(cast, browse):
    client = browse(cast.admin)
    past = client.get(reverse("account_list"), {"on": "2026-05-01"}).content.decode()
    assert 'type="date" id="on" name="on" value="2026-05-01"' in past
    assert "Assign…" not in past
    assert "Put into module…" not in past
    assert "Into a realignment…" not in past
    assert "Assign…" in client.get(reverse("account_list"), {"on": "2026-06-01"}).content.decode()
    assert client.get(reverse("account_list"), {"on": ""}).status_code == 200


def test_a_successor_who_sits_elsewhere_is_said_before_it_is_done(cast, browse):
    seat = look(lambda: Seat.objects.current().get(user=cast.rep))
    client, url = browse(cast.admin), reverse("seat_hand_over", args=[seat.pk])
    sent = {"successor_id": str(cast.peer.pk), "starts_on": "2026-06-01", "takes_work": "1"}
    first = client.post(url, sent)
    said = "Paul Peer already sits on East 2 (owner); with this seat that is 200.0% of working time."
    assert said in plain(first)
    assert look(lambda: Seat.objects.current().filter(territory=seat.territory_id).count()) == 1
    assert client.post(url, {**sent, "seen": first.context["said"]}).status_code == 302
    assert look(lambda: Seat.objects.current().filter(user=cast.peer).count()) == 2


def test_a_hand_over_says_that_quota_stays_or_follows(cast, acting, browse):
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, person_id=cast.rep.pk, period_id=cast.q2.pk, amount_minor=100)
    seat = look(lambda: Seat.objects.current().get(user=cast.rep))
    page = browse(cast.admin).get(reverse("seat_hand_over", args=[seat.pk]))
    assert "stays with Rita Rep, or follows East 1: choose below." in plain(page)
