//! A liar: a phone whose holder controls all of it, enrolled as it should be.

mod tale;
mod telling;

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use client_sdk::{KeyStore as _, Timestamp, VisitId};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use sync_core::{
    hash::Hash,
    id::{BootId, DeviceId},
    log::{Chain, Commit, Receipt, SignedAnchor},
    time::ClockReading,
};
use tokio::sync::Mutex;

use self::tale::{Ended, Tale};
use super::{
    handset::URL,
    line::Line,
    reached::{Rare, Reached},
    truth::Truth,
};
use crate::{
    HostilePhone, SimulatedClock,
    hostile::{FalseHands, lies::Lie},
    platform::SimulatedPlatform,
};

/// One hostile phone.
pub(super) struct Liar {
    pub(super) line: Arc<Line>,
    platform: Arc<SimulatedPlatform>,
    clock: Arc<SimulatedClock>,
    life: Arc<Mutex<Life>>,
    trying: Option<Pin<Box<dyn Future<Output = anyhow::Result<String>>>>>,
}

/// What it is told to try.
pub(super) struct Order {
    /// The lie.
    pub(super) lie: Lie,
    /// What it is enrolled with if it has to be.
    pub(super) code: Option<String>,
    /// Visits of others that it has heard of.
    pub(super) victims: Vec<VisitId>,
    /// Anchors of others that it has heard of.
    pub(super) heard: Vec<Hash>,
    /// What it draws from.
    pub(super) seed: u64,
}

/// All that it is and did.
#[derive(Default)]
struct Life {
    phone: Option<HostilePhone>,
    past: Past,
    /// When each of its submits was made.
    submits: BTreeMap<Hash, Timestamp>,
    /// The devices it was enrolled as.
    devices: BTreeSet<DeviceId>,
    /// The lies that were answered and not believed.
    told: Vec<Lie>,
    entries_refused: bool,
    commits_refused: bool,
}

/// What it remembers of its enrolment.
#[derive(Default)]
struct Past {
    /// The anchors it was given.
    anchors: Vec<SignedAnchor>,
    /// The pages that were taken.
    pages: Vec<(Commit, Receipt)>,
    /// The newest anchor in its log: where that ends, the anchor's time, and its own clocks then.
    last: Option<(Chain, Timestamp, ClockReading)>,
}

impl Liar {
    pub(super) fn new(clock: Arc<SimulatedClock>, seed: u64) -> Self {
        Self {
            line: Arc::default(),
            platform: Arc::new(SimulatedPlatform::new(Arc::clone(&clock), seed)),
            clock,
            life: Arc::default(),
            trying: None,
        }
    }

    /// Begins to try something, unless it is still trying something else.
    pub(super) fn tell(&mut self, order: Order) {
        if self.trying.is_some() {
            return;
        }
        let (life, line, clock) = (Arc::clone(&self.life), Arc::clone(&self.line), Arc::clone(&self.clock));
        let platform = Arc::clone(&self.platform);
        self.trying = Some(Box::pin(async move {
            let mut life = life.lock().await;
            if life.phone.is_none() {
                let Some(code) = &order.code else { return Ok("has no code left".to_owned()) };
                let key = platform.create()?;
                let (line, clock) = (line as _, Arc::clone(&clock));
                let enrolled = HostilePhone::enrol_over(line, clock, URL.to_owned(), key, code, "liar").await;
                match enrolled {
                    Ok(enrolled) => {
                        life.devices.insert(enrolled.author.device);
                        (life.phone, life.past) = (Some(enrolled), Past::default());
                    }
                    Err(error) => return Ok(format!("is not enrolled: {error}")),
                }
            }
            life.try_to(&clock, order).await
        }));
    }

    /// Lets it go on; gives what came of it once it is over. An error means that a lie was believed.
    pub(super) fn poll(&mut self) -> anyhow::Result<Option<String>> {
        let Some(trying) = &mut self.trying else { return Ok(None) };
        match trying.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(None),
            Poll::Ready(said) => {
                self.trying = None;
                said.map(Some)
            }
        }
    }

    /// The anchors it was given, for others to hear of; none while it is busy.
    pub(super) fn anchors(&self) -> Vec<Hash> {
        let Ok(life) = self.life.try_lock() else { return Vec::new() };
        life.past.anchors.iter().map(|signed| signed.anchor.hash()).collect()
    }

    /// Tells the truth about what it did, to those who judge the world.
    pub(super) fn confess(&mut self, truth: &mut Truth, reached: &mut Reached) -> anyhow::Result<()> {
        let mut life = self.life.try_lock()?;
        truth.liars.extend(&life.devices);
        truth.submits.append(&mut life.submits);
        for lie in life.told.drain(..) {
            reached.note_lie(lie);
        }
        if std::mem::take(&mut life.entries_refused) {
            reached.note(Rare::RefusedEntry);
        }
        if std::mem::take(&mut life.commits_refused) {
            reached.note(Rare::RefusedCommit);
        }
        Ok(())
    }
}

impl Life {
    async fn try_to(&mut self, clock: &SimulatedClock, order: Order) -> anyhow::Result<String> {
        let Order { lie, victims, heard, seed, .. } = order;
        let Some(mut phone) = self.phone.take() else { return Ok("is not enrolled".to_owned()) };
        let mut random = StdRng::seed_from_u64(seed);
        let fresh_boot = BootId::from_bytes(random.random());
        let mut tale = Tale::new(&mut phone, self, clock, random, victims, heard);
        let ended = telling::tell(&mut tale, lie).await;
        if phone.hands.boot_skew_ms != 0 || phone.hands.wall_skew_ms != 0 {
            // It becomes honest again with a restart, so that the next lie stands alone.
            phone.hands = FalseHands::none(fresh_boot);
        }
        match ended {
            Ok(()) => {
                self.told.push(lie);
                // Whoever shows an old token has to sign in again.
                self.phone = (lie != Lie::OldRefreshToken).then_some(phone);
                Ok(format!("was not believed in {lie:?}"))
            }
            Err(Ended::Interrupted { why, enrolled }) => {
                self.phone = enrolled.then_some(phone);
                Ok(format!("does not come to an end: {why}"))
            }
            Err(Ended::Believed(what)) => anyhow::bail!("a lie is believed, {lie:?}: {what}"),
        }
    }
}
