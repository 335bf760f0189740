//! Administrators close months; everybody sees what of their line is different since.

use axum::http::StatusCode;
use jiff::civil::date;
use sync_core::{
    id::UserId,
    rules::{ObligationName, Period, Subject},
};

use super::browser::{Browser, site};
use crate::engine::fixture::{DAY_MS, World, filled};

/// A visit a week to each customer, and points for what is missing.
const REGULATION: &str = r#"id = "weekly"
version = 1
document_number = "S99"
effective_from = 2026-11-01
owner = "大客户部"
zone = "Asia/Shanghai"
calendar = "cn"
[[rule]]
id = "W1"
kind = "contact_quota"
says = "每周上门不少于一次"
quota = { of = { customers = { grades = ["A1"] } }, counted = [{ fact = "visit" }], by = "owner", at_least = 1, per = "week" }
[[rule]]
id = "W2"
kind = "scoring"
says = "扣分"
score = { found = { fact = "finding", name = "rudeness" }, breaches = ["W1"], points = -2, per = "month" }
"#;

fn admin(world: &World) -> UserId {
    world.engine.view(world.tenant).user_by_login("admin").unwrap().unwrap().id
}

/// The page of the last closing.
fn last_closing(world: &World) -> String {
    format!("/closings/{}", world.engine.view(world.tenant).closings().unwrap().pop().unwrap().id)
}

/// What the list of changes says of an obligation.
fn change_of<'a>(page: &'a str, rule: &str) -> &'a str {
    page.split("<li class=\"card change\">").skip(1).find(|change| change.contains(rule)).unwrap()
}

