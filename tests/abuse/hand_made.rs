//! Requests made by hand to break something: every answer is a refusal that says why, and the journal stays as it is.

mod limits;
mod raw;

use client_sdk::{FieldValue, field};
use serde_json::{Value, json};
use sync_core::{
    document::{Document, Edit},
    encoding,
    protocol::{Cursor, PullRequest},
    time::Timestamp,
};

use crate::{
    draft::Draft,
    site::{Ask, Company, Sent, Site},
};
use limits::limits;
use raw::exchange;

/// The last instant that a field of a visit may hold: the end of the year 9999, as a calendar knows it.
const LAST_MS: i64 = 253_402_207_200_000;

/// The routes that take JSON, with a body that is good.
fn good_bodies(company: &Company) -> Vec<(String, Value)> {
    let record = "00".repeat(16);
    vec![
        (
            "/v1/users".to_owned(),
            json!({"users": [{"login": "li", "name": "Li", "role": "rep", "reports_to_login": "admin", "active": true, "posts": ["ka_specialist"]}]}),
        ),
        (
            "/v1/customers".to_owned(),
            json!({"customers": [{
                "number": "1", "name": "n", "address": "a", "contact": "c", "phone": "1", "grade": "A", "tags": ["招投标"],
                "owner_login": company.person("owner").login,
            }]}),
        ),
        (
            format!("/v1/records/{record}/decisions"),
            json!({"submit": "00".repeat(32), "ruling": "approve", "reason": "correction", "note": "n"}),
        ),
        (
            "/v1/enrol".to_owned(),
            json!({"code": "x", "company": "x", "login": "x", "password": "x", "device_name": "x", "public_key": "x"}),
        ),
        ("/v1/token".to_owned(), json!({"grant_type": "refresh_token", "refresh_token": "x"})),
    ]
}

/// Whoever asks here: the administrator, so that nothing is refused for want of rights.
struct Tried<'a> {
    site: &'a Site,
    token: String,
    tried: usize,
}

impl<'a> Tried<'a> {
    fn by_admin(site: &'a Site, company: &Company) -> anyhow::Result<Self> {
        let token = site.token(&company.person("admin").access)?;
        Ok(Self { site, token: format!("Bearer {token}"), tried: 0 })
    }

    /// Sends bytes as a body and expects a refusal.
    async fn refused(&mut self, path: &str, content_type: &str, body: Vec<u8>) -> anyhow::Result<()> {
        let head = format!("content-type: {content_type}\r\n");
        self.refused_with(&format!("POST {path}"), &head, body).await
    }

