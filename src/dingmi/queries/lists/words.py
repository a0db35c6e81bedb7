"""Closed words of the lists: for every code how it is said, and with what tone."""

from __future__ import annotations

from django.utils.translation import gettext_noop as n_

from dingmi.base.actor import Role
from dingmi.queries.lists.model import Word, Words
from dingmi.queries.rows import STATE_WORDS, TIER_WORDS

SESSION: Words = {
    "due": Word(n_("待登记到课"), "wa"),
    "planned": Word(n_("待举办"), "in"),
    "held": Word(n_("已举办"), "ok"),
    "cancelled": Word(n_("已取消"), ""),
}
AUDIENCE: Words = {
    "officers": Word(n_("定密责任人")),
    "drafters": Word(n_("承办人")),
    "cleared": Word(n_("涉密人员")),
    "everyone": Word(n_("全体人员")),
}
ROLL: Words = {
    "attended": Word(n_("到课"), "ok"),
    "absent": Word(n_("缺席"), "er"),
    "enrolled": Word(n_("已报名"), ""),
}
EXAM: Words = {
    "open": Word(n_("开放中"), "in"),
    "planned": Word(n_("待开放"), ""),
    "over": Word(n_("已截止"), "ok"),
    "cancelled": Word(n_("已取消"), ""),
}
RESULT: Words = {
    True: Word(n_("合格"), "ok"),
    False: Word(n_("不合格"), "er"),
    "open": Word(n_("答题中"), "in"),
    "overdue": Word(n_("时间已到，待收卷"), "wa"),
}
QUESTION: Words = {
    "item": Word(n_("定密依据")),
    "level": Word(n_("密级")),
    "period": Word(n_("保密期限")),
    "secret": Word(n_("能否定密")),
    "mark": Word(n_("标志")),
    "decider": Word(n_("审批人")),
    "scope": Word(n_("知悉范围")),
    "authority": Word(n_("定密权限")),
}
BASIS: Words = {"policy": Word(n_("本单位制度")), "clause": Word(n_("保密常识 37"))}
SHORT: Words = {
    "short": Word(n_("学时不足"), "wa"),
    "untrained": Word(n_("没有培训"), "er"),
    "lapsed": Word(n_("培训失效"), "er"),
    "ending": Word(n_("培训将到期"), "wa"),
    "valid": Word(n_("有效"), "ok"),
}
CASE: Words = {
    "nominated": Word(n_("已提名"), ""),
    "vetted": Word(n_("考察通过"), "in"),
    "trained": Word(n_("培训合格"), "in"),
    "commissioned": Word(n_("已下达委托书"), "in"),
    "active": Word(n_("已履职"), "ok"),
    "refused": Word(n_("考察未通过"), ""),
    "withdrawn": Word(n_("已撤回"), ""),
    "vet": Word(n_("待考察"), "wa"),
    "train": Word(n_("待确认培训"), "wa"),
    "commission": Word(n_("待下达委托书"), "wa"),
    "publish": Word(n_("待公布"), "wa"),
    "file": Word(n_("待备案"), "wa"),
}
STEP: Words = {
    "nominated": Word(n_("提名")),
    "vetted": Word(n_("任前考察")),
    "trained": Word(n_("培训合格")),
    "commissioned": Word(n_("下达委托书")),
    "published": Word(n_("公布名单")),
    "filed": Word(n_("报备案")),
    "active": Word(n_("开始履职")),
}
CANDIDACY: Words = {
    "applied": Word(n_("已报名")),
    "chosen": Word(n_("入选")),
    "declined": Word(n_("未入选")),
    "withdrawn": Word(n_("已撤回")),
}
SELECTION: Words = {
    "open": Word(n_("报名中"), "in"),
    "closed": Word(n_("待决定"), "wa"),
    "decided": Word(n_("已决定"), "ok"),
}
ANSWER: Words = {
    "granted": Word(n_("已授权"), "ok"),
    "refused": Word(n_("不予授权"), ""),
    "": Word(n_("待决定"), "wa"),
}
DELEGATION: Words = {
    "running": Word(n_("有效"), "ok"),
    "revoked": Word(n_("已撤销"), ""),
    "outside": Word(n_("不在期内"), ""),
    "ends": Word(n_("将到期"), "wa"),
    "supervise": Word(n_("本年未监督"), "wa"),
    "file_grantor": Word(n_("授权机关未备案"), "wa"),
    "file_grantee": Word(n_("本单位未备案"), "wa"),
}
OWED: Words = {
    "not_vetted": Word(n_("没有审查"), "er"),
    "failed": Word(n_("审查未通过"), "er"),
    "vetting_over": Word(n_("复审逾期"), "er"),
    "vetting_due": Word(n_("复审将到期"), "wa"),
    "not_bound": Word(n_("没有承诺书"), "er"),
    "binding_ends": Word(n_("承诺书将到期"), "wa"),
    "no_category": Word(n_("没有岗位类别"), "wa"),
}
VETTED: Words = {True: Word(n_("通过"), "ok"), False: Word(n_("未通过"), "er")}
UNDERTAKING: Words = {
    "post": Word(n_("上岗承诺书")),
    "leaving": Word(n_("离岗承诺书")),
    "contract": Word(n_("保密合同")),
    "non_compete": Word(n_("竞业限制协议")),
}
ADVICE: Words = {"undertaking.non_compete": Word(n_("超过二年（宁波条例 16）"), "wa")}
OPENING: Words = {
    "confirmation": Word(n_("安全保密管理员核实"), "wa"),
    "owner": Word(n_("本人设置密码"), "in"),
}
YES_NO: Words = {True: Word(n_("是")), False: Word(n_("否"))}
INDICATOR: Words = {
    "accuracy": Word(n_("定密准确性")),
    "procedure": Word(n_("程序规范性")),
    "timeliness": Word(n_("及时性")),
    "period": Word(n_("期限管理")),
    "training": Word(n_("培训与资格")),
    "supervision": Word(n_("监督整改")),
}
RULE_SOURCE: Words = {"records": Word(n_("取自记录")), "office": Word(n_("保密办登记"))}
OFFICER: Words = {
    "no_designation": Word(n_("没有有效任命"), "er"),
    "suspended": Word(n_("暂停履职"), "er"),
    "training_lapsed": Word(n_("培训失效"), "er"),
    "training_ends": Word(n_("培训将到期"), "wa"),
    "clearance_below": Word(n_("涉密等级不足"), "er"),
    "grade_lapsed": Word(n_("资格失效"), "er"),
    "grade_below": Word(n_("资格等级不足"), "er"),
    "grade_ends": Word(n_("资格将到期"), "wa"),
    "term_ends": Word(n_("任期将满"), "wa"),
    "valid": Word(n_("有效"), "ok"),
}
TIER: Words = {tier: Word(word) for tier, word in TIER_WORDS.items()}
FILE_PART: Words = {
    "rules": Word(n_("规章制度")),
    "organisation": Word(n_("组织机构")),
    "people": Word(n_("人员管理")),
    "emergency": Word(n_("应急预案")),
    "places": Word(n_("要害部门、部位")),
    "monitoring": Word(n_("保密自监管设施")),
    "systems": Word(n_("涉密信息系统")),
    "meetings": Word(n_("涉密会议、活动")),
    "contracts": Word(n_("涉密采购、委托")),
    "rewards": Word(n_("表彰奖励")),
    "passes": Word(n_("出入证件")),
}
FILE_STATE: Words = {
    "kept": Word(n_("有效"), "ok"),
    "due": Word(n_("将到复核期"), "wa"),
    "overdue": Word(n_("复核逾期"), "er"),
    "ended": Word(n_("已停用"), ""),
}
CONDUCT: Words = {
    "deserted": Word(n_("擅自离职")),
    "breach": Word(n_("严重违反保密规定")),
    "removal_advised": Word(n_("建议调离涉密岗位")),
}
APPROVAL: Words = {"approved": Word(n_("已批准"), "ok"), "wanted": Word(n_("待批准"), "wa")}
LESSON: Words = {
    "tradition": Word(n_("保密传统")),
    "situation": Word(n_("形势任务")),
    "law": Word(n_("法律法规")),
    "technical": Word(n_("技术防范")),
    "cases": Word(n_("警示案例")),
}
TRAVEL: Words = {"duty": Word(n_("因公出国（境）")), "private": Word(n_("因私出国（境）"))}
TRAVEL_STATE: Words = {
    "asked": Word(n_("待提出意见"), "wa"),
    "opinions": Word(n_("待审批"), "wa"),
    "approved": Word(n_("待行前教育"), "wa"),
    "briefed": Word(n_("可以启程"), "ok"),
    "away": Word(n_("在境外"), "in"),
    "due_back": Word(n_("待登记返回"), "er"),
    "unapproved": Word(n_("未批准而日期已到"), "er"),
    "back": Word(n_("已返回"), ""),
    "refused": Word(n_("不批准"), ""),
    "withdrawn": Word(n_("已撤回"), ""),
}
EVENT: Words = {
    "leak": Word(n_("发生泄密或者有泄密隐患")),
    "funding": Word(n_("接受境外机构、组织、人员资助")),
    "marriage": Word(n_("与境外人员结婚")),
    "residence": Word(n_("本人或者近亲属取得外国国籍、境外长期居留")),
    "abroad": Word(n_("因私出国（境）")),
    "other": Word(n_("其他可能影响国家秘密安全的情况")),
}
APPRAISAL: Words = {
    "": Word(n_("尚未送达"), ""),
    "noticed": Word(n_("待本人确认"), "wa"),
    "signed": Word(n_("已签收"), "ok"),
    "objected": Word(n_("待复核决定"), "wa"),
    "decided": Word(n_("复核后"), "ok"),
}
PROPOSED: Words = {
    "": Word(n_("确定密级")),
    "review.keep": Word(n_("年度审核")),
    "review.lapse": Word(n_("期满解密")),
    "change.extend": Word(n_("延长保密期限")),
    "change.change": Word(n_("变更")),
    "declassification.release": Word(n_("提前解密")),
}
TASK: Words = {
    "review": Word(n_("审核"), ""),
    "change": Word(n_("审核"), ""),
    "draft": Word(n_("拟稿"), ""),
    "grade": Word(n_("审批"), ""),
    "regrade": Word(n_("退回修改"), ""),
    "grade_ends": Word(n_("到期"), ""),
    "grade_file": Word(n_("待备案"), "wa"),
    "annual": Word(n_("年审"), ""),
    "source": Word(n_("来源变更"), ""),
    "guide": Word(n_("范围更新"), ""),
    "dispute": Word(n_("异议落实"), ""),
    "expiry": Word(n_("到期"), ""),
    "finding": Word(n_("整改"), ""),
    "incident": Word(n_("泄密"), "er"),
}
ORIGIN: Words = {"original": Word(n_("原始")), "derivative": Word(n_("派生"))}
SECOND: Words = {"code": Word(n_("动态验证码")), "certificate": Word(n_("客户端证书"))}
CERTIFICATE: Words = {
    "asked": Word(n_("待另一人同意"), "wa"),
    "in_use": Word(n_("使用中"), "ok"),
    "expired": Word(n_("已过期"), "er"),
    "revoked": Word(n_("已吊销"), "er"),
}
EVIDENCE: Words = {
    "decision": Word(n_("决定")),
    "breach": Word(n_("违规记录")),
    "correction": Word(n_("纠正记录")),
    "referral": Word(n_("报请记录")),
    "challenge": Word(n_("异议")),
    "entry": Word(n_("台账记录")),
    "feedback": Word(n_("意见反馈")),
    "finding": Word(n_("检查发现")),
    "inspection": Word(n_("检查记录")),
    "qualification": Word(n_("资格证书")),
    "training-year": Word(n_("年度学时")),
    "training-until": Word(n_("培训有效期")),
    "paper": Word(n_("考核试卷")),
    "suspension": Word(n_("暂停履职")),
    "designation": Word(n_("任命")),
    "fact": Word(n_("登记的事实")),
}
REVIEW: Words = {
    "extend": Word(n_("建议延长"), "wa"),
    "release": Word(n_("建议解密"), "ok"),
    "lapse": Word(n_("期满解密"), "ok"),
    "change": Word(n_("变更"), "wa"),
    "keep": Word(n_("继续保密"), "in"),
}
DISCORD: Words = {
    "late": Word(n_("已逾期"), "er"),
    "open": Word(n_("待裁定"), "wa"),
    "aligned": Word(n_("已一致"), "ok"),
    "stands": Word(n_("差异成立"), "ok"),
    "ruled": Word(n_("已裁定，待变更"), "in"),
}
DIFFERENCE: Words = {"level": Word(n_("密级")), "period": Word(n_("保密期限")), "scope": Word(n_("知悉范围"))}
RULING: Words = {
    "stands": Word(n_("差异成立，各依其事实")),
    "follow_one": Word(n_("以先定的为准，后定的变更")),
    "follow_other": Word(n_("以后定的为准，先定的变更")),
}
REFERRAL: Words = {
    "waiting": Word(n_("待报出")),
    "sent": Word(n_("已报出，等待决定")),
    "decided": Word(n_("已确定为国家秘密")),
    "not_secret": Word(n_("不属于国家秘密")),
}
CHALLENGE: Words = {
    "challenged": Word(n_("等待原定密机关决定")),
    "answered": Word(n_("原定密机关已决定")),
    "reviewed": Word(n_("报请书已审核，待负责人批准")),
    "disputed": Word(n_("已报请，等待裁决")),
    "decided": Word(n_("省级已裁决")),
    "appealed": Word(n_("已再报国家局")),
    "final": Word(n_("国家局已裁决")),
    "settled": Word(n_("已了结")),
}
APPLICATION: Words = {"know": Word(n_("知悉")), "export": Word(n_("导出台账"))}
APPLIED: Words = {
    "open": Word(n_("待批"), "wa"),
    "granted": Word(n_("已批准"), "ok"),
    "refused": Word(n_("未批准"), "er"),
    "used": Word(n_("已导出"), ""),
    "withdrawn": Word(n_("已撤回"), ""),
}
BATCH: Words = {
    "open": Word(n_("审核中"), "wa"),
    "packed": Word(n_("已打包"), "in"),
    "transferred": Word(n_("已移交"), "ok"),
    "cancelled": Word(n_("已撤销"), ""),
}
CARRIER: Words = {
    "registered": Word(n_("已登记"), "wa"),
    "kept": Word(n_("在库"), "ok"),
    "handed": Word(n_("待签收"), "wa"),
    "lent": Word(n_("借阅中"), "in"),
    "out": Word(n_("携带外出"), "in"),
    "repair": Word(n_("维修中"), "in"),
    "doomed": Word(n_("待销毁"), "wa"),
    "sent": Word(n_("已发出"), "in"),
    "away": Word(n_("外单位已签收"), ""),
    "missing": Word(n_("下落不明"), "er"),
    "given_back": Word(n_("已清退"), ""),
    "archived": Word(n_("已归档"), ""),
    "destroyed": Word(n_("已销毁"), ""),
    "in_system": Word(n_("系统保管"), "ok"),
}
CARRIER_VIEW: Words = {
    "late": Word(n_("逾期"), "er"),
    "mine": Word(n_("我持有的")),
    "return": Word(n_("须清退的")),
    "remark": Word(n_("待改标志"), "wa"),
}
CARRIER_FORM: Words = {
    "paper": Word(n_("纸介质")),
    "optical": Word(n_("光介质")),
    "magnetic": Word(n_("电磁介质")),
    "product": Word(n_("密品")),
    "electronic": Word(n_("系统内电子件")),
}
CARRIER_TOLD: Words = {
    "copies": Word(n_("份数")),
    "contractor": Word(n_("承制单位")),
    "licence": Word(n_("资质证书编号")),
    "purpose": Word(n_("事由")),
    "counted": Word(n_("清点份数")),
    "received_no": Word(n_("收文编号")),
    "channel": Word(n_("传递方式")),
    "couriers": Word(n_("传递人数")),
    "received_on": Word(n_("签收日期")),
    "return_by": Word(n_("清退期限")),
    "copied_from": Word(n_("复制自")),
    "measures": Word(n_("保密措施")),
    "companion": Word(n_("同行人员")),
    "export_approval": Word(n_("出境批准文号")),
    "repairer": Word(n_("维修单位")),
    "list": Word(n_("销毁清册")),
    "method": Word(n_("销毁方式")),
    "words": Word(n_("说明")),
    "source": Word(n_("来源")),
}
CARRIER_METHOD: Words = {
    "粉碎": Word(n_("粉碎")),
    "化浆": Word(n_("化浆")),
    "焚毁": Word(n_("焚毁")),
    "消磁": Word(n_("消磁")),
    "熔毁": Word(n_("熔毁")),
    "拆解": Word(n_("拆解")),
}
DESTRUCTION: Words = {
    "proposed": Word(n_("待批准"), "wa"),
    "approved": Word(n_("待销毁"), "in"),
    "refused": Word(n_("未批准"), "er"),
    "done": Word(n_("已销毁"), "ok"),
}
MATTER: Words = {state: Word(word) for state, word in STATE_WORDS.items()}
ROLE: Words = {
    Role.DRAFTER: Word(n_("承办人")),
    Role.OFFICER: Word(n_("定密责任人")),
    Role.SECRECY_OFFICE: Word(n_("保密办")),
    Role.HEAD: Word(n_("主要负责人")),
    Role.INSPECTOR: Word(n_("督察员")),
    Role.SYSTEM_ADMIN: Word(n_("系统管理员")),
    Role.SECURITY_ADMIN: Word(n_("安全保密管理员")),
    Role.AUDIT_ADMIN: Word(n_("安全审计员")),
}

