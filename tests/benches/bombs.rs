//! What the three known bombs cost at admission: time and memory. `cargo bench -p tests --bench bombs`

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use flate2::{Compression, write::ZlibEncoder};
use sync_core::{
    admission::{Author, Limits, admit},
    document::{Document, DocumentKind, new_id},
    id::{DeviceId, DocumentId, TenantId},
};
use tests::hostile::forgery::{chunk, row_bomb};

const ROUNDS: u32 = 100;

fn main() -> anyhow::Result<()> {
    let document = Document::genesis(visit())?;
    let bombs = [
        ("a deflated change of half a gigabyte", deflated(512 << 20)?),
        ("ten million operations in a run", row_bomb(author().actor(visit()), 10_000_000)),
        ("eight billion operations in a run", row_bomb(author().actor(visit()), 1 << 33)),
    ];
    println!(
        "{:<40} {:>9} {:>12} {:>12} {:>12}  refusal",
        "bomb", "bytes", "median µs", "worst µs", "memory KiB"
    );
    for (name, bomb) in bombs {
        let before = resident_kib();
        let mut took: Vec<Duration> = Vec::new();
        let mut code = None;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let admitted = admit(&document, &author(), &[bomb.as_slice()], &Limits::default());
            took.push(start.elapsed());
            code = admitted.results[0].as_ref().err().map(|refusal| refusal.code.name());
        }
        took.sort_unstable();
        let [median, worst] = [took[took.len() / 2], took[took.len() - 1]].map(|time| time.as_micros());
        let grown = resident_kib().saturating_sub(before);
        println!(
            "{name:<40} {:>9} {median:>12} {worst:>12} {grown:>12}  {}",
            bomb.len(),
            code.context("a bomb is refused")?
        );
    }
    Ok(())
}

fn visit() -> DocumentId {
    new_id(DocumentKind::Visit, [7; 15])
}

fn author() -> Author {
    Author { tenant: TenantId::from_bytes([1; 16]), device: DeviceId::from_bytes([2; 16]) }
}

/// A deflated change chunk that inflates to so many zero bytes.
fn deflated(bytes: usize) -> anyhow::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..bytes >> 20 {
        encoder.write_all(&zeros)?;
    }
    Ok(chunk(2, &encoder.finish()?))
}

/// The peak of the memory this process held, in KiB; 0 where the system does not say.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
