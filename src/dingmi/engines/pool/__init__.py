"""Much of the same work on several processors: results come as they are ready, never more in flight than needed.

Processes of this machine by default; the nodes of a Ray cluster behind the same call, where the extra is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from dingmi.engines.pool import cluster, processes
from dingmi.engines.pool.lost import Lost

__all__ = ["ENGINES", "Lost", "run"]


class Engine(Protocol):
    """What does ``work`` on every task by ``workers`` workers, each made ready by ``start(*given)``."""

    def __call__(
        self,
        work: Callable[[Any], Any],
        tasks: Iterable[Any],
        *,
        workers: int,
        start: Callable[..., None],
        given: tuple[Any, ...],
    ) -> Iterator[tuple[Any, Any]]: ...


ENGINES: dict[str, Engine] = {"local": processes.run, "ray": cluster.run}


def run(
    work: Callable[[Any], Any],
    tasks: Iterable[Any],
    *,
    workers: int,
    start: Callable[..., None],
    given: tuple[Any, ...],
    engine: str = "local",
) -> Iterator[tuple[Any, Any]]:
    """Do ``work`` on every task and yield pairs of task and result, in the order in which they end.

    Args:
        work: A function of a module; what it raises ends the run.
        workers: How many do it at once; with one on this machine the work is done in this process.
        start: Called once in each worker with ``given``, before any work.
        given: What every worker needs.
        engine: A key of ``ENGINES``.
    Raises:
        Unavailable: The engine is not part of this installation, or its cluster does not answer.
    """
    return ENGINES[engine](work, tasks, workers=workers, start=start, given=given)
