"""Addresses of 定密拟稿."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.drafts import assist, signing, uploads, versions, views

urlpatterns = [
    path("draft", views.mine, name="drafts"),
    path("draft/new", views.new, name="draft_new"),
    path("draft/reading", uploads.progress, name="draft_reading"),
    path("draft/reading/stop", uploads.stop, name="draft_reading_stop"),
    path("draft/<uuid:matter>", assist.page, name="draft"),
    path("draft/<uuid:matter>/fill", assist.fill, name="draft_fill"),
    path("draft/<uuid:matter>/refer", views.refer, name="draft_refer"),
    path("draft/<uuid:matter>/not-secret", views.not_secret, name="draft_not_secret"),
    path("draft/<uuid:matter>/check", signing.check, name="draft_check"),
    path("draft/<uuid:matter>/derive", signing.derive, name="draft_derive"),
    path("draft/<uuid:matter>/revise", versions.revise, name="draft_revise"),
    path("draft/<uuid:matter>/compare", versions.compare, name="draft_compare"),
    path("draft/<uuid:matter>/comparing", views.comparing, name="draft_comparing"),
    path("draft/<uuid:matter>/talk", versions.talk, name="draft_talk"),
    path("draft/<uuid:matter>/comment", versions.comment, name="draft_comment"),
]
