//! Documents and admission from the outside: honest phones merge, hostile ones get nowhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "merging/documents.rs"]
mod documents;
#[path = "merging/honest.rs"]
mod honest;
#[path = "merging/hostile.rs"]
mod hostile;
#[path = "merging/kinds.rs"]
mod kinds;
#[path = "merging/mutants.rs"]
mod mutants;
#[path = "merging/support.rs"]
mod support;