TOPIC: Words = {
    "responsibility": Word(n_("保密工作责任制")),
    "rules": Word(n_("保密制度建设")),
    "education": Word(n_("保密宣传教育培训")),
    "cleared_staff": Word(n_("涉密人员管理")),
    "classification": Word(n_("国家秘密确定、变更、解除")),
    "carriers": Word(n_("国家秘密载体管理")),
    "systems": Word(n_("信息系统和信息设备管理")),
    "internet": Word(n_("互联网使用管理")),
    "places": Word(n_("涉密场所和要害部门、部位管理")),
    "procurement": Word(n_("涉密采购和委托业务管理")),
    "meetings": Word(n_("涉密会议、活动管理")),
    "disclosure": Word(n_("信息公开保密审查")),
    "other": Word(n_("其他遵守保密规定的情况")),
}
INSPECTION: Words = {
    "self": Word(n_("自查自评")),
    "round": Word(n_("责任人巡查")),
    "monitoring": Word(n_("自监管发现和处置")),
    "special": Word(n_("专项检查")),
    "administration": Word(n_("保密行政管理部门检查")),
    "drill": Word(n_("保密演练")),
    "risk": Word(n_("泄密风险评估")),
}
ERROR: Words = {
    "not_determined": Word(n_("漏定")),
    "wrong": Word(n_("错定")),
    "over": Word(n_("定高")),
    "under": Word(n_("定低")),
    "over_authority": Word(n_("超越权限")),
    "procedure": Word(n_("程序不合规定")),
    "unmarked": Word(n_("没有标志")),
    "widened": Word(n_("未经批准扩大知悉范围")),
    "unchanged": Word(n_("应变更未变更")),
    "unreviewed": Word(n_("应审核未审核")),
    "wrongly_released": Word(n_("错误解密")),
    "unreleased": Word(n_("应解密未解密")),
    "reasons": Word(n_("定密理由空泛")),
    "item": Word(n_("引用条目错误")),
    "scope": Word(n_("知悉范围过宽")),
    "event": Word(n_("解密条件不具体")),
    "points": Word(n_("密点漏标、错标")),
    "hidden": Word(n_("应公开而定密")),
}
PAIR: Words = {"decision": Word(n_("提出与审定")), "seat": Word(n_("申请与同意"))}
PAIR_ABOVE: Words = {True: Word(n_("宜抽查"), "wa"), False: Word("")}
INSPECTION_STATE: Words = {
    "planned": Word(n_("已计划"), ""),
    "late": Word(n_("逾期未检查"), "er"),
    "held": Word(n_("整改中"), "wa"),
    "done": Word(n_("已办结"), "ok"),
    "cancelled": Word(n_("已取消"), ""),
}
FINDING: Words = {
    "open": Word(n_("待整改"), "wa"),
    "late": Word(n_("整改逾期"), "er"),
    "rectified": Word(n_("待验收"), "in"),
    "closed": Word(n_("已销号"), "ok"),
}
FIGURE: Words = {
    "determined": Word(n_("确定")),
    "changed": Word(n_("变更")),
    "released": Word(n_("解除")),
    "reviewed": Word(n_("已审核")),
    "unreviewed": Word(n_("应审核未审核")),
    "corrected": Word(n_("定密不当")),
}

