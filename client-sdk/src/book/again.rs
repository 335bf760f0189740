//! Making again: edits of an earlier enrolment that never arrived, as changes of this device.

use rusqlite::Connection;
use sync_core::{
    document::{Edit, EditError, FieldDifference, difference},
    hash::Hash,
    id::{DeviceId, DocumentId},
    time::Timestamp,
};

use crate::{
    book::{
        rebuild::{dependencies, past_of, rebuild},
        write::{Writer, known},
    },
    error::Error,
    store::{self, ChangeState},
};

/// Takes what earlier enrolments wrote and have no receipt for out of the documents, until a whole pull has shown what
/// of it the server has all the same.
///
/// It must be out before that pull: a book that came back from a backup has given the numbers of its lost changes a
/// second time, and the server's would not fit in beside them.
pub(crate) fn set_aside(db: &Connection, current: DeviceId, now: Timestamp) -> Result<(), Error> {
    for document in store::set_aside(db, current)? {
        rebuild(db, document, now)?;
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
        let (from, to) = (past_of(db, *id, &before)?, past_of(db, *id, &aside)?);
        let edits: Vec<Edit> = difference(&from.values(), &to.values()).into_iter().map(edit_of).collect();
        // What this device has already written in the document comes first in its own numbering.
        let is_own =
            |row: &&store::ChangeRow| row.author == writer.me.device && row.state != ChangeState::LeftOut;
        before.extend(rows.iter().filter(is_own).map(|row| row.hash));
        let change = match past_of(db, *id, &before)?.edit(&writer.author(), &edits) {
            Ok(change) => change,
            Err(error @ EditError::Damaged { .. }) => return Err(Error::corrupt(error)),
            // Too long together, or of another schema: it stays in the outbox for the rep to read.
            Err(_) => continue,
        };
        if let Some(change) = change {
            match writer.take(db, &known(db, *id)?, change) {
                // It does not fit in beside what was written since: it stays there too.
                Err(Error::FixCall { .. }) => continue,
                taken => taken.map(drop)?,
            }
        }
        for hash in aside {
            store::set_change_state(db, hash, ChangeState::LeftOut)?;
        }
        made.push(*id);
    }
    Ok(made)
}

fn edit_of(FieldDifference { field, after, .. }: FieldDifference) -> Edit {
    match after {
        Some(value) => Edit::Set { field: field.to_owned(), value },
        None => Edit::Clear { field: field.to_owned() },
    }
}
