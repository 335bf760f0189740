//! The world that inputs meet: one company, two phones, a server, their keys, and documents with some history.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU64, Ordering},
};

use ed25519_dalek::SigningKey;
use server::{
    auth::keys::ServerKeys,
    randomness::{NoRandomness, Randomness},
};
use sync_core::{
    document::{Author, Document, DocumentKind, Edit, FieldValue, field, new_id},
    hash::Hash,
    id::{DeviceId, DocumentId, TenantId},
    log::{ServerKey, Signer as _, SoftwareKey},
    time::Timestamp,
};

/// The company.
pub const TENANT: TenantId = TenantId::from_bytes([1; 16]);
/// The phone that inputs come from.
pub const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);
/// A phone that has nothing to do with them.
pub const BYSTANDER: DeviceId = DeviceId::from_bytes([3; 16]);
/// When it all happens: a Tuesday afternoon in Shanghai.
pub const NOW: Timestamp = Timestamp::from_millis(1_794_902_400_000);

const SERVER_SEED: [u8; 32] = [7; 32];

/// The visit that everybody writes.
pub fn visit() -> DocumentId {
    new_id(DocumentKind::Visit, [7; 15])
}

/// A phone of the company as a writer.
pub fn author(device: DeviceId) -> Author {
    Author { tenant: TENANT, device }
}

/// The server's keys.
pub fn server_keys() -> ServerKeys {
    ServerKeys::from_seed(&SERVER_SEED)
}

/// What the server signs anchors and receipts with.
pub fn server_secret() -> &'static SigningKey {
    static SECRET: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&SERVER_SEED));
    &SECRET
}

/// What phones have pinned.
pub fn server_key() -> ServerKey {
    static KEY: LazyLock<ServerKey> =
        LazyLock::new(|| ServerKey::from_bytes(server_secret().verifying_key().as_bytes()).unwrap());
    *KEY
}

/// What somebody else signs with.
pub fn stranger_secret() -> &'static SigningKey {
    static SECRET: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[99; 32]));
    &SECRET
}

/// The key of the phone that inputs come from.
pub fn device_secret() -> &'static SoftwareKey {
    static SECRET: LazyLock<SoftwareKey> = LazyLock::new(|| SoftwareKey::from_bytes(&[4; 32]).unwrap());
    &SECRET
}

/// Its public part, compressed.
pub fn device_public() -> [u8; 33] {
    device_secret().public_key().to_bytes()
}

/// A row of hashes in place of randomness: what is made of it is the same in each run.
pub fn randomness() -> Arc<dyn Randomness> {
    Arc::new(Row(AtomicU64::new(0)))
}

#[derive(Debug)]
struct Row(AtomicU64);

impl Randomness for Row {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let hash = Hash::of("a row of hashes", &[&number.to_be_bytes()]);
            chunk.copy_from_slice(&hash.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A small random generator: the same seed gives the same edits.
pub struct Dice(u64);

impl Dice {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn words(&mut self) -> String {
        const PIECES: [&str; 8] = ["客户", "满意", "👨‍👩‍👧", "e\u{301}", " ok ", "，", "\n", "x"];
        (0..=self.below(3)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    /// One edit that fits the document as it stands.
    pub fn edit(&mut self, document: &Document) -> Edit {
        let name = [field::CONTENT, field::RESULT, field::NEXT_STEP][self.below(3)].to_owned();
        let chars = match document.values().get(&name) {
            Some(FieldValue::Text(now)) => now.chars().count(),
            _ => 0,
        };
        let set = |field: &str, value| Edit::Set { field: field.to_owned(), value };
        match self.below(8) {
            0 => set(field::PLACE, FieldValue::Text(format!("place {}", self.below(3)))),
            1 => set(field::CLASS, FieldValue::Text(["walk", "first"][self.below(2)].to_owned())),
            2 => set(field::ENDED, FieldValue::Time(Timestamp::from_millis(self.below(1000) as i64))),
            3 => Edit::Clear {
                field: [field::PLACE, field::CLASS, field::ENDED, field::CONTENT][self.below(4)].to_owned(),
            },
            4 => Edit::ReplaceText { field: name, text: self.words() },
            _ => {
                let at_char = self.below(chars + 1);
                let delete_chars = self.below(chars - at_char + 1).min(self.below(4));
                Edit::SpliceText { field: name, at_char, delete_chars, insert: self.words() }
            }
        }
    }

    /// Lets a phone make so many changes and gives them.
    pub fn changes(&mut self, document: &mut Document, by: &Author, count: usize) -> Vec<Vec<u8>> {
        let mut changes = Vec::new();
        while changes.len() < count {
            let edit = self.edit(document);
            changes.extend(document.edit(by, &[edit]).unwrap());
        }
        changes
    }
}
