//! The OpenAPI document says what the router does.

use std::{collections::BTreeSet, path::Path};

use super::world::World;
use crate::http::api::{ROUTES, openapi};

#[test]
fn the_document_and_the_router_have_the_same_routes() {
    let listed: BTreeSet<(String, String)> =
        ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    let document: serde_json::Value = serde_json::from_str(&openapi::JSON).unwrap();
    let (mut documented, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            documented.insert((method.clone(), path.clone()));
            assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}");
        }
    }
    assert_eq!(listed, documented);
}

#[test]
fn every_shape_that_the_document_names_is_in_it() {
    let document: serde_json::Value = serde_json::from_str(&openapi::JSON).unwrap();
    for part in openapi::JSON.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn every_route_of_the_list_is_offered_and_the_document_can_be_fetched() {
    let world = World::new().await;
    for (method, path) in ROUTES {
        let answer = world.ask(method, path, None, None).await;
        assert!(!matches!(answer.status, 404 | 405), "{method} {path}: {answer:?}");
    }
    let fetched = world.ask("get", "/v1/openapi.json", None, None).await;
    assert_eq!(String::from_utf8(fetched.body).unwrap(), *openapi::JSON);
}

#[test]
fn the_committed_document_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    if std::env::var_os("FIELDBOOK_RENEW").is_some() {
        std::fs::write(&file, openapi::JSON.as_str()).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == *openapi::JSON,
        "docs/openapi.json is out of date; renew it with\n    FIELDBOOK_RENEW=1 cargo test -p server the_committed_document"
    );
}
