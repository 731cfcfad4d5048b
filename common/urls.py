"""Addresses of the organisation's own pages."""

from django.urls import path

from common import views

urlpatterns = [
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/years/new/", views.year_create, name="year_create"),
    path("calendar/years/preview/", views.year_preview, name="year_preview"),
    path("calendar/days-off/", views.day_off_list, name="day_off_list"),
    path("calendar/days-off/new/", views.day_off_create, name="day_off_create"),
    path("calendar/days-off/holidays/", views.public_holidays_add, name="public_holidays_add"),
    path("calendar/days-off/calendars/new/", views.work_calendar_create, name="work_calendar_create"),
    path("calendar/days-off/<int:pk>/remove/", views.day_off_remove, name="day_off_remove"),
    path("rates/", views.rate_list, name="rate_list"),
    path("rates/new/", views.rate_create, name="rate_create"),
    path("rates/import/", views.rate_file_create, name="rate_file_create"),
    path("rates/import/<int:pk>/", views.rate_import, name="rate_import"),
    path("organisation/", views.organisation_edit, name="organisation_edit"),
]
