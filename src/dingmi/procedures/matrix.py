"""职责矩阵: who performs which act and who signs it, generated from the acts themselves (SEED-14)."""

from __future__ import annotations

from dataclasses import dataclass

from dingmi.base.actor import Role
from dingmi.procedures.frame import ACTS, Act
from dingmi.regime.kernel.register import cite

ROLES = (
    Role.DRAFTER,
    Role.OFFICER,
    Role.SECRECY_OFFICE,
    Role.HEAD,
    Role.INSPECTOR,
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
    Role.CLOCK,
)
FAMILIES: dict[str, tuple[str, str]] = {
    "determination": ("确定", "Determination"),
    "derivation": ("派生定密", "Derivation"),
    "review": ("审核和批注", "Review"),
    "change": ("变更和延长", "Change"),
    "declassification": ("解密", "Declassification"),
    "disclosure": ("公开审查", "Disclosure"),
    "referral": ("报请", "Referral"),
    "unclear": ("不明确事项", "Unclear matters"),
    "opinion": ("拟写意见", "Prepared opinions"),
    "challenge": ("异议和争议", "Disputes"),
    "appraisal": ("密级鉴定", "Appraisal of level"),
    "correction": ("定密不当纠正", "Correction"),
    "succession": ("承继", "Succession"),
    "reception": ("外来事项", "Received matters"),
    "consultation": ("征求意见", "Consultation"),
    "need_to_know": ("知悉范围", "Need-to-know"),
    "applications": ("申请与审批", "Applications"),
    "carriers": ("涉密载体", "Carriers"),
    "forms": ("打印表单", "Forms"),
    "guides": ("事项范围", "Guides"),
    "officers": ("定密责任人", "Officers"),
    "delegation": ("定密授权", "Delegation"),
    "training": ("培训", "Training"),
    "exams": ("考试", "Examinations"),
    "performance": ("履职考核", "Performance"),
    "personnel": ("人员", "Personnel"),
    "secrecy_file": ("保密档案", "Secrecy file"),
    "oversight": ("检查与整改", "Inspection and rectification"),
    "incident": ("泄密事件", "Leaks"),
    "lists": ("名单导出", "Lists taken out"),
    "statistics": ("统计年报", "Statistics"),
    "grading": ("工作秘密、商业秘密", "Work and trade secrets"),
    "archive": ("归档", "Archive"),
    "access": ("账号和登录", "Accounts"),
    "keep": ("运行和存证", "Running and evidence"),
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One act: its name in words, who may perform it, whether it is signed, and the clauses behind it."""

    act: str
    words: str
    by: tuple[Role, ...]
    everyone: bool
    signed: bool
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """The acts of one kind of work."""

    name: str
    words: str
    duties: tuple[Duty, ...]


def _duty(act: Act[object], language: str) -> Duty:
    return Duty(
        act=act.name,
        words=act.title_en if language == "en" else act.title_zh,
        by=tuple(role for role in ROLES if role in act.requires),
        everyone=not act.requires,
        signed=act.step_up,
        clauses=tuple(cite(clause, language) for clause in sorted(act.clauses)),
    )


def matrix(language: str, role: Role | None = None) -> tuple[Family, ...]:
    """Return every act with who performs and who signs it; or the list of duties of one role."""
    held: dict[str, list[Duty]] = {}
    for name in sorted(ACTS):
        act = ACTS[name]
        if role is None or role in act.requires:
            held.setdefault(act.family, []).append(_duty(act, language))
    order = [*FAMILIES, *sorted(set(held) - set(FAMILIES))]
    return tuple(
        Family(name, FAMILIES.get(name, (name, name))[1 if language == "en" else 0], tuple(held[name]))
        for name in order
        if name in held
    )
