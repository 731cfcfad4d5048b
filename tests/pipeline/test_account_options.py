"""The accounts that a quick entry finds, and the offer to create one."""

from django.urls import reverse


def get(browse, person, **query):
    return browse(person).get(reverse("account_options"), query).content.decode()


def test_it_finds_what_is_in_reach(cast, browse):
    assert f'data-value="{cast.accounts["Acorn"].pk}"' in get(browse, cast.rep, q="ac")
    assert "Cedar" not in get(browse, cast.rep, q="ceda").replace("Create", "")


def test_it_offers_to_create_what_is_not_there(cast, browse):
    assert 'data-value="new"' in get(browse, cast.rep, q="Dogwood", new="1")
    assert 'data-value="new"' not in get(browse, cast.rep, q="acorn", new="1")
    assert 'data-value="new"' not in get(browse, cast.rep, q="Dogwood")
    assert 'data-value="new"' not in get(browse, cast.executive, q="Dogwood", new="1")


def test_what_was_typed_is_shown_as_text(cast, browse):
    assert "<script>" not in get(browse, cast.rep, q="<script>", new="1")