CERTAIN: Words = {True: Word(n_("已经泄露"), "er"), False: Word(n_("可能泄露"), "wa")}
RECIPIENT: Words = {
    "administration": Word(n_("同级保密行政管理部门")),
    "superior": Word(n_("上级主管部门")),
}
INCIDENT: Words = {
    "late": Word(n_("报告逾时"), "er"),
    "reporting": Word(n_("待报告"), "wa"),
    "open": Word(n_("查处中"), "in"),
    "told": Word(n_("结果已告知"), "in"),
    "closed": Word(n_("已办结"), "ok"),
}
INCIDENT_STEP: Words = {
    "measure": Word(n_("补救措施")),
    "oral": Word(n_("口头报告")),
    "report": Word(n_("书面报告")),
    "progress": Word(n_("进展报告")),
    "considered": Word(n_("研究是否变更、解密")),
    "outcome": Word(n_("书面告知处理结果")),
}
INCIDENT_ITEM: Words = {
    "leaked": Word(n_("泄露的内容、密级、数量及载体")),
    "discovery": Word(n_("发现经过")),
    "persons": Word(n_("责任人基本情况")),
    "course": Word(n_("时间、地点及经过")),
    "harm": Word(n_("已经或者可能造成的危害")),
    "handling": Word(n_("查处情况")),
    "remedies": Word(n_("已采取的补救措施")),
}

