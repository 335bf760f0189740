//! What came back from the server, until the app has read it.

use rusqlite::Connection;

use crate::error::Error;

/// Puts an event at the end.
pub(crate) fn keep_event(db: &Connection, body: &str) -> Result<(), Error> {
    db.prepare_cached("INSERT INTO events (body) VALUES (?1)")?.execute([body])?;
    Ok(())
}

/// The unread events, oldest first, at most `limit`.
pub(crate) fn events(db: &Connection, limit: u32) -> Result<Vec<(i64, String)>, Error> {
    let mut statement = db.prepare_cached("SELECT id, body FROM events ORDER BY id LIMIT ?1")?;
    let events =
        statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(events)
}

/// Drops the events up to this one.
pub(crate) fn forget_events(db: &Connection, up_to: i64) -> Result<(), Error> {
    db.prepare_cached("DELETE FROM events WHERE id <= ?1")?.execute([up_to])?;
    Ok(())
}

/// Drops an unread event that a newer one like it makes needless.
pub(crate) fn forget_event(db: &Connection, body: &str) -> Result<(), Error> {
    db.prepare_cached("DELETE FROM events WHERE body = ?1")?.execute([body])?;
    Ok(())
}
