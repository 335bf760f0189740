//! What an import found: the good rows, the bad ones and what was not used.

/// Most characters of a bad value that are repeated in the report.
const VALUE_CHARS: usize = 80;

/// A file's rows, each either a draft or reported, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import<T> {
    /// The rows that may be loaded, with their row numbers, in the file's order.
    pub good: Vec<(u32, T)>,
    /// What is wrong with the others, by row; a row may occur more than once.
    pub bad: Vec<BadRow>,
    /// Columns of the file that fill no field.
    pub unmapped: Vec<String>,
    /// Fields that the file fills; what it says nothing about stays as it is.
    pub filled: Vec<&'static str>,
}

/// One thing that is wrong in one row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}, {column}: {problem}{}", if value.is_empty() { String::new() } else { format!(": {value:?}") })]
pub struct BadRow {
    /// The sheet row, or the line of a text file at which the row begins, counted from 1.
    pub row: u32,
    /// The column that fills the field; the field's name if it is made of several; empty for the row as a whole.
    pub column: String,
    /// What is wrong.
    pub problem: Problem,
    /// The text in question, cut to 80 characters.
    pub value: String,
}

/// What can be wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A field that every row needs is empty.
    #[error("must not be empty")]
    Missing,
    /// The text is longer than the field.
    #[error("longer than {max_chars} characters")]
    TooLong {
        /// The most it may have.
        max_chars: usize,
    },
    /// The text holds control characters or marks that turn its direction.
    #[error("contains a character that cannot be shown")]
    HiddenCharacter,
    /// A login with blanks in it.
    #[error("a login must not contain blanks")]
    BlankInLogin,
    /// Other rows of the file say the same.
    #[error("also in row {other_row}")]
    Duplicate {
        /// One of them.
        other_row: u32,
    },
    /// The title is not known to mean a post.
    #[error(
        "not known as a post: map it under [posts], or write the word of the rules, such as ka_specialist"
    )]
    UnknownPost,
    /// The text cannot be a tag.
    #[error("a tag must be a word of letters, digits and _, at most 64 characters")]
    NotATag,
    /// There are more posts or tags than one may have.
    #[error("more than {max} values")]
    TooManyWords {
        /// The most there may be.
        max: usize,
    },
    /// The title is not known to mean a role.
    #[error("this title has no role: map it, as in Title=rep")]
    UnknownRole,
    /// Nobody has this login, key or name.
    #[error("nobody has this login, key or name")]
    UnknownPerson,
    /// Several people have this name.
    #[error("several people fit: use the login")]
    AmbiguousPerson,
    /// Following who reports to whom comes back to this row.
    #[error("the reporting line comes back to this person")]
    ReportsInCircle,
    /// Somebody further up in the reporting line is in a bad row.
    #[error("the reporting line leads to a row that is bad")]
    LeadsToBadRow,
    /// There is text to the right of the last column.
    #[error("there is text to the right of the last column")]
    ExtraCells,
}

/// What to do with a file that has bad rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRows {
    /// Load nothing of it.
    #[default]
    Refuse,
    /// Load the good rows.
    Skip,
}

/// Nothing of a file is loaded, because of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing was loaded: {} problems, the first is in {}", bad.len(), bad.first().map_or(String::new(), ToString::to_string))]
pub struct Refused {
    /// What is wrong, by row.
    pub bad: Vec<BadRow>,
}

impl<T> Import<T> {
    /// Gives the rows to load: all of them, or the good ones if bad ones may be skipped.
    pub fn accept(self, bad_rows: BadRows) -> Result<Vec<(u32, T)>, Refused> {
        match bad_rows {
            BadRows::Refuse if !self.bad.is_empty() => Err(Refused { bad: self.bad }),
            BadRows::Refuse | BadRows::Skip => Ok(self.good),
        }
    }
}

impl BadRow {
    /// Reports a row, cutting the value.
    pub(super) fn new(row: u32, column: &str, problem: Problem, value: &str) -> Self {
        Self { row, column: column.to_owned(), problem, value: value.chars().take(VALUE_CHARS).collect() }
    }
}
