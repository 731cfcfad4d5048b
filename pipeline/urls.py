"""Addresses of the pipeline."""

from django.urls import URLPattern, path

from pipeline.api.changes import ActivityChangesApi, LeadChangesApi, OpportunityChangesApi
from pipeline.api.insight import DatesApi, FunnelApi, GenerationApi, HygieneApi, WinRatesApi
from pipeline.api.many import ActivityManyApi, LeadManyApi, OpportunityManyApi
from pipeline.views import (
    activities,
    activity_lists,
    acts,
    around,
    calendar,
    calendars,
    cells,
    dates,
    events,
    export,
    funnel,
    generation,
    history,
    hygiene,
    leads,
    lines,
    many,
    moves,
    offers,
    opportunities,
    plan_templates,
    plans,
    qualifying,
    sales_models,
    steps,
    table,
    targets,
    team,
    touches,
    win_rates,
    worklist,
)


def _around(part: str) -> list[URLPattern]:
    """The addresses of what is known around a deal in one way: a new row, a row, its removal."""
    place, given = f"opportunities/<int:pk>/{part}s/", {"part": part}
    return [
        path(f"{place}new/", around.around_add, given, name=f"{part}_add"),
        path(f"{place}<int:row_id>/", around.around_edit, given, name=f"{part}_edit"),
        path(f"{place}<int:row_id>/remove/", around.around_remove, given, name=f"{part}_remove"),
    ]


def _guest(who: str) -> list[URLPattern]:
    """The addresses of somebody on the list of an event."""
    place, given = f"events/<int:pk>/guests/{who}s/<int:row_id>/", {"who": who}
    return [
        path(place, events.guest_state, given, name=f"guest_{who}"),
        path(f"{place}remove/", events.guest_remove, given, name=f"guest_{who}_remove"),
    ]


