"""``dingmi screen``: a tree in, one row a file out; resumable, the same on one process or two, and a report to act on."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import zipfile
from dataclasses import replace
from email.message import EmailMessage
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dingmi.base.errors import Invalid
from dingmi.engines import documents, pool
from dingmi.engines.documents import DEFAULT, recognition
from dingmi.interfaces.cli import main
from tests.engines.test_recognition import SMALL, as_png, written

PASSAGE = "三号泵站枯水期向城北片区供水的最大流量为每秒四点七立方米，备用线路经由青石岭隧洞接入，切换时间不超过九分钟。"


@pytest.fixture
def run(capsys, monkeypatch):
    """Run one command in this process; return its exit code and the JSON it printed."""

    def command(*arguments: Any) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["dingmi", *map(str, arguments), "--json"])
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def office(tmp_path):
    """A tree of seven files, beside it a guide and a source."""
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    for name, text in {
        "copied.txt": "情况说明。\n" + PASSAGE,
        "inner/copied again.txt": "情况说明。\n" + PASSAGE + "\n",
        "low.txt": "秘密★5年\n情况说明。\n" + PASSAGE,
        "=item.txt": "现报送城市供水应急调度方案及备用水源启用预案，请审阅。",
        "clean.txt": "本市定于周六举办环湖自行车赛，欢迎市民报名参加。",
    }.items():
        (tree / name).write_text(text, encoding="utf-8")
    (tree / "broken.docx").write_bytes(b"PK\x03\x04 not a package")
    (tree / "empty.txt").write_bytes(b"")
    os.symlink(tree, tree / "inner" / "circle")
    guide = {"id": "i1", "guide": "水务", "no": "4", "item": "城市供水应急调度方案及备用水源启用预案", "level": "机密"}
    (tmp_path / "g.jsonl").write_text(json.dumps(guide, ensure_ascii=False) + "\n", "utf-8")
    source = {"id": "s1", "text": "前言部分另有安排。\n" + PASSAGE, "level": "机密"}
    (tmp_path / "s.jsonl").write_text(json.dumps(source, ensure_ascii=False) + "\n", "utf-8")
    return tmp_path


@pytest.fixture
def desk(office):
    """The same with three short files only."""
    for name in ("inner/copied again.txt", "=item.txt", "broken.docx", "low.txt"):
        (office / "tree" / name).unlink()
    return office


def against(place: Path) -> tuple[Any, ...]:
    return "--guides", place / "g.jsonl", "--sources", place / "s.jsonl"


def results(path: Path) -> dict[str, Any]:
    return {row["file"]: row for row in map(json.loads, path.read_text("utf-8").splitlines())}


def test_each_file_has_its_concerns_and_each_failure_its_reason(run, office):
    out = office / "r.jsonl"
    pages = [office / f"report{ending}" for ending in (".html", ".xlsx", ".json")]
    asked = [word for page in pages for word in ("--report", page)]
    code, told = run("screen", office / "tree", "--out", out, "--workers", 1, *against(office), *asked)
    rows = results(out)
    assert code == 0 and told["files"] == len(rows) == 7
    assert rows["copied.txt"]["concerns"] == ["mark_missing", "reuse"]
    assert rows["low.txt"]["concerns"] == ["mark_low", "reuse"]
    assert "likely_item" in rows["=item.txt"]["concerns"]
    assert rows["clean.txt"]["concerns"] == []
    assert rows["copied.txt"]["reused"][0]["source_id"] == "s1"
    assert told["failed"] == 2 and told["failures"]["file.empty"] == 1
    assert rows["broken.docx"]["error"]["message_zh"] and rows["broken.docx"]["error"]["remedy_en"]
    assert told["duplicates"] == [["copied.txt", "inner/copied again.txt"]]
    assert told["concerns"]["reuse"] == 3
    assert PASSAGE[:12] not in out.read_text("utf-8")
    assert out.stat().st_mode & 0o077 == 0
    reports_list_what_needs_a_person_and_run_nothing(*pages)


def reports_list_what_needs_a_person_and_run_nothing(page: Path, workbook: Path, data: Path) -> None:
    html = page.read_text("utf-8")
    assert "应标未标" in html and "copied.txt" in html and "clean.txt" not in html
    cells = [cell for row in openpyxl.load_workbook(workbook)["逐份"].values for cell in row]
    assert "'=item.txt" in cells and "=item.txt" not in cells
    listed = {row["file"]: row for row in json.loads(data.read_text("utf-8"))["listed"]}
    assert (
        "水务 4 城市供水应急调度方案及备用水源启用预案（机密）" in listed["=item.txt"]["items"]
        and listed["empty.txt"]["failure"]
    )


def test_a_run_cut_off_in_a_row_goes_on_where_it_was_and_other_sources_make_every_file_new(run, desk):
    out = desk / "r.jsonl"
    run("screen", desk / "tree", "--out", out, "--workers", 1, *against(desk))
    out.write_text(out.read_text("utf-8")[:-40], "utf-8")
    (desk / "tree" / "clean.txt").write_text("改为：" + PASSAGE, "utf-8")
    _, told = run("screen", desk / "tree", "--out", out, "--workers", 1, *against(desk))
    assert (told["already_done"], told["examined"], told["files"], told["concerns"]["reuse"]) == (2, 2, 3, 2)
    _, told = run("screen", desk / "tree", "--out", out, "--workers", 1, "--guides", desk / "g.jsonl")
    assert (told["already_done"], told["examined"], told["files"], told["concerns"]["reuse"]) == (0, 3, 3, 0)


RAY = pytest.mark.skipif(
    find_spec("ray") is None, reason="the extra for clusters (dingmi[ray]) is not installed: --engine ray is refused"
)


@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=RAY)])
def test_two_workers_find_what_one_finds(run, desk, engine):
    alone, together = desk / "1.jsonl", desk / "2.jsonl"
    run("screen", desk / "tree", "--out", alone, "--workers", 1, *against(desk))
    run("screen", desk / "tree", "--out", together, "--workers", 2, "--engine", engine, *against(desk))
    times = ("seconds", "reading_seconds")
    rows = [
        {n: {k: v for k, v in r.items() if k not in times} for n, r in results(p).items()} for p in (alone, together)
    ]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("extra", "code", "error"),
    [
        (("absent", "--out", "r.jsonl"), 5, "screen.no_folder"),
        (("tree", "--out", "g.jsonl"), 2, "screen.not_results"),
        pytest.param(
            ("tree", "--out", "r.jsonl", "--engine", "ray"),
            7,
            "screen.no_ray",
            marks=pytest.mark.skipif(find_spec("ray") is not None, reason="dingmi[ray] is installed"),
        ),
        (("tree", "--out", "r.jsonl", "--engine", "moon"), 2, "screen.unknown_engine"),
        (("tree", "--out", "r.jsonl", "--report", "r.docx"), 2, "screen.unknown_report"),
        (("tree", "--out", "r.jsonl", "--guides", "none.jsonl"), 5, "file.not_found"),
    ],
)
def test_what_cannot_be_screened_is_told(run, office, monkeypatch, extra, code, error):
    monkeypatch.chdir(office)
    ended, printed = run("screen", *extra)
    assert (ended, printed["error"]["code"]) == (code, error)


@pytest.fixture
def engine(request):
    """One of the engines; the functions of this module go to the workers of a cluster as they are."""
    if request.param == "ray":
        from ray import cloudpickle

        cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return request.param


ENGINES = pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=RAY)], indirect=True)


def start() -> None:
    """Nothing to make ready."""


def half(number: int) -> int:
    """Work that kills its process on 3."""
    if number == 3:
        os._exit(1)
    return number // 2


@ENGINES
def test_a_task_that_kills_its_worker_is_lost_and_the_others_are_done(engine):
    ended = dict(pool.run(pool.Work(half, start), range(5), 2, engine))
    assert {task: result for task, result in ended.items() if task != 3} == {0: 0, 1: 0, 2: 1, 4: 2}
    assert isinstance(ended[3], pool.Lost)


def refused(number: int) -> int:
    """Work that raises."""
    raise Invalid("screen.unreadable", (), problem=str(number))


@ENGINES
def test_what_the_work_raises_ends_the_run_as_itself(engine):
    with pytest.raises(Invalid, match=r"screen\.unreadable"):
        list(pool.run(pool.Work(refused, start), range(3), 2, engine))


@RAY
def test_a_cluster_that_does_not_answer_is_told(run, desk, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    code, told = run("screen", desk / "tree", "--out", desk / "r.jsonl", "--engine", "ray")
    assert (code, told["error"]["code"]) == (7, "screen.no_cluster")


def zipped(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def mail(*attached: tuple[str, bytes], html: bool = False) -> bytes:
    """A mail about the passage with files attached, another mail among them."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "供水情况", "lin@qjsw.example", "zhou@qjsw.example"
    if html:
        message.set_content(f"<style>p {{ color: red }}</style><p>情况说明。</p><p>{PASSAGE}</p>", subtype="html")
    else:
        message.set_content("情况说明。\n" + PASSAGE)
    for name, data in attached:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(message)


