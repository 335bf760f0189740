//! Back-off: how long to wait after a failure, so that ten thousand phones do not come back together.

use std::time::Duration;

const LONGEST_S: u64 = 300;
/// What a server may ask for at most.
const LONGEST_ASKED_S: u64 = 3_600;

/// Draws the wait after the given number of failures in a row: anything up to 2^failures seconds, at most five
/// minutes (full jitter), on top of what the server asked for.
pub(crate) fn wait(failures: u32, asked: Option<Duration>, random: [u8; 8]) -> Duration {
    let longest_ms = 1_u64.checked_shl(failures).unwrap_or(LONGEST_S).min(LONGEST_S) * 1_000;
    let drawn = Duration::from_millis(u64::from_be_bytes(random) % (longest_ms + 1));
    asked.unwrap_or_default().min(Duration::from_secs(LONGEST_ASKED_S)) + drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_anything_up_to_a_bound_that_doubles_until_five_minutes() {
        for (failures, bound) in [(1, 2), (3, 8), (9, 300), (63, 300), (64, 300), (u32::MAX, 300)] {
            assert_eq!(wait(failures, None, [0; 8]), Duration::ZERO);
            for draw in 0..200_u64 {
                let random = (draw.wrapping_mul(0x9E37_79B9_7F4A_7C15)).to_be_bytes();
                assert!(wait(failures, None, random) <= Duration::from_secs(bound));
            }
        }
    }

    #[test]
    fn a_server_can_ask_for_more_but_not_for_ever() {
        assert_eq!(wait(1, Some(Duration::from_secs(90)), [0; 8]), Duration::from_secs(90));
        assert_eq!(wait(1, Some(Duration::from_secs(u64::MAX)), [0; 8]), Duration::from_secs(3_600));
    }

    #[test]
    fn phones_that_were_asked_to_wait_the_same_time_do_not_come_back_together() {
        let asked = Some(Duration::from_secs(90));
        let random = |draw: u64| draw.to_be_bytes();
        assert_eq!(wait(3, asked, random(0)), Duration::from_secs(90));
        assert_eq!(wait(3, asked, random(5_000)), Duration::from_secs(95));
    }
}
