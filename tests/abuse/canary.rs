//! No byte of one company ever reaches another: a canary in every field that a person or a phone can write, and nobody
//! sees a strange one, whatever they ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use client_sdk::{Reason, VisitId};
use serde_json::json;
use server::{
    cli::{self, Command},
    engine::Ruled,
    http::{self, api},
    web,
};
use sync_core::{
    directory::Unit,
    document::{DocumentKind, FieldKind},
    encoding,
    hash::Hash,
    protocol::{Cursor, PullRequest},
    record::Ruling,
    rules::Period,
};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    draft::Draft,
    site::{Ask, Company, Person, Sent, Site},
};

const COMPANIES: usize = 10;

/// Where somebody has to see their own company's canary, or nothing would be proven by seeing no other.
const TELLING: &[&str] = &[
    "get /v1/me",
    "get /v1/users",
    "get /v1/customers",
    "get /v1/devices",
    "get /v1/records/{document}",
    "post /v1/pull",
    "get /v1/closings",
    "post /v1/closings",
    "post /v1/users",
    "post /v1/customers",
    "post /v1/devices/{id}/revoke",
    "post /v1/records/{document}/decisions",
    "get /",
    "get /records/{record}",
    "get /obligations",
    "get /obligations/{obligation}",
    "get /closings",
    "post /closings",
    "get /closings/{closing}",
    "post /obligations/{obligation}/exceptions",
    "get /devices",
    "get /devices/{device}/revoke",
    "post /devices/{device}/revoke",
    "post /records/{record}/decisions",
    "post /sign-in",
    "post /first-sign-in",
];

