"""What ``dingmi check`` looks at; each finding says what to do and who can."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from dingmi.base.errors import Finding
from dingmi.base.presentation import finding_document
from dingmi.interfaces.cli import services
from dingmi.interfaces.cli.install import ACCOUNTS


def examine(folder: Path, *, deploy: bool) -> list[dict[str, Any]]:
    """Return the findings on an installation, those that make serving unsafe with severity ``block``."""
    found = [*unsound(folder), *_keys(), *_cipher(), *_parsers(), *_clock(), *_database(), *_shelves(), *_leads()]
    found += [*_gateway(), *_store()]
    if deploy:
        found += _deployment(folder)
    return [finding_document(finding) for finding in found]


def unsound(folder: Path) -> tuple[Finding, ...]:
    """Return what keeps an installation from being served at all: ``dingmi up`` refuses to start on any of it (SR-91)."""
    from dingmi.queries import soundness

    return (*_modes(folder), *soundness.faults())


def _modes(folder: Path) -> list[Finding]:
    from django.conf import settings

    if services.is_owned(folder):
        shared = services.places(folder)
        private = [(path, one.mode) for path, one in shared.items()]
        private += [(path, 0o700) for path in sorted(folder.iterdir()) if path not in shared]
    else:
        places = [place for place in (folder / "keys", folder / "keys-juemi") if place.is_dir()]
        private = [(folder, 0o700), *((place, 0o700) for place in places)]
        private += [(path, 0o600) for place in places for path in sorted(place.iterdir())]
    of_tls = Path(str(settings.CONFIG.get("tls", {}).get("key", "")))
    private += [(of_tls, 0o640)] if of_tls.is_file() else []
    found = []
    for path, wanted in private:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except FileNotFoundError:
            continue  # what the database makes and takes away
        if mode & ~wanted:
            params = {"path": path.name, "mode": f"{mode:o}", "wanted": f"{wanted:o}"}
            found.append(Finding("check.file_mode", "block", (), params))
    return found


def _keys() -> list[Finding]:
    from dingmi.queries.system import keys_together, missing_keys

    found = [Finding("check.key_missing", "block", (), {"path": name}) for name in missing_keys()]
    return [*found, *keys_together()]


def _cipher() -> list[Finding]:
    from dingmi.engines import crypto

    used = crypto.cipher_in_use()
    return [] if used == "libgcrypt" else [Finding("check.slow_cipher", "warn", (), {"library": used})]


def _parsers() -> list[Finding]:
    from dingmi.engines import documents

    return [Finding(f"check.parser_{lacking}", "warn") for lacking in documents.unconfined()]


def _clock() -> list[Finding]:
    from dingmi.queries import clock

    latest = clock.behind(clock.now())
    if latest is not None:
        return [Finding("check.clock_behind", "block", (), {"ledger_time": latest.isoformat(timespec="seconds")})]
    return []


def _database() -> list[Finding]:
    from dingmi.queries.system import unguarded

    return list(unguarded())


def _shelves() -> list[Finding]:
    from dingmi.queries.system import shelf_faults

    return list(shelf_faults())


def _leads() -> list[Finding]:
    from dingmi.queries import limits, password_rules, policy

    return [
        *policy.lead_faults(),
        *policy.number_faults(),
        *limits.limit_faults(),
        *password_rules.profile_faults(),
    ]


def _gateway() -> list[Finding]:
    from dingmi.queries import gateway

    return list(gateway.faults())


def _store() -> list[Finding]:
    from dingmi.queries import clock, room

    return list(room.findings(clock.now()))


def _deployment(folder: Path) -> list[Finding]:
    from django.conf import settings

    from dingmi.queries import clock, founding, installation, soundness

    found = [Finding("check.software_cipher", "warn", ("MM-7",) if settings.DINGMI_PROFILE != "enterprise" else ())]
    if founding.is_laxer():
        kept = {"kept": founding.recorded_profile(), "configured": settings.DINGMI_PROFILE}
        found.append(Finding("profile.laxer", "block", (), kept))
    if settings.DINGMI_PROFILE == "demo":
        found.append(Finding("check.profile_demo", "block"))
    found += _custody()
    found += installation.shortfalls(clock.now())
    if (folder / ACCOUNTS[True]).exists():
        found.append(Finding("check.demo_accounts", "block"))
    if (folder / ACCOUNTS[False]).exists():
        found.append(Finding("check.first_accounts", "block"))
    if not soundness.released():
        found.append(Finding("check.program_unlisted", "warn"))
    return found


def _custody() -> list[Finding]:
    from dingmi.procedures import custody

    state = custody.state()
    kinds = {state.kind, *([state.apart.kind] if state.apart else [])}
    found = [Finding("check.keys_in_clear", "warn")] if "files" in kinds else []
    return found if custody.is_lawful() else [*found, Finding("serve.software_keys", "block", ("MM-7",))]
