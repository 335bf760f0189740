//! Rule packs and holiday calendars as their texts.

use rusqlite::{Connection, params};

use crate::error::Error;

/// Keeps one version of a pack; gives whether that is news.
pub(crate) fn keep_pack(
    db: &Connection,
    id: &str,
    version: u32,
    effective_from: &str,
    toml: &str,
) -> Result<bool, Error> {
    let changed = db.prepare_cached("INSERT INTO packs (id, version, effective_from, toml) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id, version) DO UPDATE SET effective_from = excluded.effective_from, toml = excluded.toml
         WHERE toml <> excluded.toml")?.execute(params![id, version, effective_from, toml])?;
    db.prepare_cached("UPDATE packs SET told = 1 WHERE id = ?1 AND version = ?2 AND told = 0")?
        .execute(params![id, version])?;
    Ok(changed > 0)
}

/// The texts of all packs, the one in force last and newest last.
pub(crate) fn packs(db: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = db.prepare_cached("SELECT toml FROM packs ORDER BY effective_from, version")?;
    let texts = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(texts)
}

/// Keeps the holidays of one year; gives whether that is news.
pub(crate) fn keep_calendar(db: &Connection, year: i16, ics: &str) -> Result<bool, Error> {
    let changed = db
        .prepare_cached(
            "INSERT INTO calendars (year, ics) VALUES (?1, ?2)
         ON CONFLICT (year) DO UPDATE SET ics = excluded.ics WHERE ics <> excluded.ics",
        )?
        .execute(params![year, ics])?;
    db.prepare_cached("UPDATE calendars SET told = 1 WHERE year = ?1 AND told = 0")?.execute([year])?;
    Ok(changed > 0)
}

/// The texts of all holiday files with their years.
pub(crate) fn calendars(db: &Connection) -> Result<Vec<(i16, String)>, Error> {
    let mut statement = db.prepare_cached("SELECT year, ics FROM calendars ORDER BY year")?;
    let files = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(files)
}
