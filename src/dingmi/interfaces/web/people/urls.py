"""Addresses of people, organs and delegations."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.people import cleared, sheets, succession, views

urlpatterns = [
    path("people", views.people, name="people"),
    path("people/import", sheets.sheet, name="people_import"),
    path("people/import/<str:kind>.xlsx", sheets.template, name="people_template"),
    path("people/cleared", cleared.staff, name="staff"),
    path("people/<uuid:person>", cleared.file, name="staff_file"),
    path("succession", succession.succession, name="succession"),
    path("organs", views.organs, name="organs"),
]
