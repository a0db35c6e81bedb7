"""The register of reads, and the shape of parameters: how JSON becomes the plain values that acts and queries take."""

from __future__ import annotations

import base64
import binascii
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property, wraps
from typing import Any, TypeVar
from uuid import UUID

import pydantic
from pydantic_core import PydanticCustomError

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import DingmiError, Forbidden, Invalid
from dingmi.queries.clock import civil
from dingmi.queries.reading import everything, reading
from dingmi.regime import grounds

F = TypeVar("F", bound=Callable[..., Any])
FRAME_ARGUMENTS = frozenset({"actor", "now", "key", "prepared"})
YEARS = range(1900, 2200)  # what a parameter called ``year`` may name, beside 0 for this year


def jsonable(value: Any) -> Any:
    """Return ``value`` as JSON values: dataclasses as objects, dates as ISO 8601, bytes as Base64."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: jsonable(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((jsonable(v) for v in value), key=str)
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"not a plain value: {type(value).__name__}")


def _a_year(value: int | None) -> int | None:
    if value and value not in YEARS:
        raise PydanticCustomError("year.unknown", "no year of the calendar")
    return value


def parameter_model(function: Callable[..., Any]) -> type[pydantic.BaseModel]:
    """Return the model of a function's public keyword arguments; unknown names are refused."""
    hints = typing.get_type_hints(function)
    wanted: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in FRAME_ARGUMENTS or parameter.kind is parameter.VAR_KEYWORD:
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        hint = typing.Annotated[hints[name], pydantic.AfterValidator(_a_year)] if name == "year" else hints[name]
        wanted[name] = (hint, default)
    config = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=False)
    return pydantic.create_model(function.__name__, __config__=config, **wanted)


def _decoded(value: Any) -> Any:
    """Turn ``content_base64`` into ``content`` bytes, and refuse text that no store can keep."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise ValueError("text.unstorable")
        return value
    if isinstance(value, Mapping):
        made = {str(k): _decoded(v) for k, v in value.items()}
        if "content_base64" in made and "content" not in made:
            made["content"] = base64.b64decode(str(made.pop("content_base64")), validate=True)
        return made
    return [_decoded(v) for v in value] if isinstance(value, list) else value


def validated(model: type[pydantic.BaseModel], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``params`` as the typed values that the function takes.

    Raises:
        Invalid: ``input.invalid`` with every faulty field.
    """
    try:
        checked = model.model_validate(_decoded(dict(params)))
    except pydantic.ValidationError as error:
        faults = {".".join(map(str, e["loc"])): e["type"] for e in error.errors(include_url=False, include_input=False)}
        raise Invalid("input.invalid", (), fields=faults) from None
    except (ValueError, binascii.Error, RecursionError) as error:
        code = "text.unstorable" if str(error) == "text.unstorable" else "content.not_base64"
        raise Invalid("input.invalid", (), fields={"": code}) from None
    return {name: getattr(checked, name) for name in model.model_fields if name in checked.model_fields_set}


def _renamed(node: Any) -> Any:
    """Show binary fields as what JSON carries: ``content_base64``."""
    if isinstance(node, dict):
        made = {k: _renamed(v) for k, v in node.items()}
        properties = made.get("properties")
        if isinstance(properties, dict) and properties.get("content", {}).get("format") == "binary":
            properties.pop("content")
            properties["content_base64"] = {"type": "string", "contentEncoding": "base64"}
            made["required"] = ["content_base64" if n == "content" else n for n in made.get("required", [])]
        return made
    return [_renamed(v) for v in node] if isinstance(node, list) else node


def schema_of(model: type[pydantic.BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a parameter model."""
    return typing.cast("dict[str, Any]", _renamed(model.model_json_schema()))


@dataclass(frozen=True)
class Query:
    """One read: who may ask, and whether the asking is recorded before the answer leaves."""

    name: str
    roles: frozenset[Role]
    recorded: bool
    function: Callable[..., Any]
    clauses: frozenset[str] = frozenset()
    over_all: bool = False
    shows: Callable[[Any], tuple[UUID, ...]] | None = None

    @cached_property
    def model(self) -> type[pydantic.BaseModel]:
        """The model of the parameters."""
        return parameter_model(self.function)

    @property
    def doc(self) -> str:
        """What the query answers."""
        return inspect.getdoc(self.function) or ""

    def parameters_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameters."""
        return schema_of(self.model)

    def require(self, actor: Actor) -> None:
        """Let only those ask who may.

        Raises:
            Forbidden: The actor is not signed in, or holds none of the roles.
        """
        if not actor.account_id and not actor.holds(Role.CLOCK):
            raise Forbidden("session.required")
        if self.roles and not actor.holds(*self.roles):
            raise Forbidden("role.required", (), roles=sorted(self.roles), query=self.name)

    def run(self, *, actor: Actor, now: datetime, params: Mapping[str, Any]) -> Any:
        """Validate ``params`` and answer.

        Raises:
            Forbidden: The actor is not signed in, or holds none of the roles.
            Invalid: A parameter is malformed.
        """
        try:
            self.require(actor)
            return self.function(actor=actor, now=now, **validated(self.model, params))
        except DingmiError as error:
            grounds.ground(error, now.date(), self.name)
            raise


QUERIES: dict[str, Query] = {}


def query(
    name: str,
    *,
    roles: tuple[Role, ...] | None = None,
    recorded: bool = True,
    clauses: tuple[str, ...] = (),
    over_all: bool = False,
    shows: Callable[[Any], tuple[UUID, ...]] | None = None,
) -> Callable[[F], F]:
    """Register a read under ``name``, and the clauses that it serves; the function itself stays callable as it is.

    Args:
        over_all: Its numbers are of matters that the reader may not see one by one, so the database shows it every matter;
            otherwise row security repeats what the reader may see.
        shows: Of an answer that holds words of matters, which matters: who reads it learns them (TL-20).
    """

    def register(function: F) -> F:
        if name in QUERIES and QUERIES[name].function.__module__ != function.__module__:
            raise RuntimeError(f"two queries are named {name}")

        @wraps(function)
        def read(*, actor: Actor, now: datetime, **params: Any) -> Any:
            now, params = civil(now), civil(params)
            with everything(f"query {name}") if over_all else reading(actor, now):
                return function(actor=actor, now=now, **params)

        asked = typing.cast(F, read)
        QUERIES[name] = Query(name, frozenset(roles or ()), recorded, asked, frozenset(clauses), over_all, shows)
        return asked

    return register
