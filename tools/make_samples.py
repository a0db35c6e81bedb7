"""Write the sample drafts of ``samples/``: what to try first, one file for each thing the system finds."""

from __future__ import annotations

import io
from pathlib import Path

import docx

from dingmi.engines import documents

PLACE = Path(__file__).resolve().parent.parent / "samples"
SAMPLES: dict[str, tuple[str, ...]] = {
    "1-管网切换方案.docx": (
        "东湖片区供水管网关键节点切换方案",
        "为保障城区供水安全，规范突发情形下的工作程序，结合我市实际，制定本方案。",
        "东湖片区主干管网共设关键切换节点9处，节点坐标、阀室编号及切换时序见附表1。",
        "水源中断时，按附表2规定的切换时序操作，切换期间的控制参数由调度中心下达。",
        "各水厂应当储备不少于7日用量的净水药剂，每半年组织一次演练。",
    ),
    "2-风险评估结论.pdf": (
        "北塘片区供水系统综合风险评估结论",
        "据评估，北塘片区供水系统综合风险等级为较高。",
        "主要薄弱环节集中在跨江段与二次供水设施，共11处，薄弱环节分析见附件。",
        "评估结论限风险评估工作组和防护部门掌握。",
    ),
    "3-引用已定密内容.docx": (
        "关于做好汛期供水切换准备的通知",
        "根据市政府专题会议精神，请各水厂做好以下工作。",
        "青龙山至东湖主干管网共设关键切换节点14处，其坐标、阀室编号以及切换时序见附表1，未经调度中心同意不得调整。",
        "任一水源中断时，应按附表2规定顺序于40分钟内完成跨区切换；切换期间各节点压力控制参数见附表3。",
        "执行情况请于月底前报送。",
    ),
    "4-节水宣传周通知.docx": (
        "关于开展节水宣传周活动的通知",
        "为增强全社会节水意识，定于本月开展节水宣传周活动，请各单位组织干部职工积极参与。",
        "活动期间向市民发放宣传材料，并在局网站公布出厂水质监测结果。",
    ),
    "5-值守安排（内部事项）.docx": (
        "应急指挥部值守安排",
        "内部事项　注意保管",
        "应急指挥部值守电话及人员名单见附件，各成员单位按职责分工落实。",
        "值守人员因故调整的，应当提前一日报办公室备案。",
    ),
    "6-标志有误.docx": (
        "水厂安防系统改造情况说明",
        "水厂安防系统改造已完成阶段性工作。",
        "有关内容按机密★10年管理，附件按内部★5年管理。",
        "后续验收由建设单位组织。",
    ),
}


def word(lines: tuple[str, ...]) -> bytes:
    """Return a Word file with a heading and paragraphs."""
    made = docx.Document()
    made.add_heading(lines[0], level=1)
    for line in lines[1:]:
        made.add_paragraph(line)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def main() -> None:
    """Write every sample."""
    PLACE.mkdir(exist_ok=True)
    for name, lines in SAMPLES.items():
        data = documents.render_text_pdf("\n".join(lines[1:]), title=lines[0]) if name.endswith(".pdf") else word(lines)
        (PLACE / name).write_bytes(data)


if __name__ == "__main__":
    main()
