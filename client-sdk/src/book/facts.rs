//! Facts: what rules see of a document, kept beside it and read anew whenever it or what is said of it changes.

use rusqlite::Connection;
use sync_core::{
    document::{Document, FieldValue, Values, envelope, field},
    hash::Hash,
    id::{DocumentId, UserId},
    record::RecordStatus,
    rules::{Fact, FactKind, Recorded, Zone, facts_of},
    time::Timestamp,
};

use crate::{
    book::Writer,
    error::Error,
    store::{self, Enrolment},
};

/// To be raised when facts are read otherwise out of the same document; the kinds and their attributes count by
/// themselves.
const READING: u32 = 2;

/// Keeps the facts of a document as it stands and as the server has spoken of it.
pub(crate) fn keep_facts(
    db: &Connection,
    writer: &Writer<'_>,
    id: DocumentId,
    values: &Values,
    saved: &[u8],
) -> Result<(), Error> {
    if keep(db, writer.me, id, values, saved)? {
        writer.obligations_may_change();
    }
    Ok(())
}

/// Reads all facts anew if this program reads them otherwise than the one before.
pub(crate) fn refresh_facts(db: &Connection) -> Result<(), Error> {
    let reading = reading();
    if store::facts_reading(db)? == Some(reading) {
        return Ok(());
    }
    if let Some(me) = store::enrolment(db)? {
        for id in store::documents(db, None)? {
            let Some(saved) = store::saved(db, id)? else { continue };
            let document = Document::load(id, &saved).map_err(Error::corrupt)?;
            keep(db, &me, id, &document.values(), &saved)?;
        }
    }
    store::set_facts_reading(db, reading)
}

/// Whose a document is: as the server says, and before that only this user's can be here.
pub(crate) fn owner_of(me: &Enrolment, status: Option<&RecordStatus>) -> UserId {
    status.and_then(|status| status.origin.as_ref()).map_or(me.user.id, |origin| origin.owner)
}

/// Reads the facts of a document, given what is said of it.
pub(crate) fn read_facts(
    db: &Connection,
    me: &Enrolment,
    id: DocumentId,
    values: &Values,
    saved: &[u8],
    status: Option<&RecordStatus>,
    zone: &Zone,
) -> Result<Vec<Fact>, Error> {
    let origin = status.and_then(|status| status.origin.as_ref());
    let created = match origin {
        Some(origin) => origin.created,
        None => created(db, id, values)?,
    };
    let official = match status.and_then(RecordStatus::heads_that_count) {
        // Of what the server lost, nothing may be left to look at: then it stands as it stands.
        Some(heads) => Document::load(id, saved).map_err(Error::corrupt)?.values_at(heads).ok(),
        None => None,
    };
    Ok(facts_of(&Recorded {
        document: id,
        owner: owner_of(me, status),
        created,
        evidence: origin.and_then(|origin| origin.evidence.as_ref()),
        values,
        official: official.as_ref(),
        status,
        zone,
    }))
}

fn keep(
    db: &Connection,
    me: &Enrolment,
    id: DocumentId,
    values: &Values,
    saved: &[u8],
) -> Result<bool, Error> {
    let status = store::record(db, id)?;
    let zone = Zone::named("UTC").map_err(Error::corrupt)?;
    let mut facts = read_facts(db, me, id, values, saved, status.as_ref(), &zone)?;
    // Days begin where the rules say, and rules change: the days of a trip are read when they are asked for.
    facts.retain(|fact| fact.kind != FactKind::TRIP_DAY);
    store::keep_facts(db, id, &facts)
}

/// When a document reached the server, as the facts need it that have no time of their own; before that, when it was
/// written.
fn created(db: &Connection, id: DocumentId, values: &Values) -> Result<Timestamp, Error> {
    for name in [envelope::AT, field::STARTED, field::ENDED, field::PLANNED] {
        if let Some(FieldValue::Time(time)) = values.get(name) {
            return Ok(*time);
        }
    }
    if let Some((device, index, written, received)) = store::first_entry(db, id)? {
        let arrived = if received { store::arrived(db, device, index)? } else { None };
        return Ok(arrived.unwrap_or(written));
    }
    Ok(store::document(db, id)?.map_or(Timestamp::from_millis(0), |row| row.day))
}

/// What this program reads out of documents, in one hash.
fn reading() -> Hash {
    let mut said = READING.to_string();
    for kind in FactKind::ALL {
        said.push('\n');
        said.push_str(kind.name());
        for attribute in kind.attributes() {
            said.push(' ');
            said.push_str(attribute);
        }
    }
    Hash::of("fieldbook/book/facts/1", &[said.as_bytes()])
}
