//! Choosing a language.

use axum::http::StatusCode;

use super::browser::{Browser, site};
use crate::engine::fixture::World;

#[tokio::test]
async fn a_chosen_language_is_kept_and_the_reader_stays_where_they_were() {
    let world = World::new().await;
    let mut browser = Browser::new(&site(&world));
    assert!(browser.get("/sign-in").await.body.contains("<html lang=\"zh-Hans\">"));
    let answer = browser.get("/language/en?back=/sign-in%3Fnext%3D/devices").await;
    assert_eq!(answer.location, "/sign-in?next=/devices");
    assert!(browser.get(&answer.location).await.body.contains("<html lang=\"en\">"));
    assert_eq!(browser.get("/language/de?back=/").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/language/en?back=https://evil.example").await.location, "/");
}
