"""Every address against every role: what answers, what is refused, and what does not exist for whom."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Contact, Hold
from accounts.services import create_account
from accounts.services.modules import add_to_module
from accounts.services.rules import create_rule
from accounts.services.runs import ask_run
from catalog.models import PriceBook
from common.models import Run
from common.services import add_day_off, keep_rate_file, set_policy
from forecasts.services import submit
from imports.services import check_table
from orders.models import Credit
from orders.services import LineInput, ShareInput, add_point, book, keep_order, raise_dispute, win
from pipeline.models import Activity
from pipeline.services import (
    add_competitor,
    add_concession,
    add_guest,
    add_requirement,
    add_stakeholder,
    add_to_team,
    create_event,
    create_lead,
    disqualify_lead,
)
from pipeline.services.plan_templates import create_plan_template
from pipeline.services.plans import add_milestone
from planning.models import HandOver
from planning.services.drafts import add_move, create_draft
from planning.services.merging import merge_accounts
from quotas.services import set_quota
from territories.models import ApiToken, RoleGrant, Seat
from territories.services import plan_vacancy, set_photo
from territories.services.partners import create_partner, create_partner_rep
from tests.cast import PEOPLE, Cast
from tests.pipeline.selling import asked, publish, put_servers
from workspace.models import Approval, ListValue, StandIn
from workspace.services.documents import add_file
from workspace.services.exports import record_export
from workspace.services.own import add_own_field
from workspace.services.saved_views import save_view
from workspace.services.webhooks import create_webhook

EVERYBODY = frozenset(PEOPLE)
EAST = frozenset({"rep", "manager", "director"})
ORG = frozenset({"admin", "coordinator", "executive"})
READS_ACORN = EAST | ORG
LEADS = frozenset({"manager", "director", "other_manager", "other_director"})
REPS = frozenset({"rep", "peer", "other_rep"})
ADMIN = frozenset({"admin"})
SEES_RULES = frozenset({"director", "other_director", "admin", "executive"})


@dataclass(frozen=True)
class World:
    """The ids that addresses need, all of them of Acorn in East 1."""

    account: int
    contact: int
    deal: int
    export: int
    won: int
    order: int
    order_request: int
    kept_order: int
    point: int
    dispute: int
    activity: int
    token: int
    webhook: int
    seat: int
    grant: int
    territory: int
    person: int
    product: int
    family: int
    price_book: int
    period: int
    quota: int
    run: int
    batch: int
    table: str
    day_off: int
    rate_file: int
    list_value: int
    own_field: int
    approval: int
    stand_in: int
    merge: int
    vacancy: int
    hand_over: int
    rule: int
    rule_run: int
    hold: int
    draft: int
    move: int
    module: int
    sales_model: int
    model_version: int
    question: int
    lead: int
    ended: int
    event: int
    guest: int
    guest_lead: int
    partner: int
    partner_rep: int
    stakeholder: int
    competitor: int
    requirement: int
    concession: int
    plan_template: int
    milestone: int
    document: int
    call: int
    member: int
    saved_view: int
    list: str = "lost_reason"
    subject: str = "account"
    beside: str = "opportunity"
    column: str = "close"
    policy: str = "stalled_after_days"


def webhook_of(cast: Cast, acting: Any) -> int:
    """A webhook of the rep's."""
    told = {"name": "warehouse", "address": "https://example.com/hook", "happenings": ["order.booked"]}
    with acting(cast.rep):
        return create_webhook(by=cast.rep.pk, **told)[0].pk


def a_fair(cast: Cast, contact_id: int, lead_id: int) -> dict[str, int]:
    """A sales event with a contact and a lead as guests."""
    days = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 3), "currency": "USD"}
    event = create_event(by=cast.rep.pk, name="Fair", **days)
    at_fair = {"by": cast.admin.pk, "event_id": event.pk}
    guest = add_guest(who="contact", guest_id=contact_id, **at_fair)
    lead = add_guest(who="lead", guest_id=lead_id, **at_fair)
    return {"event": event.pk, "guest": guest.pk, "guest_lead": lead.pk}


