//! What is wrong with a pack, and where.

use std::{fmt, ops::Range};

/// A pack cannot be used; says where and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackError {
    /// The line, from 1; 0 when it is about the whole text.
    pub line: usize,
    /// The column in characters, from 1; 0 when it is about the whole text.
    pub column: usize,
    /// What is wrong, as a sentence.
    pub message: String,
}

impl PackError {
    /// An error at the start of a span of bytes.
    pub(super) fn at(text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }

    /// An error about the whole text.
    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self { line: 0, column: 0, message: message.into() }
    }

    /// What the TOML reader found, at `around` if it does not say where.
    pub(super) fn from_toml(text: &str, error: &toml::de::Error, around: Range<usize>) -> Self {
        Self::at(text, error.span().unwrap_or(around), error.message().trim())
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            f.write_str(&self.message)
        } else {
            write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
        }
    }
}

impl std::error::Error for PackError {}
