//! Words of rules in a cell: the posts of a user and the tags of a customer, several of them in one.

use std::collections::BTreeMap;

use sync_core::directory::{POSTS_MAX, TAGS_MAX, is_post, is_tag};

use super::report::Problem;

/// What stands between several values in one cell.
const SEPARATORS: [char; 8] = ['、', ',', '，', ';', '；', '/', '／', '|'];

/// Titles that mean a post without being told. The words themselves are understood too.
const KNOWN_POSTS: [(&str, &[&str]); 22] = [
    ("ka_specialist", &["大客户专员", "大客戶專員", "key account specialist"]),
    ("ka_representative", &["大客户代表", "大客戶代表", "key account representative"]),
    ("ka_supervisor", &["大客户主管", "大客戶主管", "key account supervisor"]),
    ("ka_manager", &["大客户经理", "大客戶經理", "key account manager"]),
    ("account_manager", &["客户经理", "客戶經理", "account manager"]),
    ("customer_service", &["客服", "客服专员", "客服專員", "customer service"]),
    ("cs_supervisor", &["客服主管", "customer service supervisor"]),
    ("customer_assistant", &["客户助理", "客戶助理", "customer assistant"]),
    ("direct_supervisor", &["直接主管", "直属主管", "直屬主管", "direct supervisor"]),
    ("section_head", &["科长", "科長", "section head"]),
    ("dept_manager", &["部门经理", "部門經理", "department manager"]),
    ("regional_manager", &["区域经理", "區域經理", "regional manager"]),
    ("sales_manager", &["销售经理", "銷售經理", "sales manager"]),
    ("sales_director", &["销售总监", "銷售總監", "sales director"]),
    ("general_manager", &["总经理", "總經理", "general manager"]),
    ("chairman", &["董事长", "董事長", "chairman"]),
    ("senior_mgmt", &["公司高层", "公司高層", "高层", "高層", "senior management"]),
    ("office", &["办公室", "辦公室", "office"]),
    ("receptionist", &["接待员", "接待員", "前台", "receptionist"]),
    ("property_assistant", &["物业助理", "物業助理", "property assistant"]),
    ("area_butler", &["片区管家", "片區管家", "area butler"]),
    ("company_manager", &["公司经理", "公司經理", "company manager"]),
];

/// What titles and names in a file mean, as the operator wrote it down: a title in the form they are compared in, and
/// the words it stands for.
pub(super) type Meanings = BTreeMap<String, Vec<String>>;

/// Gives the posts that a cell names.
pub(super) fn posts_of(text: &str, mapped: &Meanings) -> Result<Vec<String>, Problem> {
    let known = |title: &str| {
        let title = title.to_lowercase();
        KNOWN_POSTS.iter().find(|(_, titles)| titles.contains(&title.as_str())).map(|(post, _)| *post)
    };
    words(text, mapped, known, is_post, POSTS_MAX, Problem::UnknownPost)
}

/// Gives the tags that a cell names.
pub(super) fn tags_of(text: &str, mapped: &Meanings) -> Result<Vec<String>, Problem> {
    words(text, mapped, |_| None, is_tag, TAGS_MAX, Problem::NotATag)
}

/// Puts a title in the form in which they are compared.
pub(super) fn title_form(title: &str) -> String {
    title.trim().to_lowercase()
}

/// The parts of a cell with several values, without blanks around them.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty())
}

fn words(
    text: &str,
    mapped: &Meanings,
    known: impl Fn(&str) -> Option<&'static str>,
    takes: fn(&str) -> bool,
    max: usize,
    unknown: Problem,
) -> Result<Vec<String>, Problem> {
    let meant = |title: &str| match mapped.get(&title_form(title)) {
        Some(words) => Some(words.clone()),
        None => known(title).map(|word| vec![word.to_owned()]),
    };
    // A title such as "Vice President, Sales" has a meaning as a whole.
    let mut named = Vec::new();
    match meant(text) {
        Some(words) => named = words,
        None => {
            for part in parts(text) {
                match meant(part) {
                    Some(words) => named.extend(words),
                    None => named.push(word_form(part).filter(|word| takes(word)).ok_or(unknown.clone())?),
                }
            }
        }
    }
    let mut words: Vec<String> = Vec::new();
    for word in named {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.len() > max { Err(Problem::TooManyWords { max }) } else { Ok(words) }
}

/// Puts what somebody typed in the form of a word: `Key account` becomes `key_account`.
fn word_form(part: &str) -> Option<String> {
    let word: Vec<String> = part.split_whitespace().map(str::to_lowercase).collect();
    (!word.is_empty()).then(|| word.join("_").replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_words_in_a_cell_are_told_apart_however_they_are_separated() {
        let words = ["tender", "招投标", "key_account", "c"].map(str::to_owned);
        for text in [
            "tender、招投标、key_account、c",
            "Tender, 招投标; Key account / C,",
            "tender，招投标；key-account／c|tender",
        ] {
            assert_eq!(tags_of(text, &Meanings::new()).unwrap(), words, "{text}");
        }
        assert_eq!(tags_of(" 、 ", &Meanings::new()), Ok(Vec::new()));
        assert_eq!(tags_of("a+b", &Meanings::new()), Err(Problem::NotATag));
        let many: Vec<String> = (0..=TAGS_MAX).map(|n| n.to_string()).collect();
        assert_eq!(tags_of(&many.join(","), &Meanings::new()), Err(Problem::TooManyWords { max: TAGS_MAX }));
    }

    #[test]
    fn a_title_is_a_post_if_it_is_mapped_or_known_or_the_post_itself() {
        let mapped = Meanings::from([
            ("vice president, sales".to_owned(), vec!["senior_mgmt".to_owned(), "ka_manager".to_owned()]),
            ("sales manager".to_owned(), vec!["ka_supervisor".to_owned()]),
        ]);
        let posts = |text| posts_of(text, &mapped).map(|posts| posts.join(" "));
        assert_eq!(posts("Vice President, Sales").unwrap(), "senior_mgmt ka_manager");
        assert_eq!(posts("Sales Manager; Key Account Specialist").unwrap(), "ka_supervisor ka_specialist");
        assert_eq!(
            posts("大客户专员、直接主管、own_post").unwrap(),
            "ka_specialist direct_supervisor own_post"
        );
        assert_eq!(posts("Receptionist").unwrap(), "receptionist");
        assert_eq!(posts("专员"), Err(Problem::UnknownPost), "of what, it does not say");
    }

    #[test]
    fn every_known_title_means_one_post() {
        let mut titles: Vec<&str> = KNOWN_POSTS.iter().flat_map(|(_, titles)| *titles).copied().collect();
        let all = titles.len();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), all);
        for (post, titles) in KNOWN_POSTS {
            assert!(is_post(post) && titles.iter().all(|title| title_form(title) == *title), "{post}");
        }
    }
}
