"""What comes in and goes out: how long it may be, where files are taken, the headers of every answer, words in no address."""

from __future__ import annotations

import ast
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

import dingmi.interfaces.web as web
from dingmi.interfaces.web import files, middleware
from dingmi.interfaces.web.middleware import HEADERS, MEGABYTE, MOST, MOST_OF_STRANGERS, BodyMiddleware
from tests.interfaces.conftest import Reader
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]
WEB = Path(next(iter(web.__path__)))
MODULES = {path.relative_to(WEB).as_posix(): ast.parse(path.read_text("utf-8")) for path in WEB.rglob("*.py")}


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        pytest.fail("the body was read")


def sent(road: str, length: int | str, **more: str) -> HttpResponse:
    """Announce a body of some length, as far as the middleware lets it in."""
    request = RequestFactory().post(road, **more)
    request.META["CONTENT_LENGTH"] = str(length)
    request.environ["wsgi.input"] = Unread()
    return BodyMiddleware(lambda _: HttpResponse("let in"))(request)


def cookie() -> dict[str, str]:
    session = signing.dumps(["token", "2026-03-01T09:00:00+08:00"], salt=middleware.SALT)
    return {"HTTP_COOKIE": f"{middleware.SESSION_COOKIE}={session}"}


def test_who_has_not_signed_in_sends_a_name_and_a_password_and_no_more(db: None) -> None:
    assert sent("/sign-in", MOST_OF_STRANGERS).content == b"let in"
    forged = {"HTTP_COOKIE": f"{middleware.SESSION_COOKIE}=eyJ:x:y"}
    for road, more in (("/sign-in", {}), ("/draft/new", {}), ("/nowhere", {}), ("/draft/new", forged)):
        refused = sent(road, 90 * MEGABYTE, **more)
        assert refused.status_code == 413 and "没有登录" in refused.content.decode(), road
    told = sent("/api/v1/acts/x", 90 * MEGABYTE)
    assert told.status_code == 413 and b"request.of_stranger" in told.content
    assert sent("/api/v1/acts/x", MOST, HTTP_AUTHORIZATION="Bearer x").content == b"let in"


def test_a_reader_sends_what_the_page_takes(db: None) -> None:
    assert sent("/draft/new", MOST, **cookie()).content == b"let in"
    assert sent("/archives", 300 * MEGABYTE, **cookie()).content == b"let in"
    for road, length in (("/draft/new", MOST + 1), ("/archives", 302 * MEGABYTE), ("/nowhere", 90 * MEGABYTE)):
        refused = sent(road, length, **cookie())
        assert refused.status_code == 413 and "MB" in refused.content.decode(), road


@pytest.mark.parametrize("length", ["-1", "1e9", "١"])
def test_a_length_that_is_no_number_is_refused(db: None, length: str) -> None:
    assert sent("/draft/new", length, **cookie()).status_code == 413


def test_a_body_without_a_length_is_refused(db: None) -> None:
    assert sent("/draft/new", "", HTTP_TRANSFER_ENCODING="gzip, Chunked", **cookie()).status_code == 411


def test_every_place_that_takes_files_is_on_the_list_and_reads_no_file_by_itself() -> None:
    names = {pattern.name for pattern in patterns(get_resolver())}
    assert set(files.OF_PAGE) <= names
    taken = set()
    for name, module in MODULES.items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and "request.FILES" in ast.unparse(node):
                calls = {ast.unparse(c.func): c for c in ast.walk(node) if isinstance(c, ast.Call)}
                assert calls.keys() & {"upload", "taken", "read"}, f"{name}: {node.name} takes a file past files.upload"
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("upload", "taken") and name != "forms.py":
                taken.add(point(node.args[1], name))
            if isinstance(node, ast.Call) and [ast.unparse(a) for a in (node.func, *node.args[2:3])] == [
                "Field",
                "'file'",
            ]:
                taken.add(point(next(k.value for k in node.keywords if k.arg == "most"), name))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "file.read":
                assert name == "files.py", f"{name} reads a file by itself"
    assert taken == set(files.MEGABYTES)


def point(node: ast.expr, name: str) -> str:
    """Return the point of ``MEGABYTES["point"]``."""
    found = re.fullmatch(r"MEGABYTES\['(\w+)'\]", ast.unparse(node))
    assert found is not None, f"{name}: {ast.unparse(node)}"
    return found[1]


def test_only_one_function_hands_out_files() -> None:
    names = ("Content-Disposition", "FileResponse", "StreamingHttpResponse")
    using = {name for name, module in MODULES.items() for word in names if word in ast.unparse(module)}
    assert using == {"files.py"}


def test_a_file_leaves_with_a_name_that_every_browser_reads_and_never_runs() -> None:
    answer = files.attachment('台账 "a"/b\r\n.csv', "csv", b"x")
    assert answer["Content-Disposition"] == (
        "attachment; filename=\"ab.csv\"; filename*=UTF-8''%E5%8F%B0%E8%B4%A6%20ab.csv"
    )
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert files.attachment("台账", "x/y", b"")["Content-Disposition"].startswith('attachment; filename="file";')


