//! Which rulings fit which submits, and what becomes of those that do not.

use minicbor::{Decode, Encode};

use super::{Decision, Ruling, Standing};
use crate::rules::OnBreach;

/// A decision that changed nothing, kept so that everyone can see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredDecision {
    /// The decision.
    pub decision: Decision,
    /// Why it changed nothing.
    pub because: Ignored,
}

/// Why a decision changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// The record had no such submit when it was made.
    #[n(0)]
    UnknownSubmit,
    /// The submit needed no decision: it counted already, or was about to.
    #[n(1)]
    NothingToDecide,
    /// The ruling is for an amendment, and the submit is held; or the other way round.
    #[n(2)]
    WrongKind,
    /// The rule does not let a late record be accepted as late.
    #[n(3)]
    RuleRefusesLate,
}

/// Whether a ruling fits a submit, and if so where the submit stands afterwards.
pub(super) fn rule_on(
    standing: Standing,
    sealed: bool,
    ruling: Ruling,
    on_breach: OnBreach,
) -> Result<Standing, Ignored> {
    use Ruling::{AcceptLate, Approve, Excuse, Refuse, Reject};

    let is_amendment = match standing {
        Standing::Held | Standing::NeedsReview | Standing::NotEvaluable => false,
        Standing::Amendment => true,
        // A refusal can be taken back; by then the record may have been sealed without this submit.
        Standing::Refused | Standing::Rejected => sealed,
        Standing::Candidate | Standing::Official | Standing::Contained | Standing::Approved => {
            return Err(Ignored::NothingToDecide);
        }
    };
    match (is_amendment, ruling) {
        (false, AcceptLate) if on_breach == OnBreach::Refuse => Err(Ignored::RuleRefusesLate),
        (false, AcceptLate | Excuse) | (true, Approve) => Ok(Standing::Approved),
        (false, Refuse) => Ok(Standing::Refused),
        (true, Reject) => Ok(Standing::Rejected),
        (false, Approve | Reject) | (true, AcceptLate | Excuse | Refuse) => Err(Ignored::WrongKind),
    }
}
