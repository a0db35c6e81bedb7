"""The commands: one JSON document on stdout, and the exit codes of the interface."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from dingmi.base.errors import Invalid
from dingmi.interfaces.cli import app, main
from dingmi.interfaces.cli.out import report_error
from tests.engines.office import simple
from tests.engines.test_documents_traces import document, drawn

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "1-管网切换方案.docx"


@pytest.fixture
def run(capsys, monkeypatch):
    """Run one command in this process; return its exit code and the JSON it printed."""

    def command(*arguments: str, given: str = "") -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["dingmi", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr().out
        return int(ended.value.code or 0), json.loads(printed) if printed.strip() else None

    return command


@pytest.mark.parametrize("name", ["[vault]", "[/red]", "[bold]密[/bold]"])
def test_an_error_prints_brackets_as_they_stand_in_both_languages(capsys, name):
    report_error(Invalid("house.unknown", (), kinds=name), as_json=False)
    assert capsys.readouterr().err.count(name) == 2


def test_mark_is_parsed_into_the_shape_that_others_rely_on(run):
    code, parsed = run("rules", "marks", "parse", "机　密☆６月", "--issued", "2024-08-31", "--json")
    assert code == 0
    assert parsed["canonical"] == "机密★6个月"
    assert (parsed["last_protected_day"], parsed["declassified_from"]) == ("2025-02-28", "2025-03-01")
    assert set(parsed) == {
        "level", "kind", "value", "canonical", "starts_on", "last_protected_day", "declassified_from", "warnings",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (("rules", "marks", "parse", "公开★10年", "--json"), 2, "Invalid"),
        (("rules", "marks", "parse", "机密★10年", "--issued", "yesterday", "--json"), 2, "Invalid"),
        (("rules", "deadline", "nothing", "--from", "2026-01-05", "--json"), 5, "NotFound"),
        (("rules", "deadline", "unclear_matter_report", "--from", "2026-12-28", "--json"), 7, "Unavailable"),
        (("rules", "deadline", "--json"), 2, "Invalid"),
        (("rules", "judge", "no.such_act", "--on", "2026-01-05", "--json"), 5, "NotFound"),
        (("mark", "verify", "no-such-file.docx", "--json"), 5, "NotFound"),
        (
            ("mark", "stamp", __file__, "marked.docx", "--mark", "机密★10年", "--issued", "2026-13-01", "--json"),
            2,
            "Invalid",
        ),
        (("demo", "--on", "2021-03-31", "--json"), 2, "Invalid"),
        (("demo", "--on", "yesterday", "--json"), 2, "Invalid"),
    ],
)
def test_error_has_its_exit_code_and_both_languages(run, arguments, code, kind):
    ended, printed = run(*arguments, given="{}")
    assert (ended, printed["error"]["kind"]) == (code, kind)
    for name in ("message_zh", "message_en", "remedy_zh", "remedy_en"):
        assert printed["error"][name]


def test_a_mark_is_stamped_and_verified_by_a_fresh_process_without_any_installation(tmp_path):
    def dingmi(*arguments: str) -> tuple[int, Any]:
        environment = {**os.environ, "DINGMI_DATA": str(tmp_path / "nothing")}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "dingmi", "mark", *arguments, "--json"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        return ended.returncode, json.loads(ended.stdout)

    marked = str(tmp_path / "marked.docx")
    assert dingmi("stamp", str(SAMPLE), marked, "--mark", "机 密*10年")[1]["mark"] == "机密★10年"
    code, found = dingmi("verify", marked)
    assert (code, found["verdict"], found["visible"]) == (0, "valid", "机密★10年")
    assert dingmi("verify", str(SAMPLE))[0] == 8
    assert not (tmp_path / "nothing").exists()


def test_what_a_file_hides_is_listed_and_a_public_copy_is_written_only_without_it(run, tmp_path):
    source, target, told = tmp_path / "件.docx", tmp_path / "公开.docx", tmp_path / "件.pdf"
    source.write_bytes(document())
    code, listed = run("mark", "hidden", str(source), "--json")
    assert (
        code == 0
        and {"comments": 2, "revisions": 6}.items() <= {h["kind"]: h["count"] for h in listed["hidden"]}.items()
    )
    assert run("mark", "public", str(source), str(target), "--json")[0] == 0
    assert run("mark", "hidden", str(target), "--json")[1]["hidden"] == []
    assert run("mark", "public", str(source), str(target), "--json")[0] == 2, "nothing is written over"
    told.write_bytes(drawn(unseen=True))
    code, refused = run("mark", "public", str(told), str(tmp_path / "公开.pdf"), "--json")
    assert code == 3 and [f["code"] for f in refused["error"]["findings"]] == [
        "hidden.hidden_text",
        "hidden.covered_text",
    ]
    assert not (tmp_path / "公开.pdf").exists()
    source.write_bytes(simple("机密★10年", "正文"))  # typed by hand, no mark of ours
    code, refused = run("mark", "public", str(source), str(tmp_path / "有标志.docx"), "--json")
    assert (code, [f["code"] for f in refused["error"]["findings"]]) == (3, ["public_copy.mark_left"])
    assert not (tmp_path / "有标志.docx").exists()


def test_a_port_that_is_served_already_is_refused_and_nothing_is_founded(run, tmp_path):
    with socket.socket() as serving:
        serving.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the server of the pages listens
        serving.bind(("127.0.0.1", 0))
        serving.listen()
        taken = str(serving.getsockname()[1])
        assert run("up", "--port", taken, "--data", str(tmp_path / "data")) == (7, None)
    assert not (tmp_path / "data").exists()


def test_other_hosts_are_not_served_without_tls(run):
    assert run("up", "--host", "0.0.0.0", "--port", "8999") == (3, None)


def test_with_tls_no_cookie_leaves_this_host_or_an_encrypted_line(tmp_path):
    (tmp_path / "dingmi.toml").write_text('[tls]\ncertificate = "c.pem"\nkey = "k.pem"\n', encoding="utf-8")
    asking = """
