"""Addresses of the catalogue."""

from django.urls import path

from catalog import views

urlpatterns = [
    path("", views.product_list, name="product_list"),
    path("products/new/", views.product_create, name="product_create"),
    path("products/<int:pk>/", views.product_edit, name="product_edit"),
    path("families/new/", views.family_create, name="family_create"),
    path("families/<int:pk>/", views.family_edit, name="family_edit"),
]
