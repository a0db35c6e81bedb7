"""Addresses of the guides and of the organ's own table."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.guides import table, views

urlpatterns = [
    path("guides", views.guides, name="guides"),
    path("guides/import", views.import_edition, name="guides_import"),
    path("guides/template.xlsx", views.template, name="guides_template"),
    path("guides/feedback", views.feedback, name="guides_feedback"),
    path("guides/feedback/<uuid:feedback>/<slug:step>", views.follow_feedback, name="guides_feedback_step"),
    path("guides/catalogue", table.catalogue, name="catalogue"),
    path("guides/catalogue/draft", table.draft, name="catalogue_draft"),
    path("guides/catalogue/<uuid:catalogue>/<slug:step>", table.follow, name="catalogue_step"),
    path("guides/items/<uuid:item>/defect", views.report_defect, name="guides_defect"),
    path("guides/<uuid:edition>", views.guides, name="guide"),
    path("guides/<uuid:edition>/diff", views.diff, name="guide_diff"),
    path("guides/<uuid:edition>/text", views.main_text, name="guide_text"),
    path("guides/<uuid:edition>/impact", views.impact, name="guide_impact"),
]
