"""Words of statistics: titles, rows and columns of every table, in Chinese as forms have them and in English."""

from __future__ import annotations

from collections.abc import Mapping

from dingmi.queries.statistics.cells import BEFORE

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SIGNS: dict[str, tuple[str, str]] = {
    "returned": ("退回率", "Returned"),
    "found_high": ("高定（抽查）", "Over-marked"),
    "points_missed": ("漏标密点（抽查）", "Points missed"),
    "longest": ("按上限定期限", "Longest period"),
    "not_secret": ("判为非密占比", "Found not secret"),
    "wide": ("知悉范围过宽", "Wide scope"),
    "days": ("平均审定用时", "Days to decide"),
}
# what each sign counts of what; {most} people, {days} working days
MEANINGS: dict[str, tuple[str, str]] = {
    "returned": (
        "退回的次数，占确定和退回次数之和。",
        "Times sent back, of all determinations and returns.",
    ),
    "found_high": (
        "检查抽出的事项中，查明定高的占比；没有抽查的不计。",
        "Of the matters that inspections drew, those found over-classified; nothing without a sample.",
    ),
    "points_missed": (
        "检查抽出的事项中，查明密点漏标、错标的占比；没有抽查的不计。",
        "Of the matters that inspections drew, those with points missing or wrong; nothing without a sample.",
    ),
    "longest": (
        "保密期限达到该密级法定最长期限的，占全部确定。",
        "Determinations whose period is the longest that the law allows for their level.",
    ),
    "not_secret": (
        "审定为不属于国家秘密的，占确定与判为非密之和。升降本身不说明好坏。",
        "Proposals found not to be state secrets, of all decided. Neither way is better by itself.",
    ),
    "wide": (
        "知悉范围超过 {most} 人的，占全部确定；点到本单位部门的按当时在职人数计，外单位不按人数计。",
        "Determinations whose scope admits more than {most} people; our own units count by their staff at the time, "
        "other organs are not counted by head.",
    ),
    "days": (
        "从提交到审定的平均天数；“所计”为超过 {days} 个工作日的。",
        "Mean days from proposal to decision; what is asked about took longer than {days} working days.",
    ),
}
WORDS: dict[str, tuple[str, str]] = {
    **SIGNS,
    **{f"quality_{name}": (f"质量信号：{zh}", f"Sign of quality: {en}") for name, (zh, en) in SIGNS.items()},
    # tables
    "determined": ("国家秘密事项确定情况", "Determinations"),
    "tails": ("保密期限类别", "Kinds of period"),
    "changed": ("国家秘密事项变更情况", "Changes"),
    "ended": ("国家秘密事项解除情况", "Releases"),
    "stock": ("在密国家秘密事项", "In force at the end"),
    "reviews": ("审核情况", "Reviews"),
    "doubts": ("不明确、报请、争议和纠正情况", "Unclear, referred, disputed and corrected"),
    "officers": ("定密责任人情况", "Officers"),
    "hours": ("定密培训情况", "Training"),
    "delegations": ("定密授权情况", "Delegations"),
    "flow": ("每季确定、变更与解密", "Determined, changed, released"),
    "months": ("每月确定、变更与解密", "Determined, changed, released"),
    "forecast": ("未来十年到期", "Ending in the next ten years"),
    "items": ("事项范围条目使用", "Use of guide items"),
    "quality": ("质量信号", "Signs of quality"),
    "standing": ("一页总览", "Overview"),
    "sampled": ("抽查情况", "Samples of inspections"),
    # reports
    "classification": ("年度国家秘密事项统计表", "Annual classification statistics"),
    "work": ("年度定密工作情况报告", "Annual report on classification work"),
    "filing": ("定密责任人备案表", "Officers' filing list"),
    "version": ("第 {n} 版，", "Version {n}, "),
    "filed_on": ("{on} 备案", "filed on {on}"),
    "not_filed": ("未备案", "not filed"),
    # officers of the filing list
    "kind_statutory": ("法定、", "Statutory, "),
    "kind_designated": ("指定、", "Designated, "),
    "kind_derives": ("派生、", "Derivative only, "),
    "tier_main": ("主要", "main"),
    "tier_managing": ("管理", "managing"),
    "tier_assistant": ("辅助", "assistant"),
    "all": ("全部", "All"),
    # rows
    "original": ("原始定密", "Original"),
    "derivative": ("派生定密", "Derivative"),
    "period": ("保密期限", "Period"),
    "date": ("解密时间", "Date"),
    "event": ("解密条件", "Event"),
    "indefinite": ("长期", "Indefinite"),
    "defaulted": ("依法推定", "Supplied by law"),
    "raised": ("升密", "Level raised"),
    "lowered": ("降密", "Level lowered"),
    "extended": ("延长保密期限", "Period extended"),
    "shortened": ("缩短保密期限", "Period shortened"),
    "other": ("知悉范围和其他", "Scope and other"),
    "expiry": ("期满自行解密", "By expiry"),
    "early": ("提前解密", "Early"),
    "event_done": ("条件成就解密", "By event"),
    "published": ("公布即解密", "By publication"),
    "voided": ("撤销错误定密", "Voided"),
    "annual": ("年度审核", "Yearly review"),
    "before_expiry": ("到期审核", "Review before expiry"),
    "source": ("来源变化审核", "Review after a source changed"),
    "unclear": ("不明确事项", "Unclear matters"),
    "authority": ("无权限报请", "Referred for want of authority"),
    "received": ("收到异议", "Challenges received"),
    "raised_by_us": ("提出异议", "Challenges raised"),
    "found_not_determined": ("纠正：应定未定", "Corrected: not classified"),
    "found_wrong": ("纠正：错定", "Corrected: wrongly classified"),
    "found_over": ("纠正：高定", "Corrected: over-classified"),
    "found_under": ("纠正：低定", "Corrected: under-classified"),
    "found_over_authority": ("纠正：超越权限", "Corrected: beyond authority"),
    "found_procedure": ("纠正：违反程序", "Corrected: procedure"),
    "found_unmarked": ("纠正：未作标志", "Corrected: not marked"),
    "found_unchanged": ("纠正：未变更", "Corrected: not changed"),
    "found_unreviewed": ("纠正：未审核", "Corrected: not reviewed"),
    "found_wrongly_released": ("纠正：错误解密", "Corrected: wrongly released"),
    "found_unreleased": ("纠正：未解密", "Corrected: not released"),
    "found_other": ("纠正：其他", "Corrected: other"),
    "statutory": ("法定定密责任人", "Statutory"),
    "designated": ("指定定密责任人", "Designated"),
    "derives": ("只办派生定密", "Derivative only"),
    "of_officers": ("定密责任人", "Officers"),
    "of_drafters": ("承办人", "Drafters"),
    "granted_to_us": ("接受授权", "Received"),
    "granted_by_us": ("作出授权", "Given"),
    "revoked": ("撤销授权", "Revoked"),
    "none": ("未列部门", "No department"),
    "total": ("合计", "Total"),
    "due": ("90 天内到期", "Ending within 90 days"),
    "late": ("逾期未审", "Reviews overdue"),
    "waiting": ("待审核、报请中", "Waiting for a decision"),
    "outside": ("超出资格的决定", "Decided outside authority"),
    "over": ("本年发现高定", "Over-marked, found this year"),
    "open": ("未办结的差错", "Errors not closed"),
    "right": ("抽查未发现差错", "Nothing wrong"),
    "other_error": ("抽查发现其他差错", "Another error"),
    **{f"m{n}": (f"{n}月", en) for n, en in enumerate(MONTHS, 1)},
    # columns
    "秘密": ("秘密", "秘密"),
    "机密": ("机密", "机密"),
    "绝密": ("绝密", "绝密"),
    "done": ("已审核", "Done"),
    "undone": ("未审核", "Not done"),
    "count": ("件数", "Number"),
    "trained": ("培训有效", "Training in force"),
    "untrained": ("培训失效", "Training lapsed"),
    "people": ("人数", "People"),
    "det": ("确定", "Determined"),
    "end": ("解密", "Released"),
    "chg": ("变更", "Changed"),
    "hit": ("所计", "Asked about"),
    "base": ("基数", "Of all"),
}

