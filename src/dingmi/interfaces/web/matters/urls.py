"""Addresses of the register and of one matter."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.matters import applications, bars, legacy, marks, sealed, views

urlpatterns = [
    path("applications", applications.applications, name="applications"),
    path("applications/know/<uuid:matter>", applications.know, name="apply_know"),
    path("applications/export", applications.export, name="apply_export"),
    path("applications/<uuid:application>/answer", applications.answer, name="application_answer"),
    path("applications/<uuid:application>/withdraw", applications.withdraw, name="application_withdraw"),
    path("applications/<uuid:application>/take", applications.take, name="application_take"),
    path("marks", marks.verify, name="marks"),
    path("sealed", sealed.sealed, name="sealed"),
    path("matters/legacy", legacy.entry, name="legacy_entry"),
    path("matters/legacy.xlsx", legacy.template, name="legacy_template"),
    path("matters", views.register, name="register"),
    path("m/<uuid:matter>", views.matter, name="matter"),
    path("m/<uuid:matter>/lineage", views.lineage, name="matter_lineage"),
    path("m/<uuid:matter>/text", views.text, name="matter_text"),
    path("m/<uuid:matter>/expand", views.expand, name="matter_expand"),
    path("bars", bars.register, name="bars"),
    path("m/<uuid:matter>/bars", bars.bars, name="matter_bars"),
    path("m/<uuid:matter>/recuse", bars.recuse, name="matter_recuse"),
    path("m/<uuid:matter>/review", views.review, name="matter_review"),
    path("m/<uuid:matter>/decide", views.decide, name="matter_decide"),
    path("m/<uuid:matter>/release", views.release, name="matter_release"),
]
