"""What stands for the result of a task that killed its worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for the result of a task whose worker died, also when it was tried alone."""
