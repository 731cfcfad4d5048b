"""Moving a deal in the browser: by card, by menu, from its page; winning books, losing asks why."""

import pytest
from django.urls import reverse

from pipeline.models import Opportunity


def address(cast, name="Acorn renewal"):
    return reverse("opportunity_move", args=[cast.deals[name].pk])


def values(cast, stage, **more):
    return {"stage": cast.stages[stage].pk, "version": cast.deals["Acorn renewal"].version, **more}


def card(cast, board="/opportunities/board/"):
    target = f"card-{cast.deals['Acorn renewal'].pk}"
    return {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": f"http://testserver{board}"}


def deal(cast, acting):
    with acting(cast.admin):
        return Opportunity.objects.select_related("stage").get(pk=cast.deals["Acorn renewal"].pk)


def test_the_menu_moves_and_shows_the_deal(cast, browse, acting):
    answer = browse(cast.rep).post(address(cast), values(cast, "Proposal"))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk])
    assert deal(cast, acting).stage.name == "Proposal"


def test_it_goes_back_only_to_a_page_of_this_site(cast, browse):
    back = browse(cast.rep).post(
        address(cast), values(cast, "Proposal", next="/opportunities/board/?category=commit")
    )
    assert back["Location"] == "/opportunities/board/?category=commit"
    stray = browse(cast.peer).post(
        address(cast, "Beech renewal"), values(cast, "Proposal", next="https://elsewhere.example/")
    )
    assert stray["Location"].startswith("/opportunities/")


def test_a_card_comes_back_as_it_now_is_with_the_heads_of_all_columns(cast, browse):
    answer = browse(cast.rep).post(address(cast), values(cast, "Proposal"), headers=card(cast))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="card-{cast.deals["Acorn renewal"].pk}"' in page
    assert 'data-version="2"' in page
    assert page.count('hx-swap-oob="true"') == 6


def test_the_heads_keep_the_filters_of_the_board(cast, browse):
    headers = card(cast, "/opportunities/board/?category=pipeline")
    page = browse(cast.rep).post(address(cast), values(cast, "Proposal"), headers=headers).content.decode()
    assert "$100,000" not in page.split("</article>")[1]


def test_a_won_stage_leads_to_the_booking_form(cast, browse, acting):
    answer = browse(cast.rep).post(address(cast), values(cast, "Won"))
    assert answer.status_code == 302
    assert str(cast.deals["Acorn renewal"].pk) in answer["Location"]
    assert deal(cast, acting).state == "open"


def test_a_coordinator_wins_by_moving_and_moves_nowhere_else(cast, browse, acting):
    answer = browse(cast.coordinator).post(address(cast), values(cast, "Won"))
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("order_book"))
    assert browse(cast.executive).post(address(cast), values(cast, "Won")).status_code == 403
    assert deal(cast, acting).state == "open"


def test_a_card_dropped_on_won_opens_the_booking_form_in_the_dialog(cast, browse, acting):
    answer = browse(cast.rep).post(address(cast), values(cast, "Won"), headers=card(cast))
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#dialog-body")
    assert "hx-get=" in answer.content.decode()
    assert deal(cast, acting).state == "open"


def test_a_lost_stage_asks_for_the_reason_and_keeps_where_it_came_from(cast, browse, acting):
    asked = browse(cast.rep).post(address(cast), values(cast, "Lost"), headers=card(cast))
    assert asked.status_code == 422
    page = asked.content.decode()
    assert 'name="lost_reason"' in page
    assert 'value="/opportunities/board/"' in page
    lost = values(cast, "Lost", lost_reason="Price", next="/opportunities/board/")
    assert browse(cast.rep).post(address(cast), lost)["Location"] == "/opportunities/board/"
    assert (deal(cast, acting).state, deal(cast, acting).lost_reason) == ("lost", "Price")


def test_a_stale_card_changes_nothing(cast, browse, acting):
    client = browse(cast.rep)
    client.post(address(cast), values(cast, "Proposal"))
    answer = client.post(address(cast), values(cast, "Qualified"), headers=card(cast))
    assert (answer.status_code, answer["HX-Reswap"]) == (412, "outerHTML")
    assert "Rita Rep changed Acorn renewal meanwhile. It is in Proposal now." in answer["HX-Trigger"]
    assert f'data-in="{cast.stages["Proposal"].pk}"' in answer.content.decode()
    assert deal(cast, acting).stage.name == "Proposal"


