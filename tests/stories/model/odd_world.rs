//! An odd world: people, phones, rules and clocks that do whatever a seed says.

use anyhow::Context as _;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use server::engine::{EngineError, Ruled};
use sync_core::{
    document::{DocumentKind, Edit, FieldValue, Heads, field, new_id},
    hash::Hash,
    id::DocumentId,
    log::EntryKind,
    record::Ruling,
    rules::{Reason, packs},
    time::Timestamp,
};
use tests::World;

use super::raw_phone::RawPhone;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Three reps with two devices each.
const REPS: [&str; 6] = ["davolio", "davolio", "leverling", "leverling", "peacock", "peacock"];

pub(super) struct OddWorld {
    pub(super) world: World,
    random: StdRng,
    phones: Vec<RawPhone>,
    /// The visits of each rep with the changes that were made to them.
    visits: Vec<Vec<(DocumentId, Vec<Hash>)>>,
    packs: u32,
    has_bad_server_clock: bool,
}

impl OddWorld {
    pub(super) async fn begin(seed: u64) -> anyhow::Result<Self> {
        let world = World::start().await?;
        let mut random = StdRng::seed_from_u64(seed);
        if seed % 8 == 7 {
            // The last working days of the last year that has a calendar.
            world.until("2026-12-24T08:00").await?;
        }
        let mut phones = Vec::new();
        for (login, number) in REPS.into_iter().zip(1..) {
            let mut phone = RawPhone::enrol(&world, login, number).await?;
            phone.boot_off_ms = random.random_range(0..1_000_000_000);
            phone.boot = number;
            phones.push(phone);
        }
        let (visits, has_bad_server_clock) = (vec![Vec::new(); 3], seed % 2 == 1);
        let mut odd = Self { world, random, phones, visits, packs: 1, has_bad_server_clock };
        odd.put_pack().await?;
        Ok(odd)
    }

    /// Lets something happen.
    pub(super) async fn step(&mut self) -> anyhow::Result<()> {
        let n = self.random.random_range(0..self.phones.len());
        match self.random.random_range(0..100) {
            0..18 => self.pass_time().await?,
            18..40 => self.edit(n)?,
            40..58 => self.submit(n)?,
            58..62 => {
                let document = self.visit(n);
                self.phones[n].write(EntryKind::CheckIn { document });
            }
            // The clocks of every second phone are good.
            62..68 if n % 2 == 0 => self.disturb_clocks(n),
            68..71 => {
                for _ in 0..self.random.random_range(1..6) {
                    self.phones[n].pull().await?;
                }
            }
            62..88 => self.sync(n).await?,
            88..98 => self.decide().await?,
            98 => self.put_pack().await?,
            _ if self.has_bad_server_clock => {
                let off = self.random.random_range(-90..90) * MINUTE_MS;
                self.world.clock.jump_ms(off);
            }
            _ => {}
        }
        Ok(())
    }

    /// Lets the server's clock come to rest, so that it looks at its deadlines.
    pub(super) async fn come_to_rest(&mut self) -> anyhow::Result<()> {
        for _ in 0..1_000 {
            self.world.engine().tick().await?;
            if !self.world.engine().time().suspect {
                return Ok(());
            }
            self.world.clock.pass_ms(5 * 60_000);
        }
        anyhow::bail!("the server's clock does not come to rest")
    }

    async fn pass_time(&mut self) -> anyhow::Result<()> {
        let ms = match self.random.random_range(0..4) {
            0 => self.random.random_range(1..10 * MINUTE_MS),
            1 => self.random.random_range(1..8 * HOUR_MS),
            // On the deadline to the millisecond, or around it.
            2 => self.to_midnight() + self.random.random_range(-2..3),
            _ => self.random.random_range(1..40 * HOUR_MS),
        };
        self.world.clock.pass_ms(u64::try_from(ms).unwrap_or(0));
        if self.random.random_bool(0.5) {
            self.world.engine().tick().await?;
        }
        Ok(())
    }