urlpatterns = [
    path("settings/sales-models/", sales_models.sales_model_list, name="sales_model_list"),
    path("settings/sales-models/new/", sales_models.sales_model_create, name="sales_model_create"),
    path("settings/sales-models/<int:pk>/", sales_models.sales_model_detail, name="sales_model_detail"),
    path("settings/sales-models/<int:pk>/name/", sales_models.sales_model_edit, name="sales_model_edit"),
    path("settings/sales-models/<int:pk>/usual/", sales_models.sales_model_usual, name="sales_model_usual"),
    path(
        "settings/sales-models/<int:pk>/retire/", sales_models.sales_model_retire, name="sales_model_retire"
    ),
    path(
        "settings/sales-models/<int:pk>/versions/",
        sales_models.sales_model_versions,
        name="sales_model_versions",
    ),
    path(
        "settings/sales-models/versions/<int:pk>/",
        sales_models.sales_model_version,
        name="sales_model_version",
    ),
    path("opportunities/", table.opportunity_list, name="opportunity_list"),
    path("opportunities/change/", many.opportunity_change_many, name="opportunity_change_many"),
    path("opportunities/columns/", table.opportunity_columns, name="opportunity_columns"),
    path("opportunities/export/", export.opportunity_export, name="opportunity_export"),
    path("opportunities/export/<int:pk>/", export.opportunity_export_file, name="opportunity_export_file"),
    path("opportunities/<int:pk>/edit/<str:column>/", cells.opportunity_cell, name="opportunity_cell"),
    path("opportunities/group/", table.opportunity_group, name="opportunity_group"),
    path("opportunities/board/", moves.opportunity_board, name="opportunity_board"),
    path("opportunities/calendar/", calendar.opportunity_calendar, name="opportunity_calendar"),
    path("opportunities/worklist/", worklist.worklist, name="worklist"),
    path("opportunities/<int:pk>/date/", worklist.opportunity_date, name="opportunity_date"),
    path("opportunities/<int:pk>/step/", worklist.opportunity_step, name="opportunity_step"),
    path("opportunities/<int:pk>/step/done/", steps.opportunity_step_done, name="opportunity_step_done"),
    path("opportunities/<int:pk>/later/", worklist.opportunity_later, name="opportunity_later"),
    path("opportunities/board/cards/", moves.opportunity_cards, name="opportunity_cards"),
    path("opportunities/owners/suggest/", offers.owner_suggest, name="owner_suggest"),
    path("opportunities/new/", opportunities.opportunity_create, name="opportunity_create"),
    path(
        "opportunities/of-account/<int:account_id>/",
        opportunities.account_opportunities_panel,
        name="account_opportunities_panel",
    ),
    path("opportunities/<int:pk>/", opportunities.opportunity_detail, name="opportunity_detail"),
    path("opportunities/<int:pk>/moved/", history.opportunity_moved_panel, name="opportunity_moved_panel"),
    path("opportunities/<int:pk>/history/", history.opportunity_history, name="opportunity_history"),
    path("opportunities/<int:pk>/edit/", opportunities.opportunity_edit, name="opportunity_edit"),
    path("opportunities/<int:pk>/lines/", lines.opportunity_lines, name="opportunity_lines"),
    path("opportunities/<int:pk>/team/", team.opportunity_team, name="opportunity_team"),
    path("opportunities/<int:pk>/team/add/", team.team_add, name="team_add"),
    path("opportunities/<int:pk>/team/<int:member_id>/role/", team.team_role, name="team_role"),
    path("opportunities/<int:pk>/team/<int:member_id>/end/", team.team_end, name="team_end"),
    path("opportunities/<int:pk>/split/", team.opportunity_split, name="opportunity_split"),
    path("opportunities/<int:pk>/move/", moves.opportunity_move, name="opportunity_move"),
    path("opportunities/alike/suggest/", acts.deal_suggest, name="deal_suggest"),
    path("opportunities/<int:pk>/merge/", acts.opportunity_merge, name="opportunity_merge"),
    path("opportunities/<int:pk>/clone/", acts.opportunity_clone, name="opportunity_clone"),
    path("opportunities/<int:pk>/give/", acts.opportunity_give, name="opportunity_give"),
    path(
        "opportunities/<int:pk>/criteria/<int:criterion_id>/tick/",
        qualifying.criterion_tick,
        name="criterion_tick",
    ),
    path(
        "opportunities/<int:pk>/questions/<int:question_id>/",
        qualifying.question_answer,
        name="question_answer",
    ),
    path("opportunities/<int:pk>/around/", around.opportunity_around_panel, name="opportunity_around_panel"),
    *[address for part in around.PARTS for address in _around(part)],
    path(
        "opportunities/<int:pk>/requirements/<int:row_id>/state/",
        around.requirement_state,
        name="requirement_state",
    ),
    path("opportunities/<int:pk>/plan/", plans.close_plan_panel, name="close_plan_panel"),
    path("opportunities/<int:pk>/plan/lay-out/", plans.close_plan_lay_out, name="close_plan_lay_out"),
    path("opportunities/<int:pk>/milestones/new/", plans.milestone_create, name="milestone_create"),
    path("milestones/<int:pk>/edit/", plans.milestone_edit, name="milestone_edit"),
    path("milestones/<int:pk>/re-plan/", plans.milestone_replan, name="milestone_replan"),
    path("milestones/<int:pk>/met/", plans.milestone_meet, name="milestone_meet"),
    path("milestones/<int:pk>/done/", worklist.milestone_done, name="milestone_done"),
    path("milestones/<int:pk>/reopen/", plans.milestone_reopen, name="milestone_reopen"),
    path("milestones/<int:pk>/remove/", plans.milestone_remove, name="milestone_remove"),
    path("settings/plan-templates/", plan_templates.plan_template_list, name="plan_template_list"),
    path("settings/plan-templates/new/", plan_templates.plan_template_create, name="plan_template_create"),
    path(
        "settings/plan-templates/<int:pk>/", plan_templates.plan_template_detail, name="plan_template_detail"
    ),
    path(
        "settings/plan-templates/<int:pk>/retire/",
        plan_templates.plan_template_retire,
        name="plan_template_retire",
    ),
    path("pipeline/funnel/", funnel.pipeline_funnel, name="pipeline_funnel"),
    path("pipeline/win-rates/", win_rates.win_rates, name="win_rates"),
    path("pipeline/hygiene/", hygiene.hygiene, name="hygiene"),
    path("pipeline/generation/", generation.pipeline_generation, name="pipeline_generation"),
    path("pipeline/dates/", dates.date_reliability, name="date_reliability"),
    path("leads/", leads.lead_list, name="lead_list"),
    path("leads/new/", leads.lead_create, name="lead_create"),
    path("leads/yield/", leads.lead_yield, name="lead_yield"),
    path("leads/<int:pk>/", leads.lead_detail, name="lead_detail"),
    path("leads/<int:pk>/edit/", leads.lead_edit, name="lead_edit"),
    path("leads/<int:pk>/give/", leads.lead_give, name="lead_give"),
    path("leads/<int:pk>/disqualify/", leads.lead_disqualify, name="lead_disqualify"),
    path("leads/<int:pk>/reopen/", leads.lead_reopen, name="lead_reopen"),
    path("leads/<int:pk>/convert/", leads.lead_convert, name="lead_convert"),
    path("events/", events.event_list, name="event_list"),
    path("events/new/", events.event_create, name="event_create"),
    path("events/<int:pk>/", events.event_detail, name="event_detail"),
    path("events/<int:pk>/edit/", events.event_edit, name="event_edit"),
    path("events/<int:pk>/guests/new/", events.guest_add, name="guest_add"),
    *[address for who in ("contact", "lead") for address in _guest(who)],
    path("events/guests/contacts/suggest/", events.guest_contact_suggest, name="guest_contact_suggest"),
    path("events/guests/leads/suggest/", events.guest_lead_suggest, name="guest_lead_suggest"),
    path("calendar/activities.ics", calendars.calendar_feed, name="calendar_feed"),
    path("profile/calendar/", calendars.calendar_link, name="calendar_link"),
    path("profile/calendar/revoke/", calendars.calendar_link_revoke, name="calendar_link_revoke"),
    path("activities/", activity_lists.activity_list, name="activity_list"),
    path("activities/read/", activity_lists.activity_read, name="activity_read"),
    path("activities/accounts/", touches.touch_list, name="touch_list"),
    path("activities/targets/", targets.target_list, name="target_list"),
    path("activities/targets/set/", targets.target_set, name="target_set"),
    path("activities/<int:pk>/calendar.ics", calendars.activity_calendar, name="activity_calendar"),
    path("activities/new/", activities.activity_create, name="activity_create"),
    path("activities/with/", activities.activity_with, name="activity_with"),
    path("activities/<int:pk>/later/", worklist.activity_later, name="activity_later"),
    path("activities/<int:pk>/done/", worklist.activity_done, name="activity_done"),
    path("activities/<int:pk>/reopen/", worklist.activity_reopen, name="activity_reopen"),
    path("activities/<int:pk>/complete/", activities.activity_complete, name="activity_complete"),
]

for_programs = [
    path("insight/funnel/", FunnelApi.as_view(), name="api_insight_funnel"),
    path("insight/win-rates/", WinRatesApi.as_view(), name="api_insight_win_rates"),
    path("insight/hygiene/", HygieneApi.as_view(), name="api_insight_hygiene"),
    path("insight/generation/", GenerationApi.as_view(), name="api_insight_generation"),
    path("insight/dates/", DatesApi.as_view(), name="api_insight_dates"),
    path("opportunities/bulk/", OpportunityManyApi.as_view(), name="api_opportunity_many"),
    path("leads/bulk/", LeadManyApi.as_view(), name="api_lead_many"),
    path("opportunities/changes/", OpportunityChangesApi.as_view(), name="api_opportunity_changes"),
    path("activities/bulk/", ActivityManyApi.as_view(), name="api_activity_many"),
    path("activities/changes/", ActivityChangesApi.as_view(), name="api_activity_changes"),
    path("leads/changes/", LeadChangesApi.as_view(), name="api_lead_changes"),
]
