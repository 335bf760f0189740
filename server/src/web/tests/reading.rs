//! What managers see of the records of their line.

use axum::http::StatusCode;
use sync_core::{
    document::{Edit, FieldValue, field},
    log::EntryKind,
};

use super::browser::{Browser, site};
use crate::engine::fixture::{CUSTOMER_NAME, DAY_MS, World, filled};

#[tokio::test]
async fn a_supervisor_sees_the_records_of_their_own_line_only() {
    let world = World::new().await;
    let site = site(&world);
    let (own, other) = (world.visit(1), world.visit(2));
    let (mut phone, mut others) = (world.phone(world.rep).await, world.phone(world.other_rep).await);
    phone.edit(own, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    others.edit(other, &filled(world.customer, world.now(), "好"));
    others.sync(&world).await.unwrap();

    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let list = browser.get("/").await;
    assert!(list.body.contains(&format!("/records/{own}")));
    assert!(!list.body.contains(&format!("/records/{other}")) && !list.body.contains("李建国"));
    assert_eq!(browser.get(&format!("/records/{own}")).await.status, StatusCode::OK);
    assert_eq!(browser.get(&format!("/records/{other}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/records/nonsense").await.status, StatusCode::NOT_FOUND);
    let chosen = browser.get(&format!("/?rep={}", world.other_rep)).await;
    assert!(!chosen.body.contains(&format!("/records/{other}")));

    let mut auditor = Browser::signed_in(&world, &site, world.auditor).await;
    let list = auditor.get("/").await;
    assert!(
        list.body.contains(&format!("/records/{own}")) && list.body.contains(&format!("/records/{other}"))
    );
}

#[tokio::test]
async fn what_a_rep_or_a_file_brought_is_shown_and_never_run() {
    let world = World::new().await;
    let site = site(&world);
    let hostile = "\"><img src=x onerror=alert(1)>";
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), hostile));
    phone.sync(&world).await.unwrap();
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let filter = "/?customer=%3Cscript%3E";
    for path in [filter, "/", &format!("/records/{visit}")] {
        let page = browser.get(path).await.body;
        assert!(!page.contains(CUSTOMER_NAME) && !page.contains("<script"), "{path}");
        assert!(!page.contains("<img"), "{path}");
        assert!(page.contains("&#60;script&#62;alert("), "{path}");
    }
    assert!(browser.get(&format!("/records/{visit}")).await.body.contains("&#62;&#60;img src=x"));
}

#[tokio::test]
async fn a_record_tells_who_did_what_on_which_phone() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, mut tablet) = (world.phone(world.rep).await, world.phone(world.rep).await);
    let visit = world.visit(1);
    phone.write(EntryKind::CheckIn { document: visit });
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.submit(visit);
    phone.sync(&world).await.unwrap();
    tablet.pull(&world).await.unwrap();
    let content = FieldValue::Text("谈了价格".to_owned());
    tablet.edit(visit, &[Edit::Set { field: field::CONTENT.to_owned(), value: content }]);
    tablet.sync(&world).await.unwrap();
    world.pass(3 * DAY_MS);
    world.engine.tick().await.unwrap();

    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let page = browser.get(&format!("/records/{visit}")).await.body;
    let history = page.rsplit_once("class=\"history\"").unwrap().1;
    let places = ["封存", "拜访内容", "手机 2", "提交", "手机 1", "签到"].map(|word| history.find(word));
    assert!(places.iter().all(Option::is_some), "{history}");
    assert!(history.contains("王晓梅"));
    // The official version has not got what was never submitted.
    assert!(page.contains("第 1 版") && !page.contains("谈了价格"));
    assert_eq!(browser.get(&format!("/records/{visit}?version=2")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), ""));
    phone.submit(visit);
    phone.sync(&world).await.unwrap();
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let page = browser.get(&format!("/records/{visit}")).await.body;
    assert!(page.contains("缺：结果"));
}

#[tokio::test]
async fn refused_entries_are_counted_and_explained() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, tablet) = (world.phone(world.rep).await, world.phone(world.rep).await);
    let visit = world.visit(1);
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    let next_step = FieldValue::Text("假".to_owned());
    let forged = [Edit::Set { field: field::NEXT_STEP.to_owned(), value: next_step }];
    phone.edit_as(&tablet.author(), visit, &forged);
    assert_eq!(phone.sync(&world).await.unwrap().receipt.refused.len(), 1);
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let list = browser.get("/").await.body;
    assert!(list.contains("拒收 1 条") && list.contains(&format!("/records/{visit}#refused")));
    let page = browser.get(&format!("/records/{visit}")).await.body;
    assert!(page.contains("冒用其他手机的身份书写") && page.contains("foreign_actor"));
    let mut other = Browser::signed_in(&world, &site, world.other_boss).await;
    assert!(!other.get("/").await.body.contains("拒收"));
}

#[tokio::test]
async fn records_older_than_the_window_are_left_out_and_the_reader_is_told() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    world.pass(92 * DAY_MS);
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    assert!(browser.get("/").await.body.contains(&format!("/records/{visit}")));
    world.pass(1_000);
    let list = browser.get("/").await.body;
    assert!(!list.contains(&format!("/records/{visit}")) && list.contains("92 天"));
}