    fn to_midnight(&self) -> i64 {
        let today = (self.world.now().as_millis() + 8 * HOUR_MS).rem_euclid(24 * HOUR_MS);
        24 * HOUR_MS - today
    }

    /// A visit of a phone's rep, sometimes a new one.
    fn visit(&mut self, phone: usize) -> DocumentId {
        let visits = &mut self.visits[phone / 2];
        if visits.is_empty() || self.random.random_bool(0.15) {
            visits.push((new_id(DocumentKind::Visit, self.random.random()), Vec::new()));
        }
        let recent = &visits[visits.len().saturating_sub(4)..];
        recent.choose(&mut self.random).map_or(visits[0].0, |(id, _)| *id)
    }

    fn edit(&mut self, n: usize) -> anyhow::Result<()> {
        let document = self.visit(n);
        let set = |field: &str, value| Edit::Set { field: field.to_owned(), value };
        let text = |field: &str, text: String| set(field, FieldValue::Text(text));
        let mut edits = Vec::new();
        if self.random.random_bool(0.8) {
            edits.push(set(field::CUSTOMER, FieldValue::Id([self.random.random_range(1..9); 16])));
            edits.push(text(field::CHANNEL, "on_site".to_owned()));
            edits.push(text(field::CLASS, "walk".to_owned()));
        }
        if self.random.random_bool(0.8) {
            edits.push(text(field::RESULT, format!("结果{}", self.random.random::<u16>())));
        }
        match self.random.random_range(0..16) {
            0..8 => {
                let ago = self.random.random_range(-4 * HOUR_MS..40 * HOUR_MS);
                edits.push(set(field::ENDED, FieldValue::Time(self.world.now().plus_millis(-ago))));
            }
            8 => {
                let ahead = self.random.random_range(1..40) * 24 * HOUR_MS;
                edits.push(set(field::ENDED, FieldValue::Time(self.world.now().plus_millis(ahead))));
            }
            9 => edits.push(Edit::Clear { field: field::ENDED.to_owned() }),
            10 => edits.push(Edit::Clear { field: field::CHANNEL.to_owned() }),
            _ => {}
        }
        if let Some(change) = self.phones[n].edit(document, &edits)? {
            let visits = &mut self.visits[n / 2];
            visits.iter_mut().filter(|(id, _)| *id == document).for_each(|(_, made)| made.push(change));
        }
        Ok(())
    }

    /// Submits what the phone sees, or any changes that it has.
    fn submit(&mut self, n: usize) -> anyhow::Result<()> {
        let document = self.visit(n);
        let reason = self.random.random_bool(0.3).then_some(Reason::Correction);
        if self.random.random_bool(0.7) {
            self.phones[n].submit(document, reason)?;
            return Ok(());
        }
        let made: Vec<Hash> = self.visits[n / 2]
            .iter()
            .filter(|(id, _)| *id == document)
            .flat_map(|(_, made)| made.clone())
            .filter(|_| self.random.random_bool(0.4))
            .collect();
        let heads = Heads::new(made);
        if self.phones[n].open(document)?.knows(&heads) {
            self.phones[n].submit_at(document, heads, reason)?;
        }
        Ok(())
    }

    fn disturb_clocks(&mut self, n: usize) {
        let (phone, random) = (&mut self.phones[n], &mut self.random);
        match random.random_range(0..5) {
            0 => {
                phone.boot = phone.boot.wrapping_add(10);
                phone.boot_off_ms = 0;
                phone.write(EntryKind::Boot);
            }
            1 => {
                let delta_ms = random.random_range(-3..3) * HOUR_MS;
                phone.wall_off_ms += delta_ms;
                phone.write(EntryKind::ClockSet { delta_ms });
            }
            2 => phone.wall_off_ms += random.random_range(-5..5) * MINUTE_MS,
            3 => phone.boot_off_ms += random.random_range(0..4_000),
            _ => phone.boot_off_ms = phone.boot_off_ms.saturating_sub(random.random_range(0..3_600_000)),
        }
    }

