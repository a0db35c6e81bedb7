"""Where containers stand: folders of this machine, or one bucket a level of an S3 service, each opened with its own credentials."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from urllib.parse import urlparse

from django.conf import settings

from dingmi.base.errors import Finding, Unavailable
from dingmi.engines.crypto import settle
from dingmi.records.keys.places import SLUGS, make_folder, write_whole

LEVEL_SETTINGS = ("bucket", "access_key", "secret_file")
NOT_THERE = ("NoSuchKey", "404")
_VAULT_KEY = re.compile(r"\s*[\"']?vault[\"']?\s*[.=]")
_VAULT_TABLE = re.compile(r"\s*\[+\s*vault\s*[].]")


class Shelf(Protocol):
    """Holds containers by name (``level/ab/abc….dmb1``); knows neither keys nor what they mean."""

    def write(self, name: str, data: bytes) -> None:
        """Keep ``data`` whole, or raise ``OSError`` and keep nothing."""

    def at(self, name: str) -> Any:
        """Stand for ``with``: a path of this machine where the container can be read.

        Raises:
            FileNotFoundError: There is none.
            Unavailable: ``vault.unreachable``.
        """

    def change(self, name: str) -> Any:
        """Do what ``at`` does; what is changed there is kept."""

    def settle(self, name: str) -> None:
        """Finish a change of key that was broken off."""

    def remove(self, name: str) -> None:
        """Remove a container; one that is gone already is no fault."""

    def names(self) -> Iterator[tuple[str, float]]:
        """Yield the name of everything that is kept and when it was last written (POSIX seconds)."""


class Folders:
    """One folder a level below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, data: bytes) -> None:
        path = self.root / name
        make_folder(path.parent)
        write_whole(path, data)

    @contextmanager
    def at(self, name: str) -> Iterator[Path]:
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(name)
        settle(path)  # a change of key that was broken off waits beside the file
        yield path

    change = at

    def settle(self, name: str) -> None:
        settle(self.root / name)

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, float]]:
        for path in sorted(self.root.glob("*/*/*")):
            if path.exists():  # settled since it was named
                yield path.relative_to(self.root).as_posix(), path.stat().st_mtime


