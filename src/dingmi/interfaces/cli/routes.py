"""Every route of the installation with the policy it declares; an undeclared one is a fault (SR-15)."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from dingmi.interfaces.cli.declare import POLICIES, POLICY_ATTRIBUTE, commands

API_POLICIES = {"api-act": "token+act", "api-ask": "token+query", "api-openapi": "public"}
BY_ITSELF = {"public", "signed-in", "clock", *API_POLICIES.values(), *POLICIES}


def _walk(patterns: list[Any], prefix: str) -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _walk(pattern.url_patterns, path)
        else:
            found.append((path, pattern))
    return found


def declared() -> list[dict[str, Any]]:
    """Return every way in, each with its kind and policy: routes, then acts and queries by name, commands and jobs."""
    from dingmi.procedures import ACTS
    from dingmi.procedures.daily import DUE
    from dingmi.queries import QUERIES

    rows = [{"kind": "route", **row} for row in listed()]
    for kind, prefix, register in (("act", "/api/v1/acts/", ACTS), ("query", "/api/v1/asks/", QUERIES)):
        for name, one in sorted(register.items()):
            roles = sorted(one.requires if kind == "act" else one.roles)
            view = f"{one.function.__module__}.{one.function.__name__}"
            policy = f"roles:{','.join(roles)}" if roles else "signed-in"
            rows.append({"kind": kind, "path": prefix + name, "methods": ["POST"], "view": view, "policy": policy})
    for name in DUE:
        rows.append({"kind": "job", "path": name, "methods": [], "view": "dingmi.procedures.daily", "policy": "clock"})
    return [*rows, *_typed()]


def _typed() -> list[dict[str, Any]]:
    """Return every command as it is typed, with the policy it declares."""
    from dingmi.interfaces.cli import app

    return [
        {
            "kind": "command",
            "path": path,
            "methods": [],
            "view": f"{command.__module__}.{command.__name__}",
            "policy": getattr(command, POLICY_ATTRIBUTE, ""),
        }
        for path, command in commands(app)
    ]


def is_known(policy: str) -> bool:
    """Return whether a policy names what there is: a role, an act, a query, or one that says all by itself."""
    from dingmi.base.actor import Role
    from dingmi.procedures import ACTS
    from dingmi.procedures.frame import INTERNAL
    from dingmi.queries import QUERIES

    kind, _, names = policy.partition(":")
    if kind in ("role", "roles"):
        return all(name in set(Role) for name in names.replace("|", ",").split(","))
    registers = {"act": {*ACTS, *INTERNAL}, "query": set(QUERIES)}
    alternatives = (one.partition(":") for one in policy.split("|"))
    return all(name in registers.get(kind, ()) if colon else kind in BY_ITSELF for kind, colon, name in alternatives)


def listed() -> list[dict[str, Any]]:
    """Return path, methods, view and policy id of every route."""
    rows = []
    for path, pattern in _walk(get_resolver().url_patterns, "/"):
        view = pattern.callback
        policy = getattr(view, POLICY_ATTRIBUTE, None) or API_POLICIES.get(pattern.name or "", "")
        methods = getattr(view, "dingmi_methods", None) or (["POST"] if policy.startswith("token") else ["GET"])
        rows.append(
            {"path": path, "methods": list(methods), "view": f"{view.__module__}.{view.__name__}", "policy": policy}
        )
    return sorted(rows, key=lambda row: row["path"])
