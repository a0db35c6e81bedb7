"""The same work by processes of this machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from dingmi.engines.pool.lost import Lost

_AHEAD = 2  # tasks that wait in line for each worker


def run(
    work: Callable[[Any], Any],
    tasks: Iterable[Any],
    *,
    workers: int,
    start: Callable[..., None],
    given: tuple[Any, ...],
) -> Iterator[tuple[Any, Any]]:
    """Do ``work`` on every task by processes, in this one if ``workers`` is one; see ``dingmi.engines.pool.run``."""
    if workers <= 1:
        start(*given)
        for task in tasks:
            yield task, work(task)
        return
    waiting = iter(tasks)
    while True:
        with _pool(workers, start, given) as pool:
            lost = yield from _until_broken(pool, work, waiting, workers * _AHEAD)
        if lost is None:
            return
        for task in lost:
            yield task, _alone(work, task, start, given)


def _pool(workers: int, start: Callable[..., None], given: tuple[Any, ...]) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=start, initargs=given)


def _until_broken(
    pool: ProcessPoolExecutor, work: Callable[[Any], Any], waiting: Iterator[Any], most: int
) -> Generator[tuple[Any, Any], None, list[Any] | None]:
    """Yield results until the tasks or the pool end; return the tasks that were under way when it broke, or None."""
    running: dict[Future[Any], Any] = {}
    while True:
        try:
            while len(running) < most:
                task = next(waiting, None)
                if task is None:
                    break
                try:
                    running[pool.submit(work, task)] = task
                except BrokenProcessPool:
                    return [task, *running.values()]
            if not running:
                return None
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                yield running.pop(future), result
        except BrokenProcessPool:
            return list(running.values())


def _alone(work: Callable[[Any], Any], task: Any, start: Callable[..., None], given: tuple[Any, ...]) -> Any:
    """Do one task in a process of its own."""
    with _pool(1, start, given) as pool:
        try:
            return pool.submit(work, task).result()
        except BrokenProcessPool:
            return Lost()
