//! Visit notes as reps write them: Chinese, varied, and the same for the same seed.

use rand::{Rng as _, rngs::StdRng};

/// What a rep notes of one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A choice of the field `class`.
    pub class: &'static str,
    /// A choice of the field `channel`.
    pub channel: &'static str,
    /// Why they went.
    pub purpose: &'static str,
    /// Whom they met, by name and title.
    pub counterpart: String,
    /// A choice of the field `counterpart_level`.
    pub counterpart_level: &'static str,
    /// What was talked about.
    pub content: String,
    /// What came of it.
    pub result: String,
    /// What comes next.
    pub next_step: String,
    /// One to five.
    pub satisfaction: i64,
}

const CLASSES: [&str; 5] = ["scheduled_return", "event_return", "walk", "business_contact", "first"];
const LEVELS: [&str; 4] = ["handling_contact", "handling_lead", "business_lead", "key_decision_maker"];
const PURPOSES: [&str; 6] =
    ["季度回访", "新品推荐", "合同续签沟通", "货款对账", "处理上次投诉", "了解下半年采购计划"];
const SURNAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"];
const TITLES: [&str; 5] = ["采购经理", "总经理", "仓储主管", "行政主任", "财务负责人"];
const OPENINGS: [&str; 5] = [
    "到达后先查看了现场库存",
    "与对方在会议室座谈约四十分钟",
    "对方临时有会，改在茶水间沟通",
    "一起走访了两处门店",
    "先回顾了上季度的合作情况",
];
const TOPICS: [&str; 8] = [
    "对方反映最近两批货包装有破损，已拍照留存",
    "重点介绍了新到的海产品系列，对方要求提供样品",
    "对方希望账期由三十天延长到四十五天",
    "对方提到竞品报价低约百分之五，但交期不稳定",
    "确认了春节前的备货量，预计比去年多两成",
    "仓库搬迁后收货地址有变，已更新",
    "对物流时效表示满意，尤其是冷链部分",
    "询问能否开具增值税专用发票，已转财务跟进",
];
const RESULTS: [&str; 7] = [
    "续签意向明确，下周发合同文本",
    "同意试订一批样品",
    "投诉已当面致歉，对方接受换货方案 👍",
    "价格仍有分歧，需向主管申请折扣",
    "对账无误，对方承诺月底前付款",
    "暂无新增需求，保持联系",
    "约定带技术同事再来一次",
];
const NEXT_STEPS: [&str; 6] = [
    "周五前寄出样品",
    "整理报价单，抄送主管",
    "两周后电话跟进",
    "下月初带新品目录复访",
    "联系物流核实破损原因",
    "月底前确认付款到账 ✅",
];

impl Note {
    /// Draws a note.
    pub fn draw(random: &mut StdRng) -> Self {
        let mut pick = |from: &[&'static str]| from[random.random_range(0..from.len())];
        let class = pick(&CLASSES);
        let counterpart = format!("{}{}", pick(&SURNAMES), pick(&TITLES));
        let (opening, first, second) = (pick(&OPENINGS), pick(&TOPICS), pick(&TOPICS));
        let content = if first == second {
            format!("{opening}。{first}。")
        } else {
            format!("{opening}。{first}；{second}。")
        };
        let (purpose, counterpart_level) = (pick(&PURPOSES), pick(&LEVELS));
        let (result, next_step) = (format!("{}。", pick(&RESULTS)), format!("{}。", pick(&NEXT_STEPS)));
        let channel = if random.random_bool(0.75) { "on_site" } else { "phone" };
        let satisfaction = random.random_range(3..=5);
        Self {
            class,
            channel,
            purpose,
            counterpart,
            counterpart_level,
            content,
            result,
            next_step,
            satisfaction,
        }
    }
}

/// Some text of about that many characters.
pub fn text(random: &mut StdRng, chars: usize) -> String {
    let mut text = String::new();
    let mut length = 0;
    while length < chars {
        let sentence = TOPICS[random.random_range(0..TOPICS.len())];
        text.push_str(sentence);
        text.push('。');
        length += sentence.chars().count() + 1;
    }
    text
}
