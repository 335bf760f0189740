//! A world: takes everything in its order from one queue, lets the shipped code do what it does, and looks at all of it
//! after every step.

mod exchange;
mod operator;
mod people;
mod rest;

use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};

use client_sdk::{Response, Timestamp};
use rand::Rng as _;
use server::clock::Clock as _;

use self::exchange::Exchange;
use super::{
    chance::chance,
    handset::Handset,
    invariants::{Broken, Invariants},
    liar::Liar,
    machine::Machine,
    network::{Caller, Network},
    reached::{Rare, Reached},
    story::Story,
    trace::Trace,
    truth::Truth,
};
use crate::{SimulatedClock, clock::shanghai};

/// The Monday on which the companies are founded; worlds begin in the week after it.
pub(super) const FOUNDED: &str = "2026-09-07T08:00";

/// How long a sync takes, about.
const SYNC_MS: u64 = 3_000;
/// How soon the server is started again after it died.
const DOWN_MS: u64 = 90_000;

/// What ended a world before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, as a sentence.
    pub what: String,
    /// What had happened.
    pub trace: Trace,
}

/// One world while it lasts.
pub(super) struct World<'a> {
    pub(super) story: &'a Story,
    /// The true time.
    pub(super) clock: Arc<SimulatedClock>,
    pub(super) machine: Machine,
    pub(super) handsets: Vec<Handset>,
    pub(super) liars: Vec<Liar>,
    pub(super) truth: Truth,
    pub(super) reached: Reached,
    pub(super) trace: Trace,
    begins: Timestamp,
    network: Network,
    queue: BTreeMap<(u64, u64), Happening>,
    happenings: u64,
    exchanges: BTreeMap<u64, Exchange>,
    invariants: Invariants,
    codes_used: BTreeMap<(usize, usize), usize>,
    writing: bool,
}

/// Something that is going to happen.
enum Happening {
    Act(usize),
    Arrives { exchange: u64 },
    Answers { exchange: u64, response: Response },
    GivenUp { exchange: u64 },
    DiskWrites,
    ServerStarts,
    ClockJumps { by_ms: i64 },
    Revoked { phone: usize },
    ClockIsRight,
    DiskHasRoom,
    Tick,
}

impl From<Broken> for anyhow::Error {
    fn from(broken: Broken) -> Self {
        anyhow::Error::msg(broken.to_string())
    }
}

impl<'a> World<'a> {
    /// Plays a story to its end; `folder` is for the phones' files.
    pub(super) fn play(story: &'a Story, folder: &Path) -> (Trace, Reached, Result<(), String>) {
        match Self::begin(story, folder) {
            Ok(mut world) => {
                let end = world.live().map_err(|error| format!("{error:#}"));
                if let Err(what) = &end {
                    world.say(format_args!("*** {what}"));
                }
                (world.trace, world.reached, end)
            }
            Err(error) => (Trace::new(), Reached::default(), Err(format!("{error:#}"))),
        }
    }

    fn begin(story: &'a Story, folder: &Path) -> anyhow::Result<Self> {
        let clock = Arc::new(SimulatedClock::at(shanghai(FOUNDED)?));
        let machine = Machine::new(story.seed, &story.weather, Arc::clone(&clock))?;
        clock.pass_ms(story.weather.begins_ms);
        let mut handsets = Vec::new();
        for (phone, carrier) in story.phones.iter().enumerate() {
            let seed = chance(story.seed, ("handset", phone)).random();
            let folder = folder.join(phone.to_string());
            handsets.push(Handset::new(*carrier, folder, Arc::clone(&clock), seed)?);
        }
        let liars = (0..story.liars.len()).map(|liar| {
            let seed = chance(story.seed, ("liar", liar)).random();
            Liar::new(Arc::clone(&clock), seed)
        });
        let mut world = Self {
            story,
            begins: clock.now(),
            machine,
            handsets,
            liars: liars.collect(),
            truth: Truth::default(),
            reached: Reached::default(),
            trace: Trace::new(),
            network: Network::new(story.seed, &story.weather),
            queue: BTreeMap::new(),
            happenings: 0,
            exchanges: BTreeMap::new(),
            invariants: Invariants::default(),
            codes_used: BTreeMap::new(),
            writing: false,
            clock,
        };
        for (index, act) in story.acts.iter().enumerate() {
            world.plan_at(act.at_ms, Happening::Act(index));
        }
        Ok(world)
    }