def make_world(cast: Cast, acting: Any) -> World:
    acorn, deal = cast.accounts["Acorn"], cast.deals["Acorn renewal"]
    put_servers(cast)
    with acting(cast.rep):
        set_photo(by=cast.rep.pk, photo=b"a photo")
        won = deal_of_rep(cast)
        order = book(
            by=cast.rep.pk,
            account_id=acorn.pk,
            booked_on=date(2026, 5, 19),
            currency="USD",
            lines=[LineInput(cast.products["Server"].pk, 1, 100_001)],
            shares=[ShareInput(cast.rep.pk, 100_000_000)],
            motion="new",
            opportunity_id=won.pk,
            opportunity_version=won.version,
        )
        activity = Activity.objects.create(
            kind="task",
            subject="Call Acorn",
            account=acorn,
            owner=cast.rep,
            territory=acorn.territory,
            due_on=date(2026, 5, 21),
        )
        view = save_view(by=cast.rep.pk, page="order_list", name="Mine", shared="everybody")
        member = add_to_team(by=cast.rep.pk, opportunity_id=deal.pk, person_id=cast.manager.pk)
        lead, ended = (
            create_lead(by=cast.rep.pk, name=name, email=f"{name}@lead.example") for name in ("Ella", "Gus")
        )
        milestone = add_milestone(
            by=cast.rep.pk, opportunity_id=deal.pk, name="Contract signed", planned_on=date(2026, 6, 1)
        )
        paper = {"subject": "opportunity", "subject_id": deal.pk, "kind": "offer"}
        document = add_file(by=cast.rep.pk, file_name="Offer.txt", content=b"100", **paper)
        call = submit(by=cast.rep.pk, period_id=cast.q2.pk, amount_minor=100)
        disqualify_lead(by=cast.rep.pk, lead_id=ended.pk, version=1, reason="No need")
        around = things_around(cast)
    with acting(cast.admin):
        partner = create_partner(by=cast.admin.pk, name="Resellers")
        partner_rep = create_partner_rep(by=cast.admin.pk, partner_id=partner.pk, name="Rolf")
        contact = Contact.objects.create(account=acorn, name="Ann Acorn")
        fair = a_fair(cast, contact.pk, lead.pk)
        token = ApiToken.objects.create(
            user=cast.rep, name="mine", digest="x", expires_at="2027-01-01T00:00Z"
        )
        quota = set_quota(
            by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.rep.pk, amount_minor=100_000_00
        )
        run = Run.objects.create(job="attainment", as_of=date(2026, 5, 19), state="published")
        batch = check_table(
            by=cast.admin.pk, table="people", content=b"Name,E-mail,Role\nAnn,ann@x.example,rep"
        )
        seat = Seat.objects.get(user=cast.rep)
        grant = RoleGrant.objects.get(user=cast.rep)
        published = b"Date,USD\n2026-05-15,1.2\n"
        rate_file = keep_rate_file(by=cast.admin.pk, name="eurofxref-hist.csv", content=published)
        day_off = add_day_off(by=cast.admin.pk, on=date(2026, 12, 25), name="Christmas Day")
        list_value = ListValue.objects.get(value="Price")
        price_book = PriceBook.objects.create(name="Standard", currency="USD")
        approval = Approval.objects.get(kind="quota_accept")
        double = create_account(by=cast.admin.pk, name="Acorn", anyway_reason="mine")
        merge = merge_accounts(by=cast.admin.pk, survivor_id=acorn.pk, merged_id=double.pk, reason="mine")
        wanted = [[{"kind": "account", "values": [acorn.pk]}]]
        rule = create_rule(by=cast.admin.pk, name="Acorn", territory_id=acorn.territory_id, conditions=wanted)
        rule_run = ask_run(by=cast.admin.pk, starts_on=date(2026, 6, 1), digest="0" * 64)
        plan_template = create_plan_template(by=cast.admin.pk, name="Tender")
        stand_in = StandIn.objects.create(
            person=cast.rep, stand_in=cast.peer, starts_on=date(2026, 5, 20), stops_on=date(2026, 6, 1)
        )
        vacancy = plan_vacancy(
            by=cast.admin.pk,
            territory_id=cast.territories["Company"].pk,
            kind="lead",
            starts_on=date(2026, 5, 20),
        )
        hand_over = HandOver.objects.create(
            territory=acorn.territory,
            kind="owner",
            giver=cast.rep,
            taker=cast.peer,
            passes_on=date(2026, 6, 1),
            made_by=cast.admin,
        )
        module = add_to_module(
            by=cast.admin.pk, name="Acorn", account_ids=[acorn.pk], starts_on=date(2026, 5, 20)
        ).module
        hold = Hold.objects.create(
            account=acorn, person=cast.rep, starts_on=date(2026, 5, 20), stops_on=date(2026, 7, 1)
        )
        model = publish(cast.admin, questions=asked("What hurts?"))
    with acting(cast.director):
        draft = create_draft(by=cast.director.pk, name="Spring", starts_on=date(2026, 5, 21))
        east = cast.territories["East 2"].pk
        move = {"kind": "accounts", "account_ids": [acorn.pk], "into_id": east}
        drafted = add_move(by=cast.director.pk, draft_id=draft.pk, **move)
    return World(
        account=acorn.pk,
        contact=contact.pk,
        deal=deal.pk,
        won=won.pk,
        order=order.pk,
        order_request=waiting_order(cast, acting),
        **kept_orders(cast, acting),
        dispute=disputed_order(cast, acting, order),
        activity=activity.pk,
        token=token.pk,
        webhook=webhook_of(cast, acting),
        seat=seat.pk,
        grant=grant.pk,
        territory=cast.territories["East 1"].pk,
        person=cast.rep.pk,
        product=cast.products["Server"].pk,
        family=cast.families["Hardware"].pk,
        price_book=price_book.pk,
        period=cast.q2.pk,
        quota=quota.pk,
        run=run.pk,
        batch=batch.pk,
        table="people",
        day_off=day_off.pk,
        rate_file=rate_file.pk,
        list_value=list_value.pk,
        own_field=a_field(cast, acting),
        approval=approval.pk,
        stand_in=stand_in.pk,
        merge=merge.pk,
        vacancy=vacancy.pk,
        hand_over=hand_over.pk,
        rule=rule.pk,
        rule_run=rule_run.pk,
        hold=hold.pk,
        draft=draft.pk,
        move=drafted.pk,
        module=module.pk,
        lead=lead.pk,
        ended=ended.pk,
        **fair,
        partner=partner.pk,
        partner_rep=partner_rep.pk,
        **around,
        plan_template=plan_template.pk,
        milestone=milestone.pk,
        document=document.pk,
        call=call.pk,
        sales_model=model.pk,
        model_version=model.versions.get().pk,
        question=model.questions.get().pk,
        member=member.pk,
        saved_view=view.pk,
    )


def a_field(cast: Cast, acting: Any) -> int:
    """A field of the company's own on accounts."""
    with acting(cast.admin):
        return add_own_field(by=cast.admin.pk, subject="account", label="Motto", kind="text").pk


def waiting_order(cast: Cast, acting: Any) -> int:
    """A deal of the rep that is won and awaits its booking."""
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="booking_asks", value="purchase_order")
    with acting(cast.rep):
        deal = deal_of_rep(cast)
        asked = win(
            by=cast.rep.pk,
            opportunity_id=deal.pk,
            opportunity_version=deal.version,
            booked_on=date(2026, 5, 19),
            lines=[LineInput(cast.products["Server"].pk, 1, 100_001)],
            shares=[],
            motion="new",
        )
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="booking_asks", value="nothing")
    return asked.pk


def kept_orders(cast: Cast, acting: Any) -> dict[str, int]:
    """An order without a deal that the rep handed in, and a point of the contract review."""
    with acting(cast.rep):
        asked = keep_order(
            by=cast.rep.pk,
            account_id=cast.accounts["Acorn"].pk,
            booked_on=date(2026, 5, 19),
            currency="USD",
            lines=[LineInput(cast.products["Server"].pk, 1, 100_001)],
            shares=[],
            motion="new",
        )
    with acting(cast.admin):
        point = add_point(by=cast.admin.pk, text="Signed", motion="renewal")
    return {"kept_order": asked.pk, "point": point.pk}


def things_around(cast: Cast) -> dict[str, int]:
    """A row of everything that is known around Acorn's deal, by its name."""
    contact = Contact.objects.create(account=cast.accounts["Acorn"], name="Ann Acorn")
    about = {"by": cast.rep.pk, "opportunity_id": cast.deals["Acorn renewal"].pk}
    words = {"kind": "other", "text": "test", "reason": "test"}
    rows = {
        "stakeholder": add_stakeholder(contact_id=contact.pk, role="uses", **about),
        "competitor": add_competitor(name="test", **about),
        "requirement": add_requirement(text="test", **about),
        "concession": add_concession(**words, **about),
        "export": record_export(by=cast.rep.pk, page="opportunity_list", query="", format="csv", rows=1),
    }
    return {name: row.pk for name, row in rows.items()}


