"""Templates of close plans, as administrators keep them."""

from typing import Any

import pytest
from django.urls import reverse

from common.errors import Forbidden, Refused
from pipeline.models import PlanStep
from pipeline.services.plan_templates import PlanStepInput, create_plan_template, set_plan_template
from tests.cast import Cast
from tests.salesops.conftest import plain

LIST = reverse("plan_template_list")


@pytest.fixture
def tender(cast: Cast, acting: Any) -> int:
    with acting(cast.admin):
        made = create_plan_template(by=cast.admin.pk, name="Tender")
        steps = [PlanStepInput("Offer", 30), PlanStepInput("Signature", 0)]
        set_plan_template(by=cast.admin.pk, template_id=made.pk, version=1, name="Tender", steps=steps)
    return int(made.pk)


def typed(client: Any, tender: int, **changes: str) -> dict[str, str]:
    """The form as the page shows it, with these changes."""
    form = client.get(reverse("plan_template_detail", args=[tender])).context["form"]
    kept = {"version": str(form["version"].value()), "name": form["name"].value()}
    kept["steps-count"] = str(len(form.steps))
    for place, row in enumerate(form.steps):
        kept |= {f"steps-{place}-{name}": str(row[name].value()) for name in ("key", "name", "days_before")}
    return kept | changes


def steps(acting: Any, cast: Cast) -> list[tuple[str, int, int | None]]:
    with acting(cast.admin):
        rows = PlanStep.objects.order_by("position", "pk")
        return list(rows.values_list("name", "days_before", "position"))


def test_one_is_made_named_and_filled(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    assert "No template yet" in plain(client.get(LIST))
    answer = client.post(reverse("plan_template_create"), {"name": "Tender"})
    pk = int(answer["Location"].rstrip("/").rpartition("/")[2])
    url = reverse("plan_template_detail", args=[pk])
    assert "No steps yet." in plain(client.get(url))
    added = client.post(url, typed(client, pk, do="add:steps"))
    assert 'name="steps-0-name"' in added.content.decode()
    form = {"steps-count": "1", "steps-0-key": "n1", "steps-0-name": "Offer", "steps-0-days_before": "30"}
    assert client.post(url, typed(client, pk, do="save", **form)).status_code == 302
    assert "Tender Offer (30)" in plain(client.get(LIST))
    assert "Plan templates 1 in use" in plain(client.get(reverse("settings_home")))


def test_its_steps_go_up_and_down_and_out(cast: Cast, acting: Any, browse: Any, tender: int) -> None:
    client, url = browse(cast.admin), reverse("plan_template_detail", args=[tender])
    moved = client.post(url, typed(client, tender, do="up:steps.1")).context["form"]
    assert [row["name"].value() for row in moved.steps] == ["Signature", "Offer"]
    assert steps(acting, cast) == [("Offer", 30, 1), ("Signature", 0, 2)]
    turned = {"steps-0-key": "", "steps-0-name": "Signature", "steps-0-days_before": "0"}
    rows = [step["key"].value() for step in client.get(url).context["form"].steps]
    turned |= {"steps-0-key": str(rows[1]), "steps-1-key": str(rows[0]), "steps-1-name": "Offer"}
    turned |= {"steps-1-days_before": "45"}
    assert client.post(url, typed(client, tender, do="save", **turned)).status_code == 302
    assert steps(acting, cast) == [("Signature", 0, 1), ("Offer", 45, 2)]
    left = client.post(url, typed(client, tender, do="remove:steps.0")).context["form"]
    assert [row["name"].value() for row in left.steps] == ["Offer"]
    gone = {"steps-count": "1", "steps-0-key": str(rows[0]), "steps-0-name": "Offer"}
    client.post(url, typed(client, tender, do="save", **gone, **{"steps-0-days_before": "45"}))
    assert steps(acting, cast) == [("Offer", 45, 1), ("Signature", 0, None)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"steps-0-name": ""}, "This field is required."),
        ({"steps-0-days_before": "x"}, "Write a whole number from 0 to 1000."),
        ({"steps-0-days_before": "1001"}, "Write a whole number from 0 to 1000."),
        ({"steps-0-name": "Signature"}, "“Signature” is in this template twice."),
    ],
)
def test_what_is_wrong_is_said_beside_it(
    cast: Cast, browse: Any, tender: int, change: dict[str, str], words: str
) -> None:
    client = browse(cast.admin)
    answer = client.post(
        reverse("plan_template_detail", args=[tender]), typed(client, tender, do="save", **change)
    )
    assert (answer.status_code, words in plain(answer)) == (422, True)


def test_somebody_else_was_faster(cast: Cast, browse: Any, tender: int) -> None:
    client, url = browse(cast.admin), reverse("plan_template_detail", args=[tender])
    form = typed(client, tender, do="save")
    assert client.post(url, form).status_code == 302
    late = client.post(url, form)
    assert (late.status_code, "Somebody else changed this" in plain(late)) == (412, True)
    assert late.context["form"]["version"].value() == "3"


def test_a_retired_one_is_offered_no_longer(cast: Cast, browse: Any, tender: int) -> None:
    client, url = browse(cast.admin), reverse("plan_template_retire", args=[tender])
    client.post(url, {"version": "2", "is_retired": "1"})
    assert "retired" in plain(client.get(LIST))
    lay_out = reverse("close_plan_lay_out", args=[cast.deals["Acorn renewal"].pk])
    assert "There is no template yet." in plain(browse(cast.rep).get(lay_out))
    assert "Somebody else changed this" in plain(client.post(url, {"version": "2"}, follow=True))
    client.post(url, {"version": "3"})
    assert "Tender" in plain(browse(cast.rep).get(lay_out))


def test_a_name_is_taken_once_and_only_administrators_keep_them(cast: Cast, acting: Any, tender: int) -> None:
    with acting(cast.admin), pytest.raises(Refused):
        create_plan_template(by=cast.admin.pk, name="Tender")
    with acting(cast.director), pytest.raises(Forbidden):
        create_plan_template(by=cast.director.pk, name="Mine")
