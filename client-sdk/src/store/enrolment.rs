//! Enrolments: which device of which user in which company this book writes for.

use rusqlite::{Connection, OptionalExtension as _, params};
use sync_core::{
    directory::User,
    encoding,
    id::{DeviceId, RunId, TenantId},
    log::ServerKey,
    protocol::Cursor,
    time::Timestamp,
};

use crate::{
    error::Error,
    platform::KeyHandle,
    store::{given, to_u64},
};

/// What an enrolment can still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Current,
    Forked,
    Revoked,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Forked => "forked",
            Self::Revoked => "revoked",
        }
    }

    fn of(name: &str) -> Result<Self, Error> {
        [Self::Current, Self::Forked, Self::Revoked]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::corrupt(format!("enrolment state {name:?}")))
    }
}

/// One enrolment of this phone.
#[derive(Debug, Clone)]
pub(crate) struct Enrolment {
    pub(crate) tenant: TenantId,
    pub(crate) device: DeviceId,
    pub(crate) user: User,
    pub(crate) server_url: String,
    pub(crate) server_key: ServerKey,
    pub(crate) public_key: [u8; 33],
    pub(crate) key: KeyHandle,
    pub(crate) enrolled: Timestamp,
    pub(crate) state: State,
    pub(crate) refresh_token: String,
    pub(crate) cursor: Cursor,
    /// The run of the server that gave the cursor.
    pub(crate) run: Option<RunId>,
    /// The witness of the log up to the last receipt, encoded.
    pub(crate) witness: Option<Vec<u8>>,
}

/// The enrolment in use, if there is one.
pub(crate) fn enrolment(db: &Connection) -> Result<Option<Enrolment>, Error> {
    let row = db
        .prepare_cached(
            "SELECT tenant, device, user, server_url, server_key, public_key, key_handle, enrolled_ms, state,
                    refresh_token, cursor, witness, run
             FROM enrolments WHERE state <> 'past'",
        )?
        .query_row([], |row| {
            Ok((
                (row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, Vec<u8>>(2)?),
                (row.get::<_, String>(3)?, row.get::<_, [u8; 32]>(4)?, row.get::<_, [u8; 33]>(5)?),
                (row.get::<_, Vec<u8>>(6)?, row.get::<_, i64>(7)?, row.get::<_, String>(8)?),
                (row.get::<_, String>(9)?, row.get::<_, i64>(10)?, row.get::<_, Option<Vec<u8>>>(11)?),
                row.get::<_, Option<[u8; 16]>>(12)?,
            ))
        })
        .optional()?;
    let Some((ids, server, own, progress, run)) = row else { return Ok(None) };
    Ok(Some(Enrolment {
        tenant: TenantId::from_bytes(ids.0),
        device: DeviceId::from_bytes(ids.1),
        user: encoding::decode(&ids.2).map_err(Error::corrupt)?,
        server_url: server.0,
        server_key: ServerKey::from_bytes(&server.1).map_err(Error::corrupt)?,
        public_key: server.2,
        key: KeyHandle::new(own.0),
        enrolled: Timestamp::from_millis(own.1),
        state: State::of(&own.2)?,
        refresh_token: progress.0,
        cursor: Cursor(to_u64(progress.1)?),
        run: run.map(RunId::from_bytes),
        witness: progress.2,
    }))
}

/// Keeps a new enrolment and puts the one before it away.
pub(crate) fn begin_enrolment(db: &Connection, new: &Enrolment) -> Result<(), Error> {
    db.prepare_cached("UPDATE enrolments SET state = 'past', refresh_token = '' WHERE state <> 'past'")?
        .execute([])?;
    db.prepare_cached("INSERT INTO enrolments (device, tenant, user, server_url, server_key, public_key, key_handle, enrolled_ms,
                                 state, refresh_token, cursor)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?.execute(params![
            new.device.as_bytes(),
            new.tenant.as_bytes(),
            encoding::encode(&new.user),
            new.server_url,
            new.server_key.as_bytes(),
            new.public_key,
            new.key.as_bytes(),
            new.enrolled.as_millis(),
            new.state.name(),
            new.refresh_token,
            given(new.cursor.0)?,
        ])?;
    Ok(())
}

/// Notes that the enrolment in use can deliver nothing more.
pub(crate) fn set_state(db: &Connection, device: DeviceId, state: State) -> Result<(), Error> {
    db.prepare_cached("UPDATE enrolments SET state = ?2 WHERE device = ?1")?
        .execute(params![device.as_bytes(), state.name()])?;
    Ok(())
}

/// Keeps the next refresh token; the one before it is worth nothing any more.
pub(crate) fn set_refresh_token(db: &Connection, device: DeviceId, token: &str) -> Result<(), Error> {
    db.prepare_cached("UPDATE enrolments SET refresh_token = ?2 WHERE device = ?1")?
        .execute(params![device.as_bytes(), token])?;
    Ok(())
}

/// Keeps how far the feed was read, and in which run of the server.
pub(crate) fn set_cursor(
    db: &Connection,
    device: DeviceId,
    cursor: Cursor,
    run: Option<RunId>,
) -> Result<(), Error> {
    db.prepare_cached("UPDATE enrolments SET cursor = ?2, run = ?3 WHERE device = ?1")?.execute(params![
        device.as_bytes(),
        given(cursor.0)?,
        run.as_ref().map(RunId::as_bytes)
    ])?;
    Ok(())
}

/// Keeps the time context of the log up to the last receipt.
pub(crate) fn set_witness(db: &Connection, device: DeviceId, witness: &[u8]) -> Result<(), Error> {
    db.prepare_cached("UPDATE enrolments SET witness = ?2 WHERE device = ?1")?
        .execute(params![device.as_bytes(), witness])?;
    Ok(())
}
