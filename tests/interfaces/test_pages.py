"""Pages: what they hold, what they refuse, what they never show."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from dingmi.base.errors import DingmiError
from dingmi.procedures import passwords
from dingmi.procedures.terms import Scope
from tests.interfaces.conftest import Reader
from tests.story import PASSWORD, Story

RANK = {"": 0, "内部": 1, "秘密": 2, "机密": 3, "绝密": 4}
PAGES = ("/", "/matters", "/expiry", "/guides", "/officers", "/inbox", "/account", "/help", "/help/keys")
TITLE = "城区供水管网关键节点切换方案"


class Page(HTMLParser):
    """Collects what the rules of pages are about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[str] = []
        self.banner: str | None = None
        self.faults: list[str] = []
        self.chosen: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "data-banner" in given:
            self.banner = given["data-banner"] or ""
        if "data-level" in given:
            self.levels.append(given["data-level"] or "")
        if "style" in given or any(name.startswith("on") for name in given) or (tag == "script" and "src" not in given):
            self.faults.append(f"{tag} {given}")
        if tag == "style":
            self.faults.append(tag)
        if tag in ("input", "option") and {"checked", "selected"} & given.keys():
            self.chosen.append(f"{given.get('name')}={given.get('value')}")


def page(answer: object, typed: tuple[str, ...] = ()) -> Page:
    """Return the parsed page of an answer, checked against the rules that hold everywhere; nothing is chosen but what was ``typed``."""
    made = Page(answer.content.decode())  # type: ignore[attr-defined]
    assert made.faults == []
    assert tuple(made.chosen) == typed
    assert made.banner is not None
    assert all(RANK[level] <= RANK[made.banner] for level in made.levels)
    return made


def offered(answer: object, row: str) -> str:
    """Return how the forms of a page send ``row``: with the version of it that is shown."""
    found = re.search(rf'<option value="({row} \w+)"', answer.content.decode())  # type: ignore[attr-defined]
    assert found is not None
    return found[1]


def version(answer: object) -> str:
    """Return the version of what a page shows, as its forms send it."""
    found = re.search(r'name="expected_version" value="(\w+)"', answer.content.decode())  # type: ignore[attr-defined]
    assert found is not None
    return found[1]


def views(patterns: list[object]) -> list[URLPattern]:
    """Return every pattern of the pages."""
    found: list[URLPattern] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.callback.__module__.startswith("dingmi.interfaces.web"):
            found.append(pattern)
    return found


def test_every_page_declares_who_may_come() -> None:
    found = views(get_resolver().url_patterns)
    assert len(found) > 30
    for pattern in found:
        assert getattr(pattern.callback, "dingmi_policy", ""), pattern
        assert getattr(pattern.callback, "dingmi_methods", []), pattern


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_true_banner_and_nothing_inline_or_preselected(story: Story, reader: Reader, path: str) -> None:
    story.approved()
    story.proposed("drafter2")
    answer = reader("officer").get(path)
    assert answer.status_code == 200
    page(answer)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_the_banner_rises_with_what_is_shown(story: Story, reader: Reader) -> None:
    client = reader("officer")
    assert page(client.get("/matters")).banner == ""
    matter = story.approved()
    assert page(client.get("/matters")).banner == "机密"
    assert page(client.get(f"/m/{matter}")).banner == "机密"


def test_masked_rows_carry_number_and_mark_only(story: Story, reader: Reader) -> None:
    person = story.people["secrecy"]
    story.cleared("secadmin", person=person, level="机密", instrument="涉密人员审查表")
    matter = story.approved()
    number = story.matter(matter).register_no
    client = Client()
    story.act("secrecy", "access.change_password", password=PASSWORD)
    passwords.THROTTLE.clear()
    client.post("/sign-in", {"username": "secrecy", "password": PASSWORD})
    answer = client.get("/matters")
    text = answer.content.decode()
    assert str(number) in text and "机密★10年" in text
    assert TITLE not in text
    assert page(answer).banner == ""
    assert client.get(f"/m/{matter}").status_code == 404


def test_what_one_may_not_know_looks_like_what_does_not_exist(story: Story, reader: Reader) -> None:
    matter = story.approved()
    client = reader("outsider")
    hidden, missing = client.get(f"/m/{matter}"), client.get(f"/m/{uuid4()}")
    assert hidden.status_code == missing.status_code == 404

    def bare(answer: object) -> str:
        return re.sub(r'value="[\w/-]+"', "", answer.content.decode())  # type: ignore[attr-defined]

    assert bare(hidden) == bare(missing)
    assert TITLE not in bare(hidden)


