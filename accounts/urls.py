"""Addresses of customers."""

from django.urls import path

from accounts.views import accounts, contacts, places

urlpatterns = [
    path("", accounts.account_list, name="account_list"),
    path("new/", accounts.account_create, name="account_create"),
    path("suggest/", accounts.account_suggest, name="account_suggest"),
    path("gaps/", places.account_gaps, name="account_gaps"),
    path("gaps/panel/", places.account_gaps_panel, name="account_gaps_panel"),
    path("territories/<int:pk>/panel/", places.territory_accounts_panel, name="territory_accounts_panel"),
    path("<int:pk>/", accounts.account_detail, name="account_detail"),
    path("<int:pk>/edit/", accounts.account_edit, name="account_edit"),
    path("<int:pk>/assign/", places.account_assign, name="account_assign"),
    path("<int:pk>/contacts/new/", contacts.contact_create, name="contact_create"),
    path("contacts/<int:pk>/", contacts.contact_edit, name="contact_edit"),
]
