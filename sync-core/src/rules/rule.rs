//! A rule: what a sentence of a regulation demands, or why it demands nothing that the engine could look at.

use super::RecordWithin;
use super::part::{Access, Anchored, Band, Difference, Guard, Quota, Recurring, Score};

/// One rule of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id, unique in its pack, such as `S21-R17`.
    pub id: String,
    /// Its kind.
    pub kind: RuleKind,
    /// What it says, in the words of the pack; empty if the pack does not say.
    pub says: String,
    /// How binding it is.
    pub modality: Modality,
    /// Whether the engine looks at it, and at what.
    pub state: RuleState,
}

/// Whether the engine looks at a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleState {
    /// It does; a rule has at least one part.
    Active(Vec<Part>),
    /// It does not yet: these parameters have no value. The text of the regulation leaves them out.
    Waiting(Vec<String>),
    /// Somebody ticks it on a checklist; nothing else can be known of it.
    Attestation,
    /// It is not for this product, for this reason.
    Outside(String),
}

/// One demand of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A visit's record must be submitted inside a window; decides what becomes official.
    Record(RecordWithin),
    /// Something has to be done after or before something else.
    Anchored(Box<Anchored>),
    /// Something falls due again and again.
    Recurring(Box<Recurring>),
    /// So many contacts in each period.
    Quota(Box<Quota>),
    /// An act is clean only if something is so.
    Guard(Box<Guard>),
    /// What was done is compared with what was planned.
    Difference(Box<Difference>),
    /// Figures lead to a grade.
    Band(Box<Band>),
    /// Findings and breaches cost points.
    Score(Box<Score>),
    /// Somebody does not get to see something.
    Access(Box<Access>),
}

/// How binding a rule is. Only what must or shall be done is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// It must be so.
    #[default]
    Must,
    /// It shall be so.
    Shall,
    /// It shall be so in principle.
    InPrinciple,
    /// It is so normally.
    Normally,
    /// It may be so.
    May,
}

impl Modality {
    /// Whether a breach of it may cost points.
    pub const fn scores(self) -> bool {
        matches!(self, Self::Must | Self::Shall)
    }
}

macro_rules! rule_kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// The kinds of rules that regulations are made of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RuleKind { $($(#[doc = $doc])* $name,)* }

        impl RuleKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, as packs write it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

rule_kinds! {
    /// After something happened, a record of it must be made.
    RecordWithin = "record_within",
    /// Before a visit there must be a plan.
    PlanBefore = "plan_before",
    /// A form falls due again and again.
    RecurringForm = "recurring_form",
    /// So many contacts in each period.
    ContactQuota = "contact_quota",
    /// A complaint, a repair or the like must be followed up.
    FollowUp = "follow_up_sla",
    /// What was promised or left open must be brought to an end.
    OpenItem = "open_item",
    /// Somebody must agree before something is done.
    ApprovalBefore = "approval_before",
    /// Somebody must be told before something happens.
    AdvanceNotice = "advance_notice",
    /// Something must lie inside certain hours.
    TimeWindow = "time_window",
    /// What was done must be what was planned.
    PlanAndActual = "plan_vs_actual",
    /// Somebody must read, compare, sign or check.
    Review = "review_signoff",
    /// A record must carry certain evidence.
    Evidence = "evidence_required",
    /// Findings turn into points.
    Scoring = "scoring",
    /// Figures turn into a grade.
    Grading = "grading",
    /// Steps must come in a certain order.
    Stages = "stage_sequence",
    /// A number has a bound.
    Limit = "numeric_limit",
    /// Who may see something, and where it is kept.
    Access = "access_archive",
}

impl RuleKind {
    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl Rule {
    /// The demands that the engine looks at; none of a rule that is not active.
    pub fn parts(&self) -> &[Part] {
        match &self.state {
            RuleState::Active(parts) => parts,
            _ => &[],
        }
    }
}
