"""The same work by actors of Ray: of a cluster of this machine that lives as long as the run, or of the one that RAY_ADDRESS names."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from dingmi.base.errors import Unavailable
from dingmi.engines.pool.work import Lost, Work

_TRIES = 2  # a task whose worker died is given to one more
_SHARED_BYTES = 100 * 2**20  # tasks name files, so almost nothing passes through the shared memory of a node


# a cluster that is not there is told within a minute; by default it is waited for much longer
_PATIENCE = {"RAY_gcs_rpc_server_connect_timeout_s": "5", "RAY_NUM_REDIS_GET_RETRIES": "1"}


class _Worker:
    """Made ready by its first task, does one at a time."""

    def __init__(self, work: Work) -> None:
        self._work, self._ready = work, False

    def do(self, task: Any) -> Any:
        if not self._ready:
            self._work.begin()
            self._ready = True
        return self._work.do(task)


def run(work: Work, tasks: Iterable[Any], workers: int) -> Iterator[tuple[Any, Any]]:
    """Do ``work`` on every task by Ray; see ``dingmi.engines.pool.run``.

    Raises:
        Unavailable: Ray is not installed, or no cluster answers.
    """
    if find_spec("ray") is None:
        raise Unavailable("screen.no_ray")
    return _run(work, iter(tasks), workers)


def _run(work: Work, waiting: Iterator[Any], workers: int) -> Iterator[tuple[Any, Any]]:
    with _connected(workers) as ray:
        kind = ray.remote(max_restarts=0, num_cpus=1)(_Worker)
        seats = max(1, min(workers, int(ray.cluster_resources().get("CPU", 1))))
        idle = [kind.remote(work) for _ in range(seats)]
        running: dict[Any, tuple[Any, Any, int]] = {}
        for task in waiting:
            running |= _given(idle.pop(), task, 1)
            if not idle:
                yield from _ended(ray, running, idle, lambda: kind.remote(work))
        while running:
            yield from _ended(ray, running, idle, lambda: kind.remote(work))


def _given(worker: Any, task: Any, attempt: int) -> dict[Any, tuple[Any, Any, int]]:
    """Give ``task`` to ``worker``; what will be its result names both."""
    return {worker.do.remote(task): (worker, task, attempt)}


def _ended(
    ray: Any, running: dict[Any, tuple[Any, Any, int]], idle: list[Any], another: Callable[[], Any]
) -> Iterator[tuple[Any, Any]]:
    """Wait until one task has ended and yield it; one whose worker died begins anew with another, once."""
    while running:
        (first,), _ = ray.wait(list(running), num_returns=1)
        worker, task, attempt = running.pop(first)
        try:
            result = ray.get(first)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except ray.exceptions.RayActorError:
            worker = another()
            if attempt < _TRIES:
                running |= _given(worker, task, attempt + 1)
                continue
            result = Lost()
        idle.append(worker)
        yield task, result
        return


@contextmanager
def _connected(workers: int) -> Iterator[Any]:
    """Ray, connected: to the cluster in RAY_ADDRESS with the token that its keeper set, or to one of our own behind a token of this process.

    Raises:
        Unavailable: The cluster does not answer.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    own = not os.environ.get("RAY_ADDRESS")
    if own:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    import ray

    with tempfile.TemporaryDirectory(prefix="dm", ignore_cleanup_errors=True) as place:
        ours = {
            "num_cpus": workers,
            "object_store_memory": _SHARED_BYTES,
            "include_dashboard": False,
            "_temp_dir": place,
        }
        try:
            ray.init(log_to_driver=False, logging_level="ERROR", **(ours if own else {}))
        except (ConnectionError, RuntimeError) as error:
            raise Unavailable("screen.no_cluster", address=os.environ.get("RAY_ADDRESS", "")) from error
        try:
            yield ray
        finally:
            ray.shutdown()
