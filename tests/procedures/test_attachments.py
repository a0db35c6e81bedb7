"""Files that can carry no mark inside are bound to it by being sealed: attached, sealed at approval, sealed anew with each mark."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from dingmi.base.errors import Conflict, DingmiError, Forbidden, Invalid, NotFound, Refused
from dingmi.engines import crypto
from dingmi.procedures import attachments, decide, sealing
from dingmi.procedures.terms import Upload
from dingmi.queries import QUERIES, content, given_out, sealed_marks
from dingmi.queries.attached import Attachments
from dingmi.queries.verify import verify
from dingmi.records.keys import clock as key_clock
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import MatterFile, Proposal
from dingmi.records.vault.models import SealedFile, StoredObject
from tests.procedures.test_facts_told import amend
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
DRAWING = b"AC1032\x00" + bytes(range(256)) * 700  # spans several chunks


@pytest.fixture(autouse=True)
def quick(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave stamping of the paper out, which has tests of its own and takes seconds."""
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())


def attach(story: Story, matter: UUID, name: str = "节点图.dwg", data: bytes = DRAWING, user: str = "drafter") -> Any:
    given = {"matter": matter, "upload": Upload(name, data), "expected_version": story.version(matter)}
    return story.act(user, "determination.attach", **given)


def proposed(story: Story, **answers: Any) -> UUID:
    matter = story.filled(answers=story.answers(**answers))
    attach(story, matter)
    story.propose(matter)
    return matter


def in_force(story: Story, **answers: Any) -> UUID:
    matter = proposed(story, **answers)
    story.approve(matter)
    return matter


def listed(story: Story, matter: UUID, user: str = "drafter") -> Attachments:
    found = QUERIES["carriers.attachments"].run(actor=story.actor(user), now=story.now, params={"matter": matter})
    assert isinstance(found, Attachments)
    return found


def sealed(story: Story, matter: UUID, user: str = "drafter") -> bytes:
    return bytes(story.act(user, "carriers.download", matter=matter, role="sealed").content)


def label_of(container: bytes) -> dict[str, Any]:
    return crypto.read_label(io.BytesIO(container))


def verdict(data: bytes, name: str = "节点图.dwg.dmb") -> str:
    return given_out.checked_by_holder(name, data).verdict


def opened(story: Story, container: bytes, folder: Path, user: str = "drafter") -> bytes:
    source, target = folder / f"{uuid4()}.dmb", folder / f"{uuid4()}"
    source.write_bytes(container)
    sealing.open_file(actor=story.actor(user), now=story.now, source=source, target=target)
    return target.read_bytes()


def release(story: Story, matter: UUID) -> None:
    story.later(days=30).review(matter, "release", ground="harmless")
    given = {"reason": "公开无害。", "confirm": story.matter(matter).register_no, "matter": matter}
    story.act("officer", "declassification.release", expected_version=story.version(matter), **given)


def told(matter: UUID, act: str) -> dict[str, Any]:
    entry = Entry.objects.filter(act=act, stream=f"matter:{matter}").order_by("-pk").first()
    assert entry is not None
    return dict(json.loads(entry.body)["data"])


@pytest.mark.clause("BMF-22.2", "TL-21.1a")
def test_any_bytes_leave_sealed_in_the_mark_that_was_decided(story: Story, tmp_path: Path) -> None:
    matter = in_force(story)
    container = sealed(story, matter)
    label = label_of(container)
    assert (label["level"], label["mark"], label["visible"]) == ("机密", "机密★10年", "机密★10年")
    assert label["matter"] == str(matter) and "节点图" not in json.dumps(label, ensure_ascii=False)
    assert crypto.sm3(DRAWING).hex() not in json.dumps(label) and DRAWING[:64] not in container
    assert verdict(container) == "valid"
    assert opened(story, container, tmp_path) == DRAWING
    for user in ("outsider", "drafter2"):
        with pytest.raises(NotFound):
            opened(story, container, tmp_path, user)
    assert verify().ok


def test_what_is_attached_is_part_of_what_is_signed_and_kept_at_its_level(story: Story) -> None:
    matter = story.filled(answers=story.answers("3", level="秘密", tail="5年"))
    made = attach(story, matter)
    assert (made.files, made.version) == (1, story.version(matter))
    story.propose(matter)
    kept = Proposal.objects.get(matter=matter)
    assert json.loads(content.opened(kept, "payload_ct", kept.level))["attachments"] == [crypto.sm3(DRAWING).hex()]
    story.approve(matter)
    files = MatterFile.objects.filter(matter=matter, role__in=("attachment", "sealed")).select_related("stored")
    assert {f.stored.level for f in files} == {"秘密"} and files.count() == 2
    assert told(matter, "determination.attach") | {"file": ""} == {
        "file": "", "size": len(DRAWING), "media": "dwg", "version": made.version,
    }  # fmt: skip


