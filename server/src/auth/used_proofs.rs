//! Used proofs: remembers the ids of device proofs for as long as their nonces are good, so that none works twice.

use std::{
    collections::HashSet,
    mem,
    sync::{Mutex, PoisonError},
};

use sync_core::{hash::Hash, time::Timestamp};

use super::{nonce::LIFETIME_MS, proof::ProvenKey};

/// How many proofs are remembered of one period; there are two.
const MAX_REMEMBERED: usize = 65_536;

/// Remembers proofs for one to two lifetimes of a nonce.
///
/// A flood of valid proofs shortens that time instead of growing the memory. It is forgotten with the process.
#[derive(Debug, Default)]
pub struct UsedProofs(Mutex<Periods>);

#[derive(Debug, Default)]
struct Periods {
    began: Option<Timestamp>,
    now: HashSet<Hash>,
    before: HashSet<Hash>,
}

impl UsedProofs {
    /// Remembers a proof that was checked; false if it was used before.
    pub fn first_use(&self, proven: &ProvenKey, now: Timestamp) -> bool {
        let id = Hash::of("fieldbook/proof-id/1", &[&proven.key, proven.proof_id.as_bytes()]);
        let mut periods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = periods.began.is_none_or(|began| now.millis_since(began) >= LIFETIME_MS);
        if is_over || periods.now.len() >= MAX_REMEMBERED {
            periods.before = mem::take(&mut periods.now);
            periods.began = Some(now);
        }
        !periods.before.contains(&id) && periods.now.insert(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn proven(key: u8, proof_id: &str) -> ProvenKey {
        ProvenKey { key: [key; 33], thumbprint: String::new(), proof_id: proof_id.to_owned() }
    }

    #[test]
    fn a_proof_works_once_while_its_nonce_is_good() {
        let used = UsedProofs::default();
        assert!(used.first_use(&proven(1, "a"), NOW));
        assert!(!used.first_use(&proven(1, "a"), NOW));
        assert!(used.first_use(&proven(2, "a"), NOW), "another phone may have the same id");
        assert!(used.first_use(&proven(1, "b"), NOW.plus_millis(LIFETIME_MS - 1)));
        assert!(!used.first_use(&proven(1, "a"), NOW.plus_millis(LIFETIME_MS)));
        assert!(!used.first_use(&proven(1, "b"), NOW.plus_millis(2 * LIFETIME_MS - 2)));
    }

    #[test]
    fn a_flood_of_proofs_does_not_grow_the_memory() {
        let used = UsedProofs::default();
        for id in 0..3 * MAX_REMEMBERED {
            assert!(used.first_use(&proven(1, &id.to_string()), NOW));
        }
        let periods = used.0.lock().unwrap();
        assert!(periods.now.len() <= MAX_REMEMBERED && periods.before.len() <= MAX_REMEMBERED);
    }
}
