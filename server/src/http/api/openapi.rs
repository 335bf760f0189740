//! The OpenAPI document: the routes and shapes of this API, for programs and their generators.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        Components, Content, InfoBuilder, OpenApi as Document, Ref, ResponseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    Paths,
    json::words::{DayText, IdPlaceText},
};

/// What every route answers when it does not give what was asked for (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `Problem` writes")]
struct ProblemDetails {
    /// `urn:fieldbook:problem:` and a stable code, such as `urn:fieldbook:problem:not_found`.
    r#type: String,
    /// What the code means.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What was wrong this time, for a developer.
    detail: Option<String>,
}

/// The document as JSON, in lines.
pub(super) static JSON: LazyLock<String> = LazyLock::new(|| {
    let mut json = document().to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
});

/// Gives the OpenAPI document of this API.
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "show_document", tag = "about",
    responses((status = 200, body = Object, description = "This document")))]
pub(super) async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], JSON.as_str()).into_response()
}

/// Puts together the document.
pub(super) fn document() -> Document {
    let mut document = Paths::openapi();
    document.info = InfoBuilder::new()
        .title("Fieldbook")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("What phones and programs ask of a Fieldbook server; see docs/protocol.md."))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    // Only queries name it, and those are not looked through for shapes.
    components.schemas.insert("IdPlaceText".to_owned(), IdPlaceText::schema());
    components.schemas.insert("DayText".to_owned(), DayText::schema());
    components.schemas.insert("ProblemDetails".to_owned(), ProblemDetails::schema());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The access token that /v1/enrol or /v1/token gave"))
        .build();
    components.security_schemes.insert("bearer".to_owned(), SecurityScheme::Http(bearer).into());
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
            answer_problems(operation);
        }
    }
    document
}

/// Says that an operation may answer with a problem.
fn answer_problems(operation: &mut Operation) {
    let content = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
    let problem = ResponseBuilder::new()
        .description("What went wrong, with a stable type")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), problem.into());
}
