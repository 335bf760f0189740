//! A story: who is in a world, how bad its weather is, and what everybody does there and when. Drawn from a seed.

use std::fmt;

use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::chance::{chance, happens};
use crate::hostile::lies::Lie;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Everything that a world is made from.
#[derive(Debug, Clone)]
pub struct Story {
    /// What it was drawn from.
    pub seed: u64,
    /// Where and how it takes place.
    pub weather: Weather,
    /// Who carries each phone.
    pub phones: Vec<Carrier>,
    /// Who carries each phone that lies.
    pub liars: Vec<Carrier>,
    /// What happens, by time.
    pub acts: Vec<Act>,
}

/// Whose phone it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Carrier {
    /// Which company.
    pub tenant: usize,
    /// Which of its reps.
    pub rep: usize,
}

/// How likely things go wrong by themselves.
#[derive(Debug, Clone)]
pub struct Weather {
    /// How many companies share the server.
    pub tenants: usize,
    /// When it begins, after the companies were founded.
    pub begins_ms: u64,
    /// How long it lasts until everything heals.
    pub lasts_ms: u64,
    /// Requests and answers that are lost, in percent.
    pub loss: f64,
    /// Requests that arrive twice, in percent.
    pub duplication: f64,
    /// Messages that take minutes to days, in percent.
    pub delay: f64,
    /// Unsynced writes that a crash leaves behind all the same, in percent.
    pub survival: f64,
    /// How long a sync of the server's disk takes at most.
    pub disk_ms: u64,
}

/// One thing that is done.
#[derive(Debug, Clone)]
pub struct Act {
    /// Names it for the draws it needs; stays the same when others are left out.
    pub number: usize,
    /// When, after the beginning.
    pub at_ms: u64,
    /// What.
    pub deed: Deed,
}

/// What can be done.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Something with a phone.
    Phone(usize, PhoneDeed),
    /// A hostile phone tries something.
    Liar(usize, Lie),
    /// A supervisor of a company rules on something that waits.
    Decide(usize),
    /// A supervisor of a company makes an exception from something that is owed.
    Except(usize),
    /// An administrator of a company closes days that are over.
    Close(usize),
    /// An administrator of a company changes what is known of a customer.
    ChangeCustomer(usize),
    /// An administrator revokes a phone.
    Revoke(usize),
    /// A company puts another rule pack in force from a later day on.
    PutPack(usize),
    /// Something with the server.
    Server(ServerDeed),
}

/// What happens with a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneDeed {
    /// The rep arrives at a customer.
    Arrive,
    /// The rep writes in a visit.
    Write,
    /// The rep moves the end of a visit.
    MoveEnd(i64),
    /// The rep leaves a customer.
    Leave,
    /// The rep submits a visit.
    Submit,
    /// The app syncs.
    Sync,
    /// The phone restarts.
    Reboot,
    /// Its wall clock is set off the truth.
    SetWall(i64),
    /// Its boot clock drifts from now on, in parts per million.
    Drift(i32),
    /// The app dies at the nth call of the platform from now on.
    Die(u32),
    /// A backup of the book is made.
    Backup,
    /// The book is put back as it was at the last backup.
    Restore,
    /// There is no signal for a while.
    Vanish(u64),
}

/// What happens to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerDeed {
    /// The power goes at the nth call of the disk from now on.
    PowerCut(u32),
    /// The nth write or sync of the disk from now on fails.
    DiskFails(u32),
    /// The disk is full for a while.
    DiskFull(u64),
    /// The operator sets the clock for less than a minute, and sets it right again.
    ClockJumps(i64),
    /// The index is damaged, and the server restarts.
    IndexSpoils,
    /// The operator makes a backup.
    Backup,
    /// The operator goes back to the last backup.
    Restore,
    /// The server is stopped properly and started again.
    Restart,
    /// While the server is stopped, a bit of its journal flips, and is put right once that was noticed.
    JournalRots(u64),
}

