//! The store: one SQLite file; every edit is one transaction in it.

mod changes;
mod directory;
mod documents;
mod enrolment;
mod events;
mod facts;
mod log;
mod records;
mod rules;
mod statements;
mod told;

use std::{path::Path, time::Duration};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Error, StorageError};

pub(crate) use changes::{
    ChangeRow, ChangeState, await_confirmation, change_state, changes_of, documents_aside, foreign_left_out,
    is_own, keep_change, keep_distrusted, set_aside, set_change_state, take_lost, wrote_in,
};
pub(crate) use directory::{
    all_customers, customer, customers, forget_customer, keep_customer, keep_user, users,
};
pub(crate) use documents::{
    DocumentRow, document, documents, forget_document, keep_document, list, saved, set_phase,
};
pub(crate) use enrolment::{
    Enrolment, State, begin_enrolment, enrolment, set_cursor, set_refresh_token, set_state, set_witness,
};
pub(crate) use events::{events, forget_event, forget_events, keep_event};
pub(crate) use facts::{facts, facts_reading, forget_facts, keep_facts, set_facts_reading};
pub(crate) use log::{
    LogRow, append, chain, dismiss, dismiss_change, entries_from, entry_at, first_entry, first_open,
    last_submit, mark_lost, mark_received, open_rows, refuse, row_by_hash,
};
pub(crate) use records::{forget_as_of, forget_record, is_of_another_journal, is_older, keep_record, record};
pub(crate) use rules::{calendars, keep_calendar, keep_pack, packs};
pub(crate) use statements::{
    anchor_time, anchors_of, arrived, keep_anchor, keep_receipt, newest_anchor, newest_anchor_of_boot,
    seen_anchor,
};
pub(crate) use told::{await_telling, take_untold};

const SCHEMA: i64 = 5;
/// How many statements are kept compiled: more than there are.
const STATEMENTS: usize = 128;
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The open file, or nothing after `close`.
pub(crate) struct Store {
    db: Option<Connection>,
}

impl Store {
    /// Opens the file or makes it; checks it first if the last process did not close it.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(BUSY_WAIT)?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        // Without these, what is "written" on Apple's systems may still lie in the drive's own cache.
        db.pragma_update(None, "fullfsync", true)?;
        db.pragma_update(None, "checkpoint_fullfsync", true)?;
        db.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut db)?;
        let closed_cleanly: bool = db.query_row("SELECT closed_cleanly FROM book", [], |row| row.get(0))?;
        if !closed_cleanly {
            check(&db, "quick_check")?;
        }
        db.execute("UPDATE book SET closed_cleanly = 0", [])?;
        Ok(Self { db: Some(db) })
    }

    /// Gives the file for reading.
    pub(crate) fn read(&self) -> Result<&Connection, Error> {
        self.db.as_ref().ok_or(Error::Closed)
    }

    /// Runs one transaction: durable when this returns `Ok`, without a trace otherwise.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let db = self.db.as_mut().ok_or(Error::Closed)?;
        // Immediate: the log's end is read and extended under one lock, also if two processes hold the book.
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Checks the whole file, its indexes too.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check(self.read()?, "integrity_check")
    }

    /// Closes the file; later calls fail with [`Error::Closed`].
    pub(crate) fn close(&mut self) -> Result<(), Error> {
        let Some(db) = self.db.take() else { return Ok(()) };
        db.execute("UPDATE book SET closed_cleanly = 1", [])?;
        db.close().map_err(|(_, error)| error.into())
    }
}

