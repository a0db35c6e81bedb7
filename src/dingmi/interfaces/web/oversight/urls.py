"""Addresses of inspections and findings."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.oversight import incidents, views

urlpatterns = [
    path("inspect", views.inspections, name="inspections"),
    path("inspect/pairs", views.pairs, name="pairs"),
    path("inspect/findings", views.findings, name="findings"),
    path("inspect/<uuid:inspection>", views.inspection, name="inspection"),
    path("incidents", incidents.incidents, name="incidents"),
    path("incidents/<uuid:incident>", incidents.incident, name="incident"),
]
