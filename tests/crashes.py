"""T11: acts killed with SIGKILL at their write points, each followed by the next start.

``python -m tests.crashes FOLDER EVERY FAULT [ACT…]`` founds a bureau in ``FOLDER``, brings it before each act, counts the act's
write points, then meets it with ``FAULT`` (of ``tests.faults``: ``kill``, ``power``, ``full``, ``read_only``) at every
``EVERY``-th of them on a copy of its own. Write points are the statements that write, the
moment before and after each commit, and every file opened for writing, synced, renamed, truncated or removed. After a kill a
new process must find an installation that verifies and stands before or after the act; the act is done again and comes to
the same, and one sweep leaves no file that no row names. Prints one JSON object: what was done, and every fault.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.faults import FAULTS

PASSPHRASE = "梅花 堤坝 三月 铜钟 river lamp"
KEPT_APART = ("ledger_", "oversight_sweep", "sqlite_", "django_")  # may grow when an act is asked for again


@dataclass(frozen=True)
class Scene:
    """An act, and what stands before it.

    Attributes:
        prepare: Brings the bureau before the act; returns what ``perform`` needs.
        perform: Performs the act; again under the same key where it has one.
        repeats: It has none, so that doing it again after it was done is a second deed, and recorded as one.
    """

    prepare: Callable[[Any], Any]
    perform: Callable[[Any, Any], Any]
    repeats: bool = False


def _draft(story: Any, _: Any) -> None:
    from dingmi.procedures.terms import Upload
    from tests.story import TEXT, docx_of

    story.drafted(upload=Upload("切换方案.docx", docx_of(TEXT)), key="draft-once")


def _lapsed(story: Any) -> None:
    story.approved()
    story.on(date(2036, 1, 6))
    clock_acts(story, "declassification.lapse")


def clock_acts(story: Any, *names: str) -> None:
    from dingmi.procedures import perform
    from dingmi.queries import access

    for name in names:
        today = {"today": story.now.date().isoformat()}
        perform(name, actor=access.clock_actor(), now=story.now, params=today)


def _archive(story: Any) -> Any:
    from tests.procedures import test_archives as archives

    given = {"person": story.people["secrecy"], "level": "机密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **given)
    archives.kept(story)
    batch = archives.opened(story).batch
    archives.reviewed(story, batch)
    return batch


def _next_key(story: Any) -> None:
    story.approved()
    for user in ("secadmin", "head"):
        story.act(user, "keep.new_key", level="机密")


def _rewrap(story: Any, _: Any) -> None:
    from dingmi.procedures import sealing

    sealing.rewrap_all(actor=story.actor("sysadmin"), now=story.now, progress=lambda done, total: None)


def _lowered(story: Any) -> None:
    """A draft stands at the clearance of its drafter: proposed at a lower level, it leaves a copy behind."""
    story.propose(story.filled(answers=story.answers("3")))


def _shredded(story: Any) -> None:
    _lowered(story)
    clock_acts(story, "keep.shred_old_copies")


def _backup(story: Any, _: Any) -> None:
    from django.conf import settings

    from dingmi.procedures import backup

    folder = settings.DATA / "copy"
    if folder.exists():  # what a killed backup leaves names itself by not opening
        try:
            backup.read_back(folder, PASSPHRASE)
        except Exception:
            shutil.rmtree(folder)
        else:
            return
    backup.backup(actor=story.actor("sysadmin"), now=story.now, folder=folder, passphrase=PASSPHRASE)


SCENES = {
    "draft": Scene(lambda story: None, _draft),
    "approve": Scene(lambda story: story.proposed(), lambda story, m: story.approve(m, key="approve-once")),
    "remark": Scene(_lapsed, lambda story, _: clock_acts(story, "carriers.remark")),
    "export": Scene(
        lambda story: story.approved(),
        lambda story, m: story.act("drafter", "carriers.download", matter=m, role="marked"),
        repeats=True,
    ),
    "archive": Scene(
        _archive,
        lambda story, batch: story.act("secrecy", "archives.pack", batch=batch, medium="密盘-017"),
        repeats=True,
    ),
    "backup": Scene(lambda story: story.approved(), _backup),
    "rewrap": Scene(_next_key, _rewrap),
    "shred": Scene(_lowered, lambda story, _: clock_acts(story, "keep.shred_old_copies")),
    "sweep": Scene(_shredded, lambda story, _: clock_acts(story, "keep.sweep_files")),
}


# --- processes ------------------------------------------------------------------------------------------------------


def in_child(work: Callable[[], Any]) -> tuple[int, Any]:
    """Run ``work`` in a forked process; return its exit code (negative: the signal) and what it returned."""
    from django.db import connections

    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            told = json.dumps(work(), default=str).encode()
            os.write(writing, told)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(told) if told else None


def standing() -> dict[str, int]:
    """Return the number of rows of every table, and the versions of all matters."""
    from django.apps import apps
    from django.db.models import Sum

    from dingmi.records.matters.models import Matter, MatterFile
    from dingmi.records.vault.models import StoredObject

    counts = {
        m._meta.db_table: m._default_manager.count()
        for m in apps.get_models()
        if not m._meta.db_table.startswith(KEPT_APART)
    }
    return counts | {
        "versions": Matter.objects.aggregate(n=Sum("version"))["n"] or 0,
        "superseded": MatterFile.objects.filter(superseded_at__isnull=False).count(),
        "destroyed": StoredObject.objects.filter(swept_at__isnull=False).count(),
    }


def stray_files() -> list[str]:
    """Return the files of the vault that no row names."""
    from django.conf import settings

    from dingmi.records.vault.models import StoredObject

    known = set(StoredObject.objects.filter(swept_at__isnull=True).values_list("path", flat=True))
    root = Path(settings.DINGMI_VAULT)
    return sorted({p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()} - known)


def next_start(scene: Scene, story: Any, given: Any) -> dict[str, Any]:
    """Look at what a killed process left, finish the act, sweep, and look again."""
    from dingmi.base.errors import DingmiError
    from dingmi.queries.verify import verify
    from dingmi.records.vault import store

    found: dict[str, Any] = {"left": standing(), "faults": [f"{f.kind} {f.object}" for f in verify().findings]}
    try:
        scene.perform(story, given)
    except DingmiError as error:
        found["again"] = error.code
    store.sweep_orphans(sys.float_info.max)
    found |= {"end": standing(), "stray": stray_files()}
    found["faults"] += [f"at the end: {f.kind} {f.object}" for f in verify().findings]
    return found


def faults_of(found: dict[str, Any], before: dict[str, int], after: dict[str, int], repeats: bool) -> list[str]:
    """Return what is wrong with what was found after a kill."""
    faults = list(found["faults"])
    if found["left"] not in (before, after):
        faults.append(f"half there: {differing(found['left'], before)}")
    if found["end"] != after and not (repeats and found["left"] == after):
        faults.append(f"not finished: {differing(found['end'], after)}, {found.get('again', 'no refusal')}")
    if found["stray"]:
        faults.append(f"files without a row: {found['stray']}")
    return faults


def differing(one: dict[str, int], other: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def copied(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def played(name: str, folder: Path, every: int, story: Any, fault: str) -> dict[str, Any]:
    """Meet one act with a fault at every ``every``-th of its write points, and once when it has returned."""
    scene, here, base = SCENES[name], folder / "data", folder / f"before-{name}"
    copied(folder / "founded", here)
    given = scene.prepare(story)
    before = standing()
    in_child(lambda: None)  # closes the connection, so that the copy is whole
    copied(here, base)

    def once(kind: str, fatal: int) -> dict[str, Any]:
        points, refused = FAULTS[kind](str(here), fatal), ""
        with points.watching():
            try:
                scene.perform(story, given)
            except Exception as error:  # what people would be told
                refused = getattr(error, "code", type(error).__name__)
            points.meet("returned")
        return {"points": points.met - 1, "after": standing(), "refused": refused}

    code, whole = in_child(lambda: once("kill", 0))
    assert code == 0 and not whole["refused"], (name, whole)
    faults: dict[int, list[str]] = {}
    fatal = [*range(1 + every // 2 if every > 1 else 1, whole["points"] + 1, every), whole["points"] + 1]
    for number in fatal:
        copied(base, here)
        code, met = in_child(lambda number=number: once(fault, number))
        dies = FAULTS[fault].dies
        if code != (-signal.SIGKILL if dies else 0):
            faults[number] = [f"ended with {code}"]
            continue
        _, found = in_child(lambda: next_start(scene, story, given))
        wrong = faults_of(found, before, whole["after"], scene.repeats)
        if number > whole["points"] and found["left"] != whole["after"]:
            wrong.append(f"what it answered for is gone: {differing(found['left'], whole['after'])}")
        wrong += [] if dies else told_wrongly(met["refused"], found["left"], before, whole["after"])
        if wrong:
            faults[number] = wrong
    return {"points": whole["points"], "met": len(fatal), "faults": faults}


def told_wrongly(refused: str, left: dict[str, int], before: dict[str, int], after: dict[str, int]) -> list[str]:
    """Return what was told that is not so: done what was not, not done what was, or a fault of the program."""
    if not refused:
        return [] if left == after else ["told as done"]
    if not refused.startswith(("store.", "vault.not_writable")):
        return [f"told as {refused}"]
    return [] if left == before else ["told as not done"]


def main() -> None:
    folder, every, fault = Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3]
    os.environ |= {"DINGMI_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "dingmi.site.settings"}
    os.environ.pop("DINGMI_TEST_DATABASE", None)
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
    import django
    from django.conf import settings

    django.setup()
    settings.PASSWORD_HASHERS = ["tests.hashing.LightArgon2"]
    options = settings.DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    from django.core.management import call_command

    from dingmi.engines.crypto import passphrase
    from dingmi.records.keys import clock as key_clock
    from tests.story import Story

    passphrase.parameters.__defaults__ = (passphrase.Cost(memory_kib=64, passes=1, lanes=1),)
    call_command("migrate", verbosity=0)
    story = Story()
    key_clock.now = lambda: story.now.timestamp()
    in_child(lambda: None)
    copied(folder / "data", folder / "founded")
    begin = story.now
    told = {}
    for name in sys.argv[4:] or SCENES:
        story.now = begin
        told[name] = played(name, folder, every, story, fault)
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