@pytest.mark.clause("TL-20")
def test_reading_is_recorded_before_the_first_byte_and_only_those_who_may_know_get_any(story: Story) -> None:
    matter = in_force(story)
    for user in ("outsider", "drafter2", "sysadmin"):
        with pytest.raises(DingmiError) as caught:
            sealed(story, matter, user)
        assert caught.value.code in ("object.not_found", "role.required")
        with pytest.raises(DingmiError):
            listed(story, matter, user)
    before = Entry.objects.filter(act="carriers.download").count()
    assert sealed(story, matter, "officer2") and Entry.objects.filter(act="carriers.download").count() == before + 1
    assert told(matter, "carriers.download")["role"] == "sealed" and told(matter, "carriers.download")["knowledge"]
    assert listed(story, matter, "officer2").plain == ()
    with pytest.raises(Forbidden, match=r"attachment\.drafter_or_officer"):
        story.act("officer2", "carriers.download", matter=matter, role="attachment")


def test_the_officer_sees_what_he_decides_upon_and_there_is_no_container_before(story: Story) -> None:
    matter = proposed(story)
    got = story.act("officer2", "carriers.download", matter=matter, role="attachment")
    assert (got.content, got.filename, got.media) == (DRAWING, "节点图.dwg", "dwg")
    assert listed(story, matter).sealed == () and not listed(story, matter).may_change
    with pytest.raises(NotFound):
        sealed(story, matter)


@pytest.mark.clause("TL-21.1b")
def test_every_later_mark_seals_anew_and_the_old_container_is_known_as_superseded(story: Story, tmp_path: Path) -> None:
    matter = in_force(story, tail="5年")
    first = sealed(story, matter)
    story.extend(matter, "10年")
    second = sealed(story, matter)
    assert label_of(second)["mark"] == "机密★10年" and [verdict(c) for c in (first, second)] == ["superseded", "valid"]
    given = {"level": "秘密", "tail": "5年", "ground": "damage_changed", "reason": "危害减小。", "matter": matter}
    story.act("drafter", "change.propose", expected_version=story.version(matter), **given)
    story.act("officer", "change.change", matter=matter, expected_version=story.version(matter))
    third = sealed(story, matter)
    assert (label_of(third)["level"], label_of(third)["mark"]) == ("秘密", "秘密★5年")
    assert set(MatterFile.objects.filter(matter=matter).values_list("stored__level", flat=True)) == {"秘密"}
    assert [verdict(c) for c in (first, second, third)] == ["superseded", "superseded", "valid"]
    release(story, matter)
    last = sealed(story, matter)
    assert label_of(last)["mark"].startswith("解密") and "秘密★5年 解密" in label_of(last)["visible"]
    assert [verdict(c) for c in (third, last)] == ["superseded", "valid"]
    assert len({label_of(c)["label_id"] for c in (first, second, third, last)}) == 4
    assert all(opened(story, c, tmp_path) == DRAWING for c in (first, second, third, last))
    assert SealedFile.objects.count() == 4 and len(listed(story, matter).sealed) == 1
    story.daily()
    assert verify().ok


def test_what_lapses_or_is_voided_is_sealed_anew_by_the_sweep(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the sweep stamps the paper and seals what is attached with it
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())
    matter = in_force(story, item="3", tail="3年")
    old = sealed(story, matter)
    assert label_of(old)["mark"] == "秘密★3年"
    day = story.matter(matter).declassified_from
    assert day is not None
    story.on(day).daily()
    assert story.matter(matter).state == "declassified"
    assert label_of(sealed(story, matter))["mark"].startswith("解密") and verdict(old) == "superseded"


# --- the seven verdicts -------------------------------------------------------------------------------------------


def relabelled(container: bytes) -> bytes:
    return container.replace("机密★10年".encode(), "秘密★10年".encode())


