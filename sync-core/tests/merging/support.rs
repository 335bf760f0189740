//! Devices, forged changes and random editing for the tests of documents and admission.

use automerge::{Change, ExpandedChange};
use sha2::{Digest, Sha256};
use sync_core::{
    admission::{Admitted, Author, Limits, RefusalCode, admit},
    document::{Document, DocumentKind, Edit, FieldValue, field, new_id},
    id::{DeviceId, DocumentId, TenantId},
    time::Timestamp,
};

pub(crate) fn visit_id() -> DocumentId {
    new_id(DocumentKind::Visit, [7; 15])
}

pub(crate) fn author(number: u8) -> Author {
    Author { tenant: TenantId::from_bytes([1; 16]), device: DeviceId::from_bytes([number; 16]) }
}

pub(crate) fn genesis() -> Document {
    Document::genesis(visit_id()).unwrap()
}

/// A phone with its own replica of one visit.
pub(crate) struct Phone {
    pub(crate) author: Author,
    pub(crate) document: Document,
}

impl Phone {
    pub(crate) fn new(number: u8) -> Self {
        Self { author: author(number), document: genesis() }
    }

    pub(crate) fn edit(&mut self, edits: &[Edit]) -> Option<Vec<u8>> {
        self.document.edit(&self.author, edits).unwrap()
    }

    pub(crate) fn set(&mut self, name: &str, value: FieldValue) -> Vec<u8> {
        self.edit(&[Edit::Set { field: name.to_owned(), value }]).unwrap()
    }

    pub(crate) fn write(&mut self, name: &str, text: &str) -> Vec<u8> {
        self.edit(&[Edit::ReplaceText { field: name.to_owned(), text: text.to_owned() }]).unwrap()
    }
}

pub(crate) fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

pub(crate) fn admit_all(document: &Document, author: &Author, changes: &[Vec<u8>]) -> Admitted {
    let changes: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    admit(document, author, &changes, &Limits::default())
}

pub(crate) fn codes(admitted: &Admitted) -> Vec<Option<RefusalCode>> {
    admitted.results.iter().map(|result| result.as_ref().err().map(|refusal| refusal.code)).collect()
}

/// The code with which a lone change is refused.
pub(crate) fn refused(document: &Document, author: &Author, change: Vec<u8>) -> Option<RefusalCode> {
    codes(&admit_all(document, author, &[change]))[0]
}

/// Takes a change apart, alters it and puts it together again with the right checksum.
pub(crate) fn forge(change: &[u8], alter: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
    let mut expanded = Change::try_from(change).unwrap().decode();
    alter(&mut expanded);
    Change::from(expanded).raw_bytes().to_vec()
}

/// Wraps a body into a chunk with the right length and checksum.
pub(crate) fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    hashed.extend(unsigned(body.len() as u64));
    hashed.extend(body);
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83];
    bytes.extend(&Sha256::digest(&hashed)[..4]);
    bytes.extend(hashed);
    bytes
}

/// The body of a chunk, without its header.
pub(crate) fn body(change: &[u8]) -> Vec<u8> {
    let mut at = 9;
    while change[at] & 0x80 != 0 {
        at += 1;
    }
    change[at + 1..].to_vec()
}

pub(crate) fn unsigned(mut value: u64) -> Vec<u8> {
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

/// A small random generator: the same seed gives the same world.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    pub(crate) fn words(&mut self) -> String {
        const PIECES: &[&str] =
            &["客户", "满意", "👨‍👩‍👧", "🏠", "e\u{301}", " ok ", "，", "\n", "第二次拜访", "x"];
        (0..=self.below(4)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    /// One edit that fits the document as it stands.
    pub(crate) fn edit(&mut self, document: &Document) -> Edit {
        let texts = [field::CONTENT, field::RESULT, field::NEXT_STEP];
        let name = texts[self.below(3)].to_owned();
        let values = document.values();
        let now = match values.get(&name) {
            Some(FieldValue::Text(now)) => now.clone(),
            _ => String::new(),
        };
        let chars = now.chars().count();
        match self.below(8) {
            0 => {
                Edit::Set { field: field::PLACE.to_owned(), value: text(&format!("place {}", self.below(3))) }
            }
            1 => Edit::Set { field: field::CLASS.to_owned(), value: text(["walk", "first"][self.below(2)]) },
            2 => {
                let time = Timestamp::from_millis(self.below(1000) as i64);
                Edit::Set { field: field::ENDED.to_owned(), value: FieldValue::Time(time) }
            }
            3 => Edit::Clear {
                field: [field::PLACE, field::CLASS, field::ENDED, field::CONTENT][self.below(4)].to_owned(),
            },
            4 => Edit::ReplaceText { field: name, text: format!("{}{}", self.words(), now) },
            _ => {
                let at_char = self.below(chars + 1);
                let delete_chars = self.below(chars - at_char + 1).min(self.below(6));
                Edit::SpliceText { field: name, at_char, delete_chars, insert: self.words() }
            }
        }
    }
}
