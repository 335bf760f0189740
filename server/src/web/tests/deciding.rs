//! Deciding about held submits and amendments.

use axum::http::StatusCode;
use sync_core::{
    document::{Edit, FieldValue, field},
    hash::Hash,
    id::DocumentId,
    record::{Phase, Ruling, Standing},
    rules::Reason,
};

use super::browser::{Browser, site};
use crate::engine::fixture::{DAY_MS, World, filled};

/// A record with a late submit that waits.
async fn held(world: &World) -> (DocumentId, Hash) {
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(world).await.unwrap();
    world.pass(4 * DAY_MS);
    phone.sync(world).await.unwrap();
    let submit = phone.submit_with(visit, Some(Reason::NoCoverage));
    phone.sync(world).await.unwrap();
    assert_eq!(world.record(visit).status.submits[0].standing, Standing::Held);
    (visit, submit)
}

#[tokio::test]
async fn a_supervisor_accepts_a_late_submit() {
    let world = World::new().await;
    let site = site(&world);
    let (visit, submit) = held(&world).await;
    let (page, submit) = (format!("/records/{visit}"), submit.to_string());
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    assert!(browser.get("/?state=held_late").await.body.contains(&page));
    let form =
        [("submit", submit.as_str()), ("ruling", "excuse"), ("reason", "other"), ("note", "车库无信号")];
    let answer = browser.submit(&page, &format!("{page}/decisions"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location, format!("{page}#submit-{}", &submit[..12]));
    let status = world.record(visit).status;
    assert_eq!(status.phase, Phase::Sealed);
    let decision = &status.submits[0].decisions[0];
    assert_eq!((decision.by, decision.ruling), (world.boss, Ruling::Excuse));
    assert_eq!((decision.reason, decision.note.as_str()), (Reason::Other, "车库无信号"));
    let shown = browser.get(&page).await.body;
    assert!(shown.contains("车库无信号") && !shown.contains("name=\"ruling\""));

    let again = browser.submit(&page, &format!("{page}/decisions"), &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("已不在待批示之列"));
    assert_eq!(world.record(visit).status.submits[0].decisions.len(), 1);
}

#[tokio::test]
async fn a_form_that_is_not_complete_comes_back_as_it_was_filled_in() {
    let world = World::new().await;
    let site = site(&world);
    let (visit, submit) = held(&world).await;
    let (page, submit) = (format!("/records/{visit}"), submit.to_string());
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let long = "长".repeat(501);
    for (ruling, reason, note, said) in [
        ("", "illness", "<b>", "请选择意见"),
        ("excuse", "", "<b>", "请选择原因"),
        ("excuse", "other", " ", "请写明"),
        ("excuse", "illness", long.as_str(), "不能超过 500 字"),
        ("approve", "illness", "<b>", "已不在待批示之列"),
        ("rule the world", "illness", "<b>", "请选择意见"),
    ] {
        let form = [("submit", submit.as_str()), ("ruling", ruling), ("reason", reason), ("note", note)];
        let answer = browser.submit(&page, &format!("{page}/decisions"), &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{ruling} {reason}");
        assert!(answer.body.contains(said), "{ruling} {reason}");
        assert!(!answer.body.contains("<b></textarea>"));
        assert_eq!(answer.body.contains("&#60;b&#62;</textarea>"), note == "<b>", "{ruling} {reason}");
    }
    assert!(world.record(visit).status.submits[0].decisions.is_empty());
}

#[tokio::test]
async fn only_the_line_decides_and_only_with_its_own_form() {
    let world = World::new().await;
    let site = site(&world);
    let (visit, submit) = held(&world).await;
    let (page, submit) = (format!("/records/{visit}"), submit.to_string());
    let path = format!("{page}/decisions");
    let form = [("submit", submit.as_str()), ("ruling", "excuse"), ("reason", "illness"), ("note", "")];

    let mut other = Browser::signed_in(&world, &site, world.other_boss).await;
    assert_eq!(other.submit("/", &path, &form).await.status, StatusCode::NOT_FOUND);
    let mut auditor = Browser::signed_in(&world, &site, world.auditor).await;
    assert!(!auditor.get(&page).await.body.contains("name=\"ruling\""));
    assert_eq!(auditor.submit("/", &path, &form).await.status, StatusCode::FORBIDDEN);
    let incomplete = [("submit", submit.as_str()), ("ruling", ""), ("reason", "")];
    assert_eq!(auditor.submit("/", &path, &incomplete).await.status, StatusCode::FORBIDDEN);

    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    assert_eq!(browser.post(&path, &form).await.status, StatusCode::FORBIDDEN, "no token");
    let token = browser.get(&page).await.form_token();
    let foreign = other.get("/").await.form_token();
    for token in [foreign.as_str(), "", "0"] {
        let mut form = form.to_vec();
        form.push(("form_token", token));
        assert_eq!(browser.post(&path, &form).await.status, StatusCode::FORBIDDEN, "{token}");
    }
    let mut right = form.to_vec();
    right.push(("form_token", &token));
    browser.form_site = "cross-site";
    assert_eq!(browser.post(&path, &right).await.status, StatusCode::FORBIDDEN, "from another site");
    browser.form_site = "same-origin";
    let unknown = Hash::ZERO.to_string();
    let absent = [("submit", unknown.as_str()), ("ruling", "excuse"), ("reason", "illness")];
    assert_eq!(browser.submit(&page, &path, &absent).await.status, StatusCode::NOT_FOUND);
    let garbled = [("submit", "x"), ("ruling", "excuse"), ("reason", "illness")];
    assert_eq!(browser.submit(&page, &path, &garbled).await.status, StatusCode::FORBIDDEN);
    assert!(world.record(visit).status.submits[0].decisions.is_empty());
    assert_eq!(browser.post(&path, &right).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_amendment_shows_field_by_field_what_it_would_change() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "订 12 台"));
    phone.submit(visit);
    phone.sync(&world).await.unwrap();
    world.pass(3 * DAY_MS);
    world.engine.tick().await.unwrap();
    let result = FieldValue::Text("订 15 台".to_owned());
    phone.edit(visit, &[Edit::Set { field: field::RESULT.to_owned(), value: result }]);
    let amendment = phone.submit_with(visit, Some(Reason::Correction)).to_string();
    phone.sync(&world).await.unwrap();

    let page = format!("/records/{visit}");
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    assert!(browser.get("/?state=amendment_waiting").await.body.contains(&page));
    let shown = browser.get(&page).await.body;
    assert!(shown.contains("订 <del>12</del> 台") && shown.contains("订 <ins>15</ins> 台"));
    let form = [("submit", amendment.as_str()), ("ruling", "approve"), ("reason", "correction")];
    let answer = browser.submit(&page, &format!("{page}/decisions"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let shown = browser.get(&page).await.body;
    assert!(shown.contains("第 2 版") && shown.contains("订 15 台") && !shown.contains("<ins>"));
    assert!(browser.get(&format!("{page}?version=1")).await.body.contains("订 12 台"));
}