def deal_of_rep(cast: Cast) -> Any:
    from pipeline.services import create_opportunity

    return create_opportunity(
        by=cast.rep.pk,
        account_id=cast.accounts["Acorn"].pk,
        name="Won one",
        amount_minor=100_001,
        currency="USD",
        close_on=date(2026, 5, 30),
        stage_id=cast.stages["Negotiation"].pk,
    )


@dataclass(frozen=True)
class Rule:
    """Who gets the page, and what the others are told: 403 for a page of a role, 404 for a row out of reach."""

    readers: frozenset[str]
    others: int = 403
    needs: str = ""
    query: str = ""
    exceptions: tuple[tuple[str, int], ...] = ()

    def expected(self, key: str) -> int:
        return dict(self.exceptions).get(key, 200 if key in self.readers else self.others)


def disputed_order(cast: Cast, acting: Any, order: Any) -> int:
    """A dispute of the rep's own credit in an order."""
    with acting(cast.rep):
        credit = Credit.objects.get(event__order=order)
        made = raise_dispute(by=cast.rep.pk, cause="amount", text="It was more.", credit_id=credit.pk)
        return int(made.pk)


def of(readers: frozenset[str], needs: str = "", query: str = "") -> Rule:
    """A page: others are told that it is not theirs."""
    return Rule(readers, 403, needs, query)


def row(readers: frozenset[str], needs: str, **exceptions: int) -> Rule:
    """A row's page: out of reach it does not exist."""
    return Rule(readers, 404, needs, "", tuple(exceptions.items()))


