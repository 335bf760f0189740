//! Who may do what: one table of principals and routes.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sync_core::{
    directory::Role,
    document::Visit,
    encoding,
    protocol::{Cursor, PullRequest},
    rules::{ObligationName, Period, Subject, fact_of},
};

use super::world::{TUESDAY_16, World, visit_id};
use crate::http::api::ROUTES;

/// Who asks. The record, the user and the device in question belong to the owner; the supervisor is above the owner,
/// and the rival above somebody else.
const PRINCIPALS: [&str; 8] =
    ["anonymous", "owner", "other rep", "supervisor", "rival", "admin", "auditor", "revoked"];

/// What each of them is answered. A supervisor who may decide is told 409: the submit waits for another ruling.
const TABLE: &[(&str, &str, [u16; 8])] = &[
    //                                              anon  own   other boss  rival admin audit revoked
    ("get", "/v1/openapi.json", /*               */ [200, 200, 200, 200, 200, 200, 200, 200]),
    // Both want a proof of the key and know no bearer.
    ("post", "/v1/enrol", /*                     */ [400, 400, 400, 400, 400, 400, 400, 400]),
    ("post", "/v1/token", /*                     */ [400, 400, 400, 400, 400, 400, 400, 400]),
    ("post", "/v1/pull", /*                      */ [401, 200, 200, 200, 200, 200, 200, 401]),
    // Of those who may send, an empty commit is malformed.
    ("post", "/v1/commit", /*                    */ [401, 400, 400, 400, 400, 400, 400, 401]),
    ("get", "/v1/me", /*                         */ [401, 200, 200, 200, 200, 200, 200, 401]),
    ("get", "/v1/users", /*                      */ [401, 200, 200, 200, 200, 200, 200, 401]),
    ("post", "/v1/users", /*                     */ [401, 403, 403, 403, 403, 200, 403, 401]),
    ("post", "/v1/users/{id}/password", /*       */ [401, 403, 403, 403, 403, 200, 403, 401]),
    ("post", "/v1/users/{id}/enrolment-codes", /**/ [401, 403, 403, 403, 403, 200, 403, 401]),
    ("get", "/v1/customers", /*                  */ [401, 200, 200, 200, 200, 200, 200, 401]),
    ("post", "/v1/customers", /*                 */ [401, 403, 403, 403, 403, 200, 403, 401]),
    ("get", "/v1/devices", /*                    */ [401, 200, 200, 200, 200, 200, 200, 401]),
    ("post", "/v1/devices/{id}/revoke", /*       */ [401, 200, 404, 200, 404, 200, 403, 401]),
    // A repair of the owner's.
    ("post", "/v1/documents", /*                 */ [401, 200, 404, 200, 404, 200, 403, 401]),
    // Asked with the owner.
    ("get", "/v1/records", /*                    */ [401, 200, 404, 200, 404, 200, 200, 401]),
    ("get", "/v1/records/{document}", /*         */ [401, 200, 404, 200, 404, 200, 200, 401]),
    // Asked with the owner, and about the owner's visit.
    ("get", "/v1/obligations", /*                */ [401, 200, 404, 200, 404, 200, 200, 401]),
    ("get", "/v1/obligations/{obligation}", /*   */ [401, 200, 404, 200, 404, 200, 200, 401]),
    ("post", "/v1/obligations/{obligation}/exceptions", /**/ [401, 403, 404, 201, 404, 201, 403, 401]),
    ("get", "/v1/points", /*                     */ [401, 200, 404, 200, 404, 200, 200, 401]),
    // Who closed which days is no secret; what changed of them is asked with the owner.
    ("get", "/v1/closings", /*                   */ [401, 200, 200, 200, 200, 200, 200, 401]),
    ("post", "/v1/closings", /*                  */ [401, 403, 403, 403, 403, 201, 403, 401]),
    ("get", "/v1/closings/{closing}/changes", /* */ [401, 200, 404, 200, 404, 200, 200, 401]),
    ("post", "/v1/records/{document}/decisions", /**/ [401, 403, 404, 409, 404, 409, 403, 401]),
];

#[test]
fn every_route_has_a_row() {
    let rows: BTreeSet<(&str, &str)> = TABLE.iter().map(|(method, path, _)| (*method, *path)).collect();
    assert_eq!(rows, ROUTES.iter().copied().collect());
}