def test_what_comes_with_a_letter_about_secrecy_is_a_document_of_a_size(
    story: Story, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter, officer = story.approved(), reader("officer")
    given = {
        "applicant": "某市公安局",
        "applicant_kind": "investigation",
        "applicant_rank": "local",
        "document_no": "某公函〔2026〕8号",
        "received_on": story.now.date().isoformat(),
    }

    def answered(name: str, content: bytes) -> tuple[int, str]:
        answer = officer.post(f"/m/{matter}/appraisal", {**given, "file": SimpleUploadedFile(name, content)})
        return answer.status_code, answer.content.decode()

    status, page = answered("a.exe", b"MZ" + bytes(500))
    assert status == 400 and "不接受这种类型的文件" in page
    status, page = answered("a.docx", b"MZ" + bytes(500))
    assert status == 400 and "文件内容与扩展名不符" in page
    monkeypatch.setitem(files.MEGABYTES, "appraisal", 0)
    status, page = answered("a.txt", "正文".encode())
    assert status == 400 and "文件超过允许的大小" in page
    monkeypatch.undo()
    assert answered("a.txt", "正文".encode())[0] == 302


def patterns(resolver: Any) -> list[URLPattern]:
    """Return every route."""
    found: list[URLPattern] = []
    for one in resolver.url_patterns:
        found += patterns(one) if isinstance(one, URLResolver) else [one]
    return found


def roads(resolver: Any, before: str = "/") -> list[str]:
    """Return an address of every route; what it names need not be there."""
    found = []
    for one in resolver.url_patterns:
        road = before + re.sub(r"<(?:(\w+):)?\w+>", _example, str(one.pattern))
        found += roads(one, road) if isinstance(one, URLResolver) else [road]
    return found


def _example(found: re.Match[str]) -> str:
    return {"uuid": "00000000-0000-4000-8000-000000000000", "int": "2026"}.get(found[1], "x")


def require_headers(answer: Any, road: str) -> None:
    held = {name: answer.headers.get(name) for name in HEADERS}
    if "attachment" in answer.headers.get("Content-Disposition", ""):
        held["Content-Security-Policy"] = HEADERS["Content-Security-Policy"]
    assert held == HEADERS and answer.headers.get("Cache-Control"), road


def test_every_answer_carries_the_headers(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    client, statuses = Client(raise_request_exception=False), set()
    every = [*roads(get_resolver()), "/nowhere", "/api/nowhere", "/a/a/a"]
    assert len(every) > 150
    for road in every:
        for method in (client.get, client.post, client.put):
            answer = method(road)
            require_headers(answer, road)
            statuses.add(answer.status_code)
    assert {200, 302, 401, 404, 405} <= statuses
    for host, origin in (("evil.example", "null"), ("a b", "null"), ("evil.example", "https://evil.example")):
        more = {"headers": {"host": host, "origin": origin, "sec-fetch-site": "same-origin"}}
        answer = client.post("/sign-in", {"username": "a", "password": "b"}, **more)
        assert answer.status_code == 400
        require_headers(answer, host)
    monkeypatch.setattr(middleware.access, "actor_for_session", lambda *_: 1 / 0)
    client.cookies[middleware.SESSION_COOKIE] = signing.dumps(["t", *[story.now.isoformat()] * 2], salt=middleware.SALT)
    answer = client.get("/")
    assert answer.status_code == 500
    require_headers(answer, "broken")


def test_the_headers_say_what_they_must() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[of] for of in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    wanted = ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    assert [HEADERS[name] for name in wanted] == ["nosniff", "no-referrer", "same-origin"]


def test_every_unsafe_method_needs_the_token_of_a_form_but_where_a_bearer_token_is_needed() -> None:
    exempt = {p.name for p in patterns(get_resolver()) if getattr(p.callback, "csrf_exempt", False)}
    assert exempt == {"api-act", "api-ask"}
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for method in (client.post, client.put, client.patch, client.delete):
        assert method("/language", {"language": "en"}, content_type="application/json").status_code in (403, 405)


def test_no_address_holds_a_running_number_of_a_record() -> None:
    named = {pair for one in patterns(get_resolver()) for pair in re.findall(r"<(\w+):(\w+)>", str(one.pattern))}
    assert {name for kind, name in named if kind == "int"} == {"year"}
    assert {kind for kind, _ in named} <= {"int", "uuid", "slug", "str", "path"}, named


def test_forms_that_search_send_their_words_in_the_body() -> None:
    for path in WEB.rglob("*.html"):
        for form in re.findall(r"<form[^>]*>", path.read_text("utf-8")):
            assert 'role="search"' not in form or 'method="post"' in form, f"{path.name}: {form}"


def test_the_log_takes_no_words_from_an_address(story: Story, reader: Reader) -> None:
    story.act("auditor", "access.change_password", password=PASSWORD)
    auditor = reader("auditor")
    page = auditor.get("/admin/audit", {"who": "drafter", "act": "access.sign_in"}).content.decode()
    assert "清除" not in page and "access.sign_in</span>" in page
    page = auditor.post("/admin/audit", {"find": "1", "act": "access.sign_in"}).content.decode()
    assert "清除" in page and 'value="access.sign_in"' in page