SAID: dict[str, Words] = {
    "session": SESSION,
    "exam": EXAM,
    "result": RESULT,
    "question": QUESTION,
    "case": CASE,
    "candidacy": CANDIDACY,
    "selection": SELECTION,
    "delegation": DELEGATION,
    "owed": OWED,
    "lesson": LESSON,
    "appraisal": APPRAISAL,
    "applied": APPLIED,
    "batch": BATCH,
    "discord": DISCORD,
    "ruling": RULING,
    "file_part": FILE_PART,
    "indicator": INDICATOR,
    "rule_source": RULE_SOURCE,
    "role": ROLE,
    "origin": ORIGIN,
    "proposed": PROPOSED,
    "task": TASK,
    "evidence": EVIDENCE,
    "certificate": CERTIFICATE,
    "tier": TIER,
    "officer": OFFICER,
    "short": SHORT,
    "topic": TOPIC,
    "inspection": INSPECTION,
    "error": ERROR,
    "inspection_state": INSPECTION_STATE,
    "finding": FINDING,
    "figure": FIGURE,
    "certain": CERTAIN,
    "recipient": RECIPIENT,
    "incident": INCIDENT,
    "incident_step": INCIDENT_STEP,
    "incident_item": INCIDENT_ITEM,
    "carrier": CARRIER,
    "carrier_form": CARRIER_FORM,
    "carrier_told": CARRIER_TOLD,
    "carrier_method": CARRIER_METHOD,
    "destruction": DESTRUCTION,
}