#[tokio::test]
async fn everybody_may_do_exactly_what_the_table_says() {
    let world = World::new().await;
    let boss = world.user(2, "boss", Role::Supervisor, None).await;
    let rival = world.user(3, "rival", Role::Supervisor, None).await;
    let owner = world.user(4, "owner", Role::Rep, Some(boss)).await;
    let other = world.user(5, "other", Role::Rep, Some(rival)).await;
    let auditor = world.user(6, "auditor", Role::Auditor, None).await;
    let mut tokens: Vec<Option<String>> = vec![None];
    for (seed, user) in (1..).zip([owner, other, boss, rival, world.admin, auditor, owner]) {
        tokens.push(Some(world.phone(user, seed).await.access));
    }
    let spare = world.phone(owner, 20).await.device;
    let mut writer = world.phone(owner, 21).await;
    writer.submits(&world, visit_id(1), &Visit { ended: Some(TUESDAY_16), ..Visit::default() });
    let receipt = writer.syncs(&world).await;
    let submit = receipt.receipt.records[0].submits[0].entry;
    let revoked = world.engine.view(world.tenant).devices().unwrap();
    let revoked = revoked.iter().find(|device| device.sync.key.to_bytes() == key_of(7)).unwrap().id();
    world.engine.revoke_device(world.tenant, None, revoked).await.unwrap();
    world.engine.tick().await.unwrap();
    let owed = ObligationName {
        pack: "key_account_visits".to_owned(),
        rule: "S21-R17".to_owned(),
        part: 0,
        subject: Subject::Fact(fact_of(visit_id(1))),
    };
    let owed = owed.hash();
    let days = Period { first: "2026-02-01".parse().unwrap(), last: "2026-02-28".parse().unwrap() };
    let closing = world.engine.close_period(world.tenant, None, days, "").await.unwrap().id;

    for (method, route, expected) in TABLE {
        for ((principal, token), expected) in PRINCIPALS.iter().zip(&tokens).zip(expected) {
            let path = match *route {
                "/v1/records" => format!("/v1/records?owner={owner}"),
                "/v1/obligations" => format!("/v1/obligations?person={owner}"),
                "/v1/obligations/{obligation}" | "/v1/obligations/{obligation}/exceptions" => {
                    route.replace("{obligation}", &owed.to_string())
                }
                "/v1/points" => format!("/v1/points?person={owner}&from=2026-11-01&days=30"),
                "/v1/closings/{closing}/changes" => {
                    format!("/v1/closings/{closing}/changes?person={owner}")
                }
                "/v1/devices/{id}/revoke" => format!("/v1/devices/{spare}/revoke"),
                route => {
                    route.replace("{id}", &owner.to_string()).replace("{document}", &visit_id(1).to_string())
                }
            };
            let token = token.as_deref();
            let answer = match *route {
                "/v1/pull" => {
                    let request =
                        PullRequest { cursor: Cursor(0), nonce: [0; 16], seen: None, shown: None, run: None };
                    world.cbor(&path, token, encoding::encode(&request)).await
                }
                "/v1/commit" => world.cbor(&path, token, Vec::new()).await,
                route => {
                    world
                        .ask(method, &path, token, body_of(route, submit.to_string(), &owner.to_string()))
                        .await
                }
            };
            assert_eq!(answer.status, *expected, "{principal}: {method} {path}: {answer:?}");
        }
    }
}

fn key_of(seed: u8) -> [u8; 33] {
    use sync_core::log::{Signer as _, SoftwareKey};
    SoftwareKey::from_bytes(&[seed; 32]).unwrap().public_key().to_bytes()
}

/// A body that is good, so that only rights decide.
fn body_of(route: &str, submit: String, owner: &str) -> Option<Value> {
    match route {
        "/v1/users" => Some(json!({"users": []})),
        "/v1/customers" => Some(json!({"customers": []})),
        "/v1/closings" => Some(json!({"first": "2026-01-01", "last": "2026-01-31"})),
        "/v1/documents" => Some(json!({"kind": "repair", "owner": owner, "fields": {"area": "east"}})),
        "/v1/records/{document}/decisions" => {
            Some(json!({"submit": submit, "ruling": "approve", "reason": "correction"}))
        }
        "/v1/obligations/{obligation}/exceptions" => Some(json!({"let_off": true, "reason": "illness"})),
        _ => None,
    }
}