def test_a_card_dropped_into_a_lane_of_categories_takes_it_by_hand(cast, browse, acting):
    board = "/opportunities/board/?lanes=category"
    form = values(cast, "Proposal", category="omitted")
    answer = browse(cast.rep).post(address(cast), form, headers=card(cast, board))
    moved = deal(cast, acting)
    assert (moved.stage.name, moved.category, moved.category_is_manual) == ("Proposal", "omitted", True)
    page = answer.content.decode()
    assert 'data-in-lane="omitted"' in page
    assert 'id="lane-omitted" hx-swap-oob="true"' in page


def test_a_lane_that_is_refused_with_its_stage_changes_neither(cast, browse, acting):
    form = values(cast, "Lost", category="omitted")
    assert browse(cast.rep).post(address(cast), form, headers=card(cast)).status_code == 422
    assert (deal(cast, acting).category, deal(cast, acting).version) == ("commit", 1)


@pytest.mark.parametrize("headers", [{}, None], ids=["page", "card"])
def test_a_card_dropped_on_won_in_another_lane_asks_for_the_booking_and_writes_nothing(
    cast, browse, acting, headers
):
    asked = card(cast, "/opportunities/board/?lanes=category") if headers is None else headers
    answer = browse(cast.rep).post(address(cast), values(cast, "Won", category="omitted"), headers=asked)
    assert answer.status_code in (200, 302)
    kept = deal(cast, acting)
    assert (kept.category, kept.category_is_manual, kept.version) == ("commit", False, 1)


def test_a_card_dropped_into_another_lane_of_its_stage_takes_the_category_alone(cast, browse, acting):
    before = deal(cast, acting)
    form = values(cast, before.stage.name, category="omitted")
    board = "/opportunities/board/?lanes=category"
    assert browse(cast.rep).post(address(cast), form, headers=card(cast, board)).status_code == 200
    after = deal(cast, acting)
    assert (after.category, after.category_is_manual, after.stage_id) == ("omitted", True, before.stage_id)
    with acting(cast.rep):
        assert after.visits.count() == 1


def test_the_form_opens_with_the_stage_that_was_asked_for(cast, browse):
    query = {"stage": cast.stages["Lost"].pk, "next": "/opportunities/?q=acorn"}
    page = browse(cast.rep).get(address(cast), query).content.decode()
    assert f'<option value="{cast.stages["Lost"].pk}" selected data-kind="lost">Lost' in page
    assert 'name="next" value="/opportunities/?q=acorn"' in page


def test_losing_asks_for_nothing_but_why(cast, browse, acting):
    client, url = browse(cast.rep), f"{address(cast)}?lose=1"
    page = client.get(url).content.decode()
    assert "Lose this opportunity" in page
    assert f'<input type="hidden" name="stage" value="{cast.stages["Lost"].pk}"' in page
    refused = client.post(url, values(cast, "Lost"))
    assert refused.status_code == 422
    assert "Lose this opportunity" in refused.content.decode()
    assert client.post(url, values(cast, "Lost", lost_reason="Price")).status_code == 302
    assert (deal(cast, acting).state, deal(cast, acting).lost_reason) == ("lost", "Price")


def test_the_same_form_sent_twice_moves_once(cast, browse, acting):
    client, form = browse(cast.rep), values(cast, "Proposal", idempotency_key="one-and-the-same")
    first, second = client.post(address(cast), form), client.post(address(cast), form)
    assert (first.status_code, second.status_code) == (302, 302)
    with acting(cast.rep):
        assert cast.deals["Acorn renewal"].visits.count() == 2


@pytest.mark.parametrize(
    ("person", "status"),
    [("peer", 404), ("other_director", 404), ("coordinator", 403), ("executive", 403), ("director", 302)],
)
def test_who_may_move(cast, browse, person, status):
    assert browse(getattr(cast, person)).post(address(cast), values(cast, "Proposal")).status_code == status


@pytest.mark.parametrize("broken", [{"stage": "x"}, {"stage": "9" * 25}, {"version": "x"}, {"version": ""}])
def test_broken_values_are_refused(cast, browse, broken):
    assert browse(cast.rep).post(address(cast), values(cast, "Proposal") | broken).status_code == 422


def test_the_page_without_a_script(cast, browse):
    page = browse(cast.rep).get(address(cast)).content.decode()
    assert "<html" in page
    assert 'name="lost_reason"' in page


def test_a_lost_deal_is_re_opened_where_it_was(cast, browse):
    client = browse(cast.rep)
    client.post(address(cast), values(cast, "Proposal"))
    assert "Move to another stage" in client.get(address(cast)).content.decode()
    client.post(address(cast), values(cast, "Lost", version=2, lost_reason="Price"))
    answer = client.get(address(cast))
    page = answer.content.decode()
    assert f'<option value="{cast.stages["Proposal"].pk}" selected' in page
    assert "Re-open" in page
    assert "Move to another stage" not in page
