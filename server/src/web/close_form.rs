//! The form that closes days as it comes back from the browser.

use serde::Deserialize;
use sync_core::rules::Period;

use crate::{
    engine::NOTE_CHARS,
    web::{
        Span,
        view::{CloseProblem, ReturnedClosing},
    },
};

/// What is chosen is shown again up to this many characters.
const CHOSEN_CHARS: usize = 20;

/// The fields of the form, as text: whatever the browser sent.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CloseForm {
    /// The session's form token.
    #[serde(default)]
    pub form_token: String,
    /// The days, as a link says them: `month=2026-10`.
    #[serde(default)]
    pub span: String,
    /// Why, in their words.
    #[serde(default)]
    pub note: String,
}

impl CloseForm {
    /// Reads the days and the note; the problem is what the page tells the reader beside it.
    pub fn read(&self) -> Result<(Period, &str), CloseProblem> {
        let span = Span::read(&self.span).ok_or(CloseProblem::SpanMissing)?;
        let note = self.note.trim();
        if note.chars().count() > NOTE_CHARS {
            return Err(CloseProblem::NoteTooLong);
        }
        Ok((span.period(), note))
    }

    /// The form as the page shows it again.
    pub fn returned(&self, problem: CloseProblem) -> ReturnedClosing {
        ReturnedClosing {
            problem,
            span: self.span.chars().take(CHOSEN_CHARS).collect(),
            note: self.note.chars().take(2 * NOTE_CHARS).collect(),
        }
    }
}
