//! Two working weeks of Northwind: nine people with their habits and mishaps, on the real SDK over real HTTP.

mod acts;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use client_sdk::{CustomerId, Timestamp, Verdict, VisitId};
use jiff::{ToSpan as _, civil::Weekday, tz::TimeZone};
use rand::{SeedableRng as _, rngs::StdRng};
use sync_core::hash::Hash;

use crate::{notes::Note, phone::Phone, world::World};

/// A person in the field.
struct Rep {
    login: &'static str,
    phone: Phone,
    /// A second device of the same person.
    tablet: Option<Phone>,
    customers: Vec<CustomerId>,
    /// Days, counted from 0, without a signal.
    offline: BTreeSet<usize>,
}

/// One thing somebody does.
#[derive(Debug, Clone)]
enum Act {
    Arrive { visit: usize },
    Write { visit: usize },
    Leave { visit: usize },
    Submit { visit: usize },
    Sync,
    Amend { visit: usize },
    EditOnBoth { visit: usize },
    Reboot,
    LosePhone,
    NewPhone,
    Forge,
    Decide,
}

/// A visit that is planned, and what became of it.
struct Planned {
    rep: usize,
    note: Note,
    made: Option<VisitId>,
}

/// What happened, for those who want to look at it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many visits were begun.
    pub visits: usize,
    /// How many submits were made.
    pub submits: usize,
    /// How many syncs reached the server.
    pub syncs: usize,
    /// How many entries the server refused.
    pub refused: usize,
    /// How many decisions were made.
    pub decisions: usize,
    /// Visits worth a look, each with what there is to see.
    pub sights: Vec<(VisitId, &'static str)>,
}

/// The simulation: a world, its people and what is still to happen.
pub struct Fortnight {
    /// The world it happens in.
    pub world: World,
    /// What happened so far.
    pub summary: Summary,
    reps: Vec<Rep>,
    visits: Vec<Planned>,
    agenda: BTreeMap<(Timestamp, usize), (usize, Act)>,
    random: StdRng,
    end: Timestamp,
    /// The last submit of each visit.
    submitted: BTreeMap<VisitId, Hash>,
    foretold: BTreeMap<Hash, Verdict>,
}

impl Fortnight {
    /// When a fortnight that ends then begins: at 07:00 in Shanghai, ten working days before.
    pub fn begin_of(end: Timestamp) -> anyhow::Result<Timestamp> {
        let first = days_until(end)?.first().copied().context("no working day")?;
        Ok(first)
    }

    /// Enrols everybody and plans what happens until `end`. The same seed plans the same.
    pub async fn plan(world: World, end: Timestamp, seed: u64) -> anyhow::Result<Self> {
        let mut fortnight = Self {
            world,
            summary: Summary::default(),
            reps: Vec::new(),
            visits: Vec::new(),
            agenda: BTreeMap::new(),
            random: StdRng::seed_from_u64(seed),
            end,
            submitted: BTreeMap::new(),
            foretold: BTreeMap::new(),
        };
        fortnight.enrol_everybody().await?;
        fortnight.fill_agenda(&days_until(end)?);
        Ok(fortnight)
    }

    /// Lets everything happen; `progress` hears of each new day.
    pub async fn run(&mut self, mut progress: impl FnMut(Timestamp, &Summary)) -> anyhow::Result<()> {
        let mut day = None;
        while let Some(((at, _), (rep, act))) = self.agenda.pop_first() {
            if at > self.end {
                break;
            }
            let today = at.as_millis().div_euclid(86_400_000);
            if day.replace(today) != Some(today) {
                progress(at, &self.summary);
            }
            self.world.clock.pass_until(at);
            self.world.engine().tick().await?;
            self.act(rep, &act).await.with_context(|| {
                format!("{} at {at}: {act:?}", self.reps.get(rep).map_or("?", |rep| rep.login))
            })?;
        }
        self.world.clock.pass_until(self.end);
        self.world.engine().tick().await?;
        Ok(())
    }

    /// The phones that are still in use.
    pub fn phones(&self) -> impl Iterator<Item = &Phone> {
        self.reps.iter().flat_map(|rep| [Some(&rep.phone), rep.tablet.as_ref()]).flatten()
    }

    /// Verdicts as phones foretold them just before the sync that delivered the submit, by its entry.
    pub fn foretold(&self) -> &BTreeMap<Hash, Verdict> {
        &self.foretold
    }

    /// The visits that were begun.
    pub fn visits(&self) -> impl Iterator<Item = VisitId> {
        self.visits.iter().filter_map(|visit| visit.made)
    }

    fn at(&mut self, at: Timestamp, rep: usize, act: Act) {
        let number = self.agenda.len() + self.visits.len();
        let mut key = (at, number);
        while self.agenda.contains_key(&key) {
            key.1 += 1;
        }
        self.agenda.insert(key, (rep, act));
    }
}

/// The last ten days from Monday to Friday before an instant, each at 07:00 in Shanghai.
fn days_until(end: Timestamp) -> anyhow::Result<Vec<Timestamp>> {
    let zone = TimeZone::get("Asia/Shanghai")?;
    let mut date = jiff::Timestamp::from_millisecond(end.as_millis())?.to_zoned(zone.clone()).date();
    let mut days = Vec::new();
    while days.len() < 10 {
        if !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            let morning = date.at(7, 0, 0, 0).to_zoned(zone.clone())?;
            days.push(Timestamp::from_millis(morning.timestamp().as_millisecond()));
        }
        date = date.checked_sub(1.day())?;
    }
    days.reverse();
    Ok(days)
}
