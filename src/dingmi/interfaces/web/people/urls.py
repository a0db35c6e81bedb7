"""Addresses of people, organs and delegations."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.people import cleared, conduct, reports, secrecy, sheets, succession, travel, views

urlpatterns = [
    path("people", views.people, name="people"),
    path("people/import", sheets.sheet, name="people_import"),
    path("people/import/<str:kind>.xlsx", sheets.template, name="people_template"),
    path("people/cleared", cleared.staff, name="staff"),
    path("people/<uuid:person>", cleared.file, name="staff_file"),
    path("secrecy-file", secrecy.secrecy_file, name="secrecy_file"),
    path("personal-reports", reports.reports, name="personal_reports"),
    path("people/travel", travel.travel, name="travel"),
    path("people/conduct", conduct.conduct, name="conduct"),
    path("succession", succession.succession, name="succession"),
    path("organs", views.organs, name="organs"),
]