    fn live(&mut self) -> anyhow::Result<()> {
        self.machine.start()?;
        while let Some(((at_ms, _), happening)) = self.queue.pop_first() {
            if at_ms > self.story.weather.lasts_ms {
                self.queue.insert((at_ms, 0), happening);
                break;
            }
            self.step(at_ms, happening)?;
        }
        self.heal()?;
        self.come_to_rest()?;
        self.let_pass(rest::DEADLINES_MS)?;
        self.come_to_rest()?;
        self.invariants_at_rest()?;
        let before = self.machine.index_digest();
        self.say("the power goes once more");
        self.machine.power_cut();
        self.machine.start()?;
        let after = self.machine.index_digest();
        anyhow::ensure!(
            before == after,
            "I17 is broken: the index was {before} and is {after} after a power cut"
        );
        Ok(())
    }

    /// One thing happens, and all that follows from it at once.
    fn step(&mut self, at_ms: u64, happening: Happening) -> anyhow::Result<()> {
        self.clock.pass_until(self.begins.plus_millis(at_ms as i64));
        self.machine.tick();
        match happening {
            Happening::Act(index) => {
                let story = self.story;
                self.act(&story.acts[index])?;
            }
            Happening::Arrives { exchange } => self.arrives(exchange),
            Happening::Answers { exchange, response } => self.answers(exchange, response)?,
            Happening::GivenUp { exchange } => self.given_up(exchange),
            Happening::DiskWrites => {
                self.writing = false;
                let written = self.machine.write();
                if written > 1 {
                    self.reached.note(Rare::TwoInOneBatch);
                }
                if self.machine.disk.is_off() {
                    // Nothing more gets out.
                    self.machine_may_have_died();
                }
            }
            Happening::ServerStarts => self.start_server()?,
            Happening::ClockJumps { by_ms } => self.clock_jumps(by_ms),
            Happening::Revoked { phone } => {
                if let Some(owner) = self.handsets[phone].book().owner()? {
                    self.machine.revoke(self.story.phones[phone].tenant, owner.device);
                }
            }
            Happening::ClockIsRight => self.machine.clock.set_skew_ms(0),
            Happening::DiskHasRoom => self.machine.disk.set_full(false),
            Happening::Tick => {}
        }
        self.settle()?;
        self.reached.add(&self.machine.reached());
        self.invariants.after_step(&self.machine)?;
        Ok(())
    }

    /// Lets the server and the apps do what they can without time passing.
    fn settle(&mut self) -> anyhow::Result<()> {
        loop {
            let mut moved = false;
            for (exchange, response) in self.machine.run() {
                moved = true;
                self.send_answer(exchange, response);
            }
            for note in self.machine.notes() {
                self.say(note);
            }
            self.machine_may_have_died();
            if self.machine.has_waiting() && !self.writing {
                self.writing = true;
                let wait = chance(self.story.seed, ("disk", self.happenings))
                    .random_range(0..=self.story.weather.disk_ms);
                self.plan_in(wait, Happening::DiskWrites);
            }
            for phone in 0..self.handsets.len() {
                if let Some(called) = self.handsets[phone].poll()? {
                    moved = true;
                    self.synced(phone, called)?;
                }
                for sent in self.handsets[phone].line.take() {
                    moved = true;
                    self.send(Caller::Phone(phone), sent);
                }
            }
            for liar in 0..self.liars.len() {
                if let Some(said) = self.liars[liar].poll()? {
                    moved = true;
                    self.say(format_args!("liar {liar}: {said}"));
                    self.liars[liar].confess(&mut self.truth, &mut self.reached)?;
                }
                for sent in self.liars[liar].line.take() {
                    moved = true;
                    self.send(Caller::Liar(liar), sent);
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }

    // --- time ---

    fn now_ms(&self) -> u64 {
        u64::try_from(self.clock.now().millis_since(self.begins)).unwrap_or(0)
    }

    fn plan_in(&mut self, wait_ms: u64, happening: Happening) {
        self.plan_at(self.now_ms() + wait_ms, happening);
    }

    fn plan_at(&mut self, at_ms: u64, happening: Happening) {
        self.happenings += 1;
        self.queue.insert((at_ms, self.happenings), happening);
    }

    fn say(&mut self, what: impl fmt::Display) {
        let now = self.clock.now();
        self.trace.line(now, what);
    }
}

/// What is in every text of a company, and may never be seen by another.
pub(super) fn secret(tenant: usize) -> String {
    format!("〔机密{tenant}〕")
}