def test_files_in_archives_and_mails_have_rows_of_their_own(run, office):
    tree, text = office / "held", ("情况说明。\n" + PASSAGE).encode()
    tree.mkdir()
    (tree / "来信.eml").write_bytes(
        mail(("附件.txt", text), ("再附.zip", zipped(("内/文.txt", text), ("坏.docx", b"PK\x03\x04"))))
    )
    (tree / "网页.eml").write_bytes(mail(html=True))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo("../上/一.txt")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    (tree / "档案.tar.gz").write_bytes(packed.getvalue())
    (tree / "坏.zip").write_bytes(b"PK\x03\x04 no archive")
    deep = zipped(("文.txt", text))
    for _ in range(3):
        deep = zipped(("套.zip", deep))
    (tree / "深.zip").write_bytes(deep)
    out = office / "held.jsonl"
    code, result = run("screen", tree, "--out", out, "--sources", office / "s.jsonl", "--workers", 1)
    rows = {row["file"]: row for row in map(json.loads, out.read_text("utf-8").splitlines())}
    reuse = {name for name, row in rows.items() if "reuse" in row.get("concerns", ())}
    assert code == 0 and reuse == {
        "来信.eml", "来信.eml!/附件.txt", "来信.eml!/再附.zip!/内/文.txt", "网页.eml", "档案.tar.gz!/上/一.txt"
    }  # fmt: skip
    failed = {name: row["error"]["code"] for name, row in rows.items() if "error" in row}
    assert failed == {
        "来信.eml!/再附.zip!/坏.docx": "file.damaged", "坏.zip": "file.damaged", "深.zip!/套.zip!/套.zip!/套.zip": "screen.too_deep"
    }  # fmt: skip
    assert rows["档案.tar.gz"]["members"] == 1 and "link" not in str(sorted(rows))
    assert list(rows)[-1] in ("网页.eml", "深.zip") and result["failed"] == 3
    code, again = run("screen", tree, "--out", out, "--sources", office / "s.jsonl", "--workers", 1)
    assert (again["already_done"], again["examined"], again["files"]) == (result["files"], 0, result["files"])