    /// Sends a whole request and expects a refusal.
    async fn refused_with(&mut self, line: &str, head: &str, body: Vec<u8>) -> anyhow::Result<()> {
        let head = format!("authorization: {}\r\ncontent-length: {}\r\n{head}", self.token, body.len());
        let root = self.site.engine().root();
        let request =
            [format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n").into_bytes(), body];
        let answer = exchange(self.site.server.address(), &request.concat()).await?;
        let shown: String = String::from_utf8_lossy(&request.concat()).chars().take(400).collect();
        let status: u16 = answer.get(9..12).unwrap_or_default().parse().unwrap_or(0);
        anyhow::ensure!((400..500).contains(&status), "{shown}\nwas answered\n{answer}");
        anyhow::ensure!(
            answer.contains("content-type: application/problem+json"),
            "{shown}\nwas answered\n{answer}"
        );
        anyhow::ensure!(answer.contains("urn:fieldbook:problem:"), "{shown}\nwas answered\n{answer}");
        anyhow::ensure!(self.site.engine().root() == root, "{shown}\nis in the journal");
        self.tried += 1;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_what_was_expected_is_refused_and_leaves_nothing() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let company = site.found("Here").await?;
    let mut tried = Tried::by_admin(&site, &company)?;
    let json = "application/json";
    for (path, good) in good_bodies(&company) {
        let text = good.to_string();
        for (pointer, limit) in limits(&path)? {
            let mut large = good.clone();
            *large.pointer_mut(&pointer).expect("the field is in the good body") =
                "长".repeat(limit + 1).into();
            tried.refused(&path, json, large.to_string().into_bytes()).await?;
        }
        // Once more inside the first object, behind what stands there.
        let twice = text.replacen('{', &format!("{{{},", &text[1..text.len() - 1]), 1);
        tried.refused(&path, json, twice.into_bytes()).await?;
        tried.refused(&path, json, text.replacen('{', r#"{"unknown":1,"#, 1).into_bytes()).await?;
        for (open, close) in [("[", "]"), (r#"{"users":"#, "}"), (r#"{"a":["#, "]}")] {
            tried.refused(&path, json, (open.repeat(10_000) + &close.repeat(10_000)).into_bytes()).await?;
            tried.refused(&path, json, open.repeat(10_000).into_bytes()).await?;
        }
        for value in [
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            "\"\u{0}\"",
            "\"\\u12\"",
            "1e999",
            "9223372036854775808",
            "-0",
            "NaN",
            "null",
        ] {
            let field = good.as_object().and_then(|fields| fields.keys().next()).expect("a field").clone();
            tried.refused(&path, json, format!(r#"{{"{field}":{value}}}"#).into_bytes()).await?;
        }
        tried.refused(&path, json, b"\xff\xfe{}".to_vec()).await?;
        tried.refused(&path, json, b"{\"a\":\"\xc3\x28\"}".to_vec()).await?;
        tried.refused(&path, json, Vec::new()).await?;
        tried.refused(&path, "text/plain", text.clone().into_bytes()).await?;
        tried.refused(&path, "application/x-www-form-urlencoded", text.clone().into_bytes()).await?;
        for coding in ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "x"] {
            let head = format!("content-type: {json}\r\ncontent-encoding: {coding}\r\n");
            tried.refused_with(&format!("POST {path}"), &head, bomb()?).await?;
        }
    }
    let user = json!({"login": "li", "name": "Li", "role": "rep"});
    tried.refused("/v1/users", json, json!({"users": vec![user; 10_000]}).to_string().into_bytes()).await?;
    let customer = json!({"number": "1", "name": "n"});
    tried
        .refused("/v1/customers", json, json!({"customers": vec![customer; 10_000]}).to_string().into_bytes())
        .await?;
    tried.refused("/v1/users", json, vec![b' '; sync_core::log::limits::COMMIT_BYTES + 1]).await?;
    for body in [Vec::new(), vec![0xff; 100], vec![0x9f; 10_000], vec![0x81; 10_000], bomb()?, vec![0xbb; 9]]
    {
        tried.refused("/v1/pull", "application/cbor", body.clone()).await?;
        tried.refused("/v1/commit", "application/cbor", body.clone()).await?;
        tried.refused("/v1/commit", json, body).await?;
    }
    let ahead = encoding::encode(&PullRequest {
        cursor: Cursor(u64::MAX),
        nonce: [0; 16],
        seen: None,
        shown: None,
        run: None,
    });
    tried.refused("/v1/pull", "application/cbor", ahead).await?;
    println!("hand-made bodies: {} refused", tried.tried);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_may_be_as_long_as_the_document_says() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let company = site.found("Here").await?;
    let token = format!("Bearer {}", site.token(&company.person("admin").access)?);
    for (path, good) in good_bodies(&company).into_iter().take(2) {
        for (pointer, limit) in limits(&path)?.into_iter().filter(|(pointer, _)| !pointer.ends_with("_login"))
        {
            let mut long = good.clone();
            *long.pointer_mut(&pointer).expect("the field is in the good body") = "长".repeat(limit).into();
            let (authorization, body) = (Some(token.clone()), Sent::Json(long));
            let answer = site
                .ask(&Ask { method: "post", path: path.clone(), authorization, cookie: None, body })
                .await?;
            assert_eq!(answer.status, 200, "{path} {pointer}: {}", answer.text);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_a_query_or_a_method_that_makes_no_sense_is_refused() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let company = site.found("Here").await?;
    let mut tried = Tried::by_admin(&site, &company)?;
    let many = format!("/v1/records?{}", "owner=00000000000000000000000000000000&".repeat(600));
    for path in [
        "/v1/users/../../server-key",
        "/v1/users/..%2f..%2fserver-key",
        "/assets/..%2f..%2fserver-key",
        "/assets/%2e%2e/%2e%2e/server-key",
        "/assets/..\\server-key",
        "/assets/%00",
        "/assets/%ff",
        "/assets/",
        "//v1/me",
        "/v1/me/",
        "/v1//me",
        "/V1/me",
        "/v1/records/%00",
        "/v1/records/%ff%fe",
        "/v1/records/0",
        "/v1/records/-9223372036854775809",
        "/v1/users?limit=0",
        "/v1/users?limit=201",
        "/v1/users?limit=-1",
        "/v1/users?limit=9223372036854775808",
        "/v1/users?limit=1e2",
        "/v1/users?limit=",
        "/v1/users?limit=1&limit=2",
        "/v1/users?after=",
        "/v1/users?after=AAAA",
        "/v1/users?after=AAAAAAAAAAAAAAAAAAAAAB",
        "/v1/users?after=AAAAAAAAAAAAAAAAAAAAAA==",
        "/v1/users?after=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "/v1/users?x=1",
        "/v1/customers?after=%00",
        "/v1/devices?after=%ff",
        "/v1/records?after=AAAA",
        "/v1/records?phase=official",
        "/v1/records?owner=AA",
        "/v1/records?owner=00000000000000000000000000000000&owner=00000000000000000000000000000000",
        many.as_str(),
    ] {
        tried.refused_with(&format!("GET {path}"), "", Vec::new()).await?;
    }
    let long = "A".repeat(64 * 4 / 3 + 2);
    for list in ["users", "customers", "devices", "records"] {
        tried.refused_with(&format!("GET /v1/{list}?after={long}"), "", Vec::new()).await?;
    }
    for method in ["DELETE", "PUT", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "get", "X"] {
        for path in ["/v1/me", "/v1/users", "/", "/sign-in", "/healthz"] {
            tried.refused_with(&format!("{method} {path}"), "", Vec::new()).await?;
        }
    }
    for name in ["x-http-method-override", "x-method-override", "x-http-method"] {
        // Were one of them believed, this would be a POST, which an administrator may send.
        let head = format!("{name}: POST\r\ncontent-type: application/json\r\n");
        tried
            .refused_with(
                "PUT /v1/users",
                &head,
                br#"{"users":[{"login":"x","name":"x","role":"rep"}]}"#.to_vec(),
            )
            .await?;
    }
    for name in ["x-original-url", "x-rewrite-url"] {
        tried.refused_with("GET /nowhere", &format!("{name}: /v1/me\r\n"), Vec::new()).await?;
    }
    println!("hand-made requests: {} refused", tried.tried);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_the_pages_that_makes_no_sense_shows_a_page() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let company = site.found("Here").await?;
    let cookie = site.cookie(&company.person("admin").session)?;
    let root = site.engine().root();
    let many = format!("/?{}", "state=draft&".repeat(2_000));
    for path in [
        "/?page=18446744073709551615",
        "/?page=18446744073709551616",
        "/?page=-1",
        "/?rep=%00&state=%ff&customer=%ff%fe",
        "/?rep=ffffffffffffffffffffffffffffffff",
        "/?customer=%00%01",
        "/devices?revoked=x",
        "/devices?revoked=x&revoked=y",
        "/devices?revoked=%ff",
        "/sign-in?next=x&next=y",
        "/sign-in?next=//evil.example&why=%00",
        many.as_str(),
    ] {
        let (cookie, path) = (Some(cookie.clone()), path.to_owned());
        let answer = site.ask(&Ask { method: "get", path, cookie, ..Ask::default() }).await?;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for link in ["href=\"//", "action=\"//", "value=\"//"] {
            assert!(!answer.text.contains(link), "{}", answer.text);
        }
        assert!(answer.content_type.starts_with("text/html"), "{}", answer.text);
    }
    for path in ["/records/%ff", "/devices/%ff/revoke", "/language/%ff", "/records/%00?version=%ff"] {
        let (cookie, path) = (Some(cookie.clone()), path.to_owned());
        let answer = site.ask(&Ask { method: "get", path, cookie, ..Ask::default() }).await?;
        assert_eq!((answer.status, &answer.content_type[..9]), (404, "text/html"), "{}", answer.text);
    }
    assert_eq!(site.engine().root(), root);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_at_the_edge_of_time_breaks_no_page() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let mut company = site.found("Here").await?;
    let customer = company.customers[0];
    let phone = company.phone_of("owner")?;
    let mut records = Vec::new();
    for (number, edge) in (0..).zip([0, 1, LAST_MS - 1, LAST_MS]) {
        let mut draft = Draft::new(number)?;
        draft.fill(phone, customer, Timestamp::from_millis(edge))?;
        for name in [field::PLANNED, field::STARTED, field::NEXT_VISIT] {
            let edit =
                Edit::Set { field: name.to_owned(), value: FieldValue::Time(Timestamp::from_millis(edge)) };
            let change = draft.document.edit(&phone.author, &[edit])?.expect("a change");
            phone.change(draft.id, change);
        }
        draft.submit(phone);
        records.push(draft.id);
    }
    phone.deliver().await?;
    site.until("2026-09-12T08:00").await?;
    phone.deliver().await?;
    let admin = company.person("admin");
    let mut kept = 0;
    for record in records {
        if let Some(stored) = site.engine().view(company.tenant).record(record)? {
            Document::load(record, &stored.saved)?;
            kept += 1;
        }
        for path in [
            format!("/v1/records/{record}"),
            format!("/records/{record}"),
            "/".to_owned(),
            "/v1/records".to_owned(),
        ] {
            let authorization = Some(format!("Bearer {}", site.token(&admin.access)?));
            let cookie = Some(site.cookie(&admin.session)?);
            let answer =
                site.ask(&Ask { method: "get", path, authorization, cookie, body: Sent::Nothing }).await?;
            assert!(answer.status == 200 || answer.status == 404, "{}", answer.text);
        }
    }
    assert_eq!(kept, 4, "all of them were admitted");
    Ok(())
}

/// Ten million zeros in some ten thousand bytes.
fn bomb() -> anyhow::Result<Vec<u8>> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..1_000 {
        encoder.write_all(&[0; 10_000])?;
    }
    Ok(encoder.finish()?)
}
