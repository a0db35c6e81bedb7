"""The OpenAPI document, from the registries of acts and queries."""

from __future__ import annotations

from typing import Any

from dingmi import __version__
from dingmi.base.errors import KINDS
from dingmi.procedures import ACTS
from dingmi.queries import QUERIES

_HEADERS = [
    {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 120}},
    {"name": "Dingmi-Password", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200}},
    {"name": "Dingmi-Code", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 20}},
]


def _operation(name: str, title: str, schema: dict[str, Any], *, headers: bool) -> dict[str, Any]:
    error = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    statuses = sorted({kind.http_status for kind in KINDS} | {401})
    return {
        "post": {
            "operationId": name,
            "summary": title,
            "parameters": _HEADERS if headers else [],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {
                "200": {"description": "done", "content": {"application/json": {"schema": {}}}},
                **{str(status): {"description": "refused", **error} for status in statuses},
            },
        }
    }


def document() -> dict[str, Any]:
    """Return the description of every act and query."""
    paths = {
        f"/api/v1/acts/{a.name}": _operation(a.name, a.title_en, a.parameters_schema(), headers=True)
        for a in ACTS.values()
    }
    paths |= {
        f"/api/v1/asks/{q.name}": _operation(f"ask.{q.name}", q.name, q.parameters_schema(), headers=False)
        for q in QUERIES.values()
    }
    text = {"type": "string"}
    error = {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["kind", "code", "clauses", "params", "message_zh", "message_en", "remedy_zh", "remedy_en"],
                "properties": {
                    "kind": text,
                    "code": text,
                    "clauses": {"type": "array", "items": text},
                    "params": {"type": "object"},
                    "message_zh": text,
                    "message_en": text,
                    "remedy_zh": text,
                    "remedy_en": text,
                },
            }
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "dingmi", "version": __version__},
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Error": error},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
