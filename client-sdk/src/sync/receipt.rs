//! Applying a receipt: what arrived is off the outbox, what was refused comes out of its document.

use std::collections::BTreeSet;

use rusqlite::Connection;
use sync_core::{
    admission::RefusalCode,
    encoding,
    hash::Hash,
    log::{Entry, EntryKind, Receipt, SignedReceipt},
};

use crate::{
    book::{Writer, keep_standing, put_back, rebuild},
    error::Error,
    event::Event,
    open::read_witness,
    store::{self, ChangeState},
    sync::{
        SyncReport,
        apply::{apply_record, keep, tell_reminders},
    },
};

/// Keeps a verified receipt and does what it says.
pub(crate) fn apply_receipt(
    db: &Connection,
    writer: &Writer<'_>,
    signed: &SignedReceipt,
    report: &mut SyncReport,
) -> Result<(), Error> {
    let receipt = &signed.receipt;
    let device = writer.me.device;
    let count = usize::try_from(receipt.last - receipt.first + 1).map_err(Error::corrupt)?;
    let entries = store::entries_from(db, device, receipt.first, count)?
        .into_iter()
        .map(|(hash, bytes)| Ok((Entry::decode(&bytes).map_err(Error::corrupt)?, hash)))
        .collect::<Result<Vec<_>, Error>>()?;
    // A receipt that is applied a second time must not carry the witness on a second time.
    if store::first_open(db, device)? == receipt.first {
        let (witness, _) = read_witness(db, writer.me, &entries, &|_| false)?;
        store::set_witness(db, device, &encoding::encode(&witness))?;
    }
    store::keep_receipt(db, signed)?;
    report.sent += store::mark_received(db, device, receipt.first, receipt.last)?;
    mark_changes(db, writer, &entries, receipt)?;
    take_out_refused(db, writer, receipt, report)?;
    for (entry, _) in &entries {
        // It no longer waits here, whether or not the server has something new to say of the record.
        if let EntryKind::Submit { document, .. } = entry.kind {
            keep_standing(db, writer, document)?;
        }
    }
    for status in &receipt.records {
        apply_record(db, writer, status, receipt.journal.size.saturating_add(1), report)?;
    }
    tell_reminders(db, writer)
}

fn mark_changes(
    db: &Connection,
    writer: &Writer<'_>,
    entries: &[(Entry, Hash)],
    receipt: &Receipt,
) -> Result<(), Error> {
    let refused: BTreeSet<Hash> = receipt.refused.iter().map(|refused| refused.entry).collect();
    for (entry, hash) in entries.iter().filter(|(_, hash)| !refused.contains(hash)) {
        let EntryKind::Change { document, .. } = entry.kind else { continue };
        let Some(change) = store::row_by_hash(db, writer.me.device, *hash)?.and_then(|row| row.change) else {
            continue;
        };
        let before = store::change_state(db, change)?;
        if matches!(before, Some(ChangeState::LeftOut | ChangeState::Aside)) {
            // Another phone brought in time what it builds on.
            put_back(db, writer, document, |row| row.hash == change)?;
        } else {
            store::set_change_state(db, change, ChangeState::There)?;
        }
    }
    Ok(())
}

fn take_out_refused(
    db: &Connection,
    writer: &Writer<'_>,
    receipt: &Receipt,
    report: &mut SyncReport,
) -> Result<(), Error> {
    let mut damaged = BTreeSet::new();
    for refused in &receipt.refused {
        let row = store::row_by_hash(db, writer.me.device, refused.entry)?;
        let fits = |row: &store::LogRow| {
            row.index == refused.index && (receipt.first..=receipt.last).contains(&row.index)
        };
        let Some(row) = row.filter(fits) else {
            return Err(Error::untrusted("the receipt refuses an entry that was not sent"));
        };
        if !store::refuse(db, writer.me.device, refused.index, refused.code, &refused.detail)? {
            continue;
        }
        damaged.extend(row.document);
        if let Some(change) = row.change {
            let before = store::change_state(db, change)?;
            // The server had it once: what it builds on was lost since, and its author makes that again; or it took
            // another change of this log in its place.
            let is_lost = matches!(before, Some(ChangeState::There | ChangeState::Aside))
                && matches!(refused.code, RefusalCode::MissingDependency | RefusalCode::SequenceBroken);
            let state = if is_lost { ChangeState::Aside } else { ChangeState::LeftOut };
            store::set_change_state(db, change, state)?;
            if before == Some(ChangeState::LeftOut) {
                // It was made again before.
                store::dismiss_change(db, change)?;
                continue;
            }
            if is_lost {
                continue;
            }
        }
        report.refused.push(refused.entry);
        keep(db, &Event::Refused { visit: row.document, entry: refused.entry, code: refused.code })?;
    }
    for document in damaged {
        // Also for a refused submit: rebuilding finds anew where the record stands.
        rebuild(db, writer, document)?;
    }
    Ok(())
}
