//! Limits: how large a change and a document may get.

/// Bounds on what is admitted; the defaults are several times what an honest app reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one change.
    pub change_bytes: usize,
    /// Operations of one change, and rows of each of its columns; one character typed is one operation.
    pub operations: u64,
    /// Dependencies of one change.
    pub dependencies: u64,
    /// Other actors that one change refers to.
    pub other_actors: u64,
    /// Changes of one document.
    pub document_changes: usize,
    /// Bytes of one saved document.
    pub saved_bytes: usize,
    /// How many times over its limit free text may get when several writers are merged.
    pub merged_text_factor: usize,
    /// Dry runs that judging the changes given together may take; what is still unjudged then is refused.
    pub dry_runs: usize,
}

impl Limits {
    /// Bytes of one change: 128 KiB.
    pub const CHANGE_BYTES: usize = 128 * 1024;
    /// Operations of one change: 20,000, enough to paste every text field of a visit full.
    pub const OPERATIONS: u64 = 20_000;
    /// Dependencies of one change: 64, as many as [`Heads`](crate::document::Heads) may have.
    pub const DEPENDENCIES: u64 = 64;
    /// Other actors that one change refers to: 64.
    pub const OTHER_ACTORS: u64 = 64;
    /// Changes of one document: 10,000.
    pub const DOCUMENT_CHANGES: usize = 10_000;
    /// Bytes of one saved document: 1 MiB.
    pub const SAVED_BYTES: usize = 1024 * 1024;
    /// How many times over its limit merged free text may get: 4.
    pub const MERGED_TEXT_FACTOR: usize = 4;
    /// Dry runs that judging the changes given together may take: 64.
    ///
    /// Honest changes take one. Finding a culprit among 4,096 by halving takes at most 26, so everything before the
    /// first culprit is always judged.
    pub const DRY_RUNS: usize = 64;

    /// These limits for one more document of a page, of whose spare dry runs so many are left.
    ///
    /// Each document has the one that honest changes take, whatever was spent on those before it; the search for
    /// culprits shares [`DRY_RUNS`](Self::DRY_RUNS) in all.
    pub fn of_page(self, spare: usize) -> Self {
        Self { dry_runs: 1 + spare.min(self.dry_runs.saturating_sub(1)), ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            change_bytes: Self::CHANGE_BYTES,
            operations: Self::OPERATIONS,
            dependencies: Self::DEPENDENCIES,
            other_actors: Self::OTHER_ACTORS,
            document_changes: Self::DOCUMENT_CHANGES,
            saved_bytes: Self::SAVED_BYTES,
            merged_text_factor: Self::MERGED_TEXT_FACTOR,
            dry_runs: Self::DRY_RUNS,
        }
    }
}
