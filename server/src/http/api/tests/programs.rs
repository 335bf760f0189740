//! What programs of administrators and supervisors do with the API.

use serde_json::{Value, json};
use sync_core::{
    directory::Role,
    document::Visit,
    id::{CustomerId, UserId},
};

use super::{
    phone::Phone,
    world::{TUESDAY_16, World, visit_id},
};

async fn admin(world: &World) -> Phone {
    world.phone(world.admin, 200).await
}

#[tokio::test]
async fn an_administrator_brings_in_users_customers_and_a_phone() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let token = Some(admin.access.as_str());
    let users = json!({"users": [
        {"login": "Li", "name": "李雷", "role": "rep", "reports_to_login": "han"},
        {"login": "han", "name": "韩梅梅", "role": "supervisor"},
    ]});
    let put = world.ask("post", "/v1/users", token, Some(users.clone())).await.json();
    assert_eq!(put[0]["login"], "li");
    assert_eq!(put[0]["reports_to"], put[1]["id"]);
    let again = world.ask("post", "/v1/users", token, Some(users)).await.json();
    assert_eq!(put, again, "a known login keeps its id");

    let path = format!("/v1/users/{}/enrolment-codes", put[0]["id"].as_str().unwrap());
    let code = world.ask("post", &path, token, None).await.json();
    let rep = Phone::enrol(&world, 1, json!({"code": code["code"]})).await;
    let me = world.ask("get", "/v1/me", Some(&rep.access), None).await.json();
    assert_eq!((&me["user"], &me["company"]), (&put[0], &"光谷食品".into()));

    let customers = json!({"customers": [{"number": "KA-1", "name": "光谷", "owner_login": "li"}]});
    let put = world.ask("post", "/v1/customers", token, Some(customers)).await.json();
    let listed = world.ask("get", "/v1/customers", Some(&rep.access), None).await.json();
    assert_eq!(listed["items"], put);
}

#[tokio::test]
async fn posts_and_tags_stay_as_they_are_for_a_program_that_does_not_name_them() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let token = Some(admin.access.as_str());
    for (path, of, field, good, bad) in [
        (
            "/v1/users",
            json!({"login": "li", "name": "李雷", "role": "rep"}),
            "posts",
            "ka_specialist",
            "专员",
        ),
        ("/v1/customers", json!({"number": "KA-1", "name": "光谷"}), "tags", "招投标", "Tender"),
    ] {
        let body = |words: Option<Value>| {
            let mut of = of.clone();
            if let Some(words) = words {
                of[field] = words;
            }
            Some(json!({ path.trim_start_matches("/v1/"): [of] }))
        };
        let put = world.ask("post", path, token, body(Some(json!([good, "second"])))).await.json();
        assert_eq!(put[0][field], json!([good, "second"]));
        let again = world.ask("post", path, token, body(None)).await.json();
        assert_eq!(again, put);
        let listed = world.ask("get", path, token, None).await.json();
        assert!(listed["items"].as_array().unwrap().contains(&put[0]), "{listed}");
        let refused = world.ask("post", path, token, body(Some(json!([bad])))).await;
        assert_eq!(refused.problem(), (422, "invalid".to_owned()));
        let emptied = world.ask("post", path, token, body(Some(json!([])))).await.json();
        assert_eq!(emptied[0][field], json!([]));
    }
}

#[tokio::test]
async fn a_password_that_an_administrator_sets_is_for_one_time() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let rep = world.user(2, "li", Role::Rep, None).await;
    let path = format!("/v1/users/{rep}/password");
    let answer = world.ask("post", &path, Some(&admin.access), None).await.json();
    let password = answer["one_time_password"].as_str().unwrap().to_owned();
    let signed_in = world.engine.sign_in(None, "li", crate::telemetry::Secret::new(password)).await.unwrap();
    assert!(signed_in.one_time);
}

#[tokio::test]
async fn a_directory_that_does_not_hold_together_is_refused_whole() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let user = |login: &str, boss: &str| json!({"login": login, "name": "", "role": "rep", "reports_to_login": boss});
    for users in [
        json!([user("a", "nobody")]),
        json!([user("a", "b"), user("b", "a")]),
        json!([user("a", "admin"), user("A", "admin")]),
        json!([user("", "admin")]),
    ] {
        let answer = world.ask("post", "/v1/users", Some(&admin.access), Some(json!({"users": users}))).await;
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{users}");
    }
    assert_eq!(world.engine.view(world.tenant).users().unwrap().len(), 1);
    for body in [
        json!({}),
        json!({"users": [], "x": 1}),
        json!({"users": [{"login": "a", "name": "a", "role": "boss"}]}),
    ] {
        let answer = world.ask("post", "/v1/users", Some(&admin.access), Some(body)).await;
        assert_eq!(answer.problem(), (400, "malformed".to_owned()));
    }
}

