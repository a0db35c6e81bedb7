"""Addresses of 不明确与争议 and of 密级鉴定."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.disputes import appraisals, views

urlpatterns = [
    path("unclear", views.unclear, name="unclear"),
    path("unclear/<uuid:referral>", views.referral, name="referral"),
    path("unclear/<uuid:referral>/<slug:step>", views.referral_step, name="referral_step"),
    path("disputes", views.disputes, name="disputes"),
    path("disputes/<uuid:challenge>", views.challenge, name="challenge"),
    path("disputes/<uuid:challenge>/<slug:step>", views.challenge_step, name="challenge_step"),
    path("m/<uuid:matter>/challenge", views.raise_challenge, name="matter_challenge"),
    path("draft/<uuid:matter>/unclear", views.draft_unclear, name="draft_unclear"),
    path("opinions/<uuid:case>", views.opinions, name="opinions"),
    path("appraisals", appraisals.listed, name="appraisals"),
    path("appraisals/<uuid:appraisal>", appraisals.course, name="appraisal_course"),
    path("m/<uuid:matter>/appraisal", appraisals.screen, name="appraisal"),
    path("m/<uuid:matter>/appraisal/answer", appraisals.answer, name="appraisal_answer"),
    path("m/<uuid:matter>/appraisal/<uuid:appraisal>/file", appraisals.export, name="appraisal_file"),
]
