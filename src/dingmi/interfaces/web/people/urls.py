"""Addresses of people, organs and delegations."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.people import sheets, views

urlpatterns = [
    path("people", views.people, name="people"),
    path("people/import", sheets.sheet, name="people_import"),
    path("people/import/<str:kind>.xlsx", sheets.template, name="people_template"),
    path("organs", views.organs, name="organs"),
]
