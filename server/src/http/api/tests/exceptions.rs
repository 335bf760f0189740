//! Exceptions over HTTP: made by a supervisor, explained to whoever asks, and worth points.

use serde_json::{Value, json};
use sync_core::{
    directory::Role,
    document::Visit,
    rules::{ObligationName, Subject, fact_of},
};

use super::{
    phone::Phone,
    world::{TUESDAY_16, World, visit_id},
};

/// Every visit has a result, or it costs five points.
const PACK: &str = r#"
id = "results"
version = 1
document_number = "N"
effective_from = 2026-03-01
owner = "O"
zone = "Asia/Shanghai"
calendar = "cn"

[[rule]]
id = "R1"
kind = "evidence_required"
says = "a visit has a result"
guard = { act = { fact = "visit" }, needs = [{ fields = ["result"] }] }

[[rule]]
id = "R2"
kind = "scoring"
says = "five points"
score = { breaches = ["R1"], points = -5, per = "month" }
"#;

/// A supervisor, and a rep of theirs with a visit without a result; and the path of what is owed on it.
async fn breached(world: &World) -> (Phone, Phone, String) {
    world.engine.put_pack(world.tenant, None, PACK).await.unwrap();
    let boss = world.user(3, "han", Role::Supervisor, None).await;
    let rep = world.user(2, "li", Role::Rep, Some(boss)).await;
    let (mut phone, boss) = (world.phone(rep, 1).await, world.phone(boss, 2).await);
    phone.submits(
        world,
        visit_id(1),
        &Visit { started: Some(TUESDAY_16), ended: Some(TUESDAY_16), ..Visit::default() },
    );
    phone.syncs(world).await;
    world.engine.tick().await.unwrap();
    let (pack, rule) = ("results".to_owned(), "R1".to_owned());
    let subject = Subject::Fact(fact_of(visit_id(1)));
    let owed = ObligationName { pack, rule, part: 0, subject };
    (boss, phone, format!("/v1/obligations/{}", owed.hash()))
}

async fn get(world: &World, phone: &Phone, path: &str) -> Value {
    let answer = world.ask("get", path, Some(&phone.access), None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn what_a_supervisor_lets_off_costs_no_points_and_is_explained() {
    let world = World::new().await;
    let (boss, rep, path) = breached(&world).await;
    let points = "/v1/points?from=2026-03-01&days=31";
    assert_eq!(get(&world, &boss, points).await["items"][0]["points"], -5);
    let before = get(&world, &rep, &path).await;
    assert_eq!((&before["state"], &before["let_off"]), (&"breached".into(), &false.into()));
    assert_eq!(before["exception"], Value::Null);

    let ruling = json!({"let_off": true, "reason": "other", "note": "  住院  "});
    let made = world.ask("post", &format!("{path}/exceptions"), Some(&boss.access), Some(ruling)).await;
    assert_eq!(made.status, 201, "{made:?}");
    world.engine.tick().await.unwrap();
    assert_eq!(get(&world, &boss, points).await["items"], json!([]));
    let after = get(&world, &rep, &path).await;
    assert_eq!((&after["state"], &after["let_off"]), (&"breached".into(), &true.into()));
    let exception = &after["exception"];
    assert_eq!(exception["document"], made.json()["document"]);
    assert_eq!((&exception["reason"], &exception["note"]), (&"other".into(), &"住院".into()));
    assert_eq!(exception["at_ms"], TUESDAY_16.as_millis());
    let me = get(&world, &boss, "/v1/me").await;
    assert_eq!(exception["by"], me["user"]["id"]);
    for (let_off, expected) in [(true, 1), (false, 0)] {
        let list = get(&world, &rep, &format!("/v1/obligations?pack=results&let_off={let_off}")).await;
        assert_eq!(list["items"].as_array().unwrap().len(), expected);
    }

    let withdrawn = json!({"withdrawn": true, "reason": "correction"});
    let made = world.ask("post", &format!("{path}/exceptions"), Some(&boss.access), Some(withdrawn)).await;
    assert_eq!(made.status, 201, "{made:?}");
    world.engine.tick().await.unwrap();
    assert_eq!(get(&world, &boss, points).await["items"][0]["points"], -5);
    assert_eq!(get(&world, &rep, &path).await["let_off"], false);
}

#[tokio::test]
async fn an_exception_says_one_thing_with_a_reason_or_is_refused() {
    let world = World::new().await;
    let (boss, _, path) = breached(&world).await;
    let before = world.engine.root();
    for (body, status) in [
        (json!({"reason": "illness"}), 422),
        (json!({"let_off": false, "reason": "illness"}), 422),
        (json!({"let_off": true, "withdrawn": true, "reason": "illness"}), 422),
        (json!({"let_off": true, "required": 0, "reason": "illness"}), 422),
        (json!({"required": 1_000_001, "reason": "illness"}), 422),
        (json!({"required": 2, "reason": "illness"}), 422),
        (json!({"let_off": true, "from": "2026-03-03", "reason": "illness"}), 422),
        (json!({"let_off": true, "reason": "other"}), 422),
        (json!({"let_off": true}), 400),
        (json!({"let_off": true, "reason": "boredom"}), 400),
        (json!({"let_off": true, "reason": "illness", "from": "today"}), 400),
        (json!({"let_off": true, "reason": "illness", "note": "长".repeat(501)}), 400),
        (json!({"let_off": true, "reason": "illness", "x": 1}), 400),
    ] {
        let path = format!("{path}/exceptions");
        let answer = world.ask("post", &path, Some(&boss.access), Some(body.clone())).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
    }
    let entered = json!({"kind": "exception", "fields": {"reason": "illness"}});
    let answer = world.ask("post", "/v1/documents", Some(&boss.access), Some(entered)).await;
    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    assert_eq!(world.engine.root(), before);
}