ASSIGNS_ACORN = Rule(ADMIN | {"director"}, 403, "account", "", (("other_director", 404),))
CHANGES_DRAFT = Rule(ADMIN | {"director"}, 403, "draft", "", (("other_director", 404),))
# Directors bring in tables that are drafts; this one is an administrator's.
BRINGS_IN = Rule(ADMIN, 403, "batch", "", (("director", 404), ("other_director", 404)))
OWN_DEAL = {"coordinator": 403, "executive": 403}
GET = {
    "home": of(EVERYBODY),
    "setup": of(ADMIN),
    "setup_night": of(ADMIN),
    "search": of(EVERYBODY, query="?q=Acorn"),
    "search_found": of(EVERYBODY, query="?q=Acorn"),
    "definitions": of(EVERYBODY),
    "setup_guide": of(ADMIN),
    "help_page": of(EVERYBODY),
    "tour": of(EVERYBODY),
    "territory_tree": of(EVERYBODY),
    "territory_workbench": of(LEADS | {"admin", "executive"}),
    "territory_workbench_found": of(LEADS | {"admin", "executive"}),
    "territory_workbench_rows": Rule(
        frozenset({"manager", "director", "admin", "executive"}),
        403,
        "territory",
        "",
        (("other_manager", 404), ("other_director", 404)),
    ),
    "territory_figures_panel": Rule(
        frozenset({"manager", "director", "admin", "executive"}),
        403,
        "territory",
        "",
        (("other_manager", 404), ("other_director", 404)),
    ),
    "territory_workbench_acts": of(ADMIN, "territory"),
    "draft_list": of(ADMIN | {"director", "other_director", "executive"}),
    "draft_create": of(ADMIN | {"director", "other_director"}),
    "draft_accounts": of(ADMIN | {"director", "other_director"}),
    "realignment_export": of(ADMIN | {"director", "other_director"}),
    "realignment_cut": of(ADMIN | {"director", "other_director"}),
    "draft_detail": replace(CHANGES_DRAFT, readers=ADMIN | {"director", "executive"}),
    "draft_link": of(ADMIN | {"director", "other_director", "executive"}, "draft"),
    "draft_rows": replace(CHANGES_DRAFT, readers=ADMIN | {"director", "executive"}),
    "draft_account_suggest": of(ADMIN | {"director", "other_director"}, query="?q=Aco"),
    "draft_edit": CHANGES_DRAFT,
    "draft_ask": CHANGES_DRAFT,
    "draft_undo": CHANGES_DRAFT,
    "move_create": CHANGES_DRAFT,
    "move_edit": replace(CHANGES_DRAFT, needs="move"),
    "territory_detail": of(EVERYBODY, "territory"),
    "territory_create": of(ADMIN),
    "territory_edit": of(ADMIN, "territory"),
    "territory_move": of(ADMIN, "territory"),
    "territory_rename": of(ADMIN, "territory"),
    "territory_retire": of(ADMIN, "territory"),
    "territory_merge": of(ADMIN, "territory"),
    "territory_split": of(ADMIN, "territory"),
    "seat_create": of(ADMIN),
    "seat_end": of(ADMIN, "seat"),
    "seat_hand_over": of(ADMIN, "seat"),
    "seat_effect": of(ADMIN, query="?act=seat&user_id=2&territory_id=4&kind=overlay&starts_on=2026-04-01"),
    "seat_credit": of(ADMIN, "seat"),
    "vacancy_plan": of(ADMIN),
    "vacancy_change": of(ADMIN, "vacancy"),
    "vacancy_drop": of(ADMIN, "vacancy"),
    "hand_over_panel": of(ADMIN, "person"),
    "hand_over_drop": of(ADMIN, "hand_over"),
    "person_list": of(ADMIN),
    "person_create": of(ADMIN),
    "person_edit": of(ADMIN, "person"),
    "person_leave": of(ADMIN, "person"),
    "person_return": of(ADMIN, "person"),
    "person_pages_panel": of(EAST | {"admin", "executive"}, "person"),
    "invitation_list": of(ADMIN),
    "invitation_panel": of(ADMIN, "person"),
    "role_change": of(ADMIN, "grant"),
    "seat_change": of(ADMIN, "seat"),
    "person_detail": of(EAST | {"admin", "executive"}, "person"),
    "role_grant": of(ADMIN, "person"),
    "role_end": of(ADMIN, "grant"),
    "profile_edit": of(EVERYBODY),
    "photo_edit": of(EVERYBODY),
    "person_photo": of(EVERYBODY, "person"),
    "inbox": of(EVERYBODY),
    "asked_list": of(EVERYBODY),
    "mail_list": of(ADMIN),
    "export_list": of(ADMIN),
    "notification_choices": of(EVERYBODY),
    "token_list": of(EVERYBODY),
    "token_create": of(EVERYBODY),
    "token_revoke": row(frozenset({"rep"}), "token"),
    "webhook_list": of(EVERYBODY),
    "webhook_create": of(EVERYBODY),
    "webhook_detail": row(frozenset({"rep", "admin"}), "webhook"),
    "webhook_edit": row(frozenset({"rep"}), "webhook", admin=403),
    "webhook_rotate": row(frozenset({"rep"}), "webhook", admin=403),
    "webhook_remove": row(frozenset({"rep", "admin"}), "webhook"),
    "product_list": of(EVERYBODY),
    "product_create": of(ADMIN),
    "product_detail": of(EVERYBODY, "product"),
    "product_edit": of(ADMIN, "product"),
    "product_parts": of(ADMIN, "product"),
    "family_create": of(ADMIN),
    "family_edit": of(ADMIN, "family"),
    "price_book_list": of(EVERYBODY),
    "price_book_create": of(ADMIN),
    "price_book_detail": of(EVERYBODY, "price_book"),
    "price_book_edit": of(ADMIN, "price_book"),
    "price_book_prices": of(ADMIN, "price_book"),
    "calendar": of(EVERYBODY),
    "year_create": of(ADMIN),
    "year_preview": of(ADMIN),
    "period_close": of(ADMIN, "period"),
    "day_off_list": of(EVERYBODY),
    "day_off_create": of(ADMIN),
    "day_off_remove": of(ADMIN, "day_off"),
    "public_holidays_add": of(ADMIN),
    "work_calendar_create": of(ADMIN),
    "settings_home": of(ADMIN),
    "policy_edit": of(ADMIN, "policy"),
    "policy_effect": of(ADMIN, "policy"),
    "list_value_list": of(ADMIN, "list"),
    "list_value_create": of(ADMIN, "list"),
    "list_value_edit": of(ADMIN, "list_value"),
    "list_value_merge": of(ADMIN, "list_value"),
    "own_field_list": of(ADMIN, "subject"),
    "own_field_create": of(ADMIN, "subject"),
    "own_field_edit": of(ADMIN, "own_field"),
    "api_list_value_list": of(EVERYBODY),
    "api_list_value": of(ADMIN, "list_value"),
    "api_own_field_list": of(EVERYBODY),
    "api_own_field": of(ADMIN, "own_field"),
    "sales_model_list": of(ADMIN),
    "sales_model_create": of(ADMIN),
    "sales_model_detail": of(ADMIN, "sales_model"),
    "sales_model_edit": of(ADMIN, "sales_model"),
    "sales_model_versions": of(ADMIN, "sales_model"),
    "sales_model_version": of(ADMIN, "model_version"),
    "period_reopen": of(ADMIN, "period"),
    "period_acts_panel": of(EVERYBODY),
    "approval_detail": row(frozenset({"rep", "admin"}), "approval"),
    "approval_answer": row(frozenset({"rep", "admin"}), "approval"),
    "approval_withdraw": row(ADMIN, "approval"),
    "stand_in_list": of(EVERYBODY),
    "stand_in_create": of(EVERYBODY),
    "stand_in_end": row(frozenset({"rep", "admin"}), "stand_in"),
    "stand_in_panel": of(ADMIN, "person"),
    "rate_list": of(EVERYBODY),
    "rate_create": of(ADMIN),
    "rate_file_create": of(ADMIN),
    "rate_import": of(ADMIN, "rate_file"),
    "rates_missing_panel": of(EVERYBODY),
    "organisation_edit": of(ADMIN),
    "account_list": of(EVERYBODY),
    "account_create": of(EVERYBODY - {"executive", "director", "other_director"}),
    "account_access": of(EVERYBODY - {"executive", "director", "other_director"}),
    "account_lookup_list": of(ADMIN),
    "account_suggest": of(EVERYBODY, query="?q=Aco"),
    "territory_suggest": of(EVERYBODY, query="?q=eas"),
    "person_suggest": of(EVERYBODY, query="?q=rit"),
    "place_suggest": of(EVERYBODY, query="?q=eas"),
    "module_suggest": of(EVERYBODY, query="?q=k"),
    "rule_suggest": of(SEES_RULES, query="?q=a"),
    "owner_suggest": of(EVERYBODY, query="?q=rit"),
    "assignee_suggest": Rule(frozenset({"director", "other_director", "admin"}), query="?q=rit"),
    "colleague_suggest": of(EVERYBODY, query="?q=pau"),
    "module_list": of(EVERYBODY),
    "module_detail": of(EVERYBODY, "module"),
    "module_create": of(ADMIN | {"director", "other_director"}),
    "module_edit": of(ADMIN, "module"),
    "module_retire": of(ADMIN, "module"),
    "module_add": of(ADMIN | {"director", "other_director"}),
    "module_fill": of(ADMIN | {"director", "other_director"}, "module"),
    "module_take_out": of(ADMIN | {"director", "other_director"}, "module"),
    "coverage_report": of(LEADS | ORG),
    "coverage_csv": of(LEADS | ORG),
    "held_report": of(LEADS | ORG),
    "held_csv": of(LEADS | ORG),
    "account_gaps": of(ORG),
    "account_gaps_panel": of(EVERYBODY),
    "account_detail": row(READS_ACORN, "account"),
    "account_edit": row(READS_ACORN, "account", director=403, executive=403),
    "accounts_assign": of(ADMIN | {"director", "other_director"}),
    "hold_create": ASSIGNS_ACORN,
    "hold_list": of(ADMIN | {"director", "other_director"}),
    "hold_end": replace(ASSIGNS_ACORN, needs="hold"),
    "accounts_classify": of(ADMIN | {"manager", "other_manager"}),
    "account_classify": row(READS_ACORN, "account", rep=403, director=403, coordinator=403, executive=403),
    "account_classes_panel": row(READS_ACORN, "account"),
    "account_profile_panel": row(READS_ACORN, "account"),
    "account_profile_edit": row(READS_ACORN, "account", director=403, executive=403),
    "account_family": row(READS_ACORN, "account"),
    "account_family_rows": row(READS_ACORN, "account"),
    "account_potential_panel": row(READS_ACORN, "account"),
    "account_potential_edit": row(READS_ACORN, "account", director=403, executive=403),
    "touch_norm_list": of(ADMIN),
    "touch_norm_set": of(ADMIN),
    "coverage_model_set": of(ADMIN),
    "account_merge": of(ADMIN, "account"),
    "account_merges_panel": of(ADMIN, "account"),
    "account_merge_undo": of(ADMIN, "merge"),
    "contact_create": row(READS_ACORN, "account", director=403, executive=403),
    "contact_edit": row(READS_ACORN, "contact", director=403, executive=403),
    "rule_list": of(SEES_RULES),
    "rule_create": of(ADMIN),
    "rule_edit": of(ADMIN, "rule"),
    "rule_detail": of(SEES_RULES, "rule"),
    "rule_match_panel": of(SEES_RULES, "rule"),
    "rule_faults_panel": of(ADMIN),
    "rule_preview": of(ADMIN),
    "rule_run_list": of(frozenset({"admin", "executive"})),
    "rule_run_back": of(ADMIN, "rule_run"),
    "rule_run_detail": of(frozenset({"admin", "executive"}), "rule_run"),
    "rule_run_accounts": of(frozenset({"admin", "executive"}), "rule_run"),
    "rule_run_csv": of(frozenset({"admin", "executive"}), "rule_run"),
    "opportunity_list": of(EVERYBODY),
    "opportunity_board": of(EVERYBODY),
    "opportunity_cards": of(EVERYBODY),
    "opportunity_group": of(EVERYBODY),
    "opportunity_columns": of(EVERYBODY),
    "opportunity_export": of(EVERYBODY),
    "opportunity_export_file": row(frozenset({"rep"}), "export"),
    "opportunity_change_many": of(EVERYBODY - {"coordinator", "executive"}),
    "opportunity_cell": row(READS_ACORN, "deal column", **OWN_DEAL),
    "opportunity_calendar": of(EVERYBODY),
    "worklist": of(EVERYBODY),
    "opportunity_date": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_step": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_step_done": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_later": row(READS_ACORN, "deal", **OWN_DEAL),
    "saved_view_create": of(EVERYBODY, query="?page=lead_list"),
    "saved_view_edit": of(frozenset({"rep"}), "saved_view"),
    "api_saved_view_list": of(EVERYBODY),
    "api_saved_view": of(EVERYBODY, "saved_view"),
    "opportunity_create": of(EVERYBODY - {"coordinator", "executive"}),
    "account_opportunities_panel": of(EVERYBODY, "account"),
    "opportunity_detail": row(READS_ACORN, "deal"),
    "opportunity_moved_panel": row(READS_ACORN, "deal"),
    "opportunity_history": row(READS_ACORN, "deal"),
    "opportunity_edit": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_lines": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_move": row(READS_ACORN, "deal", executive=403),
    "opportunity_team": row(READS_ACORN, "deal"),
    "team_add": row(READS_ACORN, "deal", **OWN_DEAL),
    "team_role": row(READS_ACORN, "deal member", **OWN_DEAL),
    "team_end": row(READS_ACORN, "deal member", **OWN_DEAL),
    "opportunity_split": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_merge": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_clone": row(READS_ACORN, "deal", **OWN_DEAL),
    "opportunity_give": row(READS_ACORN, "deal", **OWN_DEAL),
    "deal_suggest": of(EVERYBODY, query="?q=aco&opportunity={deal}"),
    "opportunity_around_panel": row(READS_ACORN, "deal"),
    "stakeholder_add": row(READS_ACORN, "deal", **OWN_DEAL),
    "stakeholder_edit": row(READS_ACORN, "deal stakeholder", **OWN_DEAL),
    "competitor_add": row(READS_ACORN, "deal", **OWN_DEAL),
    "competitor_edit": row(READS_ACORN, "deal competitor", **OWN_DEAL),
    "requirement_add": row(READS_ACORN, "deal", **OWN_DEAL),
    "requirement_edit": row(READS_ACORN, "deal requirement", **OWN_DEAL),
    "concession_add": row(READS_ACORN, "deal", **OWN_DEAL),
    "concession_edit": row(READS_ACORN, "deal concession", **OWN_DEAL),
    "question_answer": row(EAST | {"admin"}, "deal question", **OWN_DEAL),
    "close_plan_panel": row(READS_ACORN, "deal"),
    "close_plan_lay_out": row(READS_ACORN, "deal", **OWN_DEAL),
    "milestone_create": row(READS_ACORN, "deal", **OWN_DEAL),
    "milestone_edit": row(READS_ACORN, "milestone", **OWN_DEAL),
    "milestone_replan": row(READS_ACORN, "milestone", **OWN_DEAL),
    "milestone_meet": row(READS_ACORN, "milestone", **OWN_DEAL),
    "plan_template_list": of(ADMIN),
    "plan_template_create": of(ADMIN),
    "plan_template_detail": of(ADMIN, "plan_template"),
    "beside_panel": row(READS_ACORN, "beside deal"),
    "comment_create": row(READS_ACORN, "beside deal"),
    "document_create": row(READS_ACORN, "beside deal", executive=403),
    "document_content": row(READS_ACORN, "document"),
    "document_remove": row(READS_ACORN, "document", **OWN_DEAL),
    "activity_list": of(EVERYBODY),
    "activity_read": of(EVERYBODY - {"executive"}, query="?line=call+Ann"),
    "activity_calendar": row(READS_ACORN, "activity"),
    "touch_list": of(EVERYBODY),
    "target_list": of(EVERYBODY - {"coordinator"}),
    "target_set": of(LEADS | ADMIN),
    "calendar_link": of(EVERYBODY),
    "calendar_link_revoke": of(EVERYBODY),
    "activity_create": of(EVERYBODY - {"executive"}),
    "activity_with": of(EVERYBODY - {"executive"}, query="?account={account}"),
    "contact_suggest": of(EVERYBODY, query="?q=A&account={account}"),
    "activity_complete": row(EAST | {"admin"}, "activity", coordinator=403, executive=403),
    "activity_later": row(EAST | {"admin"}, "activity", coordinator=403, executive=403),
    "lead_list": of(EVERYBODY),
    "lead_create": of(EVERYBODY - {"executive"}),
    "lead_yield": of(EVERYBODY),
    "pipeline_funnel": of(EVERYBODY),
    "win_rates": of(EVERYBODY),
    "hygiene": of(EVERYBODY),
    "pipeline_generation": of(EVERYBODY),
    "date_reliability": of(EVERYBODY),
    "attach_rate": of(EVERYBODY),
    "api_insight_funnel": of(EVERYBODY),
    "api_insight_win_rates": of(EVERYBODY),
    "api_insight_hygiene": of(EVERYBODY),
    "api_insight_generation": of(EVERYBODY),
    "api_insight_dates": of(EVERYBODY),
    "api_insight_attach_rate": of(EVERYBODY),
    "api_insight_entry_accuracy": of(EVERYBODY),
    "lead_detail": row(READS_ACORN, "lead"),
    "lead_edit": row(READS_ACORN, "lead", executive=403),
    "lead_give": row(READS_ACORN, "lead", executive=403),
    "lead_disqualify": row(READS_ACORN, "lead", executive=403),
    "lead_reopen": row(READS_ACORN, "ended", executive=403),
    "lead_convert": row(READS_ACORN, "lead", executive=403),
    "event_list": of(EVERYBODY),
    "event_create": of(EVERYBODY - {"executive"}),
    "event_detail": of(EVERYBODY, "event"),
    "guest_add": of(EVERYBODY - {"executive"}, "event"),
    "guest_contact": row(READS_ACORN, "event guest", executive=403),
    "guest_contact_remove": row(READS_ACORN, "event guest", executive=403),
    "guest_lead": row(READS_ACORN, "event guest_lead", executive=403),
    "guest_lead_remove": row(READS_ACORN, "event guest_lead", executive=403),
    "guest_contact_suggest": of(EVERYBODY, query="?q=A"),
    "guest_lead_suggest": of(EVERYBODY, query="?q=E"),
    "event_edit": of(EAST | {"admin", "coordinator"}, "event"),
    "partner_list": of(LEADS | ORG),
    "partner_create": of(ADMIN),
    "partner_edit": of(ADMIN, "partner"),
    "partner_rep_create": of(ADMIN, "partner"),
    "partner_rep_edit": of(ADMIN, "partner_rep"),
    "order_list": of(EVERYBODY),
    "order_book": of(EVERYBODY - {"executive"}),
    "order_request_list": of(EVERYBODY - {"executive"}),
    "order_request_back": row(READS_ACORN, "order_request", executive=403),
    "order_request_cancel": row(EAST | {"coordinator", "admin"}, "kept_order"),
    "review_point_list": of(frozenset({"coordinator", "admin"})),
    "review_point_create": of(ADMIN),
    "review_point_remove": of(ADMIN, "point"),
    "order_detail": row(READS_ACORN, "order"),
    "order_purchase_order": row(READS_ACORN, "order", executive=403),
    "entry_accuracy": of(EVERYBODY),
    "entry_accuracy_csv": of(EVERYBODY),
    "order_progress": row(
        frozenset({"coordinator", "admin"}), "order", rep=403, manager=403, director=403, executive=403
    ),
    "order_cancel": row(
        frozenset({"director", "coordinator", "admin"}), "order", rep=403, manager=403, executive=403
    ),
    "order_correct": row(
        frozenset({"director", "coordinator", "admin"}), "order", rep=403, manager=403, executive=403
    ),
    **dict.fromkeys(
        ("order_amend", "order_split", "order_day"),
        row(frozenset({"director", "coordinator", "admin"}), "order", rep=403, manager=403, executive=403),
    ),
    "opening_create": of(ADMIN),
    "credit_list": of(EVERYBODY - {"coordinator"}),
    "credit_csv": of(EVERYBODY - {"coordinator"}),
    "dispute_list": of(EVERYBODY),
    "dispute_create": Rule(
        EAST,
        403,
        "",
        "?order={order}",
        tuple((who, 404) for who in ("peer", "other_rep", "other_manager", "other_director")),
    ),
    "dispute_detail": row(READS_ACORN, "dispute"),
    "dispute_answer": Rule(
        frozenset({"director", "coordinator", "admin"}), 403, "dispute", "", (("other_director", 404),)
    ),
    "dispute_withdraw": row(frozenset({"rep"}), "dispute", **dict.fromkeys(READS_ACORN - {"rep"}, 403)),
    "account_orders_panel": of(EVERYBODY, "account"),
    "territory_accounts_panel": of(EVERYBODY, "territory"),
    "territory_workload_panel": of(EVERYBODY, "territory"),
    "opportunity_order_panel": of(EVERYBODY, "won"),
    "team_attainment": of(LEADS | {"admin", "executive"}),
    "measures": of(LEADS | {"admin", "executive"}),
    "awaited_list": of(LEADS | {"admin", "executive"}),
    "measures_csv": of(LEADS | {"admin", "executive"}),
    "api_insight_measures": of(LEADS | {"admin", "executive"}, query="?period=2026-Q2"),
    "team_attainment_csv": of(LEADS | {"admin", "executive"}),
    "team_attainment_rows": of(LEADS | {"admin", "executive"}, query="?path=1"),
    "my_attainment": of(REPS | LEADS),
    "quota_list": of(frozenset({"director", "other_director", "admin", "executive"})),
    "quota_detail": Rule(
        frozenset({"director", "admin", "executive"}), 403, "quota", "", (("other_director", 404),)
    ),
    "quota_set": of(frozenset({"director", "other_director", "admin"})),
    "quota_import": of(ADMIN),
    "run_list": of(frozenset({"admin", "executive"})),
    "run_detail": of(frozenset({"admin", "executive"}), "run"),
    "run_progress": of(frozenset({"admin", "executive"})),
    "submission_list": of(REPS | LEADS),
    "submission_detail": row(EAST | {"admin", "executive"}, "call", coordinator=403),
    "forecast_accuracy": of(EVERYBODY - {"coordinator"}),
    "pipeline_changes": of(EVERYBODY),
    "table_import": of(ADMIN, "table"),
    "table_sample_csv": of(ADMIN, "table"),
    "table_sample_xlsx": of(ADMIN, "table"),
    "batch_list": of(ADMIN),
    "batch_detail": BRINGS_IN,
    "batch_original": BRINGS_IN,
    "batch_rejects": BRINGS_IN,
    "styleguide": of(EVERYBODY),
    "api_account_list": of(EVERYBODY),
    "api_account": row(READS_ACORN, "account"),
    "api_account_family": row(READS_ACORN, "account"),
    "api_account_merge": of(ADMIN, "account", "?survivor={account}"),
    "api_account_merge_list": of(ADMIN),
    "api_account_class_list": of(EVERYBODY),
    "api_hold_list": of(EVERYBODY),
    "api_potential_list": of(EVERYBODY),
    "api_touch_norm_list": of(ADMIN),
    "api_coverage_model_list": of(ADMIN),
    "api_module_list": of(EVERYBODY),
    "api_module": of(EVERYBODY, "module"),
    "api_module_account_list": of(EVERYBODY, "module"),
    "api_module_fill": of(ADMIN | {"director", "other_director"}, "module"),
    "api_seat_hand_over": of(ADMIN, "seat"),
    "api_seat_effect": of(ADMIN, query="?act=seat&person=2&territory=4&kind=overlay&starts_on=2026-04-01"),
    "api_hand_over_list": of(ADMIN),
    "api_territory_workload": of(EVERYBODY, "territory"),
    "api_opportunity_list": of(EVERYBODY),
    "api_opportunity_standing_list": of(EVERYBODY),
    "api_opportunity": row(READS_ACORN, "deal"),
    "api_opportunity_line_list": row(READS_ACORN, "deal"),
    "api_team_list": row(READS_ACORN, "deal"),
    "api_opportunity_split": row(READS_ACORN, "deal"),
    "api_opportunity_activity_list": row(READS_ACORN, "deal"),
    "api_stakeholder_list": row(READS_ACORN, "deal"),
    "api_competitor_list": row(READS_ACORN, "deal"),
    "api_requirement_list": row(READS_ACORN, "deal"),
    "api_concession_list": row(READS_ACORN, "deal"),
    "api_milestone_list": row(READS_ACORN, "deal"),
    "api_plan_template_list": of(EVERYBODY),
    "api_comment_list": row(READS_ACORN, "beside deal"),
    "api_document_list": row(READS_ACORN, "beside deal"),
    "api_document_content": row(READS_ACORN, "document"),
    "api_family_list": of(EVERYBODY),
    "api_family": of(EVERYBODY, "family"),
    "api_product_list": of(EVERYBODY),
    "api_product": of(EVERYBODY, "product"),
    "api_product_part_list": of(EVERYBODY, "product"),
    "api_price_book_list": of(EVERYBODY),
    "api_price_book": of(EVERYBODY, "price_book"),
    "api_price_list": of(EVERYBODY, "price_book"),
    "api_sales_model_list": of(EVERYBODY),
    "api_sales_model": of(EVERYBODY, "sales_model"),
    "api_sales_model_version_list": of(EVERYBODY, "sales_model"),
    "api_stage_list": of(EVERYBODY),
    "api_activity_list": of(EVERYBODY),
    "api_activity": row(READS_ACORN, "activity"),
    "api_activity_target_list": of(EVERYBODY - {"coordinator"}),
    "api_touch_list": of(EVERYBODY),
    "api_event_list": of(EVERYBODY),
    "api_event": of(EVERYBODY, "event"),
    "api_account_changes": of(EVERYBODY),
    "api_contact_list": of(EVERYBODY),
    "api_contact": row(READS_ACORN, "contact"),
    "api_contact_changes": of(EVERYBODY),
    "api_activity_changes": of(EVERYBODY),
    "api_lead_changes": of(EVERYBODY),
    "api_opportunity_changes": of(EVERYBODY),
    "api_order_changes": of(EVERYBODY),
    "api_lead_list": of(EVERYBODY),
    "api_lead": row(READS_ACORN, "lead"),
    "api_lead_activity_list": row(READS_ACORN, "lead"),
    "api_order_list": of(EVERYBODY),
    "api_order": row(READS_ACORN, "order"),
    "api_credit_list": of(EVERYBODY - {"coordinator"}),
    "api_dispute_list": of(EVERYBODY),
    "api_dispute": row(READS_ACORN, "dispute"),
    "api_order_request_list": of(EVERYBODY - {"executive"}),
    "api_order_request": row(EAST | {"coordinator", "admin"}, "kept_order", executive=403),
    "api_quota_list": of(EVERYBODY),
    "api_attainment": of(EVERYBODY - {"coordinator"}, query="?period=2026-Q2"),
    "api_attainment_changes": Rule(
        READS_ACORN - {"coordinator"},
        404,
        query="?period=2026-Q2&known=2026-05-18&person={person}",
        exceptions=(("coordinator", 403),),
    ),
    "api_submission_list": of(EVERYBODY),
    "api_territory_list": of(EVERYBODY),
    "api_territory": of(EVERYBODY, "territory"),
    "api_partner_list": of(EVERYBODY),
    "api_partner": of(EVERYBODY, "partner"),
    "api_partner_rep_list": of(EVERYBODY, "partner"),
    "api_partner_rep": of(EVERYBODY, "partner_rep"),
    "api_seat_list": of(EVERYBODY),
    "api_vacancy_list": of(EVERYBODY),
    "api_account_territory_list": of(EVERYBODY),
    "api_rule_list": of(SEES_RULES),
    "api_rule": of(SEES_RULES, "rule"),
    "api_rule_preview": of(ADMIN),
    "api_rule_run_list": of(frozenset({"admin", "executive"})),
    "api_rule_run_back": of(ADMIN, "rule_run"),
    "api_rule_run": of(frozenset({"admin", "executive"}), "rule_run"),
    "api_draft_list": of(ADMIN | {"director", "other_director", "executive"}),
    "api_draft": replace(CHANGES_DRAFT, readers=ADMIN | {"director", "executive"}),
    "api_schema": of(EVERYBODY),
    "api_docs": of(EVERYBODY),
}
# The style guide and the pages about the API are not the product's own.
LOOSE = {"styleguide", "api_docs", "api_schema"}
LISTS_WITH_A_FORM = {"invitation_panel", "plan_template_detail", "sales_model_detail", "submission_list"}
# Without a person: sign-in's own pages, what a phone installs, and health, which strangers ask.
OPEN = {
    "app_manifest",
    "app_worker",
    "app_offline",
    "calendar_feed",
    "first_admin",
    "first_admin_open",
    "dev_mail",
    "dev_mail_detail",
    "invitation_accept",
    "invitation_open",
    "health_live",
    "health_ready",
    "api_nothing",
    "api_nothing_below",
}
# Addresses that only take a POST; who may is tested with the act.
POST_ONLY = {
    "saved_view_keep",
    "saved_view_unshare",
    "saved_view_remove",
    "api_saved_view_unshare",
    "api_saved_view_remove",
    "webhook_pause",
    "webhook_resume",
    "webhook_test",
    "webhook_delivery_again",
    "api_account_many",
    "api_activity_many",
    "api_lead_many",
    "api_opportunity_many",
    "activity_done",
    "activity_reopen",
    "milestone_done",
    "module_try",
    "setup_finish",
    "draft_preview",
    "draft_drop",
    "draft_reopen",
    "move_remove",
    "approval_answer_many",
    "inbox_read",
    "mail_again",
    "invitation_send",
    "invitation_revoke",
    "photo_remove",
    "tour_seen",
    "batch_undo",
    "run_start",
    "order_request_next",
    "order_request_claim",
    "order_request_release",
    "rule_try",
    "rule_run_start",
    "api_order_cancel",
    "api_order_correct",
    "api_order_amend",
    "api_order_split",
    "api_order_day",
    "api_order_progress",
    "api_opportunity_stage",
    "api_team_role",
    "api_team_end",
    "api_opportunity_win",
    "api_opportunity_lose",
    "api_opportunity_merge",
    "api_opportunity_clone",
    "api_opportunity_give",
    "api_order_request_back",
    "api_order_request_claim",
    "api_order_request_cancel",
    "api_dispute_answer",
    "api_dispute_withdraw",
    "api_activity_complete",
    "api_guest_list",
    "api_guest",
    "api_guest_remove",
    "api_lead_give",
    "api_lead_disqualify",
    "api_lead_reopen",
    "api_lead_convert",
    "api_territory_move",
    "api_territory_rename",
    "api_territory_retire",
    "api_territory_merge",
    "api_territory_split",
    "api_seat_end",
    "api_seat_change",
    "api_vacancy_change",
    "api_vacancy_drop",
    "api_hand_over_drop",
    "api_hold_end",
    "api_account_look_up",
    "api_account_access",
    "api_account_merge_undo",
    "api_module_take_out",
    "api_module_move",
    "api_module_retire",
    "api_module_restore",
    "api_draft_move",
    "api_draft_preview",
    "api_draft_ask",
    "api_draft_reopen",
    "api_draft_drop",
    "api_draft_undo",
    "api_move_remove",
    "list_value_move",
    "list_value_offer",
    "own_field_move",
    "own_field_retire",
    "api_list_value_place",
    "api_list_value_merge",
    "api_own_field_place",
    "api_own_field_retire",
    "sales_model_usual",
    "sales_model_retire",
    "criterion_tick",
    "api_milestone",
    "api_milestone_lay_out",
    "api_milestone_replan",
    "api_milestone_meet",
    "api_milestone_reopen",
    "api_milestone_remove",
    "api_document_remove",
    "stakeholder_remove",
    "competitor_remove",
    "requirement_remove",
    "requirement_state",
    "concession_remove",
    "api_stakeholder",
    "api_stakeholder_remove",
    "api_competitor",
    "api_competitor_remove",
    "api_requirement",
    "api_requirement_remove",
    "api_concession",
    "api_concession_remove",
    "milestone_reopen",
    "milestone_remove",
    "plan_template_retire",
    "api_sales_model_publish",
}


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)