/// What brings a book from each older schema to the next.
const STEPS: [&str; 4] = [
    "CREATE TABLE unconfirmed (change BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
     ALTER TABLE records ADD COLUMN as_of INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE book ADD COLUMN facts BLOB;
     ALTER TABLE documents ADD COLUMN about BLOB;
     CREATE INDEX documents_by_about ON documents (about) WHERE about IS NOT NULL;
     CREATE TABLE facts (id BLOB PRIMARY KEY, document BLOB NOT NULL, fact BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE INDEX facts_of_document ON facts (document)",
    "ALTER TABLE enrolments ADD COLUMN run BLOB",
    "ALTER TABLE customers ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
     CREATE INDEX customers_untold ON customers (told) WHERE told = 0;
     ALTER TABLE users ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
     CREATE INDEX users_untold ON users (told) WHERE told = 0;
     ALTER TABLE packs ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
     ALTER TABLE calendars ADD COLUMN told INTEGER NOT NULL DEFAULT 1",
];

fn migrate(db: &mut Connection) -> Result<(), Error> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match found {
        0 => {
            transaction.execute_batch(include_str!("store/schema.sql"))?;
            transaction.pragma_update(None, "user_version", SCHEMA)?;
        }
        1..SCHEMA => {
            for step in &STEPS[usize::try_from(found - 1).unwrap_or(0)..] {
                transaction.execute_batch(step)?;
            }
            transaction.pragma_update(None, "user_version", SCHEMA)?;
        }
        SCHEMA => {}
        _ => return Err(StorageError::Newer { found, known: SCHEMA }.into()),
    }
    transaction.commit()?;
    Ok(())
}

fn check(db: &Connection, pragma: &str) -> Result<(), Error> {
    let verdict: String = db.query_row(&format!("PRAGMA {pragma}(1)"), [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Error::corrupt(verdict)) }
}

/// SQLite has signed integers only; what does not fit cannot come from this SDK.
pub(crate) fn to_i64(value: u64) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::corrupt(format!("{value} is out of range")))
}

/// Takes a number the server gave into SQLite's range.
pub(crate) fn given(value: u64) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::untrusted(format!("{value} is out of range")))
}

pub(crate) fn to_u64(value: i64) -> Result<u64, Error> {
    u64::try_from(value).map_err(|_| Error::corrupt(format!("{value} is out of range")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_of_a_newer_sdk_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book");
        drop(Store::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let refused = Store::open(&path).err();
        assert!(matches!(refused, Some(Error::Storage(StorageError::Newer { found: 99, known: 5 }))));
    }

    #[test]
    fn a_book_of_an_older_schema_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book");
        drop(Store::open(&path).unwrap());
        let fourth = "DROP INDEX customers_untold; ALTER TABLE customers DROP COLUMN told;
             DROP INDEX users_untold; ALTER TABLE users DROP COLUMN told;
             ALTER TABLE packs DROP COLUMN told; ALTER TABLE calendars DROP COLUMN told; PRAGMA user_version = 4";
        let third = "ALTER TABLE enrolments DROP COLUMN run; PRAGMA user_version = 3";
        let second =
            "DROP TABLE facts; DROP INDEX documents_by_about; ALTER TABLE documents DROP COLUMN about;
             ALTER TABLE book DROP COLUMN facts; PRAGMA user_version = 2";
        let first = "DROP TABLE unconfirmed; ALTER TABLE records DROP COLUMN as_of; PRAGMA user_version = 1";
        let steps = [fourth, third, second, first];
        for count in 1..=steps.len() {
            Connection::open(&path).unwrap().execute_batch(&steps[..count].join("; ")).unwrap();
            let store = Store::open(&path).unwrap();
            let db = store.read().unwrap();
            assert!(take_lost(db).unwrap().is_empty());
            assert_eq!(take_untold(db).unwrap(), told::Untold::default());
            assert!(facts(db).unwrap().is_empty());
            assert_eq!(facts_reading(db).unwrap(), None);
        }
    }

    #[test]
    fn a_file_that_is_no_book_is_called_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book");
        std::fs::write(&path, [b'x'; 4096]).unwrap();
        let refused = Store::open(&path).err();
        assert!(matches!(refused, Some(Error::Storage(StorageError::Corrupt { .. }))));
    }

    #[test]
    fn a_number_too_large_for_the_file_is_the_servers_fault() {
        assert!(matches!(given(u64::MAX), Err(Error::Untrusted { .. })));
        assert!(matches!(given(7), Ok(7)));
    }

    #[test]
    fn a_closed_book_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("book")).unwrap();
        store.check().unwrap();
        store.close().unwrap();
        assert!(matches!(store.read().err(), Some(Error::Closed)));
        assert!(store.close().is_ok());
    }
}
