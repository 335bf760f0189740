//! What was reached: branches that are rare, and that a run over many seeds must have seen, or it proves little.

use std::collections::BTreeMap;

use crate::hostile::lies::Lie;

macro_rules! rare {
    ($($name:ident: $sentence:literal,)*) => {
        /// Something that has to happen in some world.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Rare { $(#[doc = $sentence] $name,)* }

        impl Rare {
            /// All of them.
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];

            /// What it is.
            pub(super) fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

rare! {
    RequestLost: "a request is lost",
    AnswerLost: "an answer is lost",
    RequestDoubled: "a request arrives twice",
    RequestDelayed: "a request arrives more than an hour late",
    PhoneDied: "an app dies in the middle of a call",
    PhoneDiedSyncing: "an app dies in the middle of a sync",
    PhoneForked: "a book put back from a backup is recognised as a fork",
    PhoneRevoked: "a revoked phone is told so",
    MadeAgain: "edits of an earlier enrolment are made again",
    PowerCut: "the power goes while the server writes",
    TornWrite: "a power cut leaves half a write behind",
    LostWrite: "a power cut loses a write that was not synced",
    DiskFailed: "a write or sync of the server fails",
    DiskFull: "the server refuses a commit because its disk is full",
    IndexRebuilt: "the index is made again from the journal",
    IndexFellBehind: "a power cut leaves the index behind the journal",
    ServerRestored: "the server goes back to a backup",
    ReceiptsReclaimed: "phones hand over again what a restored server had lost",
    ClockSuspect: "a commit arrives while the server's clock is in doubt",
    TwoInOneBatch: "two appends share one sync of the disk",
    RefusedEntry: "an entry of a liar is refused",
    RefusedCommit: "a commit of a liar is refused as a whole",
    ProvenOnTime: "a submit is proven on time",
    ProvenLate: "a submit is proven late",
    MeasuredOnTime: "a submit is measured on time",
    MeasuredLate: "a submit is measured late",
    NeedsReview: "the evidence leaves a submit to a person",
    NotEvaluable: "something is missing for a verdict",
    Held: "a late submit is held",
    ArrivedLate: "a submit made in time arrives late and adds a version",
    Amendment: "a submit comes after the seal and is an amendment",
    Approved: "a decision adds a version",
    MergedVersion: "two devices submitted apart and their merge is official",
    EndMoved: "a later end is ignored because an earlier one is pinned",
    LetOff: "something that was owed is let off",
    OtherNumber: "a quota asks for another number by an exception",
    Restated: "what is said of closed days is something else now",
    TwoPacks: "records are judged under two packs",
}

/// How often each was reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reached {
    rare: BTreeMap<Rare, u64>,
    /// The lies that were told to their end and not believed.
    lies: BTreeMap<Lie, u64>,
}

impl Reached {
    /// Notes that it happened.
    pub(super) fn note(&mut self, rare: Rare) {
        *self.rare.entry(rare).or_default() += 1;
    }

    /// Notes that a lie was told to its end and not believed.
    pub(super) fn note_lie(&mut self, lie: Lie) {
        *self.lies.entry(lie).or_default() += 1;
    }

    /// Adds what another world reached; counts each world once.
    pub(super) fn add(&mut self, other: &Self) {
        for rare in other.rare.keys() {
            *self.rare.entry(*rare).or_default() += 1;
        }
        for lie in other.lies.keys() {
            *self.lies.entry(*lie).or_default() += 1;
        }
    }

    /// Adds the counts of other worlds.
    pub(super) fn merge(&mut self, others: &Self) {
        for (rare, count) in &others.rare {
            *self.rare.entry(*rare).or_default() += count;
        }
        for (lie, count) in &others.lies {
            *self.lies.entry(*lie).or_default() += count;
        }
    }

    /// All that can be reached, as sentences, with how often it was.
    pub(super) fn sentences(&self) -> Vec<(&'static str, u64)> {
        let rare = Rare::ALL.iter().map(|rare| (rare.sentence(), count(&self.rare, rare)));
        rare.chain(Lie::ALL.iter().map(|lie| (lie.sentence(), count(&self.lies, lie)))).collect()
    }

    /// The lies that were never told to their end.
    pub(super) fn missing_lies(&self) -> Vec<&'static str> {
        Lie::ALL.iter().filter(|lie| !self.lies.contains_key(lie)).map(|lie| lie.sentence()).collect()
    }

    /// What was never reached.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        self.sentences().into_iter().filter(|(_, count)| *count == 0).map(|(sentence, _)| sentence).collect()
    }
}

/// How often it happened.
fn count<T: Ord>(counts: &BTreeMap<T, u64>, what: &T) -> u64 {
    counts.get(what).copied().unwrap_or(0)
}