def test_every_address_has_its_line() -> None:
    known = (
        GET.keys() | OPEN | POST_ONLY | {"closed", "inbox_open", "setup_company"}
    )  # this one leads elsewhere: tests/workspace/test_inbox.py
    found = {
        name
        for name in names(get_resolver().url_patterns)
        if not name.startswith("account_") or name in known
    }
    assert found - known == set()
    assert known - found == set()


def address(name: str, world: World) -> str:
    rule = GET[name]
    args = [getattr(world, need) for need in rule.needs.split()]
    return reverse(name, args=args) + rule.query.format(**vars(world))


@pytest.mark.parametrize("key", PEOPLE)
def test_who_gets_which_page(cast: Cast, acting: Any, browse: Callable[[Any], Client], key: str) -> None:
    world = make_world(cast, acting)
    client = browse(getattr(cast, key))
    found = {name: client.get(address(name, world)).status_code for name in GET}
    expected = {name: rule.expected(key) for name, rule in GET.items()}
    assert {name: found[name] for name in GET if found[name] != expected[name]} == {}


def test_every_page_refuses_a_filter_that_it_does_not_know(cast: Cast, acting: Any, browse: Any) -> None:
    world = make_world(cast, acting)
    for key in ("director", "admin"):
        client = browse(getattr(cast, key))
        for name, rule in GET.items():
            if rule.expected(key) != 200 or name in LOOSE:
                continue
            path = address(name, world)
            unknown = client.get(f"{path}{'&' if '?' in path else '?'}colour=red")
            assert (name, unknown.status_code) == (name, 400)


