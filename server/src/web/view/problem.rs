//! The page for a request that got no other page.

/// Why there is no other page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemView {
    /// There is nothing here, or nothing this reader may see.
    NotFound,
    /// The reader may see it but not do it.
    NotAllowed,
    /// The form is too old, or was not ours.
    FormExpired,
    /// The server is busy; try again.
    Busy,
    /// The server failed.
    Failed,
}
