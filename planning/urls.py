"""Addresses of people who leave and come back."""

from django.urls import path

from planning.views import (
    assign,
    drafts,
    exchange,
    family,
    merging,
    people,
    reports,
    seats,
    tree,
    workbench,
    workload,
)

urlpatterns = [
    path("accounts/<int:pk>/family/", family.account_family, name="account_family"),
    path("accounts/<int:pk>/family/rows/", family.account_family_rows, name="account_family_rows"),
    path(
        "territories/<int:pk>/workload/", workload.territory_workload_panel, name="territory_workload_panel"
    ),
    path("accounts/<int:pk>/merge/", merging.account_merge, name="account_merge"),
    path("accounts/<int:pk>/merges/", merging.account_merges_panel, name="account_merges_panel"),
    path("accounts/merges/<int:pk>/undo/", merging.account_merge_undo, name="account_merge_undo"),
    path("territories/coverage/", reports.coverage_report, name="coverage_report"),
    path("territories/coverage/file/", reports.coverage_csv, name="coverage_csv"),
    path("territories/held/", reports.held_report, name="held_report"),
    path("territories/held/file/", reports.held_csv, name="held_csv"),
    path("accounts/assign/", assign.accounts_assign, name="accounts_assign"),
    path("territories/workbench/", workbench.territory_workbench, name="territory_workbench"),
    path(
        "territories/workbench/found/", workbench.territory_workbench_found, name="territory_workbench_found"
    ),
    path(
        "territories/workbench/<int:pk>/rows/",
        workbench.territory_workbench_rows,
        name="territory_workbench_rows",
    ),
    path("territories/<int:pk>/figures/", workbench.territory_figures_panel, name="territory_figures_panel"),
    path(
        "territories/workbench/<int:pk>/acts/",
        workbench.territory_workbench_acts,
        name="territory_workbench_acts",
    ),
    path("realignments/", drafts.draft_list, name="draft_list"),
    path("realignments/export/", exchange.realignment_export, name="realignment_export"),
    path("realignments/cut/", exchange.realignment_cut, name="realignment_cut"),
    path("realignments/new/", drafts.draft_create, name="draft_create"),
    path("realignments/accounts/", drafts.draft_accounts, name="draft_accounts"),
    path("realignments/<int:pk>/", drafts.draft_detail, name="draft_detail"),
    path("realignments/<int:pk>/link/", drafts.draft_link, name="draft_link"),
    path("realignments/<int:pk>/edit/", drafts.draft_edit, name="draft_edit"),
    path("realignments/<int:pk>/moves/new/", drafts.move_create, name="move_create"),
    path("realignments/moves/<int:pk>/remove/", drafts.move_remove, name="move_remove"),
    path("realignments/<int:pk>/preview/", drafts.draft_preview, name="draft_preview"),
    path("realignments/<int:pk>/drop/", drafts.draft_drop, name="draft_drop"),
    path("realignments/<int:pk>/reopen/", drafts.draft_reopen, name="draft_reopen"),
    path("realignments/<int:pk>/ask/", drafts.draft_ask, name="draft_ask"),
    path("realignments/<int:pk>/comment/", drafts.draft_comment, name="draft_comment"),
    path("realignments/<int:pk>/undo/", drafts.draft_undo, name="draft_undo"),
    path("territories/<int:pk>/retire/", tree.territory_retire, name="territory_retire"),
    path("territories/<int:pk>/merge/", tree.territory_merge, name="territory_merge"),
    path("territories/<int:pk>/split/", tree.territory_split, name="territory_split"),
    path("territories/seats/effect/", seats.seat_effect, name="seat_effect"),
    path("territories/seats/<int:pk>/hand-over/", seats.seat_hand_over, name="seat_hand_over"),
    path("territories/seats/<int:pk>/credit/", seats.seat_credit, name="seat_credit"),
    path("people/<int:pk>/hand-overs/", seats.hand_over_panel, name="hand_over_panel"),
    path("people/hand-overs/<int:pk>/drop/", seats.hand_over_drop, name="hand_over_drop"),
    path("people/<int:pk>/leave/", people.person_leave, name="person_leave"),
    path("people/<int:pk>/return/", people.person_return, name="person_return"),
]
