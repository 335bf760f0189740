//! The decision form as it comes back from the browser.

use serde::Deserialize;
use sync_core::{id::DocumentId, rules::Reason};

use crate::{
    engine::{NOTE_CHARS, Ruled},
    web::{
        label,
        view::{DecideProblem, ReturnedForm},
    },
};

/// The fields of the decision form, as text: whatever the browser sent.
#[derive(Debug, Clone, Deserialize)]
pub struct DecisionForm {
    /// The session's form token.
    #[serde(default)]
    pub form_token: String,
    /// Hash of the submit entry.
    #[serde(default)]
    pub submit: String,
    /// Name of the ruling.
    #[serde(default)]
    pub ruling: String,
    /// Name of the reason.
    #[serde(default)]
    pub reason: String,
    /// The supervisor's words.
    #[serde(default)]
    pub note: String,
}

impl DecisionForm {
    /// Reads the form about a record; the problem is what the page tells the reader beside it.
    pub fn read(&self, document: DocumentId) -> Result<Ruled, DecideProblem> {
        let submit = self.submit.parse().map_err(|_| DecideProblem::Moved)?;
        let ruling = label::ruling_of_name(&self.ruling).ok_or(DecideProblem::RulingMissing)?;
        let reason = Reason::named(&self.reason).ok_or(DecideProblem::ReasonMissing)?;
        let note = self.note.trim();
        if note.chars().count() > NOTE_CHARS {
            return Err(DecideProblem::NoteTooLong);
        }
        if reason == Reason::Other && note.is_empty() {
            return Err(DecideProblem::NoteMissing);
        }
        Ok(Ruled { document, submit, ruling, reason, note: note.to_owned() })
    }

    /// The form as the page shows it again; `None` when it names no submit at all.
    pub fn returned(&self, problem: DecideProblem) -> Option<ReturnedForm> {
        Some(ReturnedForm {
            submit: self.submit.parse().ok()?,
            problem,
            ruling: self.ruling.clone(),
            reason: self.reason.clone(),
            note: self.note.chars().take(2 * NOTE_CHARS).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use sync_core::{hash::Hash, record::Ruling};

    use super::*;

    const RECORD: DocumentId = DocumentId::from_bytes([1; 16]);

    fn form(ruling: &str, reason: &str, note: &str) -> DecisionForm {
        DecisionForm {
            form_token: String::new(),
            submit: Hash::ZERO.to_string(),
            ruling: ruling.to_owned(),
            reason: reason.to_owned(),
            note: note.to_owned(),
        }
    }

    #[test]
    fn a_decision_without_a_reason_code_is_sent_back() {
        assert_eq!(form("excuse", "", "").read(RECORD), Err(DecideProblem::ReasonMissing));
        assert_eq!(form("", "illness", "").read(RECORD), Err(DecideProblem::RulingMissing));
    }

    #[test]
    fn the_reason_other_needs_words() {
        assert_eq!(form("refuse", "other", "  ").read(RECORD), Err(DecideProblem::NoteMissing));
        assert_eq!(
            form("refuse", "other", "已电话核实").read(RECORD).map(|ruled| (ruled.ruling, ruled.reason)),
            Ok((Ruling::Refuse, Reason::Other))
        );
    }
}