def test_what_is_only_read_takes_no_post(cast: Cast, acting: Any, browse: Any) -> None:
    world, client = make_world(cast, acting), browse(cast.admin)
    read = [name for name in GET if name.endswith(("_list", "_detail", "_panel", "_board", "_rows"))]
    for name in (*read, "home", "search", "definitions", "forecast_accuracy", "territory_tree", "calendar"):
        if not name.startswith("api_") and name not in LISTS_WITH_A_FORM:
            assert (name, client.post(address(name, world), {}).status_code) == (name, 405)


def test_nobody_gets_nothing_but_the_way_to_sign_in(cast: Cast, acting: Any) -> None:
    world = make_world(cast, acting)
    client = Client()
    for name in GET:
        answer = client.get(address(name, world))
        assert answer.status_code in (302, 401), name
        assert answer.status_code == 401 or answer["Location"].startswith("/sign-in/login/"), name


def test_nobody_changes_their_own_sign_in_address(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    assert client.get("/sign-in/email/").status_code == 404
    answer = client.post("/sign-in/email/", {"email": "other@example.com", "action_add": ""})
    assert answer.status_code == 404


def test_a_person_who_left_is_signed_out(cast: Cast, browse: Any, owner: Any) -> None:
    client = browse(cast.rep)
    owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
    owner.execute("""SELECT set_config('pghistory.context_metadata', '{"by": null, "why": "left"}', false)""")
    owner.execute("UPDATE territories_user SET is_active = false WHERE id = %s", [cast.rep.pk])
    assert client.get("/opportunities/").status_code == 302


def test_a_foreign_row_answers_like_one_that_never_was(cast: Cast, acting: Any, browse: Any) -> None:
    world = make_world(cast, acting)
    client = browse(cast.other_rep)
    for name, rule in GET.items():
        if rule.others != 404:
            continue
        foreign = client.get(address(name, world))
        nobodys = reverse(name, args=[999_999_999 for _need in rule.needs.split()])
        never = client.get(nobodys + re.sub(r"\{\w+\}", "999999999", rule.query))
        assert foreign.status_code == never.status_code == 404, name
        assert strip(foreign, world) == strip(never, world), name


def strip(answer: Any, world: World) -> str:
    """The body without what differs by request: keys and tokens, and the address asked for."""
    lines = answer.content.decode().splitlines()
    return "\n".join(line for line in lines if "csrf" not in line.lower() and "idempotency" not in line)