import django, json
from django.http import HttpResponse
django.setup()
from django.conf import settings
from dataclasses import replace
from django.test import RequestFactory
from dingmi.interfaces.web import middleware
from dingmi.interfaces.web.entry import views
answer = HttpResponse()
middleware.clock.never_behind = lambda now: now  # nothing is founded, so there is no ledger
middleware.keep_session(answer, "token")
for view, account in ((views.language, ""), (views.keys, "a")):
    request = RequestFactory().post("/")
    request.actor, request.htmx = replace(middleware.nobody(request), account_id=account), False
    answer.cookies.update(view(request).cookies)
told = {name: dict(morsel) for name, morsel in answer.cookies.items()}
names = ("NAME", "SECURE", "HTTPONLY", "SAMESITE")
print(json.dumps([told, [getattr(settings, f"CSRF_COOKIE_{name}") for name in names]]))
"""
    environment = {**os.environ, "DINGMI_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "dingmi.site.settings"}
    ended = subprocess.run([sys.executable, "-c", asking], env=environment, capture_output=True, text=True)
    cookies, of_forms = json.loads(ended.stdout)
    assert set(cookies) == {"__Host-dingmi", "__Host-dingmi_language", "__Host-dingmi_keys"}, ended.stderr
    for kept in cookies.values():
        assert (kept["secure"], kept["httponly"], kept["samesite"]) == (True, True, "Strict")
        assert (kept["path"], kept["domain"]) == ("/", "")
    assert of_forms == ["__Host-csrf", True, True, "Strict"]


def test_judging_exits_0_whatever_it_finds(run):
    facts = {"at": "2026-11-24T10:00:00", "state": "declassified"}
    code, printed = run("rules", "judge", "disclosure.publish", "--on", "2026-11-24", given=json.dumps(facts))
    assert code == 0 and printed["allowed"] is False
    assert [finding["code"] for finding in printed["findings"]] == ["publication.not_reviewed"]
    assert printed["findings"][0]["remedy_zh"] and len(printed["rulebook"]) == 64


def test_schema_of_the_facts_names_every_field(run):
    code, schema = run("rules", "schema", "change.extend")
    assert code == 0 and {"last_protected_day", "terms", "officer"} <= set(schema["properties"])


def test_every_act_is_listed_with_its_parameters(run):
    code, acts = run("acts", "--json")
    assert code == 0
    approve = next(act for act in acts if act["name"] == "determination.approve")
    assert approve["title_zh"] and "expected_version" in approve["parameters"]["properties"]


def test_every_way_in_declares_its_policy_and_every_policy_names_what_there_is(run):
    from dingmi.interfaces.cli.routes import is_known

    code, routes = run("routes", "--json")
    assert code == 0 and len(routes) > 40
    assert [route["path"] for route in routes if not route["policy"]] == []
    assert [(route["path"], route["policy"]) for route in routes if not is_known(route["policy"])] == []
    assert {route["kind"] for route in routes} == {"route", "act", "query", "job", "command"}
    assert not any(map(is_known, ("", "anyone", "act:no.such", "role:king", "act:", "file|act:no.such")))


def commands_below(group: Any, typed: str = "dingmi") -> dict[str, set[str]]:
    """Return every command that can be typed, as the parser knows it, with the names of its parameters."""
    found = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= commands_below(command, f"{typed} {name}")
        else:
            found[f"{typed} {name}"] = {parameter.name for parameter in command.params}
    return found


def test_every_command_that_can_be_typed_is_listed_and_its_policy_fits_its_options(run):
    listed = {route["path"]: route["policy"] for route in run("routes", "--json")[1] if route["kind"] == "command"}
    typed = commands_below(typer.main.get_command(app))
    assert sorted(listed) == sorted(typed)
    for path, parameters in typed.items():
        policies = listed[path].split("|")
        judged = {policy for policy in policies if policy.startswith(("act:", "query:", "account+"))}
        assert bool(judged) == ("account" in parameters), path
        assert ("data" in parameters) or policies == ["file"], path


def test_every_clause_is_told_with_what_carries_it_and_what_proves_it(run):
    from tools import clause_proofs

    clause_proofs.build()
    code, rows = run("rules", "clauses", "--json")
    by_id = {row["id"]: row for row in rows}
    assert code == 0 and len(by_id) == len(rows) > 440
    cap, limit = by_id["BMF-20.2"], by_id["TL-25.1d"]
    assert "prc_state:period_within_the_law" in cap["rules"] and cap["tests"] and cap["since"] == "2024-05-01"
    assert "unclear_matter_report" in limit["deadlines"]
    assert "officers.designate" in by_id["ZX-14.1"]["procedures"] and by_id["ZX-14.1"]["carried_over"] is True
    assert {"officers", "training.hours"} <= set(by_id["SEED-7"]["queries"])
    assert by_id["PS-9?"]["confirmed"] is False


def test_what_nothing_carries_is_told_on_its_own(run):
    code, missing = run("rules", "clauses", "--missing", "--response", "enforce", "--json")
    carriers = ("rules", "deadlines", "procedures", "queries", "forms")
    assert code == 0
    assert all(row["response"] == "enforce" and not any(row[name] for name in carriers) for row in missing)
    assert {row["id"] for row in missing}.isdisjoint({"BMF-20.2", "ZX-14.1"})


def test_the_process_that_filled_the_demo_becomes_the_jobs_process(tmp_path):
    finish = f"from pathlib import Path; from dingmi.interfaces.cli.demo import _finish; _finish(Path({str(tmp_path)!r}), {{}}, True, True)"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, "-c", finish], **quiet)
    seen = b""
    while b"dingmi.interfaces.jobs" not in seen and process.poll() is None:
        seen = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        time.sleep(0.01)
    process.terminate()
    process.wait(20)
    assert b"dingmi.interfaces.jobs" in seen