    async fn sync(&mut self, n: usize) -> anyhow::Result<()> {
        let phone = &mut self.phones[n];
        let Some(anchor) = phone.pull().await? else { return Ok(()) };
        self.world.clock.pass_ms(self.random.random_range(0..2_000));
        if self.has_bad_server_clock && self.random.random_bool(0.15) {
            self.world.clock.jump_ms(self.random.random_range(-90..90) * MINUTE_MS);
        }
        let page = if self.random.random_bool(0.3) { self.random.random_range(1..6) } else { usize::MAX };
        phone.push(&anchor, self.random.random_range(0..3_000), page).await?;
        Ok(())
    }

    /// Rules on any submit in any way; what does not fit is turned away.
    async fn decide(&mut self) -> anyhow::Result<()> {
        let all: Vec<DocumentId> = self.visits.iter().flatten().map(|(id, _)| *id).collect();
        let Some(document) = all.choose(&mut self.random).copied() else { return Ok(()) };
        let Some(record) = self.world.stored(document)? else { return Ok(()) };
        let Some(submit) = record.status.submits.choose(&mut self.random) else { return Ok(()) };
        let rulings = [Ruling::AcceptLate, Ruling::Excuse, Ruling::Refuse, Ruling::Approve, Ruling::Reject];
        let ruling = *rulings.choose(&mut self.random).context("there are rulings")?;
        let boss = self.world.company.user("fuller")?.id;
        let (submit, note) = (submit.entry, String::new());
        let ruled = Ruled { document, submit, ruling, reason: Reason::Illness, note };
        match self.world.engine().decide(self.world.company.tenant, boss, ruled).await {
            Ok(()) | Err(EngineError::NothingToDecide) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts in another version of the regulation that begins one of the next days.
    async fn put_pack(&mut self) -> anyhow::Result<()> {
        self.packs += 1;
        let random = &mut self.random;
        let mut choose = |texts: &[&str]| (*texts.choose(random).unwrap_or(&"")).to_owned();
        let within = choose(&[
            "{ days = 2, count = \"calendar\" }",
            "{ days = 1, count = \"calendar\", start_day = \"included\" }",
            "{ days = 2, count = \"calendar\", roll_forward = true }",
            "{ days = 2, count = \"working\" }",
            "{ days = 3, count = \"working\", start_day = \"included\" }",
            "{ hours = 30 }",
        ]);
        let time = choose(&["receipt", "witnessed", "witnessed", "claimed", "review"]);
        let on_breach = choose(&["hold", "hold", "finding", "refuse"]);
        let required =
            choose(&["\"customer\", \"channel\", \"ended\", \"result\"", "\"channel\", \"class\"", ""]);
        let days = self.random.random_range(1..4);
        let begins = jiff::Timestamp::from_millisecond(self.begin_of_day(days).as_millis())?;
        let begins = begins.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai")?).date();
        let replacements = [
            ("version = 1", format!("version = {}", self.packs)),
            ("effective_from = 2023-01-01", format!("effective_from = {begins}")),
            ("{ days = 2, count = \"calendar\", start_day = \"excluded\", roll_forward = false }", within),
            ("time = \"witnessed\"", format!("time = {time:?}")),
            ("on_breach = \"hold\"", format!("on_breach = {on_breach:?}")),
            ("\"customer\", \"channel\", \"ended\", \"result\"", required),
        ];
        let mut pack = packs::KEY_ACCOUNT_VISITS.to_owned();
        for (from, to) in replacements {
            anyhow::ensure!(pack.contains(from), "{from}");
            pack = pack.replace(from, &to);
        }
        let tenant = self.world.company.tenant;
        match self.world.engine().put_pack(tenant, None, &pack).await {
            // The server's clock may be ahead.
            Ok(()) | Err(EngineError::Rules(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// When the day in so many days begins.
    fn begin_of_day(&self, days: i64) -> Timestamp {
        self.world.now().plus_millis(self.to_midnight() + (days - 1) * 24 * HOUR_MS)
    }
}
