//! Query strings, cursors and filters: any query gets an answer of bounded size that shows only what its reader may see
//! and sends nobody to another server.

mod site;

use std::sync::LazyLock;

use axum::{
    extract::Query,
    http::{StatusCode, Uri, header},
};
use serde_json::Value;
use server::web::{ObligationFilter, RecordFilter};

use crate::{Outcome, memory::within_mib, tape::Tape};
use site::{Answer, REP, Site};

static SITE: LazyLock<Site> = LazyLock::new(Site::new);

const LISTS: [&str; 4] = ["/v1/records", "/v1/customers", "/v1/users", "/v1/devices"];

/// Asks the API for a list, a page for its view, or a filter for its link.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let (what, who) = (tape.byte(), tape.below(3));
    let query = escaped(tape.rest());
    match what % 8 {
        0 => check_filter(&query),
        1 => {
            check_page(&format!("/obligations?{query}"));
            check_page(&format!("/?{query}"))
        }
        2 => check_redirect(&format!("/language/en?{query}")),
        3 => check_page(&format!("/sign-in?{query}")),
        _ => check_list(LISTS[usize::from(what / 8) % LISTS.len()], who, &query),
    }
}

/// Makes any bytes fit into a query.
fn escaped(bytes: &[u8]) -> String {
    let mut query = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"=&%+-._~/:;,?@!$'()*[]".contains(&byte) {
            query.push(byte.into());
        } else {
            query.push_str(&format!("%{byte:02X}"));
        }
    }
    query
}

fn pairs(uri: &str) -> Option<Vec<(String, String)>> {
    let uri: Uri = uri.parse().ok()?;
    Query::try_from_uri(&uri).ok().map(|Query(pairs)| pairs)
}

fn filter(pairs: &[(String, String)]) -> RecordFilter {
    RecordFilter::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn obligations(pairs: &[(String, String)]) -> ObligationFilter {
    ObligationFilter::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// A filter comes back from its own link, on both pages.
fn check_filter(query: &str) -> Outcome {
    let Some(asked) = pairs(&format!("/?{query}")) else { return Outcome::Refused };
    let read = filter(&asked);
    assert!(read.page >= 1 && read.customer.chars().count() <= 100);
    let link = read.link();
    assert!(link.starts_with('/') && !link.starts_with("//"));
    assert_eq!(filter(&pairs(&link).unwrap()), read, "{link}");
    let owed = obligations(&asked);
    let owed_link = owed.link();
    assert!(owed_link.starts_with("/obligations"));
    assert_eq!(obligations(&pairs(&owed_link).unwrap()), owed, "{owed_link}");
    Outcome::accepted_if(link != "/")
}

fn get(path: &str, who: Option<usize>) -> Option<Answer> {
    // What is no address never gets past the HTTP library.
    let uri: Uri = path.parse().ok()?;
    let site = &*SITE;
    let answer = within_mib(16, || site.get(uri, who));
    assert!(!answer.status.is_server_error(), "{path}: {}", answer.text());
    assert!(answer.body.len() < 1 << 20, "{path} gives {} bytes", answer.body.len());
    Some(answer)
}

fn check_list(list: &str, who: usize, query: &str) -> Outcome {
    let mut path = format!("{list}?{query}");
    let mut outcome = Outcome::Refused;
    // The pages behind it are asked for as well, as far as there are any.
    for _ in 0..4 {
        let Some(answer) = get(&path, Some(who)) else { return outcome };
        if answer.status != StatusCode::OK {
            assert!(answer.header(header::CONTENT_TYPE).contains("application/problem+json"), "{path}");
            assert!(outcome == Outcome::Refused, "the server does not take its own cursor: {path}");
            return outcome;
        }
        outcome = Outcome::Accepted;
        let page: Value = serde_json::from_slice(&answer.body).unwrap();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 200);
        if who == REP {
            check_own(list, items);
        }
        let Some(next) = page["next"].as_str() else { return outcome };
        path = format!("{list}?limit=1&after={next}");
    }
    outcome
}

/// A rep sees their own records, phones and customers, and the people they work with by name.
fn check_own(list: &str, items: &[Value]) {
    let own = SITE.rep.to_string();
    for item in items {
        let owner = match list {
            "/v1/devices" => &item["user"],
            "/v1/users" => &item["id"],
            _ => &item["owner"],
        };
        assert!(owner.is_null() || *owner == own.as_str(), "{list} shows a rep {item}");
    }
}

fn check_page(path: &str) -> Outcome {
    let Some(answer) = get(path, None) else { return Outcome::Refused };
    let html = answer.text();
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("javascript:"), "{path}");
    Outcome::accepted_if(answer.status == StatusCode::OK)
}

fn check_redirect(path: &str) -> Outcome {
    let Some(answer) = get(path, None) else { return Outcome::Refused };
    let to = answer.header(header::LOCATION);
    if answer.status == StatusCode::SEE_OTHER {
        assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'), "{path} leads to {to}");
    }
    Outcome::accepted_if(to.len() > 1)
}
