"""Addresses of the three administrators; each door opens to one role only."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.admin import views

urlpatterns = [
    path("admin/accounts", views.accounts, name="admin_accounts"),
    path("admin/accounts/create", views.create_account, name="admin_create_account"),
    path("admin/system", views.system, name="admin_system"),
    path("admin/security", views.security, name="admin_security"),
    path("admin/security/grant", views.grant_role, name="admin_grant_role"),
    path("admin/security/clear", views.grant_clearance, name="admin_grant_clearance"),
    path("admin/security/unlock", views.unlock, name="admin_unlock"),
    path("admin/audit", views.audit, name="admin_audit"),
    path("admin/audit/verify", views.verify, name="admin_verify"),
]
