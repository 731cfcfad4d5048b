"""Addresses of the forecast pages."""

from django.urls import path

from forecasts.views import calls, movement

urlpatterns = [
    path("", calls.submission_list, name="submission_list"),
    path("calls/<int:pk>/", calls.submission_detail, name="submission_detail"),
    path("accuracy/", calls.forecast_accuracy, name="forecast_accuracy"),
    path("pipeline-changes/", movement.pipeline_changes, name="pipeline_changes"),
]
