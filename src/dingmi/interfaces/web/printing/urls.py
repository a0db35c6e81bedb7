"""Addresses of print and download."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.printing import views

urlpatterns = [
    path("print/<slug:form>/<uuid:case>", views.form, name="print_form"),
    path("print/<slug:form>/<uuid:case>/file", views.form_file, name="print_form_file"),
    path("download/<uuid:matter>", views.download, name="download"),
]
