//! Managers let obligations off, ask for another number, and take that back.

use axum::http::StatusCode;
use jiff::civil::date;
use sync_core::{
    hash::Hash,
    rules::{ObligationName, Period, Subject, fact_of},
};

use super::browser::{Browser, site};
use crate::{
    engine::fixture::{DAY_MS, World, filled},
    projection::StoredObligation,
};

/// Three visits a week to each customer.
const VISITS: &str = r#"id = "weekly"
version = 1
document_number = "S99"
effective_from = 2026-11-01
owner = "大客户部"
zone = "Asia/Shanghai"
calendar = "cn"
[[rule]]
id = "W1"
kind = "contact_quota"
says = "每周上门不少于三次"
quota = { of = { customers = { grades = ["A1"] } }, counted = [{ fact = "visit" }], by = "owner", at_least = 3, per = "week" }
"#;

/// What is owed on a visit that ended four days ago, and of which nothing was submitted.
async fn missed(world: &World) -> Hash {
    let mut phone = world.phone(world.rep).await;
    phone.edit(world.visit(1), &filled(world.customer, world.now(), "好"));
    phone.sync(world).await.unwrap();
    world.pass(4 * DAY_MS);
    world.engine.tick().await.unwrap();
    let (pack, rule) = ("key_account_visits".to_owned(), "S21-R17".to_owned());
    ObligationName { pack, rule, part: 0, subject: Subject::Fact(fact_of(world.visit(1))) }.hash()
}

/// The quota of the week from this day of November 2026.
fn week(world: &World, monday: i8) -> Hash {
    let first = date(2026, 11, monday);
    let period = Period { first, last: first.saturating_add(jiff::Span::new().days(6)) };
    let subject = Subject::Customer(world.customer, period);
    ObligationName { pack: "weekly".to_owned(), rule: "W1".to_owned(), part: 0, subject }.hash()
}

fn owed(world: &World, id: Hash) -> StoredObligation {
    world.engine.view(world.tenant).obligation(id).unwrap().unwrap()
}

fn places(id: Hash) -> (String, String) {
    (format!("/obligations/{id}"), format!("/obligations/{id}/exceptions"))
}

#[tokio::test]
async fn a_supervisor_lets_a_breach_off_and_takes_that_back_and_each_shows_at_once() {
    let world = World::new().await;
    let site = site(&world);
    let (page, action) = places(missed(&world).await);
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let shown = boss.get(&page).await.body;
    assert!(shown.contains("未按规定办理") && shown.contains("例外处理"));
    assert!(!shown.contains("name=\"until\"") && !shown.contains("value=\"withdrawn\""), "nothing to choose");
    let form = [("ruled", "let_off"), ("reason", "illness"), ("note", "住院 <b>")];
    let answer = boss.submit(&page, &action, &form).await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, format!("{page}#exception").as_str())
    );
    let shown = boss.get(&page).await.body;
    assert!(shown.contains("已免办，不予追究") && !shown.contains("未按规定办理"));
    for said in ["刘芳", "生病", "住院 &#60;b&#62;"] {
        assert!(shown.split("id=\"exception\"").nth(1).unwrap().contains(said), "{said}");
    }
    let list = boss.get("/obligations").await.body;
    assert!(list.contains("tile state-let_off") && list.contains("履行 0 / 0"), "it is owed no more");
    let list = boss.get("/obligations?state=breached").await.body;
    assert!(!list.contains(&page));

    let form = [("ruled", "withdrawn"), ("reason", "correction"), ("note", "")];
    assert_eq!(boss.submit(&page, &action, &form).await.status, StatusCode::SEE_OTHER);
    let shown = boss.get(&page).await.body;
    assert!(shown.contains("未按规定办理") && !shown.contains("id=\"exception\""));
    assert!(!boss.get("/obligations").await.body.contains("tile state-let_off"));
}

#[tokio::test]
async fn a_quota_asks_for_another_number_week_after_week_until_a_last_day() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, VISITS).await.unwrap();
    world.pass(8 * DAY_MS);
    world.engine.tick().await.unwrap();
    let (page, action) = places(week(&world, 16));
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let shown = boss.get(&page).await.body;
    assert!(shown.contains("min=\"2026-11-16\" max=\"2027-11-17\"") && shown.contains("placeholder=\"3\""));
    let form =
        [("ruled", "required"), ("required", "1"), ("until", "2026-11-23"), ("reason", "customer_request")];
    assert_eq!(boss.submit(&page, &action, &form).await.status, StatusCode::SEE_OTHER);
    let asked = |monday| owed(&world, week(&world, monday)).obligation.done.1;
    assert_eq!([9, 16, 23].map(asked), [3, 1, 1]);
    let shown = boss.get(&page).await.body;
    assert!(shown.contains("改为 1 次") && shown.contains("11月16日–11月23日"));
}

