"""What is known around a deal: who has a part in it, who else wants it, what is needed, what was given away."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from accounts.models import Contact
from common.errors import Conflict, Forbidden, NotInReach, Stale
from common.services import set_policy
from pipeline.models import Activity, Competitor, Opportunity, Stakeholder
from pipeline.rules.stakeholders import StakeholderCoverage, is_met, stakeholder_coverage
from pipeline.selectors import around
from pipeline.services import (
    add_competitor,
    add_concession,
    add_requirement,
    add_stakeholder,
    complete_activity,
    create_opportunity,
    edit_competitor,
    edit_concession,
    edit_opportunity,
    edit_requirement,
    edit_stakeholder,
    log_activity,
    move_stage,
    remove_competitor,
    remove_concession,
    remove_requirement,
    remove_stakeholder,
    start_model,
)
from tests.pipeline.test_criteria import refusal
from tests.salesops.conftest import plain
from workspace.services.lists import add_value

SMALL = {"kind": "discount", "text": "5 % off", "reason": "Budget"}


def acorn(cast):
    return cast.deals["Acorn renewal"].pk


def meet(cast, name="Ann Acorn", account="Acorn"):
    """A contact of the account."""
    return Contact.objects.create(account=cast.accounts[account], name=name)


def decides(cast, contact, **more):
    values = {"role": "decides", **more}
    return add_stakeholder(by=cast.rep.pk, opportunity_id=acorn(cast), contact_id=contact.pk, **values)


def talk(cast, *contacts, kind="meeting", on=None, person=None, **more):
    """An activity with these people, done on that day."""
    person, about = person or cast.rep, more or {"opportunity_id": acorn(cast)}
    activity = log_activity(
        by=person.pk, kind=kind, subject="Talk", contact_ids=[one.pk for one in contacts], **about
    )
    if on:
        noon = datetime(on.year, on.month, on.day, 16, tzinfo=UTC)
        Activity.objects.change(activity.pk, activity.version, done_at=noon)
    return activity


def deal_of(cast):
    return Opportunity.objects.select_related("stage").get(pk=acorn(cast))


def covered(cast):
    found = around.coverage_of(around.stakeholders(deal_of(cast)))
    return found and (found.met, found.known)


# ---- stakeholders ----


def test_a_contact_of_the_account_gets_a_part(cast, acting):
    with acting(cast.rep):
        row = decides(cast, meet(cast), stance="for", note="  Wants it by June ")
        assert (row.role, row.stance, row.note) == ("decides", "for", "Wants it by June")
        row = edit_stakeholder(
            by=cast.rep.pk, opportunity_id=acorn(cast), stakeholder_id=row.pk, version=1, stance="against"
        )
        assert (row.stance, row.version) == ("against", 2)


def test_somebody_new_becomes_a_contact_of_the_account(cast, acting):
    new = {"name": " Bo Acorn ", "title": "CFO", "seniority": "executive", "email": "bo@acorn.example"}
    with acting(cast.rep):
        row = add_stakeholder(by=cast.rep.pk, opportunity_id=acorn(cast), role="budget", **new)
        contact = Contact.objects.get(pk=row.contact_id)
        assert (contact.name, contact.get_seniority_display(), contact.account_id) == (
            "Bo Acorn",
            "C-level",
            cast.accounts["Acorn"].pk,
        )
        add = {"by": cast.rep.pk, "opportunity_id": acorn(cast), "role": "uses"}
        assert refusal(lambda: add_stakeholder(name="bo acorn", **add)) == (
            "contact_once",
            "bo acorn is a contact of this account already. Choose them from the list.",
        )
        assert refusal(lambda: add_stakeholder(**add))[0] == "contact_missing"
        assert refusal(lambda: add_stakeholder(name="Cy", seniority="boss", **add))[0] == "unknown_seniority"
        assert refusal(lambda: add_stakeholder(name="Cy", email="nowhere", **add))[0] == "email"
    with acting(cast.director), pytest.raises(Forbidden, match="You may not add contacts"):
        add_stakeholder(by=cast.director.pk, opportunity_id=acorn(cast), role="uses", name="Cy")


def test_who_is_no_contact_of_the_account_or_is_named_already_is_refused(cast, acting):
    with acting(cast.admin):
        beech = meet(cast, "Ben Beech", "Beech")
    with acting(cast.rep):
        ann = meet(cast)
        first = decides(cast, ann)
        assert refusal(lambda: decides(cast, ann, role="uses")) == (
            "stakeholder_once",
            "This contact is a stakeholder already.",
        )
        assert refusal(lambda: decides(cast, beech)) == (
            "unknown_contact",
            "Choose a contact of this account.",
        )
        assert refusal(lambda: decides(cast, meet(cast, "Cy"), role="boss"))[0] == "unknown_role"
        remove_stakeholder(by=cast.rep.pk, opportunity_id=acorn(cast), stakeholder_id=first.pk, version=1)
        assert decides(cast, ann).pk != first.pk
        assert Stakeholder.objects.count() == 2


def test_a_deal_without_an_account_has_nobody_to_name(cast, acting):
    with acting(cast.admin):
        ann = meet(cast)
        Opportunity.objects.change(acorn(cast), 1, account_id=None)
    with acting(cast.rep):
        assert refusal(lambda: decides(cast, ann))[0] == "unknown_contact"
        assert covered(cast) is None


def test_only_who_edits_the_deal_writes_and_only_while_it_is_open(cast, acting):
    with acting(cast.rep):
        ann = meet(cast)
        row = decides(cast, ann)
    with acting(cast.executive), pytest.raises(Forbidden):
        add_competitor(by=cast.executive.pk, opportunity_id=acorn(cast), name="Oak")
    with acting(cast.other_rep), pytest.raises(NotInReach):
        add_requirement(by=cast.other_rep.pk, opportunity_id=acorn(cast), text="Fast")
    with acting(cast.peer):
        ids = {"opportunity_id": cast.deals["Beech renewal"].pk, "stakeholder_id": row.pk}
        with pytest.raises(NotInReach):
            edit_stakeholder(by=cast.peer.pk, version=1, role="uses", **ids)
    with acting(cast.rep):
        lost = {"version": 1, "stage_id": cast.stages["Lost"].pk, "lost_reason": "Price"}
        move_stage(by=cast.rep.pk, opportunity_id=acorn(cast), **lost)
        with pytest.raises(Conflict):
            add_concession(by=cast.rep.pk, opportunity_id=acorn(cast), **SMALL)


# ---- coverage ----


def test_the_last_thirty_days_end_with_the_thirtieth():
    day = date(2026, 5, 31)
    assert [is_met(on, day, 30) for on in (date(2026, 5, 1), date(2026, 4, 30), None)] == [True, False, False]
    days = [date(2026, 5, 30), date(2026, 5, 1), date(2026, 4, 30), None]
    assert stakeholder_coverage(days, day, 30) == StakeholderCoverage(2, 4)
    assert stakeholder_coverage([], day, 30) is None


def test_coverage_is_of_those_who_were_met(cast, acting):
    with acting(cast.rep):
        assert covered(cast) is None
        people = [meet(cast, name) for name in ("Ann", "Bo", "Cy", "Di")]
        for one in people:
            decides(cast, one)
        assert covered(cast) == (0, 4)
        talk(cast, people[0], on=date(2026, 5, 19))
        talk(cast, people[1], on=date(2026, 4, 20))
        talk(cast, people[2], on=date(2026, 4, 19))
        assert covered(cast) == (2, 4)
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="met_within_days", value=31)
    with acting(cast.rep):
        assert covered(cast) == (3, 4)
        last = around.stakeholders(deal_of(cast))[-1]
        remove_stakeholder(by=cast.rep.pk, opportunity_id=acorn(cast), stakeholder_id=last.row.pk, version=1)
        assert covered(cast) == (3, 3)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("call", True), ("meeting", True), ("demo", True), ("presentation", True), ("visit", True),
        ("email", False), ("note", False), ("task", False), ("follow_up", False),
    ],
)  # fmt: skip
def test_what_counts_as_met(cast, acting, kind, counts):
    with acting(cast.rep):
        ann = meet(cast)
        decides(cast, ann)
        talk(cast, ann, kind=kind)
        assert covered(cast) == (int(counts), 1)


def test_what_is_planned_counts_when_it_is_done_and_what_happened_at_the_account_counts(cast, acting):
    with acting(cast.rep):
        ann, bo = meet(cast), meet(cast, "Bo")
        decides(cast, ann)
        decides(cast, bo, role="uses")
        planned = talk(cast, ann, opportunity_id=acorn(cast), done=False, due_on=date(2026, 5, 20))
        assert covered(cast) == (0, 2)
        complete_activity(by=cast.rep.pk, activity_id=planned.pk, version=1, contact_ids=[bo.pk])
        assert covered(cast) == (2, 2)
    with acting(cast.manager):
        talk(cast, ann, on=date(2026, 5, 18), person=cast.manager, account_id=cast.accounts["Acorn"].pk)
        assert covered(cast) == (2, 2)


def test_coverage_is_one_figure_whoever_reads_it(cast, acting):
    """A meeting out of the rep's reach counts all the same."""
    with acting(cast.rep):
        ann = meet(cast)
        decides(cast, ann)
    with acting(cast.admin):
        activity = talk(cast, ann, person=cast.admin, account_id=cast.accounts["Acorn"].pk)
        west = cast.territories["West 1"].pk
        Activity.objects.change(activity.pk, activity.version, territory_id=west)
    with acting(cast.rep):
        assert not Activity.objects.filter(pk=activity.pk).exists()
        assert covered(cast) == (1, 1)


