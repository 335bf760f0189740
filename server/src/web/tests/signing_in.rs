//! Getting in, being kept out, and getting out.

use axum::http::StatusCode;
use sync_core::directory::User;

use super::browser::{Browser, PASSWORD, give_password, site};
use crate::engine::{
    Founding,
    fixture::{HOUR_MS, World},
};

const NEW_PASSWORD: &str = "锦江春色来天地-2026";

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let world = World::new().await;
    let site = site(&world);
    give_password(&world, world.boss).await;
    let mut browser = Browser::new(&site);
    let answer = browser.get("/?state=overdue").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location, "/sign-in?next=/%3Fstate%3Doverdue");
    let form = browser.get(&answer.location).await;
    assert!(form.body.contains("name=\"next\" value=\"/?state=overdue\""));
    assert!(!form.body.contains("name=\"company\""), "there is only one company");
    let pairs = [("login", "LIU"), ("password", PASSWORD), ("next", "/?state=overdue")];
    assert_eq!(browser.post("/sign-in", &pairs).await.location, "/?state=overdue");
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_look_the_same() {
    let world = World::new().await;
    let site = site(&world);
    give_password(&world, world.boss).await;
    let mut browser = Browser::new(&site);
    let wrong = browser.post("/sign-in", &[("login", "liu"), ("password", "wrong password")]).await;
    let unknown = browser.post("/sign-in", &[("login", "nobody"), ("password", "wrong password")]).await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    assert_eq!(wrong.body.replace("\"liu\"", "\"nobody\""), unknown.body);
    assert!(!wrong.body.contains("wrong password"));
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn guessing_is_slowed_and_told_how_long_to_wait() {
    let world = World::new().await;
    let site = site(&world);
    give_password(&world, world.boss).await;
    let mut browser = Browser::new(&site);
    for _ in 0..10 {
        browser.post("/sign-in", &[("login", "liu"), ("password", "wrong")]).await;
    }
    let slowed = browser.post("/sign-in", &[("login", "liu"), ("password", PASSWORD)]).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(slowed.retry_after.as_deref(), Some("30"));
    world.pass(31_000);
    let answer = browser.post("/sign-in", &[("login", "liu"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_one_time_password_opens_nothing_before_it_is_changed() {
    let world = World::new().await;
    let site = site(&world);
    let code = world.admin_password.clone();
    let mut browser = Browser::new(&site);
    let answer = browser.post("/sign-in", &[("login", "admin"), ("password", &code)]).await;
    assert!(answer.body.contains("action=\"/first-sign-in\""));
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);

    let first = |password: &'static str, repeat: &'static str| {
        [("login", "admin"), ("code", ""), ("password", password), ("repeat", repeat)]
    };
    let with = |code: &str, pairs: [(&'static str, &'static str); 4]| {
        pairs.map(|(name, value)| (name, if name == "code" { code.to_owned() } else { value.to_owned() }))
    };
    for (pairs, status) in [
        (with(&code, first(NEW_PASSWORD, "something else")), StatusCode::UNPROCESSABLE_ENTITY),
        (with(&code, first("short", "short")), StatusCode::UNPROCESSABLE_ENTITY),
        (with(&code, first("password1234", "password1234")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("abcd-efgh-jkmn-pqrs", first(NEW_PASSWORD, NEW_PASSWORD)), StatusCode::FORBIDDEN),
    ] {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post("/first-sign-in", &pairs).await.status, status, "{pairs:?}");
    }
    let spaced = format!(" {code} ");
    let pairs = [("login", "admin"), ("code", &spaced), ("password", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    let answer = browser.post("/first-sign-in", &pairs).await;
    assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(browser.post("/first-sign-in", &pairs).await.status, StatusCode::FORBIDDEN, "it is used up");
}

#[tokio::test]
async fn a_rep_is_sent_to_the_phone() {
    let world = World::new().await;
    let site = site(&world);
    give_password(&world, world.rep).await;
    let mut browser = Browser::new(&site);
    let answer = browser.post("/sign-in", &[("login", "wang"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("此账号请在手机上使用"));
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_with_its_hours_its_password_and_its_user() {
    let world = World::new().await;
    let site = site(&world);
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    world.pass(12 * HOUR_MS);
    let ended = browser.get("/").await;
    assert_eq!(ended.location, "/sign-in?next=/&why=ended");
    assert!(browser.get(&ended.location).await.body.contains("登录已过期"));

    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    give_password(&world, world.boss).await;
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);

    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    let user = world.engine.view(world.tenant).user(world.boss).unwrap().unwrap();
    world.engine.put_users(world.tenant, None, vec![User { active: false, ..user }]).await.unwrap();
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_needs_the_sessions_own_form() {
    let world = World::new().await;
    let site = site(&world);
    let mut browser = Browser::signed_in(&world, &site, world.boss).await;
    assert_eq!(browser.post("/sign-out", &[("form_token", "guessed")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(browser.submit("/", "/sign-out", &[]).await.location, "/sign-in");
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_the_right_password() {
    let world = World::new().await;
    let site = site(&world);
    give_password(&world, world.boss).await;
    let mut browser = Browser::new(&site);
    browser.form_site = "cross-site";
    let answer = browser.post("/sign-in", &[("login", "liu"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    browser.forget_cookies();
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_is_sent_to_another_server_after_signing_in() {
    let world = World::new().await;
    let site = site(&world);
    give_password(&world, world.boss).await;
    let mut browser = Browser::new(&site);
    let pairs = [("login", "liu"), ("password", PASSWORD), ("next", "//evil.example/")];
    assert_eq!(browser.post("/sign-in", &pairs).await.location, "/");
}

#[tokio::test]
async fn where_there_are_several_companies_one_is_asked_for() {
    let world = World::new().await;
    let site = site(&world);
    give_password(&world, world.boss).await;
    world.engine.found(Founding::key_account_visits("江北")).await.unwrap();
    let mut browser = Browser::new(&site);
    assert!(browser.get("/sign-in").await.body.contains("name=\"company\""));
    let mut pairs = vec![("login", "liu"), ("password", PASSWORD)];
    assert_eq!(browser.post("/sign-in", &pairs).await.status, StatusCode::FORBIDDEN);
    pairs.push(("company", "江南"));
    assert_eq!(browser.post("/sign-in", &pairs).await.status, StatusCode::SEE_OTHER);
}