/// A company, its canary, and what somebody of another company may know the ids of.
struct Nest {
    company: Company,
    canary: String,
    record: VisitId,
    submit: Hash,
    device: String,
    closing: Hash,
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ever_sees_a_byte_of_another_company() -> anyhow::Result<()> {
    let logs = Logs::start()?;
    let site = Site::open().await?;
    let mut nests = Vec::new();
    for number in 0..COMPANIES {
        nests.push(nest(&site, &canary(number)).await?);
    }
    site.until("2026-09-12T08:00").await?;
    for nest in &mut nests {
        amend(&site, nest).await?;
    }
    let canaries: Vec<String> = nests.iter().map(|nest| nest.canary.clone()).collect();
    let (mut scanned, mut told): (usize, BTreeMap<String, usize>) = (0, BTreeMap::new());
    let routes = [api::ROUTES, web::ROUTES, http::ROUTES].concat();
    // Revoking comes last: the phones still have something to ask.
    let (last, first): (Vec<_>, Vec<_>) =
        routes.into_iter().partition(|(_, route)| route.contains("/revoke"));
    for (method, route) in first.into_iter().chain(last) {
        for (number, nest) in nests.iter().enumerate() {
            let next = &nests[(number + 1) % COMPANIES];
            for person in nest.company.people.values().map(Some).chain([None]) {
                for target in [nest, next] {
                    let signs_in = method == "post" && route.ends_with("sign-in");
                    // A password takes its time to check, and there is nothing in the answer that others do not get.
                    if signs_in && person.is_none_or(|person| person.name != "head") {
                        continue;
                    }
                    let ask = ask(&site, method, route, nest, person, target)?;
                    let answer = site.ask(&ask).await?;
                    scanned += 1;
                    let said = format!("{} {:?}", ask.path, ask.body);
                    for canary in &canaries {
                        let is_own = person.is_some() && *canary == nest.canary;
                        if is_own && answer.text.contains(canary) {
                            *told.entry(format!("{method} {route}")).or_default() += 1;
                        }
                        assert!(
                            is_own || said.contains(canary) || !answer.text.contains(canary),
                            "{:?} of {} asked {method} {} and saw {canary}: {}",
                            person.map(|person| person.name),
                            nest.canary,
                            ask.path,
                            answer.text
                        );
                    }
                }
            }
        }
    }
    let told_at: BTreeSet<&str> = told.keys().map(String::as_str).collect();
    assert_eq!(told_at, TELLING.iter().copied().collect(), "where people see their own");

    let mut answered = 0;
    for command in [Command::ListUsers, Command::ListDevices, Command::ListCustomers] {
        // The console serves the only company of a server, and here are several.
        let answer = cli::execute(site.engine(), command).await.map(|_| ()).unwrap_err().to_string();
        assert!(canaries.iter().all(|canary| !answer.contains(canary)), "{answer}");
        answered += 1;
    }
    let logged = logs.text();
    assert!(logged.contains("answered"), "requests are logged");
    for line in logged.lines() {
        assert!(canaries.iter().all(|canary| !line.contains(canary)), "content is in the logs: {line}");
    }
    println!(
        "canary: {scanned} responses, {} with their own canary, {answered} answers of the console, {} log lines",
        told.values().sum::<usize>(),
        logged.lines().count()
    );
    Ok(())
}

/// A text that stands for nothing else; 20 characters, as many as the shortest field takes.
fn canary(number: usize) -> String {
    Hash::of("canary", &[&[number as u8]]).to_string()[..20].to_owned()
}

async fn nest(site: &Site, canary: &str) -> anyhow::Result<Nest> {
    let mut company = site.found(canary).await?;
    let unit = Unit { id: site.engine().new_unit_id()?, name: format!("unit {canary}"), parent: None };
    site.engine().put_units(company.tenant, None, vec![unit]).await?;
    let pack = sync_core::rules::packs::KEY_ACCOUNT_VISITS
        .replace("id = \"key_account_visits\"", &format!("id = \"pack_{canary}\""))
        .replace("2023-01-01", "2027-01-01")
        .replace("document_number = \"S21\"", &format!("document_number = \"{canary}\""))
        .replace("大客户部", canary);
    site.engine().put_pack(company.tenant, None, &pack).await?;
    let (year, ics) = sync_core::calendar::CN[0];
    let ics = ics.replacen("X-WR-CALNAME:", &format!("X-WR-CALNAME:{canary} "), 1);
    anyhow::ensure!(ics.contains(canary), "the calendar has no name");
    site.engine().put_calendar(company.tenant, None, year, &ics).await?;

    let (customer, now) = (company.customers[1], site.engine().time().now);
    let user = company.person("mate").user;
    let device = site.phone(&company, user).await?.author.device.to_string();
    let phone = company.phone_of("owner")?;
    let mut draft = Draft::of(phone.author.device, 1)?;
    for field in DocumentKind::Visit.schema().fields {
        if matches!(field.kind, FieldKind::Text { .. } | FieldKind::Line { .. }) {
            draft.write(phone, field.name, &format!("{} {canary}", field.name))?;
        }
    }
    draft.fill(phone, customer, now)?;
    draft.submit(phone);
    // What is refused is shown with what is wrong with it.
    let actor = phone.author.actor(draft.id);
    phone.change(draft.id, tests::hostile::forgery::row_bomb(actor, 10_000_000));
    phone.change(draft.id, canary.as_bytes().to_vec());
    phone.deliver().await?;
    Ok(Nest {
        company,
        canary: canary.to_owned(),
        record: draft.id,
        submit: Hash::ZERO,
        device,
        closing: Hash::ZERO,
    })
}

/// Lets an amendment wait, one be decided with a note, and days be closed with one.
async fn amend(site: &Site, nest: &mut Nest) -> anyhow::Result<()> {
    let (tenant, head) = (nest.company.tenant, nest.company.person("head").user);
    let saved = site.engine().view(tenant).record(nest.record)?.context("the record did not arrive")?.saved;
    let document = sync_core::document::Document::load(nest.record, &saved)?;
    let mut draft = Draft { id: nest.record, document };
    let phone = nest.company.phone_of("owner")?;
    draft.write(phone, client_sdk::field::CONSENSUS, &format!("corrected {}", nest.canary))?;
    let decided = draft.submit(phone);
    draft.write(phone, client_sdk::field::NEXT_STEP, &format!("again {}", nest.canary))?;
    nest.submit = draft.submit(phone);
    phone.deliver().await?;
    let (document, note) = (nest.record, format!("note {}", nest.canary));
    let ruled = Ruled { document, submit: decided, ruling: Ruling::Approve, reason: Reason::Other, note };
    site.engine().decide(tenant, head, ruled).await?;
    let august = Period { first: "2026-08-01".parse()?, last: "2026-08-31".parse()? };
    let closed = site.engine().close_period(tenant, None, august, &format!("closed {}", nest.canary)).await?;
    nest.closing = closed.id;
    Ok(())
}

/// What one asks of a target. Where something may be written, it holds the canary of who writes.
fn ask<'a>(
    site: &Site,
    method: &'a str,
    route: &str,
    nest: &Nest,
    person: Option<&Person>,
    target: &Nest,
) -> anyhow::Result<Ask<'a>> {
    let own = &nest.canary;
    let mate = target.company.person("mate").user.to_string();
    let id = if route.contains("/revoke") { &target.device } else { &mate };
    let record = target.record.to_string();
    let path = route
        .replace("{document}", &record)
        .replace("{record}", &record)
        .replace("{obligation}", &crate::rights::owed_on(&record))
        .replace("{closing}", &target.closing.to_string())
        .replace("{device}", &target.device)
        .replace("{id}", id)
        .replace("{tag}", "zh-Hans")
        .replace("{name}", own);
    let path = match route {
        "/v1/records" => format!("{path}?owner={}", target.company.person("owner").user),
        "/v1/obligations" => format!("{path}?person={}", target.company.person("owner").user),
        "/v1/points" => {
            format!("{path}?person={}&from=2026-11-01&days=30", target.company.person("owner").user)
        }
        "/" => format!("/?customer={}&rep={}", &own[..4], target.company.person("owner").user),
        _ => path,
    };
    let form = |pairs: &[(&'static str, String)]| Sent::Form(pairs.to_vec());
    let submit = target.submit.to_string();
    let login = person.map_or_else(|| "nobody".to_owned(), |person| person.login.clone());
    let body = match (method, route) {
        ("get", _) => Sent::Nothing,
        (_, "/v1/pull") => Sent::Cbor(encoding::encode(&PullRequest {
            cursor: Cursor(0),
            nonce: [0; 16],
            seen: None,
            shown: None,
            run: None,
        })),
        (_, "/v1/commit") => Sent::Cbor(own.clone().into_bytes()),
        (_, "/v1/enrol") => Sent::Json(json!({"code": own, "device_name": own, "public_key": own})),
        (_, "/v1/token") => Sent::Json(json!({"grant_type": own, "refresh_token": own})),
        (_, "/v1/users") => {
            Sent::Json(json!({"users": [{"login": format!("more-{own}"), "name": own, "role": "rep"}]}))
        }
        (_, "/v1/customers") => {
            // Perhaps with an owner whom only the other company has.
            let owner = &target.company.person("owner").login;
            let number = format!("more-{own}");
            Sent::Json(json!({"customers": [{"number": number, "name": own, "owner_login": owner}]}))
        }
        (_, "/v1/closings") => Sent::Json(json!({"first": "2026-08-01", "last": "2026-08-31", "note": own})),
        (_, "/v1/documents") => {
            // In the name of somebody whom only the other company has, about a record that only it has.
            let owner = target.company.person("owner").user.to_string();
            let fields = json!({"about": record.clone(), "area": own});
            Sent::Json(json!({"kind": "repair", "owner": owner, "fields": fields}))
        }
        (_, "/v1/records/{document}/decisions") => {
            Sent::Json(json!({"submit": submit, "ruling": "reject", "reason": "correction", "note": own}))
        }
        // An incomplete form comes back with what was typed.
        (_, "/obligations/{obligation}/exceptions") => {
            form(&[("ruled", String::new()), ("note", own.clone())])
        }
        (_, "/closings") => form(&[("span", "month=2026-08".to_owned()), ("note", own.clone())]),
        (_, "/records/{record}/decisions") => form(&[
            ("submit", submit),
            ("ruling", "approve".to_owned()),
            ("reason", "other".to_owned()),
            ("note", String::new()),
        ]),
        (_, "/sign-in") => {
            // Guesses are slowed down by address, and all of these come from one.
            site.clock.pass_ms(2_000);
            form(&[("company", format!("Company {own}")), ("login", login), ("password", own.clone())])
        }
        (_, "/first-sign-in") => {
            site.clock.pass_ms(2_000);
            let new = || "a good new password 77".to_owned();
            let (company, code) = (format!("Company {own}"), own.clone());
            form(&[
                ("company", company),
                ("login", login),
                ("code", code),
                ("password", new()),
                ("repeat", new()),
            ])
        }
        (_, route) if route.starts_with("/v1/") => Sent::Nothing,
        // Nobody signs out while there is something to ask.
        (_, "/sign-out") => Sent::Nothing,
        _ => form(&[]),
    };
    let authorization = person.map(|person| site.token(&person.access)).transpose()?;
    Ok(Ask {
        method,
        path,
        authorization: authorization.map(|token| format!("Bearer {token}")),
        cookie: person.map(|person| site.cookie(&person.session)).transpose()?,
        body,
    })
}

/// Everything that this process logs, as the program would write it with all details.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    fn start() -> anyhow::Result<Self> {
        let logs = Self::default();
        let written = logs.clone();
        let lines = fmt::layer().with_ansi(false).with_writer(move || written.clone());
        let filter = EnvFilter::new("info,server=debug");
        tracing_subscriber::registry().with(filter).with(lines).try_init()?;
        Ok(logs)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
