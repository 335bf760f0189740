//! Before the clock starts: reps with phones that have synced once, and then a day's work in the log of each.

use std::{net::Ipv4Addr, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use client_sdk::{KeyStore as _, SoftwareKeyStore};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use server::{
    clock::{Clock as _, SystemClock},
    config::Config,
    engine::{Engine, Ticket},
};
use sync_core::{
    document::{Author, Document, DocumentKind, Edit, FieldValue, field, new_id},
    id::{CustomerId, TenantId, UserId},
    log::{DeviceKey, EntryKind, ServerKey},
    time::Timestamp,
};
use tests::{Company, SimulatedClock, World, notes};
use tokio::task::JoinSet;

use crate::{
    Herd,
    figures::Figures,
    line::{Line, Traffic},
    phone::{Enrolled, LightPhone, Written},
};

/// How many phones are made at the same time.
const AT_ONCE: usize = 32;
/// How many reps are hired with one event.
const HIRED_AT_ONCE: usize = 1_000;
/// Changes of a visit with everything in it, but for the text that is typed.
const FIXED_CHANGES: usize = 5;
/// About how many changes a visit has.
const VISIT_CHANGES: usize = 10;
/// Characters of a visit's longest text.
const CHARS: usize = 150;

/// The phones, and the company they belong to.
pub(crate) struct Prepared {
    pub(crate) company: Company,
    pub(crate) phones: Vec<LightPhone>,
}

/// Makes the data folder and the phones.
pub(crate) async fn prepare(data: &Path, herd: Herd) -> anyhow::Result<Prepared> {
    let clock = Arc::new(SimulatedClock::at(SystemClock::new().now()));
    clock.hand_over();
    let config = Config {
        data_dir: data.to_owned(),
        listen: herd.listen,
        public_url: herd.url(),
        ..Config::default()
    };
    let mut world = World::found(config, Arc::clone(&clock)).await?;
    let engine = Arc::clone(world.engine());
    let logins: Vec<String> = (0..herd.phones).map(|n| format!("rep{n:05}")).collect();
    for logins in logins.chunks(HIRED_AT_ONCE) {
        world.company.hire(&engine, logins).await?;
    }
    let company = world.company.clone();
    let customers: Arc<[CustomerId]> =
        engine.view(company.tenant).customers()?.iter().map(|customer| customer.id).collect();
    let mut phones = Vec::with_capacity(herd.phones);
    let mut making = JoinSet::new();
    for (n, login) in logins.iter().enumerate() {
        if making.len() == AT_ONCE {
            phones.push(making.join_next().await.context("nothing to wait for")???);
        }
        let maker = Maker {
            engine: Arc::clone(&engine),
            clock: Arc::clone(&clock),
            customers: Arc::clone(&customers),
            tenant: company.tenant,
            user: company.user(login)?.id,
            herd,
        };
        making.spawn(maker.make(n));
    }
    while let Some(phone) = making.join_next().await {
        phones.push(phone??);
    }
    world.stop().await;
    Ok(Prepared { company, phones })
}

/// The address a phone calls from: one of this machine's sixteen million.
pub(crate) fn address_of(n: usize) -> Ipv4Addr {
    let [_, high, middle, low] = (n as u32 + 1).to_be_bytes();
    Ipv4Addr::new(127, high + 1, middle, low)
}

struct Maker {
    engine: Arc<Engine>,
    clock: Arc<SimulatedClock>,
    customers: Arc<[CustomerId]>,
    tenant: TenantId,
    user: UserId,
    herd: Herd,
}

impl Maker {
    async fn make(self, n: usize) -> anyhow::Result<LightPhone> {
        let key = SoftwareKeyStore.create()?;
        let public = DeviceKey::from_bytes(&SoftwareKeyStore.public_key(&key)?)?;
        let ticket = Ticket { tenant: self.tenant, user: self.user, code: None };
        let grant = self.engine.enrol(ticket, "herd", public).await?;
        let enrolled = Enrolled {
            author: Author { tenant: self.tenant, device: grant.session.device },
            key,
            server: ServerKey::from_bytes(&self.engine.server_key())?,
            url: self.herd.url(),
            refresh_token: grant.refresh_token.expose().clone(),
        };
        let mut phone = LightPhone::new(enrolled, Arc::clone(&self.clock), StdRng::seed_from_u64(n as u64));
        let mut line = Line::new(address_of(n), self.herd.listen, Arc::<Traffic>::default());
        phone.sync(&mut line, &mut Figures::default()).await?;
        let visits = (self.herd.changes / VISIT_CHANGES).max(1);
        for visit in 0..visits {
            let changes = (self.herd.changes * (visit + 1)) / visits - (self.herd.changes * visit) / visits;
            self.visit(&mut phone, changes)?;
        }
        phone.go_away()?;
        Ok(phone)
    }

    /// A visit with every field, submitted, in that many changes.
    fn visit(&self, phone: &mut LightPhone, changes: usize) -> anyhow::Result<()> {
        let id = new_id(DocumentKind::Visit, phone.random().random());
        let customer = self.customers[phone.random().random_range(0..self.customers.len())];
        let note = notes::Note::draw(phone.random());
        let text: Vec<char> = notes::text(phone.random(), CHARS).chars().collect();
        let now: Timestamp = phone.clock().wall;
        let mut visit = Writing { phone, document: Document::genesis(id)?, changes: 0 };
        visit
            .edit(&[id_of(field::CUSTOMER, customer.as_bytes()), id_of(field::REP, self.user.as_bytes())])?;
        visit.edit(&[time(field::STARTED, now)])?;
        visit.phone.append(EntryKind::CheckIn { document: id });
        visit.edit(&[
            words(field::CLASS, note.class),
            words(field::CHANNEL, note.channel),
            time(field::PLANNED, now),
            words(field::PLACE, "一号会议室"),
            words(field::COUNTERPART, &note.counterpart),
            words(field::COUNTERPART_LEVEL, note.counterpart_level),
            words(field::ATTENDEES, "王经理、李主管"),
            words(field::PURPOSE, note.purpose),
            words(field::EXPECTED_EFFECT, "续签"),
        ])?;
        let typed = changes - FIXED_CHANGES;
        for n in 0..typed {
            let piece = |n: usize| text.len() * n / typed;
            let insert = text[piece(n)..piece(n + 1)].iter().collect();
            let field = field::CONTENT.to_owned();
            visit.edit(&[Edit::SpliceText { field, at_char: piece(n), delete_chars: 0, insert }])?;
        }
        visit.edit(&[
            words(field::RESULT, &note.result),
            words(field::CONSENSUS, "月底前签"),
            words(field::NEXT_STEP, &note.next_step),
            time(field::NEXT_VISIT, now),
            words(field::CHANGE_REASON, "无"),
            set(field::SATISFACTION, FieldValue::Count(note.satisfaction)),
        ])?;
        visit.edit(&[time(field::ENDED, now)])?;
        visit.phone.append(EntryKind::CheckOut { document: id });
        ensure!(visit.changes == changes, "a visit of {} changes", visit.changes);
        visit.submit();
        Ok(())
    }
}

/// A visit while it is written.
struct Writing<'a> {
    phone: &'a mut LightPhone,
    document: Document,
    changes: usize,
}

impl Writing<'_> {
    fn edit(&mut self, edits: &[Edit]) -> anyhow::Result<()> {
        let change = self.document.edit(&self.phone.author, edits)?.context("nothing changes")?;
        self.phone.append(EntryKind::Change { document: self.document.id(), change: change.into() });
        self.changes += 1;
        Ok(())
    }

    fn submit(self) {
        let (document, heads, values) =
            (self.document.id(), self.document.heads(), self.document.values().hash());
        self.phone.append(EntryKind::Submit { document, heads: heads.clone(), value: values, reason: None });
        self.phone.visits.push(Written { document, heads, values });
    }
}

fn set(field: &str, value: FieldValue) -> Edit {
    Edit::Set { field: field.to_owned(), value }
}

fn words(field: &str, text: &str) -> Edit {
    set(field, FieldValue::Text(text.to_owned()))
}

fn time(field: &str, at: Timestamp) -> Edit {
    set(field, FieldValue::Time(at))
}

fn id_of(field: &str, id: &[u8; 16]) -> Edit {
    set(field, FieldValue::Id(*id))
}
