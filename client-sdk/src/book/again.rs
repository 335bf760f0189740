//! Making again: edits of an earlier enrolment that never arrived, as changes of this device.

use std::collections::HashSet;

use rusqlite::Connection;
use sync_core::{
    document::{Document, Edit, EditError, FieldDifference, Heads, difference},
    hash::Hash,
    id::DocumentId,
};

use crate::{
    book::{
        rebuild::{dependencies, past_of, rebuild},
        write::{Writer, own},
    },
    error::Error,
    store::{self, ChangeRow, ChangeState},
};

/// Prepares for a pull from the beginning of the feed, which shows what the server has of all that others wrote, and of
/// directory and rules.
///
/// What earlier enrolments wrote and have no receipt for is set aside until then, and what other phones wrote is left out:
/// a book or a server that came back from a backup has given the numbers of lost changes a second time, and what the
/// server has would not fit in beside them.
pub(crate) fn begin_anew(db: &Connection, writer: &Writer<'_>) -> Result<(), Error> {
    store::await_telling(db)?;
    for document in store::set_aside(db, writer.me.device)? {
        set_builders_aside(db, document)?;
        rebuild(db, writer, document)?;
    }
    for document in store::await_confirmation(db, writer.me.device)? {
        rebuild(db, writer, document)?;
    }
    Ok(())
}

/// Takes out what earlier enrolments and other phones wrote and a whole pull did not bring again: the server was restored
/// from a backup and lost it. What earlier enrolments wrote is set aside, to be made again. Gives the documents in which
/// something is missing that other phones have to make again.
///
/// A record's submits go with those changes: they name what is no longer there, so the rep has to submit anew.
pub(crate) fn set_lost_aside(db: &Connection, writer: &Writer<'_>) -> Result<Vec<DocumentId>, Error> {
    let mut missing = Vec::new();
    for (document, is_own) in store::take_lost(db)? {
        tracing::warn!(%document, is_own, "the server lost what it gave receipts for; whoever wrote it makes it again");
        if is_own {
            store::mark_lost(db, document, writer.me.device)?;
        }
        if !store::foreign_left_out(db, document)?.is_empty() {
            missing.push(document);
        }
        // What was said of the record in this pull holds. Versions are never forgotten: if the server says otherwise one
        // day, the rep shall see that it does.
        if store::is_of_another_journal(db, document)?
            && store::record(db, document)?.is_some_and(|record| record.seals.is_empty())
        {
            store::forget_record(db, document)?;
        }
        set_builders_aside(db, document)?;
        rebuild(db, writer, document)?;
    }
    Ok(missing)
}

/// Puts changes of this book back that were out of their document, as the server has them; gives whether there were any.
/// What the same device wrote in their place is set aside, to be made again on top of them.
///
/// A server that went back to a backup refuses a change while what it builds on is missing, and the phone makes it again
/// under the same number. Back at the backup once more, it may get what was missing in time: then it takes the first of
/// the two.
pub(crate) fn put_back(
    db: &Connection,
    writer: &Writer<'_>,
    document: DocumentId,
    wanted: impl Fn(&ChangeRow) -> bool,
) -> Result<bool, Error> {
    let rows = store::changes_of(db, document)?;
    let mut back = HashSet::new();
    let mut past = HashSet::new();
    for row in rows.iter().rev() {
        let is_out = matches!(row.state, ChangeState::LeftOut | ChangeState::Aside);
        if is_out && (wanted(row) || past.contains(&row.hash)) && store::is_own(db, row.author)? {
            store::set_change_state(db, row.hash, ChangeState::There)?;
            past.extend(dependencies(&row.bytes)?);
            back.insert(row.hash);
        }
    }
    if back.is_empty() {
        return Ok(false);
    }
    let (mut on_top, mut authors) = (back.clone(), HashSet::new());
    for row in &rows {
        if back.contains(&row.hash) {
            authors.insert(row.author);
        } else if dependencies(&row.bytes)?.iter().any(|dependency| on_top.contains(dependency)) {
            on_top.insert(row.hash);
        } else if authors.contains(&row.author) && matches!(row.state, ChangeState::Here | ChangeState::There)
        {
            store::set_change_state(db, row.hash, ChangeState::Aside)?;
        }
    }
    set_builders_aside(db, document)?;
    rebuild(db, writer, document)?;
    Ok(true)
}

