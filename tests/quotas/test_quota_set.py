"""Setting a quota: prefilled, refused with a reason, every version kept, nobody's change lost."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from quotas.models import Quota
from quotas.services import set_quota
from tests.cast import Cast
from tests.conftest import Acting, Browser

Browse = Callable[[Any], Browser]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def url(query: str = "") -> str:
    return reverse("quota_set") + query


def typed(cast: Cast, assignee: str, amount: str, **more: Any) -> dict[str, Any]:
    return {
        "period_id": cast.q2.pk,
        "assignee": assignee,
        "family_id": "",
        "kind": "assigned",
        "amount_minor": amount,
        "reason": "",
        "version": "",
        **more,
    }


def amounts(acting: Acting, cast: Cast) -> list[tuple[int, bool]]:
    with acting(cast.admin):
        return [
            (row.amount_minor, row.superseded_at is None)
            for row in Quota.objects.filter(person=cast.rep).order_by("id")
        ]


@pytest.fixture
def standing(cast: Cast, acting: Acting) -> Quota:
    with acting(cast.admin):
        return set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.rep.pk, amount_minor=1_000_00)


def test_a_director_sets_a_persons_quota(cast: Cast, browse: Browse, acting: Acting) -> None:
    answer = browse(cast.director).post(url(), typed(cast, f"person:{cast.rep.pk}", "150,000.00"))
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('quota_list')}?period=2026-Q2")
    assert amounts(acting, cast) == [(150_000_00, True)]


def test_a_territory_and_a_family(cast: Cast, browse: Browse, acting: Acting) -> None:
    family = cast.families["Hardware"]
    form = typed(cast, f"territory:{cast.territories['East 1'].pk}", "5.00", family_id=family.pk, kind="own")
    assert browse(cast.admin).post(url(), form).status_code == 302
    with acting(cast.admin):
        row = Quota.objects.get()
        assert (row.territory.name, row.family, row.kind) == ("East 1", family, "own")
        assert (row.amount_minor, row.recorded_by) == (5_00, cast.admin)


def test_the_address_fills_the_form(cast: Cast, browse: Browse, standing: Quota) -> None:
    client, person = browse(cast.director), f"person={cast.rep.pk}"
    fresh = client.get(url(f"?{person}&period=2026-Q3")).content.decode()
    assert f'<option value="person:{cast.rep.pk}" selected>' in fresh
    assert ">2026-Q3</option>" in fresh.split("selected")[2]
    change = client.get(url(f"?{person}&period=2026-Q2")).content.decode()
    assert "Change a quota" in change
    assert 'value="1,000.00"' in change
    assert f'name="version" value="{standing.pk}"' in change
    territory = client.get(url(f"?territory={cast.territories['East 1'].pk}")).content.decode()
    assert f'<option value="territory:{cast.territories["East 1"].pk}" selected>' in territory


def test_only_those_in_reach_can_be_chosen(cast: Cast, browse: Browse) -> None:
    client = browse(cast.director)
    page = client.get(url()).content.decode()
    assert ("Rita Rep" in page, "Oscar Other" in page, "West 1" in page) == (True, False, False)
    assert client.get(url(f"?person={cast.other_rep.pk}")).status_code == 404
    assert client.get(url("?person=999999999")).status_code == 404
    answer = client.post(url(), typed(cast, f"person:{cast.other_rep.pk}", "1.00"))
    assert answer.status_code == 422


def test_nobody_is_offered_the_territory_that_they_lead(cast: Cast, browse: Browse, acting: Acting) -> None:
    client, own = browse(cast.director), cast.territories["East"].pk
    page = client.get(url()).content.decode()
    assert f'value="territory:{cast.territories["East Team"].pk}"' in page
    assert f'value="territory:{own}"' not in page
    assert client.get(url(f"?territory={own}")).status_code == 404
    with acting(cast.admin):
        quota = set_quota(by=cast.admin.pk, period_id=cast.q2.pk, territory_id=own, amount_minor=1_00)
    assert client.get(url(f"?quota={quota.pk}")).status_code == 403
    for address in (reverse("quota_list"), reverse("quota_detail", args=[quota.pk])):
        assert f"?quota={quota.pk}" not in client.get(address).content.decode()
        assert f"?quota={quota.pk}" in browse(cast.admin).get(address).content.decode()


def test_what_a_leaver_was_asked_for_can_be_changed(
    cast: Cast, browse: Browse, acting: Acting, standing: Quota, owner: Any
) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE territories_user SET is_active = false WHERE email = 'rep@example.com'")
    client, address = browse(cast.admin), url(f"?quota={standing.pk}")
    assert (
        f'<option value="person:{cast.rep.pk}" selected>Rita Rep</option>'
        in client.get(address).content.decode()
    )
    form = {"amount_minor": "200.00", "reason": "Left in May", "version": standing.pk}
    assert client.post(address, form).status_code == 302
    assert amounts(acting, cast) == [(1_000_00, False), (200_00, True)]


def test_an_overlay_quota_is_not_offered_while_it_counts_nowhere(cast: Cast, browse: Browse) -> None:
    client = browse(cast.admin)
    assert re.findall(r'<option value="(assigned|own|overlay)"', client.get(url()).content.decode()) == [
        "assigned",
        "own",
    ]
    form = typed(cast, f"person:{cast.rep.pk}", "5.00", kind="overlay")
    assert client.post(url(), form).status_code == 422


def test_a_change_needs_its_reason_and_keeps_both_versions(
    cast: Cast, browse: Browse, acting: Acting, standing: Quota
) -> None:
    client, person = browse(cast.director), f"person:{cast.rep.pk}"
    form = typed(cast, person, "1,200.00", version=standing.pk)
    refused = client.post(url(f"?quota={standing.pk}"), form)
    assert refused.status_code == 422
    assert "Say why the quota changes" in refused.content.decode()
    assert 'value="1,200.00"' in refused.content.decode()
    form["reason"] = "A patch more"
    assert client.post(url(f"?quota={standing.pk}"), form).status_code == 302
    assert amounts(acting, cast) == [(1_000_00, False), (1_200_00, True)]


def test_setting_what_stands_without_having_seen_it_asks_why(
    cast: Cast, browse: Browse, acting: Acting, standing: Quota
) -> None:
    answer = browse(cast.director).post(url(), typed(cast, f"person:{cast.rep.pk}", "7.00"))
    assert answer.status_code == 422
    assert "Say why the quota changes" in answer.content.decode()
    assert amounts(acting, cast) == [(1_000_00, True)]


def test_the_same_amount_again_changes_nothing(
    cast: Cast, browse: Browse, acting: Acting, standing: Quota
) -> None:
    form = typed(cast, f"person:{cast.rep.pk}", "1,000.00", version=standing.pk)
    assert browse(cast.director).post(url(f"?quota={standing.pk}"), form).status_code == 302
    assert amounts(acting, cast) == [(1_000_00, True)]


def test_two_who_change_it_at_once_are_told(
    cast: Cast, browse: Browse, acting: Acting, standing: Quota
) -> None:
    with acting(cast.admin):
        set_quota(
            by=cast.admin.pk,
            period_id=cast.q2.pk,
            person_id=cast.rep.pk,
            amount_minor=1_100_00,
            reason="Meanwhile",
        )
    client = browse(cast.director)
    form = typed(cast, f"person:{cast.rep.pk}", "1,200.00", version=standing.pk, reason="Mine")
    answer = client.post(url(f"?quota={standing.pk}"), form)
    text = plain(answer.content.decode())
    assert answer.status_code == 412
    assert "Ada Admin changed this at" in text
    assert "Amount in USD $1,100.00 1,200.00" in text
    assert amounts(acting, cast) == [(1_000_00, False), (1_100_00, True)]
    match = re.search(r'name="version" value="(\d+)"', answer.content.decode())
    assert match
    assert client.post(url(f"?quota={standing.pk}"), {**form, "version": match[1]}).status_code == 302
    assert amounts(acting, cast)[-1] == (1_200_00, True)


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("-1.00", "below zero"),
        ("1.000,00", "Write it as"),
        ("1e5", "Write it as"),
        ("", "required"),
        ("1.005", "decimal"),
    ],
)
def test_an_amount_is_read_strictly(
    cast: Cast, browse: Browse, acting: Acting, amount: str, message: str
) -> None:
    answer = browse(cast.admin).post(url(), typed(cast, f"person:{cast.rep.pk}", amount))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert amounts(acting, cast) == []


def test_a_closed_quarter_stays_as_it_was(cast: Cast, browse: Browse, owner: Any) -> None:
    client = browse(cast.admin)
    owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
    owner.execute("""SELECT set_config('pghistory.context_metadata', '{"by": null, "why": "t"}', false)""")
    owner.execute("UPDATE common_period SET is_closed = true WHERE code = '2026-Q1'")
    form = typed(cast, f"person:{cast.rep.pk}", "1.00", period_id=cast.q1.pk)
    assert ">2026-Q1</option>" not in client.get(url()).content.decode()
    answer = client.post(url("?period=2026-Q1"), form)
    assert answer.status_code == 409
    assert "2026-Q1 is closed; its quotas stay as they were." in answer.content.decode()


def test_it_opens_in_the_dialog(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.director).get(url(), headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "dialog-title" in answer.content.decode()


def test_a_double_click_sets_one_quota(cast: Cast, browse: Browse, acting: Acting) -> None:
    client = browse(cast.director)
    form = typed(cast, f"person:{cast.rep.pk}", "9.00", idempotency_key="one-click-0123456789")
    assert [client.post(url(), form).status_code for _ in range(2)] == [302, 302]
    assert amounts(acting, cast) == [(9_00, True)]


def test_quarters_run_from_this_year_on(cast: Cast, browse: Browse) -> None:
    page = browse(cast.director).get(url()).content.decode()
    codes = re.findall(r">(20\d\d-Q\d)</option>", page)
    assert (codes[0], codes[-1], len(codes)) == ("2026-Q1", "2028-Q4", 12)