#[tokio::test]
async fn a_form_that_does_not_fit_comes_back_as_it_was_filled_in() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, VISITS).await.unwrap();
    let visit = missed(&world).await;
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let long = "长".repeat(501);
    let quota = week(&world, 16);
    for (id, ruled, number, until, reason, note, said) in [
        (quota, "", "", "", "illness", "<b>", "请选择意见"),
        (quota, "required", "0", "", "illness", "<b>", "调整后的次数（不小于"),
        (quota, "let_off", "", "2026-11-15", "illness", "<b>", "截止日不能早于"),
        (quota, "let_off", "", "2028-01-01", "illness", "<b>", "截止日不能早于"),
        (quota, "let_off", "", "someday", "illness", "<b>", "截止日不能早于"),
        (quota, "let_off", "", "", "", "<b>", "请选择原因"),
        (quota, "let_off", "", "", "other", " ", "请写明"),
        (quota, "let_off", "", "", "illness", long.as_str(), "不能超过 500 字"),
        (visit, "required", "2", "", "illness", "<b>", "此项不能这样处理"),
        (visit, "let_off", "", "2026-12-31", "illness", "<b>", "截止日不能早于"),
    ] {
        let (page, action) = places(id);
        let form =
            [("ruled", ruled), ("required", number), ("until", until), ("reason", reason), ("note", note)];
        let answer = boss.submit(&page, &action, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let alert = answer.body.split("role=\"alert\"").nth(1).unwrap().split("</p>").next().unwrap();
        assert!(alert.contains(said), "{said}: {alert}");
        assert!(!answer.body.contains("<b></textarea>"));
        assert_eq!(answer.body.contains("&#60;b&#62;</textarea>"), note == "<b>", "{said}");
        if id == quota {
            assert!(answer.body.contains(&format!("value=\"{until}\"")), "{said}");
        }
        assert_eq!(owed(&world, id).obligation.exception, None, "{said}");
    }
}

#[tokio::test]
async fn only_who_may_decide_makes_exceptions_and_only_with_their_own_form() {
    let world = World::new().await;
    let site = site(&world);
    let id = missed(&world).await;
    let (page, action) = places(id);
    let form = [("ruled", "let_off"), ("reason", "illness")];
    let mut other = Browser::signed_in(&world, &site, world.other_boss).await;
    assert_eq!(other.submit("/", &action, &form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.submit("/", &action, &[("ruled", "")]).await.status, StatusCode::NOT_FOUND);
    let mut auditor = Browser::signed_in(&world, &site, world.auditor).await;
    assert!(!auditor.get(&page).await.body.contains("name=\"ruled\""));
    for form in [form.as_slice(), &[("ruled", "")]] {
        assert_eq!(auditor.submit(&page, &action, form).await.status, StatusCode::FORBIDDEN);
    }
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    assert_eq!(boss.post(&action, &form).await.status, StatusCode::FORBIDDEN, "no token");
    boss.form_site = "cross-site";
    assert_eq!(boss.submit(&page, &action, &form).await.status, StatusCode::FORBIDDEN, "from another site");
    boss.form_site = "same-origin";
    assert_eq!(boss.submit(&page, "/obligations/x/exceptions", &form).await.status, StatusCode::NOT_FOUND);
    assert!(!owed(&world, id).obligation.let_off);
    assert_eq!(boss.submit(&page, &action, &form).await.status, StatusCode::SEE_OTHER);
    assert!(owed(&world, id).obligation.let_off);
    let shown = auditor.get(&page).await.body;
    assert!(shown.contains("id=\"exception\""), "who may see it sees why");
}

#[tokio::test]
async fn who_owes_it_cannot_let_themselves_off() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, VISITS).await.unwrap();
    let view = world.engine.view(world.tenant);
    let customer = view.customer(world.customer).unwrap().unwrap();
    let own = sync_core::directory::Customer { owner: Some(world.boss), ..customer };
    world.engine.put_customers(world.tenant, None, vec![own]).await.unwrap();
    world.engine.tick().await.unwrap();
    let (page, action) = places(week(&world, 23));
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let shown = boss.get(&page).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!shown.body.contains("name=\"ruled\""));
    let form = [("ruled", "let_off"), ("reason", "illness")];
    assert_eq!(boss.submit(&page, &action, &form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_arrived_after_its_day_says_so_and_what_arrived_on_it_does_not() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, mut other) = (world.phone(world.rep).await, world.phone(world.rep).await);
    phone.edit(world.visit(1), &filled(world.customer, world.now(), "好"));
    other.edit(world.visit(2), &filled(world.customer, world.now(), "好"));
    other.sync(&world).await.unwrap();
    world.pass(2 * DAY_MS);
    phone.sync(&world).await.unwrap();
    world.engine.tick().await.unwrap();
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    for (number, is_late) in [(1, true), (2, false)] {
        let subject = Subject::Fact(fact_of(world.visit(number)));
        let (pack, rule) = ("key_account_visits".to_owned(), "S21-R17".to_owned());
        let name = ObligationName { pack, rule, part: 0, subject };
        let page = boss.get(&places(name.hash()).0).await.body;
        assert_eq!(page.contains("class=\"late\""), is_late, "visit {number}");
        assert_eq!(page.contains("<b class=\"late\">11月19日 16:00 到达"), is_late, "visit {number}");
    }
}
