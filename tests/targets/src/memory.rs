//! Memory: counts what a piece of work allocates.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Does some work and checks that at no time it holds more than so many MiB.
///
/// Counts the whole process: nothing else may be at work.
pub fn within_mib<T>(limit: usize, work: impl FnOnce() -> T) -> T {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let result = work();
    let held = ALLOCATOR.peak_usage().saturating_sub(before);
    assert!(held <= limit << 20, "held {held} bytes, more than {limit} MiB");
    result
}
