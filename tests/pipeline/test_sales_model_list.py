"""The sales models of a company: listed, begun from a template, renamed, made usual, retired; and their versions."""

from typing import Any

from django.urls import reverse

from pipeline.models import ModelVersion, SalesModel
from tests.cast import Cast
from tests.pipeline.selling import asked, publish, renamed, usual
from tests.salesops.conftest import plain

LIST, CREATE = reverse("sales_model_list"), reverse("sales_model_create")


def named(cast: Cast, acting: Any, name: str) -> SalesModel:
    with acting(cast.admin):
        row: SalesModel = SalesModel.objects.get(name=name)
        return row


def post(client: Any, act: str, model: SalesModel, **typed: str) -> Any:
    url = reverse(f"sales_model_{act}", args=[model.pk])
    return client.post(url, {"version": str(model.version), **typed}, follow=True)


def test_models_are_listed_with_their_stages_and_deals(cast: Cast, browse: Any) -> None:
    page = plain(browse(cast.admin).get(LIST))
    assert "Standard Prospecting → Qualified → Proposal → Negotiation → Won → Lost" in page
    assert "3 open opportunities usual" in page
    assert browse(cast.rep).get(LIST).status_code == 403


def test_a_model_begins_as_a_template_or_a_copy(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    page = plain(client.post(CREATE, {"name": "Enterprise", "start": "salesforce"}, follow=True))
    assert "Enterprise takes deals now." in page
    copy = {"name": "Copy", "start": str(named(cast, acting, "Enterprise").pk), "about": "Ours"}
    assert client.post(CREATE, copy).status_code == 302
    assert "Id. Decision Makers → Perception Analysis" in plain(client.get(LIST))
    for wrong in (
        {"name": "", "start": "small"},
        {"name": "Standard", "start": "small"},
        {"name": "X", "start": "x"},
    ):
        assert client.post(CREATE, wrong).status_code == 422


def test_a_model_is_made_the_usual_one_and_another_retired(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    client.post(CREATE, {"name": "Small", "start": "small"})
    standard, small = named(cast, acting, "Standard"), named(cast, acting, "Small")
    refused = plain(post(client, "retire", standard, is_retired="1"))
    assert "Standard is the usual sales model. Make another one the usual one first." in refused
    post(client, "usual", small)
    with acting(cast.admin):
        assert usual().name == "Small"
    assert "retired" in plain(post(client, "retire", named(cast, acting, "Standard"), is_retired="1"))
    assert "Somebody else changed this" in plain(post(client, "retire", standard))
    assert "Reinstate" not in plain(post(client, "retire", named(cast, acting, "Standard")))


def test_a_model_is_renamed(cast: Cast, acting: Any, browse: Any) -> None:
    client, model = browse(cast.admin), named(cast, acting, "Standard")
    assert "Key accounts" in plain(post(client, "edit", model, name="Key accounts", about="Ours"))
    late = client.post(reverse("sales_model_edit", args=[model.pk]), {"version": "1", "name": "Late"})
    assert late.status_code == 412


def test_every_version_is_kept_in_its_words(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        publish(cast.admin, questions=asked("Pain"), reason="Ask more")
        publish(cast.admin, stages=renamed("Proposal", "Offer"), reason="Speak plainly")
        first, second = ModelVersion.objects.order_by("number")
        model = usual()
    client = browse(cast.admin)
    page = plain(client.get(reverse("sales_model_versions", args=[model.pk])))
    assert (
        page.index("Version 2")
        < page.index("Speak plainly")
        < page.index("Proposal → Offer")
        < page.index("Version 1")
    )
    old = plain(client.get(reverse("sales_model_version", args=[first.pk])))
    assert ("Proposal" in old, "Offer" in old, "Pain" in old) == (True, False, True)
    new = plain(client.get(reverse("sales_model_version", args=[second.pk])))
    assert "What differs from the version before Stage Offer, name Proposal → Offer" in new
