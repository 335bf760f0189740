//! What programs are told of days that were closed.

use serde_json::{Value, json};
use sync_core::{directory::Role, document::Visit};

use super::{
    phone::Phone,
    world::{TUESDAY_16, World, visit_id},
};

const DAY_MS: u64 = 86_400_000;

async fn get(world: &World, phone: &Phone, path: &str) -> Value {
    let answer = world.ask("get", path, Some(&phone.access), None).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// Enrols the phone anew, as its token is too old.
async fn awake(world: &World, phone: &mut Phone) {
    let token = phone.refresh.clone();
    let fresh = phone.refresh_with(world, &token).await.json();
    phone.access = fresh["access_token"].as_str().unwrap().to_owned();
    phone.refresh = fresh["refresh_token"].as_str().unwrap().to_owned();
}

#[tokio::test]
async fn late_evidence_is_told_beside_what_was_known_when_the_days_were_closed() {
    let world = World::new().await;
    let boss = world.user(2, "boss", Role::Supervisor, None).await;
    let rival = world.user(3, "rival", Role::Supervisor, None).await;
    let rep = world.user(4, "rep", Role::Rep, Some(boss)).await;
    let visit = Visit { ended: Some(TUESDAY_16), ..Visit::default() };
    let mut online = world.phone(rep, 1).await;
    online.submits(&world, visit_id(1), &visit);
    online.syncs(&world).await;
    let mut offline = world.phone(rep, 2).await;
    offline.submits(&world, visit_id(2), &visit);
    world.clock.advance_ms(6 * DAY_MS);

    let admin = world.phone(world.admin, 3).await;
    let days = json!({"first": "2026-03-01", "last": "2026-03-08", "note": " 三月初 "});
    let closed = world.ask("post", "/v1/closings", Some(&admin.access), Some(days)).await;
    assert_eq!(closed.status, 201, "{closed:?}");
    let closed = closed.json();
    let by = json!(world.admin.to_string());
    assert_eq!(
        (&closed["first"], &closed["note"], &closed["by"]),
        (&"2026-03-01".into(), &"三月初".into(), &by)
    );
    let closing = closed["id"].as_str().unwrap();
    let early = json!({"first": "2026-03-01", "last": "2026-03-09"});
    let refused = world.ask("post", "/v1/closings", Some(&admin.access), Some(early)).await;
    assert_eq!(refused.problem(), (422, "invalid".to_owned()));

    awake(&world, &mut offline).await;
    offline.syncs(&world).await;
    world.engine.tick().await.unwrap();
    let boss = world.phone(boss, 4).await;
    assert_eq!(get(&world, &boss, "/v1/closings").await["items"], json!([closed]));
    let list = |more: &str| format!("/v1/obligations?person={rep}{more}");
    let now = get(&world, &boss, &list("")).await["items"].clone();
    let then = get(&world, &boss, &list(&format!("&closing={closing}"))).await["items"].clone();
    assert_eq!((now.as_array().unwrap().len(), then.as_array().unwrap().len()), (2, 1));
    let known = then[0]["id"].as_str().unwrap();
    let path = format!("/v1/obligations/{known}?closing={closing}");
    assert_eq!(get(&world, &boss, &path).await["passed_over"].as_array().unwrap().len(), 1);

    let changes = format!("/v1/closings/{closing}/changes");
    let changed = get(&world, &boss, &changes).await["items"].clone();
    assert_eq!(changed.as_array().unwrap().len(), 1);
    let change = &changed[0];
    assert_eq!(
        (&change["then"], &change["because"], &change["withheld"]),
        (&Value::Null, &"facts".into(), &Value::Null)
    );
    let came = change["facts_came"].as_array().unwrap();
    assert_eq!(came.len(), 2, "the visit and its handing in: {change}");
    let closed_at = closed["closed_ms"].as_i64().unwrap();
    assert!(came.iter().all(|fact| fact["at_ms"].as_i64() < Some(closed_at)), "{change}");
    assert!(came.iter().all(|fact| fact["came_ms"].as_i64() >= Some(closed_at)), "{change}");
    let new = change["id"].as_str().unwrap();
    let unknown = format!("/v1/obligations/{new}?closing={closing}");
    let unknown = world.ask("get", &unknown, Some(&boss.access), None).await;
    assert_eq!(unknown.status, 404, "nobody knew of it then");

    let rival = world.phone(rival, 5).await;
    assert_eq!(get(&world, &rival, &changes).await["items"], json!([]), "it is another team's");
    let points = format!("/v1/points?closing={closing}");
    assert_eq!(get(&world, &boss, &points).await["items"], json!([]));
    for wrong in ["", "&from=2026-03-01", "&from=2026-03-01&days=9"] {
        let path = if wrong.is_empty() { "/v1/points".to_owned() } else { format!("{points}{wrong}") };
        let answer = world.ask("get", &path, Some(&boss.access), None).await;
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{path}");
    }
    let strange = closing.replace(|digit: char| digit != '0', "0");
    for path in [list(&format!("&closing={strange}")), format!("/v1/closings/{strange}/changes")] {
        assert_eq!(world.ask("get", &path, Some(&boss.access), None).await.status, 404, "{path}");
    }
}
