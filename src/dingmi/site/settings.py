"""Django settings, read from ``dingmi.toml`` in the data directory (``DINGMI_DATA``)."""

from __future__ import annotations

import os
import secrets
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlparse

DATA = Path(os.environ.get("DINGMI_DATA", "data")).resolve()
_file = DATA / "dingmi.toml"
CONFIG = tomllib.loads(_file.read_text(encoding="utf-8")) if _file.exists() else {}

DINGMI_PROFILE = CONFIG.get("profile", "state-secret")  # whoever loses the file or the key opens nothing with it
DINGMI_HOUSE = CONFIG.get("house", "organ")
DINGMI_KEYS = DATA / "keys"
DINGMI_VAULT = DATA / "vault"
DINGMI_SHELVES = CONFIG.get("vault", {})  # nothing for folders below the one above
DINGMI_KEY_SERVICE = (
    os.environ.get("DINGMI_KEY_SERVICE") == "1"
)  # set by `dingmi up`: never look for keys in this process
DINGMI_IDLE_MINUTES = min(10, int(CONFIG.get("session", {}).get("idle_minutes", 10)))  # SR-08
DINGMI_ABSOLUTE_HOURS = 8
DINGMI_SECOND_FACTOR = CONFIG.get(
    "second_factor", "required" if DINGMI_PROFILE == "state-secret" else "offered"
)  # SR-03
DINGMI_GATEWAY = CONFIG.get("gateway", {})  # who may tell of client certificates (ADR 0035)
DINGMI_TLS = bool(CONFIG.get("tls", {}).get("certificate"))

_secret = DINGMI_KEYS / "session.key"
SECRET_KEY = _secret.read_text(encoding="ascii").strip() if _secret.exists() else secrets.token_urlsafe(48)
DEBUG = False
ALLOWED_HOSTS = CONFIG.get("hosts", ["127.0.0.1", "localhost", "[::1]", "testserver"])
ROOT_URLCONF = "dingmi.site.urls"
WSGI_APPLICATION = "dingmi.site.wsgi.application"
AUTH_USER_MODEL = "organs.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "django_htmx",
    "dingmi.records.ledger",
    "dingmi.records.vault",
    "dingmi.records.organs",
    "dingmi.records.guides",
    "dingmi.records.officers",
    "dingmi.records.matters",
    "dingmi.records.carriers",
    "dingmi.records.oversight",
    "dingmi.records.notices",
    "dingmi.interfaces.web",
]

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"


def _database(url: str) -> dict[str, object]:
    """Return Django's settings for ``url``: empty for SQLite in the data directory, else postgresql://user@host:port/name."""
    if not url:
        return {
            "ENGINE": "dingmi.site.sqlite",
            "NAME": DATA / "dingmi.sqlite3",
            "TEST": {"NAME": ":memory:"},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                "PRAGMA recursive_triggers=ON;PRAGMA foreign_keys=ON;PRAGMA secure_delete=ON;",
            },
        }
    parts = urlparse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "TIME_ZONE": TIME_ZONE,  # instants come back in our zone; ``site.sqlite`` does the same for the other
        "OPTIONS": {"options": "-c jit=off"},  # compiling the words of row security takes longer than asking them
    }


DATABASES = {"default": _database(os.environ.get("DINGMI_DATABASE", CONFIG.get("database", "")))}
if os.environ.get("DINGMI_TEST_DATABASE"):
    DATABASES = {"default": _database(os.environ["DINGMI_TEST_DATABASE"])}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]

STATIC_URL = "/static/"
MIDDLEWARE = [
    "dingmi.interfaces.web.middleware.HeadersMiddleware",
    "dingmi.interfaces.web.middleware.BodyMiddleware",
    "dingmi.interfaces.web.gateway.GatewayMiddleware",
    "dingmi.interfaces.web.flood.FloodMiddleware",
    "dingmi.interfaces.web.middleware.ActorMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted((Path(__file__).resolve().parent.parent / "interfaces" / "web").glob("*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["dingmi.interfaces.web.shell.shell"]},
    }
]
CSRF_FAILURE_VIEW = "dingmi.interfaces.web.errors.csrf_failed"
CSRF_COOKIE_NAME = "__Host-csrf" if DINGMI_TLS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = DINGMI_TLS
CSRF_COOKIE_AGE = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
