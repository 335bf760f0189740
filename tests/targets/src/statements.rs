//! Statements: of anchors, receipts and signed heads, only the bytes that were signed verify, and only under the key
//! that signed them.

use std::sync::LazyLock;

use sync_core::{
    admission::RefusalCode,
    encoding,
    hash::Hash,
    log::{
        Anchor, BadSignature, JournalRoot, Receipt, Refused, ServerKey, SignedAnchor, SignedReceipt,
        Signer as _, low_s,
    },
};

use crate::{
    Outcome,
    tape::{Tape, damage},
    world::{DEVICE, NOW, TENANT, device_secret, server_key, server_secret, stranger_secret, visit},
};

/// What was signed, and the keys in question.
struct Scene {
    anchor: Vec<u8>,
    receipt: Vec<u8>,
    /// A head with the signature of the device.
    head: Vec<u8>,
    server: ServerKey,
    stranger: ServerKey,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let root = JournalRoot { size: 3, hash: Hash::from_bytes([5; 32]) };
    let anchor = Anchor {
        tenant: TENANT,
        device: DEVICE,
        sequence: 7,
        time: NOW,
        nonce: [9; 16],
        device_head: Hash::from_bytes([8; 32]),
        journal: root,
    };
    let refused = Refused {
        index: 4,
        entry: Hash::from_bytes([6; 32]),
        document: Some(visit()),
        code: RefusalCode::OverLimit,
        detail: "too much".to_owned(),
    };
    let receipt = Receipt {
        tenant: TENANT,
        device: DEVICE,
        first: 2,
        last: 5,
        head: Hash::from_bytes([8; 32]),
        received: NOW,
        refused: vec![refused],
        records: Vec::new(),
        journal: root,
    };
    let head = Hash::from_bytes([4; 32]);
    let stranger = stranger_secret().verifying_key();
    Scene {
        anchor: encoding::encode(&SignedAnchor::sign(anchor, server_secret())),
        receipt: encoding::encode(&SignedReceipt::sign(receipt, server_secret())),
        head: [head.as_bytes().as_slice(), &device_secret().sign(head).unwrap()].concat(),
        server: server_key(),
        stranger: ServerKey::from_bytes(stranger.as_bytes()).unwrap(),
    }
});

/// The genuine statements, by the number that stands in front of the kept inputs.
pub fn genuine() -> [&'static [u8]; 3] {
    [&SCENE.anchor, &SCENE.receipt, &SCENE.head]
}

/// Presents a statement: any bytes, or a genuine one with some damage.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let which = tape.below(3);
    let genuine = genuine()[which];
    let bytes = if tape.flag() {
        tape.rest().to_vec()
    } else {
        let mut bytes = genuine.to_vec();
        (0..tape.below(4)).for_each(|_| damage(&mut bytes, &mut tape));
        bytes
    };
    let verifies = match which {
        0 => verify(&bytes, |signed: &SignedAnchor, key| signed.verify(key).map(drop)),
        1 => verify(&bytes, |signed: &SignedReceipt, key| signed.verify(key).map(drop)),
        _ => verify_head(&bytes),
    };
    assert_eq!(verifies, bytes == genuine);
    Outcome::accepted_if(verifies)
}

fn verify<T>(bytes: &[u8], check: impl Fn(&T, &ServerKey) -> Result<(), BadSignature>) -> bool
where
    T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
{
    let Ok(signed) = encoding::decode::<T>(bytes) else { return false };
    assert!(check(&signed, &SCENE.stranger).is_err());
    check(&signed, &SCENE.server).is_ok()
}

fn verify_head(bytes: &[u8]) -> bool {
    let Some((head, signature)) = bytes.split_first_chunk::<32>() else { return false };
    let Ok(signature) = signature.try_into() else { return false };
    let verifies = device_secret().public_key().verify(Hash::from_bytes(*head), signature, "head").is_ok();
    assert!(!verifies || low_s(signature) == Some(*signature), "a second form of one signature");
    verifies
}
