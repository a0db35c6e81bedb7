"""Which acts end the sessions of the person whose rights they change, and why the others need not (SR-09).

Roles, clearance and office are asked of the records at every request, so a right that is gone opens nothing either way. A
session that ends besides lets the person come in again knowing what changed, and ends the tokens of scripts. What was begun
under either and is still being prepared is not performed: the frame asks ``access.require_live`` before it writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from dingmi.records.ledger.guard import owe
from dingmi.records.organs.models import Account, Token

ENDS: Mapping[str, str] = {  # act → what changed; it ends the sessions and tokens of the person concerned
    "access.agree_role": "role",
    "access.revoke_role": "role",
    "access.disable": "account",
    "access.enable": "account",
    "access.change_password": "account",
    "access.sign_out": "account",  # tokens of scripts too: whoever leaves leaves nothing behind that acts in the name
    "access.lift_second": "account",
    "access.confirm_certificate": "account",
    "access.revoke_certificate": "account",
    "access.sign_in_failed": "account",  # the failure that locks it
    "keep.restored": "account",  # of everybody: what ended since the backup would run again
    "personnel.agree_clearance": "clearance",
    "personnel.grant_clearance": "clearance",  # one that only lowers
    "personnel.import_clearances": "clearance",  # those that only lower
    "personnel.vet": "clearance",  # failed: every clearance ends
    "personnel.leave": "clearance",
    "personnel.note_foreign": "clearance",
    "officers.designate": "appointment",
    "officers.import_rows": "appointment",
    "officers.publish": "appointment",  # where it was the last thing that a commission waited for
    "officers.file": "appointment",
    "officers.suspend": "appointment",
    "officers.resume": "appointment",
    "officers.end": "appointment",
    "officers.adjust": "appointment",
    "officers.record_event": "appointment",
    "officers.follow": "appointment",  # of the officers whose event came
    "officers.appoint_principal": "appointment",
    "officers.recognise_principal": "appointment",
    "grading.appoint": "appointment",
    "grading.end_appointment": "appointment",
}
KEEPS: Mapping[str, str] = {  # act that writes such rows all the same → why sessions go on
    "keep.found": "nobody can be signed in yet",
    "access.create_account": "nobody can be signed in yet",
    "access.grant_role": "asks for it alone: nothing is granted until another agrees",
    "access.unlock": "the failure that locked it ended them",
    "access.recover": "the failure that locked it ended them",
    "access.set_language": "no right changes",
    "access.sign_in": "it begins one, and ends the one before",
    "access.enrol_second": "nothing counts before its first code",
    "access.confirm_second": "its owner holds the new factor in hand; the next session takes it",
    "access.issue_token": "a token carries the rights of each request",
    "personnel.enter_person": "nobody can be signed in yet",
    "personnel.import_rows": "nobody can be signed in yet",
    "personnel.take_post": "the category gives no right: clearance is an act of its own",
    "officers.record_training": "asked inside every decision (SR-19)",
    "officers.record_qualification": "asked inside every decision (SR-19)",
}


def end_sessions(account: Account, now: datetime) -> None:
    """End the session and every token of ``account`` before its next request (SR-09)."""
    account.session_key, account.session_started_at = "", None
    account.save(update_fields=["session_key", "session_started_at"])
    _end_tokens([account.pk], now)


def end_sessions_of(persons: Collection[UUID], now: datetime) -> None:
    """End the sessions and tokens of people, in as many statements for one as for all."""
    accounts = list(Account.objects.filter(person__in=persons).values_list("pk", flat=True))
    if accounts:
        Account.objects.filter(pk__in=accounts).update(session_key="", session_started_at=None)
        _end_tokens(accounts, now)


def _end_tokens(accounts: Collection[UUID], now: datetime) -> None:
    tokens = list(Token.objects.filter(account__in=accounts, ended_at__isnull=True))
    if tokens:
        Token.objects.filter(pk__in=[t.pk for t in tokens]).update(ended_at=now)
        owe(*tokens)