/// Sets aside what this book wrote on top of changes that are out, before it knew: the server would refuse it.
fn set_builders_aside(db: &Connection, document: DocumentId) -> Result<(), Error> {
    let mut out = HashSet::new();
    for row in store::changes_of(db, document)? {
        let builds_on_it =
            || Ok::<_, Error>(dependencies(&row.bytes)?.iter().any(|dependency| out.contains(dependency)));
        match row.state {
            ChangeState::Aside | ChangeState::LeftOut => {}
            ChangeState::Here if builds_on_it()? => {
                store::set_change_state(db, row.hash, ChangeState::Aside)?;
            }
            _ => continue,
        }
        out.insert(row.hash);
    }
    Ok(())
}

/// Makes the edits that were set aside and did not come back again, and gives the documents that were touched.
///
/// Each document's become one change beside what was written since, not on top of it, so nothing newer is undone. The
/// old log and its changes stay as evidence.
pub(crate) fn make_again(db: &Connection, writer: &Writer<'_>) -> Result<Vec<DocumentId>, Error> {
    let mut made = Vec::new();
    for id in &store::documents_aside(db)? {
        let rows = store::changes_of(db, *id)?;
        let aside: Vec<Hash> =
            rows.iter().filter(|row| row.state == ChangeState::Aside).map(|row| row.hash).collect();
        let mut before = Vec::new();
        for row in rows.iter().filter(|row| row.state == ChangeState::Aside) {
            before.extend(dependencies(&row.bytes)?.into_iter().filter(|hash| !aside.contains(hash)));
        }
        let now = own(db, writer, *id)?;
        if now.knows(&Heads::new(before.iter().copied())) {
            before.extend(taken_instead(&rows, &now));
        }
        let (from, to) = (past_of(db, *id, &before)?, past_of(db, *id, &aside)?);
        let edits: Vec<Edit> = difference(&from.values(), &to.values()).into_iter().map(edit_of).collect();
        // What this device has already written in the document comes first in its own numbering.
        before.extend(rows.iter().filter(|row| row.author == writer.me.device).map(|row| row.hash));
        // Nothing can build on what was left out.
        before.retain(|hash| now.knows(&Heads::new([*hash])));
        let change = match past_of(db, *id, &before)?.edit(&writer.author(), &edits) {
            Ok(change) => change,
            Err(error @ EditError::Damaged { .. }) => return Err(Error::corrupt(error)),
            // Too long together, or of another schema: it stays in the outbox for the rep to read.
            Err(_) => continue,
        };
        if let Some(change) = change {
            match writer.take(db, &now, change) {
                // It does not fit in beside what was written since: it stays there too.
                Err(Error::FixCall { .. }) => continue,
                taken => taken.map(drop)?,
            }
        }
        for hash in aside {
            store::set_change_state(db, hash, ChangeState::LeftOut)?;
            store::dismiss_change(db, hash)?;
        }
        made.push(*id);
    }
    Ok(made)
}

/// What stands in a document now of the devices whose changes were set aside, and was written before those: if they do not
/// build on it, the server took it in their place, and what is the same in both is not to be written twice.
fn taken_instead(rows: &[ChangeRow], now: &Document) -> Vec<Hash> {
    let is_aside = |row: &&ChangeRow| row.state == ChangeState::Aside;
    let mut taken = Vec::new();
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| is_aside(row)) {
        let earlier = rows[..place].iter().filter(|earlier| earlier.author == row.author);
        taken.extend(earlier.map(|earlier| earlier.hash).filter(|hash| now.knows(&Heads::new([*hash]))));
    }
    taken
}

fn edit_of(FieldDifference { field, after, .. }: FieldDifference) -> Edit {
    match after {
        Some(value) => Edit::Set { field: field.to_owned(), value },
        None => Edit::Clear { field: field.to_owned() },
    }
}
