//! The page of one record.

use askama::Template;
use sync_core::{
    admission::RefusalCode,
    record::{Cause, Ruling, Standing},
    rules::{Outcome, Reason},
};

use crate::web::{
    Html, Page,
    change_marks::{Marked, mark},
    label, path,
    timeline::{self, Marks},
    view::{
        Amendment, DecideProblem, FieldChange, HistoryRow, RecordView, ReturnedForm, State, SubmitRow, Value,
    },
};

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage<'a> {
    p: &'a Page,
    view: &'a RecordView,
}

/// Renders a record.
pub fn render_record(page: &Page, view: &RecordView) -> askama::Result<Html> {
    RecordPage { p: page, view }.render().map(axum::response::Html)
}

impl RecordPage<'_> {
    fn waiting(&self) -> impl Iterator<Item = &SubmitRow> {
        self.view.submits.iter().filter(|submit| submit.standing.waits())
    }

    fn settled(&self) -> impl Iterator<Item = &SubmitRow> {
        self.view.submits.iter().filter(|submit| !submit.standing.waits())
    }

    fn line(&self, submit: &SubmitRow) -> askama::Result<String> {
        let (ended, deadline) = (self.view.ended, submit.evidence.deadline);
        timeline::large(self.p, Marks { ended, deadline, evidence: Some(&submit.evidence) })
    }

    fn open_line(&self) -> askama::Result<String> {
        timeline::large(
            self.p,
            Marks { ended: self.view.ended, deadline: self.view.deadline, evidence: None },
        )
    }

    fn amendment(&self, submit: &SubmitRow) -> Option<&Amendment> {
        self.view.amendments.iter().find(|amendment| amendment.submit == submit.submit)
    }

    fn returned(&self, submit: &SubmitRow) -> Option<&ReturnedForm> {
        self.view.returned.as_ref().filter(|form| form.submit == submit.submit)
    }

    /// A form that came back about a submit that waits no more.
    fn astray(&self) -> Option<&ReturnedForm> {
        let waits = |form: &&ReturnedForm| self.waiting().any(|submit| submit.submit == form.submit);
        self.view.returned.as_ref().filter(|form| !waits(form))
    }

    fn refusal(&self, code: &RefusalCode) -> String {
        self.p.refusal(code)
    }

    /// What is missing before the rule can be evaluated, in words.
    fn missing(&self, submit: &SubmitRow) -> Option<String> {
        match &submit.evidence.outcome {
            Outcome::NotEvaluable { missing } => Some(self.p.named("submit-missing", &self.fields(missing))),
            _ => None,
        }
    }

    fn is_ruling(&self, submit: &SubmitRow, name: &str) -> bool {
        self.returned(submit).is_some_and(|form| form.ruling == name)
    }

    fn is_reason(&self, submit: &SubmitRow, name: &str) -> bool {
        self.returned(submit).is_some_and(|form| form.reason == name)
    }

    fn problem_word(&self, problem: &DecideProblem) -> String {
        self.p.t(&format!("decide-problem-{}", label::decide_problem_name(*problem)))
    }

    fn decisions_path(&self) -> String {
        path::decisions(&self.view.record)
    }

    fn version_path(&self, number: &u32) -> String {
        format!("{}?version={number}#fields", path::record(&self.view.record))
    }

    fn rulings(&self, standing: &Standing) -> Vec<(&'static str, String, String)> {
        let words = |name: &'static str| {
            (name, self.p.t(&format!("ruling-{name}")), self.p.t(&format!("ruling-{name}-means")))
        };
        label::rulings(*standing).map(|ruling| words(label::ruling_name(ruling))).collect()
    }

    fn reasons(&self) -> Vec<(&'static str, String)> {
        Reason::ALL.into_iter().map(|reason| (reason.name(), self.reason(&reason))).collect()
    }

    fn ruling(&self, ruling: &Ruling) -> String {
        self.p.t(&format!("ruling-{}", label::ruling_name(*ruling)))
    }

    fn reason(&self, reason: &Reason) -> String {
        self.p.t(&format!("reason-{}", reason.name()))
    }

    /// The state whose colour and shape an outcome borrows.
    fn outcome_look(&self, submit: &SubmitRow) -> &'static str {
        match submit.evidence.outcome {
            Outcome::OnTime => State::OnTime.name(),
            Outcome::Late => State::HeldLate.name(),
            Outcome::NeedsReview => State::NeedsReview.name(),
            Outcome::Open | Outcome::NotEvaluable { .. } => State::Draft.name(),
        }
    }

    fn verdict(&self, submit: &SubmitRow) -> String {
        let outcome = self.p.t(&format!("outcome-{}", label::outcome_name(&submit.evidence.outcome)));
        let basis = self.p.t(&format!("basis-{}", label::basis_name(submit.evidence.basis)));
        format!("{outcome} · {basis}")
    }

    fn reason_given(&self, reason: &Reason) -> String {
        self.p.named("submit-reason", &self.reason(reason))
    }

    fn standing_name(&self, standing: &Standing) -> &'static str {
        label::standing_name(*standing)
    }

    fn standing(&self, standing: &Standing) -> String {
        self.p.t(&format!("standing-{}", label::standing_name(*standing)))
    }

    fn cause(&self, cause: &Cause) -> String {
        self.p.t(&format!("cause-{}", label::cause_name(*cause)))
    }

    fn happening(&self, row: &HistoryRow) -> String {
        self.p.t(&format!("happening-{}", label::happening_name(&row.what)))
    }

    fn fields(&self, fields: &[String]) -> String {
        let words: Vec<String> = fields.iter().map(|field| self.p.coded("field", field)).collect();
        words.join(&self.p.t("list-comma"))
    }

    fn value(&self, value: &Value) -> String {
        self.p.value(value)
    }

    /// Both sides of a difference; texts are marked inside, other values as a whole.
    fn sides(&self, change: &FieldChange) -> (Marked, Marked) {
        let shown = |value: &Option<Value>| value.as_ref().map(|value| self.value(value)).unwrap_or_default();
        let (before, after) = (shown(&change.before), shown(&change.after));
        if let (Some(Value::Text(before)), Some(Value::Text(after))) = (&change.before, &change.after) {
            return mark(before, after);
        }
        let whole = |middle| Marked { middle, ..Marked::default() };
        (whole(before), whole(after))
    }
}
