//! CBOR messages: bytes that decode as a message encode to exactly the same bytes; all others are refused, and neither
//! takes more memory than the bytes deserve.

use minicbor::{Decode, Encode};
use server::{
    auth::{enrolment_code::EnrolmentCode, refresh::RefreshFamily},
    event::Event,
};
use sync_core::{
    directory::{Customer, Unit, User},
    encoding,
    log::{Anchor, Chain, Commit, Entry, PageId, Receipt, SignedAnchor, SignedReceipt, Statement, Witness},
    protocol::{DeviceState, FeedItem, PullRequest, PullResponse, server::decode_commit},
    record::{Decision, RecordEvent, RecordStatus},
    rules::{Evidence, Verdict},
};

use crate::{Outcome, memory::within_mib};

/// Decodes the bytes behind the first, which says as what.
pub fn run(data: &[u8]) -> Outcome {
    let Some((kind, bytes)) = data.split_first() else { return Outcome::Refused };
    let check = CHECKS[usize::from(*kind) % CHECKS.len()];
    // A page of many small entries takes a few dozen bytes in memory for each byte on the wire.
    Outcome::accepted_if(within_mib(16, || check(bytes)))
}

/// Every message by its number; the number stands in front of the kept inputs.
pub const CHECKS: [fn(&[u8]) -> bool; 24] = [
    check::<PullRequest>,
    check::<PullResponse>,
    check_commit,
    check::<Entry>,
    check::<SignedAnchor>,
    check::<SignedReceipt>,
    check::<Anchor>,
    check::<Receipt>,
    check::<Statement>,
    check::<FeedItem>,
    check::<RecordStatus>,
    check::<RecordEvent>,
    check::<Decision>,
    check::<Verdict>,
    check::<Evidence>,
    check::<Witness>,
    check::<Chain>,
    check::<PageId>,
    check::<DeviceState>,
    check::<Event>,
    check::<RefreshFamily>,
    check::<EnrolmentCode>,
    check::<User>,
    check_directory,
];

fn check<T>(bytes: &[u8]) -> bool
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + std::fmt::Debug,
{
    let Ok(message) = encoding::decode::<T>(bytes) else { return false };
    let again = encoding::encode(&message);
    assert_eq!(again, bytes, "another encoding of {message:?} was taken");
    assert_eq!(encoding::decode::<T>(&again).unwrap(), message);
    true
}

fn check_commit(bytes: &[u8]) -> bool {
    let decoded = decode_commit(bytes);
    assert_eq!(decoded.is_ok(), check::<Commit>(bytes));
    decoded.is_ok()
}

fn check_directory(bytes: &[u8]) -> bool {
    check::<Unit>(bytes) || check::<Customer>(bytes)
}
