"""What may befall a matter beside review and lapse: another level, an error that voids it, a challenge, answered or open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.interfaces.cli.demo.organ import as_account
from dingmi.procedures import challenge, change, correction
from dingmi.queries import access
from dingmi.queries.standing import items_by_number, organ_named

Turn = Callable[[dict[str, Any], str, datetime], Iterator[datetime]]
ABOVE = "某省水利厅"
LOWER_ITEM = "3"  # 秘密: what is left of a matter of 机密 once its vulnerabilities are repaired


def seen(user: str, moment: datetime, matter: UUID) -> int:
    """Return the version of a matter as one sees it then: others may have changed it since one did."""
    return int(access.matter_for(as_account(user, moment), moment, matter).version)


def _another_level(state: dict[str, Any], signer: str, moment: datetime) -> Iterator[datetime]:
    """The vulnerabilities are repaired: what is left falls under an item of a lower level."""
    item = items_by_number(moment)[LOWER_ITEM]
    change.propose(
        actor=as_account(state["user"], moment),
        now=moment,
        matter=state["matter"],
        item=item.id,
        level=item.level,
        tail=item.tail,
        ground="basis_changed",
        reason="漏洞已全部修复，余下内容属于目录第3项。",
        expected_version=seen(state["user"], moment, state["matter"]),
    )
    moment += timedelta(days=1)
    yield moment
    change.change(
        actor=as_account(signer, moment),
        now=moment,
        matter=state["matter"],
        opinion="同意变更。",
        expected_version=seen(signer, moment, state["matter"]),
    )


def _voided(state: dict[str, Any], signer: str, moment: datetime) -> Iterator[datetime]:
    """What was published before was determined: found, and voided."""
    found = correction.find(
        actor=as_account("officer2" if signer == "officer" else "officer", moment),
        now=moment,
        matter=state["matter"],
        kind="wrong",
        found_on=moment.date(),
        detail="抽查发现，所涉参数在定密之前已由上级依法公布。",
    )
    moment += timedelta(days=2)
    yield moment
    correction.decide_(
        actor=as_account(signer, moment),
        now=moment,
        correction=found.id,
        remedy="void",
        reason="定密前内容已公布，定密无依据，予以撤销。",
        expected_version=seen(signer, moment, state["matter"]),
    )


def _raised(state: dict[str, Any], signer: str, moment: datetime) -> UUID:
    return challenge.raise_(
        actor=as_account(signer, moment),
        now=moment,
        matter=state["matter"],
        position="not_secret",
        reasons="我厅认为所涉内容已可向社会公开，提请复核。",
        challenger=organ_named(ABOVE),
        document_no=f"某水函〔{moment.year}〕18号",
        expected_version=seen(signer, moment, state["matter"]),
    ).challenge


def _challenged(state: dict[str, Any], signer: str, moment: datetime) -> Iterator[datetime]:
    """The department above challenges it; the answer is still due."""
    _raised(state, signer, moment)
    yield moment


def _kept(state: dict[str, Any], signer: str, moment: datetime) -> Iterator[datetime]:
    """The department above challenged it; the answer was that it stays as determined."""
    raised = _raised(state, signer, moment)
    moment += timedelta(days=8)
    yield moment
    challenge.answer(
        actor=as_account(signer, moment),
        now=moment,
        challenge=raised,
        outcome="keep",
        reasons="所涉设施仍在使用，公布仍会造成损害，维持原定密。",
        document_no=f"清水函〔{moment.year}〕31号",
        expected_version=seen(signer, moment, state["matter"]),
    )


TURNS: dict[str, Turn] = {"changed": _another_level, "voided": _voided, "challenged": _challenged, "kept": _kept}
