//! Lies: what a hostile phone tries, one case each.
//!
//! The numbers are those of the catalogue of attacks on the time and the log. What is not here: 15 to 18 and 25 (beacons
//! over SMS, peer witnesses and attestation are not in the product), 22 to 24 (the server's own clock and backup: deeds of
//! the server in the story), 11 (a delayed commit of an honest phone: the network), 27 (verdicts on phone and server:
//! the model).

use rand::{Rng as _, rngs::StdRng};

macro_rules! lies {
    ($($name:ident: $sentence:literal,)*) => {
        /// One thing a hostile phone tries.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Lie { $(#[doc = $sentence] $name,)* }

        impl Lie {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What it is.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

lies! {
    Nothing: "It behaves, so that the server knows it.",
    // Time.
    ClockBack: "1: its wall clock stands ten years back.",
    ClockForward: "2: its wall clock stands ten years ahead.",
    ClockSetBetween: "3: it sets its wall clock between two entries of one boot, without saying so.",
    RebootUnseen: "4: it restarts and submits before it has heard of the server again.",
    HalfBootClock: "5: its boot clock runs at half the speed between two anchors of one boot.",
    BootClockBackwards: "5: its boot clock runs backwards.",
    OldAnchor: "6: it writes a late record behind an old anchor, after a sync that answered a newer one.",
    OthersAnchor: "7: it writes a record behind the anchor of another device.",
    InventedAnchor: "7: it writes a record behind an anchor that nobody gave.",
    CommitToOthersAnchor: "7: it answers the anchor of another device.",
    CommitToOldAnchor: "8: it answers an anchor that was answered before.",
    NonceTwice: "8: it asks twice with one nonce, and wants the same anchor.",
    InventedAnchorShown: "8: it shows an anchor of its own making as one that the server forgot.",
    NoAnchor: "9: it commits without the anchor of the session.",
    ManyPulls: "10: it pulls fifty times without a commit, and then submits.",
    EndMovedLater: "19: it moves the end of a visit to a later time after the first commit.",
    EndAhead: "20: it says that a visit ends next month.",
    DeadlineEdge: "26: it submits exactly on the deadline, a millisecond before and after.",
    // The log.
    Rewritten: "12: it puts its log back to an earlier state and writes on from there.",
    Hole: "13: it leaves a hole in front of its page.",
    IndexJump: "13: an entry in its page has a later number.",
    WrongPrevious: "13: an entry in its page follows another entry than the one before it.",
    Swapped: "14: it swaps two entries about two documents.",
    Dropped: "13: it leaves an entry out of its page.",
    Repeated: "13: it repeats an entry in its page.",
    Replayed: "12: it sends an old commit again.",
    ReplayedOtherwise: "12: it sends an old commit again with another entry in the middle.",
    Empty: "13: it commits nothing.",
    // Messages.
    BitFlips: "Some bits of a valid commit are flipped on the way.",
    Truncated: "A valid commit ends in the middle.",
    Trailing: "There is something behind a valid commit.",
    TooManyEntries: "Its page holds more entries than any page may.",
    TooLargeEntry: "An entry is larger than any entry may be.",
    TooLargeBody: "Its commit is longer than any commit may be.",
    WrongSignature: "It signs another statement than the one it sends.",
    HighSignature: "It sends the other one of the two signatures that a statement has.",
    OthersStatement: "It makes its statement about another device.",
    OthersCompany: "It makes its statement about another company.",
    CursorAhead: "It says that it has read further than there is anything.",
    RefreshTokenAsAccess: "It shows its refresh token in the place of an access token.",
    OldRefreshToken: "It renews its tokens with one that was renewed long before, as a thief of its backup would.",
    // Entries.
    Garbage: "An entry is no entry.",
    OtherEncoding: "An entry is not in its canonical form.",
    OthersDocument: "It writes into a visit of another rep.",
    OthersCheckIn: "It checks in at a visit of another rep, and submits it.",
    UnknownKind: "It writes a document of a kind that nobody knows.",
    ForgedActor: "It writes in the name of another device.",
    RowBomb: "A change says that it holds millions of operations.",
    PredecessorBomb: "A change claims endless predecessors.",
    BlindOverwrite: "A change overwrites a field as if nothing stood in it, though it builds on what does.",
    DeflateBomb: "A change is compressed.",
    StartOpAhead: "21: the operations of a change are numbered close to 2^32.",
    Orphan: "21: a change builds on one that nobody has.",
    Equivocation: "12: it makes two changes with one sequence number.",
    SequenceSkipped: "13: a change skips a sequence number.",
    OtherForm: "A change is not in its canonical form.",
    NoSuchField: "A change sets a field that the kind does not have.",
    NoSuchChoice: "A change sets a field to a word that is not on its list.",
    UnknownHeads: "21: it submits heads that the server cannot reach.",
    WrongValue: "It submits with the hash of other values.",
    NothingSubmitted: "21: it submits a document that nobody has.",
}

impl Lie {
    /// Draws one.
    pub fn draw(random: &mut StdRng) -> Self {
        Self::ALL[random.random_range(0..Self::ALL.len())]
    }
}
