//! Tokens: which are taken, and when they end.

use sync_core::{
    directory::Role,
    id::{DeviceId, TenantId},
};

use super::{phone::Phone, world::World};
use crate::{
    auth::{
        access_token::{self, Access},
        keys::ServerKeys,
    },
    clock::Clock as _,
    randomness::SystemRandomness,
};

async fn rep_with_phone(world: &World) -> Phone {
    let rep = world.user(2, "li", Role::Rep, None).await;
    world.phone(rep, 1).await
}

fn access(world: &World, phone: &Phone) -> Access {
    let device = world.engine.view(world.tenant).device(phone.device).unwrap().unwrap();
    Access {
        tenant: world.tenant,
        user: device.user,
        device: phone.device,
        key_thumbprint: device.sync.key.thumbprint(),
    }
}

#[tokio::test]
async fn a_token_of_another_server_audience_tenant_or_device_opens_nothing() {
    let world = World::new().await;
    let phone = rep_with_phone(&world).await;
    let good = access(&world, &phone);
    let (ours, url, now) = (&world.authority.keys, &world.config.public_url, world.clock.now());
    let status = async |keys: &ServerKeys, issuer: &str, access: &Access| {
        let token = access_token::issue(keys, &SystemRandomness, issuer, access, 600, now).unwrap();
        world.ask("get", "/v1/me", Some(&token), None).await.status
    };
    assert_eq!(status(ours, url, &good).await, 200);
    assert_eq!(status(&ServerKeys::from_seed(&[8; 32]), url, &good).await, 401);
    assert_eq!(status(ours, "https://elsewhere.example", &good).await, 401);
    assert_eq!(
        status(ours, url, &Access { tenant: TenantId::from_bytes([1; 16]), ..good.clone() }).await,
        401
    );
    assert_eq!(status(ours, url, &Access { device: DeviceId::from_bytes([1; 16]), ..good }).await, 401);
    for broken in ["", "x", "fbr_x", phone.refresh.as_str()] {
        let answer = world.ask("get", "/v1/me", Some(broken), None).await;
        assert_eq!(answer.problem(), (401, "invalid_token".to_owned()));
    }
}

#[tokio::test]
async fn a_token_expires() {
    let world = World::new().await;
    let phone = rep_with_phone(&world).await;
    world.clock.advance_ms(600_000 - 1);
    assert_eq!(world.ask("get", "/v1/me", Some(&phone.access), None).await.status, 200);
    world.clock.advance_ms(1);
    let late = world.ask("get", "/v1/me", Some(&phone.access), None).await;
    assert_eq!(late.problem(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn a_user_who_left_can_use_neither_token() {
    let world = World::new().await;
    let mut phone = rep_with_phone(&world).await;
    let user = access(&world, &phone).user;
    let commit = phone.commit(&world).await;
    world.leaves(user).await;
    let gone = (401, "bad_credentials".to_owned());
    assert_eq!(world.ask("get", "/v1/me", Some(&phone.access), None).await.problem(), gone);
    assert_eq!(phone.pull(&world).await.problem(), gone);
    assert_eq!(phone.send(&world, &commit).await.problem(), gone);
    let token = phone.refresh.clone();
    assert_eq!(phone.refresh_with(&world, &token).await.problem(), (401, "refresh_refused".to_owned()));
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_later_ends_its_family() {
    let world = World::new().await;
    let mut phone = rep_with_phone(&world).await;
    let mut tokens = vec![phone.refresh.clone()];
    for _ in 0..2 {
        let answer = phone.refresh_with(&world, tokens.last().unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let access = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(world.ask("get", "/v1/me", Some(&access), None).await.status, 200);
        tokens.push(answer.json()["refresh_token"].as_str().unwrap().to_owned());
    }
    let reused = phone.refresh_with(&world, &tokens[0]).await;
    assert_eq!(reused.problem(), (401, "refresh_reused".to_owned()));
    let newest = phone.refresh_with(&world, &tokens[2]).await;
    assert_eq!(newest.problem(), (401, "refresh_refused".to_owned()));
}

#[tokio::test]
async fn a_refresh_token_is_worth_nothing_to_another_phone() {
    let world = World::new().await;
    let mut phone = rep_with_phone(&world).await;
    let rep = world.user(3, "wang", Role::Rep, None).await;
    let mut thief = world.phone(rep, 2).await;
    let stolen = phone.refresh.clone();
    assert_eq!(thief.refresh_with(&world, &stolen).await.problem(), (401, "refresh_refused".to_owned()));
    assert_eq!(phone.refresh_with(&world, &stolen).await.status, 200, "the theft does not end the family");
}