def at(place: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(
    ("how", "word"),
    [
        (lambda data: data, "valid"),
        (relabelled, "altered-mark"),
        (at(10), "altered-mark"),  # the size of its chunks
        (lambda data: data[:300], "altered-mark"),  # no head any more
        (at(-1), "altered-content"),
        (lambda data: data[:-1], "altered-content"),
        (lambda data: data + b"\0", "altered-content"),
        (lambda data: data[:-(65552)] + data[-65552:][::-1], "altered-content"),
    ],
    ids=["whole", "label", "header", "torn", "body", "short", "long", "turned round"],
)
def test_a_container_that_was_tampered_with_is_known(story: Story, how: Callable[[bytes], bytes], word: str) -> None:
    container = sealed(story, in_force(story))
    assert verdict(how(container)) == word


def test_every_bit_of_its_head_counts(story: Story) -> None:
    container = sealed(story, in_force(story))
    head = len(container) - len(crypto.body_of(container))
    words = {place: verdict(at(place)(container)) for place in range(8, head, 7)}
    assert set(words.values()) <= {"altered-mark", "altered-content", "unknown", "signer-untrusted"}
    assert "valid" not in words.values() and len(words) > 100


def test_another_key_leaves_the_mark_valid(story: Story, tmp_path: Path) -> None:
    container = sealed(story, in_force(story))
    for user in ("secadmin", "head"):
        story.act(user, "keep.new_key", level="机密")
    path = tmp_path / "节点图.dwg.dmb"
    path.write_bytes(container)
    sealing.rewrap_files(actor=story.actor("drafter"), now=story.now, paths=[path])
    assert path.read_bytes() != container and verdict(path.read_bytes()) == "valid"


def test_an_attachment_out_of_its_container_has_lost_its_mark(story: Story) -> None:
    matter = in_force(story)
    found = given_out.checked_by_holder("图.dwg", DRAWING)
    assert (found.verdict, found.likeness, found.matter, found.registered) == ("stripped-known", 100, str(matter), True)
    with pytest.raises(Invalid, match=r"file\.type_not_accepted"):
        verdict(DRAWING + b"\0", "图.dwg")
    asked = {"upload": {"filename": "图.dwg", "content": DRAWING}}
    with pytest.raises(Invalid):  # who may not know of the matter is told of no secret
        QUERIES["marks.verify"].run(actor=story.actor("outsider"), now=story.now, params=asked)
    text = "名单\n".encode() * 40
    other = story.filled()
    attach(story, other, "名单.txt", text)
    story.propose(other)
    story.approve(other)
    assert verdict(text, "名单.txt") == "stripped-known"
    release(story, matter)
    with pytest.raises(Invalid):
        verdict(DRAWING, "图.dwg")


def test_a_container_that_is_not_ours_or_not_for_the_reader_is_judged_by_its_signature_alone(story: Story) -> None:
    matter = in_force(story)
    container = sealed(story, matter)
    asked = {"upload": {"filename": "图.dmb", "content": container}}
    found = QUERIES["marks.verify"].run(actor=story.actor("outsider"), now=story.now, params=asked)
    assert (found.verdict, found.matter, found.registered) == ("unknown", "", False)
    assert QUERIES["marks.verify"].run(actor=story.actor("drafter"), now=story.now, params=asked).verdict == "valid"
    assert sealed_marks.judged(container, None, {}).verdict == "signer-untrusted"
    assert sealed_marks.judged(container, None, given_out.own_keys()).verdict == "unknown"
    assert sealed_marks.judged(relabelled(container), None, given_out.own_keys()).verdict == "altered-mark"
    key = crypto.LevelKey("jimi-1", bytes(32))
    foreign, _ = crypto.seal_bytes(DRAWING, label={"v": 1, "level": "机密", "mark": "机密★10年"}, kek=key)
    assert verdict(foreign) == "unknown"
    stolen, _ = crypto.seal_bytes(b"other", label=label_of(container), kek=key)
    assert verdict(stolen) == "unknown", "a label that was moved to other content vouches for nothing"


def test_a_file_sealed_by_hand_for_a_matter_is_judged_by_opening_it(story: Story, tmp_path: Path) -> None:
    matter = in_force(story)
    plain, target = tmp_path / "plain", tmp_path / "plain.dmb"
    plain.write_bytes(DRAWING)
    sealing.seal_file(actor=story.actor("drafter"), now=story.now, source=plain, target=target, matter=matter)
    data = target.read_bytes()
    assert [verdict(d) for d in (data, at(-1)(data))] == ["valid", "altered-content"]
    release(story, matter)
    assert verdict(data) == "superseded"


@pytest.mark.clause("BMF-43.3")
def test_a_top_secret_container_is_judged_without_opening_it_and_opened_by_two(story: Story, tmp_path: Path) -> None:
    for user in ("drafter", "head", "secrecy"):
        cleared = {"person": story.people[user], "level": "绝密", "instrument": "涉密人员审查表"}
        story.cleared("secadmin", **cleared)
    amend(story, tier="provincial")
    matter = story.filled(answers=story.answers("11", scope=story.scope("drafter", "head")))
    attach(story, matter)
    story.propose(matter)
    story.approve(matter, "head")
    container = sealed(story, matter)
    assert label_of(container)["mark"] == "绝密★20年"
    assert [verdict(c) for c in (container, at(-1)(container), at(10)(container))] == [
        "valid",
        "altered-content",
        "altered-mark",
    ]
    slots = at(4 + int.from_bytes(container[:4], "big") + 40)(container)
    with pytest.raises(Refused, match=r"key\.takes_two"):
        verdict(slots)
    with pytest.raises(Refused, match=r"key\.opening_waits") as caught:
        opened(story, container, tmp_path)
    story.act("head", "keep.agree_open", file=UUID(caught.value.params["file"]))
    assert opened(story, container, tmp_path) == DRAWING


# --- what is refused ----------------------------------------------------------------------------------------------


def test_files_that_cannot_be_taken_are_refused_and_nothing_is_kept(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = story.filled()
    before = (story.version(matter), StoredObject.objects.count())
    for name, data, code in (
        ("空.bin", b"", "file.empty"),
        ("", b"x", "text.missing"),
        ("a/b/", b"x", "text.missing"),
        ("图\u202egwd.exe", b"x", "text.hidden_characters"),
        ("长" * 191, b"x", "text.too_long"),
        ("大.iso", bytes(50 * 1024 * 1024 + 1), "upload.too_large"),
    ):
        with pytest.raises(Invalid) as caught:
            attach(story, matter, name, data)
        assert caught.value.code == code, name
    with pytest.raises(DingmiError):
        attach(story, matter, user="drafter2")
    with pytest.raises(Conflict, match=r"version\.stale"):
        given = {"matter": matter, "upload": Upload("图.dwg", b"x"), "expected_version": 99}
        story.act("drafter", "determination.attach", **given)
    assert (story.version(matter), StoredObject.objects.count()) == before
    monkeypatch.setattr(attachments, "MOST_FILES", 2)
    attach(story, matter, "..\\..\\etc\\passwd", b"x")
    attach(story, matter, "录音", b"RIFF")
    assert {(a.name, a.size) for a in listed(story, matter).plain} == {("passwd", 1), ("录音", 4)}
    with pytest.raises(Invalid, match=r"attachment\.too_many"):
        attach(story, matter, "图.dwg", b"x")
    monkeypatch.setattr(attachments, "MOST_FILES", 9)
    monkeypatch.setattr(attachments, "MOST_MB_IN_ALL", 0)
    with pytest.raises(Invalid, match=r"attachment\.too_many"):
        attach(story, matter, "图.dwg", b"x")


def test_what_is_taken_off_is_not_sealed_and_after_the_proposal_nothing_changes(story: Story) -> None:
    matter = story.filled()
    one, two = (attach(story, matter, f"{n}.dwg", DRAWING[n:]).file for n in (1, 2))
    given = {"matter": matter, "file": one}
    for wrong in ({"file": uuid4()}, {"matter": story.drafted(), "file": one}):
        with pytest.raises(NotFound):
            asked = given | wrong
            story.act("drafter", "determination.detach", expected_version=story.version(asked["matter"]), **asked)
    assert story.act("drafter", "determination.detach", expected_version=story.version(matter), **given).files == 1
    with pytest.raises(NotFound):
        story.act("drafter", "carriers.download", matter=matter, role="attachment", file=one)
    assert story.act("drafter", "carriers.download", matter=matter, role="attachment", file=two).filename == "2.dwg"
    story.propose(matter)
    for refused in (lambda: attach(story, matter), lambda: story.act(
        "drafter", "determination.detach", matter=matter, file=two, expected_version=story.version(matter)
    )):  # fmt: skip
        with pytest.raises(Refused, match=r"proposal\.waiting_for_officer"):
            refused()
    story.approve(matter)
    assert [a.name for a in listed(story, matter).sealed] == ["2.dwg.dmb"]


def test_an_attachment_is_chosen_by_its_id_and_only_among_those_of_its_matter(story: Story) -> None:
    matter, other = in_force(story), in_force(story)
    file = listed(story, other).sealed[0].file
    for given in ({"role": "sealed", "file": file}, {"role": "attachment", "file": file}, {"role": "letter"}):
        with pytest.raises(NotFound):
            story.act("drafter", "carriers.download", matter=matter, **given)
    with pytest.raises(Invalid, match=r"input\.invalid"):
        story.act("drafter", "carriers.download", matter=matter, role="original", file=file)


def test_a_matter_without_attachments_has_no_container(story: Story) -> None:
    matter = story.approved()
    assert listed(story, matter).sealed == () and SealedFile.objects.count() == 0
    with pytest.raises(NotFound):
        sealed(story, matter)