def test_an_archive_whose_rows_were_cut_by_a_kill_is_opened_again(run, office):
    tree = office / "held"
    tree.mkdir()
    text = ("情况说明。\n" + PASSAGE).encode()
    (tree / "a.zip").write_bytes(zipped(("1.txt", text), ("2.txt", text)))
    out = office / "held.jsonl"
    run("screen", tree, "--out", out, "--sources", office / "s.jsonl", "--workers", 1)
    first = out.read_text("utf-8").splitlines(keepends=True)
    out.write_text(first[0] + first[1][:40], "utf-8")
    code, result = run("screen", tree, "--out", out, "--sources", office / "s.jsonl", "--workers", 1)
    assert (code, result["examined"], result["files"], result["concerns"]["reuse"]) == (0, 1, 3, 2)


def test_an_archive_that_unpacks_to_more_than_its_share_is_refused(monkeypatch):
    bomb = zipped(*((f"{n}.txt", b"0" * 1000) for n in range(50)))
    for limits in (replace(DEFAULT, unpacked_bytes=60_000), replace(DEFAULT, entries=20)):
        with pytest.raises(Invalid, match=r"file\.bomb"):
            documents.unpack(bomb, "a.zip", limits)
    text, members = documents.unpack(bomb, "a.zip")
    assert (text, len(members), members[3]) == ("", 50, documents.Member("3.txt", b"0" * 1000))
    old = zipped(("x.txt", b"1"))
    locked = bytearray(old)
    for place in (6, old.index(b"PK\x01\x02") + 8):
        locked[place] |= 1
    assert documents.unpack(bytes(locked), "a.zip")[1][0].problem == "file.encrypted"
    with pytest.raises(Invalid, match=r"file\.damaged"):
        documents.unpack(b"no mail at all", "a.eml")


def test_pictures_that_were_not_read_are_a_concern_and_say_what_to_do(run, desk, monkeypatch):
    monkeypatch.setattr(recognition, "available", lambda: False)
    figure, scan = desk / "tree/figure.docx", desk / "tree/scan.docx"
    figure.write_bytes(written(as_png(SMALL[0])))
    scan.write_bytes(written(as_png(SMALL[0]), text=""))
    out, page = desk / "r.jsonl", desk / "report.html"
    code, told = run("screen", desk / "tree", "--out", out, "--workers", 1, *against(desk), "--report", page)
    rows = results(out)
    assert code == 0 and rows["figure.docx"]["concerns"] == ["unread"] and told["concerns"]["unread"] == 1
    assert rows["scan.docx"]["error"]["code"] == "file.pictures_only"
    assert "dingmi[ocr]" in rows["scan.docx"]["error"]["remedy_zh"]
    assert "有图像没有读取" in page.read_text("utf-8")
    code, told = run("assess", figure)
    said = [finding for finding in told["findings"] if finding["code"] == "file.pictures_without_text"]
    assert code == 0 and said[0]["params"] == {"numbers": "1"}
