"""What a file was sealed as before its level changed is destroyed; what is still somebody's stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from dingmi.base.errors import Tampered
from dingmi.procedures import decide, old_copies, perform
from dingmi.queries import QUERIES, access
from dingmi.queries.verify import verify
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import MatterFile, Referral
from dingmi.records.vault import store
from dingmi.records.vault.models import StoredObject
from tests.procedures.test_unaltered import written
from tests.story import Story

pytestmark = pytest.mark.db


@pytest.fixture
def unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave stamping out, which has tests of its own and takes seconds."""
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)


def raised(story: Story) -> Any:
    """Return a matter in force at 秘密 that a signed change brought to 机密."""
    matter = story.approved(answers=story.answers("3", tail="3年"))
    given = {"level": "机密", "tail": "5年", "ground": "damage_changed", "reason": "危害增大。"}
    story.act("drafter", "change.propose", matter=matter, expected_version=story.version(matter), **given)
    story.act("officer", "change.change", matter=matter, expected_version=story.version(matter))
    return matter


def paths(level: str = "") -> set[Path]:
    """Return the files of a level, or all, as they are on the disk."""
    return {p for p in Path(settings.DINGMI_VAULT).rglob("*.dmb1") if level in p.parts or not level}


def clock_act(story: Story, name: str) -> Any:
    today = {"today": story.now.date().isoformat()}
    return perform(name, actor=access.clock_actor(), now=story.now, params=today)


def shred(story: Story) -> Any:
    return clock_act(story, old_copies.SHRED)


@pytest.mark.clause("TL-28.1")
def test_a_level_that_rose_leaves_no_copy_under_the_key_it_had(story: Story) -> None:
    matter = raised(story)
    named = set(MatterFile.objects.filter(matter=matter).values_list("stored", flat=True))
    assert MatterFile.objects.filter(matter=matter, superseded_at__isnull=False).exists()
    left = list(old_copies.unnamed())
    assert {row.level for row in left} >= {"秘密"} and paths("mimi")
    told = story.daily()
    assert told["keep.shred_old_copies"] == {"destroyed": len(left), "waiting": 0}
    assert told["keep.sweep_files"] == {"removed": len(left)}
    assert not paths("mimi") and len(paths()) == StoredObject.objects.filter(swept_at__isnull=True).count()
    for row in StoredObject.objects.filter(pk__in=[row.pk for row in left]):
        assert row.swept_at == story.now and bytes(row.shred) == b""
        with pytest.raises(Tampered):
            store.get(row)
    found = verify()
    assert found.ok and found.loose == ()
    for role in ("original", "marked"):
        assert story.act("drafter", "carriers.download", matter=matter, role=role).content
    assert named == set(MatterFile.objects.filter(matter=matter).values_list("stored", flat=True))
    assert all(store.get(row) for row in StoredObject.objects.filter(pk__in=named)), (
        "what a row names stays, however old"
    )
    shown = QUERIES["status"].run(actor=story.actor("sysadmin"), now=story.now, params={})
    assert (shown.stored_files, shown.destroyed_files) == (len(named), len(left))
    again = story.daily()
    assert (
        again["keep.shred_old_copies"] == {"destroyed": 0, "waiting": 0} and again["keep.sweep_files"]["removed"] == 0
    )


def test_the_entry_of_each_names_what_is_kept_instead(unmarked: None, story: Story) -> None:
    matter = raised(story)
    left = {str(row.pk): row for row in old_copies.unnamed()}
    shred(story)
    for stream in Entry.objects.filter(act=old_copies.SHRED, stream__startswith="stored:").values_list(
        "stream", flat=True
    ):
        row = left.pop(stream.removeprefix("stored:"))
        body = Entry.objects.get(stream=stream).body
        kept = MatterFile.objects.filter(matter=matter, stored__level="机密").values_list(
            "stored__header_digest", flat=True
        )
        assert f'"header":"{row.header_digest}"' in body and any(f'"kept_header":"{k}"' in body for k in kept)
    assert left == {}


