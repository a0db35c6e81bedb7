"""Addresses of the guides."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.guides import views

urlpatterns = [
    path("guides", views.guides, name="guides"),
    path("guides/import", views.import_edition, name="guides_import"),
    path("guides/<uuid:edition>", views.guides, name="guide"),
]
