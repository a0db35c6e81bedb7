"""国家秘密标志: on every carrier, at its lawful place, bound to it, kept up with the decision; none on a public copy."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK

MARK = "carriers.mark"
PUBLIC = "carriers.public_copy"


@BOOK.rule(MARK, "TL-21.1a", "BMF-22.1", "GW-9.2", "BMF10-17", "TL14-15")
def carrier_shows_level_and_period(facts: Any, law: Law) -> Found:
    """国家秘密载体以及属于国家秘密的设备、产品的明显部位应当作出国家秘密标志，标注密级和保密期限。"""
    if facts.is_markable and facts.visible != facts.expected:
        yield "mark.not_shown", {"mark": facts.expected}


@BOOK.rule(MARK, "BMF-22.2", "ZX-24.3")
def electronic_mark_is_bound(facts: Any, law: Law) -> Found:
    """涉密电子文件应当作出国家秘密标志；标志与载体不可分离，明显并易于识别。"""
    if facts.is_markable and not facts.is_bound:
        yield "mark.not_bound", {"mark": facts.expected}


@BOOK.rule(MARK, "ZX-24.2")
def mark_stands_in_its_place(facts: Any, law: Law) -> Found:
    """标志应当符合有关国家标准；没有国家标准的，标注在封面左上角或者标题下方的显著位置。"""
    if facts.is_markable and facts.visible and not facts.is_in_place:
        yield "mark.misplaced", {"mark": facts.expected}


@BOOK.rule(MARK, "GB-7.2.2")
def figures_are_arabic(facts: Any, law: Law) -> Found:
    """密级和保密期限：3号黑体，顶格编排在版心左上角第二行，保密期限中的数字用阿拉伯数字标注。"""
    if facts.is_markable and any(c in law.value("chinese_figures") for c in facts.visible):
        yield "mark.chinese_figures", {"mark": facts.expected}


@BOOK.rule(MARK, "GW-9.1")
def official_document_has_a_copy_number(facts: Any, law: Law) -> Found:
    """涉密公文应当标注份号。"""
    if facts.is_official_document and facts.copy_number <= 0:
        yield "mark.no_copy_number", {}


@BOOK.rule(MARK, "GB-7.2.1?")
def copy_number_has_six_figures(facts: Any, law: Law) -> Found:
    """份号一般用6位3号阿拉伯数字，顶格编排在版心左上角第一行（凭记忆，待核）。"""
    most = 10 ** int(law.value("copy_number_figures"))
    if facts.is_official_document and facts.copy_number >= most:
        yield "mark.copy_number_long", {"figures": int(law.value("copy_number_figures"))}


@BOOK.rule(MARK, "TL-21.2", "TL14-15")
def what_cannot_be_marked_is_told(facts: Any, law: Law) -> Found:
    """无法作出国家秘密标志的，确定该国家秘密的机关、单位应当书面通知知悉范围内的机关、单位和人员。"""
    if not facts.is_markable and not facts.is_told_in_writing:
        yield "mark.not_told", {}


@BOOK.rule(PUBLIC, "ZX-36.1")
def only_what_was_released_is_made_public(facts: Any, law: Law) -> Found:
    """国家秘密事项已经解密需要公开的，应当依照信息公开程序进行保密审查：nothing is made public before it is released."""
    if facts.state != "declassified" and not facts.is_parted:
        yield "public_copy.not_released", {"state": facts.state}


@BOOK.rule(PUBLIC, "BMF-24.2b", "ZX-36.3")
def what_was_released_of_a_matter_is_on_record(facts: Any, law: Law) -> Found:
    """部分解密的，解密的部分以决定记明的段落为准：without them nobody can tell which words are still secret."""
    if facts.is_parted and not facts.names_paragraphs:
        yield "public_copy.no_paragraphs", {}


@BOOK.rule(PUBLIC, "ZX-36.3")
def public_copy_carries_no_mark(facts: Any, law: Law) -> Found:
    """公开时不得保留国家秘密标志；对国家秘密标志以及属于敏感信息的内容，应当作删除、遮盖等处理。"""
    if facts.marks or facts.has_label:
        yield "public_copy.mark_left", {"count": len(facts.marks) + bool(facts.has_label)}


@BOOK.rule(PUBLIC, "ZX-36.3", "BMF-35", "CS-124")
def the_rest_of_a_matter_stays_secret(facts: Any, law: Law) -> Found:
    """部分解密的，公开件只含已解密的部分：what is still secret is neither in it nor in a picture that cannot be read."""
    if facts.still_secret:
        yield "public_copy.still_secret", {"paragraphs": "、".join(map(str, facts.still_secret))}
    if facts.unread:
        yield "public_copy.unread", {"count": facts.unread}


@BOOK.rule(PUBLIC, "ZX-36.3")
def public_copy_hides_nothing(facts: Any, law: Law) -> Found:
    """属于敏感信息的内容，应当作删除、遮盖等处理：看不见的内容不得随公开件带出。"""
    for one in facts.hidden:
        yield f"hidden.{one.kind}", {"count": one.count}
