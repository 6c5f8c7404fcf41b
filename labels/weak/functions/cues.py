"""Cues that several kinds share: whether the words around a mention make it another's job."""

from __future__ import annotations

import re

from labels.weak.seen import SeenMention

_BEFORE = re.compile(
    r"(?:配合|协助|协同|辅助|对接|协调|支持|(?<!参)与|和|跟|向|由|管理|带领|带教|带|培训|指导|辅导|监督|督导|考核|做过|干过|当过|担任过|"
    r"曾任|出身|不是|并非|不招|不做|不要|不收|非|比|不如|不像|还在|别再|晋升|竞聘|发展为|成长为|转|升|当上|面向|针对|卖给|"
    r"以前是|原来是|从前|原是|想考|介绍|检查|给|名额|归|有专职|一位是|初级|报给|交给|送|找)[^,。;]{0,10}$"
)
_AFTER = re.compile(
    r"[^,。;]{0,8}(?:沟通|对接|协调|配合|合作|协作|一起|出身|转行|转岗|转过来|勿扰|绕行|别来|别再|招满|满编|不缺|不招|不收|有了|"
    r"不如|汇报|排班|考勤|已满|满了|指导下|要的时候|聘妥|比不了|的事)"
)
COLLEAGUE = re.compile(
    r"(?:配合|协助|协同|辅助|支持|联络|对接|协调|给|替|帮助?|(?<!参)与|和|跟|同|助力|根据|为|通知|督促)[^,。;]{0,10}$"
)
ASKED = re.compile(r"^[^,。;]{0,10}(?:经验|经历|背景|优先)")
"""Experience or preference follows."""
FIELD_NOUNS = (
    "管理|流程|计划|目标|事务|订单|数据|任务|报表|指标|成本|策略|渠道|知识|软件|执行|方案|技巧|分析|活动|产品|脚本|情况|系统|业务|方面|"
    "业绩|档案|支持|需求|费用|基础|区域|功底|报告|核算|框架|素质|服务|制度|预测|营销|推广|项目|写作|物品|信息|行业|质量|政策|进度|"
    "撰写|理论|战略|价格|方法|过程|机会|物料|咨询|预算|谈判|法规|资料|范围|状况|表格|意识|模式|动态|整理|能力|合同|文件|资源|"
    "工具|文档|设备|材料|人才|意向|线索|话术|规划|规范|标准|原理|技术|平台|提成|奖金|精英|商品|用品|交付|跟进|费|款|单|案|类|稿|"
    "条款|协议|交货|下单|商(?!务)|网络|额|量|日报"
)
FIELD_NOUN = re.compile(rf"^(?:{FIELD_NOUNS})")
CUT = re.compile("^[作程具艺序厂种资龄伤]")


def spoken_of(mention: SeenMention) -> bool:
    """Tell whether a cue of working with, leading, former jobs or contrast stands around it."""
    return bool(_BEFORE.search(mention.lead) or _AFTER.match(mention.after))


def is_cut(mention: SeenMention) -> bool:
    """Tell whether a last 工 belongs to the next word, or a number of hours stands before."""
    if mention.form[-1:] == "工" and CUT.match(mention.trail):
        return True
    return mention.form == "小时工" and mention.lead[-1:].isdigit()


def is_person(mention: SeenMention) -> bool:
    """Tell whether the form names a person and is not cut out of other words."""
    return not mention.is_bare and not is_cut(mention)
