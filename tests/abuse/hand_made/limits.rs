//! How long each text of a body may be, as the OpenAPI document says.

use anyhow::Context as _;
use serde_json::Value;

/// The limits of the texts in a route's body, by their place in the good body, as the OpenAPI document says.
pub(super) fn limits(path: &str) -> anyhow::Result<Vec<(String, usize)>> {
    let document: Value = serde_json::from_str(include_str!("../../../docs/openapi.json"))?;
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |route: &&String| {
        let route: Vec<&str> = route.split('/').collect();
        route.len() == parts.len() && route.iter().zip(&parts).all(|(a, b)| a == b || a.starts_with('{'))
    };
    let paths = document["paths"].as_object().context("no paths")?;
    let route = paths.keys().find(fits).context("the route is not in the document")?;
    let body = &paths[route]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let mut found = Vec::new();
    collect(&document, body, String::new(), &mut found);
    assert!(!found.is_empty(), "{path} has no texts");
    Ok(found)
}

fn collect(document: &Value, schema: &Value, at: String, found: &mut Vec<(String, usize)>) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null);
        return collect(document, target, at, found);
    }
    if let Some(limit) = schema["maxLength"].as_u64() {
        found.push((at, limit as usize));
        return;
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        collect(document, property, format!("{at}/{name}"), found);
    }
    if schema["items"].is_object() {
        collect(document, &schema["items"], format!("{at}/0"), found);
    }
}
