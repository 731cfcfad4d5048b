"""Addresses of the tree, its seats, people and one's own settings."""

from django.urls import path

from territories.views import offers, partners, people, photos, profile, seats, tree, vacancies

urlpatterns = [
    path("territories/", tree.territory_tree, name="territory_tree"),
    path("territories/new/", tree.territory_create, name="territory_create"),
    path("territories/<int:pk>/", tree.territory_detail, name="territory_detail"),
    path("territories/<int:pk>/edit/", tree.territory_edit, name="territory_edit"),
    path("territories/<int:pk>/rename/", tree.territory_rename, name="territory_rename"),
    path("territories/<int:pk>/move/", tree.territory_move, name="territory_move"),
    path("territories/seats/new/", seats.seat_create, name="seat_create"),
    path("territories/seats/<int:pk>/change/", seats.seat_change, name="seat_change"),
    path("territories/seats/<int:pk>/end/", seats.seat_end, name="seat_end"),
    path("territories/vacancies/new/", vacancies.vacancy_plan, name="vacancy_plan"),
    path("territories/vacancies/<int:pk>/change/", vacancies.vacancy_change, name="vacancy_change"),
    path("territories/vacancies/<int:pk>/drop/", vacancies.vacancy_drop, name="vacancy_drop"),
    path("territories/suggest/", offers.territory_suggest, name="territory_suggest"),
    path("people/suggest/", offers.person_suggest, name="person_suggest"),
    path("people/", people.person_list, name="person_list"),
    path("people/<int:pk>/", people.person_detail, name="person_detail"),
    path("people/<int:pk>/photo/", photos.person_photo, name="person_photo"),
    path("people/<int:pk>/roles/new/", people.role_grant, name="role_grant"),
    path("people/roles/<int:pk>/change/", people.role_change, name="role_change"),
    path("people/roles/<int:pk>/end/", people.role_end, name="role_end"),
    path("settings/partners/", partners.partner_list, name="partner_list"),
    path("settings/partners/new/", partners.partner_create, name="partner_create"),
    path("settings/partners/<int:pk>/edit/", partners.partner_edit, name="partner_edit"),
    path("settings/partners/<int:pk>/people/new/", partners.partner_rep_create, name="partner_rep_create"),
    path("settings/partners/people/<int:pk>/edit/", partners.partner_rep_edit, name="partner_rep_edit"),
    path("profile/", profile.profile_edit, name="profile_edit"),
    path("profile/photo/", photos.photo_edit, name="photo_edit"),
    path("profile/photo/remove/", photos.photo_remove, name="photo_remove"),
    path("profile/tokens/", profile.token_list, name="token_list"),
    path("profile/tokens/new/", profile.token_create, name="token_create"),
    path("profile/tokens/<int:pk>/revoke/", profile.token_revoke, name="token_revoke"),
]
