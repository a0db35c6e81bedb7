"""``python -m dingmi.interfaces.jobs``: the loop beside the pages."""

from __future__ import annotations

import os
import signal
import sys
import threading

TICK_SECONDS = 30  # the head of the log is signed at most this long after an entry


def main() -> None:
    """Number and sign the log as it grows and run the acts that are due on each new civil day, until the process is asked to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dingmi.site.settings")
    import django

    django.setup()
    from django.db import close_old_connections

    from dingmi.base.errors import DingmiError
    from dingmi.procedures.daily import at_the_hour, refresh_statistics, run
    from dingmi.procedures.evidence import number_log, sign_log
    from dingmi.procedures.keep import ClockWatch, watch_room
    from dingmi.procedures.rotation import rotate_some
    from dingmi.queries import clock

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    threading.Thread(target=number_log, args=(stop,), daemon=True).start()
    done, watch = None, ClockWatch()
    while not stop.is_set():
        close_old_connections()
        now = clock.now()
        try:
            if alarm := watch.look(now):
                print(alarm, file=sys.stderr, flush=True)
        except DingmiError as error:
            print(f"clock not noted: {error.code}", file=sys.stderr, flush=True)
        try:
            watch_room(now)
        except DingmiError as error:
            print(f"room of the store not noted: {error.code}", file=sys.stderr, flush=True)
        if done != now.date():
            try:
                counts = run(now=now)
                refresh_statistics()
                print(f"daily {now.date()}: {counts}", file=sys.stderr, flush=True)
                done = now.date()
            except DingmiError as error:
                print(f"daily {now.date()} not done: {error.code}", file=sys.stderr, flush=True)
        try:
            at_the_hour(now=now)
        except DingmiError as error:
            print(f"not released at its hour: {error.code}", file=sys.stderr, flush=True)
        try:
            sign_log(now)
        except DingmiError as error:
            print(f"log not signed: {error.code}", file=sys.stderr, flush=True)
        try:
            while not stop.is_set() and rotate_some(now=clock.now()) is not None:
                pass
        except DingmiError as error:
            print(f"keys not turned: {error.code}", file=sys.stderr, flush=True)
        stop.wait(TICK_SECONDS)


if __name__ == "__main__":
    main()
