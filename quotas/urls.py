"""Addresses of attainment, quotas and runs."""

from django.urls import path

from quotas.views import awaited, files, measures, offers, person, quotas, runs, team

urlpatterns = [
    path("", quotas.quota_list, name="quota_list"),
    path("set/", quotas.quota_set, name="quota_set"),
    path("set/suggest/", offers.assignee_suggest, name="assignee_suggest"),
    path("import/", quotas.quota_import, name="quota_import"),
    path("<int:pk>/", quotas.quota_detail, name="quota_detail"),
    path("team/", team.team_attainment, name="team_attainment"),
    path("team/file/", files.team_attainment_csv, name="team_attainment_csv"),
    path("team/awaiting/", awaited.awaited_list, name="awaited_list"),
    path("team/rows/", team.team_attainment_rows, name="team_attainment_rows"),
    path("measures/", measures.measures, name="measures"),
    path("measures/file/", measures.measures_csv, name="measures_csv"),
    path("mine/", person.my_attainment, name="my_attainment"),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/start/", runs.run_start, name="run_start"),
    path("runs/progress/", runs.run_progress, name="run_progress"),
    path("runs/<int:pk>/", runs.run_detail, name="run_detail"),
]
