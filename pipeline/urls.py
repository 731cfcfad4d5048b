"""Addresses of the pipeline."""

from django.urls import path

from pipeline.views import activities, moves, offers, opportunities, stages

urlpatterns = [
    path("settings/stages/", stages.stage_list, name="stage_list"),
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
    path("opportunities/<int:pk>/lines/", opportunities.opportunity_lines, name="opportunity_lines"),
    path("opportunities/<int:pk>/move/", moves.opportunity_move, name="opportunity_move"),
    path("activities/new/", activities.activity_create, name="activity_create"),
    path("activities/<int:pk>/complete/", activities.activity_complete, name="activity_complete"),
]