impl Story {
    /// Draws a story.
    pub fn draw(seed: u64) -> Self {
        let random = &mut chance(seed, "story");
        let tenants = if happens(random, 25.0) { random.random_range(2..=3) } else { 1 };
        // Most worlds are small, so that there are many; some are crowded.
        let (phones, days) = match random.random_range(0..100) {
            0..65 => (random.random_range(1..=2), random.random_range(1..=3)),
            65..95 => (random.random_range(1..=3), random.random_range(2..=5)),
            _ => (random.random_range(3..=6), random.random_range(2..=9)),
        };
        let weather = Weather {
            tenants,
            begins_ms: random.random_range(0..7 * DAY_MS),
            lasts_ms: days * DAY_MS,
            loss: mostly_none(random, 30.0),
            duplication: mostly_none(random, 20.0),
            delay: mostly_none(random, 15.0),
            survival: random.random_range(0.0..100.0),
            disk_ms: random.random_range(0..200),
        };
        let mut carriers = Vec::new();
        for _ in 0..phones {
            let carrier = match carriers.last() {
                // Now and then a second device of the same rep.
                Some(last) if happens(random, 30.0) => *last,
                _ => Carrier { tenant: random.random_range(0..tenants), rep: random.random_range(0..4) },
            };
            carriers.push(carrier);
        }
        let liars = if happens(random, 30.0) { random.random_range(1..=2) } else { 0 };
        // Never one of the reps who are honest: who owns the records may rightly change them.
        let all = (0..tenants).flat_map(|tenant| (0..4).map(move |rep| Carrier { tenant, rep }));
        let dishonest: Vec<Carrier> = all.filter(|carrier| !carriers.contains(carrier)).collect();
        let liars = (0..liars).filter_map(|_| dishonest.choose(random).copied()).collect();
        let mut story = Self { seed, weather, phones: carriers, liars, acts: Vec::new() };
        story.draw_acts(random, days);
        story
    }

    /// A calm week in which two liars of a company with honest reps tell every lie, twice.
    pub fn full_of_lies(seed: u64) -> Self {
        let random = &mut chance(seed, "lies");
        let weather = Weather {
            tenants: 1,
            begins_ms: DAY_MS,
            lasts_ms: 7 * DAY_MS,
            loss: 0.0,
            duplication: 0.0,
            delay: 0.0,
            survival: 0.0,
            disk_ms: 100,
        };
        let carrier = |rep| Carrier { tenant: 0, rep };
        let (phones, liars) = (vec![carrier(0), carrier(1)], vec![carrier(2), carrier(3)]);
        let mut acts: Vec<(u64, Deed)> = Vec::new();
        for phone in 0..phones.len() {
            acts.push((0, Deed::Phone(phone, PhoneDeed::Sync)));
            for day in 0..7 {
                draw_day(random, &mut acts, phone, day * DAY_MS, 3.0);
            }
        }
        // There and back, by turns: so each lie is told by both, and each has something true before it.
        let turns = Lie::ALL.iter().chain(Lie::ALL.iter().rev()).zip(0..);
        let between = 5 * DAY_MS / (2 * Lie::ALL.len() as u64);
        for (lie, turn) in turns {
            let (liar, at) = (turn as usize % 2, DAY_MS + turn * between);
            acts.push((at - between / 2, Deed::Liar(liar, Lie::Nothing)));
            acts.push((at, Deed::Liar(liar, *lie)));
        }
        acts.push((HOUR_MS, Deed::Liar(0, Lie::Nothing)));
        acts.push((HOUR_MS, Deed::Liar(1, Lie::Nothing)));
        let mut story = Self { seed, weather, phones, liars, acts: Vec::new() };
        story.number(acts);
        story
    }

    /// How many days it lasts.
    pub(super) fn days(&self) -> u64 {
        self.weather.lasts_ms / DAY_MS
    }

