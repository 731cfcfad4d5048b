"""Addresses of the catalogue."""

from django.urls import path

from catalog.views import families, prices, products

urlpatterns = [
    path("", products.product_list, name="product_list"),
    path("products/new/", products.product_create, name="product_create"),
    path("products/<int:pk>/", products.product_detail, name="product_detail"),
    path("products/<int:pk>/edit/", products.product_edit, name="product_edit"),
    path("products/<int:pk>/parts/", products.product_parts, name="product_parts"),
    path("families/new/", families.family_create, name="family_create"),
    path("families/<int:pk>/", families.family_edit, name="family_edit"),
    path("price-books/", prices.price_book_list, name="price_book_list"),
    path("price-books/new/", prices.price_book_create, name="price_book_create"),
    path("price-books/<int:pk>/", prices.price_book_detail, name="price_book_detail"),
    path("price-books/<int:pk>/edit/", prices.price_book_edit, name="price_book_edit"),
    path("price-books/<int:pk>/prices/", prices.price_book_prices, name="price_book_prices"),
]
