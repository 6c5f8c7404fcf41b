"""Every labelling function with sentences of our own: where it votes and where it abstains."""

from __future__ import annotations

import pytest
from weak_support import functions, vote

# (function, title, body, its vote); {X} is a mention, <X> the one that is voted on.
CASES: tuple[tuple[str, str, str, str | None], ...] = (
    # title
    ("title_borne_out", "招聘<服务员>", "{服务员}两名，包吃住。", "H"),
    ("title_borne_out", "招聘<服务员>", "擦桌子，端盘子。", None),
    ("title_borne_out", "还在当<服务员>？来做{送餐员}", "{服务员}转行。", None),
    ("title_only_word", "工厂直招<普工>", "三班倒。", "H"),
    ("title_only_word", "<普工>、{叉车工}", "三班倒。", None),
    ("title_among_several", "<普工>、{叉车工}", "三班倒。", "H"),
    ("title_among_several", "工厂直招<普工>", "三班倒。", None),
    ("title_among_several", "<洗车工>转行看过来，学{汽车贴膜}", "包教会。", None),
    ("title_list_item", "<服务员>/{传菜员}", "火锅店。", "H"),
    ("title_list_item", "<服务员>/{会计}", "火锅店。", None),
    ("title_list_unsupported", "{快递员}/<会计>", "{快递员}五名，送件。", "N:bait"),
    ("title_list_unsupported", "<快递员>/{会计}", "{快递员}五名，送件。", None),
    ("title_other_word", "<律师>事务所招{前台}", "接待来访。", "X"),
    ("title_other_word", "<总经理>秘书", "安排日程。", "X"),
    ("title_other_word", "<律师>一名", "出庭。", None),
    ("title_taken_back", "别再当<导购>了，跟我学{验光师}", "带薪学。", "N:compare"),
    ("title_taken_back", "<洗车工>看过来", "学贴膜。", "N:compare"),
    ("title_taken_back", "<导购>两名", "卖女装。", None),
    ("title_confessed", "<前台>双休", "实际工作是打电话。", "N:bait"),
    ("title_confessed", "<前台>双休", "接待来访。", None),
    ("title_confessed", "<前台>双休", "实际工作照旧，招{前台}两名。", None),
    ("title_covers_selling", "<仓库管理员>五名", "打电话邀约，话术有人教，开单有提成。", "N:bait"),
    ("title_covers_selling", "<电话销售>五名", "打电话邀约，话术有人教，开单有提成。", None),
    # offer
    ("offer_before", "饭店", "本店诚聘<服务员>，包吃住。", "H"),
    ("offer_before", "饭店", "负责招<服务员>。", None),
    ("offer_before", "饭店", "不是招<服务员>。", None),
    ("headcount_after", "饭店", "<服务员>3名，两班倒。", "H"),
    ("headcount_after", "饭店", "管理<服务员>30名。", None),
    ("headcount_after", "饭店", "<服务员>上两班。", None),
    ("wanted_before", "饭店", "想找一位<厨师>，会做湘菜。", "H"),
    ("wanted_before", "饭店", "不需要一个<厨师>。", None),
    ("wanted_before", "饭店", "跟着<厨师>学。", None),
    ("pay_after", "小区", "<保安>4200，包住。", "H"),
    ("pay_after", "小区", "比<保安>4200多。", None),
    ("heading_line", "工厂", "\n<叉车工>：\n持证。", "H"),
    ("heading_line", "工厂", "持证的<叉车工>：\n优先。", None),
    ("duties_follow", "公司", "【<会计>】岗位职责\n做账。", "H"),
    ("duties_follow", "公司", "<会计>做账。", None),
    ("numbered_post", "公司", "岗位一：<出纳>，管现金。", "H"),
    ("numbered_post", "公司", "一起做<出纳>。", None),
    ("wanted_too", "饭店", "<学徒>也要，肯学就行。", "H"),
    ("wanted_too", "饭店", "<学徒>满了。", None),
    # people
    ("helps", "{前台}", "协助<店长>盘点。", "N:coop"),
    ("helps", "{店长}", "协助<店长>盘点。", None),
    ("helps", "{前台}", "负责盘点。<店长>", None),
    ("talks_with", "{前端工程师}", "与<产品经理>沟通需求。", "N:coop"),
    ("talks_with", "{前端工程师}", "与<产品经理>不同。", None),
    ("has_staff", "{仓管员}", "搬货另有<搬运工>。", "N:coop"),
    ("has_staff", "{仓管员}", "有<搬运工>经验优先。", None),
    ("does_instead", "{仓管员}", "货你点数，<搬运工>负责上车。", "N:coop"),
    ("does_instead", "{搬运工}", "货你点数，<搬运工>负责上车。", None),
    ("leads", "{厨师长}", "管理<服务员>的排班。", "N:manage"),
    ("leads", "{厨师长}", "定菜单。<服务员>", None),
    ("is_rostered", "{领班}", "做好<服务员>排班。", "N:manage"),
    ("is_rostered", "{领班}", "做好<服务员>。", None),
    ("serves_under", "{文员}", "向<财务经理>汇报。", "N:coop"),
    ("serves_under", "{学徒}", "在<厨师>的指导下切配。", "N:coop"),
    ("serves_under", "{文员}", "向<财务经理>看齐。", None),
    # experience
    ("experience_other", "{仓管员}", "有<司机>工作经验。", "N:exp"),
    ("experience_other", "{司机}", "有<司机>工作经验。", None),
    ("experience_own", "{司机}", "有<司机>工作经验。", "H"),
    ("experience_own", "{仓管员}", "有<司机>工作经验。", None),
    ("did_other", "{仓管员}", "做过<快递员>的优先。", "N:exp"),
    ("did_other", "{仓管员}", "没做过<快递员>的也行。", None),
    ("did_own", "{快递员}", "做过<快递员>的优先。", "H"),
    ("did_own", "{仓管员}", "做过<快递员>的优先。", None),
    ("newcomers_too", "{洗车工}", "没当过<洗车工>也能来。", "H"),
    ("newcomers_too", "{洗车工}", "当过<洗车工>的来。", None),
    ("welcome_other", "{客服}", "有<护士>背景的优先。", "N:exp"),
    ("welcome_other", "{护士}", "有<护士>背景的优先。", None),
    ("turned_from", "{网约车司机}", "<厨师>转行的也欢迎。", "N:exp"),
    ("turned_from", "{网约车司机}", "<厨师>不要。", None),
    ("licence_own", "{电工}", "持<电工>证。", "H"),
    ("licence_own", "{保安}", "持<电工>证。", None),
    ("licence_other", "{保安}", "持<电工>证。", "N:exp"),
    ("licence_other", "{电工}", "持<电工>证。", None),
    # contrast
    ("excluded_before", "{文员}", "不是<销售>，不用跑单。", "N:exclude"),
    ("excluded_before", "{文员}", "不需要<会计>证。", None),
    ("excluded_before", "无线<开发工程师>", "写代码。", None),
    ("kept_out_after", "{文员}", "<中介>勿扰。", "N:exclude"),
    ("kept_out_after", "{文员}", "<中介>打电话来。", None),
    ("filled_after", "{厨师}", "<服务员>已招满。", "N:exclude"),
    ("filled_after", "{厨师}", "<服务员>还缺。", None),
    ("compared_than", "{送餐员}", "比<普工>强。", "N:compare"),
    ("compared_than", "{送餐员}", "询比<采购>价格。", None),
    ("compared_loses", "{送餐员}", "<普工>不如我们自由。", "N:compare"),
    ("compared_loses", "{送餐员}", "<普工>很自由。", None),
    ("compared_wins", "{送餐员}", "当{服务员}不如做<送餐员>。", "H"),
    ("compared_wins", "{保安}", "当{服务员}不如做<送餐员>。", None),
    ("compared_with", "{保安}", "不像<前台>那样站一天。", "N:compare"),
    ("compared_with", "{保安}", "像<前台>送信。", None),
    ("still_being", "{送餐员}", "还在厂里当<普工>？", "N:compare"),
    ("still_being", "{普工}", "还在厂里当<普工>？", None),
    # career
    ("ladder_higher", "{店员}", "晋升：{店员}-<店长>-区域经理", "N:career"),
    ("ladder_higher", "{店长}", "晋升：{店员}-<店长>-区域经理", None),
    ("ladder_first", "{店员}", "晋升：<店员>-{店长}-区域经理", "H"),
    ("ladder_first", "{保安}", "晋升：<店员>-{店长}-区域经理", None),
    ("promoted_to", "{服务员}", "一年可晋升为<店长>。", "N:career"),
    ("promoted_to", "{店长}", "一年可晋升为<店长>。", None),
    # context
    ("served", "{销售}", "卖给<美容师>用的仪器。", "N:context"),
    ("served", "{美容师}", "卖给<美容师>用的仪器。", None),
    ("firm_named_by", "{文员}", "<保安>公司内勤。", "X"),
    ("firm_named_by", "{文员}", "<保安>站岗。", None),
    ("boasted_of", "{算法工程师}", "拥有资深<科学家>团队。", "N:context"),
    ("boasted_of", "{科学家}", "拥有资深<科学家>团队。", None),
    ("taught_by", "{客服}", "有专业<讲师>授课。", "N:context"),
    ("taught_by", "{讲师}", "有专业<讲师>授课。", None),
    ("of_a_person", "{收银员}", "我以前是<厨师>，开了这家店。", "N:other"),
    ("of_a_person", "{收银员}", "你去找<厨师>。", None),
    ("met_at_interview", "{文员}", "面试找<站长>。", "N:other"),
    ("met_at_interview", "{站长}", "面试找<站长>。", None),
    # field
    ("department", "{文员}", "属于<财务>部。", "X"),
    ("department", "{文员}", "协助<财务>部做账。", None),
    ("field_noun", "{文员}", "完成<销售>目标。", "X"),
    ("field_noun", "{文员}", "<销售>两名。", None),
    ("field_list", "{会计}", "活动<策划>、撰写等工作。", "X"),
    ("field_list", "{策划}", "活动<策划>、撰写等工作。", None),
    ("field_work", "{会计}", "负责<采购>工作。", "X"),
    ("field_work", "{采购}", "负责<采购>工作。", None),
    ("major", "{出纳}", "<会计>、金融等相关专业毕业。", "X"),
    ("major", "{出纳}", "<会计>一名。", None),
    ("verb_object", "{会计}", "参与活动<策划>。", "X"),
    ("verb_object", "{会计}", "配合<策划>。", None),
    ("known_field", "{会计}", "熟悉<采购>流程。", "X"),
    ("known_field", "{会计}", "找<采购>问流程。", None),
    ("thing_named_by", "{保洁}", "打扫<保安>亭。", "X"),
    ("thing_named_by", "{保洁}", "<保安>一名。", None),
    ("cut_out", "{运维工程师}", "做好维<护工>作。", "X"),
    ("cut_out", "{护士}", "照顾老人的<护工>。", None),
    ("bare_in_running_text", "{会计}", "本季<销售>大增。", "X"),
    ("bare_in_running_text", "{会计}", "每月给<销售>对账。", None),
    ("field_among_fields", "{会计}", "生产、<采购>、库存都要懂。", "X"),
    ("field_among_fields", "{采购}", "生产、<采购>、库存都要懂。", None),
    ("own_field_as_task", "{采购}助理", "跟进<采购>订单。", "X"),
    ("own_field_as_task", "{采购}助理", "有<采购>经验。", None),
    ("no_person", "{客服}", "给老<会员>打电话。", "X"),
    ("no_person", "{会员}运营", "给老<会员>打电话。", None),
    # post
    ("keyword_tail", "{切配工}", "洗菜。关键词：<服务员> {保安}", "N:bait"),
    ("keyword_tail", "{切配工}", "洗菜。关键词：<切配工> {保安}", None),
    ("keyword_run", "{切配工}", "洗菜。<服务员>{收银员}{保安}{司机}", "N:bait"),
    ("keyword_run", "{切配工}", "洗菜。<服务员>{收银员}，有宿舍。", None),
    ("repeats_title", "{叉车工}", "<叉车工>要持证。", "H"),
    ("repeats_title", "{叉车工}", "配合<叉车工>卸货。", None),
    ("repeats_bare_title", "{前台}", "<前台>，坐班。", "H"),
    ("repeats_bare_title", "{前台}", "<前台>卫生要打扫。", None),
    ("like_title", "{高级电工}", "<电工>，会看图纸。", "H"),
    ("like_title", "{保洁}", "<电工>，会看图纸。", None),
    ("foreign_sector", "{服务员}", "门口有<程序员>路过。", "N:coop"),
    ("foreign_sector", "{程序员}", "门口有<程序员>路过。", None),
    ("offered_elsewhere", "工厂", "诚聘{电焊工}。<电焊工>，能吃苦。", "H"),
    ("offered_elsewhere", "工厂", "诚聘{电焊工}。<钳工>吃苦。", None),
)


