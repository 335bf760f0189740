//! What the pages show, as plain structs for the engine to fill: names resolved, nothing rendered, nothing escaped.

mod closing;
mod device;
mod evidence;
mod obligation;
mod overview;
mod owed;
mod problem;
mod record;
mod sign_in;
mod state;
mod value;

pub use closing::{
    ChangeRow, ChangeSide, CloseOffer, CloseProblem, ClosingRow, ClosingView, ClosingsView, PointsRow,
    ReturnedClosing,
};
pub use device::{DeviceRow, DevicesView, RevokeView, Revoked};
pub use evidence::EvidenceView;
pub use obligation::{
    About, ExceptOffer, ExceptProblem, ExceptionRow, FactName, FactRow, ObligationRow, ObligationView,
    ObligationsView, OwerRow, Owers, QuotaOf, QuotaRow, ReturnedException, RuleRow, WaitingRule,
};
pub use overview::{OverviewView, RecordRow, RepRow};
pub use owed::{OwedCounts, OwedState};
pub use problem::ProblemView;
pub use record::{
    Amendment, DecideProblem, DecisionRow, FieldChange, FieldRow, Happening, HistoryRow, RecordView,
    RefusedRow, ReturnedForm, SubmitRow, VersionRow,
};
pub use sign_in::{FirstPasswordView, PasswordProblem, SignInProblem, SignInView};
pub use state::{Counts, State};
pub use value::Value;
