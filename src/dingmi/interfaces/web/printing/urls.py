"""Addresses of print and download."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.printing import attachments, views

urlpatterns = [
    path("m/<uuid:matter>/files", views.files, name="files"),
    path("m/<uuid:matter>/attachments", attachments.listed, name="attachments"),
    path("m/<uuid:matter>/attachments/add", attachments.add, name="attachment_add"),
    path("m/<uuid:matter>/attachments/take-off", attachments.take_off, name="attachment_take_off"),
    path("m/<uuid:matter>/attachments/download", attachments.download, name="attachment_download"),
    path("m/<uuid:matter>/papers", views.papers, name="papers"),
    path("m/<uuid:matter>/papers/remarked", views.note_remarked, name="note_remarked"),
    path("m/<uuid:matter>/papers/public", views.public_copy, name="public_copy"),
    path("print/<slug:form>/<uuid:case>", views.form, name="print_form"),
    path("print/<slug:form>/<uuid:case>/file", views.form_file, name="print_form_file"),
    path("download/<uuid:matter>", views.download, name="download"),
]
