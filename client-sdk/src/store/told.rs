//! What a pull from the beginning of the feed told of directory and rules: what it did not tell, the server has no longer.

use rusqlite::Connection;
use sync_core::id::CustomerId;

use crate::error::Error;

/// What was not told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Untold {
    /// Customers.
    pub(crate) customers: Vec<CustomerId>,
    /// How many users.
    pub(crate) users: usize,
    /// How many packs and calendars.
    pub(crate) rules: usize,
}

/// Waits for everything to be told again: what is kept from now on was told.
pub(crate) fn await_telling(db: &Connection) -> Result<(), Error> {
    for table in ["customers", "users", "packs", "calendars"] {
        db.execute(&format!("UPDATE {table} SET told = 0"), [])?;
    }
    Ok(())
}

/// Removes what was not told since [`await_telling`].
pub(crate) fn take_untold(db: &Connection) -> Result<Untold, Error> {
    let gone = |table: &str| -> Result<usize, Error> {
        Ok(db.prepare_cached(&format!("DELETE FROM {table} WHERE told = 0"))?.execute([])?)
    };
    let mut statement = db.prepare_cached("DELETE FROM customers WHERE told = 0 RETURNING id")?;
    let mut rows = statement.query([])?;
    let mut customers = Vec::new();
    while let Some(row) = rows.next()? {
        let id: [u8; 16] = row.get(0)?;
        customers.push(CustomerId::from_bytes(id));
    }
    Ok(Untold { customers, users: gone("users")?, rules: gone("packs")? + gone("calendars")? })
}
