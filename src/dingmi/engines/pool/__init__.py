"""Much of the same work on several processors: results come as they are ready, never more in flight than needed.

Processes of this machine by default; the nodes of a Ray cluster behind the same call, where the extra is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dingmi.engines.pool import cluster, processes
from dingmi.engines.pool.work import Lost, Work

__all__ = ["ENGINES", "Lost", "Work", "run"]

Engine = Callable[[Work, Iterable[Any], int], Iterator[tuple[Any, Any]]]
ENGINES: dict[str, Engine] = {"local": processes.run, "ray": cluster.run}


def run(work: Work, tasks: Iterable[Any], workers: int, engine: str = "local") -> Iterator[tuple[Any, Any]]:
    """Do ``work`` on every task and yield pairs of task and result, in the order in which they end.

    Args:
        workers: How many do it at once; with one on this machine the work is done in this process.
        engine: A key of ``ENGINES``.
    Raises:
        Unavailable: The engine is not part of this installation, or its cluster does not answer.
    """
    return ENGINES[engine](work, tasks, workers)
