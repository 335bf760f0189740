//! Teams over HTTP: what their leader and those below them owe.

use serde_json::Value;
use sync_core::{directory::Role, document::Visit};

use super::{
    phone::Phone,
    world::{TUESDAY_16, World, visit_id},
};

async fn owed(world: &World, reader: &Phone, query: &str) -> Vec<Value> {
    let answer = world.ask("get", &format!("/v1/obligations?{query}"), Some(&reader.access), None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["items"].as_array().unwrap().iter().map(|item| item["owed_by"].clone()).collect()
}

#[tokio::test]
async fn a_team_owes_what_its_leader_and_those_below_them_owe() {
    let world = World::new().await;
    let manager = world.user(9, "zhou", Role::Manager, None).await;
    let mut teams = Vec::new();
    for (number, leader, rep) in [(10, "han", "li"), (20, "wu", "sun")] {
        let leader = world.user(number, leader, Role::Supervisor, Some(manager)).await;
        let rep = world.user(number + 1, rep, Role::Rep, Some(leader)).await;
        let mut phone = world.phone(rep, number).await;
        let visit = Visit { started: Some(TUESDAY_16), ended: Some(TUESDAY_16), ..Visit::default() };
        phone.submits(&world, visit_id(number), &visit);
        phone.syncs(&world).await;
        teams.push((leader, rep));
    }
    world.engine.tick().await.unwrap();
    let (reader, one) = (world.phone(manager, 1).await, world.phone(teams[0].0, 2).await);
    assert_eq!(owed(&world, &reader, "").await.len(), 2);
    let rule = "pack=key_account_visits&rule=S21-R17";
    for (leader, rep) in &teams {
        for more in ["", rule] {
            let found = owed(&world, &reader, &format!("team={leader}&{more}")).await;
            assert_eq!(found, [serde_json::json!([rep])], "{more}");
        }
    }
    assert_eq!(owed(&world, &reader, &format!("team={manager}")).await.len(), 2);
    let (_, other) = (owed(&world, &one, &format!("team={}", teams[0].0)).await, teams[1].0);
    for more in ["", rule] {
        let path = format!("/v1/obligations?team={other}&{more}");
        let answer = world.ask("get", &path, Some(&one.access), None).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
}
