//! Users imported whole, and what breaks a reporting line.

use proptest::prelude::*;

use super::*;
use crate::import::{KnownPeople, Person};

fn import_with(text: &str, people: &KnownPeople) -> Import<UserDraft> {
    import_users(text.as_bytes(), &Mapping::default(), people).unwrap()
}

fn import(text: &str) -> Import<UserDraft> {
    import_with(text, &KnownPeople::default())
}

fn problems(import: &Import<UserDraft>) -> Vec<(u32, Problem)> {
    import.bad.iter().map(|bad| (bad.row, bad.problem.clone())).collect()
}

#[test]
fn the_9_northwind_employees_import_whole_with_their_reporting_lines() {
    let path = format!("{}/../tests/data/northwind/employees.csv", env!("CARGO_MANIFEST_DIR"));
    let mut mapping = Mapping::default();
    mapping.set(Kind::Users, "login={last_name}").unwrap();
    mapping.set_role("Vice President, Sales=manager").unwrap();
    mapping.set_role("Sales Manager=supervisor").unwrap();
    mapping.set_role("Inside Sales Coordinator=rep").unwrap();
    let import = import_users(&std::fs::read(path).unwrap(), &mapping, &KnownPeople::default()).unwrap();

    assert_eq!(import.bad, []);
    assert_eq!(import.unmapped, ["city", "country"]);
    let lines: Vec<_> = import
        .good
        .iter()
        .map(|(_, user)| (user.login.as_str(), user.role, user.reports_to.as_deref()))
        .collect();
    assert_eq!(
        lines,
        [
            ("davolio", Role::Rep, Some("fuller")),
            ("fuller", Role::Manager, None),
            ("leverling", Role::Rep, Some("fuller")),
            ("peacock", Role::Rep, Some("fuller")),
            ("buchanan", Role::Supervisor, Some("fuller")),
            ("suyama", Role::Rep, Some("buchanan")),
            ("king", Role::Rep, Some("buchanan")),
            ("callahan", Role::Rep, Some("fuller")),
            ("dodsworth", Role::Rep, Some("buchanan")),
        ]
    );
    assert_eq!(import.good[0].1.name, "Nancy Davolio");
    assert_eq!(import.good[0].1.key.as_deref(), Some("1"));
}

#[test]
fn chinese_headers_titles_and_names_are_understood() {
    let import = import("登录名,姓名,职务,上级,部门\nLi.Si,李四,主管,,华南\nzhang,张三,专员,李四,华南\n");
    assert_eq!(import.bad, []);
    assert_eq!(import.good[0].1.login, "li.si");
    assert_eq!(import.good[1].1.reports_to.as_deref(), Some("li.si"));
    assert_eq!(import.good[1].1.unit.as_deref(), Some("华南"));
}

#[test]
fn a_job_title_that_is_known_as_a_post_gives_both_and_another_says_nothing_of_posts() {
    let titles = import("登录名,姓名,职务\na,A,大客户专员\nb,B,专员\n");
    assert_eq!(titles.bad, []);
    let posts = |index: usize| titles.good[index].1.posts.as_deref();
    assert_eq!((posts(0), posts(1)), (Some(["ka_specialist".to_owned()].as_slice()), None));
    assert_eq!(titles.good[0].1.role, Role::Rep);
    assert_eq!(import("login,name,role\na,A,rep\n").good[0].1.posts, None);
}

#[test]
fn a_column_of_posts_of_its_own_says_them_all_or_the_row_is_bad() {
    for header in ["岗位", "崗位", "Posts"] {
        let import = import(&format!(
            "login,name,角色,{header}\na,A,专员,大客户专员、直接主管\nb,B,专员,\nc,C,专员,奇怪\nd,D,专员,own_post; office\n"
        ));
        assert_eq!(problems(&import), [(4, Problem::UnknownPost)], "{header}");
        let posts: Vec<String> =
            import.good.iter().map(|(_, user)| user.posts.as_ref().unwrap().join(" ")).collect();
        assert_eq!(posts, ["ka_specialist direct_supervisor", "", "own_post office"], "{header}");
    }
}

#[test]
fn a_title_without_a_role_is_bad_for_a_role_is_a_right() {
    let import = import("login,name,role\na,A,Wizard\nb b,B,rep\n");
    assert_eq!(problems(&import), [(2, Problem::UnknownRole), (3, Problem::BlankInLogin)]);
}

#[test]
fn logins_that_differ_only_in_case_are_one_login() {
    let import = import("login,name,role\nann,A,rep\nAnn,B,rep\n");
    assert_eq!(import.good, []);
    assert_eq!(import.bad[0].problem, Problem::Duplicate { other_row: 3 });
}

#[test]
fn a_circle_is_reported_at_its_members_and_at_whoever_reports_into_it() {
    let import =
        import("login,name,role,supervisor\na,A,rep,b\nb,B,rep,c\nc,C,rep,b\nd,D,rep,d\ne,E,manager,\n");
    assert_eq!(
        problems(&import),
        [
            (2, Problem::LeadsToBadRow),
            (3, Problem::ReportsInCircle),
            (4, Problem::ReportsInCircle),
            (5, Problem::ReportsInCircle),
        ]
    );
    assert_eq!(import.good.len(), 1);
}

#[test]
fn a_circle_that_closes_through_the_directory_is_found() {
    let mut people = KnownPeople::default();
    people.add("boss", Person { name: "Boss".into(), reports_to: None });
    people.add("lead", Person { name: "Lead".into(), reports_to: Some("boss".into()) });
    let import = import_with("login,name,role,supervisor\nboss,Boss,manager,lead\n", &people);
    assert_eq!(problems(&import), [(2, Problem::ReportsInCircle)]);
}

#[test]
fn nobody_is_loaded_under_a_superior_whose_row_is_bad() {
    let import = import("login,name,role,supervisor\na,A,rep,b\nb,,supervisor,\nc,C,rep,nobody\n");
    assert_eq!(
        problems(&import),
        [(2, Problem::LeadsToBadRow), (3, Problem::Missing), (4, Problem::UnknownPerson)]
    );
}

#[test]
fn a_key_that_is_somebody_elses_login_is_ambiguous() {
    let mut people = KnownPeople::default();
    people.add("2", Person { name: "Two".into(), reports_to: None });
    let import =
        import_with("login,employee_id,name,role,supervisor\na,1,A,rep,2\nb,2,B,manager,\n", &people);
    assert_eq!(problems(&import), [(2, Problem::AmbiguousPerson)]);
}

proptest! {
    #[test]
    fn good_rows_always_reach_the_top_through_good_rows(superiors in proptest::collection::vec(0_usize..25, 1..20)) {
        let rows: String = superiors
            .iter()
            .enumerate()
            .map(|(login, superior)| match superior {
                0..20 => format!("u{login},N,rep,u{superior}\n"),
                _ => format!("u{login},N,rep,\n"),
            })
            .collect();
        let import = import(&format!("login,name,role,supervisor\n{rows}"));
        let good: BTreeMap<&str, Option<&str>> = import
            .good
            .iter()
            .map(|(_, draft)| (draft.login.as_str(), draft.reports_to.as_deref()))
            .collect();
        for start in good.keys() {
            let mut line = Some(*start);
            for _ in 0..=good.len() {
                line = line.and_then(|login| good[login]);
            }
            prop_assert_eq!(line, None);
        }
    }
}
