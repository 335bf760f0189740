//! The page size: how much of the log one commit carries, by what the network took before.

use std::sync::atomic::{AtomicUsize, Ordering};

use sync_core::log::limits;

use crate::{error::Error, sync::problem::Stop};

/// A week of a rep's work in one page.
const FIRST_BYTES: usize = 512 * 1024;
const FEWEST_BYTES: usize = 16 * 1024;

/// How many bytes of entries the next page may have: doubled by each page that arrives, halved by each that does not.
///
/// A page on a bad line has to arrive whole before the next one begins, so a large one may never arrive.
#[derive(Debug)]
pub(crate) struct PageSize(AtomicUsize);

impl Default for PageSize {
    fn default() -> Self {
        Self(AtomicUsize::new(FIRST_BYTES))
    }
}

impl PageSize {
    pub(crate) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes that a page arrived.
    pub(crate) fn arrived(&self) {
        self.0.store((self.bytes() * 2).min(limits::PAGE_BYTES), Ordering::Relaxed);
    }

    /// Notes why a page got no receipt, and gives what to do about it: a page that is too large for somebody between
    /// phone and server is sent again as a smaller one.
    pub(crate) fn failed(&self, stop: Stop) -> Stop {
        let is_too_large = matches!(&stop, Stop::Error(Error::ServerRefused { status: 413, .. }));
        // A server that says when to come again has read the request: the line is not to blame.
        if !is_too_large && !matches!(stop, Stop::Offline(_) | Stop::Busy(None)) {
            return stop;
        }
        let bytes = self.bytes();
        self.0.store((bytes / 2).max(FEWEST_BYTES), Ordering::Relaxed);
        if is_too_large && bytes > FEWEST_BYTES { Stop::Again } else { stop }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_halves_on_a_bad_line_and_doubles_on_a_good_one_within_its_bounds() {
        let size = PageSize::default();
        for bytes in [256, 128, 64, 32, 16, 16] {
            size.failed(Stop::Offline(String::new()));
            assert_eq!(size.bytes(), bytes * 1024);
        }
        for bytes in [32, 64, 128, 256, 512, 1024, 1024] {
            size.arrived();
            assert_eq!(size.bytes(), bytes * 1024);
        }
    }

    #[test]
    fn a_server_that_asks_to_come_later_does_not_make_pages_smaller() {
        let size = PageSize::default();
        size.failed(Stop::Busy(Some(std::time::Duration::from_secs(2))));
        assert_eq!(size.bytes(), FIRST_BYTES);
    }

    #[test]
    fn a_page_that_is_too_large_is_sent_again_smaller_until_it_cannot_shrink() {
        let size = PageSize::default();
        let refused = || {
            Stop::Error(Error::ServerRefused {
                status: 413,
                code: "over_limit".into(),
                detail: String::new(),
            })
        };
        for _ in 0..5 {
            assert!(matches!(size.failed(refused()), Stop::Again));
        }
        assert!(matches!(size.failed(refused()), Stop::Error(Error::ServerRefused { status: 413, .. })));
    }
}
