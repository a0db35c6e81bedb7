"""What the workers of a pool do, and what stands for a task that killed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Work:
    """What every worker does.

    Args:
        do: Done to each task; a function of a module. What it raises ends the run.
        start: Called once in each worker with ``given``, before any task.
        given: What every worker needs.
    """

    do: Callable[[Any], Any]
    start: Callable[..., None]
    given: tuple[Any, ...] = ()

    def begin(self) -> None:
        """Make this worker ready."""
        self.start(*self.given)


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for the result of a task whose worker died, also when it was tried alone."""
