"""Encrypted files, isolated per level; the vault does not know what the bytes mean."""

from __future__ import annotations

from django.db import models

from dingmi.records.ledger.guard import Record


class StoredObject(Record):
    """One sealed file (DMB1) below the root of its level."""

    level = models.CharField(max_length=12)
    kind = models.CharField(max_length=16)  # original / marked / letter / form
    media = models.CharField(max_length=12)  # docx / pdf / txt
    size = models.BigIntegerField()
    path = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # HMAC-SM3 of the plain bytes under the level's index key
    header_digest = models.CharField(max_length=64)  # SM3(HDR): the current version of the file
    shred = models.BinaryField(max_length=64)  # wrapped; without it no copy can be opened
    created_at = models.DateTimeField()
    swept_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["level", "fingerprint"])]


class SealedFile(Record):
    """A container handed out (``dingmi seal``): whose it is, and the secret without which no copy opens."""

    fid = models.CharField(max_length=32, unique=True)
    level = models.CharField(max_length=12)
    matter = models.UUIDField(null=True)  # opened by whoever may read that matter; otherwise by ``sealed_by`` alone
    sealed_by = models.UUIDField()  # a person
    size = models.BigIntegerField()
    header_digest = models.CharField(max_length=64)
    shred = models.BinaryField(max_length=64)  # empty once destroyed
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)


class KeyEpoch(Record):
    """A later key of one level, made by two people; the key itself is in the key folder."""

    level = models.CharField(max_length=12)
    key_id = models.CharField(max_length=64)
    asked_by = models.UUIDField()  # a person
    asked_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)  # the second person
    made_at = models.DateTimeField(null=True)


class Rotation(Record):
    """The files of one level brought under its latest key: how far it has come, and where it goes on."""

    level = models.CharField(max_length=12)
    key_id = models.CharField(max_length=64)
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)  # missing or altered files, which verification names
    cursor = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
