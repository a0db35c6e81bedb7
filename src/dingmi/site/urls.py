"""URL roots."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("dingmi.interfaces.api.urls")),
    path("", include("dingmi.interfaces.web.urls")),
]
handler403 = "dingmi.interfaces.web.errors.forbidden"
handler404 = "dingmi.interfaces.web.errors.not_found"
handler500 = "dingmi.interfaces.web.errors.broken"
