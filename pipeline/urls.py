"""Addresses of the pipeline."""

from django.urls import path

from pipeline.views import (
    activities,
    events,
    leads,
    lines,
    moves,
    offers,
    opportunities,
    qualifying,
    sales_models,
)

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
    path("opportunities/", opportunities.opportunity_list, name="opportunity_list"),
    path("opportunities/board/", moves.opportunity_board, name="opportunity_board"),
    path("opportunities/owners/suggest/", offers.owner_suggest, name="owner_suggest"),
    path("opportunities/new/", opportunities.opportunity_create, name="opportunity_create"),
    path(
        "opportunities/of-account/<int:account_id>/",
        opportunities.account_opportunities_panel,
        name="account_opportunities_panel",
    ),
    path("opportunities/<int:pk>/", opportunities.opportunity_detail, name="opportunity_detail"),
    path("opportunities/<int:pk>/edit/", opportunities.opportunity_edit, name="opportunity_edit"),
    path("opportunities/<int:pk>/lines/", lines.opportunity_lines, name="opportunity_lines"),
    path("opportunities/<int:pk>/move/", moves.opportunity_move, name="opportunity_move"),
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
    path("events/<int:pk>/edit/", events.event_edit, name="event_edit"),
    path("activities/new/", activities.activity_create, name="activity_create"),
    path("activities/<int:pk>/complete/", activities.activity_complete, name="activity_complete"),
]
