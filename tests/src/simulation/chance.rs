//! Chance: every draw of a world comes from its seed and the name of what it is drawn for, so that leaving one act out
//! of a story changes nothing about the others.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

/// The generator for one purpose in a world.
pub(super) fn chance(seed: u64, purpose: impl Hash) -> StdRng {
    // Without random keys, so it is the same in every run.
    let mut hasher = DefaultHasher::new();
    (seed, purpose).hash(&mut hasher);
    StdRng::seed_from_u64(hasher.finish())
}

/// Whether something that happens `percent` times in a hundred happens now.
pub(super) fn happens(random: &mut StdRng, percent: f64) -> bool {
    random.random_bool((percent / 100.0).clamp(0.0, 1.0))
}
