//! Gate 6: the merged document can be read, saved and loaded again, and is then still the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Limits, Refusal, RefusalCode, column::over_limit};
use crate::document::{Document, FieldKind, FieldValue, Values};

/// A document that came through.
pub(super) struct Proven {
    /// The document as it was loaded again.
    pub(super) document: Document,
    pub(super) saved: Vec<u8>,
    pub(super) values: Values,
}

#[cfg(test)]
thread_local! {
    /// How many dry runs this thread has made.
    pub(super) static DRY_RUNS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Loading encodes every change again and compares the hashes, so this is also where a change in another than its
/// canonical form is found out.
pub(super) fn dry_run(merged: &Document, limits: &Limits) -> Result<Proven, Refusal> {
    #[cfg(test)]
    DRY_RUNS.set(DRY_RUNS.get() + 1);
    catch_unwind(AssertUnwindSafe(|| {
        let values = merged.values();
        check_lengths(merged, &values, limits)?;
        let saved = merged.save();
        if saved.len() > limits.saved_bytes {
            let found = saved.len() as u64;
            return Err(over_limit("bytes of the saved document", found, limits.saved_bytes as u64));
        }
        let document = Document::load(merged.id(), &saved).map_err(|error| failed(error.to_string()))?;
        if document.heads() != merged.heads() {
            return Err(failed("loaded again, it has other heads"));
        }
        if document.values() != values {
            return Err(failed("loaded again, it has other values"));
        }
        Ok(Proven { document, saved, values })
    }))
    .map_err(|_| failed("reading, saving or loading it panicked"))?
}

fn failed(detail: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::DryRunFailed, detail)
}

/// Each writer keeps to the limit of a text, several may together go over it, but not without end.
fn check_lengths(merged: &Document, values: &Values, limits: &Limits) -> Result<(), Refusal> {
    for field in merged.kind().schema().texts() {
        let FieldKind::Text { max_chars } = field.kind else { continue };
        let Some(FieldValue::Text(text)) = values.get(field.name) else { continue };
        let chars = text.chars().count();
        let limit = max_chars.saturating_mul(limits.merged_text_factor);
        if chars > limit {
            let what = format!("characters of field {}", field.name);
            return Err(over_limit(&what, chars as u64, limit as u64));
        }
    }
    Ok(())
}
