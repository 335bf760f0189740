//! Limits of a log's messages: checked before any work is done on what they bound.

/// The largest change an entry may hold, in bytes.
pub const CHANGE_BYTES: usize = 128 * 1024;

/// The largest entry, in bytes: the largest change and what is written around it. An entry of another kind is
/// smaller; a submit of 64 heads is under 2.5 KiB.
pub const ENTRY_BYTES: usize = CHANGE_BYTES + 512;

/// How many anchors of a device stay open, the newest: an entry of an older one is refused.
pub const OPEN_ANCHORS: usize = 64;

/// How many entries one page of a commit may hold.
pub const PAGE_ENTRIES: usize = 4096;

/// How many bytes the entries of one page may have together.
pub const PAGE_BYTES: usize = 1024 * 1024;

/// The largest body of a commit: a full page, a length in front of each entry, the statement and its signature.
pub const COMMIT_BYTES: usize = PAGE_BYTES + 5 * PAGE_ENTRIES + 1024;