def test_an_activity_names_contacts_of_its_account_alone(cast, acting):
    with acting(cast.admin):
        beech = meet(cast, "Ben", "Beech")
    with acting(cast.rep):
        assert refusal(lambda: talk(cast, meet(cast), beech)) == (
            "unknown_contact",
            "Choose contacts of this account.",
        )
        ann = meet(cast, "Di")
        assert talk(cast, ann, ann).contact_ids == [ann.pk]


# ---- the rest ----


def test_one_competitor_is_the_incumbent_and_none_is_there_twice(cast, acting):
    with acting(cast.rep):
        add = {"by": cast.rep.pk, "opportunity_id": acorn(cast)}
        oak = add_competitor(name="Oak", is_incumbent=True, **add)
        assert refusal(lambda: add_competitor(name="oak", **add)) == (
            "competitor_once",
            "This competitor is on the deal already.",
        )
        assert refusal(lambda: add_competitor(name="Elm", is_incumbent=True, **add)) == (
            "competitor_one_incumbent",
            "Oak is the incumbent already. An opportunity has one.",
        )
        elm = add_competitor(name="Elm", strategy="Price\nper seat", **add)
        edit_competitor(competitor_id=oak.pk, version=1, is_incumbent=False, **add)
        edit_competitor(competitor_id=elm.pk, version=1, is_incumbent=True, **add)
        assert [row.name for row in around.competitors(deal_of(cast))] == ["Elm", "Oak"]
        remove_competitor(competitor_id=elm.pk, version=2, **add)
        assert [row.name for row in around.competitors(deal_of(cast))] == ["Oak"]


