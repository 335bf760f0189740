//! The form of an exception as it comes back from the browser.

use serde::Deserialize;
use sync_core::{
    hash::Hash,
    rules::{Excepted, Reason},
};

use crate::{
    engine::{Excepting, NOTE_CHARS, REQUIRED_MAX},
    web::{
        label,
        view::{ExceptProblem, ReturnedException},
    },
};

/// What is typed into the small fields is shown again up to this many characters.
const TYPED_CHARS: usize = 20;

/// The fields of the form, as text: whatever the browser sent.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ExceptionForm {
    /// The session's form token.
    #[serde(default)]
    pub form_token: String,
    /// Name of what is ruled.
    #[serde(default)]
    pub ruled: String,
    /// How many are asked for instead.
    #[serde(default)]
    pub required: String,
    /// The last day on which a period may begin, as `2026-11-30`; empty for this period alone.
    #[serde(default)]
    pub until: String,
    /// Name of the reason.
    #[serde(default)]
    pub reason: String,
    /// In their words.
    #[serde(default)]
    pub note: String,
}

impl ExceptionForm {
    /// Reads the form about an obligation; the problem is what the page tells the reader beside it.
    pub fn read(&self, obligation: Hash) -> Result<Excepting, ExceptProblem> {
        let ruled = match self.ruled.as_str() {
            label::LET_OFF => Excepted::LetOff,
            label::WITHDRAWN => Excepted::Withdrawn,
            label::REQUIRED => {
                let number = self.required.trim().parse().ok();
                let number = number.filter(|number| (1..=REQUIRED_MAX).contains(number));
                Excepted::Required(number.ok_or(ExceptProblem::NumberMissing)?)
            }
            _ => return Err(ExceptProblem::RulingMissing),
        };
        let until = match self.until.trim() {
            "" => None,
            day => Some(day.parse().map_err(|_| ExceptProblem::DayWrong)?),
        };
        let reason = Reason::named(&self.reason).ok_or(ExceptProblem::ReasonMissing)?;
        let note = self.note.trim();
        if note.chars().count() > NOTE_CHARS {
            return Err(ExceptProblem::NoteTooLong);
        }
        if reason == Reason::Other && note.is_empty() {
            return Err(ExceptProblem::NoteMissing);
        }
        Ok(Excepting { obligation, ruled, from: None, until, reason, note: note.to_owned() })
    }

    /// The form as the page shows it again.
    pub fn returned(&self, problem: ExceptProblem) -> ReturnedException {
        let beginning = |text: &str, chars| text.chars().take(chars).collect::<String>();
        ReturnedException {
            problem,
            ruled: beginning(&self.ruled, TYPED_CHARS),
            required: beginning(&self.required, TYPED_CHARS),
            until: beginning(&self.until, TYPED_CHARS),
            reason: beginning(&self.reason, TYPED_CHARS),
            note: beginning(&self.note, 2 * NOTE_CHARS),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(
        ruled: &str,
        required: &str,
        until: &str,
    ) -> Result<(Excepted, Option<jiff::civil::Date>), ExceptProblem> {
        let form = ExceptionForm {
            ruled: ruled.to_owned(),
            required: required.to_owned(),
            until: until.to_owned(),
            reason: "illness".to_owned(),
            ..ExceptionForm::default()
        };
        form.read(Hash::ZERO).map(|excepting| (excepting.ruled, excepting.until))
    }

    #[test]
    fn only_another_number_needs_one() {
        assert_eq!(read("let_off", "x", ""), Ok((Excepted::LetOff, None)));
        assert_eq!(read("withdrawn", "", ""), Ok((Excepted::Withdrawn, None)));
        assert_eq!(read("required", " 2 ", ""), Ok((Excepted::Required(2), None)));
        for number in ["", "0", "-1", "1.5", "1000001", "zwei"] {
            assert_eq!(read("required", number, ""), Err(ExceptProblem::NumberMissing), "{number}");
        }
        assert_eq!(read("", "2", ""), Err(ExceptProblem::RulingMissing));
    }

    #[test]
    fn a_last_day_is_a_day_of_the_calendar() {
        assert_eq!(read("let_off", "", "2026-12-31"), Ok((Excepted::LetOff, Some(date(2026, 12, 31)))));
        for day in ["2026-02-30", "31.12.2026", "soon"] {
            assert_eq!(read("let_off", "", day), Err(ExceptProblem::DayWrong), "{day}");
        }
    }
}