    fn draw_acts(&mut self, random: &mut StdRng, days: u64) {
        let mut acts: Vec<(u64, Deed)> = Vec::new();
        let mishaps = mostly_none(random, 60.0);
        for phone in 0..self.phones.len() {
            // Everybody begins by being enrolled.
            acts.push((random.random_range(0..HOUR_MS), Deed::Phone(phone, PhoneDeed::Sync)));
            let syncs_a_day = random.random_range(0.3..4.0);
            for day in 0..days {
                draw_day(random, &mut acts, phone, day * DAY_MS, syncs_a_day);
                if happens(random, mishaps) {
                    let at = day * DAY_MS + random.random_range(0..DAY_MS);
                    let deed = mishap(random);
                    if deed == PhoneDeed::Restore {
                        acts.push((random.random_range(0..at), Deed::Phone(phone, PhoneDeed::Backup)));
                    }
                    acts.push((at, Deed::Phone(phone, deed)));
                }
            }
        }
        for liar in 0..self.liars.len() {
            for _ in 0..random.random_range(2..=10) {
                let at = random.random_range(HOUR_MS..days * DAY_MS);
                acts.push((at, Deed::Liar(liar, Lie::draw(random))));
            }
        }
        for tenant in 0..self.weather.tenants {
            for _ in 0..random.random_range(0..=2 * days) {
                acts.push((random.random_range(DAY_MS..(days + 1) * DAY_MS), Deed::Decide(tenant)));
            }
            if happens(random, 10.0) {
                acts.push((random.random_range(0..days * DAY_MS), Deed::PutPack(tenant)));
            }
            draw_office(random, &mut acts, tenant, days);
        }
        if happens(random, 8.0) {
            let phone = random.random_range(0..self.phones.len());
            acts.push((random.random_range(HOUR_MS..days * DAY_MS), Deed::Revoke(phone)));
        }
        let troubles = mostly_none(random, 100.0);
        for day in 0..days {
            if happens(random, troubles) {
                let at = day * DAY_MS + random.random_range(0..DAY_MS);
                let deed = trouble(random);
                if deed == ServerDeed::Restore {
                    let backup = random.random_range(0..at);
                    acts.push((backup, Deed::Server(ServerDeed::Backup)));
                    // What the office did in between is lost.
                    let tenant = random.random_range(0..self.weather.tenants);
                    let lost = [Deed::PutPack(tenant), Deed::ChangeCustomer(tenant), Deed::Except(tenant)];
                    acts.extend(
                        lost.choose(random).map(|deed| (random.random_range(backup..at), deed.clone())),
                    );
                }
                acts.push((at, Deed::Server(deed)));
            }
        }
        self.number(acts);
    }

    /// Puts acts into the order in which they happen.
    fn number(&mut self, mut acts: Vec<(u64, Deed)>) {
        acts.sort_by_key(|(at, _)| *at);
        self.acts =
            acts.into_iter().enumerate().map(|(number, (at_ms, deed))| Act { number, at_ms, deed }).collect();
    }
}

/// What a company's office does now and then about what is owed.
fn draw_office(random: &mut StdRng, acts: &mut Vec<(u64, Deed)>, tenant: usize, days: u64) {
    let deeds =
        [(25.0, Deed::Except(tenant)), (20.0, Deed::Close(tenant)), (15.0, Deed::ChangeCustomer(tenant))];
    for (often, deed) in deeds {
        if happens(random, often) {
            for _ in 0..random.random_range(1..=3) {
                acts.push((random.random_range(HOUR_MS..days * DAY_MS), deed.clone()));
            }
        }
    }
}

