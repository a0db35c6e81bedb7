"""A light password hash for tests: founding an organ hashes half a dozen passwords."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2(Argon2PasswordHasher):
    """Argon2id with the least work; the real settings are tested where they are named."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