def test_competitors_are_those_of_the_list_and_what_a_deal_has_it_keeps(cast, acting):
    with acting(cast.rep):
        add = {"by": cast.rep.pk, "opportunity_id": acorn(cast)}
        oak = add_competitor(name="Oak", **add)
    with acting(cast.admin):
        for value in ("Elm", "Fir"):
            add_value(by=cast.admin.pk, name="competitor", value=value)
    with acting(cast.rep):
        assert refusal(lambda: add_competitor(name="Ash", **add)) == ("unknown_name", "One of: Elm, Fir.")
        assert add_competitor(name="elm", **add).name == "Elm"
        edit_competitor(competitor_id=oak.pk, version=1, name="Oak", strategy="Speed", **add)
        assert Competitor.objects.get(pk=oak.pk).strategy == "Speed"


def test_requirements_are_met_one_by_one(cast, acting):
    with acting(cast.rep):
        add = {"by": cast.rep.pk, "opportunity_id": acorn(cast)}
        fast = add_requirement(text="Fast", kind="technical", **add)
        cheap = add_requirement(text="Cheap", **add)
        edit_requirement(requirement_id=fast.pk, version=1, state="met", **add)
        found = around.requirements(deal_of(cast))
        assert [(row.text, row.state) for row in found.rows] == [("Cheap", "open"), ("Fast", "met")]
        assert found.met == 1
        with pytest.raises(Stale):
            edit_requirement(requirement_id=fast.pk, version=1, state="unmet", **add)
        assert refusal(lambda: add_requirement(text="x" * 501, **add))[0] == "too_long"
        assert refusal(lambda: add_requirement(text=" ", **add))[0] == "required"
        assert refusal(lambda: add_requirement(text="a\0b", **add))[0] == "bad_character"
        remove_requirement(requirement_id=cheap.pk, version=1, **add)
        assert len(around.requirements(deal_of(cast)).rows) == 1


