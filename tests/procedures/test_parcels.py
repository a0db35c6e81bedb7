"""Files that come and go as bytes: sealed and opened over the API and on a page as ``dingmi seal`` and ``open`` do."""

from __future__ import annotations

from io import BytesIO

import pytest

from dingmi.base.errors import DingmiError, Forbidden, Invalid, NotFound
from dingmi.engines import crypto
from dingmi.procedures import sealing
from dingmi.procedures.terms import Upload
from dingmi.queries.attached import MOST_MB
from dingmi.queries.verify import verify
from dingmi.records.keys import clock as key_clock
from dingmi.records.ledger.models import Entry
from dingmi.records.vault.models import SealedFile
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
TEXT = "取水口坐标 ".encode() * 300


@pytest.fixture(autouse=True)
def one_clock(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())


def sealed(story: Story, user: str, **what: object) -> Upload:
    done = story.act(user, "keep.seal", upload=Upload("水源地.dwg", TEXT), **what)
    assert done.filename == "水源地.dwg.dmb" and TEXT not in done.content
    return Upload(done.filename, done.content)


def refusal(story: Story, user: str, container: Upload) -> str:
    with pytest.raises(DingmiError) as caught:
        story.act(user, "keep.open", upload=container)
    return caught.value.code


@pytest.mark.clause("BMF-43.3")
def test_what_is_sealed_under_a_level_opens_for_its_sealer_alone_and_the_ledger_has_it(story: Story, tmp_path) -> None:
    container = sealed(story, "drafter", level="机密")
    done = story.act("drafter", "keep.open", upload=container)
    assert (done.filename, done.content) == ("水源地.dwg", TEXT)
    assert [refusal(story, user, container) for user in ("officer", "head")] == ["object.not_found"] * 2
    assert refusal(story, "sysadmin", container) == "role.required"
    assert Entry.objects.filter(act="keep.open").count() == 1
    path, target = tmp_path / "a.dmb", tmp_path / "plain"
    path.write_bytes(container.content)
    sealing.open_file(actor=story.actor("drafter"), now=story.now, source=path, target=target)
    assert target.read_bytes() == TEXT and verify().ok


@pytest.mark.clause("BMF-21.2", "TL-20")
def test_what_is_sealed_for_a_matter_bears_its_mark_and_opens_for_its_readers(story: Story) -> None:
    matter = story.approved()
    container = sealed(story, "officer", matter=matter)
    with pytest.raises(NotFound):
        story.act("outsider", "keep.seal", upload=Upload("a.txt", TEXT), matter=matter)
    label = crypto.read_label(BytesIO(container.content))
    assert label == {"v": 1, "level": "机密", "mark": "机密★10年", "matter": str(matter)}
    assert story.act("drafter", "keep.open", upload=container).content == TEXT
    assert refusal(story, "outsider", container) == "object.not_found"


@pytest.mark.clause("BMF-43.3")
def test_a_top_secret_one_opens_once_when_a_second_person_agrees(story: Story) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="绝密", instrument="涉密人员审查表")
    container = sealed(story, "head", level="绝密")
    assert refusal(story, "head", container) == "key.opening_waits"
    assert refusal(story, "head", container) == "key.asked_by_you"
    story.act("secrecy", "keep.agree_open", file=SealedFile.objects.get().pk)
    assert story.act("head", "keep.open", upload=container).content == TEXT
    assert refusal(story, "head", container) == "key.opening_waits"
    assert Entry.objects.filter(act="keep.open").count() == 1


def test_what_cannot_be_sealed_or_opened_is_refused_in_words(story: Story) -> None:
    for what, code in (({}, "seal.level_or_matter"), ({"level": "特密"}, "input.invalid")):
        with pytest.raises(Invalid, match=code.replace(".", r"\.")):
            story.act("drafter", "keep.seal", upload=Upload("a.txt", TEXT), **what)
    with pytest.raises(Forbidden, match=r"seal\.above_clearance"):
        story.act("drafter", "keep.seal", upload=Upload("a.txt", TEXT), level="绝密")
    with pytest.raises(Invalid, match=r"file\.empty"):
        story.act("drafter", "keep.seal", upload=Upload("a.txt", b""), level="秘密")
    with pytest.raises(Invalid, match=r"upload\.too_large"):
        story.act("drafter", "keep.seal", upload=Upload("a.txt", b"x" * (MOST_MB * 1024 * 1024 + 1)), level="秘密")
    assert refusal(story, "drafter", Upload("a.dmb", TEXT)) == "container.none"
    container = sealed(story, "drafter", level="秘密")
    for at in (20, len(container.content) // 2, len(container.content) - 1):
        edited = bytearray(container.content)
        edited[at] ^= 1
        assert refusal(story, "drafter", Upload("a.dmb", bytes(edited))) in ("cipher.not_authentic", "object.not_found")
    assert refusal(story, "drafter", Upload("a.dmb", container.content[:40])) == "cipher.not_authentic"
    assert not Entry.objects.filter(act="keep.open").exists()
