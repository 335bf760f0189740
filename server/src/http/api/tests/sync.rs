//! Pull and commit through HTTP.

use axum::{body::Body, http::Request};
use sync_core::{
    directory::Role,
    document::Visit,
    encoding,
    id::UserId,
    log::SignedReceipt,
    protocol::{FeedItem, PullResponse},
};

use super::{
    phone::Phone,
    world::{World, visit_id},
};
use crate::clock::Clock as _;

async fn rep_with_phone(world: &World) -> (UserId, Phone) {
    let rep = world.user(2, "li", Role::Rep, None).await;
    let phone = world.phone(rep, 1).await;
    (rep, phone)
}

#[tokio::test]
async fn a_phone_enrols_renews_its_token_pulls_and_commits_and_gets_the_same_receipt_again() {
    let world = World::new().await;
    let (rep, mut phone) = rep_with_phone(&world).await;
    let token = phone.refresh.clone();
    let renewed = phone.refresh_with(&world, &token).await.json();
    phone.access = renewed["access_token"].as_str().unwrap().to_owned();

    let pulled: PullResponse = encoding::decode(&phone.pull(&world).await.body).unwrap();
    assert!(pulled.items.iter().any(|item| matches!(item, FeedItem::User(user) if user.id == rep)));
    assert!(pulled.items.iter().any(|item| matches!(item, FeedItem::Pack { .. })));

    let ended = world.clock.now();
    phone.submits(&world, visit_id(1), &Visit { ended: Some(ended), ..Visit::default() });
    let commit = phone.commit(&world).await;
    let first = phone.send(&world, &commit).await;
    assert_eq!((first.status, &first.headers["content-type"]), (200, &"application/cbor".parse().unwrap()));
    let receipt: SignedReceipt = encoding::decode(&first.body).unwrap();
    assert!(receipt.receipt.refused.is_empty(), "{receipt:?}");
    assert_eq!(receipt.receipt.records[0].document, visit_id(1));
    assert_eq!(phone.send(&world, &commit).await.body, first.body);
}

#[tokio::test]
async fn a_revoked_phone_is_turned_away_at_once_and_its_commit_is_kept_apart() {
    let world = World::new().await;
    let (_, mut phone) = rep_with_phone(&world).await;
    phone.submits(&world, visit_id(1), &Visit { ended: Some(world.clock.now()), ..Visit::default() });
    let commit = phone.commit(&world).await;
    world.engine.revoke_device(world.tenant, None, phone.device).await.unwrap();
    let revoked = (401, "device_revoked".to_owned());
    assert_eq!(phone.pull(&world).await.problem(), revoked);
    assert_eq!(phone.send(&world, &commit).await.problem(), revoked);
    let token = phone.refresh.clone();
    assert_eq!(phone.refresh_with(&world, &token).await.problem(), revoked);
    let view = world.engine.view(world.tenant);
    assert_eq!(view.device(phone.device).unwrap().unwrap().quarantined, 1);
    assert!(view.record(visit_id(1)).unwrap().is_none());
}

#[tokio::test]
async fn a_body_that_is_no_message_or_of_another_type_is_refused() {
    let world = World::new().await;
    let (_, phone) = rep_with_phone(&world).await;
    for path in ["/v1/pull", "/v1/commit"] {
        for body in [b"".to_vec(), b"{}".to_vec(), vec![0xff; 64]] {
            let answer = world.cbor(path, Some(&phone.access), body).await;
            assert_eq!(answer.problem(), (400, "malformed".to_owned()), "{path}");
        }
        let request = Request::post(path).header("authorization", format!("Bearer {}", phone.access));
        let request = request.header("content-type", "application/json").body(Body::from("{}")).unwrap();
        assert_eq!(world.send(request).await.problem(), (415, "not_cbor".to_owned()));
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_anything_is_asked() {
    let world = World::with(|config| config.limits.body_bytes = 64).await;
    let answer = world.cbor("/v1/commit", None, vec![0; 65]).await;
    assert_eq!(answer.problem(), (413, "body_too_large".to_owned()));
}

#[tokio::test]
async fn the_largest_commit_of_the_protocol_fits_into_a_request() {
    let world = World::new().await;
    let (_, phone) = rep_with_phone(&world).await;
    let full = vec![0; sync_core::log::limits::COMMIT_BYTES];
    let answer = world.cbor("/v1/commit", Some(&phone.access), full).await;
    assert_eq!(answer.problem(), (400, "malformed".to_owned()), "read, and found to be no commit");
}

#[tokio::test]
async fn a_full_house_tells_commits_and_whoever_begins_a_sync_when_to_come_again() {
    let world = World::with(|config| {
        // One commit stands in line, and nobody in front of it is ever done.
        (config.limits.concurrent_commits, config.limits.waiting_commits) = (0, 1);
    })
    .await;
    let (rep, mut first) = rep_with_phone(&world).await;
    let mut second = world.phone(rep, 2).await;
    let (one, other) = (first.commit(&world).await, second.commit(&world).await);
    let turned_away = async {
        let pull = loop {
            let answer = second.pull(&world).await;
            if answer.status != 200 {
                break answer;
            }
            tokio::task::yield_now().await;
        };
        let token = second.refresh.clone();
        [pull, second.send(&world, &other).await, second.refresh_with(&world, &token).await]
    };
    let answers = tokio::select! {
        answer = first.send(&world, &one) => panic!("{answer:?}"),
        answers = turned_away => answers,
    };
    for answer in answers {
        assert_eq!(answer.problem(), (503, "busy".to_owned()));
        assert_eq!(answer.headers["retry-after"], "2");
    }
}

#[tokio::test]
async fn a_commit_of_another_phone_and_one_without_its_anchor_have_codes_of_their_own() {
    let world = World::new().await;
    let (rep, mut phone) = rep_with_phone(&world).await;
    let other = world.phone(rep, 2).await;
    let commit = phone.commit(&world).await;
    assert_eq!(other.send(&world, &commit).await.problem(), (403, "wrong_device".to_owned()));
    let mut forged = commit.clone();
    forged.signature[40] ^= 1;
    assert_eq!(phone.send(&world, &forged).await.problem(), (403, "bad_signature".to_owned()));
    phone.pull(&world).await;
    assert_eq!(phone.send(&world, &commit).await.problem(), (409, "anchor_stale".to_owned()));
}