def test_every_failure_to_sign_in_reads_the_same(story: Story) -> None:
    client = Client()
    texts = set()
    for user in ("officer", "nobody"):
        answer = client.post("/sign-in", {"username": user, "password": "wrong-password-1"})
        assert answer.status_code == 403
        texts.add(re.sub(r'value="[\w/-]+"', "", answer.content.decode()))
    assert len(texts) == 1


def test_the_session_cookie_is_for_this_site_and_no_script(story: Story, reader: Reader) -> None:
    cookie = reader("officer").cookies["dingmi"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict"


def test_without_a_session_one_is_sent_to_sign_in(story: Story) -> None:
    answer = Client().get("/matters")
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in")


def test_a_form_from_elsewhere_is_refused(story: Story, reader: Reader) -> None:
    client = reader("officer")
    client.handler.enforce_csrf_checks = True
    answer = client.post("/inbox/" + str(uuid4()) + "/acknowledge")
    assert answer.status_code == 403
    assert "表单已失效" in answer.content.decode()


def test_release_takes_two_people_a_typed_number_and_a_password(story: Story, reader: Reader) -> None:
    matter = story.approved()
    story.review(matter, "release", ground="harmless")
    client = reader("officer")
    form = {"version": story.version(matter), "opinion": "公开无害", "confirm": story.matter(matter).register_no}
    assert client.post(f"/m/{matter}/release", {**form, "password": "wrong"}).status_code == 403
    wrong = client.post(f"/m/{matter}/release", {**form, "confirm": "1", "password": PASSWORD})
    assert wrong.status_code == 400 and "登记编号" in wrong.content.decode()
    assert story.matter(matter).state == "active"
    assert client.post(f"/m/{matter}/release", {**form, "password": PASSWORD}).status_code == 302
    assert story.matter(matter).state == "declassified"
    text = client.get(f"/m/{matter}").content.decode()
    assert "<del>机密★10年</del> <span>解密</span>" in text


def test_a_stale_form_says_that_someone_decided_meanwhile(story: Story, reader: Reader) -> None:
    matter = story.approved()
    form = {"version": "1", "outcome": "keep", "reason": "继续保密", "password": PASSWORD}
    answer = reader("drafter").post(f"/m/{matter}/review", form)
    assert answer.status_code == 409
    assert "须处理" in answer.content.decode()
    page(answer, typed=("outcome=keep",))


def test_a_refusal_names_the_clause_and_a_remedy(story: Story, reader: Reader) -> None:
    matter = story.approved()
    form = {
        "version": story.version(matter),
        "outcome": "extend",
        "tail": "90年",
        "reason": "仍需保护",
        "password": PASSWORD,
    }
    answer = reader("drafter").post(f"/m/{matter}/review", form)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'class="cite"' in text and 'class="rem"' in text


def test_one_way_to_send_a_search_and_it_is_the_body(story: Story, reader: Reader) -> None:
    story.approved()
    client = reader("officer")
    assert TITLE in client.post("/search", {"text": "关键节点"}).content.decode()
    assert client.post("/matters", {"text": "关"}).status_code == 400


@pytest.mark.parametrize(
    ("road", "word", "found"),
    [("/carriers", "QJSW-M-2026-1", "QJSW-M-2026-1-000001"), ("/officers", "冯立群", "冯立群")],
)
def test_words_to_find_copies_and_officers_travel_in_the_body(
    story: Story, reader: Reader, road: str, word: str, found: str
) -> None:
    story.approved()
    client, nobody = reader("officer"), "查无此人"
    shown = client.post(road, {"find": "1", "text": word}).content.decode()
    assert found in shown and f'name="of-text" value="{word}"' in shown, "what is taken out is what is shown"
    assert found not in client.post(road, {"find": "1", "text": nobody}).content.decode()
    in_address = client.get(road, {"text": nobody}).content.decode()
    assert found in in_address and nobody not in in_address, "words in an address are not read"


def test_a_batch_never_takes_what_is_above_secret(story: Story, reader: Reader) -> None:
    matter = story.approved()
    story.review(matter, "keep")
    row = f"{matter}:{story.version(matter)}"
    answer = reader("officer").post("/expiry/batch", {"row": row, "password": PASSWORD})
    assert answer.status_code == 200
    assert "须逐项签名" in answer.content.decode()
    assert reader("officer").post("/expiry/batch", {"password": PASSWORD}).status_code == 400


def test_the_three_administrators_each_have_one_door(story: Story) -> None:
    doors = {"sysadmin": "/admin/system", "secadmin": "/admin/security", "auditor": "/admin/audit"}
    for user in doors:
        story.act(user, "access.change_password", password=PASSWORD)
    for user, own in doors.items():
        passwords.THROTTLE.clear()
        client = Client()
        client.post("/sign-in", {"username": user, "password": PASSWORD})
        assert client.get("/")["Location"] == own
        for path in doors.values():
            assert client.get(path).status_code == (200 if path == own else 403)
        assert client.get("/matters").status_code == 403
        assert "不能" in client.get(own).content.decode()


def test_the_auditor_verifies_the_ledger(story: Story) -> None:
    story.act("auditor", "access.change_password", password=PASSWORD)
    client = Client()
    client.post("/sign-in", {"username": "auditor", "password": PASSWORD})
    assert "完整" in client.post("/admin/audit/verify").content.decode()


def test_the_number_of_reads_does_not_grow_with_the_rows(story: Story, reader: Reader) -> None:
    client = reader("officer")

    def reads(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    story.approved()
    story.proposed()
    few = {path: reads(path) for path in ("/", "/matters", "/expiry")}
    for _ in range(4):
        story.later(minutes=1).approved()
    many = {path: reads(path) for path in few}
    assert all(many[path] <= few[path] + 2 for path in few), (few, many)
    most = (
        98 if connection.vendor == "sqlite" else 108
    )  # the year of an officer, made anew; there the reader is named as well
    assert max(many.values()) <= most
    if connection.vendor == "sqlite":  # elsewhere an entry may still wait for its place
        assert reads("/") <= 82, "while nothing changed his year is remembered"


def test_the_language_is_the_readers(story: Story, reader: Reader) -> None:
    client = reader("officer")
    client.post("/language", {"language": "en"})
    text = client.get("/matters").content.decode()
    assert "Register of state secrets" in text and 'lang="en"' in text


def test_a_department_in_the_scope_is_told_in_the_language_of_the_reader(story: Story, reader: Reader) -> None:
    matter = story.approved(answers=story.answers(scope=Scope(departments=(story.department,))))
    client = reader("officer")
    shown = {}
    for language in ("zh", "en"):
        client.post("/language", {"language": language})
        shown[language] = client.get(f"/m/{matter}").content.decode()
    assert "全部门" in shown["zh"] and "全部门" not in shown["en"] and "the whole department" in shown["en"]


def test_the_auditor_finds_who_did_what_until_when(story: Story) -> None:
    story.act("auditor", "access.change_password", password=PASSWORD)
    first = story.proposed("drafter", story.answers())
    until = story.now.date()
    story.later(days=1)
    story.proposed("drafter2", story.answers())
    client = Client()
    client.post("/sign-in", {"username": "auditor", "password": PASSWORD})

    def rows(**wanted: str) -> list[tuple[str, str]]:
        page = client.post("/admin/audit", {"find": "1", **wanted}).content.decode()
        return re.findall(r"<td>([^<]*)</td>\s*<td>[^<]*<span class=\"muted xs\">([^<]*)</span>", page)

    assert {who for who, _ in rows(act="determination.propose")} == {"drafter", "drafter2"}
    assert {who for who, _ in rows(act="determination.propose", until=until.isoformat())} == {"drafter"}
    assert {act.partition(".")[0] for _, act in rows(act="determination.", who="drafter")} == {"determination"}
    nothing = client.post("/admin/audit", {"find": "1", "who": "drafter", "refused": "1"}).content.decode()
    assert "没有符合条件的记录" in nothing
    with pytest.raises(DingmiError):
        story.act("drafter", "determination.approve", matter=first, expected_version=story.version(first))
    assert rows(refused="1", who="drafter") == [("drafter", "determination.approve")]
    assert client.get("/admin/audit", {"until": "昨天"}).status_code == 400


def test_what_must_be_done_about_the_installation_stands_on_its_page(story: Story) -> None:
    story.act("sysadmin", "access.change_password", password=PASSWORD)
    client = Client()
    client.post("/sign-in", {"username": "sysadmin", "password": PASSWORD})
    page = client.get("/admin/system").content.decode()
    assert "dingmi daily" in page and "dingmi backup" in page
    story.daily()
    page = client.get("/admin/system").content.decode()
    assert "dingmi daily" not in page and "dingmi backup" in page
