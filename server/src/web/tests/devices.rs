//! The devices page and revoking a phone.

use axum::http::StatusCode;

use super::browser::{Browser, site};
use crate::engine::fixture::World;

#[tokio::test]
async fn a_supervisor_revokes_a_phone_of_their_line_and_no_other() {
    let world = World::new().await;
    let site = site(&world);
    let own = world.phone(world.rep).await.session.device;
    let other = world.phone(world.other_rep).await.session.device;
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let list = browser.get("/devices").await;
    assert!(list.body.contains("手机 1") && !list.body.contains("手机 2"));
    assert_eq!(browser.get(&format!("/devices/{other}/revoke")).await.status, StatusCode::NOT_FOUND);
    let answer = browser.submit("/devices", &format!("/devices/{other}/revoke"), &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);

    let page = format!("/devices/{own}/revoke");
    assert_eq!(browser.post(&page, &[("form_token", "guessed")]).await.status, StatusCode::FORBIDDEN);
    let is_revoked =
        |device| world.engine.view(world.tenant).device(device).unwrap().unwrap().revoked.is_some();
    assert!(!is_revoked(own));
    let answer = browser.submit(&page, &page, &[]).await;
    assert_eq!(answer.location, format!("/devices?revoked={own}"));
    assert!(is_revoked(own) && !is_revoked(other));
    let list = browser.get(&answer.location).await;
    assert!(list.body.contains("已停用“手机 1”") && list.body.contains("刘芳 · "));
}

#[tokio::test]
async fn an_auditor_sees_all_phones_and_revokes_none() {
    let world = World::new().await;
    let site = site(&world);
    let device = world.phone(world.rep).await.session.device;
    let mut browser = Browser::signed_in(&world, &site, world.auditor).await;
    let list = browser.get("/devices").await;
    assert!(list.body.contains("手机 1") && !list.body.contains("/revoke\""));
    assert_eq!(browser.get(&format!("/devices/{device}/revoke")).await.status, StatusCode::FORBIDDEN);
    let answer = browser.submit("/devices", &format!("/devices/{device}/revoke"), &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