def test_concessions_add_up_in_the_deals_currency(cast, acting):
    with acting(cast.rep):
        add = {"by": cast.rep.pk, "opportunity_id": acorn(cast)}
        one = add_concession(worth_minor=500_001, in_return="Two years", **SMALL, **add)
        assert one.given_on == date(2026, 5, 20)
        add_concession(worth_minor=1, given_on=date(2026, 5, 1), **SMALL, **add)
        add_concession(**SMALL, **add)
        found = around.concessions(deal_of(cast))
        assert (found.worth_minor, found.unsaid) == (500_002, 1)
        for wrong, code in (
            ({"worth_minor": -1}, "amount_range"),
            ({"reason": " "}, "required"),
            ({"kind": "gift"}, "unknown_kind"),
            ({"given_on": date(1999, 12, 31)}, "date_range"),
        ):
            values = {**SMALL, **add, **wrong}
            assert refusal(lambda values=values: add_concession(**values))[0] == code
        change = {"by": cast.rep.pk, "opportunity_id": acorn(cast), "version": 1, "currency": "EUR"}
        assert refusal(lambda: edit_opportunity(amount_minor=5, **change))[0] == "concession_currency"
        for row in found.rows:
            edit_concession(concession_id=row.pk, version=1, worth_minor=None, **add)
        assert edit_opportunity(amount_minor=5, **change).currency == "EUR"
        assert around.concessions(deal_of(cast)).worth_minor is None
        remove_concession(concession_id=one.pk, version=2, **add)
        assert len(around.concessions(deal_of(cast)).rows) == 2


def test_a_deal_of_the_salesforce_model_goes_on_once_its_decider_is_named(cast, acting, browse):
    with acting(cast.admin):
        model = start_model(by=cast.admin.pk, name="Large", template="salesforce")
        stages = {stage.name: stage.pk for stage in model.stages.all()}
    with acting(cast.rep):
        ann = meet(cast)
        deal = create_opportunity(
            by=cast.rep.pk,
            account_id=cast.accounts["Acorn"].pk,
            name="Large one",
            amount_minor=1_000,
            currency="USD",
            close_on=date(2026, 7, 1),
            stage_id=stages["Id. Decision Makers"],
        ).pk
    client, move = browse(cast.rep), reverse("opportunity_move", args=[deal])
    onward = {"stage": stages["Perception Analysis"], "version": "1"}
    refused = client.post(move, onward)
    assert refused.status_code == 422
    said = "Before Perception Analysis this has to be true: We know who decides (Id. Decision Makers)."
    assert said in plain(refused)
    form = {"contact_id": ann.pk, "role": "decides", "stance": "for"}
    assert client.post(reverse("stakeholder_add", args=[deal]), form).status_code == 302
    assert client.post(move, onward).status_code == 302
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal).stage.name == "Perception Analysis"
