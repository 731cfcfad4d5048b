"""Addresses of the set-up's tables and of imports."""

from django.urls import path

from imports.views import batches, tables, undoing

urlpatterns = [
    path("setup/tables/<str:table>/", tables.table_import, name="table_import"),
    path(
        "setup/tables/<str:table>/sample.csv", tables.table_sample, {"kind": "csv"}, name="table_sample_csv"
    ),
    path(
        "setup/tables/<str:table>/sample.xlsx",
        tables.table_sample,
        {"kind": "xlsx"},
        name="table_sample_xlsx",
    ),
    path("imports/", batches.batch_list, name="batch_list"),
    path("imports/<int:pk>/", batches.batch_detail, name="batch_detail"),
    path("imports/<int:pk>/original/", batches.batch_original, name="batch_original"),
    path("imports/<int:pk>/undo/", undoing.batch_undo, name="batch_undo"),
    path("imports/<int:pk>/rejects.csv", batches.batch_rejects, name="batch_rejects"),
]