ANOMALIES: dict[str, tuple[str, str]] = {
    "no_officer": ("没有在任的定密责任人。", "No officer is in office."),
    "untrained": ("{n} 名定密责任人培训失效。", "Officers whose training has lapsed: {n}."),
    "all_top": (
        "本年确定的 {n} 项全部为同一最高密级，请核对是否偏高。",
        "All {n} determinations are at one and the highest level: is it too high?",
    ),
    "none_derived": (
        "本年确定的 {n} 项没有一项派生定密，请核对来源是否都已登记。",
        "None of {n} determinations is derivative: are all sources entered?",
    ),
    "nothing_determined": ("本年没有确定国家秘密事项。", "Nothing was determined this year."),
    "reviews_undone": ("{n} 项审核没有按期完成。", "Reviews not done in time: {n}."),
    "more_extended": (
        "延长 {n} 项，多于解除，请核对是否习惯性延长。",
        "{n} extended, more than released: is extending a habit?",
    ),
}


def anomaly(code: str, number: int, language: str = "zh") -> str:
    """Say what looks wrong, with its number."""
    return ANOMALIES[code][1 if language == "en" else 0].format(n=number)


def meaning(sign: str, numbers: Mapping[str, int], language: str = "zh") -> str:
    """Say what a sign counts of what, with the numbers that it names."""
    return MEANINGS[sign][1 if language == "en" else 0].format_map(numbers)


def word(code: str, language: str = "zh") -> str:
    """Return the word of a code; a code without one (a department, a year) is its own word."""
    both = WORDS.get(code)
    if code.endswith(BEFORE):
        said = word(code.removesuffix(BEFORE), language)
        return f"{said}, year before" if language == "en" else f"上年同期{said}"
    return code if both is None else both[1 if language == "en" else 0]
