//! The bytes and hashes that `docs/protocol.md` prints: another client must come to the same ones.

use crate::{
    document::Heads,
    encoding::{self, Bytes},
    hash::Hash,
    id::{BootId, DeviceId, DocumentId, TenantId},
    log::{
        Anchor, Entry, EntryKind, JournalRoot, Receipt, Refused, SignedAnchor, SignedReceipt, Signer,
        SoftwareKey, Statement,
    },
    rules::Reason,
    time::Timestamp,
};

const TENANT: TenantId = TenantId::from_bytes([0x11; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([0x22; 16]);
const DOCUMENT: DocumentId = DocumentId::from_bytes([0x01; 16]);
const JOURNAL: JournalRoot = JournalRoot { size: 1000, hash: Hash::from_bytes([0x66; 32]) };

fn entry(kind: EntryKind) -> Entry {
    Entry {
        index: 7,
        previous: Hash::from_bytes([0xAA; 32]),
        boot: BootId::from_bytes([0x33; 16]),
        boot_ms: 86_400_000,
        wall: Timestamp::from_millis(1_780_000_000_000),
        kind,
    }
}

fn anchor() -> Anchor {
    Anchor {
        tenant: TENANT,
        device: DEVICE,
        sequence: 42,
        time: Timestamp::from_millis(1_780_000_000_123),
        nonce: [0x55; 16],
        device_head: Hash::from_bytes([0xAA; 32]),
        journal: JOURNAL,
    }
}

fn statement() -> Statement {
    Statement {
        tenant: TENANT,
        device: DEVICE,
        last: 7,
        head: Hash::from_bytes([0xBB; 32]),
        anchor: anchor().hash(),
    }
}

fn receipt() -> Receipt {
    Receipt {
        tenant: TENANT,
        device: DEVICE,
        first: 3,
        last: 7,
        head: Hash::from_bytes([0xBB; 32]),
        received: Timestamp::from_millis(1_780_000_001_000),
        refused: vec![Refused {
            index: 4,
            entry: Hash::from_bytes([0xCC; 32]),
            document: Some(DOCUMENT),
            code: crate::admission::RefusalCode::ForeignActor,
            detail: "actor".into(),
        }],
        records: Vec::new(),
        journal: JOURNAL,
    }
}

/// Every vector as name, bytes and hash, one line each, as `docs/protocol.md` prints them.
fn vectors() -> String {
    let heads = Heads::new([Hash::from_bytes([0x01; 32]), Hash::from_bytes([0x02; 32])]);
    let value = Hash::from_bytes([0x44; 32]);
    let kinds = [
        ("boot", EntryKind::Boot),
        ("check_in", EntryKind::CheckIn { document: DOCUMENT }),
        ("check_out", EntryKind::CheckOut { document: DOCUMENT }),
        ("change", EntryKind::Change { document: DOCUMENT, change: Bytes::from(vec![0x85, 0x6f]) }),
        ("submit", EntryKind::Submit { document: DOCUMENT, heads: heads.clone(), value, reason: None }),
        ("submit_late", EntryKind::Submit { document: DOCUMENT, heads, value, reason: Some(Reason::Forgot) }),
        ("anchor_seen", EntryKind::Anchor { anchor: anchor().hash(), round_trip_ms: 350 }),
        ("clock_set", EntryKind::ClockSet { delta_ms: -3_600_000 }),
    ];
    let mut lines: Vec<(&str, Vec<u8>, Hash)> = Vec::new();
    for (name, kind) in kinds {
        let bytes = entry(kind).encode();
        let hash = Entry::hash_of(&bytes);
        lines.push((name, bytes, hash));
    }
    lines.push(("anchor", encoding::encode(&anchor()), anchor().hash()));
    lines.push(("statement", encoding::encode(&statement()), statement().hash()));
    lines.push(("receipt", encoding::encode(&receipt()), receipt().hash()));
    lines.iter().map(|(name, bytes, hash)| format!("{name} {} {hash}\n", hex::encode(bytes))).collect()
}

/// The keys and signatures over the vectors, one line each.
fn signatures() -> String {
    let server = ed25519_dalek::SigningKey::from_bytes(&[0x01; 32]);
    let device = SoftwareKey::from_bytes(&[0x02; 32]).unwrap();
    let lines = [
        ("server_key", server.verifying_key().as_bytes().to_vec()),
        ("anchor_signature", SignedAnchor::sign(anchor(), &server).signature.to_vec()),
        ("receipt_signature", SignedReceipt::sign(receipt(), &server).signature.to_vec()),
        ("device_key", device.public_key().to_bytes().to_vec()),
        ("statement_signature", device.sign(statement().hash()).unwrap().to_vec()),
    ];
    lines.iter().map(|(name, bytes)| format!("{name} {}\n", hex::encode(bytes))).collect()
}

#[test]
fn the_bytes_hashes_and_signatures_are_those_that_the_protocol_page_prints() {
    let page = include_str!("../../../../docs/protocol.md");
    let printed: Vec<&str> = page.lines().collect();
    for line in vectors().lines().chain(signatures().lines()) {
        assert!(printed.contains(&line), "docs/protocol.md lacks: {line}");
    }
}

#[test]
fn vectors_decode_to_what_they_were_made_of() {
    let bytes = entry(EntryKind::Boot).encode();
    assert_eq!(Entry::decode(&bytes), Ok(entry(EntryKind::Boot)));
    assert_eq!(encoding::decode(&encoding::encode(&anchor())), Ok(anchor()));
    assert_eq!(encoding::decode(&encoding::encode(&statement())), Ok(statement()));
    assert_eq!(encoding::decode(&encoding::encode(&receipt())), Ok(receipt()));
}
