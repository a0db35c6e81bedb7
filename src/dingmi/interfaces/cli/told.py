"""How what a command found is told to people; with ``--json`` the same values are printed as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dingmi.base import messages
from dingmi.base.errors import Finding

Row = Mapping[str, Any]
NONE = "—"
VERDICTS = {
    "valid": "标志有效 · the mark is valid",
    "altered-content": "内容已被改动 · the content was changed after marking",
    "altered-mark": "标志已被改动 · the mark was changed",
    "stripped-known": "标志被去除，内容与已标志的文件相同或近似 · the mark was taken off a known content",
    "unknown": "没有可核对的标志 · no mark that can be checked",
    "superseded": "已被新标志取代 · superseded by a newer mark",
    "signer-untrusted": "签名不可信 · signed by a key that is not trusted",
}
MARK = {
    "canonical": "规范写法 · canonical",
    "level": "密级 · level",
    "kind": "期限种类 · kind",
    "value": "期限 · value",
    "starts_on": "起算日 · starts on",
    "last_protected_day": "最后一个保密日 · last protected day",
    "declassified_from": "解密日 · declassified from",
}
KINDS = {
    "period": "年月日数 · period",
    "date": "解密时间 · date",
    "event": "解密条件 · event",
    "indefinite": "长期 · indefinite",
    "defaulted": "未写明，按最长期限 · not stated, the longest applies",
}
CHECKED = {
    "visible": "可见标志 · visible mark",
    "likeness": "相似程度（%） · likeness (per cent)",
    "registered": "已对照台账 · held against the register",
    "place_ok": "位置正确 · at its place",
    "matter": "事项 · matter",
    "key_id": "签名密钥 · signing key",
    "content_sm3": "内容摘要 SM3 · digest of the content",
}


FORM_VERDICTS = {
    "valid": "表单有效：内容与其所载的值一致 · the form is valid: it reads as the values that it carries",
    "altered-content": "表单内容已被改动 · the form was changed",
}
FORM = {
    "form": "表单 · form",
    "number": "编号 · number",
    "ledger_no": "账本序号 · number in the ledger",
    "digest": "账本摘要 · digest in the ledger",
    "sheet_sm3": "表单摘要 SM3 · digest of the form",
    "printed_by": "打印人 · printed by",
    "printed_at": "打印时间 · printed at",
    "copy": "第几份 · copy",
}


def say(lines: Iterable[str]) -> None:
    """Print lines for people to standard output."""
    for line in lines:
        print(line)


def counts(given: Row) -> Iterator[str]:
    """Tell counts by name, an act by its title, one a line; counts of an act on one line, and nothing of what did nothing."""
    for name, value in given.items():
        if not isinstance(value, Mapping):
            yield f"{name}: {value}"
        elif any(value.values()):
            done = "  ".join(f"{inner} {count}" for inner, count in value.items() if count)
            yield f"{_in_words(name, {})}: {done}"


def _labelled(labels: Mapping[str, str], given: Row) -> Iterator[str]:
    for name, label in labels.items():
        value = given.get(name)
        if isinstance(value, bool):
            value = "是 · yes" if value else "否 · no"
        if value not in (None, "", 0):
            yield f"{label}: {value}"


def _in_words(code: str, params: Row, clauses: Iterable[str] = ()) -> str:
    finding = Finding(code, "note", tuple(clauses), params)
    return " ".join(messages.render(finding, language).text for language in messages.LANGUAGES)


def mark(parsed: Row) -> Iterator[str]:
    """Tell what a mark says and from when to when it protects."""
    yield from _labelled(MARK, {**parsed, "kind": KINDS[parsed["kind"]]})
    if parsed["last_protected_day"] is None and parsed["kind"] == "period":
        yield "起止日未算：没有给制发日（--issued）或者通知日（--notified） · no window: --issued or --notified is not given"
    for code in parsed["warnings"]:
        yield f"! {_in_words(code, {})}"


def verdict(found: Row) -> Iterator[str]:
    """Tell what was found of the mark on a file or a code."""
    yield VERDICTS[found["verdict"]]
    yield from _labelled(CHECKED, found if found["visible"] else {**found, "place_ok": None})


def form(found: Row) -> Iterator[str]:
    """Tell what was found of a printed form."""
    yield FORM_VERDICTS[found["verdict"]]
    yield from _labelled(FORM, found)


def assessed(result: Row) -> Iterator[str]:
    """Tell what was found in one file: candidates with their evidence, reused passages, marks, findings."""
    yield f"{result['file']}（{result['text_characters']} 字 · characters）"
    if result["abstained"]:
        yield f"  {_in_words(result['abstained'], {})}"
    for one in result["candidates"]:
        mark = f"{one['level']}★{one['tail']}" if one["tail"] else one["level"]
        yield f"  条目 · item {one['item_id']}  {mark}  {one['score']:.2f}  {'、'.join(one['matched'])}"
        yield f"    知悉范围 · scope: {one['scope_rule'] or NONE}  证据 · evidence: {_spans(one['evidence'])}"
        for why in one["why_not"]:
            yield f"    但是 · but: {_in_words(why['code'], why['params'], why['clauses'])}"
    for one in result["reused"]:
        yield f"  来源 · source {one['source_id']}  {one['kind']}  {_spans([one['draft']])} ← {_spans([one['source']])}"
    for one in result["marks"]:
        yield f"  标志 · mark {one['text']}  {_spans([one['span']])}"
    for one in result["findings"]:
        yield f"  ! {_in_words(one['code'], one['params'], one['clauses'])}"


def learnt(done: Row) -> Iterator[str]:
    """Tell what a model or the unit learnt, and which files it did not take."""
    if "model" in done:
        yield f"{done['model']}  {done['texts']} 份文本 · texts  {done['grams']} 个常用片段 · grams"
    for one in done.get("learnt", ()):
        yield f"{one['file']}  已学习 · learnt"
    for one in done["failed"]:
        yield from refused(one["file"], one["error"])


def refused(file: str, error: Row) -> Iterator[str]:
    """Tell why one file among several was not taken."""
    yield f"{file}\n  ✗ {error['message_zh']} {error['message_en']}\n    {error['remedy_zh']} {error['remedy_en']}"


def _spans(spans: Iterable[Row]) -> str:
    return "、".join(f"{span['start']}–{span['end']}" for span in spans) or NONE
