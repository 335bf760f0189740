//! Figures: what each request took, and what the server answered where it did not do what was asked.

use std::{
    collections::BTreeMap,
    future::Future,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::line::Answer;

/// The requests of a phone that comes back, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A proof without a nonce, answered with one.
    Nonce,
    /// A refresh token for the next one.
    Token,
    Pull,
    Commit,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Nonce, Self::Token, Self::Pull, Self::Commit];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Nonce | Self::Token => "/v1/token",
            Self::Pull => "/v1/pull",
            Self::Commit => "/v1/commit",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nonce => "nonce",
            Self::Token => "token",
            Self::Pull => "pull",
            Self::Commit => "commit",
        }
    }

    fn expects(self, status: u16) -> bool {
        status == 200 || (self == Self::Nonce && status == 401)
    }
}

/// What one phone or all of them saw.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Milliseconds of each request that was admitted.
    admitted: BTreeMap<Kind, Vec<f64>>,
    /// How many requests were told to come again later.
    turned_away: BTreeMap<Kind, u32>,
    /// What else came back, and how often.
    other: BTreeMap<String, u32>,
    /// Milliseconds from a phone's return to its last receipt.
    synced: Vec<f64>,
}

impl Figures {
    /// Waits for an answer and counts it; gives it back as an error if it is not what was asked for.
    pub(crate) async fn timed(
        &mut self,
        kind: Kind,
        asked: impl Future<Output = anyhow::Result<Answer>>,
    ) -> Result<Answer, Option<Answer>> {
        let began = Instant::now();
        match asked.await {
            Ok(answer) if kind.expects(answer.status) => {
                self.admitted.entry(kind).or_default().push(millis(began.elapsed()));
                Ok(answer)
            }
            Ok(answer) => {
                if answer.status == 503 && answer.retry_after.is_some() {
                    *self.turned_away.entry(kind).or_default() += 1;
                } else {
                    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                    self.count_other(format!("{}: {} {}", kind.name(), answer.status, problem["type"]));
                }
                Err(Some(answer))
            }
            Err(error) => {
                self.count_other(format!("{}: no answer: {error:#}", kind.name()));
                Err(None)
            }
        }
    }

    fn count_other(&mut self, what: String) {
        *self.other.entry(what).or_default() += 1;
    }

    /// Counts a phone that has got its last receipt.
    pub(crate) fn is_synced(&mut self, after: Duration) {
        self.synced.push(millis(after));
    }

    /// Adds what another saw.
    pub(crate) fn add(&mut self, other: Self) {
        for (kind, took) in other.admitted {
            self.admitted.entry(kind).or_default().extend(took);
        }
        for (kind, times) in other.turned_away {
            *self.turned_away.entry(kind).or_default() += times;
        }
        for (what, times) in other.other {
            *self.other.entry(what).or_default() += times;
        }
        self.synced.extend(other.synced);
    }

    /// Prints everything.
    pub(crate) fn say(&mut self) {
        println!(
            "{:<8} {:>9} {:>9} {:>9} {:>9} {:>12}",
            "request", "admitted", "p50 ms", "p99 ms", "max ms", "turned away"
        );
        for kind in Kind::ALL {
            let took = self.admitted.entry(kind).or_default();
            took.sort_by(f64::total_cmp);
            println!(
                "{:<8} {:>9} {:>9.1} {:>9.1} {:>9.1} {:>12}",
                kind.name(),
                took.len(),
                at(took, 0.5),
                at(took, 0.99),
                at(took, 1.0),
                self.turned_away.get(&kind).copied().unwrap_or_default(),
            );
        }
        self.synced.sort_by(f64::total_cmp);
        let synced = &self.synced;
        println!(
            "a phone's return to its last receipt: p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
            at(synced, 0.5),
            at(synced, 0.99),
            at(synced, 1.0)
        );
        for (what, times) in &self.other {
            println!("{times} times {what}");
        }
    }

    /// The 99th percentile of all requests that were admitted, in milliseconds.
    pub(crate) fn admitted_p99_ms(&self) -> f64 {
        let mut all: Vec<f64> = self.admitted.values().flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        at(&all, 0.99)
    }

    /// How many requests got neither what they asked for nor a time to come again.
    pub(crate) fn others(&self) -> u32 {
        self.other.values().sum()
    }

    /// All requests, whatever came back.
    pub(crate) fn requests(&self) -> usize {
        let admitted: usize = self.admitted.values().map(Vec::len).sum();
        admitted + (self.turned_away.values().sum::<u32>() + self.others()) as usize
    }
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

/// The value below which that part of sorted values lies.
fn at(sorted: &[f64], part: f64) -> f64 {
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}