#[tokio::test]
async fn a_supervisor_reads_a_record_with_its_evidence_and_decides() {
    let world = World::new().await;
    let boss = world.user(3, "han", Role::Supervisor, None).await;
    let rep = world.user(2, "li", Role::Rep, Some(boss)).await;
    let (mut phone, boss) = (world.phone(rep, 1).await, world.phone(boss, 2).await);
    let visit = Visit {
        ended: Some(TUESDAY_16),
        customer: Some(*CustomerId::from_bytes([5; 16]).as_bytes()),
        result: Some("订了三箱".to_owned()),
        ..Visit::default()
    };
    phone.submits(&world, visit_id(1), &visit);
    phone.syncs(&world).await;

    let path = format!("/v1/records/{}", visit_id(1));
    let record = world.ask("get", &path, Some(&boss.access), None).await.json();
    assert_eq!(record["phase"], "draft", "nothing that counts was submitted yet");
    assert_eq!(record["values"]["result"], "订了三箱");
    assert_eq!(record["values"]["ended"], TUESDAY_16.as_millis());
    assert_eq!(record["values"]["customer"], "05".repeat(16));
    let submit = &record["submits"][0];
    assert_eq!((&submit["standing"], &submit["by"]), (&"not_evaluable".into(), &rep.to_string().into()));
    assert_eq!(submit["verdict"]["missing"], json!(["channel"]));
    assert_eq!(submit["verdict"]["evidence"]["not_after_ms"], TUESDAY_16.as_millis());

    let ruling =
        |word: &str| json!({"submit": submit["entry"], "ruling": word, "reason": "other", "note": "好"});
    let decisions = format!("{path}/decisions");
    let wrong = world.ask("post", &decisions, Some(&boss.access), Some(ruling("approve"))).await;
    assert_eq!(wrong.problem(), (409, "nothing_to_decide".to_owned()));
    let decided = world.ask("post", &decisions, Some(&boss.access), Some(ruling("excuse"))).await.json();
    assert_eq!(decided["submits"][0]["decisions"][0]["note"], "好");
    assert_eq!((&decided["seals"][0]["cause"], &decided["phase"]), (&"decision".into(), &"sealed".into()));
    let own = world.ask("post", &decisions, Some(&phone.access), Some(ruling("excuse"))).await;
    assert_eq!(own.problem(), (403, "not_permitted".to_owned()));
}

/// Follows `next` through all pages of a list.
async fn all(world: &World, phone: &Phone, path: &str) -> Vec<Value> {
    let (mut items, mut after) = (Vec::new(), String::new());
    for _ in 0..50 {
        let page = world.ask("get", &format!("{path}{after}"), Some(&phone.access), None).await;
        assert_eq!(page.status, 200, "{page:?}");
        items.extend(page.json()["items"].as_array().unwrap().clone());
        match page.json()["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return items,
        }
    }
    panic!("{path} has no end");
}

#[tokio::test]
async fn pages_of_any_size_bring_everything_once_and_nothing_of_another_line() {
    let world = World::new().await;
    let boss = world.user(3, "han", Role::Supervisor, None).await;
    let mut reps: Vec<(UserId, Phone)> = Vec::new();
    for n in 0..4 {
        // The last one works for somebody else.
        let rep = world.user(10 + n, &format!("rep{n}"), Role::Rep, (n < 3).then_some(boss)).await;
        reps.push((rep, world.phone(rep, 10 + n).await));
    }
    for (n, (_, phone)) in (0_u8..).zip(&mut reps) {
        for visit in 0..n {
            phone.submits(
                &world,
                visit_id(16 * n + visit),
                &Visit { ended: Some(TUESDAY_16), ..Visit::default() },
            );
        }
        phone.syncs(&world).await;
    }
    let boss = world.phone(boss, 2).await;
    for limit in 1..=5 {
        let records = all(&world, &boss, &format!("/v1/records?limit={limit}")).await;
        let mut documents: Vec<&str> =
            records.iter().map(|line| line["document"].as_str().unwrap()).collect();
        documents.sort_unstable();
        let expected = [visit_id(16), visit_id(32), visit_id(33)].map(|id| id.to_string());
        assert_eq!(documents, expected, "limit {limit}");
        assert_eq!(all(&world, &boss, &format!("/v1/users?limit={limit}")).await.len(), 4, "with herself");
        assert_eq!(all(&world, &boss, &format!("/v1/devices?limit={limit}")).await.len(), 4, "with her own");
        let of_one = format!("/v1/records?owner={}&phase=draft&limit={limit}", reps[2].0);
        assert_eq!(all(&world, &boss, &of_one).await.len(), 2);
        assert_eq!(all(&world, &reps[3].1, &format!("/v1/records?limit={limit}")).await.len(), 3);
    }
    assert!(all(&world, &boss, "/v1/records?phase=sealed").await.is_empty());
}

#[tokio::test]
async fn a_question_out_of_bounds_is_refused() {
    let world = World::new().await;
    let admin = admin(&world).await;
    let long = "A".repeat(200);
    for query in
        ["limit=0", "limit=201", "limit=x", "after=%21", &format!("after={long}"), "after=AAAA", "x=1"]
    {
        for list in ["users", "customers", "devices", "records"] {
            let answer = world.ask("get", &format!("/v1/{list}?{query}"), Some(&admin.access), None).await;
            assert_eq!(answer.problem(), (400, "malformed".to_owned()), "{list}?{query}");
        }
    }
    for path in ["/v1/records/x", "/v1/records/00", &format!("/v1/records/{}", visit_id(1))] {
        let answer = world.ask("get", path, Some(&admin.access), None).await;
        assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{path}");
    }
}
