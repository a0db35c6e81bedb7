"""Files sealed and opened outside the pages, and levels that get another key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from dingmi.base.errors import DingmiError, Forbidden, Invalid, NotFound, Refused, Tampered, Unavailable
from dingmi.engines import crypto
from dingmi.procedures import rotation, sealing
from dingmi.queries.keys import keys as key_page
from dingmi.queries.verify import verify
from dingmi.records.keys import asking as keys
from dingmi.records.keys import clock as key_clock
from dingmi.records.keys.ring import opening
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import MatterFile
from dingmi.records.vault import store
from dingmi.records.vault.models import Rotation, SealedFile, StoredObject
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
TEXT = "取水口坐标 ".encode() * 3000


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain"
    path.write_bytes(TEXT)
    return path


@pytest.fixture(autouse=True)
def one_clock(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())


def seal(story: Story, user: str, plain: Path, **what: object) -> Path:
    target = plain.with_name(f"sealed-{SealedFile.objects.count()}.dmb1")
    sealing.seal_file(actor=story.actor(user), now=story.now, source=plain, target=target, **what)
    return target


def opened(story: Story, user: str, source: Path) -> bytes:
    target = source.with_name("opened")
    target.unlink(missing_ok=True)
    sealing.open_file(actor=story.actor(user), now=story.now, source=source, target=target)
    return target.read_bytes()


def refusal(story: Story, user: str, source: Path) -> str:
    """Return the code with which ``user`` is refused; nothing is written."""
    with pytest.raises(DingmiError) as caught:
        opened(story, user, source)
    assert not source.with_name("opened").exists()
    return caught.value.code


@pytest.mark.clause("BMF-43.3")
def test_a_file_of_ones_own_opens_for_its_sealer_alone_and_its_opening_is_kept(story: Story, plain: Path):
    path = seal(story, "drafter", plain, level="机密")
    with path.open("rb") as file:
        assert crypto.read_label(file) == {"v": 1, "level": "机密", "mark": "机密"}
    assert opened(story, "drafter", path) == TEXT
    assert Entry.objects.filter(act="keep.open_file").count() == 1
    for user in ("officer", "head", "outsider"):
        assert refusal(story, user, path) == "object.not_found"
    for user in ("sysadmin", "secadmin", "auditor"):
        assert refusal(story, user, path) == "role.required"
    assert Entry.objects.filter(act="keep.open_file").count() == 1
    with pytest.raises(Forbidden, match=r"seal\.above_clearance"):
        seal(story, "outsider", plain, level="机密")
    assert sorted(p.name for p in plain.parent.glob("*.dmb1")) == [path.name]
    assert verify().ok


@pytest.mark.clause("BMF-21.2")
def test_a_file_of_a_matter_bears_its_mark_and_opens_for_its_scope(story: Story, plain: Path):
    matter = story.approve(story.proposed()).matter
    path = seal(story, "officer", plain, matter=matter)
    with path.open("rb") as file:
        assert crypto.read_label(file)["mark"] == "机密★10年"
    assert opened(story, "drafter", path) == opened(story, "officer2", path) == TEXT
    assert refusal(story, "drafter2", path) == refusal(story, "outsider", path) == "object.not_found"
    with pytest.raises(NotFound):
        seal(story, "drafter2", plain, matter=matter)


def test_a_file_opens_only_whole_anew_and_after_the_password_was_given_again(story: Story, plain: Path):
    path = seal(story, "drafter", plain, level="机密")
    whole = path.read_bytes()
    actor = replace(story.actor("drafter"), stepped_up=False)
    with pytest.raises(Forbidden, match=r"step_up\.required"):
        sealing.open_file(actor=actor, now=story.now, source=path, target=path.with_name("opened"))
    for act, source in ((sealing.open_file, path), (sealing.seal_file, plain)):
        more = {"level": "秘密"} if act is sealing.seal_file else {}
        with pytest.raises(Invalid, match=r"file\.exists"):
            act(actor=story.actor("drafter"), now=story.now, source=source, target=plain, **more)
    assert plain.read_bytes() == TEXT
    for bad in (whole.replace("机密".encode(), "秘密".encode(), 1), whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-1]):
        path.write_bytes(bad)
        assert refusal(story, "drafter", path) == "cipher.not_authentic"
    path.write_bytes(whole)
    SealedFile.objects.all()._raw_delete("default")  # the table without which no copy opens
    assert refusal(story, "drafter", path) == "object.not_found"


# --- keys ---------------------------------------------------------------------------------------------------------


def next_key(story: Story, level: str = "机密") -> str:
    assert story.act("secadmin", "keep.new_key", level=level).is_made is False
    made = story.act("head", "keep.new_key", level=level)
    assert made.is_made
    return str(made.key)


def rewrap(story: Story) -> tuple[int, int]:
    seen: list[tuple[int, int]] = []
    done = sealing.rewrap_all(actor=story.actor("secadmin"), now=story.now, progress=lambda n, of: seen.append((n, of)))
    assert seen == [(n, done.total) for n in range(1, done.total + 1)]
    return done.changed, done.total


def test_a_new_key_takes_two_people_within_ten_minutes(story: Story):
    assert story.act("secadmin", "keep.new_key", level="机密").is_made is False
    with pytest.raises(Refused, match=r"key\.asked_by_you"):
        story.act("secadmin", "keep.new_key", level="机密")
    with pytest.raises(Forbidden):
        story.act("sysadmin", "keep.new_key", level="机密")
    story.later(minutes=11)
    assert story.act("head", "keep.new_key", level="机密").is_made is False  # the first has got up; this asks anew
    assert keys.sealing_key("机密").id == "jimi-1"
    assert story.act("secrecy", "keep.new_key", level="机密").is_made
    assert keys.sealing_key("机密").id == "jimi-2" and keys.sealing_key("绝密").id == "juemi-1"
    assert keys.ring().ids("jimi") == ["jimi-1", "jimi-2"]
    with pytest.raises(Invalid):
        story.act("head", "keep.new_key", level="公开")
    assert verify().ok


def test_rewrap_changes_the_key_of_every_file_of_the_level_and_no_content(story: Story):
    matter = story.approve(story.proposed()).matter
    files = [f.stored for f in MatterFile.objects.filter(matter_id=matter).select_related("stored")]
    before = {f.pk: store.get(f) for f in files}
    assert files and all(store.key_of(f, Path(settings.DINGMI_VAULT) / f.path).id == "jimi-1" for f in files)
    assert rewrap(story) == (0, StoredObject.objects.count())
    next_key(story)
    changed, total = rewrap(story)
    assert changed == StoredObject.objects.filter(level="机密").count() and total == StoredObject.objects.count()
    assert {f.pk: store.get(f) for f in files} == before
    assert all(store.key_of(f, Path(settings.DINGMI_VAULT) / f.path).id == "jimi-2" for f in files)
    assert rewrap(story)[0] == 0 and verify().ok
    for level in ("绝密", "秘密"):
        files[0].level = level
        with pytest.raises(Tampered):
            store.get(files[0])


def test_an_interrupted_rewrap_goes_on_and_every_file_opens_meanwhile(story: Story, monkeypatch):
    story.approve(story.proposed())
    story.approve(story.proposed())
    next_key(story)
    stored = list(StoredObject.objects.filter(level="机密"))
    assert len(stored) > 2
    real, count = store.rewrap, iter(range(99))

    def killed(one: StoredObject) -> bool:
        if next(count) == 2:
            raise KeyboardInterrupt
        return real(one)

    monkeypatch.setattr(store, "rewrap", killed)
    with pytest.raises(KeyboardInterrupt):
        rewrap(story)
    monkeypatch.setattr(store, "rewrap", real)
    assert all(store.get(one) for one in stored) and verify().ok
    assert rewrap(story)[0] == len(stored) - 2 and verify().ok


def test_a_file_handed_out_is_rewrapped_by_whoever_may_open_it(story: Story, plain: Path):
    path = seal(story, "drafter", plain, level="机密")
    next_key(story)
    with pytest.raises(NotFound):
        sealing.rewrap_files(actor=story.actor("officer"), now=story.now, paths=[path])
    done = sealing.rewrap_files(actor=story.actor("drafter"), now=story.now, paths=[path])
    assert [(d.key, d.is_made) for d in done] == [("jimi-2", True)]
    with seal(story, "drafter", plain, level="机密").open("rb") as file:
        assert crypto.key_ids(file) == ("jimi-2",)
    assert opened(story, "drafter", path) == TEXT


# --- 绝密 -----------------------------------------------------------------------------------------------------------


def clear_office(story: Story) -> None:
    cleared = {"person": story.people["secrecy"], "level": "绝密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **cleared)


@pytest.mark.clause("BMF-43.3")
def test_a_top_secret_file_handed_out_opens_once_when_another_person_agrees(story: Story, plain: Path):
    clear_office(story)
    path = seal(story, "head", plain, level="绝密")
    assert refusal(story, "head", path) == "key.opening_waits"
    assert refusal(story, "head", path) == "key.asked_by_you"  # it waits; asking again is no second person
    file = str(SealedFile.objects.get().pk)
    with pytest.raises(Refused, match=r"key\.asked_by_you"):
        story.act("head", "keep.agree_open", file=file)
    for user in ("drafter", "drafter2", "outsider"):
        with pytest.raises(NotFound):
            story.act(user, "keep.agree_open", file=file)
    with pytest.raises(Forbidden):
        story.act("secadmin", "keep.agree_open", file=file)
    assert Entry.objects.filter(act="keep.open_file").count() == 0
    story.act("secrecy", "keep.agree_open", file=file)
    assert opened(story, "head", path) == TEXT
    assert refusal(story, "head", path) == "key.opening_waits"  # once
    story.act("secrecy", "keep.agree_open", file=file)
    story.later(minutes=16)
    assert refusal(story, "head", path) == "key.opening_waits"  # in its time
    other = seal(story, "head", plain, level="绝密")
    story.act("secrecy", "keep.agree_open", file=file)
    assert refusal(story, "head", other) == "key.opening_waits"  # this file and no other
    acts = Entry.objects.filter(act__in=("keep.ask_open", "keep.agree_open", "keep.open_file")).order_by("pk")
    assert acts.count() == 8 and verify().ok


@pytest.mark.clause("BMF-43.3")
def test_an_opening_confirmed_twice_counts_once_and_nobody_asks_in_anothers_name(story: Story, plain: Path):
    clear_office(story)
    path = seal(story, "head", plain, level="绝密")
    row = SealedFile.objects.get()
    assert refusal(story, "head", path) == "key.opening_waits"
    assert story.act("secrecy", "keep.agree_open", file=row.pk).is_agreed is True
    for user in ("secrecy", "head"):
        with pytest.raises(NotFound):
            story.act(user, "keep.agree_open", file=row.pk)
    digest, head, secrecy = row.header_digest, *(story.actor(user).person_id for user in ("head", "secrecy"))
    with pytest.raises(NotFound):
        keys.ring().agree(opening(bytes.fromhex(digest), head), secrecy)
    assert [(one.person, one.by) for one in keys.ring().state().asked] == [(head, secrecy)]
    assert opened(story, "head", path) == TEXT
    assert refusal(story, "head", path) == "key.opening_waits"


@pytest.mark.clause("BMF-43.3")
def test_of_two_who_wait_for_one_file_each_confirms_the_other(story: Story, plain: Path):
    clear_office(story)
    path = seal(story, "head", plain, level="绝密")
    row = SealedFile.objects.get()
    head, secrecy = (story.actor(user).person_id for user in ("head", "secrecy"))
    keys.ring().agree(opening(bytes.fromhex(row.header_digest), secrecy), secrecy)
    assert refusal(story, "head", path) == "key.opening_waits"
    for user in ("secrecy", "head"):
        assert story.act(user, "keep.agree_open", file=row.pk).is_agreed is True
    assert {(one.person, one.by) for one in keys.ring().state().asked} == {(head, secrecy), (secrecy, head)}


@pytest.mark.clause("BMF-43.3")
def test_the_refusal_names_the_file_and_whoever_may_read_its_matter_finds_it_on_the_page(story: Story, plain: Path):
    for user in ("head", "secrecy", "drafter", "drafter2"):
        cleared = {"person": story.people[user], "level": "绝密", "instrument": "涉密人员审查表"}
        story.cleared("secadmin", **cleared)
    path = seal(story, "head", plain, level="绝密")
    row = SealedFile.objects.get()
    with pytest.raises(Refused, match=r"key\.opening_waits") as caught:
        opened(story, "head", path)
    assert caught.value.params["file"] == str(row.pk)
    story.act("secadmin", "keep.new_key", level="机密")
    seen = {
        user: key_page(actor=story.actor(user), now=story.now)
        for user in ("secrecy", "drafter", "drafter2", "sysadmin")
    }
    assert {user: sorted(one.act for one in page.waiting) for user, page in seen.items()} == {
        "secrecy": ["new_key", "open"],
        "drafter": [],
        "drafter2": [],
        "sysadmin": [],
    }
    matter = story.approve(story.proposed()).matter
    with act_open("test.moved"):
        SealedFile.objects.filter(pk=row.pk).update(matter=matter)  # as one of a matter that its drafter may read
    page = key_page(actor=story.actor("drafter"), now=story.now)
    assert [one.file for one in page.waiting] == [row.pk] and (page.may_act, page.may_agree) == (False, True)
    assert key_page(actor=story.actor("outsider"), now=story.now).waiting == ()
    assert story.act("drafter", "keep.agree_open", file=row.pk).is_agreed


def test_a_damaged_file_is_counted_and_stops_no_change_of_key(story: Story):
    story.approve(story.proposed())
    next_key(story)
    stored = StoredObject.objects.filter(level="机密").order_by("pk").first()
    (Path(settings.DINGMI_VAULT) / stored.path).unlink()
    done = sealing.rewrap_all(actor=story.actor("secadmin"), now=story.now, progress=lambda n, of: None)
    assert (done.changed, done.failed) == (StoredObject.objects.filter(level="机密").count() - 1, 1)


def test_key_acts_of_two_people_are_bound_to_the_exact_request(story: Story, monkeypatch):
    monkeypatch.setattr(settings, "DINGMI_PROFILE", "state-secret")
    until = (story.now + timedelta(days=30)).date()
    with pytest.raises(Refused, match=r"key\.software_not_lawful"):
        story.proposed()
    assert story.act("secadmin", "keep.waive_approved_keys", until=until).is_agreed is False
    later = (story.now + timedelta(days=31)).date()
    assert story.act("head", "keep.waive_approved_keys", until=later).is_agreed is False
    with pytest.raises(Refused, match=r"key\.software_not_lawful"):
        story.proposed()
    assert story.act("head", "keep.waive_approved_keys", until=until).is_agreed is True
    story.approve(story.proposed())
    for bad in ((story.now - timedelta(days=1)).date(), (story.now + timedelta(days=400)).date()):
        with pytest.raises(Invalid, match=r"key\.waiver_days"):
            story.act("secadmin", "keep.waive_approved_keys", until=bad)
    story.later(days=31)
    with pytest.raises(Refused, match=r"key\.software_not_lawful"):
        story.proposed()


# --- in the background ----------------------------------------------------------------------------------------------


def test_a_new_key_is_followed_by_the_files_batch_by_batch_and_after_an_interruption(story: Story, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    for _ in range(2):
        story.approve(story.proposed())
    stored = list(StoredObject.objects.filter(level="机密").order_by("pk"))
    before = {one.pk: store.get(one) for one in stored}
    assert rotation.rotate_some(now=story.now) is None
    next_key(story)
    first = rotation.rotate_some(now=story.now)
    assert first is not None and (first.done, first.total, first.is_finished) == (2, len(stored), False)
    real, seen = store.rewrap, list[object]()

    def killed(one: StoredObject) -> bool:
        seen.append(one.pk)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(one)

    monkeypatch.setattr(store, "rewrap", killed)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate_some(now=story.now)
    assert Rotation.objects.get().done == 2  # nothing is counted that did not come to its end
    assert {one.pk: store.get(one) for one in stored} == before
    monkeypatch.setattr(store, "rewrap", real)
    gone = Path(settings.DINGMI_VAULT) / stored[-1].path
    gone.unlink()
    while (done := rotation.rotate_some(now=story.now)) is not None and not done.is_finished:
        pass
    assert done is not None and (done.done, done.failed) == (len(stored) - 1, 1)
    assert all(store.key_of(f, Path(settings.DINGMI_VAULT) / f.path).id == "jimi-2" for f in stored[:-1])
    assert {one.pk: store.get(one) for one in stored[:-1]} == {k: v for k, v in before.items() if k != stored[-1].pk}
    assert rotation.rotate_some(now=story.now) is None
    page = key_page(actor=story.actor("secadmin"), now=story.now)
    assert [(t.level, t.key, t.done, t.failed, t.percent) for t in page.turning] == [
        ("机密", "jimi-2", len(stored) - 1, 1, 100)
    ]


def test_a_batch_that_a_later_key_overtook_does_not_count_for_it(story: Story, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    for _ in range(2):
        story.approve(story.proposed())
    stored = list(StoredObject.objects.filter(level="机密").order_by("pk"))
    next_key(story)
    real, overtaken = store.rewrap, list[str]()

    def overtaking(one: StoredObject) -> bool:
        done = real(one)
        if not overtaken:
            overtaken.append(next_key(story))
        return done

    monkeypatch.setattr(store, "rewrap", overtaking)
    late = rotation.rotate_some(now=story.now)
    assert overtaken == ["jimi-3"] and late is not None and (late.done, late.is_finished) == (0, False)
    while (done := rotation.rotate_some(now=story.now)) is not None and not done.is_finished:
        pass
    assert done is not None and (done.done, done.failed) == (len(stored), 0)
    assert {store.key_of(f, Path(settings.DINGMI_VAULT) / f.path).id for f in stored} == {"jimi-3"}
    assert verify().ok


def test_where_the_folder_of_keys_is_gone_what_takes_two_is_refused_in_words(story: Story):
    folder = Path(settings.DINGMI_KEYS)
    away = folder.rename(folder.with_name("keys-away"))
    try:
        with pytest.raises(Unavailable, match=r"key\.missing"):
            story.act("secadmin", "keep.new_key", level="机密")
    finally:
        away.rename(folder)
    assert not story.act("secadmin", "keep.new_key", level="机密").is_made
