//! The same facts give the same verdict, byte for byte, on whichever side they are judged.

use super::{ms, pack_with};
use crate::{
    encoding,
    hash::Hash,
    rules::{Evidence, Flags, Measured, Outcome, Verdict, judge},
    time::Timestamp,
};

/// A small seeded generator (xorshift64*), so that a failure is the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    fn near(&mut self, instant: Timestamp) -> Timestamp {
        let spread = [3, 1_000, 200_000_000][self.below(3) as usize];
        instant.plus_millis(self.below(2 * spread + 1) as i64 - spread as i64)
    }

    fn evidence(&mut self, deadline: Timestamp) -> Evidence {
        let (a, b, c, d) =
            (self.near(deadline), self.near(deadline), self.near(deadline), self.near(deadline));
        let flags = Flags::NAMES
            .iter()
            .filter(|_| self.below(8) == 0)
            .fold(Flags::empty(), |flags, (flag, _)| flags.with(*flag));
        Evidence {
            not_before: a.min(b),
            anchor: (self.below(2) == 0).then(|| Hash::of("test", &[&self.next().to_be_bytes()])),
            not_after: (self.below(10) > 0).then(|| a.max(b)),
            measured: (self.below(3) > 0).then(|| Measured { earliest: c.min(d), latest: c.max(d) }),
            claimed: if self.below(20) == 0 { ms(self.next() as i64) } else { self.near(deadline) },
            flags,
        }
    }
}

#[test]
fn phone_and_server_judge_a_hundred_thousand_fact_sets_alike_byte_for_byte() {
    let mut random = Random(0x5EED_F1E1_DB00_C001);
    let packs = ["receipt", "witnessed", "claimed", "review"]
        .map(|m| pack_with(&[("\"witnessed\"", &format!("{m:?}"))]));
    // The server has its own copy of the pack, read from the same text.
    let copies = ["receipt", "witnessed", "claimed", "review"]
        .map(|m| pack_with(&[("\"witnessed\"", &format!("{m:?}"))]));
    let mut seen = [0u32; 4];
    for round in 0..100_000 {
        let mode = round % 4;
        let deadline = ms(1_780_000_000_000 + random.below(1_000_000_000) as i64);
        let evidence = random.evidence(deadline);
        let on_phone = judge(&packs[mode].record_rule().unwrap(), deadline, &evidence);
        let sent = encoding::encode(&on_phone);
        let received: Verdict = encoding::decode(&sent).unwrap();
        let carried: Evidence = encoding::decode(&encoding::encode(&evidence)).unwrap();
        let on_server = judge(&copies[mode].record_rule().unwrap(), received.deadline.unwrap(), &carried);
        assert_eq!(encoding::encode(&on_server), sent, "fact set {round}: {evidence:?}");
        let again =
            judge(&copies[mode].record_rule().unwrap(), deadline, received.evidence.as_ref().unwrap());
        assert_eq!(encoding::encode(&again), sent, "fact set {round}, from the verdict's own evidence");
        seen[match on_phone.outcome {
            Outcome::OnTime => 0,
            Outcome::Late => 1,
            Outcome::NeedsReview => 2,
            Outcome::Open | Outcome::NotEvaluable { .. } => 3,
        }] += 1;
    }
    assert!(seen.iter().all(|count| *count > 1_000), "every outcome occurs often: {seen:?}");
}
