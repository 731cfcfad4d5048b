"""Addresses of attainment, quotas and runs."""

from django.urls import path

from quotas import views

urlpatterns = [
    path("", views.quota_list, name="quota_list"),
    path("set/", views.quota_set, name="quota_set"),
    path("import/", views.quota_import, name="quota_import"),
    path("<int:pk>/", views.quota_detail, name="quota_detail"),
    path("team/", views.team_attainment, name="team_attainment"),
    path("team/rows/", views.team_attainment_rows, name="team_attainment_rows"),
    path("mine/", views.my_attainment, name="my_attainment"),
    path("runs/", views.run_list, name="run_list"),
    path("runs/start/", views.run_start, name="run_start"),
    path("runs/progress/", views.run_progress, name="run_progress"),
    path("runs/<int:pk>/", views.run_detail, name="run_detail"),
]
