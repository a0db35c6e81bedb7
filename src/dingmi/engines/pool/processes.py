"""The same work by processes of this machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from dingmi.engines.pool.work import Lost, Work

_AHEAD = 2  # tasks that wait in line for each worker


def run(work: Work, tasks: Iterable[Any], workers: int) -> Iterator[tuple[Any, Any]]:
    """Do ``work`` on every task by processes, in this one if ``workers`` is one; see ``dingmi.engines.pool.run``."""
    if workers <= 1:
        work.begin()
        for task in tasks:
            yield task, work.do(task)
        return
    waiting = iter(tasks)
    while True:
        with _pool(work, workers) as pool:
            lost = yield from _until_broken(pool, work, waiting, workers * _AHEAD)
        if lost is None:
            return
        for task in lost:
            yield task, _alone(work, task)


def _pool(work: Work, workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=work.begin)


def _until_broken(
    pool: ProcessPoolExecutor, work: Work, waiting: Iterator[Any], most: int
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
                    running[pool.submit(work.do, task)] = task
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


def _alone(work: Work, task: Any) -> Any:
    """Do one task in a process of its own."""
    with _pool(work, 1) as pool:
        try:
            return pool.submit(work.do, task).result()
        except BrokenProcessPool:
            return Lost()
