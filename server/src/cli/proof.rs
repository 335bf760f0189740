//! Proofs: the whole journal, or one receipt, checked without a server.

use std::path::Path;

use sync_core::{
    encoding,
    log::{Receipt, ServerKey, SignedReceipt},
};

use super::{CliError, door::require_data, output, request::read_file};
use crate::{
    auth::keys::ServerKeys,
    disk::SystemDisk,
    journal::{self, Position},
};

/// The largest receipt that is read.
const RECEIPT_BYTES: u64 = 4 * 1024 * 1024;

/// Checks every byte of the journal and says what was found.
pub(super) fn check_journal(data_dir: &Path) -> Result<(), CliError> {
    require_data(data_dir)?;
    let report = journal::verify(&SystemDisk, data_dir)?;
    let mut text =
        format!("segments: {}\nrecords: {}\nroot: {}\n", report.segments, report.root.size, report.root.hash);
    if let Some(acknowledged) = report.acknowledged {
        text.push_str(&format!("acknowledged: {acknowledged}\n"));
    }
    if let Some(keys) = ServerKeys::load(&SystemDisk, data_dir)? {
        text.push_str(&format!("server key: {}\n", hex::encode(keys.public())));
    }
    if let Some(unfinished) = &report.unfinished {
        text.push_str(&format!(
            "unfinished: {unfinished} (never acknowledged; normal while a server writes or after a crash)\n"
        ));
    }
    if let Some(damage) = report.damage {
        output::text(&text)?;
        return Err(CliError::Damaged(damage));
    }
    text.push_str("the journal is as it was written\n");
    output::text(&text)
}

/// Checks a receipt against a public key alone and describes it.
pub(super) fn check_with_key(file: &Path, key: &str) -> Result<String, CliError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(key.trim(), &mut bytes).map_err(|_| CliError::ServerKey)?;
    let signed = read(file)?;
    Ok(describe(signed.verify(&ServerKey::from_bytes(&bytes)?)?))
}

/// Checks a receipt against the key and the journal of a data folder and describes it.
pub(super) fn check_in_folder(file: &Path, data_dir: &Path) -> Result<String, CliError> {
    require_data(data_dir)?;
    let keys =
        ServerKeys::load(&SystemDisk, data_dir)?.ok_or_else(|| CliError::NoKey(data_dir.to_path_buf()))?;
    let signed = read(file)?;
    let receipt = signed.verify(&ServerKey::from_bytes(&keys.public())?)?;
    let report = journal::verify(&SystemDisk, data_dir)?;
    let size = receipt.journal.size;
    if size > report.root.size {
        return Err(CliError::JournalEndsEarly { size, end: report.root.size });
    }
    let mut root = journal::empty_root();
    if size > 0 {
        journal::visit(&SystemDisk, data_dir, Position::new(size), report.root, |_, _, after| {
            root = after;
            Ok::<_, journal::JournalError>(false)
        })?;
    }
    if root != receipt.journal {
        return Err(CliError::OtherJournal { size });
    }
    Ok(format!("{}\njournal: record {size} is the one the receipt names", describe(receipt)))
}

fn read(file: &Path) -> Result<SignedReceipt, CliError> {
    let bytes = read_file(file, RECEIPT_BYTES)?;
    encoding::decode(&bytes)
        .map_err(|error| CliError::NotAReceipt { path: file.to_path_buf(), reason: error.to_string() })
}

fn describe(receipt: &Receipt) -> String {
    format!(
        "the receipt is genuine\ndevice: {}\nentries: {} to {}\nhead: {}\nreceived: {}\nrefused: {}\n\
         journal before: record {}, root {}",
        receipt.device,
        receipt.first,
        receipt.last,
        receipt.head,
        receipt.received,
        receipt.refused.len(),
        receipt.journal.size,
        receipt.journal.hash
    )
}
