//! The stable names of what pages say in words: message ids, class names and form values are built from them.

use sync_core::{
    record::{Cause, Ruling, Standing},
    rules::{Basis, Every, Modality, Outcome, PassedOver},
};

use crate::{
    engine,
    web::view::{
        CloseProblem, DecideProblem, ExceptProblem, Happening, PasswordProblem, ProblemView, SignInProblem,
    },
};

const RULINGS: [Ruling; 5] =
    [Ruling::AcceptLate, Ruling::Excuse, Ruling::Refuse, Ruling::Approve, Ruling::Reject];

pub(crate) const fn ruling_name(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::AcceptLate => "accept_late",
        Ruling::Excuse => "excuse",
        Ruling::Refuse => "refuse",
        Ruling::Approve => "approve",
        Ruling::Reject => "reject",
    }
}

pub(crate) fn ruling_of_name(name: &str) -> Option<Ruling> {
    RULINGS.into_iter().find(|ruling| ruling_name(*ruling) == name)
}

/// What can be ruled about a submit that stands so.
pub(crate) fn rulings(standing: Standing) -> impl Iterator<Item = Ruling> {
    RULINGS.into_iter().filter(move |ruling| engine::fits(standing, *ruling))
}

pub(crate) const fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Proven => "proven",
        Basis::Measured => "measured",
        Basis::Claimed => "claimed",
        Basis::Receipt => "receipt",
        Basis::None => "none",
    }
}

pub(crate) const fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::OnTime => "on_time",
        Outcome::Late => "late",
        Outcome::NeedsReview => "needs_review",
        Outcome::Open => "open",
        Outcome::NotEvaluable { .. } => "not_evaluable",
    }
}

pub(crate) const fn modality_name(modality: Modality) -> &'static str {
    match modality {
        Modality::Must => "must",
        Modality::Shall => "shall",
        Modality::InPrinciple => "in_principle",
        Modality::Normally => "normally",
        Modality::May => "may",
    }
}

pub(crate) const fn passed_over_name(why: PassedOver) -> &'static str {
    match why {
        PassedOver::Other => "other",
        PassedOver::TooEarly => "too_early",
        PassedOver::TooLate => "too_late",
        PassedOver::TimeUnknown => "time_unknown",
        PassedOver::ByAnother => "by_another",
        PassedOver::Exempt => "exempt",
        PassedOver::Repeated(_) => "repeated",
        PassedOver::Refused => "refused",
        PassedOver::Incomplete => "incomplete",
    }
}

pub(crate) const fn every_name(every: &Every) -> &'static str {
    match every {
        Every::Day => "day",
        Every::Week => "week",
        Every::Fortnight => "fortnight",
        Every::Month => "month",
        Every::Quarter => "quarter",
        Every::HalfYear => "half_year",
        Every::Year => "year",
        Every::Festivals(_) => "festival",
        Every::Yearly { .. } => "yearly",
    }
}

pub(crate) const fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::InTime => "deadline",
        Cause::ArrivedLate => "arrived_late",
        Cause::Finding => "finding",
        Cause::Decision { ruling: Ruling::AcceptLate, .. } => "accepted_late",
        Cause::Decision { ruling: Ruling::Excuse, .. } => "excused",
        Cause::Decision { ruling: Ruling::Approve, .. } => "approved",
        Cause::Decision { ruling: Ruling::Refuse | Ruling::Reject, .. } => "decided",
    }
}

pub(crate) const fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Candidate => "candidate",
        Standing::Official => "official",
        Standing::Held => "held",
        Standing::NeedsReview => "needs_review",
        Standing::Amendment => "amendment",
        Standing::Contained => "contained",
        Standing::Approved => "approved",
        Standing::Rejected => "rejected",
        Standing::Refused => "refused",
        Standing::NotEvaluable => "not_evaluable",
    }
}

pub(crate) const fn happening_name(what: &Happening) -> &'static str {
    match what {
        Happening::CheckedIn => "checked_in",
        Happening::CheckedOut => "checked_out",
        Happening::Wrote { .. } => "wrote",
        Happening::Submitted => "submitted",
        Happening::Sealed { .. } => "sealed",
        Happening::Decided { .. } => "decided",
    }
}

pub(crate) const fn decide_problem_name(problem: DecideProblem) -> &'static str {
    match problem {
        DecideProblem::RulingMissing => "ruling_missing",
        DecideProblem::ReasonMissing => "reason_missing",
        DecideProblem::NoteMissing => "note_missing",
        DecideProblem::NoteTooLong => "note_too_long",
        DecideProblem::Moved => "moved",
    }
}

pub(crate) const fn close_problem_name(problem: CloseProblem) -> &'static str {
    match problem {
        CloseProblem::SpanMissing => "span_missing",
        CloseProblem::NoteTooLong => "note_too_long",
        CloseProblem::Unfit => "unfit",
    }
}

/// Nothing follows from missing it.
pub(crate) const LET_OFF: &str = "let_off";
/// A quota asks for another number.
pub(crate) const REQUIRED: &str = "required";
/// What was ruled before holds no more.
pub(crate) const WITHDRAWN: &str = "withdrawn";
/// What can be ruled about an obligation.
pub(crate) const EXCEPTED: [&str; 3] = [LET_OFF, REQUIRED, WITHDRAWN];

pub(crate) const fn except_problem_name(problem: ExceptProblem) -> &'static str {
    match problem {
        ExceptProblem::RulingMissing => "ruling_missing",
        ExceptProblem::NumberMissing => "number_missing",
        ExceptProblem::DayWrong => "day_wrong",
        ExceptProblem::ReasonMissing => "reason_missing",
        ExceptProblem::NoteMissing => "note_missing",
        ExceptProblem::NoteTooLong => "note_too_long",
        ExceptProblem::Unfit => "unfit",
    }
}

pub(crate) const fn sign_in_problem_name(problem: SignInProblem) -> &'static str {
    match problem {
        SignInProblem::Wrong => "wrong",
        SignInProblem::TooMany => "too_many",
        SignInProblem::Ended => "ended",
        SignInProblem::NotForPages => "not_for_pages",
    }
}

/// The problems that a redirect to the sign-in form may name.
pub(crate) fn sign_in_problem_of_name(name: &str) -> Option<SignInProblem> {
    [SignInProblem::Ended, SignInProblem::NotForPages]
        .into_iter()
        .find(|problem| sign_in_problem_name(*problem) == name)
}

pub(crate) const fn password_problem_name(problem: PasswordProblem) -> &'static str {
    match problem {
        PasswordProblem::CodeWrong => "code_wrong",
        PasswordProblem::TooMany => "too_many",
        PasswordProblem::OneTime => "one_time",
        PasswordProblem::TooShort => "too_short",
        PasswordProblem::TooLong => "too_long",
        PasswordProblem::Common => "common",
        PasswordProblem::Different => "different",
    }
}

pub(crate) const fn problem_name(problem: ProblemView) -> &'static str {
    match problem {
        ProblemView::NotFound => "not_found",
        ProblemView::NotAllowed => "not_allowed",
        ProblemView::FormExpired => "form_expired",
        ProblemView::Busy => "busy",
        ProblemView::Failed => "failed",
    }
}
