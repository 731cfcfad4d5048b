"""Addresses of the forecast pages."""

from django.urls import path

from forecasts import views

urlpatterns = [
    path("", views.submission_list, name="submission_list"),
    path("accuracy/", views.forecast_accuracy, name="forecast_accuracy"),
]