@pytest.mark.parametrize(("name", "title", "body", "expected"), CASES)
def test_votes_and_abstains(name: str, title: str, body: str, expected: str | None) -> None:
    assert vote(name, title, body) == expected


def test_category_and_tags() -> None:
    assert vote("category_agrees", "急聘", "<电工>，值夜班。", category="物业/电工") == "H"
    assert vote("category_agrees", "急聘", "<电工>值夜班。", category="餐饮/厨师") is None
    assert vote("category_agrees", "急聘", "<电工>值夜班。") is None
    assert vote("category_disagrees", "急聘", "看<程序员>写字。", category="餐饮/厨师") == "N:other"
    assert vote("category_disagrees", "急聘", "看<程序员>写字。", category="程序员") is None
    assert vote("tags_agree", "<电工>", "值夜班。", tags=["电工", "包住"]) == "H"
    assert vote("tags_agree", "<电工>", "值夜班。", tags=["包住"]) is None


def test_every_function_has_a_vote_and_an_abstention_here() -> None:
    whole_post = {"category_agrees", "category_disagrees", "tags_agree"}
    voted = {name for name, *_, expected in CASES if expected} | whole_post
    silent = {name for name, *_, expected in CASES if not expected} | whole_post
    assert voted == silent == set(functions())


def test_names_are_unique_and_every_function_says_what_it_means() -> None:
    assert len(functions()) > 20
    assert all(len(function.meaning) > 10 for function in functions().values())
