"""What bad input gets at the door: each line is refused in words with clause or limit and a remedy, keeps what was typed, and writes nothing.

Everything goes through the pages as a person without scripts sends it. Races, repeated requests and files in depth are tested
beside what they are about; here stands what a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from dingmi.procedures.terms import Scope
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Matter
from tests.engines.test_documents_hostile import CASES, bomb
from tests.engines.test_documents_text import scan
from tests.interfaces.conftest import Reader
from tests.interfaces.test_api import post
from tests.story import NOON, PASSWORD, Story, docx_of
from tests.worlds import _rows

pytestmark = [pytest.mark.db]
WORDS = "这些话写了很久，不能丢。"
SIGNED = {"password": PASSWORD}
# What a refusal may leave: its attempt in the log, who gave the password and looked at the page, and where they were last.
LEFT = ("ledger_", "organs_session", "sqlite_sequence", "matters_knowledge")  # the answer shows the words again (TL-20)
TOLD = ("attempt", "access.looked", "access.confirm_password", "carriers.show")


@pytest.fixture(autouse=True)
def on_one_database() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("pages say the same on every database; tests/procedures/test_bad_input.py runs on both")


@dataclass(frozen=True)
class Sent:
    """A form that is going to be refused, and who sends it."""

    client: Client
    road: str
    form: dict[str, Any]


@dataclass(frozen=True)
class Bad:
    """One line of the table.

    Args:
        make: Brings it about by acts and returns the form.
        status: The answer's status.
        told: What the refusal says of the fault; the clause or the limit is among it.
        remedy: What it says can be done, or who can.
        kept: What was typed and stands on the page that comes back, and what stands now where it was over something older (SR-55).
    """

    make: Callable[[Story, Reader], Sent]
    status: int
    told: tuple[str, ...]
    remedy: str
    kept: tuple[str, ...] = ()


def check(story: Story, reader: Reader, user: str = "drafter", **answers: Any) -> Sent:
    matter = story.filled(user, story.answers(**{"reasons": WORDS, **answers}))
    return Sent(reader(user), f"/draft/{matter}/check", {"version": story.version(matter), **SIGNED})


def verdict(story: Story, client: Client, matter: UUID, **more: Any) -> Sent:
    form = {"version": story.version(matter), "verdict": "approve", "opinion": WORDS, **SIGNED, **more}
    return Sent(client, f"/review/{matter}", form)


def above_authority(story: Story, reader: Reader) -> Sent:
    for user in ("drafter", "officer"):
        story.clear(user, "绝密")
    return verdict(story, reader("officer"), story.proposed(answers=story.answers("11")))


def changed_beyond_item(story: Story, reader: Reader) -> Sent:
    return verdict(story, reader("officer"), story.proposed(), verdict="change", tail="30年")


def lengthened_past_similar(story: Story, reader: Reader) -> Sent:
    story.approved(answers=story.answers(tail="3年"))
    matter = story.proposed(answers=story.answers(tail="2年", longer_reason=""))
    return verdict(story, reader("officer"), matter, verdict="change", tail="5年", longer_reason=" ")


def own_draft(story: Story, reader: Reader) -> Sent:
    return verdict(story, reader("officer"), story.proposed("officer"))


def lapsed_at_noon(story: Story, reader: Reader) -> Sent:
    story.on(date(2026, 2, 2), 11)
    matter = story.proposed()
    story.now = NOON - timedelta(minutes=2)
    sent = verdict(story, reader("lapsed"), matter)
    story.now = NOON
    return sent


def decided_meanwhile(story: Story, reader: Reader) -> Sent:
    sent = verdict(story, reader("officer"), story.proposed(), verdict="change", tail="8年")
    story.approve(UUID(sent.road.rpartition("/")[2]), "officer2")
    return sent


def a_day_late(story: Story, reader: Reader) -> Sent:
    matter = story.approved(answers=story.answers(tail="1年"))
    story.on(story.matter(matter).last_protected_day)
    story.review(matter, "extend", tail="3年")
    form = {"version": story.version(matter), "step": "decide", "opinion": WORDS, **SIGNED}
    story.on(story.now.date() + timedelta(days=1))
    return Sent(reader("officer"), f"/m/{matter}/extend", form)


def upload(story: Story, reader: Reader, name: str, content: bytes, **typed: str) -> Sent:
    file = SimpleUploadedFile(name, content)
    return Sent(
        reader("drafter"), "/draft/new", {"file": file, "title": WORDS, "doc_number": "清水密〔2026〕9号", **typed}
    )


def unknown(story: Story, reader: Reader) -> Sent:
    matter = story.approved()
    form = {"version": 3, "outcome": "keep", "reason": WORDS, **SIGNED}
    return Sent(reader("outsider"), f"/m/{matter}/review", form)


def clock_behind(story: Story, reader: Reader) -> Sent:
    sent = check(story, reader)
    story.now -= timedelta(minutes=6)
    return sent


def file(fault: str) -> Callable[[Story, Reader], Sent]:
    content, name, _code = CASES[fault]
    return lambda story, reader: upload(story, reader, name, content)


TYPED = (WORDS, "清水密〔2026〕9号")
TABLE = {
    "level above authority": Bad(above_authority, 422, ("BMF-17.1",), "报请", (WORDS,)),
    "period above the item's bound": Bad(
        lambda s, r: check(s, r, tail="30年"), 422, ("30年", "10年", "FW-9.1"), "请缩短至10年以内", ("30年", WORDS)
    ),
    "period above the item's bound, by the officer": Bad(
        changed_beyond_item, 422, ("30年", "BMF-20.2"), "请缩短至10年以内", ("30年", WORDS)
    ),
    "长期 without an item that says so": Bad(
        lambda s, r: check(s, r, tail="长期"), 422, ("没有规定“长期”", "ZX-22.2"), "填写具体的期限", ("长期", WORDS)
    ),
    "officer longer than similar matters": Bad(
        lengthened_past_similar, 422, ("5年", "最长期限3年", "BMF-20.1"), "修改后同意", ("5年", WORDS)
    ),
    "approver who drafted": Bad(own_draft, 422, ("BMF-16.2",), "冯立群", (WORDS,)),
    "training lapsed at noon": Bad(lapsed_at_noon, 422, ("TL-14.2", "12:00"), "培训", (WORDS,)),
    "missing scope": Bad(lambda s, r: check(s, r, scope=Scope()), 422, ("BMF-19",), "知悉范围", (WORDS,)),
    "decided by another meanwhile": Bad(
        decided_meanwhile, 409, ("已被更改",), "刷新", (WORDS, "8年", "批准定密：机密★10年", "冯立群")
    ),
    "extension one day late": Bad(a_day_late, 422, ("BMF-24.2c",), "重新定密", (WORDS,)),
    "two gigabytes in a small docx": Bad(
        lambda s, r: upload(s, r, "切换方案.docx", bomb()), 400, ("安全上限",), "复制到新文档", TYPED
    ),
    "encrypted docx": Bad(file("encrypted docx"), 400, ("设有密码",), "去除密码", TYPED),
    "encrypted pdf": Bad(file("encrypted pdf"), 400, ("设有密码",), "去除密码", TYPED),
    "truncated docx": Bad(file("truncated docx"), 400, ("损坏或不完整",), "另存一份", TYPED),
    "truncated pdf": Bad(file("truncated pdf"), 400, ("损坏或不完整",), "另存一份", TYPED),
    "empty file": Bad(file("empty"), 400, ("空的",), "重新上传", TYPED),
    "mislabelled file": Bad(file("docx as pdf"), 400, ("名称为 pdf", "内容为 docx"), "另存为正确的类型", TYPED),
    "a type that is not taken": Bad(file("exe"), 400, ("docx", "pdf"), "另存为", TYPED),
    "no file at all": Bad(
        lambda s, r: Sent(r("drafter"), "/draft/new", {"title": WORDS}), 400, ("文件",), "选择", (WORDS,)
    ),
    "pdf of scans": Bad(lambda s, r: upload(s, r, "扫描件.pdf", scan(2)), 400, ("2 页",), "文字识别", TYPED),
    "title of 500 characters": Bad(
        lambda s, r: upload(s, r, "切换方案.docx", docx_of("正文"), title="长" * 500),
        400,
        ("500", "200"),
        "缩短",
        ("长" * 500,),
    ),
    "title of 500 characters that also turns its letters around": Bad(
        lambda s, r: upload(s, r, "切换方案.docx", docx_of("正文"), title=f"\u202e{'长' * 498}\u202c"),
        400,
        ("500", "200"),
        "缩短",
        ("长" * 498,),
    ),
    "title that turns its letters around": Bad(
        lambda s, r: upload(s, r, "切换方案.docx", docx_of("正文"), title="供水\u202e方案"),
        400,
        ("文字方向标记",),
        "删除",
        ("方案",),
    ),
    "a matter that one may not know": Bad(unknown, 404, ("没有",), "核对"),
    "clock set back": Bad(clock_behind, 503, ("时钟",), "系统管理员", (WORDS,)),
}


def standing() -> tuple[dict[str, list[tuple[Any, ...]]], list[str], list[str]]:
    """Return every row but what a refusal may leave, the acts done, and the files kept."""
    rows = {table: held for table, held in _rows().items() if not table.startswith(LEFT)}
    files = sorted(str(path) for path in Path(settings.DINGMI_VAULT).rglob("*") if path.is_file())
    done = sorted(Entry.objects.exclude(act__in=TOLD).values_list("act", flat=True))
    return rows, done, files


def summary(text: str) -> str:
    """Return the part of a page that says what was refused."""
    start = text.index('id="error-summary"')
    ends = [at for mark in ("</section>", '<div class="ph') if (at := text.find(mark, start)) > 0]
    return text[start : min(ends, default=None)]


@pytest.mark.parametrize("name", TABLE)
def test_bad_input_is_refused_in_words_with_a_remedy_and_nothing_is_lost_or_half_written(
    story: Story, reader: Reader, name: str
) -> None:
    line = TABLE[name]
    sent = line.make(story, reader)
    before = standing()
    answer = sent.client.post(sent.road, sent.form)
    text = answer.content.decode()
    assert answer.status_code == line.status, summary(text)
    assert standing() == before
    said = summary(text)
    assert [words for words in (*line.told, line.remedy) if words not in said] == [], said
    assert [words for words in line.kept if words not in text.replace(said, "")] == [], text


@pytest.mark.parametrize("road", ["/m/{}", "/m/{}/review", "/m/{}/papers", "/review/{}", "/draft/{}"])
def test_a_matter_that_one_may_not_know_answers_like_one_that_does_not_exist(
    story: Story, reader: Reader, road: str
) -> None:
    client = reader("outsider")
    known, none = (client.get(road.format(one)) for one in (story.approved(), uuid4()))
    ids = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|csrf[^>]*>|X-CSRFToken[^}]*")
    assert known.status_code == none.status_code >= 403
    assert ids.sub(b"", known.content) == ids.sub(b"", none.content)


def test_the_same_request_fifty_times_is_one_act_and_another_under_its_key_a_conflict(story: Story) -> None:
    matter = story.filled()
    bearer = {"Authorization": f"Bearer {story.act('drafter', 'access.issue_token', hours=1).token}"}
    headers = {**bearer, "Dingmi-Password": PASSWORD, "Idempotency-Key": "once"}
    asked = {"matter": str(matter), "expected_version": story.version(matter)}
    answers = [post("/api/v1/acts/determination.propose", asked, **headers) for _ in range(50)]
    assert answers == answers[:1] * 50 and answers[0][0] == 200
    assert Entry.objects.filter(act="determination.propose").count() == 1
    before = standing()
    status, told = post("/api/v1/acts/determination.propose", {**asked, "expected_version": 99}, **headers)
    assert (status, told["error"]["code"]) == (409, "key.reused") and told["error"]["remedy_zh"]
    assert standing() == before


def test_a_form_sent_again_and_again_makes_one_matter(story: Story, reader: Reader) -> None:
    client = reader("drafter")
    key = re.search(r'name="_key" value="([^"]+)"', client.get("/draft/new").content.decode())
    assert key
    content = docx_of("切换方案\n正文")
    for _ in range(8):
        file = SimpleUploadedFile("切换方案.docx", content)
        answer = client.post("/draft/new", {"file": file, "title": "一次", "_key": key.group(1)})
        assert answer.status_code == 302
    assert Matter.objects.count() == 1


def test_a_file_that_says_it_is_small_is_measured(story: Story, reader: Reader) -> None:
    """The limit is the one the page tells; a file at it is read, not turned away by another number."""
    from dingmi.engines import documents

    told = reader("drafter").get("/draft/new").content.decode()
    assert f"{documents.DEFAULT.largest // 1024**2} MB" in told
    large = BytesIO(b"0" * (documents.DEFAULT.largest + 1)).getvalue()
    sent = upload(story, reader, "大.docx", large)
    answer = sent.client.post(sent.road, sent.form)
    said = summary(answer.content.decode())
    assert answer.status_code == 400 and f"{documents.DEFAULT.largest // 1024**2} MB" in said and "拆分" in said