#[tokio::test]
async fn what_comes_after_a_month_was_closed_stands_beside_what_was_known_then() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, REGULATION).await.unwrap();
    let mut phone = world.phone(world.rep).await;
    phone.edit(world.visit(1), &filled(world.customer, world.now(), "好"));
    phone.submit(world.visit(1));
    world.pass(15 * DAY_MS);

    let mut browser = Browser::signed_in(&world, &site, admin(&world)).await;
    let empty = browser.get("/closings").await.body;
    assert!(empty.contains("尚无结账记录") && empty.contains("value=\"quarter=2026-3\">2026年第3季度"));
    let note = "十一月工资 <b>";
    let answer = browser.submit("/closings", "/closings", &[("span", "month=2026-11"), ("note", note)]).await;
    assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/closings"));
    let path = last_closing(&world);
    let list = browser.get("/closings").await.body;
    let row = list.split("<tbody").nth(1).unwrap();
    assert!(row.contains(&path) && row.contains("2026年11月") && row.contains("十一月工资 &#60;b&#62;"));
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    assert!(boss.get("/obligations").await.body.contains("href=\"/closings\""));
    let page = boss.get(&path).await.body;
    assert!(page.contains("您可以查看的事项与结账时一致") && !page.contains("points-head"));

    phone.sync(&world).await.unwrap();
    world.engine.tick().await.unwrap();
    let page = boss.get(&path).await.body;
    let quota = change_of(&page, "W1");
    let (then, now) = quota.split_once("→").unwrap();
    assert!(then.contains("违规") && now.contains("已履行") && now.contains("原因：事实有增减或变动"));
    let late = format!("/records/{}", world.visit(1));
    assert!(now.contains(&late) && now.contains("11月17日 16:00") && now.contains("12月2日 16:00 到达"));
    let handing_in = change_of(&page, "S21-R17");
    assert!(handing_in.split_once("→").unwrap().0.contains("无此事项"));
    let points = page.split("points-head").nth(2).unwrap();
    assert!(points.contains("王晓梅") && points.contains("-8") && points.contains("<b>-6</b>"));

    let mut other = Browser::signed_in(&world, &site, world.other_boss).await;
    let page = other.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.body.contains("card change") && !page.body.contains("王晓梅"),
        "another line's is not shown"
    );
    assert!(page.body.contains("您可以查看的事项与结账时一致"));
    assert_eq!(boss.get("/closings/nonsense").await.status, StatusCode::NOT_FOUND);
    let unknown = format!("/closings/{}", "00".repeat(32));
    assert_eq!(boss.get(&unknown).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_exception_made_after_the_close_is_named_as_what_changed_it() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, REGULATION).await.unwrap();
    world.pass(15 * DAY_MS);
    let mut browser = Browser::signed_in(&world, &site, admin(&world)).await;
    browser.submit("/closings", "/closings", &[("span", "month=2026-11")]).await;
    let first = date(2026, 11, 16);
    let week = Period { first, last: date(2026, 11, 22) };
    let (pack, rule) = ("weekly".to_owned(), "W1".to_owned());
    let subject = Subject::Customer(world.customer, week);
    let id = ObligationName { pack, rule, part: 0, subject }.hash();
    let (page, form) = (format!("/obligations/{id}"), [("ruled", "let_off"), ("reason", "illness")]);
    let answer = browser.submit(&page, &format!("{page}/exceptions"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let changes = browser.get(&last_closing(&world)).await.body;
    let (then, now) = change_of(&changes, &page).split_once("→").unwrap();
    assert!(then.contains("违规") && now.contains("免办"));
    assert!(
        now.contains("原因：事实有增减或变动")
            && now.contains("新增的事实")
            && now.contains("<b>例外处理</b>")
    );
    assert!(changes.split("points-head").nth(2).unwrap().contains("<b>-6</b>"), "it costs nothing any more");
}

#[tokio::test]
async fn only_administrators_close_and_only_days_that_are_over() {
    let world = World::new().await;
    let site = site(&world);
    let form = [("span", "month=2026-10"), ("note", "")];
    for user in [world.boss, world.auditor] {
        let mut browser = Browser::signed_in(&world, &site, user).await;
        assert!(!browser.get("/closings").await.body.contains("name=\"span\""));
        for form in [form, [("span", ""), ("note", "")]] {
            let answer = browser.submit("/closings", "/closings", &form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
    }
    let mut browser = Browser::signed_in(&world, &site, admin(&world)).await;
    assert_eq!(browser.post("/closings", &form).await.status, StatusCode::FORBIDDEN, "no token");
    let long = "长".repeat(501);
    for (span, note, said) in [
        ("", "<b>", "请选择月份或季度"),
        ("month=13", "<b>", "请选择月份或季度"),
        ("year=2025", "<b>", "请选择月份或季度"),
        ("month=2026-11", "<b>", "现在不能结账"),
        ("month=2026-10", long.as_str(), "不能超过 500 字"),
    ] {
        let answer = browser.submit("/closings", "/closings", &[("span", span), ("note", note)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{span}");
        assert!(answer.body.contains(said), "{span}");
        assert_eq!(answer.body.contains("&#60;b&#62;</textarea>"), note == "<b>", "{span}");
        assert_eq!(
            answer.body.contains("\" selected>"),
            span == "month=2026-10",
            "what can be chosen stays chosen"
        );
    }
    assert!(world.engine.view(world.tenant).closings().unwrap().is_empty());
    assert_eq!(browser.submit("/closings", "/closings", &form).await.status, StatusCode::SEE_OTHER);
    let closed = world.engine.view(world.tenant).closings().unwrap();
    assert_eq!((closed.len(), closed[0].by), (1, Some(admin(&world))));
}

#[tokio::test]
async fn many_changes_are_read_page_by_page_and_each_once() {
    let world = World::new().await;
    let site = site(&world);
    let mut phone = world.phone(world.rep).await;
    for number in 1..=53 {
        phone.edit(world.visit(number), &filled(world.customer, world.now(), "好"));
    }
    world.pass(15 * DAY_MS);
    let mut browser = Browser::signed_in(&world, &site, admin(&world)).await;
    browser.submit("/closings", "/closings", &[("span", "month=2026-11")]).await;
    phone.sync(&world).await.unwrap();
    world.engine.tick().await.unwrap();
    let path = last_closing(&world);
    let first = browser.get(&path).await.body;
    let changes = |page: &str| -> Vec<String> {
        let links = page.split("class=\"says\" href=\"").skip(1);
        links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(next.starts_with(&format!("{path}?after=")));
    let second = browser.get(next).await.body;
    assert!(!second.contains("rel=\"next\"") && second.contains("从头查看"));
    let mut all = [changes(&first), changes(&second)].concat();
    assert_eq!((changes(&first).len(), all.len()), (50, 53));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 53);
}
