//! The network: loses, doubles, delays and reorders what goes over it, and has dead spots.

use rand::{Rng as _, rngs::StdRng};

use super::{
    chance::{chance, happens},
    story::Weather,
};

/// After this an app gives a request up, as the SDK's own HTTP does.
pub(super) const PATIENCE_MS: u64 = 180_000;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Caller {
    /// An honest phone.
    Phone(usize),
    /// A phone that lies.
    Liar(usize),
}

/// What becomes of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fate {
    /// After how long each copy of the request arrives; none if it is lost.
    pub(super) arrivals_ms: Vec<u64>,
    /// How long the answer takes; none if it is lost.
    pub(super) answer_ms: Option<u64>,
}

/// Draws the fate of every message.
pub(super) struct Network {
    seed: u64,
    weather: Weather,
    messages: u64,
}

impl Network {
    pub(super) fn new(seed: u64, weather: &Weather) -> Self {
        Self { seed, weather: weather.clone(), messages: 0 }
    }

    /// From now on every message arrives once, soon and in order.
    pub(super) fn heal(&mut self) {
        (self.weather.loss, self.weather.duplication, self.weather.delay) = (0.0, 0.0, 0.0);
    }

    /// Draws what becomes of the next request of a caller, who may stand in a dead spot.
    pub(super) fn fate(&mut self, caller: Caller, in_dead_spot: bool) -> Fate {
        self.messages += 1;
        let random = &mut chance(self.seed, ("message", caller, self.messages));
        let mut arrivals_ms = Vec::new();
        if !in_dead_spot && !happens(random, self.weather.loss) {
            arrivals_ms.push(self.way(random));
            if happens(random, self.weather.duplication) {
                arrivals_ms.push(self.way(random));
            }
        }
        let answer_ms = (!happens(random, self.weather.loss)).then(|| self.way(random));
        Fate { arrivals_ms, answer_ms }
    }

    fn way(&self, random: &mut StdRng) -> u64 {
        if happens(random, self.weather.delay) {
            // Minutes, or as long as two days: each power of ten is as likely as the next.
            let exponent = random.random_range(4.0..8.2);
            10f64.powf(exponent) as u64
        } else {
            random.random_range(10..400)
        }
    }
}
