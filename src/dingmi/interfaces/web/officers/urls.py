"""Addresses of the register of officers."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.officers import allowance, cases, duties, selections, views, year

urlpatterns = [
    path("duties", duties.duties, name="duties"),
    path("officers", views.officers, name="officers"),
    path("officers/appraisals/<int:year>", year.everyone, name="appraisals_of_year"),
    path("officers/appraisals/<int:year>/rules", year.rules, name="performance_rules"),
    path("officers/appraisals/<int:year>/export", year.export, name="appraisals_export"),
    path("officers/outside", cases.outside, name="officers_outside"),
    path("officers/allowances", allowance.allowances, name="allowances"),
    path("selections", selections.selections, name="selections"),
    path("officers/cases", cases.cases, name="officer_cases"),
    path("officers/cases/<uuid:case>", cases.case, name="officer_case"),
    path("officers/<uuid:person>/<int:year>", year.year, name="officer_year"),
    path("my-appraisal", year.mine, name="my_appraisal"),
    path("my-appraisal/<int:year>", year.mine, name="my_appraisal_year"),
    path("delegations", cases.delegations, name="delegations"),
    path("officers/<uuid:person>", views.profile, name="officer"),
    path("officers/<uuid:person>/records/<slug:figure>", views.records, name="officer_records"),
]
