//! Enrolling a phone: with a code or a password, each as often as it may be used.

use serde_json::json;
use sync_core::directory::Role;

use super::{
    phone::{Phone, proof, proven, try_enrol},
    world::World,
};
use crate::clock::Clock as _;

const PASSWORD: &str = "a long way to the mill";

#[tokio::test]
async fn an_enrolment_code_enrols_one_phone() {
    let world = World::new().await;
    let rep = world.user(2, "li", Role::Rep, None).await;
    let (code, _) = world.engine.draw_enrolment_code(world.tenant, None, rep).await.unwrap();
    let credentials = json!({"code": code.expose()});
    let phone = Phone::enrol(&world, 1, credentials.clone()).await;
    assert_eq!(world.engine.view(world.tenant).device(phone.device).unwrap().unwrap().user, rep);
    let again = try_enrol(&world, 2, credentials).await;
    assert_eq!(again.problem(), (401, "bad_credentials".to_owned()));
}

#[tokio::test]
async fn a_one_time_password_has_to_be_changed_before_it_enrols() {
    let world = World::new().await;
    let rep = world.user(2, "li", Role::Rep, None).await;
    let credentials = json!({"login": "Li", "password": PASSWORD});
    world.engine.set_password(world.tenant, None, rep, PASSWORD, true).await.unwrap();
    let refused = try_enrol(&world, 1, credentials.clone()).await;
    assert_eq!(refused.problem(), (403, "password_change_required".to_owned()));
    world.engine.set_password(world.tenant, None, rep, PASSWORD, false).await.unwrap();
    Phone::enrol(&world, 1, credentials.clone()).await;
    let wrong = try_enrol(&world, 2, json!({"login": "li", "password": "another password"})).await;
    assert_eq!(wrong.problem(), (401, "bad_credentials".to_owned()));
    world.leaves(rep).await;
    assert_eq!(try_enrol(&world, 2, credentials).await.problem(), (401, "bad_credentials".to_owned()));
}

#[tokio::test]
async fn guessing_codes_is_slowed_and_the_answer_says_how_long_to_wait() {
    let world = World::new().await;
    for _ in 0..10 {
        let wrong = try_enrol(&world, 1, json!({"code": "7K3QF-9XW2M"})).await;
        assert_eq!(wrong.problem(), (401, "bad_credentials".to_owned()));
    }
    let slowed = try_enrol(&world, 1, json!({"code": "7K3QF-9XW2M"})).await;
    assert_eq!(slowed.problem(), (429, "too_many_attempts".to_owned()));
    assert_eq!(slowed.headers["retry-after"], "30");
}

#[tokio::test]
async fn a_key_is_enrolled_only_by_whoever_holds_it() {
    let world = World::new().await;
    let nonce = world.authority.nonces.issue(world.clock.now());
    let body = json!({"code": "7K3QF-9XW2M", "device_name": "A phone", "public_key": "AAAA"});
    let answer = world.send(proven("/v1/enrol", &proof(1, "/v1/enrol", &world, &nonce, "a"), &body)).await;
    assert_eq!(answer.problem(), (401, "bad_proof".to_owned()));
}

#[tokio::test]
async fn a_proof_works_once() {
    let world = World::new().await;
    let nonce = world.authority.nonces.issue(world.clock.now());
    let proof = proof(1, "/v1/token", &world, &nonce, "a");
    let body = json!({"grant_type": "refresh_token", "refresh_token": "fbr_x"});
    let first = world.send(proven("/v1/token", &proof, &body)).await;
    assert_eq!(first.problem(), (401, "refresh_refused".to_owned()));
    let second = world.send(proven("/v1/token", &proof, &body)).await;
    assert_eq!(second.problem(), (401, "bad_proof".to_owned()));
}

#[tokio::test]
async fn a_body_that_is_not_as_expected_is_told_apart_from_one_of_another_type() {
    let world = World::new().await;
    let send = async |id: &str, content_type: &str, body: &str| {
        let nonce = world.authority.nonces.issue(world.clock.now());
        let proof = proof(1, "/v1/enrol", &world, &nonce, id);
        let request = axum::http::Request::post("/v1/enrol").header("dpop", proof);
        let request = request.header("content-type", content_type).body(body.to_owned().into()).unwrap();
        world.send(request).await.problem()
    };
    let malformed = (400, "malformed".to_owned());
    assert_eq!(send("a", "application/json", "{").await, malformed);
    assert_eq!(send("b", "application/json", r#"{"device_name":"","public_key":"","x":1}"#).await, malformed);
    let long = format!(r#"{{"device_name":"{}","public_key":""}}"#, "x".repeat(101));
    assert_eq!(send("c", "application/json", &long).await, malformed);
    assert_eq!(send("d", "text/plain", "{}").await, (415, "not_json".to_owned()));
}