class Buckets:
    """One bucket a level, each with credentials that open no other."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told
        self._clients: dict[str, Any] = {}

    def _bucket(self, name: str) -> dict[str, str]:
        slug = name.partition("/")[0]
        if slug not in self.told["levels"]:
            raise Unavailable("vault.level_without_bucket", (), level=slug)
        bucket = self.told["levels"][slug]["bucket"]
        return {"Bucket": bucket, "Key": name}

    def _client(self, slug: str) -> Any:
        if slug not in self._clients:
            self._clients[slug] = _connected(self.told, self.told["levels"][slug])
        return self._clients[slug]

    @contextmanager
    def _asked(self, name: str) -> Iterator[tuple[Any, dict[str, str]]]:
        place = self._bucket(name)
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield self._client(name.partition("/")[0]), place
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in NOT_THERE:
                raise FileNotFoundError(name) from error
            raise self._unreachable(name, code) from error
        except BotoCoreError as error:
            raise self._unreachable(name, type(error).__name__) from error

    @staticmethod
    def _unreachable(name: str, answer: str) -> Unavailable:
        return Unavailable("vault.unreachable", (), level=name.partition("/")[0], answer=answer)

    def write(self, name: str, data: bytes) -> None:
        with self._asked(name) as (client, place):
            client.put_object(**place, Body=data)

    @contextmanager
    def at(self, name: str) -> Iterator[Path]:
        with TemporaryDirectory(dir=settings.DATA, prefix="vault-") as folder:
            path = Path(folder) / "container.dmb1"
            with self._asked(name) as (client, place):
                client.download_file(**place, Filename=str(path))
            yield path

    @contextmanager
    def change(self, name: str) -> Iterator[Path]:
        with self.at(name) as path:
            yield path
            with self._asked(name) as (client, place):
                client.upload_file(Filename=str(path), **place)

    def settle(self, name: str) -> None:
        """Nothing is ever half there: a bucket takes a container whole."""

    def remove(self, name: str) -> None:
        with self._asked(name) as (client, place):
            client.delete_object(**place)

    def names(self) -> Iterator[tuple[str, float]]:
        for slug in self.told["levels"]:
            with self._asked(slug) as (client, place):
                pages = client.get_paginator("list_objects_v2").paginate(Bucket=place["Bucket"])
                found = [kept for page in pages for kept in page.get("Contents", ())]
            yield from ((kept["Key"], kept["LastModified"].timestamp()) for kept in found)


def _connected(told: Mapping[str, Any], level: Mapping[str, str]) -> Any:
    import boto3
    from botocore.config import Config

    only_where_needed = "when_required"  # services other than Amazon's know no checksums in trailers
    return boto3.session.Session(
        aws_access_key_id=level["access_key"],
        aws_secret_access_key=Path(level["secret_file"]).read_text(encoding="ascii").strip(),
    ).client(
        "s3",
        endpoint_url=told["endpoint"],
        region_name=told.get("region", "us-east-1"),
        verify=told.get("authority", True),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"max_attempts": 3, "mode": "standard"},
            connect_timeout=5,
            read_timeout=60,
            request_checksum_calculation=only_where_needed,
            response_checksum_validation=only_where_needed,
        ),
    )


def are_folders(told: Mapping[str, Any]) -> bool:
    """Tell whether ``[vault]`` of ``dingmi.toml`` keeps files in folders of this machine, as it does where it says nothing."""
    return bool(told.get("kind", "files") == "files")


def faults(told: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what is wrong with ``[vault]`` of ``dingmi.toml``; nothing is connected to."""
    kind, endpoint, levels = str(told.get("kind", "files")), str(told.get("endpoint", "")), told.get("levels", {})
    if are_folders(told):
        return ()
    if kind != "s3":
        return (_fault("kind", kind),)
    found = [] if _is_guarded(endpoint) else [_fault("endpoint", endpoint)]
    found += [] if levels else [_fault("setting", "levels")]
    for slug, level in levels.items():
        found += [] if slug in SLUGS.values() else [_fault("level", slug)]
        found += [_fault("setting", f"levels.{slug}.{name}") for name in LEVEL_SETTINGS if not level.get(name)]
        found += [] if _is_private(Path(str(level.get("secret_file", "")))) else [_fault("secret", slug)]
    for name in ("bucket", "access_key"):
        used = [level.get(name, "") for level in levels.values()]
        found += [_fault("shared", f"{name} {value}") for value in sorted(set(used)) if value and used.count(value) > 1]
    return tuple(found)


def _fault(what: str, value: str) -> Finding:
    return Finding(f"vault.wrong_{what}", "block", (), {"value": value})


def _is_private(path: Path) -> bool:
    return path.is_file() and not stat.S_IMODE(path.stat().st_mode) & 0o077


def _is_guarded(endpoint: str) -> bool:
    """Tell whether what is sent there cannot be read on the way: TLS, or this machine itself."""
    parts = urlparse(endpoint)
    try:
        is_here = parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        is_here = False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def at_home(configuration: str) -> str:
    """Return the text of a ``dingmi.toml`` with its files in folders again: what is brought back never touches a bucket in use."""
    lines, is_ours, in_table = [], False, False
    for line in configuration.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            in_table, is_ours = True, bool(_VAULT_TABLE.match(line))
        elif not in_table:
            is_ours = bool(_VAULT_KEY.match(line))
        lines.append(f"# {line}" if is_ours and line.strip() else line)
    return "".join(lines)


def folders() -> Folders:
    """Return the folders of this machine, whatever is configured: files are moved from there."""
    return Folders(Path(settings.DINGMI_VAULT))


def shelf() -> Shelf:
    """Return where this installation keeps its files.

    Raises:
        Unavailable: ``dingmi.toml`` does not say it well, see ``faults``.
    """
    told: Mapping[str, Any] = settings.DINGMI_SHELVES
    return folders() if are_folders(told) else _buckets(json.dumps(told, sort_keys=True))


@lru_cache(maxsize=4)
def _buckets(told: str) -> Buckets:
    found = json.loads(told)
    if wrong := faults(found):
        raise Unavailable(wrong[0].code, (), **wrong[0].params)
    return Buckets(found)
