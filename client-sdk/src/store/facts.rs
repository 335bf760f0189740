//! What rules see of each document, beside the document.

use rusqlite::{Connection, params};
use sync_core::{encoding, hash::Hash, id::DocumentId, rules::Fact};

use crate::error::Error;

/// Keeps the facts of a document in the place of those before; gives whether they differ.
pub(crate) fn keep_facts(db: &Connection, document: DocumentId, facts: &[Fact]) -> Result<bool, Error> {
    let mut now: Vec<(Hash, Vec<u8>)> = facts.iter().map(|fact| (fact.id, encoding::encode(fact))).collect();
    now.sort_unstable();
    let mut statement = db.prepare_cached("SELECT id, fact FROM facts WHERE document = ?1 ORDER BY id")?;
    let before = statement
        .query_map([document.as_bytes()], |row| {
            Ok((Hash::from_bytes(row.get(0)?), row.get::<_, Vec<u8>>(1)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    if before == now {
        return Ok(false);
    }
    forget_facts(db, document)?;
    for (id, fact) in now {
        db.prepare_cached("INSERT OR REPLACE INTO facts (id, document, fact) VALUES (?1, ?2, ?3)")?
            .execute(params![id.as_bytes(), document.as_bytes(), fact])?;
    }
    Ok(true)
}

/// Forgets the facts of a document.
pub(crate) fn forget_facts(db: &Connection, document: DocumentId) -> Result<(), Error> {
    db.prepare_cached("DELETE FROM facts WHERE document = ?1")?.execute([document.as_bytes()])?;
    Ok(())
}

/// All facts, each with its document.
pub(crate) fn facts(db: &Connection) -> Result<Vec<(DocumentId, Fact)>, Error> {
    let mut statement = db.prepare_cached("SELECT document, fact FROM facts")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let fact = encoding::decode(row.get_ref(1)?.as_blob().map_err(Error::corrupt)?);
        found.push((DocumentId::from_bytes(row.get(0)?), fact.map_err(Error::corrupt)?));
    }
    Ok(found)
}

/// By which reading the facts were read; `None` if they never were.
pub(crate) fn facts_reading(db: &Connection) -> Result<Option<Hash>, Error> {
    let reading: Option<[u8; 32]> = db.query_row("SELECT facts FROM book", [], |row| row.get(0))?;
    Ok(reading.map(Hash::from_bytes))
}

/// Notes by which reading they are read.
pub(crate) fn set_facts_reading(db: &Connection, reading: Hash) -> Result<(), Error> {
    db.execute("UPDATE book SET facts = ?1", [reading.as_bytes()])?;
    Ok(())
}
