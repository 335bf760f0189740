//! Crashes: the real program is killed, loses power, runs out of disk, is failed by its system and finds its files
//! damaged, and nothing it gave a receipt for is ever lost.

mod books;
mod damage;
mod failing;
mod full;
mod kills;
mod older;
mod power;

use rand::{SeedableRng as _, rngs::StdRng};
use server::clock::{Clock as _, SystemClock};

/// A number from the environment, or the one that a push is tested with.
fn setting(name: &str, default: u32) -> anyhow::Result<u32> {
    Ok(std::env::var(name).map_or(Ok(default), |text| text.parse())?)
}

/// Chance, from `CRASH_SEED` or a fresh seed, which is printed so that a failure can be looked at again.
fn chance(story: &str) -> anyhow::Result<StdRng> {
    let fresh = SystemClock::new().now().as_millis() as u64;
    let seed: u64 = std::env::var("CRASH_SEED").map_or(Ok(fresh), |text| text.parse())?;
    println!("CRASH_SEED={seed} cargo test -p tests --test crash {story}");
    Ok(StdRng::seed_from_u64(seed))
}
