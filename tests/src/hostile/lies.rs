//! Lies: what a hostile phone tries, one case each.

use rand::{Rng as _, rngs::StdRng};

/// One thing a hostile phone tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lie {
    /// It behaves, so that the server knows it.
    Nothing,
    /// It links an old anchor behind a record it makes late.
    OldAnchor,
    /// It commits without the anchor of the session.
    NoAnchor,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::OldAnchor, Self::NoAnchor];

    /// Draws one.
    pub fn draw(random: &mut StdRng) -> Self {
        Self::ALL[random.random_range(0..Self::ALL.len())]
    }
}
