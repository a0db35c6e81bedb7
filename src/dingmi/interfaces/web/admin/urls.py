"""Addresses of the three administrators; each door opens to one role only."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.admin import views

urlpatterns = [
    path("date", views.confirm_date, name="date"),
    path("one-time-codes", views.seconds, name="seconds"),
    path("roles", views.roles, name="roles"),
    path("clearances", views.clearances, name="clearances"),
    path("keys", views.keys, name="keys"),
    path("admin/accounts", views.accounts, name="admin_accounts"),
    path("admin/system", views.system, name="admin_system"),
    path("admin/security", views.security, name="admin_security"),
    path("admin/audit", views.audit, name="admin_audit"),
    path("admin/audit/anchor", views.anchor, name="admin_anchor"),
    path("admin/audit/verify", views.verify, name="admin_verify"),
]
