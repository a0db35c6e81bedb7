"""Addresses of signing in, the account, notices, search and help."""

from __future__ import annotations

from django.urls import path

from dingmi.interfaces.web.entry import views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("language", views.language, name="language"),
    path("account", views.account, name="account"),
    path("account/password", views.password, name="account_password"),
    path("account/second", views.second, name="account_second"),
    path("account/second/confirm", views.second_confirm, name="account_second_confirm"),
    path("account/stay", views.stay, name="account_stay"),
    path("account/keys", views.keys, name="account_keys"),
    path("account/preferences", views.prefer, name="account_prefer"),
    path("inbox", views.inbox, name="inbox"),
    path("inbox/acknowledge", views.acknowledge_all, name="acknowledge_all"),
    path("inbox/<uuid:notice>/acknowledge", views.acknowledge, name="acknowledge"),
    path("search", views.search, name="search"),
    path("help", views.help_page, name="help"),
    path("help/clauses/<str:clause>", views.clause, name="clause"),
    path("help/<slug:topic>", views.help_page, name="help_topic"),
]