def test_a_copy_is_kept_while_what_it_is_a_copy_of_is_not_whole(unmarked: None, story: Story) -> None:
    raised(story)
    left = old_copies.unnamed().filter(kind="original", level="秘密").get()
    content = store.get(left)
    for file in MatterFile.objects.filter(role="original").select_related("stored"):
        path = Path(settings.DINGMI_VAULT) / file.stored.path
        path.write_bytes(path.read_bytes()[:-1])
    story_waits = shred(story)
    assert story_waits.waiting >= 1
    left.refresh_from_db()
    assert left.swept_at is None and store.get(left) == content


def test_what_no_row_names_and_is_a_copy_of_nothing_is_kept(unmarked: None, story: Story) -> None:
    with act_open("test.stored"):
        alone = store.put("秘密", b"alone", kind="original", media="txt", at=story.now)
    told = story.daily()["keep.shred_old_copies"]
    assert told == {"destroyed": 0, "waiting": 1} and store.get(alone) == b"alone"


def test_killed_between_secret_and_file_the_next_round_removes_the_file(unmarked: None, story: Story) -> None:
    raised(story)
    left = [Path(settings.DINGMI_VAULT) / row.path for row in old_copies.unnamed()]
    shred(story)
    found = verify()
    assert found.ok and set(found.loose) == {p.relative_to(settings.DINGMI_VAULT).as_posix() for p in left}
    assert all(p.exists() for p in left)
    assert clock_act(story, "keep.sweep_files").removed == len(left)
    assert verify().loose == () and not any(p.exists() for p in left)


def test_small_batches_come_to_the_same(unmarked: None, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_copies, "BATCH", 1)
    with act_open("test.stored"):
        store.put("秘密", b"alone", kind="original", media="txt", at=story.now)
    raised(story)
    number = old_copies.unnamed().count()
    assert story.daily()["keep.shred_old_copies"] == {"destroyed": number - 1, "waiting": 1}
    assert old_copies.unnamed().count() == 1 and verify().ok


def test_verify_tells_a_destroyed_object_without_an_entry_and_a_revived_one(unmarked: None, story: Story) -> None:
    raised(story)
    shred(story)
    gone = StoredObject.objects.filter(swept_at__isnull=False).order_by("pk").first()
    assert gone is not None
    written("UPDATE vault_storedobject SET swept_at=NULL WHERE id=%s", gone.pk)
    assert {f.kind for f in verify().findings} == {"row.edited", "file.edited"}
    written("UPDATE vault_storedobject SET swept_at=%s WHERE id=%s", gone.swept_at, gone.pk)
    assert verify().ok
    live = StoredObject.objects.filter(swept_at__isnull=True).order_by("pk").first()
    assert live is not None
    written("UPDATE vault_storedobject SET swept_at=%s WHERE id=%s", story.now, live.pk)
    assert [(f.kind, f.object) for f in verify().findings] == [("row.edited", f"vault_storedobject:{live.pk}")]


def test_a_letter_moves_with_the_files_of_its_matter(unmarked: None, story: Story) -> None:
    matter = story.filled(answers=story.answers("11"))
    story.act("drafter", "referral.refer", matter=matter, opinion="请予确定。", expected_version=story.version(matter))
    before = Referral.objects.get(matter=matter).letter_id
    given = {"decided": True, "level": "机密", "tail": "10年", "document_no": "复 1", "decided_on": story.now.date()}
    story.act("head", "referral.answer", matter=matter, expected_version=story.version(matter), **given)
    letter = Referral.objects.select_related("letter").get(matter=matter).letter
    assert letter is not None and letter.pk != before and letter.level == "机密"
    assert MatterFile.objects.get(matter=matter, role="letter").stored_id == letter.pk
    story.daily()
    assert StoredObject.objects.get(pk=before).swept_at == story.now and verify().ok