/// A working day of a rep: visits with what is written about them, and syncs in between.
fn draw_day(random: &mut StdRng, acts: &mut Vec<(u64, Deed)>, phone: usize, day_ms: u64, syncs_a_day: f64) {
    let mut act = |at_ms: u64, deed| acts.push((at_ms, Deed::Phone(phone, deed)));
    for _ in 0..random.random_range(0..=2) {
        let arrived = day_ms + random.random_range(HOUR_MS..20 * HOUR_MS);
        let left = arrived + random.random_range(MINUTE_MS..2 * HOUR_MS);
        act(arrived, PhoneDeed::Arrive);
        act(random.random_range(arrived..=left), PhoneDeed::Write);
        act(left, PhoneDeed::Leave);
        // Some are submitted at once, some days later, some around the deadline, some never.
        if happens(random, 85.0) {
            let later = match random.random_range(0..10) {
                0..=4 => random.random_range(0..HOUR_MS),
                5..=7 => random.random_range(0..2 * DAY_MS),
                _ => random.random_range(2 * DAY_MS..4 * DAY_MS),
            };
            act(left + later, PhoneDeed::Submit);
            if happens(random, 30.0) {
                let again = left + later + random.random_range(0..DAY_MS);
                act(again, PhoneDeed::Write);
                act(again + MINUTE_MS, PhoneDeed::Submit);
            }
        }
        if happens(random, 8.0) {
            let hours = random.random_range(-72..=72);
            act(left + random.random_range(0..DAY_MS), PhoneDeed::MoveEnd(hours * HOUR_MS as i64));
        }
    }
    let syncs = syncs_a_day as u64 + u64::from(happens(random, syncs_a_day.fract() * 100.0));
    for _ in 0..syncs {
        act(day_ms + random.random_range(0..DAY_MS), PhoneDeed::Sync);
    }
}

fn mishap(random: &mut StdRng) -> PhoneDeed {
    match random.random_range(0..14) {
        0 | 1 => PhoneDeed::Reboot,
        2 => PhoneDeed::SetWall(random.random_range(-10 * 366..10 * 366) * DAY_MS as i64),
        3 => PhoneDeed::SetWall(random.random_range(-48..48) * HOUR_MS as i64),
        4 => PhoneDeed::Drift(random.random_range(-190..=190)),
        5..=7 => PhoneDeed::Die(random.random_range(0..12)),
        8..=10 => PhoneDeed::Restore,
        _ => PhoneDeed::Vanish(random.random_range(HOUR_MS..4 * DAY_MS)),
    }
}

fn trouble(random: &mut StdRng) -> ServerDeed {
    match random.random_range(0..16) {
        0..=5 => ServerDeed::PowerCut(random.random_range(0..60)),
        6 | 7 => ServerDeed::DiskFails(random.random_range(0..40)),
        8 => ServerDeed::DiskFull(random.random_range(HOUR_MS..DAY_MS)),
        9 | 10 => {
            ServerDeed::ClockJumps(random.random_range(-2 * 366..2 * 366) * 12 * HOUR_MS as i64 + 5_000)
        }
        11 => ServerDeed::IndexSpoils,
        12 => ServerDeed::Restart,
        13 | 14 => ServerDeed::Restore,
        _ => ServerDeed::JournalRots(random.random()),
    }
}

/// Half of all worlds are spared, the others get up to so much.
fn mostly_none(random: &mut StdRng, most: f64) -> f64 {
    if happens(random, 50.0) { 0.0 } else { random.random_range(0.0..most) }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone, deed) => write!(f, "phone {phone}: {deed:?}"),
            Self::Liar(liar, lie) => write!(f, "liar {liar}: {lie:?}"),
            Self::Decide(tenant) => write!(f, "company {tenant}: a supervisor decides"),
            Self::Except(tenant) => write!(f, "company {tenant}: a supervisor makes an exception"),
            Self::Close(tenant) => write!(f, "company {tenant}: days are closed"),
            Self::ChangeCustomer(tenant) => write!(f, "company {tenant}: a customer changes"),
            Self::Revoke(phone) => write!(f, "phone {phone} is revoked"),
            Self::PutPack(tenant) => write!(f, "company {tenant}: another pack"),
            Self::Server(deed) => write!(f, "server: {deed:?}"),
        }
    }
}
