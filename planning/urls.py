"""Addresses of people who leave and come back."""

from django.urls import path

from planning.views import people

urlpatterns = [
    path("people/<int:pk>/leave/", people.person_leave, name="person_leave"),
    path("people/<int:pk>/return/", people.person_return, name="person_return"),
]
