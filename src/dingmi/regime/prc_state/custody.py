"""载体: received, moved, read, copied, stored and destroyed as the law says; 绝密 with what it asks on top."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import Level, covers, is_level

TOP = Level.JUEMI.word


@BOOK.rule("carriers.receive", "TL-27.2", "TL14-21")
def receipt_agrees_with_its_slip(facts: Any, law: Law) -> Found:
    """收发国家秘密载体，应当履行清点、编号、登记、签收手续：清点的份数、编号应当与登记相符。"""
    if facts.counted != facts.listed:
        yield "receipt.count", {"counted": facts.counted, "listed": facts.listed}
    if facts.strange:
        yield "receipt.strange", {"count": facts.strange}


@BOOK.rule("carriers.receive", "TL-29.1", "BMF-26.2c", "TL14-21")
def top_secret_has_named_staff(facts: Any, law: Law) -> Found:
    """绝密级国家秘密载体收发应当指定专人。"""
    if facts.level == TOP and not facts.by_named_person:
        yield "receipt.no_named_person", {}


@BOOK.rule("carriers.transfer", "TL-27.3", "BMF-28", "TL14-21")
def channel_is_approved(facts: Any, law: Law) -> Found:
    """通过机要交通、机要通信或者其他符合保密要求的方式；不得普通邮寄、快递。"""
    if facts.channel not in law.value("approved_channels"):
        yield "transfer.channel", {"channel": facts.channel[:20]}


@BOOK.rule("carriers.transfer", "BMF-29", "TL14-21")
def nothing_over_open_networks(facts: Any, law: Law) -> Found:
    """不得在互联网及其他公共信息网络或者未采取有效保密措施的通信中传递国家秘密。"""
    if facts.channel in law.value("open_networks"):
        yield "transfer.open_network", {"channel": facts.channel[:20]}


@BOOK.rule("carriers.transfer", "TL-29.2", "TL14-21")
def top_secret_goes_by_two(facts: Any, law: Law) -> Found:
    """传递、携带绝密级国家秘密载体应当两人以上同行，使用符合保密要求的包装。"""
    if facts.level != TOP:
        return
    least = int(law.value("top_secret_couriers"))
    if facts.couriers < least:
        yield "transfer.couriers", {"least": least, "couriers": facts.couriers}
    if not facts.is_packed:
        yield "transfer.unpacked", {}


@BOOK.rule("carriers.transfer", "TL-29.5", "BMF-28", "TL14-21")
def top_secret_stays_in_the_country(facts: Any, law: Law) -> Found:
    """禁止携带绝密级国家秘密载体出境。"""
    if facts.leaves_the_country and facts.level == TOP:
        yield "transfer.export", {}


@BOOK.rule("carriers.copy", "TL-27.5", "TL14-21")
def copy_keeps_the_elements(facts: Any, law: Law) -> Found:
    """复制、摘录、引用、汇编须报批，不得改变原密级、保密期限和知悉范围；复制件加盖戳记并视同原件管理。"""
    if not facts.is_approved:
        yield "copy.not_approved", {}
    if facts.copy != facts.original:
        yield "copy.elements_changed", {}
    if not facts.is_stamped:
        yield "copy.not_stamped", {}


@BOOK.rule(("carriers.copy", "carriers.read"), "TL-29.4", "BMF-26.2b", "TL14-21")
def top_secret_is_not_copied(facts: Any, law: Law) -> Found:
    """绝密级未经原定密机关或者其上级机关批准，不得复制、下载、汇编、摘抄。"""
    takes = getattr(facts, "excerpt", True)
    if takes and facts.level == TOP and not facts.has_consent:
        yield "carrier.top_secret_consent", {}


@BOOK.rule("carriers.read", "TL-29.3", "TL14-21")
def top_secret_is_read_in_its_place(facts: Any, law: Law) -> Found:
    """绝密级国家秘密载体应当在指定场所阅读、使用。"""
    if facts.level == TOP and not facts.in_designated_place:
        yield "read.not_in_designated_place", {}


@BOOK.rule("carriers.store", "BMF-26.2a", "TL14-21")
def top_secret_has_a_custodian(facts: Any, law: Law) -> Found:
    """绝密级国家秘密载体应当在符合国家保密标准的设施、设备中保存，并指定专人管理。"""
    if facts.level != TOP:
        return
    if not facts.custodian:
        yield "storage.no_custodian", {}
    if not facts.place_meets_standard:
        yield "storage.place", {}


@BOOK.rule("carriers.store", "BMF-31.1.3", "TL-41", "TL14-21")
def stored_only_where_the_grade_reaches(facts: Any, law: Law) -> Found:
    """不得使用非涉密信息系统、信息设备存储、处理国家秘密。"""
    if facts.system_grade is not None and is_level(facts.level) and not covers(facts.system_grade, facts.level):
        yield "storage.system_grade", {"level": facts.level, "grade": facts.system_grade or "无"}


@BOOK.rule("carriers.store", "SEED-18")
def one_store_per_level(facts: Any, law: Law) -> Found:
    """按密级隔离存储（本单位制度）。"""
    if facts.store_level is not None and facts.store_level != facts.level:
        yield "storage.other_level", {"level": facts.level, "store": facts.store_level[:20]}


@BOOK.rule("carriers.destroy", "TL-28.2", "BMF-28", "TL14-21")
def destruction_is_in_order(facts: Any, law: Law) -> Found:
    """销毁应当履行清点、登记、审批手续，送交指定的单位；确因工作需要自行销毁少量的，使用符合标准的设备。"""
    if not facts.is_approved:
        yield "destruction.not_approved", {}
    if not facts.is_counted:
        yield "destruction.not_registered", {}
    if not (facts.at_designated_facility or facts.with_own_equipment):
        yield "destruction.facility", {}
    least = int(law.value("destruction_witnesses"))
    if facts.witnesses < least:
        yield "destruction.witnesses", {"least": least, "witnesses": facts.witnesses}


@BOOK.rule("carriers.destroy", "CS-58")
def destruction_record_is_kept(facts: Any, law: Law) -> Found:
    """销毁登记、审批记录长期保存。"""
    if not facts.record_is_permanent:
        yield "destruction.record", {}
