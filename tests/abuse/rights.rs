//! Who may do what: principals × routes × states of the record, generated from one table and denied by default.

mod principals;
pub(crate) mod records;
mod table;

use std::collections::BTreeSet;

use serde_json::json;
use server::{
    http::{self, api},
    web,
};
use sync_core::{
    encoding,
    hash::Hash,
    id::DeviceId,
    protocol::{Cursor, PullRequest},
    rules::{ObligationName, Period, Subject, fact_of},
};

use crate::site::{Answer, Ask, Company, Sent, Site};
use principals::{Known, Principal};
use records::Records;
use table::{Expected, Row};

/// What is asked about, and what must not get out.
struct Asked<'a> {
    site: &'a Site,
    own: &'a Company,
    records: &'a Records,
    /// A device of the owner's that nobody revokes.
    device: DeviceId,
    /// Days of the company that were closed.
    closing: Hash,
    /// What only those above the owner, and those who see all, may read.
    confidential: Vec<String>,
    /// What nobody outside the company may read.
    internal: Vec<String>,
}

/// One cell of the matrix.
struct Cell<'a> {
    row: &'a Row,
    principal: &'a Principal,
    known: Option<Known>,
    state: &'static str,
    ruling: &'static str,
    expected: Expected,
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() -> anyhow::Result<()> {
    let rows = table::rows()?;
    let routes: BTreeSet<_> = [api::ROUTES, web::ROUTES, http::ROUTES].concat().into_iter().collect();
    assert_eq!(table::routes(&rows), routes);
    for (method, route) in
        routes.iter().filter(|(_, route)| route.starts_with("/v1/") || route.contains("record"))
    {
        let of_route: Vec<_> =
            rows.iter().filter(|row| (row.method, row.route) == (*method, *route)).collect();
        if !of_route.iter().any(|row| row.state.is_empty()) {
            for state in records::STATES {
                let rulings: Vec<_> = of_route
                    .iter()
                    .filter(|row| row.state == state || row.state == "any")
                    .flat_map(|row| row.rulings())
                    .collect();
                let all = if route.ends_with("/decisions") { table::RULINGS.len() } else { 1 };
                assert_eq!(rulings.len(), all, "{method} {route} {state}: {rulings:?}");
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_do_exactly_what_the_table_says() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let mut own = site.found("Hidden-4f1c").await?;
    let foreign = site.found("Foreign-77aa").await?;
    let records = Records::make(&site, &mut own).await?;
    let mut principals = principals::people(&site, &own, &foreign)?;
    principals.extend(principals::strangers(&site, &own, &foreign).await?);
    let asked = Asked::about(&site, &own, &records).await?;

    let rows = table::rows()?;
    let mut cells = Vec::new();
    for row in &rows {
        let states: &[&'static str] = match row.state {
            "" => &[""],
            "any" => &records::STATES,
            _ => std::slice::from_ref(&row.state),
        };
        for (state, ruling) in
            states.iter().flat_map(|state| row.rulings().into_iter().map(move |ruling| (state, ruling)))
        {
            for principal in &principals {
                let known = if row.is_api() { principal.at_api } else { principal.on_pages };
                let expected = row.expected(known)?;
                cells.push(Cell { row, principal, known, state, ruling, expected });
            }
        }
    }
    let count = cells.len();
    // What is permitted and changes something comes last, each on a record or a device of its own.
    cells.sort_by_key(|cell| matches!(cell.expected, Expected::Status { grows: true, .. }));
    let mut spares = asked.records.spares.clone();
    let mut wrong = Vec::new();
    for cell in &cells {
        if let Err(error) = asked.check(cell, &mut spares).await {
            let Cell { row, principal, state, ruling, .. } = cell;
            wrong.push(format!(
                "{}: {} {} {state} {ruling}: {error:#}",
                principal.called, row.method, row.route
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("rights: {count} cells, {} principals, {} rows", principals.len(), rows.len());
    Ok(())
}

impl<'a> Asked<'a> {
    async fn about(site: &'a Site, own: &'a Company, records: &'a Records) -> anyhow::Result<Self> {
        let owner = own.person("owner");
        let device = site.phone(own, owner.user).await?.author.device;
        let august = Period { first: "2026-08-01".parse()?, last: "2026-08-31".parse()? };
        let closing = site.engine().close_period(own.tenant, None, august, "").await?.id;
        let mut confidential: Vec<String> = records.ids().map(|id| id.to_string()).collect();
        confidential.extend([records::NOTE.to_owned(), device.to_string(), owner.access.device.to_string()]);
        let mut internal = vec!["Hidden-4f1c".to_owned(), "hidden-4f1c".to_owned(), own.tenant.to_string()];
        internal.extend(own.people.values().map(|person| person.user.to_string()));
        Ok(Self { site, own, records, device, closing, confidential, internal })
    }

    /// Asks for one cell: the right answer, nothing in it that is not for this one, and the journal as it has to be.
    async fn check(&self, cell: &Cell<'_>, spares: &mut records::Spares) -> anyhow::Result<()> {
        let grows = matches!(cell.expected, Expected::Status { grows: true, .. });
        let (record, submit) = match (cell.state, grows) {
            ("", _) => self.records.of("held")?,
            (state, false) => self.records.of(state)?,
            // One exception does not stand in the way of the next.
            (state, true) if cell.row.route.ends_with("/exceptions") => self.records.of(state)?,
            (state, true) => spares.take(state)?,
        };
        let device = if grows && cell.row.route.ends_with("/revoke") {
            let user = self.own.person("owner").user;
            self.site.phone(self.own, user).await?.author.device
        } else {
            self.device
        };
        let ask = self.ask(cell, &record.to_string(), &submit, &device.to_string());
        if cell.row.route.ends_with("sign-in") && cell.row.method == "post" {
            // Guesses are slowed down by address, and all of these come from one.
            self.site.clock.pass_ms(2_000);
        }
        let before = self.site.engine().root();
        let answer = self.site.ask(&ask).await?;
        anyhow::ensure!(
            (self.site.engine().root() != before) == grows,
            "the journal {} ({})",
            if grows { "does not grow" } else { "grows" },
            answer.status
        );
        let (status, to_sign_in) = match cell.expected {
            Expected::Status { status, .. } => (status, false),
            Expected::SignIn => (303, true),
        };
        anyhow::ensure!(
            answer.status == status && answer.location.starts_with("/sign-in?") == to_sign_in,
            "expected {:?}, got {} {}",
            cell.expected,
            answer.status,
            answer.text
        );
        if cell.row.is_api() && status >= 400 {
            anyhow::ensure!(
                answer.content_type == "application/problem+json" && !answer.code().is_empty(),
                "no problem"
            );
        }
        self.keeps_quiet(cell, &ask, &answer)
    }

    /// Checks that an answer says nothing that its reader does not know or may not read.
    fn keeps_quiet(&self, cell: &Cell<'_>, ask: &Ask<'_>, answer: &Answer) -> anyhow::Result<()> {
        let reads_all = ["owner", "boss", "head", "admin", "auditor"];
        let is_own = cell.known.is_some_and(|known| known.is_own);
        let reads = is_own && cell.known.is_some_and(|known| reads_all.contains(&known.name));
        let confidential = self.confidential.iter().filter(|_| !reads);
        let internal = self.internal.iter().filter(|_| !is_own);
        let said = format!("{} {:?}", ask.path, ask.body);
        for secret in confidential.chain(internal) {
            anyhow::ensure!(
                said.contains(secret) || !answer.text.contains(secret),
                "the answer {} says {secret}: {}",
                answer.status,
                answer.text
            );
        }
        Ok(())
    }

    fn ask<'c>(&self, cell: &Cell<'c>, record: &str, submit: &str, device: &str) -> Ask<'c> {
        let owner = self.own.person("owner").user.to_string();
        let route = cell.row.route;
        let of_device = route.contains("/revoke");
        let path = route
            .replace("{document}", record)
            .replace("{record}", record)
            .replace("{obligation}", &owed_on(record))
            .replace("{closing}", &self.closing.to_string())
            .replace("{device}", device)
            .replace("{id}", if of_device { device } else { &owner })
            .replace("{tag}", "en")
            .replace("{name}", web::asset::url("icon.svg").rsplit('/').next().unwrap_or_default());
        let path = match route {
            "/v1/records" => format!("{path}?owner={owner}"),
            "/v1/obligations" => format!("{path}?person={owner}"),
            "/v1/points" => format!("{path}?person={owner}&from=2026-11-01&days=30"),
            "/v1/closings/{closing}/changes" => format!("{path}?person={owner}"),
            _ => path,
        };
        let fresh = format!("new-{}", self.site.engine().root().size);
        let pairs = |pairs: &[(&'static str, &str)]| {
            Sent::Form(pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
        };
        let body = match (cell.row.method, route) {
            ("get", _) => Sent::Nothing,
            (_, "/v1/pull") => Sent::Cbor(encoding::encode(&PullRequest {
                cursor: Cursor(0),
                nonce: [0; 16],
                seen: None,
                shown: None,
                run: None,
            })),
            (_, "/v1/commit") => Sent::Cbor(Vec::new()),
            (_, "/v1/enrol") => Sent::Json(json!({"code": "x", "device_name": "x", "public_key": "x"})),
            (_, "/v1/token") => Sent::Json(json!({"grant_type": "refresh_token", "refresh_token": "x"})),
            (_, "/v1/users") => {
                Sent::Json(json!({"users": [{"login": fresh, "name": "new", "role": "rep"}]}))
            }
            (_, "/v1/customers") => Sent::Json(json!({"customers": [{"number": fresh, "name": "new"}]})),
            (_, "/v1/closings") => Sent::Json(json!({"first": "2026-08-01", "last": "2026-08-31"})),
            (_, "/v1/documents") => {
                Sent::Json(json!({"kind": "repair", "owner": owner, "fields": {"area": "east"}}))
            }
            (_, "/v1/records/{document}/decisions") => {
                Sent::Json(json!({"submit": submit, "ruling": cell.ruling, "reason": "forgot"}))
            }
            (_, "/v1/obligations/{obligation}/exceptions") => {
                Sent::Json(json!({"let_off": true, "reason": "illness"}))
            }
            (_, "/obligations/{obligation}/exceptions") => {
                pairs(&[("ruled", "let_off"), ("reason", "illness")])
            }
            (_, "/closings") => pairs(&[("span", "month=2026-08")]),
            (_, "/records/{record}/decisions") => {
                pairs(&[("submit", submit), ("ruling", cell.ruling), ("reason", "forgot")])
            }
            (_, "/sign-in") => pairs(&[
                ("company", "x"),
                ("login", &cell.principal.called),
                ("password", "a wrong password"),
            ]),
            (_, "/first-sign-in") => pairs(&[
                ("code", "a wrong code"),
                ("login", &cell.principal.called),
                ("password", "a good new password 77"),
                ("repeat", "a good new password 77"),
            ]),
            (_, route) if route.starts_with("/v1/") => Sent::Nothing,
            _ => pairs(&[]),
        };
        Ask {
            method: cell.row.method,
            path,
            authorization: cell.principal.authorization.clone(),
            cookie: cell.principal.cookie.clone(),
            body,
        }
    }
}

/// What is owed on a record by the rule about records.
pub(crate) fn owed_on(record: &str) -> String {
    let Ok(document) = record.parse() else { return record.to_owned() };
    let owed = ObligationName {
        pack: "key_account_visits".to_owned(),
        rule: "S21-R17".to_owned(),
        part: 0,
        subject: Subject::Fact(fact_of(document)),
    };
    owed.hash().to_string()
}
