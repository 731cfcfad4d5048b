"""The checklist: what is there in words, what comes next, and how it is put away."""

from typing import Any

from django.urls import reverse

from common.models import Organisation
from common.services import finish_set_up
from quotas.services import set_quota
from tests.cast import Cast
from tests.salesops.conftest import HOME, plain

URL = reverse("setup")


def reopened(owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE common_organisation SET is_set_up = false")


def states(answer: Any) -> list[str]:
    return [step.state.value for step in answer.context["list"].steps]


def test_each_step_says_what_there_is(cast: Cast, browse: Any, acting: Any) -> None:
    answer = browse(cast.admin).get(URL)
    words = [step.words for step in answer.context["list"].steps]
    assert words == [
        "Cast Company, USD",
        "10 people, 8 territories",
        "2 products in 2 families",
        "3 accounts",
        "3 open opportunities",
        "",
        "",
        "10 people can sign in, 0 invited, 0 not invited yet",
        "",
    ]
    assert states(answer) == ["done", "done", "done", "done", "done", "next", "optional", "done", "open"]
    assert "6 of 9" in plain(answer)


def test_quotas_are_begun_until_every_owner_has_one(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q1.pk, person_id=cast.rep.pk, amount_minor=1)
    step = browse(cast.admin).get(URL).context["list"].steps[5]
    assert (step.state, step.words) == ("next", "1 quota this fiscal year, 2 owners have none")
    west = cast.territories["West 1"]
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.peer.pk, amount_minor=1)
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, territory_id=west.pk, amount_minor=1)
    step = browse(cast.admin).get(URL).context["list"].steps[5]
    assert (step.state, step.words) == ("done", "3 quotas this fiscal year")


def test_home_asks_to_continue_until_it_is_put_away(cast: Cast, browse: Any, owner: Any) -> None:
    client = browse(cast.admin)
    assert "Continue the set-up" not in plain(client.get(HOME))
    reopened(owner)
    text = plain(client.get(HOME))
    assert "Continue the set-up: 6 of 9 steps are done. Quotas" in text
    assert URL in client.get(reverse("account_list")).content.decode()
    assert client.post(reverse("setup_finish"))["Location"] == HOME
    assert "Continue the set-up" not in plain(client.get(HOME))
    assert f'href="{URL}"' not in client.get(reverse("account_list")).content.decode()
    assert f'href="{URL}"' in client.get(reverse("organisation_edit")).content.decode()
    assert client.get(URL).status_code == 200


def test_others_are_not_asked(cast: Cast, browse: Any, owner: Any) -> None:
    reopened(owner)
    for person in (cast.director, cast.rep):
        text = browse(person).get(HOME).content.decode()
        assert "Continue the set-up" not in text
        assert f'href="{URL}"' not in text


def test_home_is_silent_once_all_that_figures_need_is_there(
    cast: Cast, browse: Any, acting: Any, owner: Any, night: Any
) -> None:
    reopened(owner)
    with acting(cast.admin):
        for person in (cast.rep, cast.peer, cast.other_rep):
            set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=person.pk, amount_minor=1)
    client = browse(cast.admin)
    assert client.get(URL).context["list"].next.number == 9
    night()
    owner.execute("UPDATE common_run SET started_at = now()")  # by the clock that quotas are recorded by
    answer = client.get(URL)
    assert answer.context["list"].is_complete
    assert "Finish the set-up" in plain(answer)
    assert "Continue the set-up" not in plain(client.get(HOME))


def test_a_new_company_is_not_told_that_its_figures_are_missing(cast: Cast, browse: Any, owner: Any) -> None:
    missing = "No figures have been published yet."
    assert missing in browse(cast.admin).get("/setup/").content.decode()
    reopened(owner)
    assert missing not in browse(cast.admin).get("/setup/").content.decode()


def test_it_leads_to_the_imports_and_to_the_guide(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    page = client.get("/setup/").content.decode()
    assert 'href="/imports/"' in page
    assert 'href="/setup/guide/"' in page
    guide = client.get("/setup/guide/").content.decode()
    assert "Step by step" in guide
    assert "<strong>Territories and people</strong>" in guide


def test_what_belongs_to_the_settings_is_marked_there_and_leads_back(cast: Cast, browse: Any) -> None:
    marked, back = '<a href="/settings/" aria-current="page">', '<li><a href="/settings/">'
    for path in (
        "/calendar/",
        "/rates/",
        "/organisation/",
        "/catalogue/",
        "/imports/",
        "/settings/sales-models/",
    ):
        page = browse(cast.admin).get(path).content.decode()
        assert (path, marked in page, back in page) == (path, True, True)
    page = browse(cast.rep).get("/calendar/").content.decode()
    assert "/settings/" not in page


def test_finishing_is_an_act_of_administrators(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        finish_set_up(by=cast.admin.pk)
        assert Organisation.objects.get().is_set_up
