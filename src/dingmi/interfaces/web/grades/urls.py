"""Addresses of work secrets and trade secrets."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.grades import views

urlpatterns = [
    path("work-secrets", views.register, {"regime": "work_secret"}, name="work_secrets"),
    path("trade-secrets", views.register, {"regime": "trade_secret"}, name="trade_secrets"),
    path("work-secrets/new", views.new, {"regime": "work_secret"}, name="work_secret_new"),
    path("trade-secrets/new", views.new, {"regime": "trade_secret"}, name="trade_secret_new"),
    path("work-secrets/export", views.export, {"regime": "work_secret"}, name="work_secrets_export"),
    path("trade-secrets/export", views.export, {"regime": "trade_secret"}, name="trade_secrets_export"),
    path("trade-secrets/<uuid:matter>/filing", views.file, {"regime": "trade_secret"}, name="grade_filing"),
    path("grades/approvers", views.approvers, name="grade_approvers"),
    path("grades/<uuid:matter>", views.matter, name="grade"),
    path("grades/<uuid:matter>/revise", views.revise, name="grade_revise"),
    path("grades/<uuid:matter>/text", views.text, name="grade_text"),
    path("grades/<uuid:matter>/files", views.files, name="grade_files"),
    path("grades/<uuid:matter>/file", views.download, name="grade_file"),
]
