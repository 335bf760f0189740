//! What the three known bombs cost at admission: time and memory. `cargo bench -p tests --bench bombs`

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use flate2::{Compression, write::ZlibEncoder};
use sha2::{Digest as _, Sha256};
use sync_core::{
    admission::{Author, Limits, admit},
    document::{Document, DocumentKind, new_id},
    id::{DeviceId, DocumentId, TenantId},
};

const ROUNDS: u32 = 100;

fn main() -> anyhow::Result<()> {
    let document = Document::genesis(visit())?;
    let bombs = [
        ("a deflated change of half a gigabyte", deflated(512 << 20)?),
        ("ten million operations in a run", run_length(10_000_000)),
        ("eight billion operations in a run", run_length(1 << 33)),
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

/// A change of a hundred bytes whose columns claim so many rows.
fn run_length(rows: u64) -> Vec<u8> {
    let run = |cell: u8| [signed(rows), vec![cell]].concat();
    let columns = [
        (0x15, [signed(rows), vec![1, b'a']].concat()),
        (0x34, unsigned(rows)),
        (0x42, run(1)),
        (0x56, run(0)),
        (0x70, run(0)),
    ];
    let mut body = vec![0, 16];
    body.extend(author().actor(visit()).as_bytes());
    body.extend([1, 5, 0, 0, 0, columns.len() as u8]);
    for (specification, column) in &columns {
        body.extend(unsigned(*specification));
        body.extend(unsigned(column.len() as u64));
    }
    body.extend(columns.iter().flat_map(|(_, column)| column.clone()));
    chunk(1, &body)
}

fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let hashed = [vec![kind], unsigned(body.len() as u64), body.to_vec()].concat();
    [&[0x85, 0x6f, 0x4a, 0x83], &Sha256::digest(&hashed)[..4], &hashed].concat()
}

fn unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

fn signed(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x40 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// The peak of the memory this process held, in KiB; 0 where the system does not say.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
