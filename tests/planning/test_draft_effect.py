"""The effect of a draft as it is read: its sentence, the tree with sums, why deals stay, the rows behind figures."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from pipeline.models import Opportunity
from planning.models import Draft
from planning.selectors.effects import summary_of
from planning.selectors.previews import OF_NODES, effect_of
from planning.services.drafts import add_move, create_draft
from planning.services.realigning import preview_draft
from quotas.services import set_quota
from territories.models import User
from territories.selectors import reach_for
from tests.cast import Cast
from tests.planning.acts import account
from tests.planning.test_realignment import COMMIT, TODAY, acorn_west, look, moved, publish, special


def plain(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def page(client: Any, draft: Draft) -> str:
    return plain(client.get(reverse("draft_detail", args=[draft.pk])))


def effect(cast: Cast, acting: Any, draft: Draft) -> Any:
    with acting(cast.admin):
        return effect_of(draft, reach_for(cast.admin, TODAY))


def said(cast: Cast, acting: Any, draft: Draft) -> str:
    found = effect(cast, acting, draft)
    with acting(cast.admin):
        return summary_of(found.gist)


def test_one_sentence_says_what_changes_hands(cast: Cast, acting: Any, browse: Any) -> None:
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    words = (
        "1 account moves. 1 open deal of $100,000.01 changes hands. No quota changes. "
        "Nothing touches what was sold."
    )
    assert said(cast, acting, draft) == words
    assert words in page(browse(cast.admin), draft)
    assert words in plain(browse(cast.admin).get(reverse("draft_ask", args=[draft.pk])))


def test_what_stays_is_said_with_why(cast: Cast, acting: Any, browse: Any) -> None:
    draft = moved(cast, acting, **acorn_west(cast))
    assert said(cast, acting, draft) == (
        "1 account moves. No open deal changes hands. 1 open deal of $100,000.01 stays with its owner, "
        "and counts with its account's territory. "
        "No quota changes. Nothing touches what was sold."
    )
    text = page(browse(cast.admin), draft)
    close = look(lambda: Account.objects.get(name="Acorn").opportunities.get().close_on)
    assert (
        f"Stays: Commit, and closes on {close:%b} {close.day}, {close.year}, within 30 days of the move"
        in text
    )


def test_a_deal_that_is_overdue_by_the_move_is_told_so(cast: Cast, acting: Any, browse: Any) -> None:
    look(lambda: Opportunity.objects.filter(name="Acorn renewal").update(close_on=date(2026, 5, 4)))
    text = page(browse(cast.admin), moved(cast, acting, **acorn_west(cast)))
    assert "Stays: Commit, and due to close on May 4, 2026, before the move" in text
    assert "Attainment here is what was sold in the territory over its quota." not in text


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"open_work": "closed"}, "Stays: the move says until it is closed"),
        (
            {"open_work": "until", "stays_until": date(2026, 6, 1)},
            "Stays at first: the move says until then",
        ),
    ],
)
def test_a_deal_stays_because_the_move_says_so(
    cast: Cast, acting: Any, browse: Any, choices: dict[str, Any], words: str
) -> None:
    draft = moved(cast, acting, **acorn_west(cast, **choices))
    assert words in page(browse(cast.admin), draft)


def test_quota_that_changes_is_counted_by_person(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        for person in (cast.rep, cast.other_rep):
            set_quota(by=cast.admin.pk, person_id=person.pk, period_id=cast.q2.pk, amount_minor=40_000_00)
    seat = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = moved(cast, acting, **seat, person_id=cast.other_rep.pk, quota="territory", open_work="go")
    assert said(cast, acting, draft) == (
        "No account moves. 1 open deal of $100,000.01 changes hands. The quota of 2 people changes. "
        "Nothing touches what was sold."
    )


def test_the_tree_is_indented_and_its_total_is_the_sum(cast: Cast, acting: Any, browse: Any) -> None:
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    found = effect(cast, acting, draft)
    assert [(side.name, side.depth) for side in found.nodes] == [
        ("East", 0), ("East Team", 1), ("East 1", 2), ("West", 0), ("West Team", 1), ("West 1", 2),
    ]  # fmt: skip
    total = dict(zip(OF_NODES, found.nodes_total.figures, strict=True))
    tops = [dict(zip(OF_NODES, side.figures, strict=True)) for side in found.nodes if side.depth == 0]
    for name in ("accounts", "pipeline_all", "commit", "forecast", "minutes"):
        for when in (0, 1):
            known = [top[name][when] for top in tops if top[name][when] is not None]
            assert total[name][when] == (sum(known) if known else None)
    assert total["accounts"] == (3, 3)
    text = page(browse(cast.admin), draft)
    assert '<tr data-level="2"><th scope="row"><span class="tree-name">' in text
    assert "All of them, each once" in text


def test_the_total_is_right_where_a_territory_hangs_elsewhere(cast: Cast, acting: Any) -> None:
    """West Team counts in West before and in East after, and once on each side."""
    nodes = cast.territories
    draft = moved(cast, acting, kind="node", territory_id=nodes["West Team"].pk, into_id=nodes["East"].pk)
    found = effect(cast, acting, draft)
    figures = {side.name: side.figures[0] for side in found.nodes}
    assert (figures["East"], figures["West"]) == ((2, 3), (1, 0))
    assert found.nodes_total.figures[0] == (3, 3)
    names = {side.name: side.depth for side in found.nodes}
    assert (names["East"], names["West Team"], names["West"]) == (0, 1, 0)


def test_people_are_summed_without_their_quotas(cast: Cast, acting: Any, browse: Any) -> None:
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    total = effect(cast, acting, draft).people_total
    assert total.figures[0] == (2, 2)
    assert total.figures[1] == (2 * COMMIT + 2, 2 * COMMIT + 2)
    assert total.figures[3] == (None, None)
    assert "Quota is not added up over people" in page(browse(cast.admin), draft)


def test_a_figure_leads_to_the_accounts_and_deals_behind_it(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        account(cast, "Ash", "East 2")
    draft = moved(cast, acting, **acorn_west(cast, open_work="go"))
    client, nodes = browse(cast.admin), cast.territories
    rows = reverse("draft_rows", args=[draft.pk])
    text = page(client, draft)
    assert (
        f'<a href="{rows}?territory={nodes["West 1"].pk}"><strong>2</strong></a><small>was 1</small>' in text
    )
    assert f'href="{rows}?person={cast.rep.pk}"' in text
    west = plain(client.get(rows, {"territory": nodes["West"].pk}))
    assert "comes" in west
    assert "East 1</td>" in west
    assert "$100,000.01</td>" in west
    assert "Acorn renewal" in west
    assert "leaves" in plain(client.get(rows, {"territory": nodes["East Team"].pk}))
    rep = plain(client.get(rows, {"person": cast.rep.pk}))
    assert "Acorn" in rep
    assert "Rita Rep → Oscar Other" in rep
    everything = plain(client.get(rows))
    assert "Acorn" in everything
    assert "Ash" not in everything
    assert client.get(rows, {"territory": nodes["East 2"].pk}).status_code == 404
    for wrong in ({"territory": "x"}, {"after": "x"}, {"page": "2"}):
        assert client.get(rows, wrong).status_code == 400


def test_an_account_moves_in_the_field_and_as_specialist(cast: Cast, acting: Any, browse: Any) -> None:
    rule = special(cast, acting)
    with acting(cast.admin):
        draft = create_draft(by=cast.admin.pk, name="Spring", starts_on=TODAY)
        for move in (acorn_west(cast), rule):
            add_move(by=cast.admin.pk, draft_id=draft.pk, **move)
        draft.refresh_from_db()
        preview_draft(by=cast.admin.pk, draft_id=draft.pk, version=draft.version)
    client, nodes = browse(cast.admin), cast.territories
    rows, goes = reverse("draft_rows", args=[draft.pk]), "West 1</td>"
    west = plain(client.get(rows, {"territory": nodes["West"].pk}))
    assert goes in west
    assert "specialist" not in west
    assert goes in plain(client.get(rows, {"person": cast.rep.pk}))
    everything = plain(client.get(rows))
    assert goes in everything
    assert "Acorn</a> <small>specialist</small>" in everything
    assert "Valves</td>" in everything
    with acting(cast.admin):
        kept = Draft.objects.get().preview
        kept["nodes"].append([nodes["Valves"].pk, {}, {}])
        kept["ways"].append([nodes["Valves"].pk, [nodes["Valves"].pk], [nodes["Valves"].pk]])
        Draft.objects.update(preview=kept)
    valves = plain(client.get(rows, {"territory": nodes["Valves"].pk}))
    assert "Acorn</a> <small>specialist</small>" in valves
    assert goes not in valves


def test_deals_without_an_amount_come_last_and_more_are_counted(
    cast: Cast, acting: Any, browse: Any, monkeypatch: Any
) -> None:
    with acting(cast.admin):
        deal = Opportunity.objects.get(name="Acorn renewal")
        deal.pk, deal.name, deal.number, deal.amount_minor = None, "Acorn later", "O-9", None
        deal.save(force_insert=True)
        account(cast, "Ash", "East 1")
    both = [cast.accounts["Acorn"].pk, cast.accounts["Ash"].pk]
    draft = moved(cast, acting, **acorn_west(cast, open_work="go") | {"account_ids": both})
    assert [one.deal.name for one in effect(cast, acting, draft).deals] == ["Acorn renewal", "Acorn later"]
    monkeypatch.setattr("planning.selectors.effects.MOST_DEALS", 1)
    monkeypatch.setattr("common.http.PAGE_SIZE", 1)
    client, rows = browse(cast.admin), reverse("draft_rows", args=[draft.pk])
    first = client.get(rows)
    text = plain(first)
    assert "Acorn renewal" in text
    assert "Acorn later" not in text
    assert "and 1 more" in text
    second = plain(client.get(rows, {"after": first.context["page"].after}))
    assert "Ash" in second
    assert "Acorn renewal" not in second


def test_the_day_on_which_a_deal_was_to_close_is_kept(cast: Cast, acting: Any, browse: Any) -> None:
    draft = moved(cast, acting, **acorn_west(cast))
    close = look(lambda: Opportunity.objects.get(name="Acorn renewal").close_on)
    look(lambda: Opportunity.objects.filter(name="Acorn renewal").update(close_on=date(2027, 3, 1)))
    text = page(browse(cast.admin), draft)
    assert f"closes on {close:%b} {close.day}, {close.year}, within 30 days of the move" in text


def test_a_territory_that_comes_with_all_below_it_is_named(cast: Cast, acting: Any, browse: Any) -> None:
    nodes = cast.territories
    draft = moved(cast, acting, kind="node", territory_id=nodes["West Team"].pk, into_id=nodes["East"].pk)
    client, rows = browse(cast.admin), reverse("draft_rows", args=[draft.pk])
    assert "West Team comes, with what is there" in plain(client.get(rows, {"territory": nodes["East"].pk}))
    gone = plain(client.get(rows, {"territory": nodes["West"].pk}))
    assert "West Team leaves, with what is there" in gone
    assert "West 1 leaves" not in gone


def test_a_seat_that_changes_hands_is_named_for_both(cast: Cast, acting: Any, browse: Any) -> None:
    seat = {"kind": "seat", "territory_id": cast.territories["East 1"].pk, "seat_kind": "owner"}
    draft = moved(cast, acting, **seat, person_id=cast.other_rep.pk)
    client, rows = browse(cast.admin), reverse("draft_rows", args=[draft.pk])
    assert "East 1 leaves, with what is there" in plain(client.get(rows, {"person": cast.rep.pk}))
    assert "East 1 comes, with what is there" in plain(client.get(rows, {"person": cast.other_rep.pk}))


def test_who_sees_a_part_sees_no_other_rows(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="Own", starts_on=TODAY)
        east = {"kind": "accounts", "into_id": cast.territories["East 2"].pk}
        add_move(by=cast.director.pk, draft_id=draft.pk, account_ids=[cast.accounts["Acorn"].pk], **east)
        draft.refresh_from_db()
        draft = preview_draft(by=cast.director.pk, draft_id=draft.pk, version=draft.version)
    rows = reverse("draft_rows", args=[draft.pk])
    assert browse(cast.other_director).get(rows).status_code == 404
    assert browse(cast.rep).get(rows).status_code == 403
    own = browse(cast.director).get(rows, {"territory": cast.territories["East 2"].pk})
    assert "Acorn" in plain(own)


def test_one_that_was_looked_at_before_rows_were_kept_is_shown_flat(
    cast: Cast, acting: Any, browse: Any
) -> None:
    draft = moved(cast, acting, **acorn_west(cast))
    old = {name: kept for name, kept in draft.preview.items() if name not in ("ways", "owners")}
    old["deals"] = [row[:4] for row in old["deals"]]
    look(lambda: Draft.objects.filter(pk=draft.pk).update(preview=old))
    client = browse(cast.admin)
    text = page(client, draft)
    assert "Before and after" in text
    assert "All of them, each once" not in text
    rows = client.get(reverse("draft_rows", args=[draft.pk]))
    assert "Its effect was not looked at" in plain(rows)


def test_the_published_one_still_leads_to_its_rows(cast: Cast, acting: Any, browse: Any, ben: User) -> None:
    draft = publish(moved(cast, acting, **acorn_west(cast, open_work="go")), cast, ben, acting)
    rows = plain(browse(cast.admin).get(reverse("draft_rows", args=[draft.pk])))
    assert "Acorn" in rows
    assert "1 account goes to West 1<small>Acorn (East 1)</small>" in page(browse(cast.admin), draft)
